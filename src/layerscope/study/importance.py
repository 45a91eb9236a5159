"""How much of the differences in accuracy each key explains, by Optuna (functional analysis of variance)."""

from functools import lru_cache
from threading import Lock
from typing import Any

from layerscope import limits
from layerscope.explain import written_count
from layerscope.study.space import Between, Dimension
from layerscope.study.trial import CUT
from layerscope.study.trials import Trials

ENOUGH = 10
"""Trials that must have finished: a variance of fewer says little."""
_ONE_AT_A_TIME = Lock()
"""Who looks at the same trials at the same moment waits for the first one's answer."""


class FewTrialsError(ValueError):
    """There is nothing to say about importance yet; the message is a sentence for the user."""


def importance(trials: Trials) -> dict[str, float]:
    """The share of each key, from 0 to 1, the largest first; the shares sum to 1. Raises FewTrialsError.

    Keys that kept one value explain nothing and are left out.
    """
    whole = [trial for trial in trials.done if trial.is_whole and trial.accuracy is not None]
    if len(whole) < ENOUGH:
        raise FewTrialsError(
            f"Importance needs at least {ENOUGH} trials that finished; there "
            f"{'is' if len(whole) == 1 else 'are'} {len(whole)}{_cut(trials)}."
        )
    varied = [each for each in trials.space if len({repr(trial.setting[each.key]) for trial in whole}) > 1]
    if len({trial.accuracy for trial in whole}) < 2 or not varied:
        raise FewTrialsError(f"All {written_count(len(whole), 'trial')} reached the same accuracy.")
    places = {each.key: sorted({trial.setting[each.key] for trial in whole}, key=_order) for each in varied}
    spread = tuple((each.key, _spread(each, places[each.key])) for each in varied)
    rows = tuple(
        (tuple(_place(each, places[each.key], trial.setting[each.key]) for each in varied), trial.accuracy)
        for trial in sorted(whole, key=lambda each: each.number)
    )
    with _ONE_AT_A_TIME:
        return dict(_shares(spread, rows))


def _cut(trials: Trials) -> str:
    """How many of a search were cut short, which is why so few finished, and what to do; "" where none was."""
    count = sum(trial.outcome.state == CUT for trial in trials.done)
    if not count:
        return ""
    return f", as {count:,} {'was' if count == 1 else 'were'} cut short. Try more of them, or without cutting short"


@lru_cache(maxsize=limits.IMPORTANCES.most)
def _shares(
    spread: tuple[tuple[str, Any], ...], rows: tuple[tuple[tuple[Any, ...], float | None], ...]
) -> tuple[tuple[str, float], ...]:
    """Of keys with their distributions, and of trials with a value for each and an accuracy. It takes seconds."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    optuna.logging.set_verbosity(level)
    for values, accuracy in rows:
        params = {key: value for (key, _), value in zip(spread, values, strict=True)}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=dict(spread), value=accuracy))
    found = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
    )
    return tuple((key, float(share)) for key, share in found.items())


def _place(dimension: Dimension, places: list[Any], value: Any) -> Any:
    return value if isinstance(dimension.values, Between) else places.index(value)


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
