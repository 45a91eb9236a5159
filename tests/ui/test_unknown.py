"""Who asks for a page that is not there is sent to the first one; everything else passes untouched."""

import asyncio

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse

from layerscope.ui.unknown import ToFirstPage


async def below(scope, receive, send):
    """Like Streamlit: a page for whatever is asked."""
    answer = PlainTextResponse("ok") if "health" in scope["path"] else HTMLResponse("<p>page</p>")
    await answer(scope, receive, send)


def asked(path: str, query: str = "", base: str = "", method: str = "GET") -> tuple[int, dict[str, str], str]:
    """Status, headers and text of the answer."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": []}
    asyncio.run(ToFirstPage(below, frozenset({"quiz", "code"}), base)(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


@pytest.mark.parametrize(
    "path", ["/", "/quiz", "/quiz/", "/index.html", "/component/a/b.html", "/_stcore/x", "/health", "/quiz/_stcore/x"]
)
def test_what_is_there_passes(path):
    status, _, text = asked(path)
    assert status == 200
    assert text in ("ok", "<p>page</p>")


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("/foo", "", "/?missing=foo"),
        ("/foo/bar", "class=ab&net=1", "/?missing=foo%2Fbar&class=ab&net=1"),
        ("//elsewhere", "", "/?missing=elsewhere"),
        ("/a&b=c", "", "/?missing=a%26b%3Dc"),
        ("/" + "x" * 500, "", "/?missing=" + "x" * 60),
    ],
)
def test_what_is_not_there_is_named_on_the_first_page(path, query, address):
    status, headers, _ = asked(path, query)
    assert (status, headers["location"]) == (307, address)


def test_only_who_asks_for_a_page_is_sent_on():
    assert asked("/foo", method="POST")[0] == 200


def test_the_path_that_the_app_is_served_below_stays():
    assert asked("/app/quiz", base="app")[0] == 200
    assert asked("/app/", base="app")[0] == 200
    assert asked("/app/foo", base="app")[1]["location"] == "/app/?missing=foo"
    assert asked("/apple", base="app")[1]["location"] == "/app/?missing=apple"
