"""The rows of a network in the order in which they run: declared, checked, and what each of them reads."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import blake2b
from typing import Self

from layerscope import limits, ties, wiring
from layerscope.inputs import (
    Input,
    NetworkError,
    check_blocks,
    check_classes,
    check_name,
    check_shape,
    paths_above,
    usual_input,
)
from layerscope.layers.base import Layer, Shape
from layerscope.layers.linear import Linear
from layerscope.once import once
from layerscope.parameter import written
from layerscope.text import is_word
from layerscope.wiring import Source

MOST_NAMED = 40
"""How many names a sentence lists."""
_OF_NAMES_AND_WIRES = frozenset({
    "input_shape", "classes", "inputs", "outputs",
    "names", "_places", "blocks", "wiring", "called_again", "is_chain", "_readers",
})  # fmt: skip
"""What does not depend on the rows' arguments."""


@dataclass(frozen=True, eq=False)
class Rows:
    """`input_shape` without batch axis: (C, H, W), (C, L), (C, D, H, W) or (F,); that of the first of `inputs`.

    `classes` is None where the output is not one number per class. A row reads the row above, or what its `inputs`
    name. `outputs` names what leaves the network; empty, it is what the last row gives. Hashable; equal by what runs:
    the width that the head keeps for the day when it is the head no more does not count.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    classes: int | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        set_here = partial(object.__setattr__, self)
        set_here("input_shape", tuple(self.input_shape))
        set_here("layers", tuple(self.layers))
        set_here("outputs", tuple(self.outputs))
        check_shape(self.input_shape)
        check_classes(self.classes)
        first, *others = self.inputs or (None,)
        if first is None or first == usual_input(first.shape):
            first = usual_input(self.input_shape)
        elif first.shape != self.input_shape:
            first = replace(first, shape=self.input_shape)
        set_here("inputs", (first, *others))
        for limit, found in (
            (limits.LAYERS, self.layers),
            (limits.INPUTS, self.inputs),
            (limits.OUTPUTS, self.outputs),
        ):
            if len(found) > limit.most:
                raise NetworkError(limit.sentence(found=len(found)))
        self._check_names()
        if [layer for layer in self.layers if layer.inputs or layer.of or layer.tied]:
            set_here("layers", self._wired())
        self._check_outputs()

    def _check_names(self) -> None:
        seen = set(self.names)
        for layer in self.layers:
            check_name(layer.name)
        if len(seen) < len(self.names):
            twice = next(name for place, name in enumerate(self.names) if name in self.names[:place])
            raise NetworkError(f"Two layers are named {twice}; each needs its own name.")
        check_blocks(self.names)
        names = [given.name for given in self.inputs]
        if len({*names}) < len(names):
            raise NetworkError("Two inputs have the same name; each needs its own name.")
        if self.inputs[1:] and (both := seen.intersection(names)):
            raise NetworkError(f"A layer and an input are both named {min(both)}; each needs its own name.")

    def _wired(self) -> tuple[Layer, ...]:
        """The rows with their references checked and written in one way, and with the arguments of shared modules."""
        if (edges := sum(len(layer.inputs) for layer in self.layers)) > limits.EDGES.most:
            raise NetworkError(limits.EDGES.sentence(found=edges))
        known: dict[str, Layer | None] = {given.name: None for given in self.inputs}
        rows: list[Layer] = []
        for layer in self.layers:
            if layer.inputs and not all(type(each) is str and each in known for each in layer.inputs):
                read = tuple([self._checked(layer.name, "reads", reference, known) for reference in layer.inputs])
                layer = layer if read == layer.inputs else replace(layer, inputs=read)
            if layer.of:
                self._checked(layer.name, "calls", layer.of, known)
                owner = known.get(layer.of)
                if owner is None or type(owner) is not type(layer) or owner.of:
                    raise NetworkError(
                        f"{layer.name} cannot call {layer.of} again: it is not a {layer.type} with its own weights."
                    )
                layer = replace(owner, name=layer.name, inputs=layer.inputs, of=layer.of, tied=())
            if len(layer.inputs) == 1:
                layer = wiring.shortened(layer, rows[-1] if rows else None, self.inputs[0].name)
            rows.append(layer)
            known[layer.name] = layer
        return ties.united(rows) if [row for row in rows if row.tied] else tuple(rows)

    def _checked(self, name: str, verb: str, reference: str, known: Mapping[str, Layer | None]) -> str:
        """The reference in its one spelling, if `name` can read it: the first output of a row is the row's own name."""
        row, port = wiring.parts(reference) if isinstance(reference, str) else ("", "")
        if row not in known or not (port == "" or is_word(port)):
            why = "that layer comes later" if row in self.names else "there is no layer of that name before it"
            raise NetworkError(f"{name} {verb} {written(reference)}, but {why}.")
        maker = known[row] if port else None
        return row if maker and maker.ports[:1] == (port,) else reference

    def _check_outputs(self) -> None:
        if not self.outputs:
            return
        known = dict(zip(self.names, self.layers, strict=True))
        read = tuple(self._checked("The network's output", "reads", reference, known) for reference in self.outputs)
        object.__setattr__(self, "outputs", () if read == self.names[-1:] else read)

    def _with_rows(self, layers: tuple[Layer, ...]) -> Self:
        """These rows with other arguments. They are called and wired as before: none of that is checked or found anew,
        which took a third of a slider's move on a network of hundreds of rows."""
        rows, here = object.__new__(type(self)), self.__dict__
        rows.__dict__.update({name: here[name] for name in _OF_NAMES_AND_WIRES if name in here} | {"layers": layers})
        return rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    @cached_property
    def _value(self) -> tuple[tuple[Input, ...], int | None, tuple[Layer, ...], tuple[str, ...]]:
        return self.inputs, self.classes, self.resolved, self.outputs

    @property
    def exact(self) -> Hashable:
        """What tells apart networks to which torch may answer differently: to Python 2.0 is 2, and True is 1."""
        return self._value, tuple([layer.signature for layer in self.layers])

    @once
    def digest(self) -> bytes:
        """What `exact` tells apart, in 16 bytes, for what is kept longer than the network itself."""
        return blake2b(repr(self._value).encode(), digest_size=16).digest()

    def __getitem__(self, name: str) -> Layer:
        """The layer of that name."""
        return self.layers[self.index(name)]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The layers' names in order."""
        return tuple([layer.name for layer in self.layers])

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def blocks(self) -> dict[str, tuple[str, ...]]:
        """The rows of each block by its path, which is the dotted beginning of their names; no row has such a name."""
        found: dict[str, list[str]] = {}
        for name in self.names:
            if "." in name:
                for path in paths_above(name):
                    found.setdefault(path, []).append(name)
        return {path: tuple(rows) for path, rows in found.items()}

    def index(self, name: str) -> int:
        """The place of the layer of that name, counted from 0."""
        if name not in self._places:
            raise NetworkError(f"There is no layer named {name}; there {_listed(self.names)}.")
        return self._places[name]

    @cached_property
    def wiring(self) -> tuple[tuple[Source, ...], ...]:
        """For each row, where each of its inputs comes from."""
        return wiring.sources(self.layers, [given.name for given in self.inputs])

    @cached_property
    def called_again(self) -> frozenset[str]:
        """The rows whose modules other rows call again."""
        return frozenset({layer.of for layer in self.layers if layer.of})

    @cached_property
    def is_chain(self) -> bool:
        """Whether each row reads just the row above with weights of its own, and the last one gives the only output."""
        return (
            len(self.inputs) == 1
            and not self.outputs
            and not [row for row in self.layers if row.inputs or row.of or row.tied or row.takes[1] == 0]
        )

    @property
    def has_usual_input(self) -> bool:
        """Whether there is one input of values, of which nothing is said but its shape."""
        return self.inputs == (usual_input(self.input_shape),)

    def before(self, name: str) -> tuple[str, ...]:
        """What that row reads: rows, outputs of rows ("lstm1:h_n"), or inputs of the network ("input")."""
        return wiring.references(self.layers, self.index(name), self.inputs[0].name)

    def users(self, name: str) -> tuple[str, ...]:
        """The rows that read that row, or that input of the network."""
        return self._readers.get(name, ())

    @cached_property
    def _readers(self) -> dict[str, tuple[str, ...]]:
        readers: dict[str, dict[str, None]] = {}
        for layer in self.layers:
            for reference in self.before(layer.name):
                readers.setdefault(wiring.parts(reference)[0], {})[layer.name] = None
        return {name: tuple(rows) for name, rows in readers.items()}

    def ancestors(self, name: str) -> frozenset[str]:
        """The rows that this row depends on, through any number of others."""
        rows: set[int] = {self.index(name)}
        for row in range(self.index(name), -1, -1):
            if row in rows:
                rows.update(source.row for source in self.wiring[row])
        return frozenset(self.names[row] for row in rows if row >= 0) - {name}

    def dependents(self, name: str) -> frozenset[str]:
        """The rows that depend on this row, through any number of others."""
        rows = {self.index(name)}
        for row in range(self.index(name) + 1, len(self.layers)):
            if any(source.row in rows for source in self.wiring[row]):
                rows.add(row)
        return frozenset(self.names[row] for row in rows) - {name}

    @property
    def output_names(self) -> tuple[str, ...]:
        """What leaves the network, by name; the last row where nothing else is said."""
        return self.outputs or self.names[-1:]

    def upto(self, place: int) -> Self:
        """The rows before `place` as a network of their own, without classes."""
        return replace(self, layers=self.resolved[:place], classes=None, outputs=())

    @cached_property
    def head(self) -> str | None:
        """The layer whose outputs are the classes: the last one with weights, if its outputs become the result."""
        if self.classes is None or len(self.output_names) != 1 or not self.layers:
            return None
        place = wiring.source(self.layers, (), self.output_names[0]).row
        after: list[Layer] = []
        while place >= 0:
            layer = self.layers[place]
            if layer.of:
                return None
            if isinstance(layer, Linear):
                return layer.name
            if layer.head is not None:
                pooled = any(getattr(later, "output_size", None) in (1, (1,) * later.dims) for later in after)
                return layer.name if pooled and any(later.type == "Flatten" for later in after) else None
            if len(self.wiring[place]) != 1 or (not layer.keeps_channels and layer.type != "Flatten"):
                return None
            after.append(layer)
            place = self.wiring[place][0].row
        return None

    @cached_property
    def resolved(self) -> tuple[Layer, ...]:
        """The layers with the head's width set to the number of classes."""
        if self.head is None:
            return self.layers
        layers, place = list(self.layers), self.index(self.head)
        head = layers[place]
        if head.head is None:
            return self.layers
        for row, layer in enumerate(layers[place:], place):
            if head.name in (layer.name, layer.of):
                layers[row] = layer.with_chosen(head.head, self.classes)
        return tuple(layers)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMED
    return f"are {', '.join(names[:MOST_NAMED])}{f' and {more:,} more' if more > 0 else ''}"
