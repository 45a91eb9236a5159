"""The settings of both profiles, as real servers report them, and a server whose event loop stands still."""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from layerscope.ui import profiles
from scripts.live import ROOT, answering, free_port
from tests.ui.small_app import BLOCK_SECONDS

SCRIPT = "tests/ui/small_app.py"
HOSTS = ("layers.example.org", "*.school.example", "10.1.2.3", "2001:db8::7")

# What the design asks for, written out once more: the table of profiles.py must not forget one of them.
ASKED_FOR = {
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 17,
    "server.maxWidgetStateSize": 4,
    "server.maxMessageSize": 4,
    "server.showEmailPrompt": False,
    "server.enableStaticServing": True,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "runner.postScriptGC": False,
    "runner.fastReruns": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "browser.gatherUsageStats": False,
    "logger.enableRich": False,
    "global.developmentMode": False,
}


def fetched(address, **headers):
    """Status and text of an answer, errors too."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def start(*arguments, port, log=None, **environment):
    environment = {"PYTHONPATH": str(ROOT / "src"), "STREAMLIT_SERVER_HEADLESS": "true", **environment}
    return answering([sys.executable, "-m", *map(str, arguments)], port, log=log, **environment)


def reported(address):
    """The server's settings. What was given in the command may be "false", which Streamlit takes for false."""
    said = json.loads(fetched(f"{address}/settings")[1])
    return {
        name: {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
        for name, value in said.items()
    }


def check(settings, said):
    expected = {setting.option: setting.value for setting in settings}
    expected = {option: list(value) if isinstance(value, tuple) else value for option, value in expected.items()}
    assert {option: said[option] for option in expected} == expected
    assert {option: said[option] for option in ASKED_FOR} == ASKED_FOR
    assert all(setting.why.endswith(".") for setting in settings)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server of the served profile that listens on this computer only: its address, port and log."""
    port, log = free_port(), tmp_path_factory.mktemp("served") / "log.txt"
    command = ["layerscope.ui.start", "served", "--host", ",".join(HOSTS), "--bind", "127.0.0.1", "--port", port]
    # A home that cannot be written must not matter.
    with start(*command, "--script", SCRIPT, port=port, log=log, HOME="/dev/null") as address:
        yield address, port, log


def test_a_bare_streamlit_run_is_the_home_profile():
    port = free_port()
    with start("streamlit", "run", SCRIPT, "--server.port", port, port=port) as address:
        check(profiles.home(port), reported(address))


def test_make_run_is_the_home_profile_whatever_the_environment_says():
    port = free_port()
    command = ["layerscope.ui.start", "home", "--port", port, "--script", SCRIPT]
    with start(*command, port=port, STREAMLIT_SERVER_ADDRESS="0.0.0.0") as address:
        check(profiles.home(port), reported(address))


def test_make_serve_is_the_served_profile(served):
    address, port, log = served
    said = reported(address)
    check(profiles.served(profiles.Visited(HOSTS, "127.0.0.1", port)), said)
    assert said["server.allowedHosts"] == [*HOSTS, "127.0.0.1", "localhost", "::1"]
    assert said["server.headless"] is True
    text = log.read_text()
    assert f"http://layers.example.org:{port}" in text
    assert "Traceback" not in text


def test_makefile_starts_both_profiles():
    text = Path(ROOT / "Makefile").read_text()
    assert "-m layerscope.ui.start home --port '$(PORT)'" in text
    assert "-m layerscope.ui.start served --host '$(HOST)' --bind '$(BIND)' --port '$(PORT)'" in text


@pytest.mark.parametrize(
    ("hosts", "bind"),
    [
        (("a.example",), "0.0.0.0"), (("10.0.0.1",), "0.0.0.0"), (("a.example", "::1"), "::"),
        (("127.0.0.1",), "127.0.0.1"), (("localhost",), "127.0.0.1"), (("127.0.0.2", "localhost"), "127.0.0.1"),
        (("::1",), "::1"), (("localhost", "::1"), "127.0.0.1"), (("localhost", "a.example"), "0.0.0.0"),
    ],
)  # fmt: skip
def test_it_listens_on_every_network_that_visitors_may_come_from(hosts, bind):
    assert profiles.usual_bind(hosts) == bind


def test_what_is_printed_of_an_ipv6_address_has_brackets():
    settings = profiles.served(profiles.Visited(("*.a.example", "2001:db8::7"), "::", 80))
    assert {setting.option: setting.value for setting in settings}["browser.serverAddress"] == "[2001:db8::7]"


def test_after_its_loop_stood_still_the_server_says_so_and_answers_visitors(served):
    address, _, log = served
    assert fetched(f"{address}/_stcore/health") == (200, "ok")
    assert fetched(f"{address}/block") == (200, "done")
    status, text = fetched(f"{address}/_stcore/health")
    assert status == 503
    seconds = float(text.split(" seconds")[0].removeprefix("The server was blocked for "))
    assert BLOCK_SECONDS - 0.7 < seconds < BLOCK_SECONDS + 2
    assert fetched(f"{address}/_stcore/health", **{"Accept-Language": "de"}) == (200, "ok")
    told = [line for line in log.read_text().splitlines() if "stood still" in line]
    assert len(told) == 1
    assert "small_app.py" in told[0].partition(", in ")[2].partition(" < ")[0]
    assert "block" in told[0]
