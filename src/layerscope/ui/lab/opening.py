"""Which rows of a sweep or of trials a click opens in Explore: what a teacher's link locks is not offered."""

from itertools import product

from layerscope.network import NetworkError
from layerscope.study.plan import PlanError
from layerscope.study.sweep import Sweep
from layerscope.study.trials import Trials
from layerscope.ui.session import Session

Opens = frozenset[int]
"""Rows of a frame, by their numbers."""


def of_sweep(result: Sweep, here: Session) -> Opens:
    """The rows of a sweep's frame that can be opened: not those that no network can be, nor what is locked.

    A lock is on one argument, so each value is asked about alone, and not each of thousands of combinations.
    """
    allowed = [
        [not here.fixes_layers or _is_allowed(result, place, value, here) for value in axis.values]
        for place, axis in enumerate(result.axes)
    ]
    rows = zip(result.measured, product(*allowed), strict=True)
    return frozenset(n for n, (one, each) in enumerate(rows) if (one.fails or not one.reason) and all(each))


def _is_allowed(result: Sweep, place: int, value: object, here: Session) -> bool:
    try:
        return here.allows(result.axes[place].edit(result.network, value))
    except NetworkError:  # no network alone, but perhaps with another key's value
        return True


def of_trials(trials: Trials, here: Session) -> Opens:
    """The numbers of the trials whose network can be opened."""
    found = set()
    for trial in trials.done:
        try:
            network, _ = trials.at(trial.number)
        except (NetworkError, PlanError):
            continue
        if here.allows(network):
            found.add(trial.number)
    return frozenset(found)


def said(opens: Opens, count: int, what: str, here: Session) -> str:
    """That a teacher's link keeps some closed; "" without such locks. `what` are they: setting, trial."""
    if not here.fixes_layers or len(opens) == count:
        return ""
    if not opens:
        return f"Locked by your teacher: none of these {what}s opens in Explore."
    verb = "opens" if len(opens) == 1 else "open"
    return f"Locked by your teacher: only {len(opens):,} of {count:,} {what}s {verb} in Explore."
