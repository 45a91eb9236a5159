"""The quick tests and some more with the lowest versions that pyproject.toml allows: `make floors`.

A new environment in a temporary folder gets the lowest version of everything that pyproject.toml names for the app,
and what the tests need in today's versions. torch is the lowest where PyTorch's index of CPU builds answers, otherwise
the Makefile's own. What was tested is printed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from scripts.lock import ROOT, UV

TOOLS = ("hypothesis", "pytest")
"""What those tests need besides. Other tools would need higher versions of what the app needs, too."""


def main() -> int:
    """Make the environment and run the tests there; 0 only where they pass, and every version was the lowest."""
    parser = argparse.ArgumentParser(prog="python -m scripts.floors")
    parser.add_argument("torch", help="the torch to take where the lowest cannot be had, such as torch==2.13.0")
    parser.add_argument("tests", nargs="+")
    given = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = [Requirement(need) for need in (*project["dependencies"], *project["optional-dependencies"]["serve"])]
    with tempfile.TemporaryDirectory(prefix="layerscope-floors-") as made:
        python = Path(made) / ("Scripts" if os.name == "nt" else "bin") / "python"
        _run(UV, "venv", "--quiet", "--python", sys.executable, made)
        install = (UV, "pip", "install", "--quiet", "--python", python)
        has_lowest_torch = _torch(
            install, python, next(str(need) for need in needs if need.name == "torch"), given.torch
        )
        _run(*install, "--resolution", "lowest-direct", "--editable", ".[serve]")
        tools = (tool for tool in project["optional-dependencies"]["dev"] if Requirement(tool).name in TOOLS)
        _run(*install, *tools, *(str(need) for need in _as_installed(python, needs)))
        fit = _told(python, needs, has_lowest_torch)
        tests = subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *given.tests], cwd=ROOT)
    return tests.returncode or int(not fit)


def _torch(install: tuple[str | Path, ...], python: Path, wanted: str, other: str) -> bool:
    """Install torch without what it needs, which comes with the rest; whether it is the lowest."""
    lowest = ("--torch-backend=cpu", "--resolution", "lowest-direct", "--no-deps", wanted)
    patient = {"UV_HTTP_TIMEOUT": "20", **os.environ}
    if subprocess.run([*install, *lowest], cwd=ROOT, stderr=subprocess.DEVNULL, env=patient).returncode == 0:
        return True
    print(f"PyTorch's CPU builds cannot be reached; {other} stands in for the lowest torch.", flush=True)
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-compile", other)
    return False


def _installed(python: Path) -> dict[str, Version]:
    listed = _run(UV, "pip", "list", "--quiet", "--format", "json", "--python", python)
    return {package["name"].lower(): Version(package["version"]) for package in json.loads(listed)}


def _as_installed(python: Path, needs: list[Requirement]) -> list[Requirement]:
    """Those versions and no others, so that what the tests need does not lift them."""
    found = _installed(python)
    return [Requirement(f"{need.name}=={found[need.name]}") for need in needs]


def _told(python: Path, needs: list[Requirement], has_lowest_torch: bool) -> bool:
    """Print which versions are tested; whether each is the lowest in its range, but for torch where it is told."""
    found, fit = _installed(python), True
    for need in needs:
        floor = next(Version(each.version) for each in need.specifier if each.operator == ">=")
        version = found[need.name]
        # The floor may be 6 and the first of its releases 6.0.0, or 0.46 with the first one 0.46.0.
        is_lowest = version.release[: len(floor.release)] == floor.release
        told = "" if is_lowest else f"; {'not tried here' if need.name == 'torch' else 'not the lowest of'} {floor}"
        print(f"{need.name} {version}{told}", flush=True)
        fit = fit and (is_lowest or (need.name == "torch" and not has_lowest_torch))
    return fit


def _run(*command: str | Path) -> str:
    """What a command prints; ends the script with its last words where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:4]))} failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
