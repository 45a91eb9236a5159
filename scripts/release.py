"""Make a release's files and try them: `make release`. Nothing is sent anywhere.

The version in pyproject.toml has to be the changelog's newest. Wheel and source are built into dist/ and checked by
twine; the wheel is installed in a new environment with the locked versions, `layerscope` is started there and asked
for its health, and a bill of materials (CycloneDX) of that environment is written beside the wheel.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from importlib.util import find_spec
from pathlib import Path

from scripts.live import ROOT, LiveError, answering, free_port

DIST = ROOT / "dist"
LOCKED = ("--require-hashes", "--no-deps", "--no-build-isolation", "--quiet")
TOOLS = ("build", "cyclonedx_py", "twine")


class ReleaseError(RuntimeError):
    """A release that is not ready; the message says why, for a person to read."""


def main() -> None:
    """Build, check, install, start, and write the bill of materials."""
    try:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        newest, day = changelog_version((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
        if newest != project["version"]:
            raise ReleaseError(f"pyproject.toml says {project['version']}, and CHANGELOG.md says {newest}.")
        if missing := [tool for tool in TOOLS if find_spec(tool) is None]:
            raise ReleaseError(f"These tools are missing: {', '.join(missing)}. Run make release, which installs them.")
        wheel = _built(newest)
        with tempfile.TemporaryDirectory(prefix="layerscope-release-") as made:
            python = _installed(wheel, Path(made))
            _started(python.with_name("layerscope"), Path(made))
            _bill(python, wheel.with_name(f"layerscope-{newest}.cdx.json"))
    except (ReleaseError, LiveError) as error:
        sys.exit(str(error))
    if day == "unreleased":
        print(f"CHANGELOG.md still calls {newest} unreleased: put the day there before you publish it.")


def changelog_version(text: str) -> tuple[str, str]:
    """The newest version of a changelog, and its day or "unreleased". Raises ReleaseError."""
    found = re.search(r"^## (\d+\.\d+\.\d+) \((unreleased|\d{4}-\d\d-\d\d)\)$", text, flags=re.M)
    if found is None:
        raise ReleaseError("CHANGELOG.md has no heading such as “## 1.2.0 (2026-12-01)”.")
    return found[1], found[2]


def _built(version: str) -> Path:
    """The wheel; it is built from the source that lies beside it."""
    DIST.mkdir(exist_ok=True)
    for old in DIST.iterdir():
        old.unlink()
    _run("wheel and source are built", [sys.executable, "-m", "build", "--outdir", str(DIST), str(ROOT)])
    wheel, source = DIST / f"layerscope-{version}-py3-none-any.whl", DIST / f"layerscope-{version}.tar.gz"
    _run("twine checks them", [sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(source)])
    return wheel


def _installed(wheel: Path, folder: Path) -> Path:
    """The Python of a new environment with the wheel and what it needs, in the locked versions."""
    environment = folder / "environment"
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    _run("a new environment", [sys.executable, "-m", "venv", str(environment)])
    install = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    _run("the locked versions are installed", [*install, *LOCKED, "-r", "locks/app.txt"])
    small = [str(python.with_name("uv")), "pip", "install", "--python", str(python), "--torch-backend=cpu"]
    try:
        _run("torch is installed", [*small, "--require-hashes", "--no-deps", "-r", "locks/torch.txt"])
    except ReleaseError:
        print("PyTorch's CPU builds cannot be reached; pip looks for torch.")
        _run("torch is installed", [*install, *LOCKED, "-r", "locks/torch.txt"])
    _run("the wheel is installed", [*install, "--no-deps", "--quiet", str(wheel)])
    _run("everything fits together", [str(python), "-m", "pip", "check"])
    return python


def _started(command: Path, folder: Path) -> None:
    """Start the installed command outside the project, and ask for its health and its first page."""
    port = free_port()
    start = [str(command), "--port", str(port)]
    with answering(start, port, directory=folder, PYTHONPATH="", HOME=str(folder)) as address:
        page = urllib.request.urlopen(address, timeout=30).read()
    if b"ahead.js" not in page:
        raise ReleaseError("The installed app answers, but not with Layerscope's page.")
    print("layerscope: starts, and answers")


def _bill(python: Path, target: Path) -> None:
    """Write the bill of materials of an environment."""
    made = ["--pyproject", "pyproject.toml", "--mc-type", "application", "--output-reproducible", "--short-PURLs"]
    command = [sys.executable, "-m", "cyclonedx_py", "environment", str(python), *made, "--output-file", str(target)]
    _run("the bill of materials is written", command)


def _run(what: str, command: list[str]) -> None:
    """Run a command in the project's folder. Raises ReleaseError with its last words."""
    print(f"{what} ...", flush=True)
    patient = {"UV_HTTP_TIMEOUT": "20", **os.environ}
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=patient)
    if done.returncode:
        raise ReleaseError("\n".join([f"{' '.join(command[:4])} failed:", *done.stdout.splitlines()[-20:]]))


if __name__ == "__main__":
    main()
