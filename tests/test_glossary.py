"""The glossary: complete, short, sorted, and every link in it leads somewhere."""

import re

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from layerscope.catalogue import CATALOGUE
from layerscope.glossary import BY_TERM, ENTRIES, Entry, find, link
from layerscope.ui import glossary
from layerscope.ui.lessons.contents import LESSONS
from tests.test_pages import at_page, rerun

WANTED = [
    "parameter", "argument", "hyperparameter", "channel", "kernel", "filter", "weight", "bias", "convolution",
    "stride", "padding", "dilation", "groups", "pooling", "flatten", "logits", "MAC", "FLOPs", "activation",
    "batch", "tensor", "shape", "in_channels", "out_channels", "in_features", "out_features", "state_dict",
    "forward", "module", "kernel_size", "class", "training", "loss",
]  # fmt: skip


def opened(**address: str) -> AppTest:
    return at_page("glossary", None, **address)


def shown(app: AppTest) -> str:
    return "".join(item.proto.body for item in app.get("html"))


def test_the_words_are_sorted_and_none_comes_twice():
    terms = [entry.term for entry in ENTRIES]
    assert terms == sorted(terms, key=str.lower)
    assert len(set(map(str.lower, terms))) == len(terms) >= 45


@pytest.mark.parametrize("term", [*WANTED, "feature map", "receptive field", "batch axis", "cross-correlation"])
def test_the_words_of_the_field_are_there(term):
    assert term in BY_TERM


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.term)
def test_an_entry_is_short_and_leads_to_others(entry: Entry):
    assert len(entry.meaning) <= 190
    assert 1 <= len(re.findall(r"[.?!](?: |$)", entry.meaning)) <= 2
    assert entry.meaning.endswith(".")
    assert len(entry.example) <= 100
    assert set(entry.see) <= set(BY_TERM) - {entry.term}
    assert len(set(entry.see)) == len(entry.see) >= 1


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_parameter_of_a_layer_is_explained(name):
    layer_type = CATALOGUE[name]
    for argument, parameter in layer_type.parameters().items():
        assert argument in BY_TERM or len(parameter.help) > 10
    assert set(layer_type.decides) <= set(BY_TERM)


def test_search_looks_into_meanings_and_puts_terms_first():
    assert find("") == ENTRIES
    assert find("STRIDE")[0].term == "stride"
    assert "pooling" in [entry.term for entry in find("largest value")]
    assert find("no such word at all") == ()


def test_the_address_opens_a_word():
    assert link("feature map") == "glossary?term=feature%20map"
    with pytest.raises(KeyError):
        link("no such word")
    page = shown(opened(term="stride"))
    asked = page.partition("glossary-asked'>")[2].partition("</dl>")[0]
    assert BY_TERM["stride"].meaning in asked
    assert "glossary-asked'>" not in shown(opened())


def test_what_the_address_asks_for_is_never_markup():
    page = shown(opened(term="<img src=x onerror=alert(1)>"))
    assert "<img" not in page
    assert "The glossary has no entry" in page


def test_each_word_has_its_place_on_the_page_and_links_lead_to_places():
    page = shown(opened())
    places = re.findall(r"<div id='([^']+)'", page)
    assert len(places) == len(set(places)) == len(ENTRIES)
    assert set(re.findall(r"href='#([^']+)'", page)) <= set(places)


def test_searching_shows_what_fits():
    app = opened()
    app.text_input(key=glossary.SEARCH).set_value("dilation")
    page = shown(rerun(app))
    assert "id='term-dilation'" in page
    assert "id='term-softmax'" not in page
    app.text_input(key=glossary.SEARCH).set_value("xyzzy")
    assert "No entry fits" in shown(rerun(app))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_every_lesson_leads_to_the_glossary(lesson):
    """An emphasized word of the glossary is a link; in each lesson there is one at least, and all lead somewhere."""
    texts = "\n".join(item.value for item in at_page(lesson.key).markdown)
    linked = re.findall(r"\]\((glossary\?term=[^)]+)\)", texts)
    assert linked
    assert set(linked) <= {link(entry.term) for entry in ENTRIES}


@pytest.mark.parametrize(
    "term",
    [
        "signature", "constructor", "keyword argument", "positional argument", "default", "adaptive pooling",
        "learnable parameter", "transposed convolution", "axis", "window", "depth", "floor", "run", "lazy layer",
    ],
)  # fmt: skip
def test_the_words_of_the_lessons_and_the_quiz_are_there(term):
    assert term in BY_TERM


def test_the_numbers_of_the_examples_are_torchs():
    """Examples that a shape or a count stands in, made with torch."""
    ran = {
        "adaptive pooling": (nn.AdaptiveAvgPool2d(6), (256, 13, 13), "256×6×6"),
        "transposed convolution": (nn.ConvTranspose2d(1, 1, 4, 2, 1), (1, 7, 7), "= 14"),
        "floor": (nn.MaxPool2d(2), (1, 29, 29), ": 14 rows"),
        "window": (nn.MaxPool2d(2), (1, 24, 24), "12×12 windows"),
        "dilation": (nn.Conv2d(1, 1, 5, dilation=2), (1, 9, 9), "covers 9 cells"),
    }
    for term, (module, arriving, told) in ran.items():
        left = module(torch.zeros(1, *arriving)).shape[1:]
        size = 9 - left[-1] + 1 if term == "dilation" else left[-1]
        assert str(size) in told
        assert told in BY_TERM[term].example
    lazy = nn.LazyLinear(10)
    lazy(torch.zeros(1, 12 * 4 * 4))
    assert f"in_features becomes {lazy.in_features}" in BY_TERM["lazy layer"].example
