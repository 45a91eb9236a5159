"""Start the app in one of its two profiles: `python -m layerscope.ui.start home --port 8501`, or `served --host ...`.

What is wrong with the command, the port or the settings is one sentence on stderr and exit status 1. Streamlit is
loaded only after that.
"""

import argparse
import errno
import gc
import os
import re
import socket
import tomllib
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from layerscope.ui import profiles
from layerscope.ui.faults import StartError, as_sentences

EXAMPLE = "make serve HOST=layerscope.example.org"
SETTINGS = Path(".streamlit") / "config.toml"
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
LONGEST_NAME, LARGEST_PORT, TRIES = 253, 65_535, 100


def main(arguments: list[str] | None = None) -> None:
    """Read the command, look whether the server can start, and start it in this process."""
    parser = argparse.ArgumentParser(prog="python -m layerscope.ui.start", description=__doc__)
    parser.add_argument("profile", choices=["home", "served"])
    parser.add_argument("--port", default="8501")
    parser.add_argument("--host", default="", help="what visitors type, several with commas between them")
    parser.add_argument("--bind", default="", help="the address of this computer to listen on")
    parser.add_argument("--script", default="app.py", type=Path)
    given = parser.parse_args(arguments)
    with as_sentences():
        settings = ready(given.profile, given.port, given.host, given.bind)
        if not given.script.is_file():
            raise StartError(f"There is no {given.script} here; start Layerscope from its own folder.")
    run(given.script, settings)


def ready(profile: str, port_text: str, host: str = "", bind: str = "") -> tuple[profiles.Setting, ...]:
    """The settings of a server that can start: `profile` is "home" or "served". Raises StartError."""
    port = read_port(port_text)
    if profile == "home":
        address, settings = "127.0.0.1", profiles.home(port)
    else:
        hosts = read_hosts(host)
        address = read_bind(bind) if bind.strip() else profiles.usual_bind(hosts)
        settings = profiles.served(profiles.Visited(hosts, address, port))
    check_settings_file(SETTINGS)
    check_port(address, port)
    return settings


def run(script: Path, settings: Iterable[profiles.Setting]) -> None:
    """Start the server in this process; it ends with it.

    What is imported at the start is kept, and looking through it for garbage took a seventh of the time until the
    first picture: ui/process.py turns that on once the pages are warm.
    """
    gc.disable()
    from streamlit.web import cli

    cli.main(["run", str(script), *profiles.flags(settings)], prog_name="streamlit")


def read_hosts(text: str) -> tuple[str, ...]:
    """The hosts that visitors type, as browsers send them. Raises StartError."""
    hosts = tuple(dict.fromkeys(_host(piece.strip()) for piece in text.split(",") if piece.strip()))
    if not hosts:
        raise StartError(f"HOST is missing. Give the name or address that visitors type, for example: {EXAMPLE}")
    return hosts


def _host(text: str) -> str:
    if re.search(r"\s", text):
        raise StartError(
            f"HOST has a space in “{text}”. Put commas between several hosts, as in HOST=a.example,b.example"
        )
    if "://" in text:
        name = urlsplit(text).netloc.rpartition("@")[2] or "layerscope.example.org"
        raise StartError(f"HOST needs no scheme: remove “{text.partition('://')[0]}://”, as in HOST={name}")
    if re.search(r"[/?#@\\]", text):
        raise StartError(f"HOST is only a name or an address, without a path or a user, not “{text}”.")
    bare, _, port = _without_port(text)
    if port:
        raise StartError(f"HOST takes no port; give it separately, as in HOST={bare} PORT={port}")
    literal = _unbracketed(bare)
    try:
        address = ip_address(literal.replace("%", " "))  # a zone means something on one computer only
    except ValueError:
        return _name(literal)
    if address.is_unspecified:
        raise StartError(
            f"{literal} is where a server listens, not what a visitor types. Give BIND={literal}, and a HOST."
        )
    return str(address)


def _without_port(text: str) -> tuple[str, str, str]:
    """Host, colon and port; an IPv6 address has a port only after brackets."""
    if text.startswith("["):
        host, bracket, port = text.partition("]")
        return host + bracket, port[:1], port[1:]
    return text.partition(":") if text.count(":") == 1 else (text, "", "")


def _unbracketed(text: str) -> str:
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def _name(text: str) -> str:
    """A host's name in small ASCII letters. The last label must not be a number: that is a mistyped address."""
    star = "*." if text.startswith("*.") else ""
    name = text.removeprefix("*.").rstrip(".").lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    labels = name.split(".")
    if len(name) > LONGEST_NAME or not all(map(LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise StartError(f"“{text}” is not the name or address of a host. An example: {EXAMPLE}")
    return star + name


def read_bind(text: str) -> str:
    """An address to listen on. Raises StartError."""
    try:
        return str(ip_address(_unbracketed(text.strip())))
    except ValueError:
        raise StartError(
            f"BIND must be an IP address of this computer, such as 127.0.0.1 or 0.0.0.0 for all of them, not “{text}”."
        ) from None


def read_port(text: str) -> int:
    """A port's number. Raises StartError."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and 1 <= int(digits) <= LARGEST_PORT):
        raise StartError(f"PORT must be a whole number from 1 to {LARGEST_PORT}, such as 8501, not “{text}”.")
    return int(digits)


def check_settings_file(path: Path) -> None:
    """Streamlit would log a traceback for settings that it cannot read, and go on with its own. Raises StartError."""
    try:
        tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
        raise StartError(f"The settings in {path} cannot be read: {reason}. Fix that file, or remove it.") from error


def check_port(address: str, port: int) -> None:
    """Raises StartError when the server could not listen there."""
    error = _refusal(address, port)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        free = next((other for other in _after(port) if _refusal(address, other) is None), None)
        other = f", or choose another port: PORT={free}" if free else ""
        raise StartError(f"Port {port} is in use by another program. Stop it{other}.")
    if error.errno == errno.EACCES:
        raise StartError(f"This user may not open port {port}. Choose one above 1023, such as PORT=8501.")
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        raise StartError(f"This computer does not have the address {address}. Give BIND one that it has.")
    raise StartError(f"Cannot listen on {address}, port {port}: {error.strerror}. Try another BIND or PORT.")


def _after(port: int) -> range:
    return range(port + 1, min(port + TRIES, LARGEST_PORT) + 1)


def _refusal(address: str, port: int) -> OSError | None:
    """The system's error when the port is bound as Streamlit will bind it; None when it can be."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            probe.listen()
    except OSError as error:
        return error
    return None


if __name__ == "__main__":
    main()
