"""Random networks that branch and run: blocks, joins, several inputs and outputs, shared modules, ports, parameters."""

from collections.abc import Callable
from itertools import chain, count
from random import Random
from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer, Shape
from layerscope.network import Input, Network

Value = tuple[str, Shape]


class Growing:
    """Rows so far, and the values that later rows may read."""

    def __init__(self, rng: Random) -> None:
        self.inputs: set[str] = set()
        self.rng = rng
        self.rows: list[Layer] = []
        self.values: list[Value] = []
        self.count = 0

    def add(self, kind: str, reads: list[Value], shapes: list[Shape], name: str = "", **values: Any) -> list[Value]:
        """A row, and what it gives."""
        self.count += 1
        layer_type = CATALOGUE[kind]
        row = layer_type(name=name or self.name(layer_type.stem), inputs=tuple(read for read, _ in reads), **values)
        self.rows.append(row)
        ports = row.ports or ("",)
        made = [
            (f"{row.name}:{port}" if n else row.name, shape)
            for n, (port, shape) in enumerate(zip(ports, shapes, strict=True))
        ]
        self.values += made
        return made

    def name(self, stem: str) -> str:
        """A name: as reading would give it, or another one, in a block or in none."""
        taken = {row.name for row in self.rows} | self.inputs
        block = self.rng.choice(("", "", "", "block", "block.0", "block.1", "encoder.0", "encoder.1", "a.b"))
        wish = self.rng.choice(
            (f"{stem}1", f"{stem}2", f"{stem}{self.count}", f"my{self.count}", "t", "x", str(self.count + 5))
        )
        wish = wish if block or not wish.isdigit() else f"{stem}{self.count}"
        name = f"{block}.{wish}" if block else wish
        others = (f"{stem}_{number}" for number in count(self.count))  # a shared module asks before its row is counted
        return next(free for free in chain([name], others) if free not in taken)

    def pick(self, fits: Callable[[Shape], bool]) -> Value | None:
        """A value of a fitting shape, a late one more likely."""
        found = [value for value in self.values if fits(value[1])]
        return found[-1 - min(int(self.rng.expovariate(0.7)), len(found) - 1)] if found else None


def random_graph(rng: Random, longest: int = 14) -> Network:
    """A network that runs. Its inputs are images, sequences, indices or several of them."""
    graph = Growing(rng)
    image, words = Input("input", (4, 8, 8)), Input("words", (6,), "indices", 50)
    inputs = rng.choice((
        [image], [Input("input", (6, 8))], [words], [image, Input("other", (4, 8, 8))], [words, Input("x", (6, 8))],
        [Input("x", (12,)), Input("y", (12,)), Input("t", (4, 8, 8))],
    ))  # fmt: skip
    graph.inputs = {given.name for given in inputs}
    for given in inputs:
        if given.kind == "values":
            graph.values.append((given.name, given.shape))
        else:
            graph.add("Embedding", [(given.name, given.shape)], [(6, 8)], num_embeddings=50, embedding_dim=8)
    steps = [*_STEPS]
    for _ in range(rng.randint(2, longest)):
        rng.choice(steps)(graph)
    while not graph.rows:
        _numbers(graph)
    read = {reference for row in graph.rows for reference in row.inputs}
    loose = [row.name for row in graph.rows if not any(reference.split(":")[0] == row.name for reference in read)]
    outputs = tuple(rng.sample(loose, rng.randint(1, len(loose)))) if loose and rng.random() < 0.5 else tuple(loose)
    return Network(inputs[0].shape, tuple(graph.rows), rng.choice((None, 5)), tuple(inputs), outputs)


def _image(shape: Shape) -> bool:
    return len(shape) == 3 and shape[1] > 1


def _sequence(shape: Shape) -> bool:
    return len(shape) == 2


def _module(graph: Growing) -> None:
    rng = graph.rng
    if (value := graph.pick(_image)) is not None and rng.random() < 0.6:
        channels, height, width = value[1]
        kind = rng.choice(("Conv2d", "Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Dropout", "Identity"))
        more: dict[str, Any] = {"Conv2d": {"out_channels": rng.choice((4, 8)), "kernel_size": 3, "padding": 1}}.get(
            kind, {}
        )
        shape = (more.get("out_channels", channels), height, width)
        if kind == "MaxPool2d":
            more, shape = {"kernel_size": 2}, (channels, height // 2, width // 2)
        graph.add(kind, [value], [shape], **more)
    elif (value := graph.pick(lambda shape: len(shape) in (1, 2))) is not None:
        kind = rng.choice(("Linear", "LayerNorm", "GELU"))
        more = {"out_features": rng.choice((8, 12))} if kind == "Linear" else {}
        graph.add(kind, [value], [(*value[1][:-1], more.get("out_features", value[1][-1]))], **more)


def _join(graph: Growing) -> None:
    rng = graph.rng
    one = graph.pick(lambda shape: True)
    if one is None:
        return
    kind = rng.choice(("Add", "Multiply", "Subtract", "Divide", "Maximum", "Concat", "Stack"))
    others = [value for value in graph.values if value[1] == one[1]]
    most = 2 if kind in ("Subtract", "Divide") else 3
    reads = [rng.choice(others) for _ in range(rng.randint(2, most))]
    shape = one[1]
    if kind == "Concat":
        graph.add(kind, reads, [(sum(value[1][0] for value in reads), *shape[1:])], dim=1)
    elif kind == "Stack" and len(shape) < 4:
        graph.add(kind, reads, [(len(reads), *shape)], dim=1)
    elif kind != "Stack":
        graph.add(kind, reads, [shape])


def _axes(graph: Growing) -> None:
    rng = graph.rng
    value = graph.pick(lambda shape: len(shape) > 1)
    if value is None:
        return
    first, second, *rest = shape = value[1]
    kind = rng.choice(
        ("Transpose", "Permute", "Unsqueeze", "Select", "Slice", "Mean", "Max", "Reshape", "Chunk", "Split", "Flatten")
    )
    if kind == "Transpose":
        graph.add(kind, [value], [(second, first, *rest)], dim0=1, dim1=2)
    elif kind == "Permute":
        graph.add(kind, [value], [(second, first, *rest)], order=(0, 2, 1, *range(3, len(shape) + 1)))
    elif kind == "Unsqueeze" and len(shape) < 4:
        graph.add(kind, [value], [(*shape, 1)], dim=-1)
    elif kind == "Select":
        dim = rng.choice((1, -1))
        graph.add(kind, [value], [shape[1:] if dim == 1 else shape[:-1]], dim=dim, index=rng.choice((0, -1)))
    elif kind == "Slice" and first > 2:
        graph.add(kind, [value], [(2, *shape[1:])], dim=1, start=0, stop=2)
    elif kind in ("Mean", "Max"):
        keep = rng.random() < 0.4
        graph.add(kind, [value], [(first, *([1] if keep else []), *rest)], dim=2, keepdim=keep)
    elif kind == "Reshape":
        graph.add(kind, [value], [(second, first, *rest)], shape=(second, -1, *rest))
    elif kind == "Chunk" and first % 2 == 0:
        graph.add(kind, [value], [(first // 2, *shape[1:])] * 2, chunks=2, dim=1)
    elif kind == "Split" and first > 1:
        graph.add(kind, [value], [(1, *shape[1:]), (first - 1, *shape[1:])], split_size=(1, first - 1), dim=1)
    elif kind == "Flatten":
        size = 1
        for axis in shape:
            size *= axis
        graph.add(kind, [value], [(size,)])


def _numbers(graph: Growing) -> None:
    value = graph.pick(lambda shape: True)
    if value is not None:
        kind, more = graph.rng.choice((
            ("Scale", {"factor": 0.5}), ("Shift", {"amount": 1}), ("Power", {"exponent": 2}), ("Sigmoid", {}),
            ("Clamp", {"min": 0.0, "max": None}), ("Function", {"function": "exp"}),
            ("Reduce", {"function": "norm", "dim": -1, "keepdim": True}),
        ))  # fmt: skip
        shape = (*value[1][:-1], 1) if kind == "Reduce" else value[1]
        graph.add(kind, [value], [shape], **more)


def _recurrent(graph: Growing) -> None:
    rng, value = graph.rng, graph.pick(_sequence)
    if value is None:
        return
    kind, first = rng.choice(("LSTM", "GRU", "RNN", "MultiheadAttention")), rng.random() < 0.7
    length = value[1][0]
    if kind == "MultiheadAttention":
        alike = [other for other in graph.values if other[1] == value[1] and other != value]
        reads = [value, *rng.choices(alike, k=2)] if alike and rng.random() < 0.5 else [value]
        graph.add(kind, reads, [value[1], (length, length)], num_heads=1, batch_first=first)
        return
    states = [(1, 5)] * (2 if kind == "LSTM" else 1)
    made = graph.add(kind, [value], [(length, 5), *states], hidden_size=5, batch_first=first)
    if rng.random() < 0.4:
        graph.add(kind, [value, *made[1:]], [(length, 5), *states], hidden_size=5, batch_first=first)


def _parameter(graph: Growing) -> None:
    value = graph.pick(lambda shape: len(shape) > 1)
    if value is None:
        return
    shape = value[1]
    if graph.rng.random() < 0.5:
        (scale,) = graph.add(
            "Parameter", [], [(shape[0], *(1,) * (len(shape) - 1))], shape=(shape[0], *(1,) * (len(shape) - 1))
        )
        graph.add("Multiply", [value, scale], [shape])
    else:
        (token,) = graph.add("Parameter", [], [(1, *shape[1:])], shape=(1, 1, *shape[1:]), ndim=len(shape) + 1)
        graph.add("Concat", [token, value], [(shape[0] + 1, *shape[1:])], dim=1)


def _again(graph: Growing) -> None:
    """The module of an earlier row, called on another value of the same shape."""
    owners = [row for row in graph.rows if row.type in ("Linear", "Conv2d", "LayerNorm") and not row.of]
    if not owners:
        return
    owner = graph.rng.choice(owners)
    shapes = dict(graph.values)
    read, made = owner.inputs[0], shapes[owner.name]
    if read in shapes and (value := graph.pick(lambda shape: shape == shapes[read])) is not None:
        values = dict(owner.chosen)
        name = graph.name(owner.stem)
        graph.add(owner.type, [value], [made], name, **values)
        graph.rows[-1] = type(owner)(name=name, inputs=(value[0],), of=owner.name, **values)


_STEPS = (_module, _module, _module, _join, _join, _axes, _axes, _numbers, _recurrent, _parameter, _again)
