"""The tables: their columns add up, and every form of them holds the same cells."""

import csv
import io
import re
from random import Random

import pandas as pd
import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.layers.activation import PReLU
from layerscope.layers.convolution import Conv2d
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.steps import Trace
from layerscope.tables import FORMATS, Table, formulas, reasons, summary
from layerscope.tracing import trace
from tests.large import large_last
from tests.oracle import random_network

SEED = PRESETS[DEFAULT]
NETWORKS = {
    **PRESETS,
    "failing": SEED.with_argument("conv2", "kernel_size", 40),
    "per axis": SEED.with_argument("conv1", "kernel_size", (5, 3)).with_argument("conv1", "padding", (2, 1)),
    "odd names": SEED.insert(0, Conv2d(name="_a_b_", out_channels=1, kernel_size=1)),
    "numbers only": Network((8,), (PReLU(name="prelu1", init=0.123456789),)),
}


@pytest.fixture(params=large_last(NETWORKS))
def traced(request: pytest.FixtureRequest) -> Trace:
    return trace(NETWORKS[request.param])


def all_tables(now: Trace) -> list[Table]:
    return [reasons(now), summary(now), *(formulas(now, step) for step in now.steps)]


def number(cell: str) -> int:
    return int(cell.replace(",", ""))


def test_the_summary_adds_up_to_its_totals(traced):
    table = summary(traced)
    assert table.foot is not None
    for place, name in enumerate(table.columns):
        if name in table.numeric:
            assert sum(number(row[place]) for row in table.rows) == number(table.foot[place]), name
    totals = [number(table.foot[table.columns.index(name)]) for name in ("parameters", "MACs", "memory (bytes)")]
    assert totals == [traced.parameters, traced.macs, traced.activation_bytes]


def test_the_summary_has_a_row_for_each_layer_reached(traced):
    table = summary(traced)
    assert [row[0] for row in table.rows] == [step.name for step in traced.steps] == list(table.keys)
    assert any("does not run" in row for row in table.rows) == (traced.error is not None)


def test_the_reasons_have_a_row_for_each_argument(traced):
    table = reasons(traced)
    expected = [(step.name, argument) for step in traced.steps for argument in step.arguments]
    assert [row[:2] for row in table.rows] == expected
    assert all(all(cell for cell in row) for row in table.rows)


def test_rows_are_as_long_as_the_head(traced):
    for table in all_tables(traced):
        assert {len(row) for row in table.rows} <= {len(table.columns)}
        assert table.foot is None or len(table.foot) == len(table.columns)
        assert len(table.keys) == len(table.rows)
        assert table.numeric <= set(table.columns)


def test_the_formulas_agree_with_torch():
    for network in PRESETS.values():
        now = trace(network)
        for step in now.steps:
            assert {row[-1] for row in formulas(now, step).rows} <= {"agree"}


def cells_of(table: Table) -> list[list[str]]:
    return [list(table.columns), *map(list, table.rows), *([list(table.foot)] if table.foot else [])]


def from_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def from_markdown(text: str) -> list[list[str]]:
    head, rule, *rows = text.splitlines()
    assert re.fullmatch(r"\|(:?-+:?\|)+", rule)
    cells = ([cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in (head, *rows))
    return [[re.sub(r"\\([^\w\s]|_)", r"\1", cell) for cell in row] for row in cells]


def from_latex(text: str) -> list[list[str]]:
    """The cells of a LaTeX table. A character that LaTeX would trip over fails the test."""
    body = text.split(r"\toprule")[1].split(r"\bottomrule")[0].replace(r"\midrule", "")
    assert re.search(r"(?<!\\)[_%$#^~]", body) is None
    rows = [line.removesuffix(r"\\").strip() for line in body.strip().splitlines() if line.strip()]
    return [[re.sub(r"\\([_%$#{}])", r"\1", cell).strip() for cell in row.split("&")] for row in rows]


def expected(table: Table, ending: str) -> list[list[str]]:
    """The cells as that form writes them: a CSV file's counts are plain numbers."""
    if ending != "csv":
        return cells_of(table)
    counts = {i for i, name in enumerate(table.columns) if name in table.numeric - {"value"}}
    head, *rows = cells_of(table)
    return [head, *([cell.replace(",", "") if i in counts else cell for i, cell in enumerate(row)] for row in rows)]


def test_a_csv_file_holds_numbers_that_programs_can_add():
    frame = pd.read_csv(io.StringIO(FORMATS["csv"](summary(trace(SEED)))))
    assert frame["parameters"][:-1].sum() == frame["parameters"].iloc[-1] == 32_998
    assert frame["MACs"][:-1].sum() == 232_440


READERS = {"csv": from_csv, "md": from_markdown, "tex": from_latex}


@pytest.mark.parametrize("ending", FORMATS)
def test_every_form_holds_the_same_cells(traced, ending):
    for table in (reasons(traced), summary(traced)):
        assert READERS[ending](FORMATS[ending](table)) == expected(table, ending)


@pytest.mark.parametrize("ending", FORMATS)
def test_every_form_of_random_networks_holds_the_same_cells(ending, thorough):
    rng = Random(31)
    for _ in range(300 if thorough else 15):
        now = trace(random_network(rng, bad=0))
        for table in (reasons(now), summary(now)):
            assert READERS[ending](FORMATS[ending](table)) == expected(table, ending)


@pytest.mark.parametrize("ending", FORMATS)
def test_a_network_without_layers_has_tables_too(ending):
    now = trace(Network((1, 28, 28), ()))
    for table in (reasons(now), summary(now)):
        assert READERS[ending](FORMATS[ending](table)) == expected(table, ending)


def test_a_layer_that_leaves_one_number_runs():
    network = Network((8,), (CATALOGUE["Linear"].fresh("fc1"), CATALOGUE["Select"].fresh("first")))
    seen = trace(network)
    assert seen.steps[-1].output_shape == ()
    assert summary(seen).rows[-1][2] == "one number"
