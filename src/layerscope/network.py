"""The network: its inputs, a number of classes, and rows in the order in which they run. Edits return a new one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import isfinite
from typing import Any

from layerscope import limits, wiring
from layerscope.catalogue import CATALOGUE
from layerscope.inputs import LARGEST_IMAGE, LONGEST_NAME, Input, NetworkError, check_classes, check_name, check_shape
from layerscope.layers.base import Layer, Shape
from layerscope.layers.linear import Linear
from layerscope.parameter import MOST_AXES, written
from layerscope.text import is_word
from layerscope.wiring import Source

__all__ = ["LARGEST_IMAGE", "LONGEST_NAME", "MOST_LAYERS", "PLAIN", "Input", "Network", "NetworkError", "check_name"]

MOST_LAYERS = limits.LAYERS.most
MOST_NAMED = 40
"""How many names a sentence lists."""
PLAIN = (int, float, bool, str, type(None))


@dataclass(frozen=True, eq=False)
class Network:
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
        first, *others = self.inputs or (Input("input", self.input_shape),)
        if first.shape != self.input_shape:
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
        if any(layer.inputs or layer.of for layer in self.layers):
            set_here("layers", self._wired())
        self._check_outputs()

    def _check_names(self) -> None:
        seen = set(self.names)
        for layer in self.layers:
            check_name(layer.name)
        if len(seen) < len(self.names):
            twice = next(name for place, name in enumerate(self.names) if name in self.names[:place])
            raise NetworkError(f"Two layers are named {twice}; each needs its own name.")
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
        for place, layer in enumerate(self.layers):
            for reference in layer.inputs:
                self._check_reference(layer.name, "reads", reference, known)
            if layer.of:
                self._check_reference(layer.name, "calls", layer.of, known)
                owner = known[layer.of]
                if type(owner) is not type(layer) or owner.of:
                    raise NetworkError(
                        f"{layer.name} cannot call {layer.of} again: that is no {layer.type} of its own."
                    )
                layer = replace(owner, name=layer.name, inputs=layer.inputs, of=layer.of)
            layer = wiring.shortened((*self.layers[:place], layer)[-2:], min(place, 1), self.inputs[0].name)
            rows.append(layer)
            known[layer.name] = layer
        return tuple(rows)

    def _check_reference(self, name: str, verb: str, reference: str, known: Mapping[str, object]) -> None:
        row, port = wiring.parts(reference) if isinstance(reference, str) else ("", "")
        if row not in known or not (port == "" or is_word(port)):
            why = "that layer comes later" if row in self.names else "there is no layer of that name before it"
            raise NetworkError(f"{name} {verb} {written(reference)}, but {why}.")

    def _check_outputs(self) -> None:
        for reference in self.outputs:
            self._check_reference("The network's output", "reads", reference, dict.fromkeys(self.names))
        if self.outputs == self.names[-1:]:
            object.__setattr__(self, "outputs", ())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    @cached_property
    def _value(self) -> tuple[tuple[Input, ...], int | None, tuple[Layer, ...], tuple[str, ...]]:
        return self.inputs, self.classes, self.resolved, self.outputs

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
    def is_chain(self) -> bool:
        """Whether each row reads just the row above, and the last one gives the only output."""
        return (
            len(self.inputs) == 1
            and not self.outputs
            and not any(layer.inputs or layer.of or layer.takes[1] == 0 for layer in self.layers)
        )

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

    def upto(self, place: int) -> "Network":
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
        head = self[self.head]
        return tuple(
            layer.with_chosen(layer.head, self.classes)
            if layer.head is not None and head.name in (layer.name, layer.of)
            else layer
            for layer in self.layers
        )

    def with_argument(self, name: str, parameter: str, value: Any) -> "Network":
        """The network with one argument of one layer changed. A value that cannot work is kept: `trace` says why."""
        layer = self[name]
        if parameter not in layer.parameters():
            raise NetworkError(self._not_yours(layer, parameter))
        if name == self.head and parameter == layer.head:
            raise NetworkError(
                f"{name}.{parameter} is the number of classes, {self.classes}; change the classes instead."
            )
        return self._with(layer.with_chosen(parameter, _plain(value)))

    def _not_yours(self, layer: Layer, parameter: str) -> str:
        if parameter in layer.decides:
            return f"{layer.name}.{parameter} is decided by the shape that arrives at {layer.name}."
        choices = ", ".join(layer.parameters()) or "none"
        return f"{layer.type} has no parameter {parameter} to choose; it has {choices}."

    def _with(self, layer: Layer) -> "Network":
        place = self.index(layer.name)
        return replace(self, layers=(*self.layers[:place], layer, *self.layers[place + 1 :]))

    def with_inputs(self, name: str, names: Iterable[str]) -> "Network":
        """The network with one row reading other rows: ("left", "right"). Empty: the row above."""
        return self._with(replace(self[name], inputs=tuple(names)))

    def rename(self, name: str, new: str) -> "Network":
        """The network with another name for one row; what reads it follows."""
        check_name(new)
        if new != name and new in self.names:
            raise NetworkError(f"There is a layer named {new} already; each needs its own name.")
        change = wiring.following(name, new)
        rows = (replace(row, name=new) if row.name == name else row for row in self.layers)
        rows = (replace(row, of=new) if row.of == name else row for row in rows)
        return replace(self, layers=wiring.renamed(rows, change), outputs=tuple(map(change, self.outputs)))

    def with_input(self, input_shape: Iterable[int]) -> "Network":
        """The network on another input."""
        return replace(self, input_shape=tuple(input_shape))

    def with_classes(self, classes: int | None) -> "Network":
        """The network for another number of classes."""
        return replace(self, classes=classes)

    def insert(self, place: int, layer: Layer | str) -> "Network":
        """The network with a layer put before `place` (0 is the front). A string is a type's name, such as "ReLU"."""
        if isinstance(layer, str):
            if layer not in CATALOGUE:
                raise NetworkError(f"There is no layer type {layer}; there are {', '.join(CATALOGUE)}.")
            layer = CATALOGUE[layer].fresh(self.free_name(CATALOGUE[layer].stem))
        place = min(max(place, 0), len(self.layers))
        return replace(self, layers=(*self.layers[:place], layer, *self.layers[place:]))

    def insert_after(self, name: str, layer: Layer | str) -> "Network":
        """The network with a layer after that row or input: what read it reads the new layer."""
        place = 0 if name not in self.names else self.index(name) + 1
        longer = self.insert(place, layer)
        new = longer.layers[place].name
        later = wiring.renamed(longer.layers[place + 1 :], lambda reference: new if reference == name else reference)
        row = longer.layers[place]
        row = row if row.inputs or row.takes[1] == 0 else replace(row, inputs=(name,))
        outputs = tuple(new if reference == name else reference for reference in self.outputs)
        return replace(longer, layers=(*longer.layers[:place], row, *later), outputs=outputs)

    def remove(self, name: str) -> "Network":
        """The network without that layer. What read it reads what it read, the first where it read several."""
        place = self.index(name)
        read = next(iter(self.before(name)), None)
        left = {*self.names} - {name}
        changed = (read if wiring.parts(reference)[0] == name else reference for reference in self.outputs)
        kept = (reference for reference in changed if reference and wiring.parts(reference)[0] in left)
        outputs = tuple(dict.fromkeys(kept))
        return replace(self, layers=wiring.without(self.layers, place, self.inputs[0].name), outputs=outputs)

    def move(self, name: str, place: int) -> "Network":
        """The network with that layer at `place`, counted from 0 after it was taken out."""
        moved, place = self[name], min(max(place, 0), len(self.layers) - 1)
        layers = wiring.moved(self.layers, self.index(name), place)
        above = {layer.name for layer in layers[:place]}
        for reference in (*moved.inputs, moved.of):
            if (row := wiring.parts(reference)[0]) in self.names and row not in above:
                raise NetworkError(f"{name} cannot stand above {row}, which it reads.")
        for layer in layers[:place]:
            if name in (layer.of, *(wiring.parts(reference)[0] for reference in layer.inputs)):
                raise NetworkError(f"{name} cannot stand below {layer.name}, which reads it.")
        return replace(self, layers=layers)

    def duplicate(self, name: str) -> "Network":
        """The network with a copy of that layer right after it, which reads the layer in place of its first input."""
        layer = self[name]
        reads = (name, *layer.inputs[1:]) if layer.inputs else ()
        copy = replace(layer, name=self.free_name(layer.stem), inputs=reads, of="")
        return self.insert(self.index(name) + 1, copy)

    def free_name(self, stem: str) -> str:
        """The first name of that stem that is not taken: conv1, conv2, ..."""
        return next(f"{stem}{n}" for n in range(1, MOST_LAYERS + 2) if f"{stem}{n}" not in self.names)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMED
    return f"are {', '.join(names[:MOST_NAMED])}{f' and {more:,} more' if more > 0 else ''}"


def _plain(value: Any) -> Any:
    """A value that a layer can hold and be compared and remembered by; a list becomes a tuple."""
    value = tuple(value) if isinstance(value, list | tuple) else value
    parts = value if isinstance(value, tuple) else (value,)
    strange = len(parts) > MOST_AXES or any(isinstance(part, str) and not is_word(part) for part in parts)
    if any(type(part) is float and not isfinite(part) for part in parts):
        raise NetworkError("A number of a layer is finite; this one is not.")
    if strange or any(type(part) not in PLAIN for part in parts):
        raise NetworkError(limits.WORD.says)
    return value
