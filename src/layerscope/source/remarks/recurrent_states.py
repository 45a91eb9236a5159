"""States handed to a recurrent layer: a tensor where a pair is needed, a pair where a tensor is, other sizes."""

import ast
from typing import TYPE_CHECKING, Any

from layerscope.source.python.values import Call, Symbol
from layerscope.source.record import Entry
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_OF_TWO = ("LSTM", "LSTMCell")
_OF_ONE = ("RNN", "GRU", "RNNCell", "GRUCell")
_AXES = 3
"""Axes of a batch of sequences, and of the states of a layer that reads them."""


def handed(run: "Evaluator", call: Call, module: Any) -> Call:
    """A recurrent layer is given what is in a call: the same call with the states that are meant, remarked upon."""
    if not isinstance(module, LayerModule) or module.type not in _OF_TWO + _OF_ONE or world_of(run).exact:
        return call
    state = call.args[1] if len(call.args) > 1 else call.kwargs.get("hx")
    node = call.nodes.get(1 if len(call.args) > 1 else "hx")
    if isinstance(state, Tensor) and state.origin is not None and isinstance(state.origin.origin, Entry):
        return call  # one name may stand for both states of an LSTM
    if isinstance(state, Tensor) and module.type in _OF_TWO:
        return _with_state(call, _paired(run, call, module, state, node))
    if isinstance(state, tuple | list) and state and module.type in _OF_ONE and isinstance(state[0], Tensor):
        _single(run, call, module, state, node)
        return _with_state(call, state[0])
    states = [state] if isinstance(state, Tensor) else list(state) if isinstance(state, tuple | list) else []
    if states and all(isinstance(each, Tensor) and not each.carries for each in states):
        _sized(run, call, module, states, node)
    return call


def _with_state(call: Call, state: Any) -> Call:
    if len(call.args) > 1:
        return Call(call.node, [call.args[0], state, *call.args[2:]], call.kwargs, call.nodes)
    return Call(call.node, call.args, {**call.kwargs, "hx": state}, call.nodes)


def _paired(run: "Evaluator", call: Call, module: LayerModule, state: Tensor, node: ast.expr | None) -> Any:
    """self.lstm(x, h): an LSTM has two states, and takes both or none."""
    zeros = run.world.call(run, Symbol("torch.zeros_like"), Call(call.node, [state]))
    text = run.paste.quote(node) if node is not None else "h_0"
    fix = f"({text}, torch.zeros_like({text}))"
    known = isinstance(node, ast.Name | ast.Attribute)
    run.remarks.flaw(
        f"{run.paste.quote(call.node)} gives the {module.type} one tensor as its state, but it has two: pass the tuple "
        f"(h_0, c_0), such as {fix}, or no state at all, which means zeros. Layerscope assumes this fix.", call.node,
        kind="state", tone="error", title=f"The state of an {module.type} is a tuple of two tensors",
        quote=_words(module, call.args[0] if call.args else None, state),
        label=f"Line {run.paste.span(node).line}: write {fix}" if known and node is not None else "",
        changes=((run.paste.span(node), fix),) if known and node is not None else (),
    )  # fmt: skip
    return state, zeros


def _words(module: LayerModule, first: Any, state: Tensor) -> str:
    """What torch says where a tensor stands for the pair; "" where that depends on more than is known."""
    if module.type == "LSTMCell":
        return "lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor"
    if not isinstance(first, Tensor) or len(first.shape) != _AXES or len(state.shape) != _AXES:
        return ""
    if state.shape[0] == 1:
        return "index 1 is out of bounds for dimension 0 with size 1"
    return "For batched 3-D input, hx and cx should also be 3-D but got (2-D, 2-D) tensors"


def _single(run: "Evaluator", call: Call, module: LayerModule, state: Any, node: ast.expr | None) -> None:
    """self.gru(x, (h, c)): only an LSTM has a cell state."""
    kind = type(state).__name__
    whole = run.paste.quote(node) if node is not None else "states"
    fix = run.paste.quote(node.elts[0]) if isinstance(node, ast.Tuple | ast.List) else f"{whole}[0]"
    run.remarks.flaw(
        f"{run.paste.quote(call.node)} gives the {module.type} a {kind} as its state, but it has one state, h_0, and "
        f"no cell state as an LSTM has. Pass {fix}. Layerscope assumes this fix.", call.node,
        kind="state", tone="error", title=f"The state of a {module.type} is one tensor",
        quote=f"'{kind}' object has no attribute 'dim'" if module.type in ("GRU", "RNN") else "",
        label=f"Line {run.paste.span(node).line}: write {fix}" if node is not None else "",
        changes=((run.paste.span(node), fix),) if node is not None else (),
    )  # fmt: skip


def _sized(run: "Evaluator", call: Call, module: LayerModule, states: list[Any], node: ast.expr | None) -> None:
    """States of zeros that are as large as another layer's."""
    first, layer = call.args[0] if call.args else None, module.layer
    if layer is None or not isinstance(first, Tensor) or len(first.shape) != _AXES or module.type.endswith("Cell"):
        return
    axes = {len(each.shape) for each in states}
    if axes - {_AXES}:
        text = "two tensors" if len(states) > 1 else "a tensor"
        words = f"{module.type} expects {text} of shape (layers × directions, batch, hidden_size) as its state for a "
        words += f"batch of sequences, but gets {max(axes - {_AXES})} axes."
    else:
        words = layer.misfit(first.sample, *[(each.shape[0], each.shape[2]) for each in states]) or ""
    if words:
        run.remarks.flaw(
            f"{words} The first number is num_layers, twice that if bidirectional; the last is hidden_size.",
            node or call.node, kind="state", tone="error", title=f"The state does not fit {module.name or module.type}",
        )  # fmt: skip
