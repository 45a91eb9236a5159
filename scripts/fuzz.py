"""Hostile input of every kind, new each time, in child processes: `make fuzz`.

Each case may take a tenth of a second of processor time and 20 MB, and must be answered: an exception, a crash or a
case that is dearer is printed with its number, which `--seed` repeats. FUZZ_ARGS="--minutes 30 --kind links" for more.
"""

import argparse
import sys
import time

from tests.fuzz.child import Outcome, outcomes
from tests.fuzz.kinds import KINDS

MOST_SECONDS, MOST_MEGABYTES = 0.1, 20.0
AT_ONCE = 500


def is_finding(outcome: Outcome) -> bool:
    """Whether a case was not answered, or was too dear."""
    return bool(outcome.problem) or outcome.seconds > MOST_SECONDS or outcome.megabytes > MOST_MEGABYTES


def fuzz(kind: str, seed: int, until: float) -> int:
    """Run cases of one kind until then (perf_counter); print the findings and give how many there were."""
    dearest, largest, done, findings = 0.0, 0.0, 0, 0
    while time.perf_counter() < until:
        for outcome in outcomes(kind, seed + done, AT_ONCE):
            done += 1
            dearest, largest = max(dearest, outcome.seconds), max(largest, outcome.megabytes)
            if is_finding(outcome):
                findings += 1
                print(f"  {outcome.seconds * 1000:.0f} ms, {outcome.megabytes:.0f} MB  {outcome.case[:300]}")
                print(*(f"    {line}" for line in outcome.problem.splitlines()), sep="\n")
            if time.perf_counter() >= until:
                break
    print(
        f"{kind:9}{done:7} cases, {findings} findings; at most {dearest * 1000:.0f} ms and {largest:.0f} MB", flush=True
    )
    return findings


def main() -> int:
    """Exits with 1 on any finding."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=8.0, help="for all kinds together")
    parser.add_argument("--kind", choices=list(KINDS), help="one kind instead of all")
    parser.add_argument("--seed", type=int, help="the number of the first case; by the clock unless given")
    given = parser.parse_args()
    kinds = [given.kind] if given.kind else list(KINDS)
    seed = int(time.time()) if given.seed is None else given.seed
    print(f"First case: {seed}. A finding takes over {MOST_SECONDS * 1000:.0f} ms or {MOST_MEGABYTES:.0f} MB.")
    each = given.minutes * 60 / len(kinds)
    found = sum(fuzz(kind, seed, time.perf_counter() + each) for kind in kinds)
    print("No findings." if not found else f"{found} findings.")
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
