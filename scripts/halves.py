"""The two halves of the tests side by side: those in a browser wait most of their time, the others compute.

The others are done first, and take over what is last in the browser. What the second half says is printed when both are
done; one that fails makes the whole fail.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import IO

PYTEST = (sys.executable, "-m", "pytest")
BROWSER = "tests/browser"
TAKEN_OVER = (f"{BROWSER}/test_paper.py", f"{BROWSER}/test_stage.py")
"""Files of the browser's tests that are run behind the others."""


def main() -> int:
    """Run both halves; the exit code is 0 only where both passed."""
    with tempfile.TemporaryFile("w+") as said, ThreadPoolExecutor(1) as beside:
        computing = beside.submit(_second_half, said)
        left_out = [f"--ignore={path}" for path in TAKEN_OVER]
        seen = subprocess.run([*PYTEST, BROWSER, *left_out], check=False).returncode
        computed = computing.result()
        said.seek(0)
        print(said.read(), flush=True)
    if seen or computed:
        print(f"pytest ended with {seen} in the browser and {computed} elsewhere; both must be 0.", flush=True)
    return seen or computed


def _second_half(said: IO[str]) -> int:
    """All that needs no browser, then the files that are taken over; 0 only where both passed."""
    ended = 0
    for tests in ([f"--ignore={BROWSER}"], TAKEN_OVER):
        ended = (
            subprocess.run([*PYTEST, *tests], stdout=said, stderr=subprocess.STDOUT, check=False).returncode or ended
        )
    return ended


if __name__ == "__main__":
    sys.exit(main())
