"""Every download of every page: what is downloaded is what is shown.

Streamlit makes a file when its button is pressed, outside of the page's run: no session and no address are found
there, and what asks for them silently gets those of nobody.
"""

import csv
import re
from collections.abc import Callable, Iterator
from html import unescape
from io import StringIO
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.runtime.state.session_state_proxy import SessionStateProxy
from streamlit.testing.v1 import AppTest

from layerscope import limits, tables
from layerscope.jobs import studies
from layerscope.jobs.kept import Kept
from layerscope.jobs.studies import Studies
from layerscope.limits import Limit
from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.compare import compare
from layerscope.study.data import load
from layerscope.study.sets import CACHE
from layerscope.study.training import train
from layerscope.tables import FORMATS, comparison
from layerscope.ui.lab import runner, train_tables, trials, turns
from layerscope.ui.lab.compare_said import totals
from layerscope.ui.lab.head import TITLES
from tests.drawn import stages
from tests.jobs.test_studies import Hands
from tests.test_pages import PAGES, at_page, opened, press, rerun
from tests.test_train_page import QUICK, SMALL, ended
from tests.test_trials_page import ASK, started

A, B = PRESETS["lenet5"], PRESETS["alexnet"]
Files = dict[str, Callable[[], str | bytes]]


@pytest.fixture
def files(monkeypatch) -> Files:
    """The files that are offered, by name; to be made as Streamlit makes them."""
    found: Files = {}
    offer = st.download_button

    def offered(label: str, data: Any, file_name: str = "", *rest: Any, **more: Any) -> bool:
        if callable(data):
            found[file_name] = data
        return offer(label, data, file_name, *rest, **more)

    monkeypatch.setattr(st, "download_button", offered)
    return found


def made(files: Files, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | bytes]:
    """The files, made where no session is."""

    def refused(self: SessionStateProxy, key: str) -> Any:
        raise AssertionError(f"a file asks the session for {key}, and there is none")

    with monkeypatch.context() as patch:
        patch.setattr(SessionStateProxy, "__getitem__", refused)
        patch.setattr(SessionStateProxy, "__setitem__", lambda self, key, value: refused(self, key))
        patch.setattr(SessionStateProxy, "__contains__", refused)
        return {name: make() for name, make in files.items()}


@pytest.mark.parametrize("page", PAGES)
def test_no_file_asks_the_session(page, files, monkeypatch):
    app = opened(encode(A))
    app.switch_page(page)
    rerun(app)
    for content in made(files, monkeypatch).values():
        assert content


def test_a_comparison_is_downloaded_as_it_is_shown(files, monkeypatch):
    at_page("compare", a=encode(A), net=encode(B))
    seen = compare(A, B)
    found = made(files, monkeypatch)
    for ending in FORMATS:
        assert found[f"compare.{ending}"] == FORMATS[ending](comparison(seen.contrast))
        assert found[f"compare-totals.{ending}"] == FORMATS[ending](totals(seen))


@pytest.fixture
def own(monkeypatch, tmp_path) -> Iterator[None]:
    """Training runs and trials of this test alone, with workers that train at once."""
    known = Studies(Kept(tmp_path), Hands())
    for owner in (trials, studies):
        monkeypatch.setattr(owner, "STUDIES", known)
    monkeypatch.setenv(CACHE, str(tmp_path / "kept"))
    yield
    for token in list(turns.TRAININGS):
        runner.stop(token)


def two_trials() -> AppTest:
    app = started(at_page("trials", **ASK))
    app.multiselect(key="trials.pair").set_value([0, 1])
    return rerun(app)


WITH_RESULTS: dict[str, Callable[[], AppTest]] = {
    "compare": lambda: at_page("compare", a=encode(PRESETS[DEFAULT]), net=encode(PRESETS[DEFAULT].with_classes(7))),
    "memory": lambda: at_page("memory"),
    "sweep": lambda: at_page("sweep", second="conv2.padding_mode=zeros, reflect"),
    "train": lambda: ended(press(at_page("train", SMALL, **QUICK), "Start")),
    "trials": two_trials,
    "explore": lambda: at_page("explore"),
}
"""How a page comes to show all its tables."""
TABLES = {"compare": 1, "memory": 3, "sweep": 1, "train": 0, "trials": 2, "explore": 1}
CELLS = re.compile(r"<tr>\s*<td[^>]*>(.*?)</td>", re.DOTALL)


def shown(app: AppTest) -> dict[str, set[str]]:
    """The tables that a page shows, by their captions: what the first cell of each row says."""
    found = {
        table["caption"]: {row["cells"][0].removeprefix("◆ ") for row in table["rows"]}
        for data in stages(app)
        for table in data.get("tables", [])
    }
    for item in app.get("html"):
        for markup in re.findall(r"<table.*?</table>", item.proto.body, re.DOTALL):
            found[markup[:80]] = {unescape(cell) for cell in CELLS.findall(markup)}
    return found | {f"a data frame, {number}": {""} for number, _ in enumerate([*app.dataframe, *app.table])}


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("page", WITH_RESULTS)
def test_every_table_of_the_lab_can_be_taken_away_in_each_form(page, files, monkeypatch):
    assert {*TITLES} <= {*WITH_RESULTS}, "a page of the lab says here how it comes to show its tables"
    app = WITH_RESULTS[page]()
    found = made(files, monkeypatch)
    stems = {name.removesuffix(".csv") for name in found if name.endswith(".csv")}
    assert all({f"{stem}.{ending}" for ending in FORMATS} <= {*found} for stem in stems)
    columns = {stem: [*zip(*csv.reader(StringIO(str(found[f"{stem}.csv"]))), strict=True)] for stem in stems}
    tables = shown(app)
    assert len(tables) == TABLES[page]
    for caption, firsts in tables.items():
        fits = [stem for stem, every in columns.items() if any(firsts <= {*column} for column in every)]
        assert fits, f"{caption} has no files"
        del columns[fits[0]]  # each table has its own


@pytest.mark.usefixtures("own")
def test_what_a_training_came_to_is_taken_away_as_numbers(files, monkeypatch):
    app = WITH_RESULTS["train"]()
    found = made(files, monkeypatch)
    run: Any = runner.result("".join(app.query_params["training"]))
    head, *rows, foot = csv.reader(StringIO(str(found["confusion.csv"])))
    assert head == ["class", *(f"predicted {name}" for name in run.classes), "images", "right"]
    assert [[int(cell) for cell in row[1:-2]] for row in rows] == run.confusion.tolist()
    assert [row[0] for row in rows] == [*run.classes]
    assert foot[-2:] == [str(len(run.places)), f"{run.accuracy:.1%}"]
    assert found["curve.csv"] == run.curves.to_csv(index=False)
    mistakes = [*csv.DictReader(StringIO(str(found["mistakes.csv"])))]
    assert [int(row["place"]) for row in mistakes] == run.mistakes["place"].tolist()
    assert all(row["label"] != row["predicted"] for row in mistakes)
    assert "Confusion matrix" in str(found["confusion.tex"]) or "predicted 0" in str(found["confusion.tex"])


def test_a_long_curve_is_thinned_in_documents(monkeypatch):
    monkeypatch.setattr(limits, "SWEEP_FILE", Limit("", "", 4))
    run = train(SMALL, load("digits"), optimizer="Adam", lr=0.01, batch=200, epochs=1)
    assert len(run.rows) > 4
    assert len(train_tables.curve(run).rows) <= 4
    assert "one of 2 steps" in train_tables.curve(run).caption
    assert train_tables.curve_file(run, "csv").count("\n") == len(run.rows) + 1


def test_a_class_that_a_spreadsheet_would_compute_stays_text():
    counts = pd.DataFrame({"count": [32_998.0, None], "share": [1.0, 0.5], "none": [None, float("nan")]})
    assert tables.frame_csv(counts) == "count,share,none\n32998,1.0,\n,0.5,\n"
    assert tables.frame_csv(pd.DataFrame({"=a": ["=1+1", "x"]})) == "'=a\n'=1+1\nx\n"
