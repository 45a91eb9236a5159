"""The command `layerscope`: starts the app, wherever it is installed, and opens a network's file in it.

layerscope                      the app on this computer, at http://127.0.0.1:8501
layerscope net.py               the network of PyTorch code, or of a .json file that Layerscope wrote
layerscope --host class.example.org     for others, under the name that they type
"""

import argparse
import atexit
import os
import shutil
import socket
import tempfile
import time
import webbrowser
from pathlib import Path
from threading import Thread

from layerscope import limits
from layerscope.ui import profiles, start
from layerscope.ui.faults import StartError, as_sentences

PACKAGE = Path(__file__).parent.parent
SITES = (PACKAGE / "site", PACKAGE.parent.parent)
"""Where app.py lies: in the package of an installed Layerscope, or at the top of the project."""

_SPELLINGS = {"PORT=": "--port ", "HOST=": "--host ", "BIND=": "--bind ", "make serve": "layerscope"}
_NAMES = {"PORT ": "--port ", "HOST ": "--host ", "BIND ": "--bind "}
_SECONDS = 60
"""How long a browser waits for the server."""


def main(arguments: list[str] | None = None) -> None:
    """Read the command, and start the app in this process."""
    description = "Start Layerscope, and open a network in it."
    parser = argparse.ArgumentParser(prog="layerscope", description=description)
    parser.add_argument("file", nargs="?", type=Path, help="a .py file with the network's code, or a .json file")
    parser.add_argument("--port", default="8501", help="default: 8501")
    parser.add_argument("--host", default="", help="what visitors type, several with commas between them; "
                        "without it only this computer reaches the app")  # fmt: skip
    parser.add_argument("--bind", default="", help="with --host: the address of this computer to listen on")
    given = parser.parse_args(arguments)
    with as_sentences():
        try:
            if given.bind and not given.host:
                raise StartError("--bind goes with --host, the name or address that visitors type.")
            settings = start.ready("served" if given.host else "home", given.port, given.host, given.bind)
            script = _writable(_site()) / "app.py"
        except StartError as error:
            raise StartError(spelled(str(error))) from error
        if given.file is not None:
            settings = (*settings, *_opening(_address(given.file), int(given.port)))
    start.run(script, settings)


def spelled(sentence: str) -> str:
    """A sentence about the settings in this command's spelling; `make` has another."""
    for old, new in _SPELLINGS.items():
        sentence = sentence.replace(old, new)
    for old, new in _NAMES.items():
        if sentence.startswith(old):
            sentence = new + sentence.removeprefix(old)
    return sentence


def _site() -> Path:
    """The folder of app.py."""
    for folder in SITES:
        if (folder / "app.py").is_file():
            return folder
    raise StartError("This Layerscope was installed without its app; install it again.")


def _writable(site: Path) -> Path:
    """The folder, or a copy of it where this user may not write: the browser's files are put beside app.py."""
    if os.access(site, os.W_OK):
        return site
    copy = Path(tempfile.mkdtemp(prefix="layerscope-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    shutil.copy(site / "app.py", copy)
    for folder in ("pages", ".streamlit"):
        shutil.copytree(site / folder, copy / folder)
    return copy


def _address(path: Path) -> str:
    """What stands after the server's address for the network of a file. Raises StartError."""
    text = _text(path)
    from layerscope.interchange import InterchangeError, from_json  # here, as they need torch
    from layerscope.link import LinkError, encode
    from layerscope.source.reader import read
    from layerscope.source.reading import SourceError

    try:
        network = from_json(text) if path.suffix == ".json" else read(text)
        code = encode(network)
    except SourceError as error:
        line = f", line {error.line}" if error.line else ""
        raise StartError(f"{path}{line}: {error.reason}") from error
    except (InterchangeError, LinkError) as error:
        raise StartError(f"{path}: {error}") from error
    if len(code) > limits.LINK.most:
        raise StartError(f"{path}: this network needs an address of {len(code):,} characters; the limit is "
                         f"{limits.LINK.most:,}.")  # fmt: skip
    return f"?net={code}"


def _text(path: Path) -> str:
    if path.suffix not in (".py", ".json"):
        raise StartError(f"{path} is neither a .py file with a network's code nor a .json file of Layerscope's.")
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(limits.JSON.most + 1)  # whoever reads it refuses more
    except OSError as error:
        raise StartError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StartError(f"{path} is not text in UTF-8.") from error


def _opening(address: str, port: int) -> tuple[profiles.Setting, ...]:
    """Have a browser open the network once the server answers, in place of Streamlit's own first page."""
    url = f"http://127.0.0.1:{port}/{address}"
    print(f"Opening {url}", flush=True)
    Thread(target=_open_when_up, args=(url, port), daemon=True).start()
    return (profiles.Setting("server.headless", True, "The browser is opened here, with the network."),)


def _open_when_up(url: str, port: int) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                webbrowser.open(url)
                return
        time.sleep(0.2)


if __name__ == "__main__":
    main()
