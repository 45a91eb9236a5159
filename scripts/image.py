"""The steps of deploy/Dockerfile without Docker: `python -m scripts.image`.

Each instruction is carried out in a new folder that stands for the image's root, with the Python that runs this; then
what the image starts is started, and its own health check asked. What only a container has (users, a root that nobody
can write) is named and left out. Takes some minutes, as everything is installed from the locks.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from scripts.live import ROOT, free_port
from scripts.lock import TORCH, pins

FILE = ROOT / "deploy" / "Dockerfile"
PREFIX, PORT = "/opt/layerscope", "8501"
HEALTHY_SECONDS = 60


def steps(text: str) -> list[tuple[str, str]]:
    """A Dockerfile's instructions in order, each with what follows it, comments taken out and broken lines joined."""
    text = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def carry_out(root: Path) -> Iterator[str]:
    """Build under `root`, start, and ask whether it is well; what was done, a line each. A failed step raises."""
    here = root
    entry: list[str] = []
    arguments: list[str] = []
    check: list[str] = []
    moved = {PREFIX: f"{root}{PREFIX}", PORT: str(free_port())}
    surroundings = {name: os.environ[name] for name in ("HOME", "PATH")} | _kept("PIP_", "UV_", "SSL_", "HTTP")
    for word, rest in steps(FILE.read_text()):
        if word == "WORKDIR":
            here = root / rest.lstrip("/")
            here.mkdir(parents=True)
        elif word == "COPY" and not rest.startswith("--from"):
            *sources, goal = rest.split()
            for source in sources:
                _copy(ROOT / source, here / (source if goal.startswith(".") else goal))
        elif word == "RUN" and not rest.startswith("useradd"):
            command = _moved(re.sub(r"(?<!\S)python(?= -m venv)", shlex.quote(sys.executable), rest), moved)
            if not _runs(command, here, surroundings):
                other = re.sub(r"\S+/uv pip install .*--torch-backend=cpu.*", _with_pip(moved), command)
                yield "failed; where PyTorch's CPU builds cannot be reached, pip's torch takes their place"
                if other == command or not _runs(other, here, surroundings):
                    raise RuntimeError(f"This step fails: {rest}")
        elif word == "ENV":
            surroundings |= dict(pair.split("=", 1) for pair in rest.split()) | {"HOME": str(root)}
        elif word in ("ENTRYPOINT", "CMD"):
            words = [_moved(one, moved) for one in json.loads(rest)]
            entry, arguments = (words, arguments) if word == "ENTRYPOINT" else (entry, words)
        elif word == "HEALTHCHECK":
            check = [_moved(one, moved) for one in json.loads(rest.split("CMD", 1)[1])]
        else:
            yield f"left out, as only a container has it: {word} {rest}"
            continue
        yield f"done: {word} {rest[:90]}"
    entry = ["127.0.0.1" if one == "0.0.0.0" else one for one in entry]
    server = subprocess.Popen([*entry, *arguments, "--port", moved[PORT]], cwd=root, env=surroundings)
    try:
        yield f"healthy after {_healthy(check, server, surroundings):.1f} s"
    finally:
        server.terminate()
        server.wait()


def _runs(command: str, here: Path, surroundings: dict[str, str]) -> bool:
    done = subprocess.run(["bash", "-ec", command], cwd=here, env=surroundings, check=False, stdout=subprocess.DEVNULL)
    return done.returncode == 0


def _with_pip(moved: dict[str, str]) -> str:
    """The command that installs the torch of the locks from where pip finds it."""
    (torch,) = {f"torch{pin.specifier}" for pin in pins(TORCH) if pin.name == "torch" and "+" not in str(pin.specifier)}
    return f"{moved[PREFIX]}/bin/pip install --no-cache-dir --no-deps {torch}"


def _kept(*beginnings: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.upper().startswith(beginnings)}


def _copy(source: Path, goal: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, goal, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    else:
        shutil.copy(source, goal)


def _moved(text: str, moved: dict[str, str]) -> str:
    for old, new in moved.items():
        text = text.replace(old, new)
    return text


def _healthy(check: list[str], server: "subprocess.Popen[bytes]", surroundings: dict[str, str]) -> float:
    """Seconds until the image's own check passes."""
    begin = time.monotonic()
    while subprocess.run(check, env=surroundings, stderr=subprocess.DEVNULL, check=False).returncode:
        if server.poll() is not None or time.monotonic() - begin > HEALTHY_SECONDS:
            raise RuntimeError(f"{' '.join(check)} did not pass within {HEALTHY_SECONDS} s.")
        time.sleep(0.2)
    return time.monotonic() - begin


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for line in carry_out(Path(folder)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
