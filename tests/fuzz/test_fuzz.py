"""A short run of every kind of hostile input, in child processes; `make fuzz` runs longer ones with new cases."""

import pytest

from tests.fuzz.child import outcomes
from tests.fuzz.kinds import KINDS

CASES = {"grid": 400, "layers": 150, "links": 150, "pastes": 60}
MOST_MEGABYTES = 20.0
MOST_SECONDS = 1.0
"""Of processor time, for a busy machine; `make fuzz` holds each case to a tenth of it."""


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_comes_is_answered_soon_and_small(kind: str, thorough: bool) -> None:
    count = CASES.get(kind, 60) * (20 if thorough else 1)
    seen = 0
    for outcome in outcomes(kind, seed=1, count=count):
        seen += 1
        assert not outcome.problem, f"{outcome.case}\n{outcome.problem}"
        assert outcome.megabytes < MOST_MEGABYTES, outcome
        assert outcome.seconds < MOST_SECONDS, outcome
    assert seen == count


def test_a_crash_and_a_giant_are_findings() -> None:
    crash, giant, after = outcomes("a test of the test", seed=0, count=3)
    assert "the process ended with -6" in crash.problem
    assert giant.megabytes > MOST_MEGABYTES
    assert not after.problem
