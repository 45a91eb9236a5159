"""Modules that take or give several tensors, and parameters of the network's own."""

import ast
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.source.interpreter.calls import DROPPING
from layerscope.source.interpreter.machine import CHAIN, Call
from layerscope.source.interpreter.made import Learned, Made
from layerscope.source.interpreter.tensors import Tensors
from layerscope.source.interpreter.values import Data, Fault, Filled, Given, Symbol, Unknown

FILLING = frozenset({"zeros", "ones", "randn", "rand", "empty", "full", "Tensor", "FloatTensor", "normal"})
"""Functions of torch's that make a tensor of the sizes that they are given."""
RECURRENT = ("RNN", "LSTM", "GRU")
MOST_AXES = 8


class Sequences(Tensors, ABC):
    """LSTM with its states, attention with its three inputs, nn.Parameter."""

    @abstractmethod
    def into(self, made: Made, tensors: list[Data], node: ast.AST) -> Any:
        """Hand tensors to a layer that is known: one row more."""

    def torch_call(self, symbol: Symbol, call: Call) -> Any:
        if symbol.path in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
            return self._learned(call)
        if symbol.last in DROPPING and not any(map(self.carries, call.everything)):
            return self._dropping(symbol, call)
        if symbol.path == "torch.nn.Module" and not call.everything:
            return self.layer_class("Module", call)
        if symbol.last in ("pack_padded_sequence", "pad_packed_sequence") and any(map(self.carries, call.args[:1])):
            first = call.args[0]
            return first if symbol.last.startswith("pack") else (first, self.unknown(call.node))
        made = super().torch_call(symbol, call)
        if isinstance(made, Unknown) and symbol.last in FILLING and symbol.path.startswith("torch."):
            return Filled(made.quote, made.why, made.node, sizes=_sizes(symbol.last, call))
        return made

    def _dropping(self, symbol: Symbol, call: Call) -> Made:
        """torchvision's StochasticDepth(0.1, "row"), timm's DropPath(0.1)."""
        values = call.bound(("p", "mode") if symbol.last == "StochasticDepth" else ("p",))
        probability = values.get("p", values.get("drop_prob", 0.0))
        made = Made("StochasticDepth", call.node)
        try:
            chosen = {"p": self.plain(probability, "p", call.node), "mode": values.get("mode", "row")}
            made.layer = self.finished(CATALOGUE["StochasticDepth"], chosen, call.node, symbol.last)
        except Fault as fault:
            made.fault = fault
        return made

    def _learned(self, call: Call) -> Any:
        filled = next(iter(call.everything), None)
        if not isinstance(filled, Filled) or not filled.sizes:
            return self.unknown(call.node, f"The sizes of {self.paste.quote(call.node)} cannot be told.")
        return Learned(call.node, filled.sizes)

    def learned_row(self, learned: Learned, node: ast.AST) -> Data:
        if learned.row is None:
            learned.row = Made(
                "Parameter",
                learned.node,
                self.finished(CATALOGUE["Parameter"], {"shape": learned.sizes}, node, "nn.Parameter"),
            )
            if len(learned.sizes) > 1 and learned.sizes[0] == 1:  # its own first axis stands for the batch
                learned.row.layer = learned.row.layer.with_chosen("ndim", len(learned.sizes))
        used = next((place for place, use in enumerate(self.uses, 1) if use.made is learned.row), 0)
        if not used:
            self.append(learned.row, node, ())
        return Data(used or len(self.uses), is_bare=True)

    def feed_several(self, made: Made, call: Call) -> Any:
        if made.fault is not None or made.layer is None:
            raise made.fault or Fault("This layer cannot be read.", made.node)
        if made.type.removesuffix("Cell") in RECURRENT:
            tensors = self._with_states(made, call)
        else:
            tensors = self.attended([value for value in call.everything if isinstance(value, Data)], call)
            if any(isinstance(value, Unknown) for value in call.everything):
                self.note(f"Masks in {self.paste.quote(call.node)} are left out: they change no shapes.", call.node)
        return self.into(made, tensors, call.node)

    def _with_states(self, made: Made, call: Call) -> list[Data]:
        """The sequence, and the states that the layer begins with; zeros are torch's own beginning."""
        first, *others = call.everything
        if not isinstance(first, Data) or len(others) > 1:
            raise Fault(f"{self.paste.quote(call.node)} is not given a sequence and its states. {CHAIN}", call.node)
        states = others[0] if others and isinstance(others[0], list | tuple) else others
        if all(isinstance(state, Filled | None) for state in states):
            if any(isinstance(state, Filled) for state in states):
                self.note(f"The states that {self.paste.quote(call.node)} begins with are left out.", call.node)
            return [first]
        if not all(isinstance(state, Data) for state in states):
            unknown = next((state for state in states if isinstance(state, Unknown)), None)
            raise Fault(unknown.reason if unknown else f"The states cannot be told. {CHAIN}", call.node)
        for state in states:
            if made.type in RECURRENT and state.batch != 1 and state.position > 0:
                words = f"torch wants the batch on axis 1 of the states in {self.paste.quote(call.node)}. {CHAIN}"
                raise Fault(words, call.node)
        return [first, *(replace(state, batch=0) for state in states)]


def _sizes(name: str, call: Call) -> tuple[int, ...]:
    """The sizes of the tensor that such a function makes; () where they cannot be told."""
    given = call.kwargs.get("size", call.args)
    row = list(given) if isinstance(given, list | tuple) else [given]
    if row and isinstance(row[0], list | tuple):
        row = list(row[0])
    elif name in ("full", "normal"):
        row = [part for part in row[-1:] for part in (part if isinstance(part, list | tuple) else [part])]
    whole = 0 < len(row) <= MOST_AXES and all(type(size) in (int, Given) and 0 < size < 2**31 for size in row)
    return tuple(map(int, row)) if whole else ()
