"""No text in the error box costs more than a blink, whatever stands in it and whatever network it is about."""

from random import Random

import pytest

from layerscope.decoder.decoding import decode
from layerscope.decoder.kinds.all_kinds import KINDS
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.ui.explained import explanation, unknown
from tests.costs import ASCII, MOST_MEMORY, OTHERS, around, check, filled, memory
from tests.decoder.hostile import pieces, repeated

SEED = PRESETS["fashion-mnist-cnn"]
TRACEBACK = f'  File "net.py", line 3, in forward\n    x = self.fc1(x)\nRuntimeError: {KINDS["matrix"].example}'
SAMPLE = (" ", "\n", "1", "a", "'", "(", "[", "-", "\x1b", "×", "é", "中")


def box(text: str, network: Network | None = SEED) -> str:
    """What the error box shows."""
    decoded = decode(text, network)
    return unknown(text) if decoded is None else explanation(decoded, "your code")


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """What is done once a process: the search through changed networks of this one."""
    for kind in KINDS.values():
        box(kind.example)


def test_characters_cost_no_more_than_a_blink(thorough: bool) -> None:
    letters = (*ASCII, *OTHERS) if thorough else SAMPLE
    check((row for letter in letters for row in around(letter, TRACEBACK).items()), box)


def test_every_character_is_searched_in_a_blink() -> None:
    check(((repr(letter), filled(letter)) for letter in (*ASCII, *OTHERS)), lambda text: decode(text))


def test_pieces_of_messages_cost_no_more_than_a_blink(thorough: bool) -> None:
    rows = [row for piece in pieces() for row in around(piece, TRACEBACK).items()]
    check(rows if thorough else rows[::79], box)


def test_chance_finds_nothing_that_costs_more(thorough: bool) -> None:
    rng = Random(None if thorough else 7)
    texts = [repeated(rng) for _ in range(1_000 if thorough else 8)]
    check(((text[:60], text) for text in texts), box)


def test_it_takes_little_memory() -> None:
    assert memory(lambda: box(filled("self.conv1(x)\n") + TRACEBACK)) < MOST_MEMORY


def test_half_a_character_is_shown_as_a_question_mark() -> None:
    decoded = decode(f"\ud800 {TRACEBACK} \udfff", SEED)
    assert decoded is not None
    assert decoded.kind == "matrix"
    box("no error \ud800").encode()
