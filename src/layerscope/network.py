"""The network, and its edits: each returns a new one, and refuses with a sentence what makes no network."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from math import isfinite
from typing import Any

from layerscope import limits, ties, wiring
from layerscope.catalogue import CATALOGUE
from layerscope.inputs import LARGEST_IMAGE, LONGEST_NAME, Input, NetworkError, check_name
from layerscope.layers.base import Layer
from layerscope.parameter import MOST_AXES
from layerscope.rows import Rows
from layerscope.text import is_word

__all__ = ["LARGEST_IMAGE", "LONGEST_NAME", "MOST_LAYERS", "PLAIN", "Input", "Network", "NetworkError", "check_name"]

MOST_LAYERS = limits.LAYERS.most
PLAIN = (int, float, bool, str, type(None))


@dataclass(frozen=True, eq=False)
class Network(Rows):
    """A network of rows (`Rows` has its fields). Frozen: every edit returns another network."""

    def with_argument(self, name: str, parameter: str, value: Any) -> "Network":
        """The network with one argument of one layer changed. A value that cannot work is kept: `trace` says why.

        Of a row that calls another row's module again, it is that module's argument.
        """
        name = self[name].of or name
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
            return f"{layer.name}.{parameter} is decided by the input of {layer.name}."
        choices = ", ".join(layer.parameters()) or "none"
        return f"{layer.type} has no parameter {parameter} that you can set; it has {choices}."

    def _with(self, layer: Layer) -> "Network":
        place = self.index(layer.name)
        layers = (*self.layers[:place], layer, *self.layers[place + 1 :])
        is_as_before = _wires(layer) == _wires(self.layers[place]) and layer.name not in self.called_again
        has_one_output = type(layer).ports is Layer.ports  # else their names may depend on the arguments
        return self._with_rows(layers) if is_as_before and has_one_output else replace(self, layers=layers)

    def first(self, count: int) -> "Network":
        """The first `count` rows as a network, each as wide as it is here; its output is not the classes."""
        return replace(self, layers=self.resolved[:count], outputs=(), classes=None)

    def with_inputs(self, name: str, names: Iterable[str]) -> "Network":
        """The network with one row reading other rows: ("left", "right"). Empty: the row above."""
        return self._with(replace(self[name], inputs=tuple(names)))

    def with_tied(self, name: str, ties: Iterable[str]) -> "Network":
        """The network with one row holding tensors of other rows: ("encoder:weight",). Empty: all are its own."""
        return self._with(replace(self[name], tied=tuple(ties)))

    def rename(self, name: str, new: str) -> "Network":
        """The network with another name for one row, or another path for one block; what reads it follows."""
        check_name(new)
        inside = self.blocks.get(name) or (self[name].name,)
        others = {*self.names}.difference(inside)
        if new != name and new in others:
            raise NetworkError(f"There is a layer named {new} already; each needs its own name.")
        if name in self.blocks and new != name and not others.isdisjoint(self.blocks.get(new, ())):
            raise NetworkError(f"There is a block named {new} already; each needs its own name.")
        if new != name and new in [given.name for given in self.inputs]:
            raise NetworkError(f"{new} is the name of an input of the network; a layer needs its own name.")
        return self.with_names({row: new + row.removeprefix(name) for row in inside})

    def with_names(self, names: Mapping[str, str]) -> "Network":
        """The network with other names for some rows, by their old ones; what reads them follows."""
        change = wiring.following(names)
        rows = (
            replace(
                row,
                name=names.get(row.name, row.name),
                of=names.get(row.of, row.of),
                tied=tuple(ties.following(tie, names) for tie in row.tied),
            )
            for row in self.layers
        )
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
        layers = wiring.without(self.layers, place, self.inputs[0].name)
        heir = next((row.name for row in self.layers if row.of == name), None)
        layers = ties.renamed(layers, name, heir) if heir else ties.without(layers, name)
        return replace(self, layers=layers, outputs=outputs)

    def move(self, name: str, place: int) -> "Network":
        """The network with that layer at `place`, counted from 0 after it was taken out."""
        moved, place = self[name], min(max(place, 0), len(self.layers) - 1)
        layers = wiring.moved(self.layers, self.index(name), place)
        above = {layer.name for layer in layers[:place]}
        for reference in (*moved.inputs, moved.of):
            if (row := wiring.parts(reference)[0]) in self.names and row not in above:
                raise NetworkError(f"{name} cannot come before {row}, which it reads.")
        for layer in layers[:place]:
            if name in (layer.of, *(wiring.parts(reference)[0] for reference in layer.inputs)):
                raise NetworkError(f"{name} cannot come after {layer.name}, which reads it.")
        return replace(self, layers=layers)

    def duplicate(self, name: str) -> "Network":
        """The network with a copy of that layer right after it, which reads the layer in place of its first input.

        The copy stands in the same block, and its weights are its own.
        """
        layer = self[name]
        reads = (name, *layer.inputs[1:]) if layer.inputs else ()
        copy = replace(layer, name=self.free_name(layer.stem, name), inputs=reads, of="", tied=())
        return self.insert(self.index(name) + 1, copy)

    def free_name(self, stem: str, beside: str = "") -> str:
        """The first name of that stem that is not taken: conv1, conv2, ...

        `beside` is a row, or how the names in its block begin ("layer1.0."): a row with a name of that block, put
        before or after it, does not cut the block in two.
        """
        taken, block = {*self.names, *self.blocks}, wiring.block_of(beside)
        return next(name for n in count(1) if (name := f"{block}{stem}{n}") not in taken)


def _wires(layer: Layer) -> tuple[Any, ...]:
    """What a row is called, what it reads and what it shares."""
    return type(layer), layer.name, layer.inputs, layer.of, layer.tied


def _plain(value: Any) -> Any:
    """A value that a layer can hold and be compared and remembered by; a list becomes a tuple."""
    value = tuple(value) if isinstance(value, list | tuple) else value
    parts = value if isinstance(value, tuple) else (value,)
    strange = len(parts) > MOST_AXES or any(isinstance(part, str) and not is_word(part) for part in parts)
    if any(type(part) is float and not isfinite(part) for part in parts):
        raise NetworkError("The numbers of a layer must be finite; this one is not.")
    if strange or any(type(part) not in PLAIN for part in parts):
        raise NetworkError(limits.WORD.says)
    return value
