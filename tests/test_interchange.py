"""JSON: what is saved comes back the same, every refusal names its line, and no text does harm."""

import contextlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import MISSING, replace
from random import Random
from typing import Any

import pytest

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.interchange import LARGEST_TEXT, InterchangeError, from_json, to_json
from layerscope.layers.activation import ReLU
from layerscope.layers.convolution import Conv2d, Conv3d
from layerscope.network import MOST_LAYERS, Network
from layerscope.presets import PRESETS
from tests.costs import ASCII, MOST_MEMORY, OTHERS, check, filled, memory
from tests.hostile_texts import JSON
from tests.large import LARGE
from tests.legal import legal_network
from tests.network_schema import BLOCK, DOCUMENT, fits, schema, schema_text
from tests.oracle import random_network

SEED = PRESETS["fashion-mnist-cnn"]
TEXT = to_json(SEED)


def same(one: Network, other: Network) -> bool:
    """Whether both say the same of torch; to Python 2.0 equals 2, to torch it does not."""
    rows = [[(layer.name, layer.signature) for layer in network.layers] for network in (one, other)]
    return rows[0] == rows[1] and (one.input_shape, one.classes) == (other.input_shape, other.classes)


def refusal(text: str) -> str:
    """The sentence with which a text is refused. Anything but an InterchangeError fails the test."""
    with pytest.raises(InterchangeError) as refused:
        from_json(text)
    return str(refused.value)


def test_the_seed_network_word_for_word() -> None:
    assert (
        to_json(replace(SEED, layers=SEED.layers[:3]))
        == """\
{
  "format": "layerscope-network",
  "version": 1,
  "input_shape": [1, 28, 28],
  "classes": 10,
  "layers": [
    {"name": "conv1", "type": "Conv2d", "out_channels": 6, "kernel_size": 5},
    {"name": "relu1", "type": "ReLU"},
    {"name": "pool1", "type": "MaxPool2d", "kernel_size": 2}
  ]
}
"""
    )


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_comes_back(key: str) -> None:
    assert same(from_json(to_json(PRESETS[key])), PRESETS[key])


def has_foreign_words(network: Network) -> bool:
    """Whether an argument is a text that is not among its parameter's own."""
    return any(
        isinstance(value, str) and not layer.parameters()[name].knows(value)
        for layer in network.layers
        for name, value in layer.chosen.items()
    )


@pytest.mark.parametrize("make", [legal_network, lambda rng: random_network(rng, bad=0.1)], ids=["legal", "odd"])
def test_random_networks_come_back(make: Callable[[Random], Network], thorough: bool) -> None:
    for seed in range((500 if make is legal_network else 125) * (80 if thorough else 1)):
        network = make(Random(seed))
        if has_foreign_words(network):
            with pytest.raises(InterchangeError, match="has a value that JSON cannot hold"):
                to_json(network)
            continue
        text = to_json(network)
        assert same(from_json(text), network), text
        assert to_json(from_json(text)) == text
        assert text.isascii()
        assert text.endswith("}\n")


def test_types_are_kept() -> None:
    values = (1, 1.0, True, None, (1,), (1.0, True, None), (), 1e-12, -3, 10**19)
    network = Network(
        (1, 8, 8), tuple(Conv2d(name=f"c{n}", out_channels=1, kernel_size=v) for n, v in enumerate(values))
    )
    back = from_json(to_json(network))
    assert same(back, network)
    assert not same(network.with_argument("c0", "kernel_size", True), network)


@pytest.mark.parametrize("value", [10**40, "x" * 40, (1,) * 17, ((1,),), b"1", -(2**99999)], ids=range(6))
def test_a_value_without_a_form_is_not_written(value: Any) -> None:
    network = Network((1, 8, 8), (Conv2d(name="c", out_channels=1, kernel_size=value),))
    with pytest.raises(InterchangeError, match=re.escape("c.kernel_size has a value that JSON cannot hold.")):
        to_json(network)


def test_other_spellings_of_the_same() -> None:
    assert from_json(json.dumps(json.loads(TEXT))) == SEED
    assert from_json("\ufeff" + TEXT.replace("\n", "\r\n")) == SEED
    assert from_json(json.dumps(json.loads(TEXT), indent=4, sort_keys=True)) == SEED
    assert from_json(TEXT.replace("conv1", "\\u0063onv1")) == SEED
    assert from_json(TEXT.replace('  "classes": 10,\n', "")).classes is None


def with_line(old: str, new: str) -> str:
    """The seed network's JSON with one part changed."""
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


REFUSED = {
    with_line(
        '"version": 1', '"version": 3'
    ): "Line 3: version 3 is newer than this program, which reads versions 1 and 2.",
    with_line('"version": 1,', '"version": 3, "news": 1,'): (
        "Line 3: version 3 is newer than this program, which reads versions 1 and 2."
    ),
    with_line('"version": 1', '"version": 0'): "Line 3: version is 0; 1 would work.",
    with_line('"version": 1', '"version": true'): "Line 3: version is true; 1 would work.",
    with_line('"version": 1', '"version": [1]'): "Line 3: version is a list; 1 would work.",
    with_line('"version": 1,', ""): 'Line 1: A network lacks the field "version".',
    with_line("layerscope-network", "other"): 'Line 2: format is "other"; "layerscope-network" would work.',
    with_line('"classes": 10', '"classes": 0'): "Line 5: The number of classes is 0; from 1 to 65,536 would work.",
    with_line(
        '"classes": 10', '"classes": "10"'
    ): "Line 5: The number of classes is '10'; from 1 to 65,536 would work.",
    with_line("[1, 28, 28]", "28"): "Line 4: input_shape is not a list; [1, 28, 28] would work.",
    with_line("[1, 28, 28]", "[1, 28, 99999]"): "Line 4: An input size is 99999; from 1 to 65,536 would work.",
    with_line("[1, 28, 28]", "[true, 28, 28]"): (
        "Line 4: An input is 1 to 4 whole numbers: features, or channels and up to 3 sizes."
    ),
    with_line('"classes": 10', '"klasses": 10'): (
        'Line 5: A network has no field "klasses"; it has format, version, input_shape, classes, layers.'
    ),
    with_line('"Conv2d", "out_channels": 6', '"Conv2D", "out_channels": 6'): (
        'Line 7: There is no layer type "Conv2D"; did you mean Conv2d?'
    ),
    with_line('"Conv2d", "out_channels": 6', '7, "out_channels": 6'): (
        "Line 7: There is no layer type 7; Conv2d is one, for example."
    ),
    with_line('"out_channels": 6, ', ""): 'Line 7: conv1 lacks the field "out_channels".',
    with_line('"out_channels": 6', '"in_channels": 1, "out_channels": 6'): (
        "Line 7: conv1.in_channels is decided by the layer's input; leave it out."
    ),
    with_line('{"name": "relu1"', '{"slope": 1, "name": "relu1"'): (
        'Line 8: ReLU has no parameter "slope"; it has inplace.'
    ),
    with_line('{"name": "relu1"', '{"name": "conv1"'): "Line 8: Two layers are named conv1; each needs its own name.",
    with_line('{"name": "relu1"', '{"name": "class"'): (
        "Line 8: class is a word of Python's own and cannot name a layer."
    ),
    with_line('{"name": "relu1"', '{"name": "a b"'): (
        "Line 8: A layer's name is made of letters, digits and underscores, such as conv1; dots separate the blocks "
        "that contain it, such as layer1.0.conv1."
    ),
    with_line('{"name": "relu1"', '{"name": 3'): "Line 8: A layer's name is 3; conv1 would work.",
    with_line('{"name": "relu1"', '{"name": [3]'): "Line 8: A layer's name is a list; conv1 would work.",
    with_line('{"name": "relu1", "type": "ReLU"}', "7"): "Line 8: A layer must be an object in braces, { and }, not 7.",
    with_line('"kernel_size": 5},\n    {"name": "relu1"', '"kernel_size": [[5]]},\n    {"name": "relu1"'): (
        'Line 7: "kernel_size" takes a number, a word, true, false or null, or a short list of those such as [3, 3].'
    ),
    with_line('"out_channels": 6', '"out_channels": 6, "out_channels": 6'): (
        'Line 7: "out_channels" appears twice in the same object; keep one.'
    ),
    with_line('"out_channels": 6', '"out_channels": NaN'): (
        'Line 7: "NaN" is not a JSON value; a number, a text in quotes, true or null would work.'
    ),
    with_line('"out_channels": 6', '"out_channels": -Infinity'): (
        'Line 7: "-Infinity" is not a JSON value; a number, a text in quotes, true or null would work.'
    ),
    with_line('"out_channels": 6', '"out_channels": 1e999'): "Line 7: 1e999 is too large for a number.",
    with_line('"out_channels": 6', f'"out_channels": {"9" * 5000}'): (
        "Line 7: A number has 5,000 characters; the limit is 32."
    ),
    with_line('"out_channels": 6', '"out_channels": 06'): (
        "Line 7: This is not a JSON number; write it like 1, -2.5 or 1e-05."
    ),
    with_line('"out_channels": 6', '"out_channels" 6'): 'Line 7: : was expected here, not "6".',
    with_line(
        '"out_channels": 6, ', '"out_channels": 6 '
    ): 'Line 7: , or } was expected here, not "\\"kernel_size\\"".',
    with_line('"name": "relu1"', '"name": "relu1'): 'Line 8: , or } was expected here, not "type".',
    with_line(
        '"name": "relu1"', "'name': 'relu1'"
    ): 'Line 8: A name such as "kernel_size" was expected here, not "\'".',
    TEXT + "{}": "Line 21: Nothing more was expected here, not {.",
    TEXT[:-3]: "Line 19: , or } was expected here, not the end.",
    "": "Line 1: A value was expected here, not the end.",
    "\n\n[1,\n]": "Line 4: A value was expected here, not ].",
    "[]": "Line 1: A network must be an object in braces, { and }, not a list.",
    "{}": 'Line 1: A network lacks the field "format".',
    "[" * 9 + "]" * 9: "Line 1: Lists and objects are nested more than 8 deep.",
    "[" * 200_000: "Line 1: Lists and objects are nested more than 8 deep.",
    '"a\nb"': 'Line 1: A value was expected here, not a " without a second one on the line.',
    " " * (LARGEST_TEXT + 1): "The JSON is 262,145 bytes long; the limit is 262,144.",
    "é" * LARGEST_TEXT: "The JSON is 524,288 bytes long; the limit is 262,144.",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused(text: str) -> None:
    assert refusal(text) == REFUSED[text]


def test_too_many_layers() -> None:
    rows = ", ".join(f'{{"name": "r{n}", "type": "ReLU"}}' for n in range(MOST_LAYERS + 1))
    text = f'{{"format": "layerscope-network", "version": 1, "input_shape": [1],\n "layers": [{rows}]}}'
    assert refusal(text) == "Line 2: This network has 1,025 layers; the limit is 1,024."


def test_damaged_texts_never_do_harm() -> None:
    rng = Random(4)
    pieces = (
        '"',
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\",
        "\\u",
        "NaN",
        "9" * 40,
        "-",
        "1e5",
        "\x00",
        "\ud800",
        "é",
        "null",
        "\n",
    )
    for _ in range(5_000):
        text = TEXT
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(text))
            text = text[:place] + rng.choice((*pieces, text[: rng.randint(0, 200)])) + text[place + rng.randint(0, 9) :]
        begun = time.process_time()
        sentence = ""
        with contextlib.suppress(InterchangeError):
            from_json(text)
            sentence = "Line 0: read"
        sentence = sentence or refusal(text)
        assert re.match(r"Line \d+: ", sentence)
        assert len(sentence) < 400
        assert sentence.isprintable()
        assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("piece", ['"', '"\\', "\\", "[", "-", "1", "a", " ", "\n", '{"a":', "[1,", '"a",', "1.", "9e"])
def test_the_largest_text_is_read_in_a_blink(piece: str) -> None:
    text = (piece * LARGEST_TEXT)[:LARGEST_TEXT]
    begun = time.process_time()
    refusal(text)
    refusal("[" + text[1:])
    assert time.process_time() - begun < 2


def test_the_documented_schema_is_that_of_the_catalogue() -> None:
    blocks = BLOCK.findall(DOCUMENT.read_text("utf-8"))
    assert blocks == [schema_text()], "python -m tests.network_schema writes it anew"
    written = json.loads(blocks[0])
    assert written == schema()
    assert written["$defs"]["layer"]["properties"]["type"]["enum"] == list(CATALOGUE)


def test_the_documented_example_is_what_is_written() -> None:
    (example,) = re.findall(r"```json example\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert to_json(from_json(example)) == example


def test_what_is_written_keeps_the_schema(thorough: bool) -> None:
    rules = schema()
    networks = [
        *(PRESETS[key] for key in PRESETS if thorough or key not in LARGE),
        Network((3,), ()),
        *(legal_network(Random(seed)) for seed in range(2_000 if thorough else 60)),
    ]
    for network in networks:
        assert fits(json.loads(to_json(network)), rules, rules), to_json(network)


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    rules = schema()
    judged = 0
    for text in REFUSED:
        try:
            value = json.loads(text, parse_constant=int)  # int("NaN") is a ValueError
        except (ValueError, RecursionError):
            continue
        told = any(
            word in REFUSED[text] for word in ("twice", "Two layers", "word of Python's", "too large", "character")
        )
        assert fits(value, rules, rules) == told, text
        judged += 1
    assert judged > 20


def test_every_required_parameter_is_asked_for() -> None:
    for name, layer_type in CATALOGUE.items():
        required = [key for key in layer_type.parameters() if layer_type.__dataclass_fields__[key].default is MISSING]
        text = to_json(Network((1,), (ReLU(name="x"),))).replace("ReLU", name)
        if required:
            assert refusal(text) == f'Line 7: x lacks the field "{required[0]}".'
        else:
            assert from_json(text).layers[0].type == name


@pytest.mark.parametrize("what", JSON)
def test_no_json_costs_more_than_a_blink(what: str) -> None:
    check([(what, JSON[what])], refusal)
    assert memory(lambda: refusal(JSON[what])) < MOST_MEMORY


def test_no_character_or_piece_of_json_costs_more_than_a_blink(thorough: bool) -> None:
    whole = (*ASCII, *OTHERS, "\\u0041", '"a":', "[1,", "1.", "9e", "-0", "true,", "{}")
    texts = {
        f"{start!r} {piece!r}": start + filled(piece, LARGEST_TEXT // len(piece[:1].encode()) - len(start))
        for piece in (whole if thorough else whole[::3])
        for start in ("", "{", '{"a":', '["', TEXT)
    }

    def read(text: str) -> None:
        with contextlib.suppress(InterchangeError):
            from_json(text)

    check(texts.items(), read)


def test_the_values_are_counted() -> None:
    most = limits.JSON_VALUES.most
    assert refusal("[" + "1," * most + "\n1]") == f"Line 1: The JSON has more than {most:,} values, which is the limit."
    assert refusal("[" + "1," * (most - 2) + "1]").startswith("Line 1: A network must be an object in braces")


def test_a_network_of_the_most_layers_has_few_enough_values() -> None:
    layer = Conv3d(name="c", out_channels=2, kernel_size=(3, 3, 3), stride=(2, 2, 2), padding=(1, 1, 1), groups=2)
    network = Network((2, 99, 99, 99), tuple(replace(layer, name=f"c{n}") for n in range(200)))
    assert from_json(to_json(network)) == network


def test_half_a_character_is_refused() -> None:
    for text in (TEXT.replace('"relu1"', '"relu\\ud800"'), TEXT.replace('"relu1"', '"\ud800"')):
        assert refusal(text) == f"Line 8: {limits.HALF_A_CHARACTER}"
