"""Several server processes behind HAProxy, from one command.

python -m layerscope.ui.many.command start --host layerscope.example.org      a process a core, until it is ended
python -m layerscope.ui.many.command restart                                  one process after the other
python -m layerscope.ui.many.command config --at 10.0.0.1:8601 10.0.0.2:8601  haproxy.cfg for several machines

`make serve-many` is the first of them. HAProxy comes from the system's packages, supervisord with the extra "serve" of
this package.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from layerscope.ui import profiles, start
from layerscope.ui.faults import StartError, as_sentences
from layerscope.ui.many import balancer, counting, supervising
from layerscope.ui.many.runtime import Runtime

FOLDER = Path(".serve")
FIRST_PORT = 8601
MOST_PROCESSES = 64
HEALTHY_SECONDS = 60
LONGEST_SOCKET = 90
"""Characters of a socket's path: systems allow 104 or 108."""
INTERNAL = "127.0.0.1"
NO_HAPROXY = (
    "HAProxy is not installed. It comes with the system: apt-get install haproxy, dnf install haproxy, or brew install "
    "haproxy. One process alone needs none: make serve."
)
NO_SUPERVISOR = "supervisord is not installed in this environment: pip install 'layerscope[serve]'."


def main(arguments: list[str] | None = None) -> None:
    """Read the command and carry it out; what is wrong with it is one sentence and exit status 1."""
    given = _parser().parse_args(arguments)
    with as_sentences():
        given.run(given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m layerscope.ui.many.command", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="start, restart or config")

    def command(name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        made.add_argument("--folder", default=FOLDER, type=Path, help="where configurations and sockets are")
        return made

    begin = command("start", _start, "Start the processes and HAProxy, and keep them running.")
    begin.add_argument("--processes", default="", help="how many; default: one per core")
    begin.add_argument("--script", default="app.py", type=Path)
    begin.add_argument("--first-port", default=str(FIRST_PORT), help="the processes listen on it and on those after it")
    command("restart", _restart, "Restart one process after the other; open pages go over to the others.")
    print_one = command("config", _config, "Print haproxy.cfg for processes on several machines.")
    print_one.add_argument("--at", nargs="+", required=True, help="address and port of each process: 10.0.0.1:8601")
    for one in (begin, print_one):
        one.add_argument("--host", default="", help="what visitors type, several with commas between them")
        one.add_argument("--bind", default="", help="the address of this computer to listen on")
        one.add_argument("--port", default="8501", help="what HAProxy listens on")
        one.add_argument("--certificate", default=None, type=Path, help="a PEM file with certificate and key")
    return parser


def _start(given: argparse.Namespace) -> None:
    """Write both configurations and become supervisord."""
    count = read_count(given.processes)
    front = _front(given)
    first = start.read_port(given.first_port)
    processes = [
        balancer.Process(f"p{number}", INTERNAL, first + number - 1) for number in range(1, count + 1)
    ]  # fmt: skip
    start.check_port(front.bind, front.port)
    for process in processes:
        start.check_port(process.host, start.read_port(str(process.port)))
    if not given.script.is_file():
        raise StartError(f"There is no {given.script} here; start Layerscope from its own folder.")
    haproxy = _haproxy()
    folder = _folder(given.folder)
    settings, rules = folder / "supervisord.conf", folder / "haproxy.cfg"
    _write(rules, balancer.configuration(front, processes, folder / "haproxy.sock"))
    _check_rules(haproxy, rules)
    commands = [_server(given, process) for process in processes]
    # Files are sent with a cookie that the server signs: every process must know the signature.
    shared = {"STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32), counting.VARIABLE: str(count)}
    text = supervising.configuration(folder, commands, [haproxy, "-db", "-f", str(rules)], shared)
    _write(settings, text)
    print(f"{count} processes behind HAProxy on {balancer.bracketed(front.bind)}:{front.port}", flush=True)
    supervisor = supervising.supervisord(settings)
    os.execv(supervisor[0], supervisor)


def _server(given: argparse.Namespace, process: balancer.Process) -> list[str]:
    """The command of one process, which only this computer reaches."""
    return [
        sys.executable, "-m", "layerscope.ui.start", "served", "--host", given.host, "--bind", process.host,
        "--port", str(process.port), "--script", str(given.script),
    ]  # fmt: skip


def _restart(given: argparse.Namespace) -> None:
    """Take one process out, start it anew, wait until it is well, take it in again; then the next."""
    folder = given.folder.absolute()
    running = Runtime(folder / "haproxy.sock")
    for name, address in running.processes():
        print(f"{name}: restarting", flush=True)
        running.set_state(name, "maint")
        try:
            _restart_one(folder / "supervisord.conf", supervising.PROGRAM + name.removeprefix("p"), address)
        finally:
            running.set_state(name, "ready")
        running.wait_until_up(name, HEALTHY_SECONDS)
    print("All processes were restarted.", flush=True)


def _restart_one(settings: Path, program: str, address: str) -> None:
    said = subprocess.run(
        supervising.supervisorctl(settings, "restart", program), capture_output=True, text=True, check=False
    )
    if said.returncode:
        raise StartError(f"supervisord did not restart {program}: {said.stdout.strip() or said.stderr.strip()}")
    end = time.monotonic() + HEALTHY_SECONDS
    while not _is_well(address):
        if time.monotonic() > end:
            raise StartError(
                f"{program} was restarted, but did not answer within {HEALTHY_SECONDS} seconds. See its log."
            )
        time.sleep(0.1)


def _is_well(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}{balancer.HEALTH}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _config(given: argparse.Namespace) -> None:
    """Print what HAProxy needs on the machine in front of several others."""
    processes = [balancer.Process(f"p{number}", *read_at(text)) for number, text in enumerate(given.at, 1)]
    socket = given.folder.absolute() / "haproxy.sock"
    print(balancer.configuration(_front(given), processes, socket), end="")


def _front(given: argparse.Namespace) -> balancer.Front:
    hosts = start.read_hosts(given.host)
    bind = start.read_bind(given.bind) if given.bind.strip() else profiles.usual_bind(hosts)
    if given.certificate is not None and not given.certificate.is_file():
        raise StartError(f"There is no file {given.certificate}. It must hold a certificate and its key, as PEM.")
    certificate = given.certificate.absolute() if given.certificate else None
    return balancer.Front(bind, start.read_port(given.port), certificate)


def read_count(text: str) -> int:
    """How many processes, by default one per core. Raises StartError."""
    if not text.strip():
        return max(2, min(os.cpu_count() or 2, MOST_PROCESSES))
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_PROCESSES:
        return int(text)
    raise StartError(f"PROCESSES must be a whole number from 1 to {MOST_PROCESSES}, not “{text}”.")


def read_at(text: str) -> tuple[str, int]:
    """Address and port of one process. Raises StartError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise StartError(f"“{text}” is not an address with a port, such as 10.0.0.1:8601.")
    return start.read_hosts(host)[0], start.read_port(port)


def _haproxy() -> str:
    if (found := shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")) is None:
        raise StartError(NO_HAPROXY)
    if find_spec("supervisor") is None:
        raise StartError(NO_SUPERVISOR)
    return found


def _check_rules(haproxy: str, rules: Path) -> None:
    """Have HAProxy read its configuration before anything is started."""
    said = subprocess.run([haproxy, "-c", "-q", "-f", str(rules)], capture_output=True, text=True, check=False)
    if said.returncode:
        last: Sequence[str] = [line for line in said.stderr.splitlines() if line.strip()] or ["no reason given"]
        raise StartError(f"HAProxy refuses its configuration: {last[0].strip()}")


def _write(file: Path, text: str) -> None:
    """Write a configuration, which its owner only may read. Raises StartError."""
    try:
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StartError(f"{file} cannot be written: {error.strerror}. Give another folder: --folder") from error


def _folder(folder: Path) -> Path:
    """The folder, absolute, readable by its owner only. Raises StartError."""
    whole = folder.absolute()
    if len(str(whole)) > LONGEST_SOCKET - len("/control.sock"):
        raise StartError(f"The path {whole} is too long for a socket. Give a shorter one: --folder")
    try:
        whole.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"The folder {whole} cannot be made: {error.strerror}. Give another: --folder") from error
    return whole


if __name__ == "__main__":
    main()
