"""The tests, several files at a time, and then a few that failed once more, with the machine to themselves.

A browser waits much of the time, so two processes a core keep the cores busy. A test that fails beside others runs
again alone: what fails again makes the whole fail, what passes is named as what a busy machine broke, a fault too.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PYTEST = (sys.executable, "-m", "pytest")
EACH, MOST = 2, 8
"""Processes for each core, and in all: each has torch, a server and a browser of its own, about a gigabyte."""
MOST_AGAIN = 3
"""Failed tests that run once more; where there are more, something is wrong with more than a moment."""
FAILED = 1
"""How pytest ends where tests failed, and nothing else went wrong."""


def main() -> int:
    """Run all tests; the exit code is 0 only where each passed, at once or alone."""
    with tempfile.TemporaryDirectory() as cache:
        command = [*PYTEST, "-o", f"cache_dir={cache}"]
        processes = min(EACH * (os.cpu_count() or 1), MOST)
        # A file's tests stay in one process: they share what their fixtures made.
        code = _run([*command, f"--numprocesses={processes}", "--dist=loadfile"])
        if code != FAILED or len(failed := _failed(Path(cache))) > MOST_AGAIN:
            return code
        print("\nOnce more, alone: " + ", ".join(failed), flush=True)
        code = _run([*command, "--last-failed"])
        if not code:
            print("Failed on the busy machine and passed alone: " + ", ".join(failed), flush=True)
        return code


def _run(command: list[str]) -> int:
    return subprocess.run(command, check=False).returncode


def _failed(cache: Path) -> list[str]:
    """The tests that failed, as pytest keeps them for --last-failed."""
    return list(json.loads((cache / "v" / "cache" / "lastfailed").read_text()))


if __name__ == "__main__":
    sys.exit(main())
