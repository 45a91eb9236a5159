"""The two halves of the tests side by side: those in a browser wait most of their time, the others compute.

Together they take little longer than the browser's half alone. What the second half says is printed when both are done;
one that fails makes the whole fail.
"""

import subprocess
import sys
import tempfile

BROWSER = "tests/browser"


def main() -> int:
    """Run both halves; the exit code is 0 only where both passed."""
    pytest = [sys.executable, "-m", "pytest"]
    with tempfile.TemporaryFile("w+") as said:
        computing = subprocess.Popen([*pytest, f"--ignore={BROWSER}"], stdout=said, stderr=subprocess.STDOUT)
        try:
            seen = subprocess.run([*pytest, BROWSER], check=False).returncode
            computed = computing.wait()
        finally:
            computing.kill()
        said.seek(0)
        print(said.read(), flush=True)
    if seen or computed:
        print(f"pytest ended with {seen} in the browser and {computed} elsewhere; both must be 0.", flush=True)
    return seen or computed


if __name__ == "__main__":
    sys.exit(main())
