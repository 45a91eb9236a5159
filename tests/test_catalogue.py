"""Every layer type beside torch's own class of that name."""

import dataclasses
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_overloads

import pytest
from torch import nn
from torch.nn import functional

from layerscope.catalogue import CATALOGUE, GROUPS, MEASURED, TORCH_LAYERS
from layerscope.layers.activation import Identity
from layerscope.layers.axes import Transpose
from layerscope.layers.base import FROM_LAST_AXIS, Layer
from layerscope.layers.configuration import WIRING
from layerscope.layers.joining import MatMul
from layerscope.network import Network
from layerscope.parameter import Kind
from layerscope.tracing import trace
from tests import rows
from tests.layers import sequences
from tests.oracle import CHAINED, SEQUENCES, own_refusal, really, single

FORMULA = r"=|weight is|parameters|becomes|/|product|changes no shape"

WANTED = """Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d MaxPool1d MaxPool2d MaxPool3d AvgPool1d
AvgPool2d AvgPool3d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d
AdaptiveMaxPool3d BatchNorm1d BatchNorm2d BatchNorm3d GroupNorm LayerNorm InstanceNorm2d Linear Flatten Dropout
Dropout2d LocalResponseNorm ReLU LeakyReLU PReLU ELU GELU SiLU Hardswish Sigmoid Tanh Softmax LogSoftmax Identity
ZeroPad2d Unflatten PixelShuffle Upsample ReLU6 SELU Mish Softplus Hardsigmoid LogSigmoid Softsign Dropout1d
Dropout3d"""

NOT_OFFERED = {"device", "dtype", "args", "kwargs", "self", "return_indices", "recompute_scale_factor"} | {
    "_weight",
    "_freeze",
    "process_group",
    "min_value",
    "max_value",
}
"""Of torch's arguments those that say nothing of shapes and counts, or that make an answer of two tensors."""

EVERY = pytest.mark.parametrize("layer_type", CATALOGUE.values(), ids=CATALOGUE)
EASY = {
    name: layer_type
    for name, layer_type in CATALOGUE.items()
    if name in CHAINED or (name not in TORCH_LAYERS and name not in sequences.ROWS)
}
"""Those that run on one input of values, or on two equal ones; the others have tests/layers/test_sequences.py."""
EVERY_EASY = pytest.mark.parametrize("layer_type", EASY.values(), ids=EASY)


def suiting(layer_type: type[Layer]) -> tuple[int, ...]:
    """A shape on which a fresh layer of that type should run."""
    if layer_type.__name__ in ("BatchNorm1d", "Dropout1d"):
        return (8, 16)
    if layer_type.__name__ == "Fold":  # columns of 2 × 2 cells, for the 7 × 7 windows of an 8 × 8 map
        return (8, 49)
    if layer_type.__name__ in SEQUENCES:
        return (8, 16)[-1 - SEQUENCES[layer_type.__name__] :]
    return (8, *(16, 12, 10)[: layer_type.dims or 2])


def constructor(layer_type: type[Layer]) -> Mapping[str, inspect.Parameter]:
    """The parameters of torch's constructor. Where the real one takes anything, an overload says what."""
    written, *_ = (*get_overloads(layer_type.torch_class.__init__), layer_type.torch_class.__init__)
    return inspect.signature(written).parameters


def abstract_and_final(layer_type: type[Layer] = Layer) -> tuple[set[type[Layer]], set[type[Layer]]]:
    """Those with subclasses and those without."""
    below = [one for one in layer_type.__subclasses__() if one.__module__.startswith("layerscope.")]
    if not below:
        return set(), {layer_type}
    parts = [abstract_and_final(one) for one in below]
    return {layer_type}.union(*(a for a, _ in parts)), set().union(*(f for _, f in parts))


def test_the_catalogue_is_complete_and_named_like_torch():
    assert set(WANTED.split()) <= set(CATALOGUE)
    assert sum(map(len, (*GROUPS.values(), MEASURED))) == len(CATALOGUE)
    for name, layer_type in CATALOGUE.items():
        assert layer_type.__name__ == name == layer_type.torch_class.__name__.removeprefix("_")
        assert (getattr(nn, name, None) is layer_type.torch_class) == (name in TORCH_LAYERS)


def test_the_readme_says_how_many_there_are():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert f"any of {sum(map(len, GROUPS.values()))} layer types" in readme


def test_every_type_is_abstract_or_final():
    abstract, final = abstract_and_final()
    assert final == set(CATALOGUE.values())
    assert not abstract & final
    for layer_type in abstract - {Layer}:
        assert layer_type.__name__ not in CATALOGUE
        assert not hasattr(layer_type, "torch_class")


@EVERY
def test_arguments_and_defaults_are_torchs(layer_type):
    theirs = constructor(layer_type)
    fields = {field.name: field for field in dataclasses.fields(layer_type) if field.name not in WIRING}
    assert set(fields) == set(layer_type.parameters())
    assert list(layer_type.parameters()) == [name for name in theirs if name in fields], "torch's order"
    assert set(fields) | set(layer_type.decides) <= set(theirs)
    # The bias of BatchNorm, GroupNorm and InstanceNorm is newer than the oldest torch that we work with.
    too_new = {"bias"} if layer_type.__name__.endswith(("Norm", "Norm1d", "Norm2d", "Norm3d")) else set()
    left_out = set(theirs) - set(fields) - set(layer_type.decides) - NOT_OFFERED - too_new
    assert not left_out, f"a parameter each, or a place in NOT_OFFERED with its reason: {left_out}"
    for name, field in fields.items():
        if theirs[name].default is inspect.Parameter.empty:
            if layer_type.__name__ in ("LayerNorm", "RMSNorm"):  # the data decides it where nobody does
                assert (name, field.default) == ("normalized_shape", None)
                continue
            assert field.default is dataclasses.MISSING
            assert layer_type.parameters()[name].starter is not None
        elif theirs[name].default is functional.relu:  # torch takes the curve's name too
            assert field.default == "relu"
        else:
            assert field.default == theirs[name].default
            assert type(field.default) is type(theirs[name].default)


@EVERY
def test_every_argument_is_explained_and_bounded(layer_type):
    for name, parameter in layer_type.parameters().items():
        assert parameter.help.endswith((".", ":")), name
        assert not parameter.everyday or re.search(FORMULA, parameter.help), name
        usual = layer_type.usual(name)
        if parameter.kind in (Kind.INTEGER, Kind.NUMBER):
            assert parameter.low < parameter.high
            assert parameter.comfortable, f"{name} has no span for its slider"
            low, high = parameter.comfortable
            assert parameter.low <= low < high <= parameter.high
            assert usual is None or parameter.low <= usual <= parameter.high
        if parameter.kind is Kind.CHOICE:
            assert usual in parameter.words
    documentation = (layer_type.__doc__ or "").split("\n")[0]
    page = "docs/stable/generated/torch.nn." if layer_type.__name__ in TORCH_LAYERS else ""
    assert documentation.startswith(f"https://docs.pytorch.org/{page}")
    assert layer_type.__name__ not in TORCH_LAYERS or documentation.endswith(f".{layer_type.__name__}.html")


def alone(layer_type: type[Layer]) -> Network:
    """A fresh layer of that type on a fitting input, beside a second one where it takes two."""
    fresh, shape = layer_type.fresh("it"), suiting(layer_type)
    if layer_type.takes[0] < 2:
        return Network(shape, (fresh,))
    turned = Transpose(name="other", dim0=2, dim1=3)
    other = turned if layer_type is MatMul else Identity(name="other")
    return Network(shape, (other, dataclasses.replace(fresh, inputs=("input", "other"))))


@EVERY_EASY
def test_a_fresh_layer_runs(layer_type):
    traced = trace(alone(layer_type))
    step = traced.steps[-1]
    assert step.name == "it"
    assert traced.error is None
    assert traced.agrees
    if layer_type.__name__ in CHAINED:
        assert really([(step.layer, step.arguments)], suiting(layer_type)).runs
    else:
        assert rows.really(step.layer, step.input_shapes).shapes == step.output_shapes


@EVERY_EASY
def test_what_the_shape_decides_is_passed_to_torch(layer_type):
    shape = suiting(layer_type)
    arguments = layer_type.fresh("it").arguments(shape)
    for name in set(layer_type.decides) - {"kdim", "vdim"}:  # those of other inputs
        assert arguments[name] == (shape[-1] if name in FROM_LAST_AXIS else shape[0])
    if layer_type.__name__ in ("LayerNorm", "RMSNorm"):
        assert arguments["normalized_shape"] == shape
    assert list(arguments) == [name for name in constructor(layer_type) if name in arguments]


LOWEST_THAT_TORCH_TAKES_LOWER = {
    # One less than our lowest value runs in torch, and is refused all the same:
    "output_size": "0 leaves no cells",
    "eps": "a negative eps divides by nearly nothing",
    "negative_slope": "",
    "alpha": "",
    "beta": "",
    "k": "",
    "init": "beyond any use",
    "momentum": "torch does not look",
    "padding": "ZeroPad2d cuts with negative numbers",
    "dropout": "torch looks while training only",
    "dropout_p": "torch looks while training only",
    "dim_feedforward": "nothing is left of a position",
    "lower": "",
    "layer_norm_eps": "a negative eps divides by nearly nothing",
    "lambd": "",
    "norm_type": "",
    **dict.fromkeys(
        ("start", "stop", "value", "factor", "amount", "exponent", "min", "max", "min_val", "max_val", "threshold"),
        "our bound of any number",
    ),
}


@EVERY_EASY
def test_below_our_lowest_value_torch_refuses_too(layer_type):
    shape = suiting(layer_type)
    for name, parameter in layer_type.parameters().items():
        if parameter.kind not in (Kind.INTEGER, Kind.NUMBER):
            continue
        layer = layer_type.fresh("it").with_chosen(name, parameter.low - 1)
        assert trace(single(layer, shape)).error is not None
        assert own_refusal(layer, shape) is not None
        runs = really([(layer, layer.arguments(shape))], shape).runs
        assert not runs or name in LOWEST_THAT_TORCH_TAKES_LOWER, f"torch takes {name}={parameter.low - 1}"


@EVERY_EASY
def test_types_are_told_apart(layer_type):
    """To Python True is 1 and 1.0 is 1; to torch they are not, so the memory of answers must not mix them up."""
    shape, fresh = suiting(layer_type), layer_type.fresh("it")
    for name, parameter in layer_type.parameters().items():
        sound = {Kind.INTEGER: 1, Kind.SWITCH: True, Kind.NUMBER: 1}.get(parameter.kind)
        wrong = {Kind.INTEGER: (True, 1.0), Kind.SWITCH: (1, 1.0), Kind.NUMBER: (True,)}.get(parameter.kind, ())
        first = trace(single(fresh.with_chosen(name, sound), shape)).steps[0]
        for value in wrong:
            assert value == sound
            assert trace(single(fresh.with_chosen(name, value), shape)).error is not None
        again = trace(single(fresh.with_chosen(name, sound), shape)).steps[0]
        assert again.answer == first.answer
