"""What stands alone on a page begins with a capital letter: what is pressed, chosen or filled in, and sentences.

Names of code begin as they are written (conv1, in_channels, lr), and so does what follows a number, as a unit does.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from layerscope.assignment import assigned
from layerscope.catalogue import CATALOGUE
from layerscope.formatting import capital
from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.memory import PRECISIONS
from layerscope.tracing import trace
from tests.browser.test_lessons_on_a_phone import ANSWERED
from tests.drawn import stages
from tests.test_pages import PAGES, at_page, opened, rerun
from tests.test_teacher import student

SEED = PRESETS[DEFAULT]
NETWORKS = (SEED, PRESETS["resnet18"])
ARGUMENTS = {name for kind in CATALOGUE.values() for name in kind.fresh("row").parameters()}
SETTINGS = {"parameters", "macs", "classes", "input", "lr", "momentum", "loss", "accuracy", *PRECISIONS}
SETTINGS |= {"zeros", "reflect", "replicate", "circular", "class", "https"}  # a word of padding_mode; pasted code
"""Names of the lab that are typed into its conditions and lists of values, and of precisions."""
NAMES = {name for network in NETWORKS for name in network.names} | ARGUMENTS | SETTINGS
PRESSED = {"label", "help", "placeholder", "options", "content", "captions"}
"""Of Streamlit's own elements."""
STAGE = {"label", "help", "text", "why", "problem", "said", "titles", "hint", "announce", "placeholder"}
"""Of the stage's parts."""
UNITS = {"totals", "guide", "more_help", "annotations", "data", "sources", "columns", "chips", "changes"}
"""Where a word follows a number, as a unit, or names a colour or a column."""


def begins_small(words: str) -> bool:
    """Whether they begin with a small letter, though no name of code comes first."""
    first = re.split(r"[\s:,]", words, maxsplit=1)[0]
    if not re.match(r"[a-z]", words) or first in NAMES:
        return False
    return re.fullmatch(r"[a-z][a-z'’-]*", first) is not None


def of_streamlit(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        many = value if not isinstance(value, str | bytes) and hasattr(value, "__iter__") else [value]
        for one in many:
            if isinstance(one, Message):
                yield from of_streamlit(one)
            elif isinstance(one, str) and field.name in PRESSED:
                yield one


def of_stage(part: Any, key: str = "") -> Iterator[str]:
    match part:
        case dict():
            for name, value in part.items():
                if name not in UNITS:
                    yield from of_stage(value, name)
        case list():
            for one in part:
                yield from of_stage(one, key)
        case str() if key in STAGE:
            yield part


def elements(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        yield from elements(child)
    if isinstance(proto := getattr(block, "proto", None), Message):
        yield proto


def small(app: AppTest) -> set[str]:
    """What of a page begins with a small letter."""
    said = {words for proto in elements(app._tree) for words in of_streamlit(proto)}
    for data in stages(app):
        said.update(of_stage(data))
        for table in data.get("tables") or ():
            said.update(row["cells"][-1] for row in table["rows"] if table["key"] == "reasons")
    return {words for words in said if begins_small(words)}


VIEWS = [
    "", "selected-conv1.chart-code", "selected-conv1.chart-inside", "chart-macs.selected-fc1",
    "selected-pool1.predict-on", "selected-flatten",
]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_explore(view):
    assert small(opened(view=view)) == set()


@pytest.mark.parametrize(
    ("network", "view"),
    [
        (SEED.with_argument("conv2", "kernel_size", 13), "selected-conv2"),
        (SEED.with_argument("conv2", "groups", 4), "selected-conv2"),
        (SEED.remove("flatten"), "selected-fc1"),
        (PRESETS["resnet18"], "selected-layer1.0.conv1"),
        (PRESETS["lstm-classifier"], ""),
    ],
)
def test_explore_with_other_networks(network, view):
    now = trace(network)
    named = {*network.names, *(given.name for given in network.inputs)}
    assert {words for words in small(opened(encode(network), view)) if words.split()[0] not in named} == set(), (
        now.error
    )


@pytest.mark.parametrize("page", [path.split("/")[1].removesuffix(".py") for path in PAGES if "explore" not in path])
def test_every_other_page(page):
    assert small(at_page(page)) == set()


@pytest.mark.usefixtures("short_training")
@pytest.mark.parametrize("page", ANSWERED)
def test_lessons_that_are_done(page):
    assert small(at_page(page, answers=ANSWERED[page])) == set()


def test_a_class():
    app = at_page("teacher")
    app.radio[0].set_value("locked")
    assert small(rerun(app)) == set()
    given = assigned(SEED, rest="locked", free=("conv1.kernel_size",), predict=True, question="Why?")
    assert small(student(given)) == set()


@pytest.mark.parametrize(
    ("words", "alone"),
    [
        ("it falls", "It falls"), ("you", "You"), ("the data", "The data"), ("none, an error", "None, an error"),
        ("a T-shirt", "A T-shirt"), ("conv1", "conv1"), ("in_channels", "in_channels"), ("bias", "bias"),
        ("conv1.in_channels", "conv1.in_channels"), ("5×5 cells", "5×5 cells"), ("", ""), ("Add", "Add"),
        ("flatten outputs 192", "flatten outputs 192"),
    ],
)  # fmt: skip
def test_words_alone(words, alone):
    assert capital(words, ("flatten",)) == alone
