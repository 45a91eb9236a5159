"""Which trials can be continued, and why others cannot, in words. Knows no screen."""

from collections.abc import Collection, Iterable, Mapping

from layerscope import limits
from layerscope.explain import written_count
from layerscope.formatting import joined
from layerscope.jobs.kept_states import HELD, LARGE, ROOM
from layerscope.jobs.study import AGAIN, RUNS, WAITS
from layerscope.study.trial import EXPLODED, FAILED, STOPPED, UNSTARTED, Trial

MOST_NUMBERS = 6
"""So many trials are named by their numbers."""
GONE = "The server no longer has the weights of this trial; newer trials took their place."
HELP = "Train opens with its weights, optimizer state and random numbers: it goes on from where it ended."
_ROOM = "the server has no room for the weights, as newer or more accurate trials go first"
_NOTHING = "the server has no weights"
_RUNS = "training has not ended"
_LATE = "the weights are still on their way"
_STATES = {
    FAILED: "the setting could not be trained", EXPLODED: "the loss exploded",
    STOPPED: "no weights were kept before the stop", UNSTARTED: "training had not started",
    RUNS: _RUNS, AGAIN: _RUNS, WAITS: _RUNS,
}  # fmt: skip


def why_not(trial: Trial, held: Mapping[int, str], late: Collection[int] = ()) -> str:
    """Why a trial cannot be continued, as the end of a sentence; "" where it can. `late` are those that were stopped
    and may still tell what they have."""
    known = {HELD: "", LARGE: limits.TRIAL_STATE.sentence(), ROOM: _ROOM}
    if (said := held.get(trial.number)) in known:
        return known[said]
    if trial.number in late:
        return _LATE
    if trial.outcome.reason.startswith("the same setting"):
        return trial.outcome.reason
    return _STATES.get(trial.outcome.state, _NOTHING)


def told(trial: Trial, held: Mapping[int, str], late: Collection[int] = ()) -> str:
    """What the button says of it."""
    why = why_not(trial, held, late)
    return f"Trial {trial.number} cannot be continued: {why}." if why else HELP


def sentence(done: Collection[Trial], held: Mapping[int, str], late: Collection[int] = ()) -> str:
    """Which can be continued and why others cannot; "" where there is no trial yet."""
    reasons: dict[str, list[int]] = {}
    for trial in sorted(done, key=lambda trial: trial.number):
        reasons.setdefault(why_not(trial, held, late), []).append(trial.number)
    able = reasons.pop("", [])
    if not done:
        return ""
    if not reasons:
        return "Every trial can be continued in Train." if len(done) > 1 else "This trial can be continued in Train."
    which = [f"{_named(able)} can be continued in Train."] if able else []
    cannot = "cannot" if able else "cannot be continued"
    which += [f"{_named(numbers)} {cannot}: {why}." for why, numbers in reasons.items()]
    return " ".join(which)


def _named(numbers: Iterable[int]) -> str:
    """Trials 0, 2 and 5; 12 trials."""
    texts = list(map(str, numbers))
    if len(texts) > MOST_NUMBERS:
        return written_count(len(texts), "trial")
    return f"Trial{'s' * (len(texts) > 1)} {joined(texts)}"
