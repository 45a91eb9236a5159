"""Which of Streamlit's addresses can be asked for, by whom and how."""

import pytest

from layerscope.ui.guard.doors import OpenDoors
from tests.ui.guard.asgi import App, ask, scope


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("", "GET", 200), ("code", "HEAD", 200), ("static/js/a.js", "GET", 200), ("_stcore/health", "GET", 200),
        ("_stcore/host-config", "GET", 200), ("_stcore/bidi-components/a/b.js", "GET", 200),
        ("_stcore/upload_file/a/b", "PUT", 200), ("_stcore/upload_file/a/b", "DELETE", 200),
        ("_stcore/upload_file/a/b", "OPTIONS", 200), ("_stcore/metrics", "GET", 200),
        ("_stcore/agent/openapi.json", "GET", 404), ("_stcore/agent/mcp", "POST", 405), ("_stcore/x", "GET", 404),
        ("", "POST", 405), ("code", "DELETE", 405), ("_stcore/upload_file/a/b", "POST", 405), ("", "BREW", 405),
    ],
)  # fmt: skip
def test_what_the_pages_need_is_open(path, method, status):
    assert ask(OpenDoors(App()), scope(path, method=method)).status == status


@pytest.mark.parametrize("path", ["_stcore/metrics", "_stcore/script-health-check"])
@pytest.mark.parametrize(
    "more",
    [
        {"client": "10.0.0.7"},
        {"x_forwarded_for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"x_real_ip": "127.0.0.1"},
        {"host": "layers.school.edu"},
    ],
)
def test_metrics_are_for_the_machine_itself(path, more):
    app = App()
    assert ask(OpenDoors(app), scope(path, **more)).status == 404
    assert not app.scopes
    assert ask(OpenDoors(app), scope(path) | {"client": None}).status == 404


def test_below_a_path_the_doors_are_the_same(monkeypatch):
    monkeypatch.setattr("streamlit.get_option", lambda name: "/app/" if name == "server.baseUrlPath" else None)
    assert ask(OpenDoors(App()), scope("app/_stcore/health")).status == 200
    assert ask(OpenDoors(App()), scope("app/_stcore/metrics", client="10.0.0.7")).status == 404
    assert ask(OpenDoors(App()), scope("_stcore/metrics", client="10.0.0.7")).status == 404
