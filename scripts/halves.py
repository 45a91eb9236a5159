"""The two halves of the tests side by side: those in a browser wait most of their time, the others compute.

What the second half says is printed when both are done; one that fails makes the whole fail.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import IO

PYTEST = (sys.executable, "-m", "pytest")
BROWSER = "tests/browser"


def main() -> int:
    """Run both halves; the exit code is 0 only where both passed."""
    with tempfile.TemporaryFile("w+") as said, ThreadPoolExecutor(1) as beside:
        computing = beside.submit(_second_half, said)
        seen = subprocess.run([*PYTEST, BROWSER], check=False).returncode
        computed = computing.result()
        said.seek(0)
        print(said.read(), flush=True)
    if seen or computed:
        print(f"pytest ended with {seen} in the browser and {computed} elsewhere; both must be 0.", flush=True)
    return seen or computed


def _second_half(said: IO[str]) -> int:
    """All that needs no browser; 0 only where it passed."""
    tests = [*PYTEST, f"--ignore={BROWSER}"]
    return subprocess.run(tests, stdout=said, stderr=subprocess.STDOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
