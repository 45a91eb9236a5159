"""Random rows of torch's functions with the shapes of their inputs, and what torch really makes of them."""

import warnings
from random import Random
from typing import Any, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from layerscope.catalogue import CATALOGUE, GROUPS, MEASURED, TORCH_LAYERS
from layerscope.layers.base import Layer, Shape
from layerscope.parameter import Kind
from tests.oracle import BAD, BATCHES

ROWS = {
    name: layer_type
    for name, layer_type in CATALOGUE.items()
    if name not in TORCH_LAYERS and layer_type not in (*GROUPS["Attention"], *MEASURED)
}
SIZES = (1, 1, 2, 3, 4, 6)


class Real(NamedTuple):
    """What really happened: the shape of each output, learnable values, multiply-accumulates of a sample."""

    shapes: tuple[Shape, ...] | None
    parameters: int = 0
    macs: int = 0
    words: str = ""


def really(layer: Layer, shapes: tuple[Shape, ...]) -> Real:
    """Build the module and run it on two batches of real samples; what does not keep them apart does not run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's remarks, such as those about the deviation of one value
        try:
            module = layer.torch_class(**layer.arguments(*shapes)).eval()
            runs = [_run(layer, module, batch, shapes) for batch in BATCHES]
        except Exception as error:
            return Real(None, words=f"{type(error).__name__}: {error}")
    outputs = [tuple(tuple(output.shape[1:]) for output in run) for run, _ in runs]
    kept = all(output.shape[:1] == (batch,) for batch, (run, _) in zip(BATCHES, runs, strict=True) for output in run)
    if not kept or len(set(outputs)) != 1:
        return Real(None, words="the batch axis is lost")
    if any(0 in shape for shape in outputs[0]):
        return Real(None, words="no cells are left")
    count = sum(parameter.numel() for parameter in module.parameters())
    assert runs[0][1] * BATCHES[1] == runs[1][1] * BATCHES[0], "as many for each sample"
    return Real(outputs[0], count, runs[0][1] // BATCHES[0] // 2)


def _run(layer: Layer, module: Any, batch: int, shapes: tuple[Shape, ...]) -> tuple[tuple[torch.Tensor, ...], int]:
    values = [torch.rand(batch, *shape) for shape in shapes]
    if not values:  # torch's counter cannot follow a module without inputs
        return (module(batch),), 0
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        result = layer.call(module, *values)
    return layer.unpack(result), counter.get_total_flops()


def random_row(rng: Random, layer_type: type[Layer], bad: float = 0.03) -> tuple[Layer, tuple[Shape, ...]]:
    """A row of that type and the shapes of its inputs, which fit more often than not."""
    shape = tuple(rng.choice(SIZES) for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 3, 4))))
    values = values_for(rng, layer_type, shape, bad)
    fewest, most = layer_type.takes
    if most == 0:
        return layer_type(name="row", **values), ()
    count = rng.randint(fewest, min(most, 4))
    return layer_type(name="row", **values), (shape, *(_beside(rng, layer_type, shape) for _ in range(count - 1)))


def values_for(rng: Random, layer_type: type[Layer], shape: Shape, bad: float) -> dict[str, Any]:
    """Arguments for a row that reads `shape`; each is out of place with probability `bad`."""
    return {
        key: rng.choice(BAD) if rng.random() < bad else _value(rng, layer_type, key, shape)
        for key in layer_type.parameters()
    }


def _beside(rng: Random, layer_type: type[Layer], shape: Shape) -> Shape:
    """The shape of another input: equal, or with an axis stretched, changed, missing or added."""
    sizes = list(shape)
    if layer_type.__name__ == "MatMul" and len(sizes) > 1 and rng.random() < 0.7:
        sizes[-2:] = sizes[-1], rng.choice(SIZES)
    if rng.random() < 0.6 or not sizes:
        return (*sizes, *(() if rng.random() < 0.95 else (1,)))
    axis = rng.randrange(len(sizes))
    match rng.randrange(4):
        case 0:
            sizes[axis] = 1
        case 1:
            sizes[axis] = rng.choice(SIZES)
        case 2:
            del sizes[axis]
        case _:
            sizes.insert(axis, rng.choice(SIZES))
    return tuple(sizes)


def _value(rng: Random, layer_type: type[Layer], key: str, shape: Shape) -> Any:
    parameter = layer_type.parameters()[key]
    axes = len(shape) + 1
    if parameter.kind is Kind.SWITCH:
        return rng.random() < 0.5
    if parameter.kind is Kind.CHOICE:
        return rng.choice(parameter.words)
    if parameter.optional and rng.random() < 0.3:
        return None
    if key in ("dim", "dim0", "dim1") and parameter.kind is Kind.INTEGER:
        return rng.randint(-axes - 2, axes + 1) if rng.random() < 0.3 else rng.randint(1, max(axes - 1, 1))
    if key == "dim":
        dims = tuple(rng.randint(-axes, axes) for _ in range(rng.randint(1, 3)))
        return dims[0] if rng.random() < 0.5 else dims
    if key == "order":
        moved = rng.sample(range(1, axes), axes - 1)
        return rng.choice(
            ((0, *moved), (0, *moved), (-axes, *(axis - axes for axis in moved)), tuple(range(axes))[::-1])
        )
    if key == "shifts":
        return rng.choice((1, -2, 9, (1,), (2, -1), (1, 1, 1)))
    if key == "shape":
        return _sizes(rng, layer_type, shape)
    if key == "split_size":
        total = rng.choice(shape) if shape else 2
        first = rng.randint(1, total)
        return rng.choice(((total,), (first, total - first), (1,) * total, (1, 1, 1)))
    if key == "pad":
        return tuple(rng.randint(-2, 3) for _ in range(rng.choice((2, 2, 2, 4, 4, 3, 6))))
    if parameter.kind is Kind.NUMBER:
        return rng.choice((0, 1, 2, -1, 0.5, -0.5, 3.25))
    return rng.randint(max(int(parameter.low), -5), 6)


def _sizes(rng: Random, layer_type: type[Layer], shape: Shape) -> tuple[int, ...]:
    if layer_type.__name__ == "Expand":
        sizes = [
            rng.choice((size, -1, rng.choice(SIZES) if size == 1 or rng.random() < 0.1 else size)) for size in shape
        ]
        return (*sizes, *(() if rng.random() < 0.9 else (2,))) or (-1,)
    if layer_type.__name__ == "Reshape":
        sizes = rng.sample(shape, len(shape)) or [1]
        match rng.randrange(4):
            case 0:
                sizes[rng.randrange(len(sizes))] = -1
            case 1 if len(sizes) > 1:
                sizes[:2] = [sizes[0] * sizes[1]]
            case 2:
                sizes.insert(0, 1)
            case _:
                sizes[0] = rng.choice((-1, 2, sizes[0]))
        return tuple(sizes)
    return (1, *shape) if rng.random() < 0.5 or not shape else shape
