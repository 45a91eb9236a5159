"""How much of the differences in accuracy each key explains, by Optuna (functional analysis of variance)."""

from functools import lru_cache
from threading import Lock
from typing import Any

from layerscope import limits
from layerscope.explain import written_count
from layerscope.study.space import Between, Dimension
from layerscope.study.trial import CUT, FINISHED, Trial
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
    counted, epochs = compared(trials)
    if len(counted) < ENOUGH:
        how = "finished" if epochs is None else "finished or were cut short"
        raise FewTrialsError(
            f"Importance needs at least {ENOUGH} trials that {how}; there "
            f"{'is' if len(counted) == 1 else 'are'} {len(counted)}{_cut(trials) if epochs is None else ''}."
        )
    varied = [each for each in trials.space if len({repr(trial.setting[each.key]) for trial, _ in counted}) > 1]
    if len({accuracy for _, accuracy in counted}) < 2 or not varied:
        raise FewTrialsError(f"All {written_count(len(counted), 'trial')} reached the same accuracy.")
    places = {each.key: sorted({trial.setting[each.key] for trial, _ in counted}, key=_order) for each in varied}
    spread = tuple((each.key, _spread(each, places[each.key])) for each in varied)
    rows = tuple(
        (tuple(_place(each, places[each.key], trial.setting[each.key]) for each in varied), accuracy)
        for trial, accuracy in sorted(counted, key=lambda each: each[0].number)
    )
    with _ONE_AT_A_TIME:
        return dict(_shares(spread, rows))


def compared(trials: Trials) -> tuple[list[tuple[Trial, float]], int | None]:
    """The trials that count, each with an accuracy; and after how many epochs that was, None for the end.

    They are those that finished. Where too few did, as others were cut short, all are compared as they were after the
    last epoch that each had reached: with the accuracy of its last epoch, one that was cut short would seem worse for
    having been trained less. Where the number of epochs is tried itself, that would hide it.
    """
    whole = [(trial, trial.accuracy) for trial in trials.done if trial.is_whole and trial.accuracy is not None]
    cut = [trial for trial in trials.done if trial.outcome.state == CUT and trial.curve]
    if len(whole) >= ENOUGH or not cut or any(each.key == "epochs" for each in trials.space):
        return whole, None
    ended = [trial for trial, _ in whole if trial.outcome.state == FINISHED and trial.curve]
    epochs = min(len(trial.curve) for trial in (*cut, *ended))
    last = {trial.number: accuracy for trial, accuracy in whole}  # of those that exploded earlier
    known = sorted((*cut, *(trial for trial, _ in whole)), key=lambda trial: trial.number)
    return [
        (trial, trial.curve[epochs - 1] if len(trial.curve) >= epochs else last[trial.number]) for trial in known
    ], epochs


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
