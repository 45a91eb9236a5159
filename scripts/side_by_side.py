"""The tests in two parts side by side, each in several processes, and then a few that failed once more, alone.

Tests with a browser wait much of the time, and four browsers at once hold each other up (26 minutes where two took 22):
so they are one part, and all others the second. What the first says is seen at once, the second's when both are done. A
test that fails beside others runs again alone: what fails again makes the whole fail, what passes is named as what a
busy machine broke, a fault too.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PYTEST = (sys.executable, "-m", "pytest")
BROWSER = "tests/browser"
MOST = 4
"""Processes of a part, one a core and at least two: each has torch, and perhaps a server and a browser of its own."""
MOST_AGAIN = 3
"""Failed tests, of both parts, that run once more; where there are more, something is wrong with more than a moment."""
FAILED = 1
"""How pytest ends where tests failed, and nothing else went wrong."""


def main() -> int:
    """Run both parts; the exit code is 0 only where each passed, at once or alone."""
    processes = min(max(2, os.cpu_count() or 1), MOST)
    with ThreadPoolExecutor() as beside, tempfile.TemporaryDirectory() as folder:
        caches = [Path(folder) / name for name in ("browser", "others")]
        said = Path(folder) / "others.txt"
        commands = [
            [*PYTEST, "-o", f"cache_dir={cache}", *chosen]
            for cache, chosen in zip(caches, ([BROWSER], [f"--ignore={BROWSER}"]), strict=True)
        ]
        # A file's tests stay in one process: they share what their fixtures made.
        together = [[*command, f"--numprocesses={processes}", "--dist=loadfile"] for command in commands]
        others = beside.submit(_run, together[1], said)
        codes = [_run(together[0]), others.result()]
        print(said.read_text(), flush=True)
        failed = [_failed(cache) if code == FAILED else [] for cache, code in zip(caches, codes, strict=True)]
        if 0 < sum(map(len, failed)) <= MOST_AGAIN:
            for place in (place for place, names in enumerate(failed) if names):
                names = ", ".join(failed[place])
                print(f"\nOnce more, alone: {names}", flush=True)
                codes[place] = _run([*commands[place], "--last-failed"])
                if not codes[place]:
                    print(f"Failed on the busy machine and passed alone: {names}", flush=True)
    if any(codes):
        print(f"pytest ended with {codes[0]} for {BROWSER} and {codes[1]} for the others; both must be 0.", flush=True)
    return next(filter(None, codes), 0)


def _run(command: list[str], said: Path | None = None) -> int:
    """Run it, with what it says in a file or on the screen; how it ended.

    Python keeps what it compiles, whatever the shell says of that: tests start some hundred processes, each of which
    would compile the app anew, a second of work.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if said is None:
        return subprocess.run(command, check=False, env=environment).returncode
    with said.open("w") as file:
        return subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False, env=environment).returncode


def _failed(cache: Path) -> list[str]:
    """The tests that failed, as pytest keeps them for --last-failed."""
    return list(json.loads((cache / "v" / "cache" / "lastfailed").read_text()))


if __name__ == "__main__":
    sys.exit(main())
