"""What an LSTM returns, handed on whole: self.fc(self.lstm(x)), where a tuple arrives and its output is meant."""

import ast
from typing import TYPE_CHECKING, Any

from layerscope.source.python.values import Call
from layerscope.source.reading import Span
from layerscope.source.record import Row
from layerscope.source.remarks.returned_tuples import gives, is_states, returned_by
from layerscope.source.remarks.stand_ins import above
from layerscope.source.remarks.tuple_uses import is_returned, is_taken_apart
from layerscope.source.torch.containers import Group
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.tensor import Tensor, leaves

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_TAKE_ROWS = frozenset({
    "cat", "concat", "concatenate", "stack", "hstack", "vstack", "dstack", "column_stack", "row_stack", "block_diag",
    "meshgrid", "broadcast_tensors", "atleast_1d", "atleast_2d", "atleast_3d", "einsum", "chain_matmul",
})  # fmt: skip
"""Functions that take a list of tensors."""
_STATEFUL = ("LSTM", "GRU", "RNN", "LSTMCell")
"""Layers that may be given a state after their input."""
_REFUSING = {"Linear": "linear", "Dropout": "dropout", "ReLU": "relu"}
"""Layers whose function names itself when torch refuses a tuple."""
_OUTPUT = "class Output(nn.Module):\n    def forward(self, results):\n        return results[0]"
"""A layer that keeps the first part of a tuple."""

Changes = tuple[tuple[Span, str], ...]
_ROWS = (tuple, list)


class WholeTuples:
    """Which names stand for all that a layer returns, so that one of its parts can be read in their place."""

    def __init__(self) -> None:
        self._named: dict[int, tuple[Any, ast.Assign, ast.expr]] = {}
        """By the id of a tuple: the tuple, the statement that gave it a name, and that name."""
        self._taken_apart: dict[ast.Assign, bool] = {}
        """Whether a name that a statement gives a tuple is used as one too; a loop asks again and again."""

    def assigned(self, run: "Evaluator", node: ast.Assign, value: Any) -> ast.Assign:
        """A value is given to the targets of a statement: the statement that is meant."""
        row = returned_by(value)
        if row is None or len(node.targets) > 1:
            return node
        target = node.targets[0]
        parts = target.elts if isinstance(target, ast.Tuple) else []
        if isinstance(target, ast.Name):
            self._named[id(value)] = value, node, target
        if (
            row.type in ("GRU", "RNN")
            and len(parts) == 2
            and isinstance(parts[1], ast.Tuple)
            and len(parts[1].elts) == 2
        ):
            return _one_state(run, node, row, parts[0], parts[1].elts[0], parts[1])
        if row.type != "LSTM" or len(value) != 2:
            return node
        if len(parts) == 2 and isinstance(parts[1], ast.Name):
            self._named[id(value[1])] = value[1], node, parts[1]
        if len(parts) == 3 and not any(isinstance(part, ast.Starred) for part in parts):
            return _with_brackets(run, node, parts)
        return node

    def handed(self, run: "Evaluator", call: Call, module: Any = None) -> Call:
        """A layer or function is given what is in a call: the same call with the tensors that are meant."""
        if not [value for value in call.args if isinstance(value, _ROWS)]:
            return call
        func = call.node.func if isinstance(call.node, ast.Call) else None
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        layer = module.type if isinstance(module, LayerModule) else ""
        refusing = _REFUSING.get(layer) or (name if name in _REFUSING.values() else "")
        quote = f"{refusing}(): argument 'input' (position 1) must be Tensor, not tuple" if refusing else ""
        args = list(call.args)
        for place, value in enumerate(args):
            at = call.nodes.get(place)
            if name in _TAKE_ROWS:
                elements = getattr(at, "elts", [])
                is_row = isinstance(value, tuple | list) and returned_by(value) is None
                if is_row and len(elements) == len(value):
                    pairs = zip(value, elements, strict=True)
                    args[place] = [self.single(run, part, element, call.node) for part, element in pairs]
            elif not (place and layer in _STATEFUL):
                args[place] = self.single(run, value, at, call.node, quote)
        return Call(call.node, args, call.kwargs, call.nodes)

    def part(self, run: "Evaluator", value: Any, place: Any, node: ast.Subscript) -> Any:
        """value[place] of a tuple that a layer returned: what should be looked into; the same value if that is it."""
        row = returned_by(value)
        if row is None or isinstance(place, slice):
            return value
        if type(place) is int and (place >= 0 or not is_states(value)):
            return value
        if type(place) is not int:
            return self.single(run, value, node.value, node, "tuple indices must be integers or slices, not tuple")
        text, base = run.paste.quote(node), run.paste.quote(node.value)
        got = "the cell state c_n" if place == -1 else "all of h_n"
        fix = f"{base}[0][{place}]"
        run.remarks.flaw(
            f"{base} is the tuple (h_n, c_n) of {run.paste.quote(row.node)}, so {text} is {got}, with the layers on "
            f"axis 0. Write {fix}, or h, c = {base} and then h[{place}]. Layerscope assumes this fix.", node,
            kind="tuple", tone="error", title=f"{text} is {got}",
            label=f"Line {run.paste.after(node.value).line}: write {fix}",
            changes=((run.paste.after(node.value), "[0]"),),
        )  # fmt: skip
        return value[0]

    def single(
        self, run: "Evaluator", value: Any, at: ast.AST | None, within: ast.AST, quote: str = ""
    ) -> Any:  # fmt: skip
        """One tensor has to stand at `at`: the one that is meant by what a layer returned; any other value as it is.

        `within` is what it stands in, `quote` are Python's words about it.
        """
        row = returned_by(value)
        if row is None:
            return value
        first = next(leaves(value))
        parts = "(h_n, c_n)" if is_states(value) else gives(row)
        made = run.paste.quote(row.node)
        if at is None:
            return self._in_a_group(run, row, first, within)
        fix, changes = self._fix(run, value, row, at)
        line = changes[0][0].line
        run.remarks.flaw(
            f"{run.paste.quote(within)} uses the whole tuple {parts} of {made}. Take one part of it: {fix}. "
            "Layerscope assumes this fix.", within, kind="tuple", tone="error",
            title=f"{made} returns a tuple", quote=quote, label=f"Line {line}: write {fix}", changes=changes,
        )  # fmt: skip
        return first

    def _fix(self, run: "Evaluator", value: Any, row: Row, at: ast.AST) -> tuple[str, Changes]:
        """What to write, and the change: at the name where nothing else needs the tuple, else where it is used."""
        known = self._named.get(id(value))
        if known is not None and known[1] not in self._taken_apart and isinstance(at, ast.Name):
            self._taken_apart[known[1]] = is_taken_apart(run, known[1], at.id)
        if known is not None and isinstance(at, ast.Name) and not self._taken_apart[known[1]]:
            _, node, target = known
            name = at.id
            if target is node.targets[0]:
                return f"{name}, _ = {run.paste.quote(node.value)}", ((run.paste.after(target), ", _"),)
            other = run.paste.quote(node.targets[0].elts[0])  # type: ignore[attr-defined]
            text = f"({name}, _)"
            return f"{other}, {text} = {run.paste.quote(node.value)}", ((run.paste.span(target), text),)
        if known is None and not is_states(value) and not isinstance(at, ast.Name):
            at = row.node if is_returned(run, row.node) else at
        return f"{run.paste.quote(at)}[0]", ((run.paste.after(at), "[0]"),)

    def _in_a_group(self, run: "Evaluator", row: Row, first: Tensor, within: ast.AST) -> Tensor:
        """nn.Sequential(nn.LSTM(...), nn.Linear(...))."""
        module = row.module
        kind = f"nn.{row.type}"
        inside = isinstance(module.owner, Group)
        changes: Changes = ()
        if inside and "nn" in {*run.globals.names, "nn"} and "Output" not in run.globals.names:
            top = above(run, module.owner.node, _OUTPUT)
            changes = (*top, (run.paste.after(module.node), ", Output()")) if top else ()
        label = "Add class Output and put Output() after it" if changes else ""
        if not inside and is_returned(run, row.node):
            changes = ((run.paste.after(row.node), "[0]"),)
            label = f"Line {changes[0][0].line}: write {run.paste.quote(row.node)}[0]"
        run.remarks.flaw(
            f"nn.Sequential passes the whole tuple {gives(row)} of {kind} to the next layer, which takes one tensor. "
            f"Call the {row.type} in forward, output, _ = self.{row.type.lower()}(x), and use output; or add a "
            "layer after it that keeps the first part. Layerscope assumes this fix.",
            module.node if inside else within,
            kind="tuple", tone="error", title=f"{kind} returns a tuple, which nn.Sequential cannot unpack",
            label=label, changes=changes,
        )  # fmt: skip
        return first


def _with_brackets(run: "Evaluator", node: ast.Assign, parts: list[ast.expr]) -> ast.Assign:
    """out, h, c = self.lstm(x): the states stand in brackets."""
    names = [run.paste.quote(part) for part in parts]
    made = run.paste.quote(node.value)
    fix = f"{names[0]}, ({names[1]}, {names[2]}) = {made}"
    run.remarks.flaw(
        f"{made} returns two values, output and the tuple (h_n, c_n): write {fix}. Layerscope assumes this fix.", node,
        kind="tuple", tone="error", title=f"{made} returns two values, not three",
        quote="not enough values to unpack (expected 3, got 2)", label=f"Line {run.paste.place(node)[0]}: write {fix}",
        changes=((run.paste.before(parts[1]), "("), (run.paste.after(parts[2]), ")")),
    )  # fmt: skip
    inner = ast.copy_location(ast.Tuple(parts[1:], ast.Store()), parts[1])
    target = ast.copy_location(ast.Tuple([parts[0], inner], ast.Store()), parts[0])
    return ast.copy_location(ast.Assign([target], node.value), node)


def _one_state(
    run: "Evaluator", node: ast.Assign, row: Row, output: ast.expr, state: ast.expr, pair: ast.expr
) -> ast.Assign:  # fmt: skip
    """out, (h, c) = self.gru(x): a GRU has no cell state."""
    made, name = run.paste.quote(node.value), run.paste.quote(state)
    fix = f"{run.paste.quote(output)}, {name} = {made}"
    run.remarks.flaw(
        f"{made} returns output and h_n: nn.{row.type} has one state, and no cell state as nn.LSTM has. Write {fix}. "
        "Layerscope assumes this fix.", node, kind="tuple", tone="error",
        title=f"{row.type} has no cell state", label=f"Line {run.paste.place(node)[0]}: write {fix}",
        changes=((run.paste.span(pair), name),),
    )  # fmt: skip
    target = ast.copy_location(ast.Tuple([output, state], ast.Store()), node.targets[0])
    return ast.copy_location(ast.Assign([target], node.value), node)
