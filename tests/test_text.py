"""What of a text from outside is taken, and how it is written where signs have a meaning."""

import re

import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.network import Network, NetworkError
from layerscope.presets import DEFAULT, PRESETS
from layerscope.text import JOINER, cleaned, in_csv, in_markdown, in_streamlit, is_whole, is_word
from tests.browser.hostile import HOSTILE

SEED = PRESETS[DEFAULT]


def unescaped(markdown: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_gives_the_text_back(text: str) -> None:
    assert unescaped(in_markdown(text)) == re.sub(r"[\r\n\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+", " ", text).strip()
    assert in_streamlit(text).replace(JOINER, "") == in_markdown(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_sign_is_left_that_markdown_would_obey(text: str) -> None:
    for written in (in_markdown(text), in_streamlit(text)):
        assert len(written.splitlines()) <= 1
        assert re.search(r"(?<!\\)(?:\\\\)*[`*\[\]<>#|!~&$]", re.sub(r"\\.", "", written)) is None
    assert re.search(r":[^\s\u2060]|www\.|@[^\u2060]", in_streamlit(text)) is None


def test_names_keep_their_underscores_and_sentences_their_look() -> None:
    assert in_markdown("fc1.in_features is 192 (12 × 4 × 4), -1.") == "fc1.in_features is 192 (12 × 4 × 4), -1."
    assert in_markdown("_a_b_") == r"\_a_b\_"
    assert [in_markdown(text) for text in ("- a", "1. a", "12) a", "---")] == [r"\- a", r"1\. a", r"12\) a", r"\---"]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+2", "'=1+2"), ("+a", "'+a"), ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"), ("@SUM(A1)", "'@SUM(A1)"),
        ("-1", "-1"), ("+2,100", "+2,100"), ("-1.5e-05", "-1.5e-05"), ("(1, 2)", "(1, 2)"), ("a=b", "a=b"), ("", ""),
        ("\t=1", "'\t=1"), ("-", "'-"), ("-1+1", "'-1+1"),
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(text: str, cell: str) -> None:
    assert in_csv(text) == cell


def test_half_characters_and_unseen_signs() -> None:
    assert is_whole("é 漢 😀 \n")
    assert not is_whole("a\ud800")
    assert not is_whole("\udfff")
    assert cleaned("a\r\nb\tc\x00\u202e\ud83d\x85") == "a\nb\tc"
    assert cleaned("é 漢 😀 ا\u200cب") == "é 漢 😀 ا\u200cب"


def test_words_are_what_a_layer_may_hold() -> None:
    assert all(is_word(word) for kind in CATALOGUE.values() for p in kind.parameters().values() for word in p.words)
    assert not any(map(is_word, [*HOSTILE, "two words", "x" * 41, "é", "a\n", "a.b"]))


@pytest.mark.parametrize("layer_type", CATALOGUE.values(), ids=CATALOGUE)
def test_no_layer_holds_markup(layer_type: type) -> None:
    layer = CATALOGUE[layer_type.__name__].fresh("layer")
    network = Network((4, 8, 8), (layer,))
    for name in layer.parameters():
        for text in ("![](http://evil.example/x)", "<b>", "a\ud800"):
            for value in (text, (3, text)):
                with pytest.raises(ValueError, match="valid word for a layer"):
                    layer.with_chosen(name, value)
                with pytest.raises(NetworkError, match="A value is a number, a word"):
                    network.with_argument("layer", name, value)
