"""Cases done in a child process with a limit on its memory: one that crashes, hangs or swells is a finding.

The child tells each case before it begins and what it cost after it: seconds of processor time and the most memory by
which the process grew, in MB. The parent starts another child where one ended, and goes on behind the case.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from tests.fuzz.kind import TRIAL, Kind

ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESS_SPACE = 6 * 2**30
"""Bytes; generous, for torch reserves what it never touches."""
PATIENCE = 60.0
"""Seconds for one case, before the child is ended."""


@dataclass(frozen=True)
class Outcome:
    """What became of one case: what it was, what it cost, and what went wrong ("" where nothing did)."""

    case: str
    seconds: float
    megabytes: float
    problem: str


def outcomes(kind: str, seed: int, count: int) -> Iterator[Outcome]:
    """Do the cases `seed`, `seed` + 1, ... of a kind (see `tests.fuzz.kinds`), each with what became of it."""
    yield from (outcome for _, outcome in outcomes_of([(kind, number) for number in range(seed, seed + count)]))


def outcomes_of(cases: Sequence[tuple[str, int]]) -> Iterator[tuple[str, Outcome]]:
    """The same for cases of several kinds, each with its kind; one child does all until one of them ends it."""
    done = 0
    while done < len(cases):
        for outcome in _in_a_child(cases[done:]):
            yield cases[done][0], outcome
            done += 1


def _in_a_child(cases: Sequence[tuple[str, int]]) -> Iterator[Outcome]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    with tempfile.TemporaryFile("w+") as plan:
        json.dump(cases, plan)
        plan.seek(0)
        command = [sys.executable, "-m", "tests.fuzz.child"]
        child = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=plan, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    case = ""
    try:
        for line in child.stdout:
            told = json.loads(line)
            if "case" in told:
                case = told["case"]
            else:
                yield Outcome(case, told["seconds"], told["megabytes"], told["problem"])
                case = ""
    finally:
        child.kill()
        code = child.wait()
        child.stdout.close()
    if case:
        yield Outcome(case, 0.0, 0.0, f"the process ended with {code}")
    elif code not in (0, -9):
        raise RuntimeError(f"The child for {cases[0]} did not start: it ended with {code}.")


def main() -> None:
    """The child's side: the cases come on its standard input."""
    cases = json.load(sys.stdin)
    kinds = TRIAL if cases[0][0] in TRIAL else _of_the_app()
    for kind, number in cases:
        of_kind = kinds[kind]
        case = of_kind.pick(number) if of_kind.pick else of_kind.make(Random(number))
        print(json.dumps({"case": f"{number}: {case!r}"[:2_000]}), flush=True)
        signal_at(PATIENCE)
        seconds, megabytes, problem = measured(partial(of_kind.work, case))
        print(json.dumps({"seconds": seconds, "megabytes": megabytes, "problem": problem}), flush=True)


def _of_the_app() -> dict[str, Kind]:
    """The kinds that the app works on, once it is ready to. Their child has a limit on its memory."""
    import torch

    from tests.fuzz.kinds import KINDS, ready

    torch.set_num_threads(1)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    ready()
    return KINDS


def signal_at(seconds: float) -> None:
    """End the process, by the kernel, when a case takes longer; Python's own alarm would wait for torch."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def measured(work: Callable[[], object]) -> tuple[float, float, str]:
    """Processor seconds, megabytes of growth at the peak, and the last lines of an exception."""
    before = _start_peak()
    began, problem = time.process_time(), ""
    try:
        work()
    except Exception:
        problem = "".join(traceback.format_exc().splitlines(keepends=True)[-6:])
    return time.process_time() - began, _peak() - before, problem


def _start_peak() -> float:
    Path("/proc/self/clear_refs").write_text("5")
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def _peak() -> float:
    rows = Path("/proc/self/status").read_text().splitlines()
    return int(next(row for row in rows if row.startswith("VmHWM")).split()[1]) / 1000


if __name__ == "__main__":
    main()
