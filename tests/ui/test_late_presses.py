"""A press for a file that comes while the page runs again, or another page does, gets its file."""

from itertools import count
from types import SimpleNamespace

import pytest
from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from layerscope.ui import late_presses, process


class Server:
    """Streamlit's files, with runs of one page's script that offer one file."""

    def __init__(self) -> None:
        self.files = MediaFileManager(MemoryMediaFileStorage("/media"))
        self.runs = count(1)

    def run(self, *, ends: bool = True) -> str:
        """A run; gives the name under which the browser asks for its file."""
        self.files.clear_session_refs()
        text = f"file of run {next(self.runs)}"
        name = self.files.add_deferred(lambda: text, "text/plain", "1.2", "file.txt", element_id="button")
        if ends:
            self.files.remove_orphaned_files()
        return name

    def press(self, name: str) -> str:
        return self.files.execute_deferred(name)

    def fetch(self, url: str) -> str:
        found = self.files.read_file(url.rsplit("/", 1)[-1].partition(".")[0])
        return found.content.decode() if found else ""


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test lets pass."""
    now = [1000.0]
    monkeypatch.setattr("layerscope.ui.late_presses.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def server(monkeypatch, clock) -> Server:
    for name in ("_remove_orphaned_deferred_callables", "_get_inactive_file_ids", "execute_deferred"):
        monkeypatch.setattr(MediaFileManager, name, getattr(MediaFileManager, name))
    late_presses.allow()
    return Server()


def test_a_press_that_a_run_overtakes_gets_the_file_of_that_run(server):
    """The picture showed it before the page ran for it."""
    first = server.run()
    server.run()
    assert server.fetch(server.press(first)) == "file of run 2"


def test_a_press_waits_for_the_run_that_was_asked_for_before_it(server, monkeypatch):
    """Another button's file, and another session's, are none of its own."""
    first, session = server.run(), SimpleNamespace(_scriptrunner=object())
    monkeypatch.setattr(late_presses, "_session", lambda name: session)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            server.run()
            server.files.add_deferred(lambda: "another", "text/plain", "1.3", "other.txt", element_id="other")
            session._scriptrunner = None

    monkeypatch.setattr("layerscope.ui.late_presses.time.sleep", sleep)
    assert server.fetch(server.press(first)) == "file of run 2"
    assert len(slept) == 3


def test_a_run_without_end_holds_no_press_up_for_long(server, clock, monkeypatch):
    monkeypatch.setattr(late_presses, "_session", lambda name: SimpleNamespace(_scriptrunner=object()))

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr("layerscope.ui.late_presses.time.sleep", sleep)
    assert server.fetch(server.press(server.run())) == "file of run 1"
    assert clock[0] < 1000 + late_presses.PATIENCE + 1


def test_another_pages_run_takes_nothing_from_a_page_that_runs(server):
    first = server.run()
    server.files.clear_session_refs()  # the page's next run has begun
    server.files.remove_orphaned_files()  # and another's has ended
    assert server.fetch(server.press(first)) == "file of run 1"


def test_a_file_waits_until_the_browser_comes_for_it(server):
    url = server.press(server.run())
    for _ in range(5):
        server.run()
    assert server.fetch(url) == "file of run 1"


def test_what_no_page_shows_any_more_is_forgotten_in_the_end(server, clock):
    first = server.run()
    url = server.press(first)
    server.run()
    clock[0] += late_presses.KEPT_SECONDS
    server.run()
    with pytest.raises(MediaFileStorageError):
        server.press(first)
    clock[0] += late_presses.KEPT_SECONDS
    server.run()
    server.run()
    assert server.fetch(url) == ""
    assert len(server.files._deferred_callables) <= 1 + late_presses.MOST


def test_a_button_keeps_the_files_of_a_few_runs_only(server):
    names = [server.run() for _ in range(50)]
    assert len(server.files._deferred_callables) == 1 + late_presses.MOST
    assert names[-1 - late_presses.MOST] in server.files._deferred_callables
    assert names[-2 - late_presses.MOST] not in server.files._deferred_callables


def test_the_server_has_it_so():
    process.settle()
    assert MediaFileManager._remove_orphaned_deferred_callables is late_presses._forget_makers
    assert media_file_manager.MediaFileManager._get_inactive_file_ids is late_presses._long_inactive
    assert MediaFileManager.execute_deferred is late_presses._make
