"""The line that is written into Streamlit's page, and everything that must pass untouched."""

import asyncio

import pytest

from layerscope.ui.ahead import SERVER, LoadAhead, line
from layerscope.ui.guard.headers import inline_scripts, scripts_of_streamlit

PAGE = b"<html><head><title>x</title></head><body></head></body></html>"


def answered(body, *, kind="text/html; charset=utf-8", status=200, method="GET", pieces=1, **more):
    """What a browser gets from an app that answers `body`: the headers and the body."""
    headers = {"content-type": kind, "content-length": str(len(body)), **more}
    raw = [(key.encode(), value.encode()) for key, value in headers.items()]
    size = -(-len(body) // pieces)

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": raw})
        for place in range(pieces):
            piece = body[place * size : (place + 1) * size]
            await send({"type": "http.response.body", "body": piece, "more_body": place < pieces - 1})

    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    asyncio.run(
        LoadAhead(app, "<script></script>")(
            {"type": "http", "method": method, "path": "/quiz", "headers": []}, receive, send
        )
    )
    return dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_page_gets_the_line_once_at_the_end_of_its_head(pieces):
    headers, body = answered(PAGE, pieces=pieces)
    assert body == PAGE.replace(b"</title>", b"</title><script></script>")
    assert headers[b"content-length"] == str(len(body)).encode()


@pytest.mark.parametrize(
    "answer",
    [
        {"kind": "text/javascript"},
        {"status": 404},
        {"status": 304},
        {"method": "HEAD"},
        {"content-encoding": "gzip"},
    ],
)
def test_anything_else_passes_as_it_is(answer):
    headers, body = answered(PAGE, **answer)
    assert body == PAGE
    assert headers[b"content-length"] == str(len(PAGE)).encode()


def test_a_page_is_asked_for_as_plain_text_and_files_as_they_were():
    asked = []

    async def app(scope, receive, send):
        asked.append(dict(scope["headers"]))

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        asked.append(message)

    headers = [(b"host", b"a"), (b"accept-encoding", b"gzip")]
    for path in ("/", "/quiz", "/tools/layers/quiz", "/static/js/index.js"):
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        asyncio.run(LoadAhead(app, "")(scope, receive, send))
    assert asked == [{b"host": b"a"}] * 3 + [dict(headers)]


def test_the_line_tells_the_page_where_the_server_is_and_the_policy_lets_it(tmp_path):
    assert line(tmp_path / "app.py").split(">", 1)[1] == SERVER.split(">", 1)[1]
    assert inline_scripts(SERVER)
    assert inline_scripts(SERVER) in scripts_of_streamlit()


def test_the_line_names_files_that_are_there(tmp_path):
    said = line(tmp_path / "app.py")
    module, plotly = said.split('data-ahead="')[1].split('"')[0].split("?plotly=")
    assert (tmp_path / module.removeprefix("app/")).is_file()
    assert (tmp_path / "static" / plotly).is_file()
