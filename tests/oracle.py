"""Random layers and networks, good and bad, and the judge of them: real torch modules, really run.

Both generators read everything from a `random.Random`. A seeded one gives many configurations fast; hypothesis's
`st.randoms(use_true_random=False)` gives the same configurations with shrinking.
"""

import math
import warnings
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import torch

from layerscope.asking import ask
from layerscope.catalogue import TORCH_LAYERS
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.parameter import Kind, Parameter
from layerscope.steps import Step, Trace

CHAINED = {
    name: layer_type
    for name, layer_type in TORCH_LAYERS.items()
    if layer_type.takes[0] <= 1 <= layer_type.takes[1] and layer_type.wants != "indices"
}
"""torch's own layers that a chain can hold: one input of values is enough for them."""
SEQUENCES = dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), 0) | dict.fromkeys(
    ("RNN", "LSTM", "GRU", "MultiheadAttention", "TransformerEncoderLayer", "Fold"), 1
)
"""How many axes after the first the types have that say it in a sentence of their own."""
WRITTEN = {name: layer_type for name, layer_type in CHAINED.items() if not layer_type.fresh("it").ports}
"""Those that nn.Sequential can hold: with one output."""
BATCHES = (2, 3)
"""Two real runs: what does not keep both batches apart does not run."""


Facts = tuple[tuple[Shape, ...], Shape | None, Shape | None, int]


@dataclass(frozen=True)
class Verdict:
    """What really happened. `shapes` holds (outputs, weight, bias, parameters) of each layer that ran."""

    runs: bool
    shapes: tuple[Facts, ...] = ()
    words: str = ""


def really(rows: list[tuple[Layer, dict[str, Any]]], shape: Shape) -> Verdict:
    """Build the rows' modules with torch's own initialisation and run them one after the other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's remarks, such as those about softmax without dim
        return _really(rows, shape)


def _really(rows: list[tuple[Layer, dict[str, Any]]], shape: Shape) -> Verdict:
    facts: list[Facts] = []
    values = [torch.rand(batch, *shape) for batch in BATCHES]
    for layer, arguments in rows:
        try:
            module = layer.torch_class(**arguments).eval()
            with torch.no_grad():
                results = [layer.unpack(layer.call(module, value)) for value in values]
        except Exception as error:
            return Verdict(False, tuple(facts), f"{type(error).__name__}: {error}")
        values = [result[0] for result in results]
        left = {tuple(tuple(port.shape[1:]) for port in result) for result in results}
        batches = [{port.shape[:1] for port in result} for result in results]
        if batches != [{(b,)} for b in BATCHES] or len(left) != 1:
            return Verdict(False, tuple(facts), "the batch axis is lost")
        outputs = left.pop()
        if any(0 in output for output in outputs):
            return Verdict(False, tuple(facts), "no cells are left")
        weight, bias = (module._parameters.get(name) for name in ("weight", "bias"))
        facts.append(
            (
                outputs,
                None if weight is None else tuple(weight.shape),
                None if bias is None else tuple(bias.shape),
                sum(parameter.numel() for parameter in module.parameters()),
            )
        )
    return Verdict(True, tuple(facts))


def judged(trace: Trace) -> Verdict:
    """Every layer that `trace` reached, the failing one too, really run."""
    return really([(step.layer, step.arguments) for step in trace.steps], trace.network.input_shape)


def facts(step: Step) -> Facts:
    """What `trace` says of one layer, to be compared with a verdict's shapes."""
    return step.output_shapes, step.weight_shape, step.bias_shape, step.parameters


def compare(trace: Trace) -> str | None:
    """What `trace` says otherwise than reality does, or None. Declared limits of our own are not torch's."""
    steps = [(step, own_refusal(step.layer, step.input_shape)) for step in trace.steps]
    if accepted := [(step.name, reason) for step, reason in steps if reason and step.error is None]:
        return f"trace accepts what we say we refuse: {accepted}"
    # What we refuse on our own is not run: a stride of 70,000 ends the whole process in oneDNN.
    verdict = really([(s.layer, s.arguments) for s, refused in steps if not refused], trace.network.input_shape)
    ours = [facts(step) for step in trace.steps if step.error is None]
    if ours != list(verdict.shapes)[: len(ours)]:
        return f"trace says {ours}, torch {list(verdict.shapes)} {verdict.words}"
    if trace.error and verdict.runs and not steps[-1][1]:
        return f"trace refuses what torch runs: {trace.error.message}"
    return None


def own_refusal(layer: Layer, shape: Shape) -> str | None:
    """Why Layerscope refuses `layer` whatever torch says: the declared differences, all of them."""
    axes = layer.values_per_parameter(shape)
    for name, parameter in layer.parameters().items():
        if reason := _own_refusal_of_value(parameter, getattr(layer, name), axes):
            return f"{name}: {reason}"
    if layer.dims == len(shape):
        return "torch would take the batch for channels (its unbatched input)"
    if layer.type.startswith(WORK_ON_LAST_AXES) and len(shape) != layer.dims + 1:
        return "torch works on the last axes, whatever they are"
    if len(shape) != SEQUENCES.get(layer.type, len(shape) - 1) + 1:
        return "torch would take the batch for the length (its unbatched input)"
    if layer.type.startswith("CircularPad") and len(shape) == layer.dims:
        return "torch would take the batch for channels"
    if layer.type in ("Flatten", "Unflatten", "GLU"):
        for name in ("start_dim", "end_dim", "dim"):
            dim = layer.chosen.get(name)
            if type(dim) is int and dim in (0, -len(shape) - 1):
                return f"{name} names the batch axis"
    return None


def _own_refusal_of_value(parameter: Parameter, value: Any, axes: int) -> str | None:
    if parameter.kind is Kind.SWITCH:
        return None if type(value) is bool or (value is None and parameter.optional) else "a switch takes a boolean"
    if parameter.kind is Kind.CHOICE:
        return None if value in parameter.words else "a word that is not offered"
    if parameter.kind is Kind.NUMBER and isinstance(value, str):
        return "a word is no number, even where torch reads it as one"
    if value is None and not parameter.optional and not parameter.keeps_size:
        return "a missing value, which torch may never look at"
    if value in ("", ()):
        return "an empty value, which torch may take for none"
    for number in value if isinstance(value, tuple) else (value,):
        if type(number) is bool:
            return "a boolean is no number"
        if type(number) in (int, float) and not parameter.low <= number <= parameter.high:
            return "beyond the declared limits"
    if isinstance(value, tuple) and parameter.kind is not Kind.SHAPE and len(value) != axes:
        return "a tuple of another length than the number of axes, which torch may stretch"
    return None


WORK_ON_LAST_AXES = ("ZeroPad", "ConstantPad", "InstanceNorm", "PixelShuffle", "PixelUnshuffle", "AdaptiveAvgPool2d")

# --- random configurations ---------------------------------------------------------------------------------------

BAD: tuple[Any, ...] = (-1, 0, True, False, 2.0, 1.5, None, "same", "", 7, 65, 70_000, (), (1,), (2, 2), (1, 1, 1), "1")
SMALL: dict[str, tuple[Any, ...]] = {
    "kernel_size": (1, 2, 2, 3, 3, 4, 5),
    "stride": (1, 1, 2, 2, 3, 4),
    "padding": (0, 0, 1, 1, 2, 3),
    "dilation": (1, 1, 1, 2, 3),
    "output_padding": (0, 0, 0, 1, 2),
    "out_channels": (1, 2, 3, 4, 6, 8, 12),
    "out_features": (1, 2, 5, 10, 16),
    "output_size": (1, 2, 3, 4, 7),
    "size": (1, 2, 3, 5, 8),
    "scale_factor": (0.1, 0.3, 0.5, 1, 1.0, 1.5, 2, 2.0, 2.7, 3, 1 / 3),
    "upscale_factor": (1, 2, 2, 3),
    "divisor_override": (1, 2, 9),
    "normalized_shape": ((4,), (8, 8), (3, 4, 4)),
    "hidden_size": (1, 2, 5, 8),
    "proj_size": (0, 0, 1, 2),
    "num_layers": (1, 1, 2),
    "dim_feedforward": (1, 4, 9),
    "downscale_factor": (1, 2, 2, 3),
    "unflattened_size": ((1, -1), (-1, 2), (2, 2, -1), (2, 3), (4, 2, 2), (-1,), (2, -1, -1), (0, -1)),
}


def random_shape(rng: Random, axes: int | None = None) -> Shape:
    """(F,), (C, L), (C, H, W) or (C, D, H, W), small enough to run for real in a blink."""
    axes = rng.choice((0, 1, 1, 2, 2, 2, 2, 3, 3)) if axes is None else axes
    channels = rng.choice((1, 2, 3, 4, 6, 8, 9, 12, 16))
    if axes == 0:
        return (rng.choice((channels, 16, 24, 36, 48)),)
    return (channels, *(rng.randint(1, 7 if axes == 3 else 13) for _ in range(axes)))


def random_layer(rng: Random, layer_type: type[Layer], shape: Shape, name: str = "layer", bad: float = 0.04) -> Layer:
    """A layer of that type for about that shape. Each value is out of place with probability `bad`."""
    values = {
        key: rng.choice(BAD) if rng.random() < bad else _sensible(rng, layer_type, key, parameter, shape)
        for key, parameter in layer_type.parameters().items()
    }
    if layer_type.__name__ == "Upsample" and rng.random() < 0.9:  # one of the two; seldom neither or both
        values["size" if rng.random() < 0.7 else "scale_factor"] = None
    if layer_type.__name__ == "Upsample" and rng.random() < 0.7:
        fitting = {1: ("nearest", "linear"), 2: ("nearest", "bilinear", "bicubic"), 3: ("nearest", "trilinear")}
        values["mode"] = rng.choice(fitting.get(len(shape) - 1, ("nearest",)))
        values["align_corners"] = None if values["mode"] == "nearest" else rng.choice((None, True, False))
    return layer_type(name=name, **values)


def _sensible(rng: Random, layer_type: type[Layer], key: str, parameter: Parameter, shape: Shape) -> Any:
    """A value of the right kind, most of the time one that fits."""
    default = layer_type.__dataclass_fields__[key].default
    if parameter.kind is Kind.SWITCH:
        return rng.choice((True, False) if not parameter.optional else (True, False, None))
    if parameter.kind is Kind.CHOICE:
        return default if rng.random() < 0.7 else rng.choice(parameter.words)
    if parameter.optional and rng.random() < 0.4:
        return None
    if key in ("num_heads", "nhead"):
        return rng.choice([n for n in range(1, shape[-1] + 1) if shape[-1] % n == 0] + [2, 3])
    if key in ("groups", "num_groups", "num_parameters"):
        divisors = [n for n in range(1, shape[0] + 1) if shape[0] % n == 0]
        return rng.choice((1, *divisors, rng.randint(1, 12)))
    if key == "out_channels" and rng.random() < 0.4:
        return shape[0] * rng.choice((1, 1, 2))
    if parameter.words and rng.random() < 0.15:
        return rng.choice(parameter.words)
    if key == "normalized_shape" and rng.random() < 0.8:
        return rng.choice((shape[rng.randrange(len(shape)) :], shape[-1]))
    if key == "unflattened_size" and rng.random() < 0.6:
        split = rng.choice([n for n in range(1, shape[0] + 1) if shape[0] % n == 0])
        return rng.choice(((split, shape[0] // split), (split, -1), (-1, split, 1), (shape[0],)))
    if key.endswith("dim"):
        return default if type(default) is int and rng.random() < 0.5 else rng.randint(-5, 4)
    if key not in SMALL and parameter.kind is Kind.NUMBER:
        return rng.choice((parameter.low, min(parameter.high, 1), 0.5))
    choices = SMALL.get(key, (1, 2, 3, 5))
    if parameter.per_axis and rng.random() < 0.2:
        axes = 2 * layer_type.dims if "Pad" in layer_type.__name__ else max(len(shape) - 1, 1)
        axes = 2 if "old" in layer_type.__name__ else axes
        pool = (*choices, None) if parameter.keeps_size else choices
        return tuple(rng.choice(pool) for _ in range(axes))
    return rng.choice(choices)


def random_question(rng: Random) -> tuple[Layer, Shape]:
    """A layer of any type and a shape that arrives at it, mostly of the rank it works on."""
    layer_type = CHAINED[rng.choice(tuple(CHAINED))]
    axes = SEQUENCES.get(layer_type.__name__, layer_type.dims or None)
    shape = random_shape(rng, axes if rng.random() < 0.85 else None)
    if layer_type.__name__ == "Fold" and rng.random() < 0.8:
        return _random_fold(rng)
    return random_layer(rng, layer_type, shape), shape


def _random_fold(rng: Random) -> tuple[Layer, Shape]:
    """A Fold and the columns that Unfold would make, mostly."""
    unfold = random_layer(rng, CHAINED["Unfold"], (4, 8, 9), bad=0.02)
    size = rng.choice((5, 8, (6, 9)))
    layer = replace(CHAINED["Fold"].fresh("layer"), **unfold.chosen).with_chosen("output_size", size)
    answer = ask(unfold, (rng.randint(1, 4), *(size if isinstance(size, tuple) else (size, size))))
    return layer, answer.output_shape or random_shape(rng, 1)


def random_network(rng: Random, longest: int = 9, bad: float = 0.004) -> Network:
    """A network of up to `longest` layers, most of them fitting what arrives, on any kind of input."""
    input_shape = random_shape(rng)
    network = Network(input_shape, (), rng.choice((None, None, 2, 10)))
    shape: Shape = input_shape
    for _ in range(rng.randint(1, longest)):
        fitting = [t for t in WRITTEN.values() if SEQUENCES.get(t.__name__, t.dims or len(shape) - 1) == len(shape) - 1]
        layer_type = rng.choice(fitting if rng.random() < 0.97 else tuple(WRITTEN.values()))
        for _ in range(3):  # a few attempts: long runnable networks are rare by chance
            layer = random_layer(rng, layer_type, shape, _random_name(rng, network, layer_type), bad)
            answer = ask(layer, shape)
            if answer.output_shape is not None and math.prod(answer.output_shape) < 20_000:
                break
        if answer.output_shape is not None and math.prod(answer.output_shape) >= 20_000:
            continue
        network = network.insert(rng.choice((len(network.layers),) * 30 + (0,)), layer)
        shape = answer.output_shape or shape
        if len(shape) > 1 and rng.random() < 0.08:
            network = network.insert(len(network.layers), "Flatten")
            shape = (math.prod(shape),)
    if network.classes and rng.random() < 0.4 and math.prod(shape) < 2_000:
        network = network.insert(len(network.layers), "Flatten").insert(len(network.layers) + 1, "Linear")
    return network


def _random_name(rng: Random, network: Network, layer_type: type[Layer]) -> str:
    free = network.free_name(layer_type.stem)
    return free if rng.random() < 0.9 else f"{free}_{len(network.layers)}"


def described(network: Network) -> str:
    """A network as source, for a failing test to show."""
    rows = ",\n  ".join(map(repr, network.layers))
    return f"Network({network.input_shape}, (\n  {rows},\n), {network.classes})"


def single(layer: Layer, shape: Shape) -> Network:
    """A network of one layer."""
    return Network(shape, (replace(layer, name="layer"),))
