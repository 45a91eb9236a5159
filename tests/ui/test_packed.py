"""The stage's published files on their way: kept for good, and compressed where they were beforehand."""

import asyncio
import gzip
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from layerscope.ui.packed import FOR_GOOD, packed
from layerscope.ui.stage.assets import ROUTE, Assets, publish


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app") / "static"


@pytest.fixture(scope="module")
def assets(folder: Path) -> Assets:
    return publish(folder)


@pytest.fixture
def asked(folder, assets):
    """Asks a server of the folder that compresses by itself, as Streamlit does, also below another address."""
    inner = Starlette(
        routes=[Mount(f"/{ROUTE}", StaticFiles(directory=folder)), Mount("/static", StaticFiles(directory=folder))]
    )
    app = Starlette(routes=[Mount("/", GZipMiddleware(inner))], middleware=packed(folder.parent / "app.py"))

    def ask(path: str, encoding: str = "gzip, br", **more: str) -> tuple[int, dict[str, str], bytes]:
        sent = []

        async def receive():
            await asyncio.Event().wait()  # it listens whether the browser goes away

        async def send(message):
            sent.append(message)

        headers = [(b"accept-encoding", encoding.encode()), *((k.encode(), v.encode()) for k, v in more.items())]
        scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "root_path": "",
            "headers": headers, "query_string": b"", "http_version": "1.1", "scheme": "http",
            "server": ("127.0.0.1", 80),
        }  # fmt: skip
        asyncio.run(app(scope, receive, send))
        told = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])

    return ask


PLOTLY = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()


def test_plotly_arrives_as_a_script_that_was_compressed_once(asked, assets, folder):
    status, headers, body = asked(f"/{assets.plotly}")
    assert status == 200
    assert body == (folder / f"{Path(assets.plotly).name}.gz").read_bytes()
    assert gzip.decompress(body) == PLOTLY
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"].startswith("text/javascript")
    assert headers["cache-control"] == FOR_GOOD
    assert headers["vary"] == "Accept-Encoding"
    assert headers["content-length"] == str(len(body))
    assert asked(f"/{assets.plotly}", range="bytes=5-")[2] == body  # a part of the plain file would be no part of this


def test_whoever_cannot_unpack_it_gets_it_plain(asked, assets):
    _, headers, body = asked(f"/{assets.plotly}", "identity")
    assert body == PLOTLY
    assert "content-encoding" not in headers
    assert headers["vary"] == "Accept-Encoding"
    assert headers["cache-control"] == FOR_GOOD


def test_the_stages_own_files_are_kept_for_good_and_otherwise_as_they_were(asked, assets, folder):
    _, headers, body = asked(f"/{assets.module}", "identity")
    assert body == (folder.parent / assets.module.removeprefix("app/")).read_bytes()
    assert headers["cache-control"] == FOR_GOOD
    assert asked(f"/{assets.module}")[1]["content-encoding"] == "gzip"


def test_what_is_not_there_and_what_is_not_ours_is_not_kept(asked, assets):
    status, headers, _ = asked(f"/{ROUTE}/plotly-000000000000.min.js")
    assert (status, headers.get("cache-control")) == (404, None)
    status, headers, _ = asked(f"/static/{Path(assets.plotly).name}")
    assert (status, headers.get("cache-control")) == (200, None)
