"""No text of up to the limits costs more than a blink of the reader and of the Code page; over them, nothing."""

from contextlib import suppress
from random import Random

import pytest

from layerscope import limits
from layerscope.source.reader import read_all
from layerscope.source.reading import SourceError
from layerscope.source.text import scan
from layerscope.source.text.paste import Paste, rows_of, short
from layerscope.ui import code_stage, pasted, understanding
from layerscope.ui.coding import code_part
from layerscope.ui.pasted import Pasted
from tests.costs import ASCII, BUSY, MOST_MEMORY, OTHERS, SIZE, around, check, filled, memory, seconds
from tests.hostile_texts import JSON
from tests.large import one_in
from tests.source.hostile import COSTLY, repeated
from tests.source.pastes_oracle import PASTES
from tests.source.programs import costly, programs

REAL = PASTES["cifar_tutorial"]
OF_A_KIND = (*"\t\n\f\r\0 \x1b\x7faAxX019_\"'`()[]{}\\#@;:,.=*/%+-<>!&|^~?$", *OTHERS)
"""Of ASCII letters, digits and control characters those with a meaning of their own, or one of each kind."""
SAMPLE = (" ", "\t", "\f", "\n", "\\", "'", "(", ",", ";", "a", "0", "é", "中", "\u2028")


def scanned(text: str) -> None:
    """All scans of a text, without Python's parser."""
    rows_of(text)
    short(text)
    code_part(text)
    paste = Paste.of(text)
    with suppress(SourceError):
        scan.check_tokens(paste.text)


def page(text: str) -> None:
    """What the Code page works out for a paste."""
    understanding._understood.cache_clear()
    here = Pasted(text=text)
    understanding.understood(here)
    code_stage.stage_data(here)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """What is done once a process: torch's signatures, the first trace."""
    page(pasted.EXAMPLE)
    page(programs()["200 layers"])


def test_every_character_is_scanned_in_a_blink(thorough: bool) -> None:
    """Behind a statement, behind a real text and before one: in turn, where not each is tried at all three."""
    rows = [list(around(letter, REAL).items())[1:] for letter in ((*ASCII, *OTHERS) if thorough else OF_A_KIND)]
    check([row for n, three in enumerate(rows) for row in (three if thorough else [three[n % 3]])], scanned)


def test_every_costly_piece_is_scanned_in_a_blink(thorough: bool) -> None:
    rows = [
        (name + end, text + end) for piece in COSTLY for name, text in around(piece, REAL).items() for end in ("", "\\")
    ]
    check(rows if thorough else rows[::19], scanned)


def test_characters_cost_the_page_no_more_than_a_blink(thorough: bool) -> None:
    letters = (*ASCII, *OTHERS) if thorough else SAMPLE
    rows = [row for letter in letters for row in around(letter, REAL).items()]
    check(rows if thorough else rows[::3], page)


def test_costly_pieces_cost_the_page_no_more_than_a_blink(thorough: bool) -> None:
    rows = [row for piece in COSTLY for row in around(piece, REAL).items()]
    check(rows if thorough else rows[::23], page)


def test_programs_cost_the_page_no_more_than_a_blink() -> None:
    check(programs().items(), page)


def test_json_costs_the_page_no_more_than_a_blink() -> None:
    check(JSON.items(), page)


def test_chance_finds_nothing_that_costs_more(thorough: bool) -> None:
    rng = Random(None if thorough else 13)
    texts = (
        (text[:60], text)
        for make in (repeated, costly)
        for _ in range(1_000 if thorough else 12)
        for text in [make(rng)]
    )
    check(texts, page)


@pytest.mark.parametrize("name", one_in(2, ["x=1 ' '", "x=1 ';'", "x=1 '中'", "x=1 '\\\\'"]))
def test_characters_take_little_memory(name: str) -> None:
    text = next(text for letter in SAMPLE for key, text in around(letter, REAL).items() if key == name)
    assert memory(lambda: page(text)) < MOST_MEMORY


@pytest.mark.parametrize(
    "name", one_in(2, ["nodes and net", "200 lin wrong", "unicode unknown line", "printed nested times", "notes"])
)
def test_programs_take_little_memory(name: str) -> None:
    assert memory(lambda: page(programs()[name])) < MOST_MEMORY


OVER = {
    "characters": "x = 1\n" + filled("a", SIZE),
    "a megabyte": filled("x = 1\n", 2**20),
    "a megabyte of blanks": "x" + filled(" ", 2**20),
    "lines": "\n" * limits.CODE_LINES.most + REAL,
    "JSON": '{"layers": [' + filled("1, ", 2**20),
}


@pytest.mark.parametrize("what", OVER)
def test_over_a_limit_nothing_is_read_or_drawn(what: str) -> None:
    text = OVER[what]
    assert memory(lambda: page(text)) < 2 * 2**20
    assert seconds(lambda: page(text)) < 0.005 * BUSY
    here = Pasted(text=text)
    data = code_stage.stage_data(here)
    assert data["figures"] == []
    assert "the limit is" in data["message"]["text"]
    assert data["message"]["text"].endswith(limits.WHAT_TO_PASTE) == (what != "JSON")
    assert here.text == text


def test_at_most_so_many_lines_are_drawn() -> None:
    text = "{" + "\n" * 5_000 + "}"
    here = Pasted(text=text)
    assert code_stage.stage_data(here)["figures"] == []
    editor = code_stage.editor_data(here)["editor"]
    assert editor["drawn"]["lines"] == limits.DRAWN.most
    assert editor["text"] == text


def test_inheritance_up_to_its_limit() -> None:
    def classes(count: int) -> str:
        rows = [f"class A{n + 1}(A{n}):\n    pass" for n in range(count)]
        return "\n".join(["import torch.nn as nn", "class A0(nn.Module): pass", *rows])

    most = limits.BASES.most
    refused = read_all(classes(most + 1)).refusal
    assert str(refused) == (
        f"Line {2 * most + 3}, column 1: A{most + 1} inherits from a chain of {most + 1} classes of this code; "
        f"the limit is {most}."
    )
    allowed = read_all(classes(most)).refusal
    assert "inherits from a chain" not in str(allowed)


def test_half_a_character_is_refused() -> None:
    told = read_all(f"{REAL}# \ud800")
    assert str(told.refusal) == limits.HALF_A_CHARACTER
