"""From a record to rows. Each row is asked of torch before it is believed: what it gives, counts and costs must be what
the model did. What no row can say becomes an opaque one, so that the columns add up whatever the model is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import prod

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from layerscope.asking import Answer, ask
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.layers.opaque import Constant, Opaque, flat
from layerscope.modules import functions, layers
from layerscope.modules.constant_rows import aligned, as_reference, constant_of, parameter
from layerscope.modules.draft import ABOVE, Case, Draft
from layerscope.modules.ledger import Ledger
from layerscope.modules.record import Call, Shape, Source
from layerscope.modules.row_names import Names, beside, inside, word
from layerscope.modules.sample import Sample
from layerscope.ties import named


class Rows:
    """The rows of a sample, in order. `references` says under which name each value can be read."""

    def __init__(self, sample: Sample, inputs: dict[int, str], taken: Iterable[str]) -> None:
        self.sample = sample
        self.layers: list[Layer] = []
        self.references = dict(inputs)
        self._kinds = {v: not sample.values[v].value.dtype.is_floating_point for v in inputs}
        self._names = Names(inputs.values(), taken)
        self._ledger = Ledger(sample)
        self._made: dict[tuple[int, Shape], str] = {}
        self.sharing: dict[str, str] = {}
        """Rows that are measured although their type is known, and the row that has weights of theirs."""
        self.masked: list[str] = []
        """Rows of attention whose calls have masks."""
        self._costs: dict[str, int] = {}
        self._wanted = Counter(v for call in sample.calls for v in call.reads)
        self._wanted.update(v for _, v in sample.outputs)
        for place, call in enumerate(sample.calls):
            if sample.live.isdisjoint(call.makes):
                self._ledger.fold(place, call)
            else:
                self._add(place, call)

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
        other = self._ledger.holder(self._ledger.held_by(call)) if drafts else ""
        self._add_opaque(case)
        if other:
            self.sharing[self.layers[-1].name] = other

    def _is_passed_on(self, call: Call) -> bool:
        first = call.reads[0]
        shapes = {self.sample.values[v].shape for v in (first, *call.makes)}
        return first in self.references and len(shapes) == 1

    # Rows that say what was done

    def _tried(self, case: Case, drafts: list[Draft]) -> bool:
        """Add the rows of `drafts` if together they do what the call did."""
        call = case.call
        if any(self._ledger.tensors(draft.masks) for draft in drafts):
            return False
        held = self._ledger.held_by(call).union(*(self._ledger.tensors(draft.weights) for draft in drafts))
        tensors = self._ledger.names(call, (weight for draft in drafts for weight in draft.weights))
        ties = self._ledger.ties(held, tensors)
        owner, module = self._ledger.owner(held) or (None, None)
        if ties and None is not module is not call.module is not None:
            owner = None  # another module that holds the same tensors
        if self._ledger.is_counted(held) and owner is None and not ties:
            return False
        rows: list[Layer] = []
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
                    shape = aligned(self.sample, value, partner)
                    if shape is None:
                        return False
                    read.append(shape)
                    taken.append(False)
                    names.append(as_reference(value, shape))
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
            if owner is not None and answer.parameters and layer.signature != owner.signature:
                if not ties:
                    return False
                owner = None  # with another stride, say, it is not the owner's module that is called again
            rows.append(layer)
            answers.append(answer)
            kinds.append(layer.passes_kind and any(taken))
        if not self._is_as_recorded(case, drafts, answers, held):
            return False
        for layer in rows:
            self._names.add(layer.name)
        self.masked += [layer.name for layer, draft in zip(rows, drafts, strict=True) if draft.masks]
        for layer, answer in zip(rows, answers, strict=True):
            reads = tuple(self._constant_row(reference, case) for reference in layer.inputs)
            layer = replace(layer, inputs=reads)
            if owner is not None and answer.parameters:
                layer = replace(layer, of=owner.name)
            elif answer.parameters:
                layer = replace(layer, tied=ties or ())
                self._ledger.own(held, layer, tensors, call.module)
            self.layers.append(layer)
            self._costs[layer.name] = answer.parameters + answer.macs
        self._ledger.count(held, rows[-1].name)
        if drafts[0].makes is None:
            self._publish(call, rows[-1], kinds[-1])
        for draft, row, holds_indices in zip(drafts, rows, kinds, strict=True):
            if draft.makes is not None:
                self.references[call.makes[draft.makes]] = row.name
                self._kinds[call.makes[draft.makes]] = holds_indices
        return True

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
        return macs == self.sample.macs(case.place) and weights == self._ledger.size(held)

    def _publish(self, call: Call, layer: Layer, kind: bool) -> None:
        for port, made in enumerate(call.makes):
            self.references[made] = f"{layer.name}:{layer.ports[port]}" if port and layer.ports else layer.name
            self._kinds[made] = kind

    # Rows that only tell its size

    def _add_opaque(self, case: Case) -> None:
        call, sample = case.call, self.sample
        read = [v for v in dict.fromkeys(call.reads) if v in self.references]
        held = self._ledger.held_by(call) | self._ledger.tensors(call.reads)
        macs = sample.macs(case.place) + self._ledger.spend(call.reads)
        shapes = tuple(sample.values[v].shape for v in read)
        weights = self._ledger.count(held)
        for made in [v for v in call.makes if self._wanted[v]] or call.makes[:1]:
            name = self._names.free((call.path or call.name.lower()) if call.is_module else inside(call, call.name))
            gives = flat((sample.values[made].shape,))
            counts = len(call.makes) > 1 and sample.values[made].value.dtype == torch.int64  # where values were found
            called = f"{call.name}_indices" if counts else call.name
            layer = Opaque(
                name=name, inputs=tuple(self.references[v] for v in read), called=word(called),
                reads=flat(shapes), gives=gives, weights=weights, macs=macs,
            )  # fmt: skip
            self.layers.append(layer)
            self._names.add(name)
            self._costs[name] = weights + macs
            self.references[made], self._kinds[made] = name, layer.makes_indices
            weights = macs = 0

    # Values that depend on no input

    def _constant_row(self, reference: str, case: Case) -> str:
        """The reference, once the constant that it stands for has a row."""
        if (constant := constant_of(reference)) is None:
            return reference
        if known := self._made.get(constant):
            return known
        value, shape = constant
        seen, tensors, macs = self.sample.values[value], self._ledger.tensors([value]), self._ledger.spend([value])
        weights, one = self._ledger.count(tensors), self._ledger.weight(tensors)
        if one is not None and weights == prod(shape) and not macs:
            layer = parameter(self._names.free(one.path), one, shape)
        else:
            name = self._names.free(seen.value.path or beside(case.call))
            called = "Parameter" if tensors else "Buffer" if seen.value.source is Source.BUFFER else "Constant"
            layer = Constant(name=name, called=called, gives=flat((shape,)), weights=weights, macs=macs)
        self.layers.append(layer)
        self._names.add(layer.name)
        self._costs[layer.name] = weights + macs
        self._made[constant] = layer.name
        return layer.name

    def pruned(self, outputs: Iterable[str]) -> list[Layer]:
        """The rows without those that nobody reads and that cost nothing."""
        wanted = {reference.partition(":")[0] for reference in outputs}
        kept: list[Layer] = []
        for layer in reversed(self.layers):
            if layer.name in wanted or self._costs.get(layer.name):
                kept.append(layer)
                wanted.update(reference.partition(":")[0] for reference in layer.inputs)
                wanted.update((layer.of, *(owner for _, owner in named(layer))))
        return kept[::-1]


def unused(double: nn.Module, sample: Sample) -> int:
    """Parameters of the model that no call of the run has read."""
    read = {v.tensor for v in sample.record.values if v.source is Source.PARAMETER}
    for call in sample.calls:
        if call.module is not None:
            read.update(id(weight) for weight in call.module.parameters())
    return sum(weight.numel() for weight in double.parameters() if id(weight) not in read and not is_lazy(weight))
