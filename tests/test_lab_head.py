"""The head of the lab's pages, run by Streamlit without a browser."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope import limits
from layerscope.interchange import to_json
from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.writer import write
from layerscope.ui.lab.finding import FindingError, found
from tests.drawn import handed
from tests.test_pages import address, at_page, page_words, rerun, session

LENET = PRESETS["lenet5"]


@pytest.fixture
def app() -> AppTest:
    """A page of the lab, on coming from the explorer."""
    return at_page("sweep", more="kept")


def said(app: AppTest) -> dict[str, Any] | None:
    """What the browser's address is told to say."""
    told: dict[str, Any] | None = handed(app, "address_say")[0]
    return told


def test_the_open_network_stands_in_one_line(app):
    assert "Fashion-MNIST CNN (default): 12 layers, input 1×28×28, 32,998 parameters" in page_words(app)
    assert said(app) == {}  # an address without a network means this one


def test_a_preset_is_chosen_and_the_address_follows(app):
    app.selectbox(key="lab.preset").set_value("lenet5")
    rerun(app)
    assert session(app).network == LENET
    assert address(app)[0] == encode(LENET)
    assert "".join(app.query_params["more"]) == "kept"
    assert session(app).history.past  # undo in Explore brings the other one back


@pytest.mark.parametrize(
    "text",
    [write(LENET), to_json(LENET), f"http://127.0.0.1:8501/?net={encode(LENET)}&view=selected-conv1"],
    ids=["code", "JSON", "link"],
)
def test_a_network_is_pasted(app, text):
    app.text_area(key="lab.text").set_value(text)
    app.button(key="lab.go").click()
    rerun(app)
    assert not app.error
    assert session(app).network.layers == LENET.layers
    assert next(one for one in app.text_area if one.label == "Or a link, code or JSON").value == ""


def test_a_text_that_is_no_network_stays_and_a_sentence_says_what_would_work(app):
    app.text_area(key="lab.text").set_value("not a network")
    app.button(key="lab.go").click()
    rerun(app)
    assert app.error
    assert session(app).network == PRESETS[DEFAULT]
    assert app.text_area(key="lab.text").value == "not a network"


def test_the_browser_is_told_which_network_is_open_where_the_address_names_none():
    assert said(at_page("sweep", LENET)) == {"net": encode(LENET)}


def test_an_address_with_a_network_opens_it():
    app = at_page("sweep", net=encode(LENET))
    assert session(app).network == LENET
    assert said(app) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "hello",
        "{",
        "http://127.0.0.1:8501/?net=1x28x28~Nothing.3",
        "http://[",
        f"https://example.org/?net={'1' * (2 * limits.LINK.most)}",
        "https://example.org/?" + "&".join(f"a{n}=1" for n in range(100)),
        "import torch",
    ],
)
def test_what_is_no_network_is_refused_with_a_sentence(text):
    with pytest.raises(FindingError) as refused:
        found(text)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("page", ["train", "trials"])
def test_what_a_form_writes_keeps_the_open_network_in_the_address(page):
    """The browser alone may have put it there: the server's copy of the address lacks it until the next whole run."""
    app = at_page(page, PRESETS[DEFAULT])
    session(app).network = LENET
    next(one for one in app.number_input if one.label == "Epochs").set_value(2)
    rerun(app)
    assert "".join(app.query_params["epochs"]) == "2"
    assert address(app)[0] == encode(LENET)
