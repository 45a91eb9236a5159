"""The two halves of the tests side by side: most of those in a browser, and all others.

What the second half says is printed when both are done; one that fails makes the whole fail.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

PYTEST = (sys.executable, "-m", "pytest")
BROWSER = "tests/browser"
WITH_THE_OTHERS = ("away", "guard", "hostile_text", "paper", "stage")
"""Browser tests that run in the other half, so that both take about as long."""


def main() -> int:
    """Run both halves; the exit code is 0 only where both passed."""
    with tempfile.TemporaryFile("w+") as said, ThreadPoolExecutor(1) as beside:
        computing = beside.submit(_second_half, said)
        seen = subprocess.run([*PYTEST, BROWSER, *_ignoring(WITH_THE_OTHERS)], check=False).returncode
        computed = computing.result()
        said.seek(0)
        print(said.read(), flush=True)
    if seen or computed:
        print(f"pytest ended with {seen} in one half and {computed} in the other; both must be 0.", flush=True)
    return seen or computed


def _second_half(said: IO[str]) -> int:
    """All that needs no browser, and some tests that do; 0 only where it passed."""
    names = {path.stem.removeprefix("test_") for path in Path(BROWSER).glob("test_*.py")}
    tests = [*PYTEST, *_ignoring(names - {*WITH_THE_OTHERS})]
    return subprocess.run(tests, stdout=said, stderr=subprocess.STDOUT, check=False).returncode


def _ignoring(names: Iterable[str]) -> list[str]:
    """The options that leave browser tests out."""
    return [f"--ignore={BROWSER}/test_{name}.py" for name in sorted(names)]


if __name__ == "__main__":
    sys.exit(main())
