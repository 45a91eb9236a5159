"""Receptive fields of the steps of networks that branch: which views a step joins, and what it does not claim."""

from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from layerscope.catalogue import CATALOGUE
from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, unchanged
from layerscope.network import Input, Network
from layerscope.receptive import MOVED, NOTHING, OneAfterAnother, Reach
from layerscope.steps import Step, walk

LAYERS: dict[str, Any] = dict(CATALOGUE)


class _Sum(nn.Module):
    def forward(self, *inputs: Tensor) -> Tensor:
        return sum(inputs[1:], inputs[0])


@dataclass(frozen=True, kw_only=True)
class Sum(Layer):
    """A sum of several inputs."""

    torch_class: ClassVar[type[nn.Module]] = _Sum
    takes: ClassVar[tuple[int, int]] = (2, 8)
    stem: ClassVar[str] = "sum"

    def values_per_parameter(self, *shapes: Shape) -> int:
        return 0

    def rank_complaint(self, *shapes: Shape) -> str | None:
        return None

    def misfit(self, *shapes: Shape) -> str | None:
        return None

    def decided(self, *shapes: Shape) -> dict[str, Any]:
        return {}

    def prepare(self, module: nn.Module, *shapes: Shape) -> None:
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        return unchanged(tuple(map(max, *shapes)))

    def parameter_formula(self, *shapes: Shape) -> Formula | None:
        return None

    def mac_formula(self, *shapes: Shape) -> Formula | None:
        return None

    def tables(self, *shapes: Shape) -> int:
        return 0

    def scratch(self, *shapes: Shape) -> int:
        return 0

    def reach(self, *shapes: Shape) -> Reach:
        return super().reach(shapes[0])

    def warning(self, *shapes: Shape) -> str | None:
        return None


class _Below(nn.Module):
    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, 2)


@dataclass(frozen=True, kw_only=True)
class Below(Sum):
    """Maps one below the other."""

    torch_class: ClassVar[type[nn.Module]] = _Below

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        first = shapes[0]
        return unchanged((first[0], sum(shape[1] for shape in shapes), *first[2:]))

    def reach(self, *shapes: Shape) -> Reach:
        return OneAfterAnother(0)


class _Turned(nn.Module):
    def forward(self, values: Tensor) -> Tensor:
        return values.transpose(2, 3)


@dataclass(frozen=True, kw_only=True)
class Turned(Layer):
    """Rows become columns."""

    torch_class: ClassVar[type[nn.Module]] = _Turned
    stem: ClassVar[str] = "turn"

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        return unchanged((shape[0], shape[2], shape[1]))

    def reach(self, shape: Shape) -> Reach:
        return MOVED


def conv(name: str, kernel: int = 3, **more: Any) -> Layer:
    layer: Layer = LAYERS["Conv2d"](name=name, out_channels=2, kernel_size=kernel, **more)
    return layer


def steps(*layers: Layer, inputs: tuple[Input, ...] = (), shape: Shape = (2, 8, 8)) -> dict[str, Step]:
    traced = walk(Network(shape, layers, inputs=inputs))
    assert traced.error is None, traced.error
    return traced.by_name


def sizes(step: Step) -> Any:
    assert step.receptive_field is not None
    return step.receptive_field.size


def test_a_step_sees_what_all_its_inputs_see():
    made = steps(
        conv("a", padding=1),
        conv("b", 5, padding=2),
        Sum(name="skip", inputs=("a", "b")),
        Sum(name="back", inputs=("input", "a")),
        Sum(name="last", inputs=("skip", "back")),
        conv("c", padding=1),
    )
    assert [sizes(made[name]) for name in ("a", "b", "skip", "back", "last", "c")] == [
        (n, n) for n in (3, 7, 7, 3, 7, 9)
    ]
    assert made["c"].receptive_field is not None
    assert made["c"].receptive_field.axes[0].span(0) == (0, 4)


def test_squeeze_and_excite_sees_all():
    made = steps(
        conv("a", padding=1),
        LAYERS["AdaptiveAvgPool2d"](name="pool", output_size=1),
        conv("squeeze", 1),
        Sum(name="gate", inputs=("a", "squeeze")),
        conv("b", padding=1),
    )
    for name in ("gate", "b"):
        assert sizes(made[name]) == (8, 8)
        field = made[name].receptive_field
        assert field is not None
        assert field.whole


def test_maps_one_below_the_other_keep_their_places():
    made = steps(conv("a", padding=1), conv("b", padding=1), Below(name="both", inputs=("a", "b", "input")))
    field = made["both"].receptive_field
    assert field is not None
    assert [field.axes[0].span(u) for u in (0, 7, 8, 15, 16, 23)] == [(0, 1), (6, 7), (0, 2), (5, 7), (0, 0), (7, 7)]
    assert field.axes[0].cells == 24


def test_where_values_moved_nothing_is_claimed_until_all_is_read():
    made = steps(
        conv("a", 2, stride=2),
        Turned(name="turn"),
        conv("b", padding=1),
        Sum(name="both", inputs=("a", "b")),
        LAYERS["Flatten"](name="flat"),
        LAYERS["Linear"](name="fc", out_features=3),
        shape=(2, 9, 9),
    )
    assert [made[name].receptive_field for name in ("turn", "b", "both", "flat")] == [None] * 4
    assert sizes(made["fc"]) == (8, 8)
    assert made["fc"].receptive_field is not None
    assert not made["fc"].receptive_field.whole


@pytest.mark.parametrize(("second", "known"), [((2, 8, 8), True), ((2, 1, 1), False)])
def test_two_inputs_are_one_place_only_where_they_have_one_size(second, known):
    made = steps(Sum(name="both", inputs=("x", "y")), inputs=(Input("x", (2, 8, 8)), Input("y", second)))
    assert (made["both"].receptive_field is not None) is known


def test_flat_values_have_no_places_in_an_image():
    """64 values that become an image: what a convolution sees of them has no rows and columns."""
    made = steps(
        LAYERS["Unflatten"](name="image", dim=1, unflattened_size=(1, 8, 8)),
        conv("a"),
        LAYERS["Flatten"](name="flat"),
        LAYERS["Linear"](name="fc", out_features=3),
        shape=(64,),
    )
    assert made["a"].receptive_field is None
    assert made["fc"].receptive_field is not None
    assert made["fc"].receptive_field.whole


def random_graph(rng: Random) -> Network:
    """Convolutions, gates, sums, products and concatenations, along channels and along rows."""
    network = Network((2, rng.randint(4, 9), rng.randint(4, 9)), ())
    made = {"input": network.input_shape}
    for number in range(rng.randint(3, 9)):
        name, kind = (
            f"row{number}",
            rng.choice(("Conv2d", "Conv2d", "Gate", "Add", "Multiply", "Concat", "Below", "Pad")),
        )
        first = rng.choice(list(made)[-3:])
        alike = [other for other, shape in made.items() if shape[1:] == made[first][1:] and shape[0] == made[first][0]]
        stretched = [other for other, shape in made.items() if shape == (made[first][0], 1, 1)]
        layer: Layer
        if kind == "Conv2d":
            layer = conv(name, rng.randint(1, 3), stride=rng.randint(1, 2), padding=rng.randint(0, 2), inputs=(first,))
        elif kind == "Gate":
            layer = LAYERS["AdaptiveAvgPool2d"](name=name, output_size=1, inputs=(first,))
        elif kind == "Pad":
            layer = LAYERS["ZeroPad2d"](name=name, padding=tuple(rng.randint(-1, 1) for _ in range(4)), inputs=(first,))
        else:
            more = {"Concat": {"dim": 1}, "Below": {"dim": 2}}.get(kind, {})
            others = alike + (stretched if kind in ("Add", "Multiply") else [])
            inputs = (first, *rng.sample(others, min(len(others), rng.randint(1, 2))))
            if len(inputs) < 2:
                continue
            layer = LAYERS["Concat" if kind == "Below" else kind](name=name, inputs=inputs, **more)
        longer = Network(network.input_shape, (*network.layers, layer))
        shape = walk(longer).output_shape
        if shape is not None and max(shape) < 20:
            network, made[name] = longer, shape
    return network


def really(step: Step, values: dict[str, Tensor]) -> Tensor:
    """What the step makes of real values, with positive weights and sums, so that nothing that is read cancels out."""
    given = [values[name] for name in step.sources]
    if step.type == "Multiply":  # times a padded zero a value has no gradient
        return sum(given[1:], given[0])
    module = step.layer.torch_class(**step.arguments).double()
    for parameter in module.parameters():
        nn.init.uniform_(parameter, 0.5, 1.5)
    (result,) = step.layer.unpack(step.layer.call(module, *given))
    return result


def test_steps_of_random_graphs_see_what_autograd_says(thorough):
    joined = whole = 0
    for number in range(800 if thorough else 25):
        traced = walk(random_graph(Random(number)))
        image = torch.ones(1, *traced.network.input_shape, dtype=torch.double, requires_grad=True)
        values = {"input": image}
        for step in traced.steps:
            values[step.name] = really(step, values)
            field = step.receptive_field
            assert field is not None, number
            made = values[step.name]
            touched = [
                torch.autograd.grad(part.sum(), image, retain_graph=True)[0][0].sum(0) for part in made[0].unbind(1)
            ]
            for u, cells in enumerate(touched):
                rows = cells.sum(1).nonzero().flatten().tolist()
                assert field.axes[0].span(u) == ((min(rows), max(rows)) if rows else NOTHING), (number, step.name, u)
            assert not field.whole or all(bool(cells.all()) for cells in touched), (number, step.name)
            joined += len(step.sources) > 1
            whole += field.whole
    assert joined > 40
    assert whole > 5
