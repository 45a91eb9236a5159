"""Random networks that branch and join, and what becomes of real samples that go through them."""

import warnings
from dataclasses import replace
from math import prod
from random import Random
from typing import Any

import torch

from layerscope.asking import ask
from layerscope.catalogue import TORCH_LAYERS
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.steps import Trace
from tests.oracle import BATCHES, own_refusal, random_layer, random_shape
from tests.rows import ROWS, values_for

LEFT_OUT = {"Dropout1d", "Dropout2d", "Dropout3d", "LocalResponseNorm"}
"""Some warn of other axes; one looks at its input in a way (view) that depends on the rows before, as after Permute."""
PLAIN = {name: layer_type for name, layer_type in TORCH_LAYERS.items() if name not in LEFT_OUT}
MOST_CELLS = 20_000
"""Of one value, so that real samples are quick."""


def random_graph(rng: Random, longest: int = 14, bad: float = 0.004) -> Network:
    """Rows that read any of those before them; most of them fit."""
    shapes: dict[str, Shape] = {"input": random_shape(rng)}
    rows: list[Layer] = []
    for place in range(rng.randint(2, longest)):
        for _ in range(4):  # a few attempts: long runnable networks are rare by chance
            layer, names = _row(rng, f"row{place}", shapes, bad)
            outputs = ask(layer, *(shapes[name] for name in names)).output_shapes
            if outputs and max(map(prod, outputs)) < MOST_CELLS:
                break
        rows.append(replace(layer, inputs=names))
        if not outputs or max(map(prod, outputs)) >= MOST_CELLS:
            break
        ports = [f"{layer.name}:{port}" for port in layer.ports] or [layer.name]
        shapes.update(zip(ports, outputs, strict=True))
    return Network(shapes["input"], tuple(rows))


def _row(rng: Random, name: str, shapes: dict[str, Shape], bad: float) -> tuple[Layer, tuple[str, ...]]:
    first = rng.choice(list(shapes)[-4:])
    shape = shapes[first]
    if rng.random() < 0.35 and shape:
        fitting = [t for t in PLAIN.values() if t.dims in (0, len(shape) - 1)]
        layer = random_layer(rng, rng.choice(fitting), shape, name, bad)
        # In place, torch refuses what Expand gave: many of its cells are one. That is no property of a row alone.
        return (layer.with_chosen("inplace", False) if layer.chosen.get("inplace") else layer), (first,)
    joins = [t for t in ROWS.values() if t.takes[1] != 1]
    layer_type = rng.choice(joins if rng.random() < 0.5 else list(ROWS.values()))
    layer = layer_type(name=name, **values_for(rng, layer_type, shape, bad))
    fewest, most = layer_type.takes
    count = rng.randint(fewest, min(most, fewest + 1))
    alike = [other for other in shapes if len(shapes[other]) == len(shape) and rng.random() < 0.8] or [first]
    return layer, (first, *(rng.choice(alike) for _ in range(count - 1)))[:count]


def judged(trace: Trace) -> list[tuple[Shape, ...] | str]:
    """What really leaves each row that `trace` reached, or why nothing does; the samples of a batch stay apart."""
    network = trace.network
    values: list[dict[str, torch.Tensor]] = [{"input": torch.rand(b, *network.input_shape)} for b in BATCHES]
    found: list[tuple[Shape, ...] | str] = []
    for step in trace.steps:
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                module = step.layer.torch_class(**step.arguments).eval()
                runs = [
                    _run(step.layer, module, held, step.sources, b) for held, b in zip(values, BATCHES, strict=True)
                ]
        except Exception as error:
            return [*found, f"{type(error).__name__}: {error}"]
        ports = [f"{step.name}:{port}" for port in step.layer.ports] or [step.name]
        left = [tuple(tuple(output.shape[1:]) for output in run) for run in runs]
        kept = all(output.shape[:1] == (b,) for run, b in zip(runs, BATCHES, strict=True) for output in run)
        if not kept or left[0] != left[1] or any(0 in shape for shape in left[0]):
            return [*found, "the batch axis is lost, or no cells are left"]
        found.append(left[0])
        for held, run in zip(values, runs, strict=True):
            held.update(zip(ports, run, strict=False), **{step.name: run[0]})  # torch may make fewer chunks
    return found


def _run(layer: Layer, module: Any, held: dict[str, torch.Tensor], sources: tuple[str, ...], batch: int) -> Any:
    tensors = [held[name] for name in sources]
    return layer.unpack(layer.call(module, *tensors) if tensors else module(batch))


def compare(trace: Trace) -> str | None:
    """What `trace` says otherwise than reality does, or None. Declared limits of our own are not torch's."""
    ours = [step.output_shapes for step in trace.steps if step.error is None]
    real = judged(trace)
    if ours != real[: len(ours)]:
        return f"trace says {ours}, torch {real}"
    last = trace.steps[-1]
    if last.error is None or isinstance(real[-1], str):
        return None
    is_ours = (
        own_refusal(last.layer, last.input_shape)
        if last.type in TORCH_LAYERS
        else any(word in last.error.message for word in OUR_OWN)
    )
    return None if is_ours else f"trace refuses what torch runs: {last.layer} {last.input_shapes} {last.error.message}"


OUR_OWN = ("batch", "names axis", "smallest allowed", "Layerscope", "Parts of", "would work", "the limit is")
"""In the sentences about what torch takes and Layerscope does not; `test_functional_rows` knows each of them."""
