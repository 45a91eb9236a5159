"""Previews answer a moving slider as Streamlit's runs would, remember nothing and refuse what is no preview."""

import asyncio
import json

import pytest
from starlette.requests import Request

from layerscope.changes import ripple
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from layerscope.ui import events, server
from layerscope.ui.parts import stage_data
from layerscope.ui.preview import ADDRESS, LARGEST_REQUEST, PreviewError, answer, token
from layerscope.ui.session import Session

SEED = PRESETS["fashion-mnist-cnn"]


def asked(session: Session, key: str, value: object) -> dict:
    """What the browser sends: the token as JSON brought it, with the move."""
    return json.loads(json.dumps(token(session))) | {"key": key, "value": value}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preview_shows_what_a_run_shows(name):
    session = Session(network=PRESETS[name], before=PRESETS[name])
    session.commit(session.network.insert(0, "ReLU"))
    first = next(layer for layer in session.network.layers if "bias" in layer.parameters())
    width = "out_channels" if "out_channels" in first.parameters() else "out_features"
    session.select(first.name)
    request = asked(session, f"{first.name}.{width}", 24)
    shown = answer(request)
    events.apply(session, f"{first.name}.{width}", 24, "input")
    run = stage_data(session, ripple(trace(session.before), trace(session.network)))
    assert json.dumps(shown) == json.dumps(run)


def test_a_preview_of_what_cannot_run_tells_so():
    shown = answer(asked(Session(), "conv2.kernel_size", 13))
    assert shown["message"]["tone"] == "error"
    assert shown["message"]["actions"]


def test_previews_keep_the_wrong_text_of_another_field():
    session = Session()
    events.apply(session, "conv1.stride", "abc", "commit")
    controls = answer(asked(session, "conv1.kernel_size", 3))["panel"]["controls"]
    stride = next(control for control in controls if control["key"] == "conv1.stride")
    assert stride["typed"] == "abc"
    assert stride["error"]


def test_a_network_that_fits_in_no_link_has_no_token():
    session = Session()
    session.commit(SEED.with_argument("conv1", "kernel_size", 10**40))
    assert token(session) is None


@pytest.mark.parametrize(
    "request_",
    [None, [], {}, {"key": "conv1.kernel_size"}, {"key": 1, "value": 2, "view": "", "net": ""},
     {"key": "a", "value": 2, "view": "", "net": "zzz"}, {"key": "a", "value": "2", "view": "", "net": ""}],
)  # fmt: skip
def test_what_is_no_preview_is_refused(request_):
    with pytest.raises(PreviewError):
        answer(request_)


def post(body: bytes) -> tuple[int, dict]:
    """What the route answers to a body that arrives in pieces."""
    pieces = [body[start : start + 16_384] for start in range(0, len(body), 16_384)] or [b""]

    async def receive() -> dict:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    (route,) = server.ROUTES
    assert route.path == f"/{ADDRESS}"
    response = asyncio.run(route.endpoint(Request({"type": "http", "method": "POST", "headers": []}, receive)))
    return response.status_code, json.loads(response.body)


def test_the_address_answers_with_json():
    status, shown = post(json.dumps(asked(Session(), "conv1.kernel_size", 3)).encode())
    assert status == 200
    assert shown["totals"][0]["value"] == "32,902"


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 50_000, b"\xff\xfe", b"null", b'{"key": NaN}'])
def test_a_broken_request_gets_a_sentence(body):
    status, shown = post(body)
    assert status == 400
    assert shown["error"]


def test_a_long_request_is_cut_off():
    status, shown = post(b" " * (10 * LARGEST_REQUEST))
    assert status == 413
    assert shown["error"] == "The request is longer than 65,536 bytes."


@pytest.mark.parametrize("value", [float("1e308"), -1, 10**30, True, 2.5])
def test_no_number_breaks_a_preview(value):
    assert json.dumps(answer(asked(Session(), "conv1.kernel_size", value)))
