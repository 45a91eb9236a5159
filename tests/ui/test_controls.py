"""A parameter as a control, and what comes back from one."""

from random import Random

import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.parameter import Kind
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui.controls import Control, WrongValueError, controls, parse
from layerscope.ui.events import apply
from layerscope.ui.session import Session
from tests.legal import legal_value
from tests.ui.contract import check_control

SEED = PRESETS[DEFAULT]
CONV = CATALOGUE["Conv2d"].parameters()
CHOSEN = {name: layer_type for name, layer_type in CATALOGUE.items() if not layer_type.fresh("row").origin}
"""The types whose values somebody chooses; others are measured."""


def shape_for(layer_type: type[Layer]) -> tuple[int, ...]:
    """An input for a layer of that type."""
    return (6, *(16,) * (layer_type.dims or 2))


def axes_of(layer_type: type[Layer]) -> int:
    return 4 if layer_type.__name__ == "ZeroPad2d" else layer_type.dims or 2


def alone(layer_type: type[Layer]) -> Network:
    return Network(shape_for(layer_type), (layer_type.fresh("layer"),))


def drawn(network: Network, name: str = "layer") -> list[Control]:
    """The controls of a layer, each checked against the stage's contract."""
    now = trace(network)
    built = controls(now, now.by_name[name], {}, {})
    for control in built:
        check_control(control)
    return built


@pytest.mark.parametrize("layer_type", CHOSEN.values(), ids=CHOSEN)
def test_every_argument_of_a_fresh_layer_has_a_control(layer_type):
    network = alone(layer_type)
    built = drawn(network)
    assert {control["argument"] for control in built} == set(trace(network).steps[0].arguments)


@pytest.mark.parametrize("layer_type", CHOSEN.values(), ids=CHOSEN)
def test_every_legal_value_has_a_control_that_shows_it(layer_type):
    rng = Random(41)
    for name, parameter in layer_type.parameters().items():
        for _ in range(25):
            value = legal_value(rng, parameter, axes_of(layer_type))
            network = alone(layer_type).with_argument("layer", name, value)
            mine = [c for c in drawn(network) if c["argument"] == name]
            assert mine, (name, value)
            if mine[0]["kind"] == "range" and not isinstance(value, tuple) and value is not None:
                assert mine[0]["value"] == value
            if mine[0]["kind"] == "range" and isinstance(value, tuple):
                assert tuple(control["value"] for control in mine) == value


@pytest.mark.parametrize("layer_type", CHOSEN.values(), ids=CHOSEN)
def test_what_a_control_shows_sent_back_changes_nothing(layer_type):
    rng = Random(42)
    for name, parameter in layer_type.parameters().items():
        for _ in range(15):
            value = legal_value(rng, parameter, axes_of(layer_type))
            if value is None and (parameter.kind is not Kind.SHAPE):
                continue  # its toggle says that it is None; the slider beside it shows what that stands for
            network = alone(layer_type).with_argument("layer", name, value)
            for control in drawn(network):
                if control["kind"] == "readonly" or control["argument"] != name:
                    continue
                here = Session(network=network, before=network)
                shown = control["value"]
                for sent in {shown, str(shown)} if control["kind"] == "range" else {shown}:
                    apply(here, control["key"], sent, "commit")
                    assert here.typed == {}
                    assert here.network[("layer")].signature == network["layer"].signature, (name, value, sent)


def test_what_is_decided_comes_first_then_the_everyday_then_the_rest():
    order = [(control["kind"] == "readonly", not control["more"]) for control in drawn(SEED, "conv1")]
    assert order == sorted(order, reverse=True)
    assert [control["label"] for control in drawn(SEED, "conv1")][:3] == ["in_channels", "out_channels", "kernel_size"]


def test_what_the_data_decides_is_shown_with_its_reason():
    first = drawn(SEED, "fc1")[0]
    assert (first["kind"], first["value"], first["tag"]) == ("readonly", "192", "flatten")
    assert first["why"] == "The length of the flattened maps: 12 × 4 × 4 = 192"
    assert {c["label"] for c in drawn(SEED, "out") if c["kind"] == "readonly"} == {"in_features", "out_features"}


def test_a_slider_reaches_beyond_its_comfortable_end_with_the_value():
    for size in (1, 11, 12, 40, 64):
        control = next(
            c for c in drawn(SEED.with_argument("conv1", "kernel_size", size), "conv1") if "kernel" in c["key"]
        )
        assert control["low"] <= size <= control["high"] < 2 * max(size, 11)


@pytest.mark.parametrize(
    "value",
    [-5, 0, 10**18, -(10**18), 2.5, -1e300, 1e300, True, None, "abc", "same", (1,), (1, 2, 3, 4, 5), ("a", None)],
)
@pytest.mark.parametrize("parameter", CONV)
def test_values_that_no_control_makes_but_a_link_may_hold_are_drawn_too(parameter, value):
    drawn(SEED.with_argument("conv1", parameter, value), "conv1")


@pytest.mark.parametrize(
    ("parameter", "typed", "value"),
    [
        ("kernel_size", "5", 5),
        ("kernel_size", " 5 ", 5),
        ("kernel_size", "5.0", 5),
        ("kernel_size", 5.0, 5),
        ("kernel_size", "(5, 3)", (5, 3)),
        ("kernel_size", "5, 3", (5, 3)),
        ("kernel_size", "5,3", (5, 3)),
        ("kernel_size", "5x3", (5, 3)),
        ("kernel_size", "[5, 3]", (5, 3)),
        ("padding", "same", "same"),
        ("padding", "'same'", "same"),
        ("padding", '"valid"', "valid"),
        ("padding", "0", 0),
        ("bias", True, True),
        ("bias", "False", False),
        ("padding_mode", "reflect", "reflect"),
    ],
)
def test_what_people_type_is_understood(parameter, typed, value):
    parsed = parse(CONV[parameter], parameter, typed, 2)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("kind", "parameter", "typed", "value"),
    [
        ("MaxPool2d", "stride", "None", None),
        ("MaxPool2d", "stride", "", None),
        ("BatchNorm2d", "momentum", "none", None),
        ("BatchNorm2d", "eps", "1e-3", 0.001),
        ("Dropout", "p", "0.3", 0.3),
        ("Unflatten", "unflattened_size", "32, 7, 7", (32, 7, 7)),
        ("Unflatten", "unflattened_size", "784", (784,)),
        ("Unflatten", "unflattened_size", "-1, 7", (-1, 7)),
        ("LayerNorm", "normalized_shape", "12, 4", (12, 4)),
        ("LayerNorm", "normalized_shape", "", None),
        ("AdaptiveAvgPool2d", "output_size", "None, 7", (None, 7)),
        ("GELU", "approximate", "none", "none"),
        ("Upsample", "align_corners", "None", None),
    ],
)
def test_none_shapes_and_fractions_are_understood(kind, parameter, typed, value):
    parsed = parse(CATALOGUE[kind].parameters()[parameter], parameter, typed, 2)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "abc",
            "",
            "None",
            "0",
            "-3",
            "1e9",
            "5.5",
            "9" * 5_000,
            "1e999",
            "nan",
            "inf",
            "-inf",
            "5,",
            "5, 3, 2",
            "5, x",
        ),
        *("x", ",", "(", "()", "5 3", "same", "🦜", "0x10", "1" * 39, "5;3", "[]", "{}", "None, 3", "5,3" * 500),
        *("<b>5</b>", "\x00", True, None, 2.5, [], {}, [3, 3], {"a": 1}, float("nan"), float("inf"), 10**400),
    ],
)
def test_what_is_no_kernel_size_is_refused_with_a_short_sentence(typed):
    with pytest.raises(WrongValueError) as refused:
        parse(CONV["kernel_size"], "kernel_size", typed, 2)
    sentence = str(refused.value)
    assert sentence.startswith("kernel_size ")
    assert sentence.endswith(".")
    assert len(sentence) < 250


def test_random_text_is_parsed_or_refused():
    rng = Random(43)
    letters = "0123456789.,x()[]-+eE nNsameone'\"_ \t"
    for layer_type in CATALOGUE.values():
        for name, parameter in layer_type.parameters().items():
            for _ in range(40):
                text = "".join(rng.choice(letters) for _ in range(rng.randint(0, 12)))
                try:
                    value = parse(parameter, name, text, axes_of(layer_type))
                except WrongValueError:
                    continue
                alone(layer_type).with_argument("layer", name, value)


def toggle_keys(network: Network, argument: str, name: str = "conv1") -> set[str]:
    found = [toggle for c in drawn(network, name) if c["argument"] == argument for toggle in c.get("toggles", [])]
    return {toggle["key"].split(":")[0] for toggle in found}


def test_toggles_are_offered_where_they_mean_something():
    assert toggle_keys(SEED, "kernel_size") == {"split"}
    assert toggle_keys(SEED, "padding") == {"same", "split"}
    assert toggle_keys(SEED, "stride", "pool1") == {"none"}
    assert toggle_keys(SEED.with_argument("pool1", "stride", 2), "stride", "pool1") == {"none", "split"}
    assert toggle_keys(SEED, "groups") == set()
    assert toggle_keys(alone(CATALOGUE["Conv1d"]), "kernel_size", "layer") == set()


def test_a_stride_that_follows_its_kernel_shows_the_kernel():
    for size in (3, (3, 2)):
        network = SEED.with_argument("pool1", "kernel_size", size)
        shown = [control["value"] for control in drawn(network, "pool1") if control["argument"] == "stride"]
        assert tuple(shown) == (size if isinstance(size, tuple) else (size,))
