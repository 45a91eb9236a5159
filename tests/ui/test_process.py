"""The process's own settings."""

import gc
import logging
import subprocess
import sys

import pytest
import torch

from layerscope.ui import explorer, process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")


@pytest.fixture
def limit(monkeypatch):
    """The system's limit as a pair that a test sets, and what was asked of it."""
    import resource

    class Limit:
        now = (1024, 1_048_576)
        asked: list[tuple[int, int]] = []  # noqa: RUF012

    monkeypatch.setattr(resource, "getrlimit", lambda _: Limit.now)
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: Limit.asked.append(pair))
    Limit.asked = []
    return Limit


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        ((1024, 1_048_576), [(65_536, 1_048_576)]),
        ((1024, 4096), [(4096, 4096)]),
        ((1024, -1), [(65_536, -1)]),
        ((100_000, 200_000), []),
        ((4096, 4096), []),
        ((-1, -1), []),
    ],
)
def test_the_limit_of_open_files_is_raised_and_never_lowered(limit, now, asked):
    import resource

    infinite = resource.RLIM_INFINITY
    limit.now = tuple(infinite if value == -1 else value for value in now)
    process.raise_file_limit()
    assert limit.asked == [tuple(infinite if value == -1 else value for value in pair) for pair in asked]


def test_a_system_that_refuses_is_said_in_the_log(limit, monkeypatch, caplog):
    import resource

    def refuse(_, pair):
        raise ValueError("not allowed")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    with caplog.at_level(logging.WARNING):
        process.raise_file_limit()
    assert "1024 files" in caplog.text
    assert "ulimit -n" in caplog.text


def test_what_takes_long_to_load_is_loaded_once_it_is_needed():
    """No torch before the port opens, no pandas and no reader of code for the first page, no scikit-learn before there
    are images; nothing of what other packages say. All in one process: to start one takes longest."""
    loads = "import sys; import layerscope.ui.server, layerscope.ui.chrome, layerscope.ui.ahead; "
    warms = "from layerscope.ui import explorer; explorer.rehearse(); "
    warms += "from layerscope.ui import banner, menu, popovers, waiting; import layerscope.ui.lab.head; "
    says = "print(sorted({'torch', 'pandas', 'layerscope.source.reader', 'sklearn'} & set(sys.modules))); "
    settles = "from layerscope.ui import process; process.settle().join(); "
    settles += "from streamlit.components.v2 import manifest_scanner as m; print(m.scan_component_manifests()); "
    asks = "from layerscope.study import data; print('sklearn' in sys.modules); "
    asks += "data.load('digits'); print('sklearn' in sys.modules); "
    command = [sys.executable, "-c", loads + says + warms + says + settles + asks]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['torch']", "[]", "False", "True"]


def test_after_the_warm_up_every_page_can_be_drawn_at_once():
    process.wait_until_warm()
    assert not process.settle().is_alive()
    assert "layerscope.ui.explorer" in sys.modules
    assert torch.get_num_threads() == 1


def test_no_garbage_is_looked_for_while_it_warms_up_and_again_afterwards(monkeypatch):
    process.wait_until_warm()
    seen = []
    monkeypatch.setattr(explorer, "rehearse", lambda: seen.append(gc.isenabled()))
    monkeypatch.setattr(gc, "freeze", lambda: None)
    process._warm_up()
    assert seen == [False]
    assert gc.isenabled()


def test_after_the_first_page_torch_has_imported_what_pasted_code_needs():
    process.warm_further().join()
    assert process.warm_further() is process.warm_further()
    assert {"sympy", "torch._dynamo", "layerscope.source.reader"} <= sys.modules.keys()
