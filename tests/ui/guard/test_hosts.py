"""Which hosts and origins are the app's own."""

import pytest

from layerscope.ui.guard.hosts import OwnHosts, hostname, with_own
from layerscope.ui.guard.refusing import tell
from tests.ui.guard.asgi import App, ask, scope

HOME = ["127.0.0.1", "localhost", "::1"]
SCHOOL = with_own(["layers.school.edu", "*.lab.example"])


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8501", "localhost"), ("LOCALHOST.", "localhost"), ("[::1]:8501", "::1"), ("[::1]", "::1"),
        ("a.b-c.d:1", "a.b-c.d"), ("", None), ("a b", None), ("a@b", None), ("a/b", None), ("a:b", None),
        ("[::1", None), ("::1", None), ("a:123456", None), ("é", None), ("a\nb", None), ("localhost\n", None),
    ],
)  # fmt: skip
def test_a_host_is_read(host, name):
    assert hostname(host) == name


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("allowed", "host", "origin", "passes"),
    [
        (HOME, "127.0.0.1:8501", None, True),
        (HOME, "[::1]:8501", "http://[::1]:8501", True),
        (HOME, "localhost:8501", "http://LOCALHOST:8501", True),
        (HOME, "localhost:8501", "http://localhost:3000", False),  # another program's page on this machine
        (HOME, "localhost:8501", "http://127.0.0.1:8501", False),
        (HOME, "localhost:8501", "null", False),
        (HOME, "localhost:8501", "", False),
        (HOME, "localhost:8501", "http://[", False),
        (HOME, "evil.example", "http://evil.example", False),  # its own DNS says 127.0.0.1
        (HOME, "evil.example", None, False),
        (SCHOOL, "127.0.0.1:8501", None, True),  # a proxy, or a look from the machine itself
        (SCHOOL, "127.0.0.1:8501", "https://layers.school.edu", True),  # a proxy that does not hand on the Host
        (SCHOOL, "layers.school.edu", "https://layers.school.edu", True),
        (SCHOOL, "layers.school.edu", "https://school.edu", False),
        (SCHOOL, "layers.school.edu", "http://localhost:3000", False),
        (SCHOOL, "a.lab.example", "https://b.lab.example", True),
        (SCHOOL, "lab.example", None, False),
        (SCHOOL, "xlab.example", None, False),
        (["*"], "anything.example", "https://anything.example", True),
        (["*"], "anything.example", "https://evil.example", False),
        ([], "anything.example", "https://anything.example", True),
        ([], "anything.example", "https://evil.example", False),
    ],
)
def test_who_may_ask(kind, allowed, host, origin, passes):
    app = App()
    asked = scope(kind=kind, host=host, **({} if origin is None else {"origin": origin}))
    answer = ask(OwnHosts(app, allowed), asked)
    assert bool(app.scopes) == passes
    assert (answer.status == 403) != passes


def test_streamlit_is_not_shown_the_origin_of_a_socket():
    app = App()
    ask(OwnHosts(app, HOME), scope(kind="websocket", host="localhost:1", origin="http://localhost:1"))
    assert [key for key, _ in app.scopes[0]["headers"]] == [b"host"]


def test_a_server_that_cannot_answer_a_socket_refuses_it():
    asked = scope(kind="websocket", host="evil.example") | {"extensions": {}}
    assert ask(OwnHosts(App(), HOME), asked).kinds == ["close"]


def test_a_missing_host_is_none_of_ours():
    asked = scope() | {"headers": []}
    assert ask(OwnHosts(App(), HOME), asked).status == 403


def test_the_log_names_a_foreign_host_once_a_minute_and_on_one_line(caplog):
    for _ in range(100):
        tell("Refused %s for the test.", "a\nb" * 1000)
    (line,) = caplog.messages
    assert "\n" not in line
    assert len(line) < 120
