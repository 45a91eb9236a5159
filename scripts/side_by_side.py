"""The tests in three parts side by side, each about as long as the others.

A browser waits much of the time, so three parts keep two cores busy. What the first part says is seen at once, the
others' when all are done; one that fails makes the whole fail.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PYTEST = (sys.executable, "-m", "pytest")
TESTS = Path("tests")
FIRST = (
    "ui",
    "jobs",
    "figures",
    *map(
        "browser/test_{}.py".format,
        (
            "compare", "every_page", "feel", "inside", "inside_views", "lessons_by_hand", "paper", "reach", "sight",
            "train",
        ),
    ),
)  # fmt: skip
SECOND = ("browser", "study", "fuzz", "decoder")
"""What runs in the first and in the second part; nobody has to place a new test, which is then in the third."""


def main() -> int:
    """Run all parts; the exit code is 0 only where each passed."""
    first, second = ([str(TESTS / name) for name in names] for names in (FIRST, SECOND))
    left_out = [[], _ignoring(first), _ignoring([*first, *second])]
    parts = [[*chosen, *without] for chosen, without in zip((first, second, [str(TESTS)]), left_out, strict=True)]
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


def _ignoring(paths: list[str]) -> list[str]:
    return [f"--ignore={path}" for path in paths]


def _run(options: list[str], said: Path) -> int:
    with said.open("w") as file:
        return subprocess.run([*PYTEST, *options], stdout=file, stderr=subprocess.STDOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
