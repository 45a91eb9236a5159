"""How every test runs: hypothesis profiles, one torch thread, pages through `app.py`, and the --thorough flag."""

import gc
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, settings
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager

# Tests may run side by side on two cores; torch threads on top of that only get in the way.
torch.set_num_threads(1)

# The same examples on every run, so that a red `make test` is always about the change at hand.
# No deadline: how long an example takes depends on what else the machine does.
settings.register_profile(
    "default",
    derandomize=True,
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# New examples on every run, and fifty times as many.
settings.register_profile(
    "thorough",
    settings.get_profile("default"),
    derandomize=False,
    max_examples=50 * settings.get_profile("default").max_examples,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="many more examples, new ones on every run")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(
        50_000, 20, 20
    )  # Python's own look for garbage, after each 700 objects, takes a twentieth of a run
    config.addinivalue_line("markers", "thorough: left out without --thorough; pytest counts it as deselected")
    settings.load_profile("thorough" if config.getoption("--thorough") else "default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is one more of many of its kind."""
    if config.getoption("--thorough"):
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]


def pytest_collection_finish() -> None:
    """What is there now stays to the end; the garbage collector leaves it out, as in the app (`ui/process.py`)."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def thorough(pytestconfig: pytest.Config) -> bool:
    """Whether --thorough was given, for tests that count their own examples."""
    return bool(pytestconfig.getoption("--thorough"))


@pytest.fixture(autouse=True, scope="session")
def _kept_by_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trials that a test runs, and the first page, are kept in folders of their own, not in the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERSCOPE_CACHE", str(tmp_path_factory.mktemp("first-page")))
        patch.setenv("LAYERSCOPE_TRIALS", str(tmp_path_factory.mktemp("trials")))
        yield


@pytest.fixture(autouse=True, scope="module")
def _what_earlier_files_left_is_not_looked_through() -> None:
    """Each look for garbage would take longer from file to file, up to half a second."""
    gc.collect()
    gc.freeze()


class _Unstarted:
    """A thread that never begins."""

    def __init__(self, **_: Any) -> None: ...

    def start(self) -> None: ...


@pytest.fixture(autouse=True, scope="session")
def _lessons_train_once_they_are_asked() -> Iterator[None]:
    """Two lessons begin twenty training runs as soon as their page opens, of which most tests need none. That they do,
    and that those end with the process, is seen in a process of its own (`test_train_ends.py`)."""
    with pytest.MonkeyPatch.context() as patch:
        if runs := sys.modules.get("layerscope.ui.lessons.training_runs"):
            patch.setattr(runs, "Thread", _Unstarted)
        yield


@pytest.fixture
def short_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lessons train for fewer epochs, where it does not matter how well."""
    from layerscope.ui.lessons import seeds_runs, training_runs

    monkeypatch.setattr(training_runs, "PLAN", replace(training_runs.PLAN, epochs=1))
    monkeypatch.setattr(seeds_runs, "LONG", replace(seeds_runs.LONG, epochs=10))
    monkeypatch.setattr(seeds_runs, "SHORT", replace(seeds_runs.SHORT, epochs=1))


@pytest.fixture(autouse=True, scope="session")
def _packages_are_looked_through_once() -> Iterator[None]:
    """Each AppTest reads what all installed packages say of themselves, for components: a third of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True, scope="session")
def _through_the_app() -> Iterator[None]:
    """AppTest takes a `pages` folder for the navigation, and from the second run on goes past `app.py`, which decides
    whether a page is drawn at all. Visitors never do."""
    made = PagesManager.__init__

    def init(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PagesManager, "__init__", init)
        yield
