"""Links: what is shared comes back the same, and no text whatever does harm."""

import base64
import contextlib
import string
import time
import zlib
from random import Random
from typing import Any

import pytest

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.layers.convolution import Conv2d
from layerscope.link import (
    CHOICES,
    LONGEST_CODE,
    LONGEST_LINK,
    LinkError,
    View,
    decode,
    decode_view,
    encode,
    encode_view,
)
from layerscope.network import MOST_LAYERS, Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from tests.costs import ASCII, MOST_MEMORY, OTHERS, check, filled, memory
from tests.hostile_texts import LINKS
from tests.large import large_last
from tests.legal import legal_layer, legal_network

URL_SAFE = set(string.ascii_letters + string.digits + "-._~,")
SEED = PRESETS[DEFAULT]


def packed(code: str | bytes) -> str:
    """Text in the compressed form, whatever it says."""
    raw = code.encode() if isinstance(code, str) else code
    return "z" + base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")


def unpacked(link: str) -> bytes:
    """What a link in the compressed form holds."""
    return zlib.decompress(raw_bytes(link))


def raw_bytes(link: str) -> bytes:
    """The compressed bytes of a link."""
    return base64.urlsafe_b64decode(link[1:] + "=" * (-(len(link) - 1) % 4))


def same(one: Network, other: Network) -> bool:
    """Whether both say the same of torch; to Python 2.0 equals 2, to torch it does not."""
    signatures = [[(layer.name, layer.signature) for layer in network.layers] for network in (one, other)]
    return one == other and signatures[0] == signatures[1]


def refusal(link: str) -> str:
    """The sentence with which a link is refused. Anything but a LinkError fails the test."""
    with pytest.raises(LinkError) as refused:
        decode(link)
    sentence = str(refused.value)
    assert sentence.startswith(("This link is damaged", "This network"))
    assert sentence.endswith(".")
    assert len(sentence) < 300
    return sentence


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_comes_back_the_same(name):
    code = encode(PRESETS[name])
    assert same(decode(code), PRESETS[name])
    assert set(code) <= URL_SAFE


def test_links_are_short():
    assert len(encode(SEED)) < 150
    assert len(encode(PRESETS["vgg19"])) < 500


def test_the_seed_networks_link_can_be_read_by_people():
    assert encode(SEED).startswith("1x28x28-10~Conv2d.6.5~ReLU~MaxPool2d.2~Conv2d.12.5~")


def test_random_networks_come_back_the_same(thorough):
    rng = Random(1)
    for _ in range(60_000 if thorough else 500):
        network = legal_network(rng)
        code = encode(network)
        assert same(decode(code), network), code
        assert set(code) <= URL_SAFE, code


@pytest.mark.parametrize("layer_type", CATALOGUE.values(), ids=CATALOGUE)
def test_every_argument_of_every_type_comes_back_the_same(layer_type):
    rng = Random(2)
    for _ in range(40):
        network = Network((1, 8, 8), (legal_layer(rng, layer_type, "layer"),))
        assert same(decode(encode(network)), network), network


@pytest.mark.parametrize("value", [5, (5, 3), (5,), (1, 2, 3), None, "same", 2.0, 0.1 + 0.2, 1e-12, -4, True])
def test_each_kind_of_value_comes_back_the_same(value):
    network = SEED.with_argument("conv1", "padding", value)
    if not isinstance(value, str):
        network = network.with_argument("conv1", "kernel_size", value)
    assert same(decode(encode(network)), network)


def test_a_network_as_long_as_they_may_be_fits_in_a_link():
    network = Network((3, 512, 512), tuple(Conv2d(name=f"c{n}", out_channels=n + 1, kernel_size=3) for n in range(200)))
    code = encode(network)
    assert len(code) < LONGEST_LINK
    assert same(decode(code), network)


def test_a_value_that_fits_no_link_is_refused_with_a_sentence():
    for value in (10**30, "same", "two-words"):
        with pytest.raises(LinkError, match="does not fit in a link"):
            encode(SEED.with_argument("conv1", "kernel_size", value))


@pytest.mark.parametrize(
    "link",
    [
        "",
        "z",
        "~",
        "garbage",
        "<script>alert(1)</script>",
        "1x28x28-10~Conv2d",
        "1x28x28-10~Conv2d.6",
        "1x28x28-10~Conv2d.6.5.",
        "1x28x28-10~Conv2d.6.5.in_channels-3",
        "1x28x28-10~Conv2d.6.5.name-conv9",
        "1x28x28-10~Conv2d.6.5.__class__-1",
        "1x28x28-10~Conv2d.6.5.padding",
        "1x28x28-10~Conv2d.6.5.padding-",
        "1x28x28-10~Conv2d.6.5.padding-(1)",
        "1x28x28-10~Conv9d.6.5",
        "1x28x28-10~Layer",
        "1x28x28-10~os.system",
        "1x28x28-10~~ReLU",
        "1x28x28-10~",
        "1x28x28-ten",
        "1x28x28-0",
        "1x28x28-99999999",
        "0x28x28-10",
        "1x28x-28-10",
        "1x28x28x28x28-10",
        "1x99999x28",
        "1e3x28x28",
        "99999999999999999999x1x1",
        "1x28x28-10~Linear.1e999",
        "1x28x28-10~Linear.99999999999999999999999999",
    ],
)
def test_what_is_no_network_is_refused_with_a_sentence(link):
    refusal(link)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1conv",
        "class",
        "a b",
        "import os",
        "x=1;y",
        "a" * 121,
        "__import__('os')",
        "conv--1",
        "conv-",
        "<b>",
        "café",
        "a\n",
    ],
)
def test_hostile_names_are_refused(name):
    for link in (f"1x28x28-10~ReLU.as-{name}", packed(f"1x28x28-10~ReLU.as-{name}")):
        refusal(link)


def test_two_layers_of_one_name_are_refused():
    assert "needs its own name" in refusal("1x28x28-10~ReLU.as-a~ReLU.as-a")


def test_too_many_layers_are_refused():
    code = "1x28x28~" + "~".join(["ReLU"] * (MOST_LAYERS + 1))
    assert "limit is 1,024" in refusal(code)
    assert "limit is 1,024" in refusal(packed(code))


def test_a_link_that_is_not_ascii_is_refused():
    code = encode(SEED)
    for character in "é１²\u202e\U0001f600":
        refusal(code + character)
        refusal(code.replace("6", character, 1))
        refusal(packed(code.replace("6", character, 1)))


def test_a_long_link_is_refused_before_it_is_read():
    refusal("1" * (LONGEST_LINK + 1))
    refusal("z" + "A" * 10_000_000)


def test_a_compressed_link_that_inflates_without_end_is_refused_at_once():
    bomb = packed(b"1x28x28~" + b"ReLU~" * 20_000_000)
    assert len(bomb) > LONGEST_LINK
    refusal(bomb)
    started = time.process_time()
    short = zlib.compress(b"~" * 5_000_000, 9)
    link = "z" + base64.urlsafe_b64encode(short).decode().rstrip("=")
    assert len(link) < LONGEST_LINK
    refusal(link)
    assert time.process_time() - started < 0.5
    refusal(packed(b"1x28x28" + b" " * LONGEST_CODE))


def test_a_compressed_link_with_something_before_within_or_behind_is_refused():
    link = encode(PRESETS["vgg16"])
    assert link.startswith("z")
    raw = raw_bytes(link)
    for damaged in (raw[:-1], raw[:-4], raw[: len(raw) // 2], b"", raw[1:], raw + b"x", raw + raw, b"x" + raw):
        refusal("z" + base64.urlsafe_b64encode(damaged).decode().rstrip("="))
    refusal("z" + link)


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_a_link_cut_anywhere_is_refused_or_gives_a_network(name):
    code = encode(PRESETS[name])
    for end in range(len(code)):
        decode_or_refuse(code[:end])


def decode_or_refuse(link: str) -> Network | None:
    """The network of a link; None where it is refused as it should be. Anything else fails the test."""
    try:
        return decode(link)
    except LinkError as refused:
        sentence = str(refused)
    assert sentence.endswith(".")
    return None


def test_thousands_of_damaged_links_never_raise_anything_else(thorough):
    rng = Random(3)
    codes = [encode(network) for network in PRESETS.values()]
    codes += [unpacked(code).decode() for code in codes if code.startswith("z")]
    letters = string.printable + "é０"
    survivors = []
    for turn in range(200_000 if thorough else 3_000):
        code = list(rng.choice(codes))
        for _ in range(rng.choice((1, 1, 2, 5))):
            place = rng.randrange(len(code))
            code[place : place + rng.choice((0, 1, 1, 6))] = rng.choice(letters) * rng.choice((0, 1, 1, 30))
            code = code or ["~"]
        network = decode_or_refuse("".join(code))
        if network is not None and turn % 5 == 0:
            survivors.append(network)
    assert len(survivors) > 20  # otherwise nothing but refusals was tried
    for network in survivors:
        trace(network)  # a shared link may hold what does not run, never what breaks the page


def test_every_view_comes_back_the_same():
    words_of: list[dict[str, Any]] = [{name: word} for name, words in CHOICES.items() for word in words]
    views = [View()] + [View(**words) for words in words_of]
    views += [View(selected="layer1.0", opened=("layer1.0", "layer2"), closed=("encoder.layers.0",))]
    views += [View(selected="conv1"), View("_fc2", "macs", "log", "formulas", "large")]
    for view in views:
        code = encode_view(view)
        assert decode_view(code) == view
        assert set(code) <= URL_SAFE
    assert encode_view(View()) == ""


@pytest.mark.parametrize(
    "code", ["", ".", "-", "x", "chart-nothing", "selected-a b", "selected-1", "theme-dark", "é", "a" * 100_000]
)
def test_what_a_view_does_not_know_it_ignores(code):
    assert decode_view(code) == View()
    assert decode_view(f"scale-log.{code}") == View(scale="log")
    assert decode_view(f"scale-nothing.{code[:100]}.scale-log") == View(scale="log")


@pytest.mark.parametrize("what", LINKS)
def test_no_link_costs_more_than_a_blink(what):
    link = packed(LINKS[what])
    assert len(link) <= LONGEST_LINK

    def refused(link):
        with contextlib.suppress(LinkError):
            decode(link)

    check([(what, link)], refused)
    assert memory(lambda: refused(link)) < MOST_MEMORY


def test_no_character_of_a_link_or_a_view_costs_more_than_a_blink():
    def read(text):
        decode_view(text)
        for link in (text, text[:LONGEST_LINK], packed(text), packed("1x28x28~" + text)[:LONGEST_LINK]):
            with contextlib.suppress(LinkError):
                decode(link)

    pieces = (*ASCII, *OTHERS, "selected-", "selected-a.", "1x", "~ReLU", "\ud800")
    check(((repr(piece), filled(piece, 65_000)) for piece in pieces if piece != "\ud800"), read)
    with pytest.raises(LinkError):
        decode("1x28x28~ReLU.as-\ud800")
    assert decode_view("selected-\ud800") == View()


def test_a_view_holds_only_so_many_blocks_that_were_opened():
    many = tuple(f"layer{n}" for n in range(limits.FOLDS.most + 10))
    assert decode_view(encode_view(View(opened=many))).opened == many[: limits.FOLDS.most]
    assert decode_view("opened-a,,b.closed-1x.selected-conv1") == View(selected="conv1")
