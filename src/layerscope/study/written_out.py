"""How each value of a row comes about where that is a formula of few numbers: the formula, its numbers, and which cells
of the inputs are read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from layerscope.layers.base import Layer
from layerscope.layers.embedding import Embedding
from layerscope.layers.one_value import Branch
from layerscope.layers.several import letters
from layerscope.study.shared_numbers import Numbers, numbers

NAMED = re.compile(r"\{(\w+)\}")
"""A number of a formula."""
EXACT = 2**24
"""float32 holds every whole number below it: large maps are counted in half the memory."""
Unit = tuple[int, ...]


@dataclass(frozen=True)
class Read:
    """An input of the row, and for each cell of the output which cell of it is read."""

    name: str
    given: Tensor
    at: Tensor | None
    """Shaped as the output: the cell's number, counted in order; −1 for none. None: the one in its place."""


@dataclass(frozen=True)
class Written:
    """The formula of each value. Tensors have no batch axis.

    Of a row that only moves values there is one number, `x`, and at each cell one input at most that it comes from.
    """

    made: Tensor
    """What torch's module gives."""
    reads: tuple[Read, ...]
    moves: bool
    branches: tuple[Branch, ...]
    which: Tensor
    """Shaped as the output: the number of the branch that holds."""
    numbers: Numbers
    """By their names in the formula; tensors broadcast to the output."""

    def text(self, unit: Unit) -> str:
        """The formula of one value with its numbers."""
        return NAMED.sub(lambda found: repr(self._number(found[1], unit)), self.branches[int(self.which[unit])].text)

    def cells(self, unit: Unit) -> tuple[Unit | None, ...]:
        """Which cell of each input one value reads; None for none."""
        return tuple(_cell(read, unit) for read in self.reads)

    def _number(self, name: str, unit: Unit) -> float:
        value = self.numbers[name]
        return float(value.expand(self.made.shape)[unit]) if isinstance(value, Tensor) else value


def written_out(
    layer: Layer, module: nn.Module, given: Mapping[str, Tensor], sources: Sequence[str], made: Tensor
) -> Written | None:
    """How the values of a row's first output come about; None where that takes more than a formula of few
    numbers.

    `sources` names what the row reads, in order; a name may come twice.
    """
    arriving = [given[source] for source in sources]
    branches = layer.written(len(arriving)) if arriving else ()
    if not branches:
        return None
    places = _places(layer, module, arriving, made)
    reads = tuple(map(Read, sources, arriving, places))
    read = [_values(one, made) for one in reads]
    if layer.moves:
        found = made.clone()
        for one, values in zip(reads, read, strict=True):
            assert one.at is not None
            found = torch.where(one.at >= 0, values, found)
        read = [found]
    named: dict[str, float | Tensor] = dict(zip(("x",) if len(read) == 1 else letters(len(read)), read, strict=True))
    wanted = frozenset(name for branch in branches for name in NAMED.findall(branch.text)) - named.keys()
    which = _which(branches, read[0])
    own = numbers(layer, module, arriving[0], made, wanted)
    return Written(made, reads, layer.moves, branches, which, {**named, **own})


def _places(layer: Layer, module: nn.Module, arriving: Sequence[Tensor], made: Tensor) -> list[Tensor | None]:
    if layer.moves:
        return list(_moved(layer, module, arriving))
    if isinstance(layer, Embedding):
        return [_numbered(arriving[0])[..., None].expand(made.shape)]
    return [None if one.shape == made.shape else _numbered(one).expand(made.shape) for one in arriving]


def _numbered(tensor: Tensor) -> Tensor:
    return torch.arange(tensor.numel(), dtype=torch.int32).reshape(tensor.shape)


def _moved(layer: Layer, module: nn.Module, arriving: Sequence[Tensor]) -> list[Tensor]:
    """Where each cell was: the module itself is given the cells' numbers in the place of their values.

    What does not turn with their sign is none of them: padding.
    """
    sizes = [one.numel() for one in arriving]
    starts = [sum(sizes[:place]) + 1 for place in range(len(sizes))]
    exact = torch.float32 if sum(sizes) < EXACT else torch.float64
    counted = [(_numbered(one) + start).to(exact)[None] for one, start in zip(arriving, starts, strict=True)]
    there = layer.unpack(layer.call(module, *counted))[0][0]
    back = layer.unpack(layer.call(module, *map(torch.neg, counted)))[0][0]
    place = torch.where(there == -back, there, 0.0).to(torch.int32)
    return [
        torch.where((place >= start) & (place < start + size), place - start, -1)
        for start, size in zip(starts, sizes, strict=True)
    ]


def _values(read: Read, made: Tensor) -> Tensor:
    """What each cell of the output reads of an input, shaped as the output."""
    if read.at is None:
        return read.given
    return read.given.flatten()[read.at.clamp(min=0)] if read.given.numel() else made


def _which(branches: Sequence[Branch], x: Tensor) -> Tensor:
    """The number of the first branch that holds at each cell."""
    found = torch.full(x.shape, len(branches) - 1, dtype=torch.uint8)
    for number in reversed(range(len(branches) - 1)):
        holds = branches[number].holds
        assert holds is not None
        found[holds(x)] = number
    return found


def _cell(read: Read, unit: Unit) -> Unit | None:
    if read.at is None:
        return unit
    at = int(read.at[unit])
    return None if at < 0 else tuple(map(int, torch.unravel_index(torch.tensor(at), read.given.shape)))
