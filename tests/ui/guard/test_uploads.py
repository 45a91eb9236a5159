"""Which files are taken, how many, and for how long."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from layerscope import limits
from layerscope.ui import profiles
from layerscope.ui.guard import uploads
from layerscope.ui.guard.addresses import UPLOADS
from layerscope.ui.guard.uploads import BESIDES, BoundedUploads
from tests.ui.guard.asgi import App, ask, scope

LARGEST = limits.UPLOADS.most - BESIDES


@pytest.fixture
def held(monkeypatch):
    """Streamlit's own manager of files, for sessions a to z; session a shows an uploader."""
    monkeypatch.setattr(uploads, "_shown", {"a": LARGEST - BESIDES, "gone": 1})
    return MemoryUploadedFileManager("")


def guarded(held: MemoryUploadedFileManager) -> BoundedUploads:
    runtime = SimpleNamespace(uploaded_file_mgr=held, is_active_session=lambda name: len(name) == 1)
    return BoundedUploads(App(), lambda: runtime)


def put(app: BoundedUploads, size: object, session: str = "a", method: str = "PUT") -> int | None:
    length = {} if size is None else {"content_length": str(size)}
    return ask(app, scope(f"{UPLOADS}{session}/1", method=method, **length)).status


def keep(held: MemoryUploadedFileManager, session: str, name: str, size: int) -> None:
    held.add_file(session, UploadedFileRec(name, "", "", bytes(size)))


@pytest.mark.parametrize(
    ("session", "size", "status"),
    [
        ("a", 1, 200), ("a", LARGEST, 200), ("a", LARGEST + 1, 413), ("a", 10**30, 413), ("a", "9" * 9_999, 413),
        ("a", None, 411), ("a", "x", 411), ("a", "-1", 411), ("a", "²", 411),
        ("b", 1, 403), ("gone", 1, 403), ("", 1, 403),
    ],
)  # fmt: skip
def test_only_a_page_that_asks_for_files_gets_them(held, session, size, status):
    app = guarded(held)
    assert put(app, size, session) == status
    assert not app.coming
    assert len(app.app.scopes) == (status == 200)  # type: ignore[attr-defined]


def test_what_is_held_counts_until_it_is_deleted(held):
    app = guarded(held)
    keep(held, "a", "1", LARGEST - BESIDES - 100)
    assert [put(app, 100), put(app, 101)] == [200, 413]
    held.remove_file("a", "1")
    assert put(app, LARGEST) == 200
    keep(held, "b", "1", LARGEST)
    assert put(app, LARGEST) == 200  # another's files are no reason


def test_what_all_hold_together_is_bounded(held):
    for session in "cdefghijklmnopqrst"[: limits.ALL_UPLOADS.most // limits.UPLOADS.most]:
        keep(held, session, "1", LARGEST)
    assert put(guarded(held), 1) == 413
    held.remove_session_files("c")
    assert put(guarded(held), LARGEST) == 200


def test_a_thousand_empty_files_count_too(held):
    for number in range(limits.UPLOADS.most // BESIDES):
        keep(held, "a", str(number), 0)
    assert put(guarded(held), 0) == 413


def test_files_on_their_way_count(held):
    async def go() -> None:
        app = guarded(held)
        statuses: list[int] = []
        arrived = asyncio.Event()

        async def slow(asked, receive, send):
            await arrived.wait()
            await App()(asked, receive, send)

        async def send(message):
            if "status" in message:
                statuses.append(message["status"])

        app.app = slow
        asked = scope(f"{UPLOADS}a/1", method="PUT", content_length=str(limits.UPLOADS.most // 3))
        coming = [asyncio.create_task(app(asked, None, send)) for _ in range(4)]  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        assert statuses == [413, 413]
        arrived.set()
        await asyncio.gather(*coming)
        assert statuses == [413, 413, 200, 200]
        assert not app.coming

    asyncio.run(go())


def test_a_box_takes_files_of_its_own_size_only(held, monkeypatch):
    zips, code = limits.OWN_FILE.most, limits.FILE.most * 2**20
    monkeypatch.setattr(uploads, "_shown", {"a": zips, "b": code})
    app = guarded(held)
    assert [put(app, size, name) for name, size in (("a", zips), ("b", zips), ("b", code))] == [200, 413, 200]
    assert [put(app, size, name) for name, size in (("a", zips + 2 * BESIDES), ("b", 2 * code))] == [413, 413]
    keep(held, "a", "1", zips // 2)
    assert put(app, zips, "a") == 413
    largest: Any = next(setting.value for setting in profiles.BOTH if setting.option == "server.maxUploadSize")
    assert max(zips, code) + BESIDES <= largest * 2**20  # what Streamlit itself lets through


def test_deleting_is_always_possible(held):
    assert put(guarded(held), None, "b", method="DELETE") == 200


@pytest.fixture
def script(held, monkeypatch):
    context = SimpleNamespace(session_id="z", uploaded_file_mgr=held)
    monkeypatch.setattr(uploads, "get_script_run_ctx", lambda **_: context)
    return context


def test_a_page_shows_an_uploader_until_another_page_comes(held, script):
    app = guarded(held)
    assert put(app, 1, "z") == 403
    uploads.show(LARGEST - BESIDES)
    assert put(app, 1, "z") == 200
    uploads.hide()
    assert put(app, 1, "z") == 403


def test_a_file_that_was_read_is_deleted(held, script):
    keep(held, "z", "1", 100)
    uploads.let_go(SimpleNamespace(file_id="1"))
    assert not held.file_storage["z"]


def test_forgotten_sessions_do_not_pile_up(held, script):
    for number in range(5 * limits.SESSIONS.most):
        script.session_id = str(number)
        uploads.show(LARGEST - BESIDES)
    assert len(uploads._shown) == 2 * limits.SESSIONS.most
    assert script.session_id in uploads._shown
