"""From a record to rows. Each row is asked of torch before it is believed: what it gives, counts and costs must be what
the model did. What no row can say becomes an opaque one, so that the columns add up whatever the model is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod

from torch import nn
from torch.nn.parameter import is_lazy

from layerscope.asking import Answer, ask
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.layers.learned import Parameter
from layerscope.layers.opaque import Constant, Opaque, flat
from layerscope.modules import functions, layers
from layerscope.modules.draft import ABOVE, Case, Draft
from layerscope.modules.record import Call, Shape, Source, Value
from layerscope.modules.row_names import Names, beside, inside, word
from layerscope.modules.sample import Sample


@dataclass(frozen=True)
class _Constant:
    """What a value that depends on no input was made of: tensors of the model, by the calls at these places."""

    tensors: frozenset[int] = frozenset()
    calls: frozenset[int] = frozenset()


class Rows:
    """The rows of a sample, in order. `references` says under which name each value can be read."""

    def __init__(self, sample: Sample, inputs: dict[int, str], taken: Iterable[str]) -> None:
        self.sample = sample
        self.layers: list[Layer] = []
        self.references = dict(inputs)
        self._kinds = {v: not sample.values[v].value.dtype.is_floating_point for v in inputs}
        self._names = Names(inputs.values(), taken)
        self._constants: dict[int, _Constant] = {}
        self._made: dict[tuple[int, Shape], str] = {}
        self._numel: dict[int, int] = {}
        self._weights: dict[int, Value] = {}
        self._owners: dict[frozenset[int], Layer] = {}
        self._counted: set[int] = set()
        self._holders: dict[int, str] = {}
        self.sharing: dict[str, str] = {}
        """Rows that are measured although their type is known, and the row that has weights of theirs."""
        self._told: set[int] = set()
        self._costs: dict[str, int] = {}
        self._wanted = Counter(v for call in sample.calls for v in call.reads)
        self._wanted.update(v for _, v in sample.outputs)
        for number, value in enumerate(sample.record.values):
            if value.source is not None and value.source is not Source.INPUT:
                held = frozenset({value.tensor}) if value.source is Source.PARAMETER else frozenset[int]()
                self._constants[number] = _Constant(held)
                if held:
                    self._numel[value.tensor] = prod(value.shape)
                    self._weights[value.tensor] = value
        for place, call in enumerate(sample.calls):
            if sample.live.isdisjoint(call.makes):
                self._fold(place, call)
            else:
                self._add(place, call)

    def _fold(self, place: int, call: Call) -> None:
        """A call that reads weights only: what it makes is a constant of the model."""
        read = [self._constants.get(v, _Constant()) for v in call.reads]
        own = self._held_by(call)
        tensors = own.union(*(constant.tensors for constant in read))
        calls = frozenset({place}).union(*(constant.calls for constant in read))
        for made in call.makes:
            self._constants[made] = _Constant(tensors, calls)

    def _spend(self, constants: Iterable[_Constant]) -> int:
        """What making these constants cost, as far as it was not told before."""
        calls = frozenset[int]().union(*(constant.calls for constant in constants)) - self._told
        self._told |= calls
        return sum(map(self.sample.macs, calls))

    def _held_by(self, call: Call) -> frozenset[int]:
        """The weights of a module, each once."""
        if call.module is None:
            return frozenset()
        held = {id(weight): weight.numel() for weight in call.module.parameters()}
        self._numel |= held
        return frozenset(held)

    def _add(self, place: int, call: Call) -> None:
        case = Case(self.sample, place)
        drafts = layers.drafts(case) if call.is_module else functions.rows_of(case)
        if drafts == [] and len(call.reads) >= 1 and self._is_passed_on(call):
            for made in call.makes:
                self.references[made] = self.references[call.reads[0]]
                self._kinds[made] = self._kinds.get(call.reads[0], False)
            return
        if drafts and self._tried(case, drafts):
            return
        shared = {t for t in self._held_by(call) if t in self._holders} if drafts else set[int]()
        self._add_opaque(case)
        if shared:
            self.sharing[self.layers[-1].name] = self._holders[min(shared)]

    def _is_passed_on(self, call: Call) -> bool:
        first = call.reads[0]
        shapes = {self.sample.values[v].shape for v in (first, *call.makes)}
        return first in self.references and len(shapes) == 1

    # Rows that say what was done

    def _tried(self, case: Case, drafts: list[Draft]) -> bool:
        """Add the rows of `drafts` if together they do what the call did."""
        call = case.call
        held = self._held_by(call).union(*(self._tensors(draft.weights) for draft in drafts))
        owner = self._owner(held)
        if held & self._counted and (owner is None or owner.type not in (draft.type for draft in drafts)):
            return False
        rows: list[Layer] = []
        shapes: list[tuple[Shape, ...]] = []
        kinds: list[bool] = []
        answers: list[Answer] = []
        for draft in drafts:
            partner = next((v for v in (*draft.reads, *call.reads) if v in self.references), None)
            read, taken, names = list[Shape](), list[bool](), list[str]()
            for value in draft.reads:
                if value == ABOVE:
                    read.append(answers[-1].output_shapes[0])
                    taken.append(kinds[-1])
                    names.append(rows[-1].name)
                elif value in self.references:
                    read.append(self.sample.values[value].shape)
                    taken.append(self._kinds.get(value, False))
                    names.append(self.references[value])
                else:
                    shape = self._aligned(value, partner)
                    if shape is None:
                        return False
                    read.append(shape)
                    taken.append(False)
                    names.append(f"?{value}:{shape}")
            kind = CATALOGUE.get(draft.type)
            if kind is None or not {*draft.arguments} <= {*kind.parameters()}:
                return False
            own = call.path or type(call.module).__name__.lower() if call.is_module else ""
            name = self._names.free(draft.path or own or inside(call, draft.type), {row.name for row in rows})
            try:
                layer = kind(name=name, inputs=tuple(names), **draft.arguments)
            except (TypeError, ValueError):
                return False
            answer = ask(layer, *read, kinds=tuple(taken) if any(taken) else ())
            if not answer.output_shapes:
                return False
            rows.append(layer)
            answers.append(answer)
            shapes.append(answer.output_shapes)
            kinds.append(layer.passes_kind and any(taken))
        if not self._is_as_recorded(case, drafts, answers, held):
            return False
        for layer in rows:
            self._names.add(layer.name)
        for layer, answer in zip(rows, answers, strict=True):
            named = tuple(self._constant_row(reference, case) for reference in layer.inputs)
            layer = replace(layer, inputs=named)
            if owner is not None and answer.parameters:
                layer = replace(layer, of=owner.name)
            elif answer.parameters:
                self._owners[held] = layer
            self.layers.append(layer)
            self._costs[layer.name] = answer.parameters + answer.macs
        self._counted |= held
        self._holders |= dict.fromkeys(held - self._holders.keys(), rows[-1].name)
        if drafts[0].makes is None:
            self._publish(call, rows[-1], kinds[-1])
        for draft, row, holds_indices in zip(drafts, rows, kinds, strict=True):
            if draft.makes is not None:
                self.references[call.makes[draft.makes]] = row.name
                self._kinds[call.makes[draft.makes]] = holds_indices
        return True

    def _owner(self, held: frozenset[int]) -> Layer | None:
        """The row that holds just these weights already."""
        return self._owners.get(held) if held else None

    def _is_as_recorded(self, case: Case, drafts: list[Draft], answers: list[Answer], held: frozenset[int]) -> bool:
        call = case.call
        given: Sequence[Shape] = answers[-1].output_shapes
        if drafts[0].makes is not None:
            given = [answer.output_shapes[0] for answer in answers]
        used = [v for v in call.makes if self._wanted[v]] or call.makes[:1]
        for port, made in enumerate(call.makes):
            if made in used and (port >= len(given) or given[port] != self.sample.values[made].shape):
                return False
        macs = sum(answer.macs for answer in answers)
        weights = sum(answer.parameters for answer in answers)
        return macs == self.sample.macs(case.place) and weights == sum(self._numel[t] for t in held)

    def _publish(self, call: Call, layer: Layer, kind: bool) -> None:
        for port, made in enumerate(call.makes):
            self.references[made] = f"{layer.name}:{layer.ports[port]}" if port and layer.ports else layer.name
            self._kinds[made] = kind

    # Rows that only tell its size

    def _add_opaque(self, case: Case) -> None:
        call, sample = case.call, self.sample
        read = [v for v in dict.fromkeys(call.reads) if v in self.references]
        constants = [self._constants[v] for v in call.reads if v in self._constants]
        held = self._held_by(call).union(*(constant.tensors for constant in constants))
        macs = sample.macs(case.place) + self._spend(constants)
        shapes = tuple(sample.values[v].shape for v in read)
        weights = sum(self._numel[t] for t in held - self._counted)
        self._counted |= held
        for made in [v for v in call.makes if self._wanted[v]] or call.makes[:1]:
            name = self._names.free((call.path or call.name.lower()) if call.is_module else inside(call, call.name))
            gives = flat((sample.values[made].shape,))
            layer = Opaque(
                name=name, inputs=tuple(self.references[v] for v in read), called=word(call.name),
                reads=flat(shapes), gives=gives, weights=weights, macs=macs,
            )  # fmt: skip
            self.layers.append(layer)
            self._names.add(name)
            self._costs[name] = weights + macs
            self.references[made], self._kinds[made] = name, False
            weights = macs = 0

    # Values that depend on no input

    def _tensors(self, values: Iterable[int]) -> frozenset[int]:
        return frozenset[int]().union(*(self._constants[v].tensors for v in values if v in self._constants))

    def _aligned(self, value: int, partner: int | None) -> Shape | None:
        """The shape of a constant for one sample, as torch lines its axes up with those of what it meets."""
        seen = self.sample.values[value]
        if partner is None:
            return None
        other = self.sample.values[partner]
        missing = other.rank - seen.rank
        if seen.axis is not None:
            return seen.shape
        if missing < 0 or other.axis is None:
            return None
        sizes = [1] * missing + [*seen.value.shape]
        if sizes.pop(other.axis) != 1:
            return None
        return (*([1] if other.times > 1 else []), *sizes)

    def _constant_row(self, reference: str, case: Case) -> str:
        """The reference, once the constant that it stands for has a row."""
        if not reference.startswith("?"):
            return reference
        number, _, text = reference[1:].partition(":")
        value = int(number)
        shape: Shape = tuple(int(n) for n in text.strip("()").split(",") if n.strip())
        if known := self._made.get((value, shape)):
            return known
        seen, constant = self.sample.values[value], self._constants[value]
        weights = sum(self._numel[t] for t in constant.tensors - self._counted)
        macs = self._spend([constant])
        one = self._weights.get(next(iter(constant.tensors))) if len(constant.tensors) == 1 else None
        if one is not None and weights == prod(shape) and not macs:
            layer: Layer = self._parameter(one, shape)
        else:
            name = self._names.free(seen.value.path or beside(case.call))
            called = "Parameter" if constant.tensors else "Buffer" if seen.value.source is Source.BUFFER else "Constant"
            layer = Constant(name=name, called=called, gives=flat((shape,)), weights=weights, macs=macs)
        self._counted |= constant.tensors
        self.layers.append(layer)
        self._names.add(layer.name)
        self._costs[layer.name] = weights + macs
        self._made[value, shape] = layer.name
        return layer.name

    def _parameter(self, weight: Value, wanted: Shape) -> Layer:
        """The row of a tensor that the model holds, seen by its readers in the shape `wanted`."""
        name = self._names.free(weight.path)
        for ndim in (None, len(wanted) + 1):
            layer = Parameter(name=name, shape=weight.shape, ndim=ndim)
            if ask(layer).output_shapes == (wanted,):
                return layer
        return Constant(name=name, called="Parameter", gives=flat((wanted,)), weights=prod(wanted))

    def pruned(self, outputs: Iterable[str]) -> list[Layer]:
        """The rows without those that nobody reads and that cost nothing."""
        wanted = {reference.partition(":")[0] for reference in outputs}
        kept: list[Layer] = []
        for layer in reversed(self.layers):
            if layer.name in wanted or self._costs.get(layer.name):
                kept.append(layer)
                wanted.update(reference.partition(":")[0] for reference in layer.inputs)
                wanted.add(layer.of)
        return kept[::-1]


def unused(double: nn.Module, sample: Sample) -> int:
    """Parameters of the model that no call of the run has read."""
    read = {v.tensor for v in sample.record.values if v.source is Source.PARAMETER}
    for call in sample.calls:
        if call.module is not None:
            read.update(id(weight) for weight in call.module.parameters())
    return sum(weight.numel() for weight in double.parameters() if id(weight) not in read and not is_lazy(weight))
