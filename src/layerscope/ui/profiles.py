"""The two ways in which the app is served, as Streamlit's settings, each with its reason.

Home is for one person, or one screen in a classroom. Served is for others than oneself. `.streamlit/config.toml` holds
the settings of home once more, so that a bare `streamlit run app.py` behaves the same; a test starts real servers and
compares.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

Value = str | int | bool | tuple[str, ...]

THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")
"""Names under which the server may be asked from its own machine: by a supervisor, a proxy, or who runs it."""


@dataclass(frozen=True)
class Setting:
    """One of Streamlit's options: its name, our value, and why it is that."""

    option: str
    value: Value
    why: str


class Visited(NamedTuple):
    """Where a served app is reached: the hosts that visitors type, and the address and port it listens on."""

    hosts: tuple[str, ...]
    bind: str
    port: int


BOTH = (
    Setting("server.showEmailPrompt", False, "A start never waits for an answer in the terminal."),
    Setting(
        "server.enableStaticServing", True, "The browser loads Plotly and the stage from here, from no other host."
    ),
    Setting("server.fileWatcherType", "none", "Nobody edits the code of a running server; watching it costs time."),
    Setting("server.maxUploadSize", 17, "Megabytes: the largest box takes 16; each has a limit of its own."),
    Setting("server.maxWidgetStateSize", 4, "Megabytes: nothing that a page sends is larger."),
    Setting("server.maxMessageSize", 4, "Megabytes: a longer message is refused before it is taken in."),
    Setting("server.enableXsrfProtection", True, "Another site's page cannot upload in a visitor's name."),
    Setting("server.enableCORS", True, "Another site's page cannot read the answers."),
    Setting("server.enableAgentApi", False, "Programs have no way in beside the pages."),
    Setting("server.disconnectedSessionTTL", 120, "Seconds to come back after the network was lost for a moment."),
    Setting("runner.postScriptGC", False, "A collection after every run costs about 150 ms once torch is loaded."),
    Setting("runner.fastReruns", False, "Two runs of one session would share its state, each with a lock of its own."),
    Setting("runner.magicEnabled", False, "A bare expression in a script never appears on the page by accident."),
    Setting("client.showErrorDetails", "none", "A traceback belongs in the log; a visitor gets a sentence."),
    Setting("client.showErrorLinks", False, "An error offers no links to other sites."),
    Setting("client.toolbarMode", "minimal", "A menu shows only what is ours, and nothing of ours needs one."),
    Setting("browser.gatherUsageStats", False, "Nothing is sent to anybody."),
    Setting("logger.enableRich", False, "Every traceback goes through Python's logging, where its length is bounded."),
    Setting("secrets.files", (".streamlit/secrets.toml",), "No file of the user's home, which may not be readable."),
    Setting(
        "global.disableWidgetStateDuplicationWarning", True, "A field whose text is set begins with it on purpose."
    ),
    Setting("global.developmentMode", False, "No visitor may stop the server or break connections."),
)


def home(port: int) -> tuple[Setting, ...]:
    """The settings for this computer only."""
    return (
        Setting("server.address", "127.0.0.1", "Nobody else can reach it."),
        Setting("server.port", port, "As asked for."),
        Setting("server.allowedHosts", THIS_COMPUTER, "Another site's page cannot reach it by its own DNS."),
        *BOTH,
    )


def served(where: Visited) -> tuple[Setting, ...]:
    """The settings for others."""
    shown = next((host for host in where.hosts if not host.startswith("*.")), "localhost")
    return (
        Setting("server.address", where.bind, "What BIND says; else all networks, or none for HOST=localhost."),
        Setting("server.port", where.port, "As asked for."),
        Setting(
            "server.allowedHosts", (*where.hosts, *THIS_COMPUTER), "What visitors type; and checks from this machine."
        ),
        Setting("server.headless", True, "A server opens no browser and asks nothing in its terminal."),
        Setting("browser.serverAddress", _bracketed(shown), "Otherwise Streamlit asks an outside service who we are."),
        Setting(
            "logger.messageFormat", "%(asctime)s %(levelname)s %(name)s: %(message)s", "A log that can be searched."
        ),
        *BOTH,
    )


def flags(settings: Iterable[Setting]) -> list[str]:
    """The settings as options of `streamlit run`."""
    return [
        f"--{setting.option}={str(value).lower() if isinstance(value, bool) else value}"
        for setting in settings
        for value in (setting.value if isinstance(setting.value, tuple) else (setting.value,))
    ]


def usual_bind(hosts: Iterable[str]) -> str:
    """The address to listen on where none is said: this computer's own, where visitors can only be on it.

    Else every network: of IPv4, which every computer has, or of both kinds where visitors type an IPv6 address.
    """
    hosts = tuple(hosts)
    if all(host == "localhost" or _is_loopback(host) for host in hosts):
        return "::1" if all(map(_is_ipv6, hosts)) else "127.0.0.1"
    return "::" if any(_is_ipv6(host) for host in hosts) else "0.0.0.0"


def _is_ipv6(host: str) -> bool:
    try:
        return isinstance(ip_address(host), IPv6Address)
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if _is_ipv6(host) else host
