"""The inputs of a network: their names, shapes, and whether they hold values or indices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from layerscope import wiring
from layerscope.inputs import Input
from layerscope.layers.base import Layer, Shape
from layerscope.source import examples, shapes
from layerscope.source.followed import Code, Followed
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.record import Output
from layerscope.source.remarks import doubts
from layerscope.source.torch.worlds import world_of

Given = tuple[Shape | None, ...]
"""A shape for each input, None where the code may tell it; () where nothing is given."""


@dataclass(frozen=True)
class Known:
    """What is known of several inputs. `told` and `doubt`: see Reading; `missing` are the names of those to ask for."""

    inputs: tuple[Input, ...] = ()
    told: str = ""
    doubt: str = ""
    missing: tuple[str, ...] = ()


def with_kinds(inputs: Sequence[Input], layers: Sequence[Layer]) -> tuple[Input, ...]:
    """The inputs, those as indices that only layers such as Embedding read."""
    names = [given.name for given in inputs]
    sources = wiring.sources(layers, names)
    found: dict[int, Layer] = {}
    passed = {-1 - k: k for k in range(len(names))}
    for place, (layer, reads) in enumerate(zip(layers, sources, strict=True)):
        for source in reads:
            if (k := passed.get(source.row)) is not None:
                if layer.wants == "indices":
                    found.setdefault(k, layer)
                elif layer.passes_kind:
                    passed[place] = k
    return tuple(
        replace(given, kind="indices", high=found[k].chosen.get("num_embeddings")) if k in found else given
        for k, given in enumerate(inputs)
    )


def several(code: Code, followed: Followed, wishes: shapes.Wishes, given: Given) -> Known:
    """All inputs of a network that takes more than one: as they are given, else as a call or the layers tell them."""
    names = followed.inputs
    rows = (*given, *[None] * len(names))[: len(names)]
    told, found, doubt = "given", list(rows), ""
    if called := _called(followed.run, followed.network, len(names)):
        told, found = "example call", [shape or shown for shape, shown in zip(rows, called, strict=True)]
    elif not all(rows):
        told = "layers"
        for place, shape in enumerate(rows):
            if shape is None:
                found[place], said = _told(place, followed, wishes)
                doubt = doubt or (f"Input {names[place]}: {said}" if said else "")
    missing = tuple(name for name, shape in zip(names, found, strict=True) if shape is None)
    if missing:
        return Known(missing=missing)
    inputs = [Input(name, shape) for name, shape in zip(names, found, strict=True) if shape is not None]
    return Known(with_kinds(inputs, followed.layers), "given" if any(rows) else told, doubt)


def _told(place: int, followed: Followed, wishes: shapes.Wishes) -> tuple[Shape | None, str]:
    """An input's shape, from the layers that it goes through until something joins it; and what is in doubt of it."""
    source, rows, places = Output(followed.entries[place]), list[Layer](), list[int]()
    for position, (row, layer) in enumerate(zip(followed.rows, followed.layers, strict=False)):
        if row.reads == (source,):
            rows.append(replace(layer, inputs=(), of=""))
            places.append(position)
            source = Output(row)
    told = shapes.tell(rows, wishes) if rows else shapes.Told(None)
    if told.shape is None or not examples.is_shape(told.shape):
        return None, ""
    return told.shape, doubts.doubt(replace(told, free=None if told.free is None else places[told.free]), followed)


def _called(run: Evaluator, network: Any, count: int) -> tuple[Shape, ...]:
    """The shapes in a call such as net(torch.randn(1, 3, 32, 32), torch.randn(1, 10)); () where there is none."""
    for each in world_of(run).showing.shown:
        rows = [tensor.shape[1:] for tensor in each.given]
        if each.network is network and len(rows) == count and all(map(examples.is_shape, rows)):
            return tuple(rows)
    return ()
