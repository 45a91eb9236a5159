"""The tests in three parts side by side: those in a browser in two, and all others.

A browser waits much of the time, so three parts keep two cores busy. What the first part says is seen at once, the
others' when all are done; one that fails makes the whole fail.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PYTEST = (sys.executable, "-m", "pytest")
BROWSER = Path("tests/browser")
FIRST = (
    "compare", "every_page", "feel", "inside", "inside_views", "lessons_by_hand", "paper", "reach", "sight", "train",
)  # fmt: skip
"""Browser tests that take about as long as the other browser tests together."""


def main() -> int:
    """Run all parts; the exit code is 0 only where each passed."""
    parts = _parts()
    with ThreadPoolExecutor() as beside, tempfile.TemporaryDirectory() as folder:
        said = [Path(folder) / f"{place}.txt" for place in range(1, len(parts))]
        others = [beside.submit(_run, options, file) for options, file in zip(parts[1:], said, strict=True)]
        codes = [subprocess.run([*PYTEST, *parts[0]], check=False).returncode]
        codes += [other.result() for other in others]
        for file in said:
            print(file.read_text(), flush=True)
    if any(codes):
        print(f"pytest ended with {', '.join(map(str, codes))} in the parts; each must be 0.", flush=True)
    return next(filter(None, codes), 0)


def _parts() -> list[list[str]]:
    """The options of pytest for each part. A browser test file that nobody has placed is in the second."""
    files = sorted(map(str, BROWSER.glob("test_*.py")))
    first = [f"{BROWSER}/test_{name}.py" for name in FIRST]
    return [first, [file for file in files if file not in first], [f"--ignore={BROWSER}"]]


def _run(options: list[str], said: Path) -> int:
    with said.open("w") as file:
        return subprocess.run([*PYTEST, *options], stdout=file, stderr=subprocess.STDOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
