"""Known vulnerabilities in the locked versions of the app, by pip-audit: a part of `make check`.

Where the registry tells nothing of them, as one behind a wall may, one line says that it was not done, and the check
goes on: pip-audit itself ends well there, though it looked at nothing.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from scripts.lock import APP, TORCH, pins

SECONDS, PATIENCE = 5, 30
"""For one answer of the registry, and for all of them."""
NOT_DONE = "Known vulnerabilities were not looked up: "


def main() -> int:
    """1 where a vulnerability is known, otherwise 0; a line or a table says what was found."""
    if importlib.util.find_spec("pip_audit") is None:
        print(f"{NOT_DONE}pip-audit is not installed.")
        return 0
    with tempfile.TemporaryDirectory() as made:
        listed = Path(made) / "locked.txt"
        listed.write_text(public([*pins(APP), *pins(TORCH)]), encoding="utf-8")
        told = ["--format", "json", "--progress-spinner", "off", "--timeout", str(SECONDS)]
        asked = ["--requirement", str(listed), "--no-deps", "--disable-pip"]
        command = [sys.executable, "-m", "pip_audit", *asked, *told]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            print(f"{NOT_DONE}the registry took more than {PATIENCE} seconds.")
            return 0
    if done.returncode not in (0, 1):  # it did not understand how it was called
        print(done.stderr)
        return done.returncode
    found, said = verdict(done.stdout, done.stderr)
    print(said)
    return int(found)


def public(pinned: Iterable[Requirement]) -> str:
    """The versions for this Python and system, a line each, without torch's +cpu, which no list of faults knows."""
    here = (pin for pin in pinned if pin.marker is None or pin.marker.evaluate())
    return "".join(f"{pin.name}{str(pin.specifier).partition('+')[0]}\n" for pin in here)


def verdict(output: str, complaint: str) -> tuple[bool, str]:
    """Whether pip-audit knows a vulnerability, and what to tell, from its JSON and its last words."""
    try:
        looked: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        return False, f"{NOT_DONE}{(complaint.strip().splitlines() or ['pip-audit said nothing.'])[-1]}"
    known = [package for package in looked if "vulns" in package]
    unknown = sorted(package["name"] for package in looked if "vulns" not in package)
    if not known:
        return False, f"{NOT_DONE}the registry tells nothing of these {len(looked)} packages."
    lines = [_line(package, fault) for package in known for fault in package["vulns"]]
    told = lines or [f"No vulnerability is known in the {len(known)} packages of locks/app.txt and locks/torch.txt."]
    if unknown:
        told.append(f"{NOT_DONE}{', '.join(unknown)}.")
    return bool(lines), "\n".join(told)


def _line(package: dict[str, Any], fault: dict[str, Any]) -> str:
    mended = ", ".join(fault["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {fault['id']}, mended in {mended}"


if __name__ == "__main__":
    sys.exit(main())
