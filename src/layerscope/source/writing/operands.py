"""What is handed to a call: values, with their axes put where torch has them.

In a network every value has its batch on axis 0. torch's recurrent and attention modules have it on axis 1 unless they
are told otherwise, and their states always; a parameter has no batch at all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from layerscope.layers.base import Layer
from layerscope.source.writing.expressions import SIGNS, attended
from layerscope.source.writing.part_tree import Value

TURNED = ".transpose(0, 1)"
_RECURRENT = ("RNN", "LSTM", "GRU")


@dataclass(frozen=True)
class Operands:
    """The values of one forward. `own` are the rows that it calls itself, `batched` a name for a tensor of samples.

    `loose` are the values that nothing reads.
    """

    layers: Sequence[Layer]
    texts: Mapping[Value, str]
    own: Collection[int]
    batched: str
    loose: Collection[Value]

    def text(self, value: Value) -> str:
        """A value with its batch on axis 0."""
        row, port = value
        text = self.texts[value]
        if row not in self.own:
            return text
        layer = self.layers[row]
        if layer.type == "Parameter" and layer.has_sound_values:
            return self._for_each_sample(layer, text)
        states = layer.type in _RECURRENT and port > 0
        weights = layer.type == "MultiheadAttention" and port > 0
        return f"{text}{TURNED}" if states or (layer.batch_axis == 1 and not weights) else text

    def unread(self, value: Value, access: str) -> str:
        """What a parameter's line of its own holds: where nothing reads it, only this tells how it would be read."""
        layer = self.layers[value[0]]
        repeated = value in self.loose and self.batched and layer.has_sound_values
        return self._for_each_sample(layer, access) if repeated else access

    def _for_each_sample(self, layer: Layer, text: str) -> str:
        """A parameter, repeated for each sample; axes that its readers see and it has not are 1."""
        axes, ndim = len(layer.chosen["shape"]), layer.chosen["ndim"]
        before = 0 if ndim is None else ndim - axes - 1
        own = axes if ndim is None else min(axes, ndim - 1)
        return f"{text}.expand({', '.join([f'{self.batched}.shape[0]', *['1'] * before, *['-1'] * own])})"

    def of_expression(self, layer: Layer, reads: Sequence[Value], runs: bool) -> list[str]:
        """The operands of a row that is not a module: where it runs, torch's operators repeat parameters themselves."""
        bare = [runs and self._is_parameter(value) for value in reads]
        if layer.type in SIGNS and layer.type != "MatMul" and not all(bare):
            return [self.texts[value] if alone else self.text(value) for value, alone in zip(reads, bare, strict=True)]
        return list(map(self.text, reads))

    def _is_parameter(self, value: Value) -> bool:
        return value[0] in self.own and self.layers[value[0]].type == "Parameter"

    def of_module(self, layer: Layer, reads: Sequence[Value]) -> list[str]:
        """The arguments of a module's call."""
        first, *others = texts = [self.text(value) for value in reads]
        if layer.type == "MultiheadAttention":
            return attended(list(map(_turned, texts)) if layer.batch_axis == 1 else texts)
        if layer.batch_axis == 1:
            first = _turned(first)
            others = list(map(_turned, others)) if layer.type not in _RECURRENT else others
        if layer.type in _RECURRENT and others:
            others = list(map(_turned, others))
        if layer.type in ("LSTM", "LSTMCell") and others:
            others = [f"({', '.join(others)})"]
        return [first, *others]


def _turned(text: str) -> str:
    """The same with its first two axes exchanged."""
    return text.removesuffix(TURNED) if text.endswith(TURNED) else f"{text}{TURNED}"
