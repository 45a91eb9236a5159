"""How every test runs: hypothesis profiles, one torch thread, pages through `app.py`, and the --thorough flag."""

import gc
from collections.abc import Iterator
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
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# New examples on every run, and twenty times as many.
settings.register_profile(
    "thorough",
    settings.get_profile("default"),
    derandomize=False,
    max_examples=20 * settings.get_profile("default").max_examples,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="many more examples, new ones on every run")


def pytest_configure(config: pytest.Config) -> None:
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
