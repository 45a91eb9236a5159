"""A short run of every kind of hostile input, in child processes; `make fuzz` runs longer ones with new cases."""

from tests.fuzz.calls import EVERY
from tests.fuzz.child import outcomes, outcomes_of
from tests.fuzz.kinds import KINDS
from tests.source.bombs import BOMBS

CASES = {"grid": 12, "layers": 6, "links": 10, "functions": len(EVERY), "bombs": len(BOMBS) - 1}
MOST_MEGABYTES = 20.0
MOST_SECONDS = 1.0
"""Of processor time, for a busy machine; `make fuzz` holds each case to a tenth of it."""


def test_whatever_comes_is_answered_soon_and_small(thorough: bool) -> None:
    times = 320 if thorough else 1
    step = {} if thorough else {"functions": 3}
    cases = [(kind, number) for kind in KINDS for number in range(1, times * CASES.get(kind, 4) + 1, step.get(kind, 1))]
    seen = 0
    for kind, outcome in outcomes_of(cases):
        seen += 1
        assert not outcome.problem, f"{kind} {outcome.case}\n{outcome.problem}"
        assert outcome.megabytes < MOST_MEGABYTES, (kind, outcome)
        assert outcome.seconds < MOST_SECONDS, (kind, outcome)
    assert seen == len(cases)


def test_a_crash_and_a_giant_are_findings() -> None:
    crash, giant, after = outcomes("a test of the test", seed=0, count=3)
    assert "the process ended with -6" in crash.problem
    assert giant.megabytes > MOST_MEGABYTES
    assert not after.problem
