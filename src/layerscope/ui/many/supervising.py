"""supervisord's configuration: it starts the server processes and HAProxy, and starts again what ends."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = "layerscope"
STOP_SECONDS = 10
STARTED_SECONDS = 1
"""A process that lives so long has started; one that ends sooner is tried again a little later each time."""
TRIES = 1_000_000
"""It is never given up: a port that is taken for a minute is free later."""


def configuration(
    folder: Path, servers: Sequence[Sequence[str]], balancer: Sequence[str], environment: Mapping[str, str]
) -> str:
    """The whole text of supervisord.conf. `servers` are the commands of the processes, `balancer` is HAProxy's."""
    commands = {f"{PROGRAM}{number}": command for number, command in enumerate(servers, 1)} | {"haproxy": balancer}
    shared = ",".join(f'{name}="{_plain(value)}"' for name, value in environment.items())
    head = f"""\
; Written by Layerscope; it is rewritten at each start.
[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
pidfile={_plain(folder / "supervisord.pid")}
childlogdir={_plain(folder)}
environment={shared}

[unix_http_server]
file={_plain(folder / "control.sock")}
chmod=0600

[supervisorctl]
serverurl=unix://{_plain(folder / "control.sock")}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    return head + "".join(map(_program, commands, commands.values()))


def _program(name: str, command: Sequence[str]) -> str:
    return f"""
[program:{name}]
command={" ".join(_quoted(part) for part in command)}
autorestart=true
startsecs={STARTED_SECONDS}
startretries={TRIES}
stopwaitsecs={STOP_SECONDS}
redirect_stderr=true
stdout_logfile=/dev/fd/1
stdout_logfile_maxbytes=0
"""


def supervisord(settings: Path) -> list[str]:
    """The command that starts all."""
    return [sys.executable, "-m", "supervisor.supervisord", "-c", str(settings)]


def supervisorctl(settings: Path, *words: str) -> list[str]:
    """A command to the running supervisord."""
    return [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(settings), *words]


def _plain(value: object) -> str:
    """A value in this format, where % begins a name and ; a comment."""
    return str(value).replace("%", "%%")


def _quoted(part: str) -> str:
    """One word of a command, as shlex reads it there."""
    return _plain("'" + part.replace("'", "'\"'\"'") + "'")
