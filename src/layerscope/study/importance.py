"""How much of the differences in accuracy each key explains, by Optuna (functional analysis of variance)."""

from typing import Any

from layerscope.explain import written_count
from layerscope.study.space import Between, Dimension
from layerscope.study.trials import Trials

ENOUGH = 10
"""Trials that must have been trained to their end: a variance of fewer says little."""


class FewTrialsError(ValueError):
    """There is nothing to say about importance yet; the message is a sentence for the user."""


def importance(trials: Trials) -> dict[str, float]:
    """The share of each key, from 0 to 1, the largest first; the shares sum to 1. Raises FewTrialsError.

    Keys that kept one value explain nothing and are left out.
    """
    whole = [trial for trial in trials.done if trial.is_whole and trial.accuracy is not None]
    if len(whole) < ENOUGH:
        raise FewTrialsError(
            f"Importance needs at least {ENOUGH} trials that were trained to their end; there "
            f"{'is' if len(whole) == 1 else 'are'} {len(whole)}."
        )
    varied = [each for each in trials.space if len({repr(trial.setting[each.key]) for trial in whole}) > 1]
    if len({trial.accuracy for trial in whole}) < 2 or not varied:
        raise FewTrialsError(f"All {written_count(len(whole), 'trial')} reached the same accuracy.")
    import optuna

    places = {each.key: sorted({trial.setting[each.key] for trial in whole}, key=_order) for each in varied}
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    optuna.logging.set_verbosity(level)
    spread = {each.key: _spread(each, places[each.key]) for each in varied}
    for trial in sorted(whole, key=lambda each: each.number):
        values = {
            each.key: trial.setting[each.key]
            if isinstance(each.values, Between)
            else places[each.key].index(trial.setting[each.key])
            for each in varied
        }
        study.add_trial(optuna.trial.create_trial(params=values, distributions=spread, value=trial.accuracy))
    found = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
    )
    return {key: float(share) for key, share in found.items()}


def _order(value: Any) -> tuple[bool, Any]:
    is_number = type(value) in (int, float)
    return not is_number, value if is_number else repr(value)


def _spread(dimension: Dimension, places: list[Any]) -> Any:
    from optuna import distributions

    values = dimension.values
    if not isinstance(values, Between):
        if dimension.is_ordered:
            return distributions.IntDistribution(0, len(places) - 1)
        return distributions.CategoricalDistribution(range(len(places)))
    if values.is_whole:
        return distributions.IntDistribution(int(values.low), int(values.high), log=values.log)
    return distributions.FloatDistribution(float(values.low), float(values.high), log=values.log)
