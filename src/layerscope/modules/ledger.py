"""Which weights a live model's calls hold, and which of them are counted: each tensor once, whatever holds it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from torch import nn

from layerscope.layers.base import Layer
from layerscope.modules.record import Call, Source, Value
from layerscope.modules.sample import Sample
from layerscope.ties import TENSORS


@dataclass(frozen=True)
class Origin:
    """What a value that depends on no input was made of: tensors of the model, by the calls at these places."""

    tensors: frozenset[int] = frozenset()
    calls: frozenset[int] = frozenset()


class Ledger:
    """The weights of a sample's model. Tensors are known by the numbers that `Value.tensor` gives them."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._origins: dict[int, Origin] = {}
        self._sizes: dict[int, int] = {}
        self._weights: dict[int, Value] = {}
        self._owners: dict[frozenset[int], tuple[Layer, nn.Module | None]] = {}
        self._counted: set[int] = set()
        self._holders: dict[int, str] = {}
        self._tensors: dict[int, str] = {}
        """The row that each weight was counted at, and under which of torch's names: "encoder:weight"."""
        self._spent: set[int] = set()
        for number, value in enumerate(sample.record.values):
            if value.source is not None and value.source is not Source.INPUT:
                held = frozenset({value.tensor}) if value.source is Source.PARAMETER else frozenset[int]()
                self._origins[number] = Origin(held)
                if held:
                    self._sizes[value.tensor] = prod(value.shape)
                    self._weights[value.tensor] = value

    def fold(self, place: int, call: Call) -> None:
        """A call that reads weights only: what it makes is a constant of the model."""
        read = [self._origins.get(v, Origin()) for v in call.reads]
        tensors = self.held_by(call).union(*(origin.tensors for origin in read))
        calls = frozenset({place}).union(*(origin.calls for origin in read))
        for made in call.makes:
            self._origins[made] = Origin(tensors, calls)

    def held_by(self, call: Call) -> frozenset[int]:
        """The weights of a module, each once."""
        if call.module is None:
            return frozenset()
        held = {id(weight): weight.numel() for weight in call.module.parameters()}
        self._sizes |= held
        return frozenset(held)

    def tensors(self, values: Iterable[int]) -> frozenset[int]:
        """The weights of which those values were made that are constants."""
        return frozenset[int]().union(*(self._origins[v].tensors for v in values if v in self._origins))

    def spend(self, values: Iterable[int]) -> int:
        """What making those of the values that are constants cost, as far as it was not told before."""
        calls = frozenset[int]().union(*(self._origins[v].calls for v in values if v in self._origins)) - self._spent
        self._spent |= calls
        return sum(map(self._sample.macs, calls))

    def size(self, held: Iterable[int]) -> int:
        """How many parameters those weights are."""
        return sum(self._sizes[tensor] for tensor in held)

    def weight(self, held: frozenset[int]) -> Value | None:
        """The value that is a single weight of the model; None for several or none."""
        return self._weights.get(next(iter(held))) if len(held) == 1 else None

    def count(self, held: frozenset[int], row: str = "") -> int:
        """Count those weights, as `row`'s where it is named: how many parameters of them were not counted before."""
        new = self.size(held - self._counted)
        self._counted |= held
        if row:
            self._holders |= dict.fromkeys(held - self._holders.keys(), row)
        return new

    def is_counted(self, held: frozenset[int]) -> bool:
        """Whether one of those weights is counted already."""
        return not held.isdisjoint(self._counted)

    def own(self, held: frozenset[int], row: Layer, names: Mapping[str, int], module: nn.Module | None) -> None:
        """Note that the row holds just those weights, under which names, and in which module."""
        self._owners.setdefault(held, (row, module))
        for name, tensor in names.items():
            self._tensors.setdefault(tensor, f"{row.name}:{name}")

    def owner(self, held: frozenset[int]) -> tuple[Layer, nn.Module | None] | None:
        """The row that holds just those weights already, and its module."""
        return self._owners.get(held) if held else None

    def names(self, call: Call, weights: Iterable[int]) -> dict[str, int]:
        """The weights that rows can have in common, by torch's names: of a module, or given to a function."""
        if call.module is not None:
            held = call.module._parameters
            return {name: id(held[name]) for name in TENSORS if held.get(name) is not None}
        values = [self._sample.record.values[v] for v in weights]
        pairs = zip(TENSORS, values, strict=False)
        return {name: value.tensor for name, value in pairs if value.source is Source.PARAMETER}

    def ties(self, held: frozenset[int], names: Mapping[str, int]) -> tuple[str, ...] | None:
        """What a row with those weights has in common with rows before; None where no tie says all of it."""
        found = {tensor: self._tensors.get(tensor, "") for tensor in held & self._counted}
        told = {tensor for name, tensor in names.items() if found.get(tensor, "").endswith(f":{name}")}
        return tuple(found.values()) if told == found.keys() and len({*names.values()}) == len(names) else None

    def holder(self, held: frozenset[int]) -> str:
        """A row that some of those weights were counted for; "" where there is none."""
        return self._holders.get(min(held & self._holders.keys(), default=0), "")
