"""A flattened batch under a name that nothing reads, while the network is called on the batch as it was."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from layerscope.layers.base import Shape
from layerscope.source.followed import Code
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.reading import Asked, Flaw
from layerscope.source.remarks.case import Case
from layerscope.source.sizes import evidence
from layerscope.source.sizes.evidence import last_word
from layerscope.source.torch.containers import Group
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.showing import MAKERS

_FLATTENING = frozenset({"view", "reshape", "flatten"})


@dataclass(frozen=True)
class _Slip:
    """`made = batch.view(...)`, where the network is called on the batch."""

    made: ast.Name
    batch: ast.Name
    flatten: ast.Call


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about the first one, where the network begins with a Linear."""
    layers = case.layers
    slip = next(_slips(case.code, case.run), None) if layers and layers[0].type == "Linear" else None
    if slip is None:
        return
    paste, run, code = case.paste, case.run, case.code
    made, batch, first = slip.made.id, slip.batch.id, _first_size(slip.flatten)
    words = f"{made} is never used: the network is called on {batch}, which is not flattened."
    changes = [(paste.span(slip.made), batch)]
    if isinstance(first, ast.Constant) and first.value == 1:
        words += f" {paste.quote(slip.flatten)} would also turn the whole batch into one row."
        changes.append((paste.span(first), f"{batch}.size(0)"))
    sizes = _sizes(code, run, batch)
    asked = Asked(layers[0].name, sizes[1:], sizes[0]) if len(sizes) > 1 else None
    yield case.flaw(
        words, slip.made, tone="error", title=f"{made} is never used", asks=asked,
        label=f"Line {paste.place(slip.made)[0]}: flatten {batch} itself", changes=tuple(changes),
    )  # fmt: skip


def _slips(code: Code, run: Evaluator) -> Iterator[_Slip]:
    read = {node.id for node in code.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    called: dict[str, int] = {}
    """The last line in which the network is called on each name."""
    for node in code.nodes:
        on = node.args[0] if isinstance(node, ast.Call) and node.args and _is_network(node.func, run) else None
        if isinstance(on, ast.Name):
            called[on.id] = max(on.lineno, called.get(on.id, 0))
    for node in code.nodes:
        made = node.targets[0] if isinstance(node, ast.Assign) else None
        if not isinstance(node, ast.Assign) or not isinstance(made, ast.Name) or made.id in read:
            continue
        value = node.value
        func = value.func if isinstance(value, ast.Call) else None
        if not isinstance(value, ast.Call) or not isinstance(func, ast.Attribute) or func.attr not in _FLATTENING:
            continue
        batch = func.value
        if isinstance(batch, ast.Name) and batch.id != made.id and called.get(batch.id, 0) > node.lineno:
            yield _Slip(made, batch, value)


def _is_network(func: ast.expr, run: Evaluator) -> bool:
    value = run.globals.names.get(func.id) if isinstance(func, ast.Name) else None
    return isinstance(value, ModuleObject | Group) and not isinstance(value, UserClass)


def _first_size(call: ast.Call) -> ast.expr | None:
    return call.args[0] if len(call.args) > 1 else None


def _sizes(code: Code, run: Evaluator, name: str) -> Shape:
    """The sizes of what a name is bound to: in an assignment, or by a loop over tensors that stand in the code."""
    for node in code.nodes:
        made = _bound(node, name)
        if isinstance(made, ast.Call) and last_word(made) in MAKERS:
            numbers = [evidence.Case(code, run).worth(size) for size in made.args]
            if all(type(number) is int for number in numbers):
                return tuple(numbers)
    return ()


def _bound(node: ast.AST, name: str) -> ast.expr | None:
    """What a statement binds a name to."""
    if isinstance(node, ast.Assign):
        pairs = [(node.targets[0], node.value)]
    elif isinstance(node, ast.For) and isinstance(node.iter, ast.List | ast.Tuple) and node.iter.elts:
        pairs = [(node.target, node.iter.elts[0])]
    else:
        return None
    for target, value in pairs:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple | ast.List):
            pairs += list(zip(target.elts, value.elts, strict=False))
        elif isinstance(target, ast.Name) and target.id == name:
            return value
    return None
