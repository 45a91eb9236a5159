"""Write locks/, what LOCKED=1 installs: every package with its version and its files' hashes. That is `make lock`.

app.txt     what the app needs, and what installs it, for every supported Python and system
dev.txt     what the tests, the checks and a release need, in app.txt's versions
models.txt  what is installed without its own needs: models for the tests, and peers
torch.txt   torch: on Linux the small CPU build, elsewhere the registry's own

Versions that still fit stay as they are; `make lock UPGRADE=1` takes the newest. torch stands alone, since its CPU
builds lie in an index of PyTorch's: app.txt holds what torch needs, without the GPU libraries of other builds. Where
that index does not answer, torch.txt keeps the CPU builds' hashes that it has, as long as the version is the same.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "locks"
APP, DEV, MODELS, TORCH = (LOCKS / f"{name}.txt" for name in ("app", "dev", "models", "torch"))
WRITTEN = "# Written by `make lock`; the ranges are in pyproject.toml.\n"
UV = Path(sys.executable).with_name("uv")
FOR_GPUS = ("cuda", "nvidia", "triton")
"""What the names of torch's GPU libraries begin with."""


class LockError(RuntimeError):
    """A lock that cannot be written; the message says why, for a person to read."""


def pins(lock: Path) -> Iterator[Requirement]:
    """The packages of a lock: a name, one version, and for which systems and Pythons it is."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            yield Requirement(line.removesuffix("\\"))


def hashes(text: str) -> list[str]:
    """The hashes in a lock's text, in order, each once."""
    return sorted(set(re.findall(r"sha256:[0-9a-f]{64}", text)))


def main() -> None:
    """Write the four files."""
    parser = argparse.ArgumentParser(prog="python -m scripts.lock")
    parser.add_argument("torch", help="such as torch==2.13.0")
    parser.add_argument("models", nargs="+", help="what is installed without its own needs, such as timm==1.0.31")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    given = parser.parse_args()
    newest = ["--upgrade"] if given.upgrade else []
    try:
        LOCKS.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as made:
            settings = [*_settings(Path(made), given.torch), *newest, "--no-emit-package", "torch"]
            _compile(["pyproject.toml", "--group", "install", "--extra", "serve"], APP, settings)
            extras = [f"--extra={extra}" for extra in ("serve", "dev", "release")]
            _compile(["pyproject.toml", "--group", "install", *extras, "--constraints", "locks/app.txt"], DEV, settings)
        _compile(["-", "--no-deps"], MODELS, newest, "\n".join(given.models))
        TORCH.write_text(_torch(given.torch), encoding="utf-8")
    except LockError as error:
        sys.exit(str(error))


def _settings(folder: Path, torch: str) -> list[str]:
    """uv's options for that torch, with the needs of its CPU build. Raises LockError where another one is installed."""
    wanted = torch.partition("==")[2]
    if version("torch").partition("+")[0] != wanted:
        raise LockError(f"The lock is for {torch}, but torch {version('torch')} is installed: run make clean first.")
    needs = [need for need in requires("torch") or () if not need.startswith(FOR_GPUS) and "extra ==" not in need]
    config, pinned = folder / "uv.toml", folder / "torch.txt"
    told = [f'name = "torch"\nversion = "{wanted}"', f"requires-dist = {json.dumps(needs)}\n"]
    config.write_text("\n".join(["[[dependency-metadata]]", *told]), encoding="utf-8")
    pinned.write_text(torch, encoding="utf-8")
    return ["--config-file", str(config), "--constraints", str(pinned)]


def _compile(what: list[str], lock: Path, more: list[str], told: str = "") -> None:
    """One lock by uv, for every supported Python and system."""
    _uv([*what, *more, "--universal", "--output-file", f"locks/{lock.name}"], told)
    lock.write_text(WRITTEN + lock.read_text(encoding="utf-8"), encoding="utf-8")


def _uv(arguments: list[str], told: str = "") -> str:
    """What `uv pip compile` prints, with hashes, and without a comment or an index. Raises LockError."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = project["requires-python"].removeprefix(">=")
    fixed = ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    command = [str(UV), "pip", "compile", *arguments, *fixed, "--python-version", lowest]
    patient = {"UV_HTTP_TIMEOUT": "20", **os.environ}
    done = subprocess.run(command, cwd=ROOT, input=told, capture_output=True, text=True, env=patient)
    if done.returncode:
        raise LockError(f"uv could not resolve {' '.join(arguments[:1])}:\n{done.stderr.strip()}")
    return done.stdout


def _torch(torch: str) -> str:
    """The text of torch.txt. Raises LockError where the CPU builds' hashes cannot be had."""
    small = f"{torch}+cpu"
    try:
        cpu = hashes(_uv(["-", "--no-deps", "--torch-backend", "cpu", "--python-platform", "linux"], small))
    except LockError as error:
        cpu = _kept(small)
        if not cpu:
            raise LockError(f"PyTorch's CPU builds cannot be reached, and locks/torch.txt has no {small}.") from error
        print(f"PyTorch's CPU builds cannot be reached; their {len(cpu)} hashes in locks/torch.txt stay as they are.")
    other = hashes(_uv(["-", "--no-deps", "--universal"], torch))
    return (
        f"{WRITTEN}# On Linux the CPU build alone: the registry's own build would bring libraries for GPUs.\n"
        f"{_line(small, '==', cpu)}{_line(torch, '!=', other)}"
    )


def _line(pinned: str, on_linux: str, digests: list[str]) -> str:
    return " \\\n    --hash=".join([f"{pinned} ; sys_platform {on_linux} 'linux'", *digests]) + "\n"


def _kept(pinned: str) -> list[str]:
    """The hashes in torch.txt for exactly that build."""
    text = TORCH.read_text(encoding="utf-8") if TORCH.exists() else ""
    _, found, rest = text.partition(f"\n{pinned} ;")
    return hashes(re.split(r"\n(?! )", rest)[0]) if found else []


if __name__ == "__main__":
    main()
