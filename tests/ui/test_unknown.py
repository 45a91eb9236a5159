"""Who asks for a page that is not there is sent to the first one; everything else passes untouched."""

import asyncio
from pathlib import Path

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse

from layerscope.ui.unknown import CALLED, ToFirstPage, meant

PAGES = frozenset(path.stem for path in (Path(__file__).parents[2] / "pages").glob("*.py"))


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
    assert asked("/tools/layers/quiz", base="tools/layers")[0] == 200
    assert asked("/tools/layers/", base="tools/layers")[0] == 200
    assert asked("/tools/layers/foo", base="tools/layers")[1]["location"] == "/tools/layers/?missing=foo"


@pytest.mark.parametrize(
    ("asked_for", "page"),
    [
        ("explore", ""), ("Explore", ""), ("explorer", ""), ("lessons", "anatomy"), ("lesson", "anatomy"),
        ("lesson3", "kernel"), ("lesson-5", "mending"), ("lessons/9", "skips"), ("2", "decides"), ("class", "teacher"),
        ("lesson13", "seeds"),
        ("quizz", "quiz"), ("qiuz", "quiz"), ("QUIZ", "quiz"), ("quizzes", "quiz"), ("glosary", "glossary"),
        ("inside", "looking"), ("look-inside", "looking"), ("Lab", "compare"), ("vram", "memory"), ("trails", "trials"),
        ("anatomie", "anatomy"), ("teachers", "teacher"), ("countng", "counting"), ("cod", "code"),
    ],
)  # fmt: skip
def test_what_is_meant_is_found(asked_for, page):
    assert meant(asked_for, PAGES) == page


@pytest.mark.parametrize("asked_for", ["foo", "wp-admin", "x" * 60, "a&b=c", "漢字", "0", "%00", "login"])
def test_what_nobody_can_mean_is_said_to_be_missing(asked_for):
    assert meant(asked_for, PAGES) is None


def test_every_page_is_meant_by_its_own_name_and_every_name_leads_to_a_page():
    assert {meant(page, PAGES) for page in PAGES - {"explore"}} == PAGES - {"explore"}
    assert {page for page in CALLED.values() if page} <= PAGES
    assert not set(CALLED) & (PAGES - {"explore"})


def test_who_is_sent_on_keeps_the_link():
    assert asked("/quizz", "class=ab&net=1")[1]["location"] == "/quiz?class=ab&net=1"
    assert asked("/lessons/2")[1]["location"] == "/decides"
    assert asked("/app/explore", "net=1", base="app")[1]["location"] == "/app/?net=1"
