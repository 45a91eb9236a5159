"""The tests in three parts side by side, each about as long as the others.

A browser waits much of the time, so three parts keep two cores busy. What the first part says is seen at once, the
others' when all are done. Then a few tests that failed run once more, with the machine to themselves: what fails again
makes the whole fail, what passes is named as what a busy machine broke, which is a fault too.
"""

import json
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


MOST_AGAIN = 3
"""Failed tests, of all parts, that run once more; where there are more, something is wrong with more than a moment."""
FAILED = 1
"""How pytest ends where tests failed, and nothing else went wrong."""


def main() -> int:
    """Run all parts; the exit code is 0 only where each passed, at once or alone."""
    first, second = ([str(TESTS / name) for name in names] for names in (FIRST, SECOND))
    left_out = [[], _ignoring(first), _ignoring([*first, *second])]
    parts = [[*chosen, *without] for chosen, without in zip((first, second, [str(TESTS)]), left_out, strict=True)]
    with ThreadPoolExecutor() as beside, tempfile.TemporaryDirectory() as folder:
        kept = [Path(folder) / f"cache-{place}" for place in range(len(parts))]
        commands = [[*PYTEST, "-o", f"cache_dir={cache}", *part] for cache, part in zip(kept, parts, strict=True)]
        said = [Path(folder) / f"{place}.txt" for place in range(1, len(parts))]
        others = [beside.submit(_run, command, file) for command, file in zip(commands[1:], said, strict=True)]
        codes = [subprocess.run(commands[0], check=False).returncode]
        codes += [other.result() for other in others]
        for file in said:
            print(file.read_text(), flush=True)
        failed = {place: _failed(kept[place]) for place, code in enumerate(codes) if code == FAILED}
        if 0 < sum(map(len, failed.values())) <= MOST_AGAIN:
            for place, names in failed.items():
                print("\nOnce more, alone: " + ", ".join(names), flush=True)
                codes[place] = subprocess.run([*commands[place], "--last-failed"], check=False).returncode
                if not codes[place]:
                    print("Failed on the busy machine and passed alone: " + ", ".join(names), flush=True)
    if any(codes):
        print(f"pytest ended with {', '.join(map(str, codes))} in the parts; each must be 0.", flush=True)
    return next(filter(None, codes), 0)


def _failed(cache: Path) -> list[str]:
    """The tests that failed, as pytest keeps them for --last-failed."""
    return list(json.loads((cache / "v" / "cache" / "lastfailed").read_text()))


def _ignoring(paths: list[str]) -> list[str]:
    return [f"--ignore={path}" for path in paths]


def _run(command: list[str], said: Path) -> int:
    with said.open("w") as file:
        return subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
