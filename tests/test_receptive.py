"""Receptive fields beside autograd: the input cells on which an output cell really depends, and published numbers."""

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
import torch
from torch import nn

from layerscope import limits
from layerscope.asking import ask
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.receptive import NOTHING
from layerscope.steps import Step, Trace
from layerscope.tables import field_text
from layerscope.tracing import trace
from tests.oracle import described, random_layer

WINDOWED = [
    layer_type
    for name, layer_type in CATALOGUE.items()
    if layer_type.reach is not Layer.reach and {"kernel_size", "output_size"} & set(layer_type.parameters())
    if name not in ("Unfold", "Fold")  # their columns: test_receptive_steps.py
]
"""Every type with a window and a reach of its own; a new one is compared with its gradients here."""


def random_chain(rng: Random, dims: int, longest: int = 5) -> Network:
    """Layers that move or merge places, on `dims` spatial axes; all of them run."""
    names = [layer_type.__name__ for layer_type in WINDOWED if layer_type.dims == dims]
    names += ["Upsample", "ReLU"] + ["PixelShuffle", "ZeroPad2d"] * (dims == 2)
    shape = (rng.choice((1, 2, 4)), *(rng.randint(5, {1: 26, 2: 13, 3: 8}[dims]) for _ in range(dims)))
    network = Network(shape, ())
    for _ in range(rng.randint(1, longest)):
        layer_type = CATALOGUE[rng.choice(names)]
        layer = random_layer(rng, layer_type, shape, network.free_name(layer_type.stem), bad=0)
        if (dims == 3 or layer.chosen.get("dilation", 1) != 1) and "ceil_mode" in layer.chosen:  # no summing twin
            layer = layer.with_chosen("ceil_mode", False)
        answer = ask(layer, shape)
        if answer.output_shape is not None and max(answer.output_shape) <= 40:
            network, shape = network.insert(len(network.layers), layer), answer.output_shape
    return network


class InSinglePrecision(nn.Module):
    """A module between layers in double precision."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.module(values.float())
        return result.double()


def summing(step: Step) -> nn.Module:
    """The layer with positive weights, and sums in place of largest values: what is seen has a gradient above zero."""
    given = dict(step.arguments)
    kind = step.type
    dims = kind[-2:]
    if kind.startswith("MaxPool") and given["dilation"] == 1 and given["ceil_mode"]:
        del given["dilation"]
        module: nn.Module = getattr(nn, f"AvgPool{dims}")(**given)
    elif kind.startswith("MaxPool"):
        channels = step.input_shape[0]
        given["stride"] = given["kernel_size"] if given["stride"] is None else given["stride"]
        del given["ceil_mode"]
        module = getattr(nn, f"Conv{dims}")(channels, channels, groups=channels, bias=False, **given)
    elif kind.startswith("AdaptiveMaxPool"):
        module = getattr(nn, f"AdaptiveAvgPool{dims}")(**given)
    elif kind.startswith("LPPool"):  # with powers above zero every cell counts
        module = getattr(nn, kind)(**{**given, "norm_type": 2.0})
    elif kind == "ReLU":
        module = nn.Identity()
    elif kind == "Upsample":  # in single precision it reads other cells than in double
        return InSinglePrecision(nn.Upsample(**given))
    else:
        module = step.layer.torch_class(**given)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(0.5, 1.5)
    return module.double().eval()


def really_seen(traced: Trace, cell: tuple[int, ...]) -> list[tuple[int, int]] | None:
    """First and last input cell, for each axis, that have a say in an output cell; None where none has."""
    values = torch.ones(1, *traced.network.input_shape, dtype=torch.double, requires_grad=True)
    output = nn.Sequential(*map(summing, traced.steps))(values)
    output[(0, slice(None), *cell)].sum().backward()
    assert values.grad is not None
    touched = values.grad[0].abs().sum(0) > 0
    if not touched.any():
        return None
    places = touched.nonzero()
    return [(int(axis.min()), int(axis.max())) for axis in places.T]


def field(step: Step) -> Any:
    assert step.receptive_field is not None
    return step.receptive_field


@pytest.mark.parametrize(("dims", "chains"), [(1, 70), (2, 40), (3, 40)])
def test_an_output_cell_sees_what_autograd_says(dims, chains, thorough):
    clipped = nothing = 0
    for number in range(chains * (115 if thorough else 1)):
        rng = Random(number)
        traced = trace(random_chain(rng, dims))
        if not traced.steps:
            continue
        assert traced.output_shape is not None
        axes = field(traced.steps[-1]).axes
        for _ in range(8):
            cell = tuple(rng.randrange(size) for size in traced.output_shape[1:])
            spans = [axis.span(place) for axis, place in zip(axes, cell, strict=True)]
            views = [axis.view(place) for axis, place in zip(axes, cell, strict=True)]
            seen = really_seen(traced, cell)
            context = f"Random({number}): cell {cell}: {spans}, really {seen}: {described(traced.network)}"
            if seen is None:
                assert NOTHING in spans, context
                nothing += 1
                continue
            assert spans == seen, context
            fills = {step.arguments.get("padding_mode", "zeros") for step in traced.steps}
            if fills == {"zeros"}:  # other padding shows cells from elsewhere
                pairs = zip(views, spans, strict=True)
                assert all(a <= first and last <= b for (a, b), (first, last) in pairs), context
            clipped += views != spans
    assert clipped > chains
    assert nothing > 0


@pytest.mark.parametrize(("kernel_size", "dilation"), [(2, 1), (3, 1), (4, 1), (5, 2), (2, 3), (4, 3)])
@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_with_same_padding_the_odd_cell_goes_to_the_end(kernel_size, dilation, mode):
    conv = new("Conv1d", kernel_size=kernel_size, dilation=dilation, padding="same", padding_mode=mode)
    traced = trace(Network((2, 20), (conv,)))
    for cell in range(20):
        assert really_seen(traced, (cell,)) == [field(traced.steps[0]).axes[0].span(cell)]


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_the_rule_is_that_of_the_largest_view(dims):
    """The published numbers count padding as input; a map of which one view lies inside has a view of that size."""
    varying = inside = 0
    for number in range(300):
        traced = trace(random_chain(Random(number), dims))
        for step in traced.steps:
            assert step.output_shape is not None
            for axis, cells in zip(field(step).axes, step.output_shape[1:], strict=True):
                views = [axis.view(u) for u in range(cells)]
                spans = [axis.span(u) for u in range(cells)]
                assert axis.size == max(last - first + 1 for first, last in views)
                assert axis.start == views[0][0]
                assert axis.cells == cells
                if all(view == span for view, span in zip(views, spans, strict=True)):
                    assert axis.size == max(last - first + 1 for first, last in spans)
                    inside += 1
                varying += len({last - first for first, last in views}) > 1
    assert varying > 50
    assert inside > 100


def test_padding_of_an_inner_map_is_not_taken_for_input():
    """The last cell's window reaches one cell of padding, which is no cell of the input; cell 31 has no gradient."""
    layers = (new("Conv1d", kernel_size=3, stride=2), new("Conv1d", kernel_size=3, padding=1))
    traced = trace(Network((1, 32), tuple(replace(layer, name=f"conv{i}") for i, layer in enumerate(layers))))
    axis = field(traced.steps[-1]).axes[0]
    assert (axis.size, axis.view(14), axis.span(14)) == (7, (26, 32), (26, 30))
    assert really_seen(traced, (14,)) == [(26, 30)]


@pytest.mark.parametrize(("kernel_size", "rows"), [(3, 26), (4, 27), (5, 28), (6, 25), (8, 27)])
def test_a_layer_that_sees_all_that_arrives_sees_only_what_arrives(kernel_size, rows):
    """Pooling leaves rows unread; no Linear gets them back."""
    traced = trace(PRESETS["fashion-mnist-cnn"].with_argument("conv1", "kernel_size", kernel_size))
    maps = nn.Sequential(*map(summing, traced.steps[:6]))
    image = torch.zeros(1, 1, 28, 28, dtype=torch.double, requires_grad=True)
    maps(image).sum().backward()
    assert image.grad is not None
    touched = image.grad[0, 0] > 0
    assert int(touched.any(1).sum()) == int(touched.any(0).sum()) == rows
    for name in ("fc1", "relu3", "out"):
        seen = field(traced.by_name[name])
        assert seen.size == (rows, rows)
        assert seen.whole is bool(touched.all())
        assert field_text(traced.by_name[name]) == ("all" if rows == 28 else f"{rows}×{rows}")


def test_a_gap_is_not_all():
    """Every second row reaches fc: from the first to the last 15 of 15, but not all."""
    stride = replace(new("Conv2d", kernel_size=1, stride=2), name="conv")
    layers = (stride, replace(new("Flatten"), name="flatten"), replace(new("Linear"), name="fc"))
    seen = field(trace(Network((1, 15, 15), layers)).steps[-1])
    assert (seen.size, seen.everywhere, seen.whole) == ((15, 15), True, False)


# --- published numbers --------------------------------------------------------------------------------------------


def rule(traced: Trace, name: str) -> tuple[int, int, int]:
    """Size, jump and padding (the start, negated) of the first axis behind a layer."""
    axis = field(traced.by_name[name])
    return axis.size[0], axis.jump[0], -axis.start[0]


def test_alexnet_as_published():
    """Araujo et al. 2019: AlexNet v2 of TF-Slim, whose conv1 has no padding."""
    traced = trace(PRESETS["alexnet"].with_argument("conv1", "padding", 0))
    names = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool3")
    assert [rule(traced, name)[0] for name in names] == [11, 19, 51, 67, 99, 131, 163, 195]
    assert rule(traced, "pool3") == (195, 32, 64)


@pytest.mark.parametrize(("key", "published"), [("vgg11", (150, 32, 59)), ("vgg16", (212, 32, 90))])
def test_vgg_as_published(key, published):
    assert rule(trace(PRESETS[key]), "pool5") == published


def test_the_seed_network_spans_the_image_exactly():
    traced = trace(PRESETS["fashion-mnist-cnn"])
    assert [rule(traced, name)[:2] for name in ("conv1", "pool1", "conv2", "pool2")] == [
        (5, 1),
        (6, 2),
        (14, 2),
        (16, 4),
    ]
    axis = field(traced.by_name["pool2"]).axes[0]
    assert (axis.span(0), axis.span(3)) == ((0, 15), (12, 27))


# --- what is not a window -----------------------------------------------------------------------------------------


def behind(*layers: Layer, shape: tuple[int, ...] = (4, 8, 8)) -> Any:
    traced = trace(Network(shape, tuple(replace(layer, name=f"layer{i}") for i, layer in enumerate(layers))))
    assert traced.error is None, traced.error
    return traced.steps[-1].receptive_field


def new(kind: str, **values: Any) -> Layer:
    layer = CATALOGUE[kind].fresh("it")
    return replace(layer, **values)


CONV = new("Conv2d", kernel_size=3)
FLATTEN = new("Flatten")


@pytest.mark.parametrize(
    "layers",
    [
        [CONV, FLATTEN, new("Linear")],
        [CONV, new("GroupNorm")],
        [CONV, new("InstanceNorm2d")],
        [CONV, new("BatchNorm2d", track_running_stats=False)],
        [CONV, FLATTEN, new("LayerNorm")],
        [CONV, FLATTEN, new("Softmax", dim=1)],
        # Behind a change of the axes a place is no longer a place in the image:
        [CONV, FLATTEN, new("Unflatten", unflattened_size=(9, 8, 8)), CONV],
        [CONV, new("Flatten", start_dim=1, end_dim=2), new("LocalResponseNorm")],
        [CONV, new("Flatten", start_dim=2), new("Conv1d")],
        [CONV, new("Flatten", start_dim=2), new("Unflatten", dim=2, unflattened_size=(4, 9)), CONV],
        [CONV, new("Flatten", start_dim=1, end_dim=2), new("Unflatten", dim=1, unflattened_size=(-1, 3)), CONV],
    ],
)
def test_what_sees_everything(layers):
    seen = behind(*layers)
    assert seen.whole
    assert seen.size == (8, 8)


@pytest.mark.parametrize(
    "layer",
    [new("ReLU"), new("BatchNorm2d"), new("Dropout2d"), new("Softmax", dim=1), FLATTEN, new("LocalResponseNorm")],
)
def test_what_keeps_its_place(layer):
    assert behind(CONV, layer).size == (3, 3)


def test_one_axis_may_see_everything():
    assert behind(CONV, new("Softmax", dim=3)).size == (3, 8)
    assert behind(CONV, new("Softmax", dim=-2)).size == (8, 3)
    assert behind(CONV, new("Linear")).size == (3, 8)
    assert behind(CONV, new("LayerNorm", normalized_shape=6)).size == (3, 8)


def test_flattening_and_back_keeps_the_place():
    back = new("Unflatten", unflattened_size=(16, 6, 6))
    assert behind(CONV, FLATTEN, back, CONV).size == (5, 5)


def test_a_fraction_of_a_jump():
    assert behind(new("ConvTranspose2d", stride=2)).jump == (Fraction(1, 2), Fraction(1, 2))
    assert behind(new("AdaptiveAvgPool2d", output_size=3)).jump == (Fraction(8, 3), Fraction(8, 3))
    assert all(type(jump) is int for jump in behind(CONV, new("MaxPool2d")).jump)


def test_maps_too_large_to_follow_have_no_field():
    enlarged = [new("Upsample", scale_factor=8), new("Upsample", scale_factor=4)]
    assert (8 + 32) * 400 < limits.READS.most < (8 + 32) * 4_000
    assert behind(*enlarged, shape=(1, 400)) is not None
    assert behind(*enlarged, shape=(1, 4_000)) is None
    assert behind(*enlarged, new("ReLU"), shape=(1, 4_000)) is None
