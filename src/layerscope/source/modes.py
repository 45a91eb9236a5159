"""Whether a network is training when the code calls it: from the calls of train() and eval(), in their order."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SETTING = ("eval", "train")
_SAME_OBJECT = frozenset({"apply", "cpu", "cuda", "double", "float", "half", "requires_grad_", "to", "type"})
"""Methods of a module that return it as it is."""
_HARMLESS = frozenset({"id", "isinstance", "len", "print", "repr", "str", "summary", "type"})
"""Functions that leave a module in its mode."""
_SOMETIMES = (ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match, ast.If)
"""Statements whose parts may run, or not, or often."""
_ELSEWHERE = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass
class _Object:
    """Something that was made in the code. `training` is None where nobody can tell."""

    training: bool | None = True
    is_part: bool = False
    """Whether it was handed to something else, which may hold it."""


class Modes:
    """The modes in a paste. Torch starts every module in training; a call of `eval()` or `train(...)` changes that.

    Nothing is sure where such a call stands in a loop, in a branch, or on an object that is not known; then
    `training` says None of every call.
    """

    def __init__(self, tree: ast.Module, nodes: Sequence[ast.AST]) -> None:
        self._training: dict[int, bool | None] = {}
        self._made: dict[int, _Object] = {}
        self._followed: set[int] = set()
        self._body(tree.body, {}, straight=True)
        setting = {id(node) for node in nodes if isinstance(node, ast.Call) and _method(node) in _SETTING}
        by_hand = any(map(_overrides, nodes))
        self._is_never_set = not setting and not by_hand
        self._is_sure = setting <= self._followed and not by_hand

    def training(self, call: ast.Call) -> bool | None:
        """Whether what is called, or what the call is handed first, is training then; None where that is unsure."""
        if self._is_never_set:
            return True
        return self._training.get(id(call)) if self._is_sure else None

    def _body(self, body: Sequence[ast.stmt], names: dict[str, _Object], straight: bool) -> None:
        for statement in body:
            if isinstance(statement, _SCOPES):
                self._body(statement.body, {}, straight=not isinstance(statement, ast.ClassDef))
                continue
            for expression in _expressions(statement):
                self._calls(expression, names, straight)
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                found = self._object(statement.value, names) or _Object(None)
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                names.update({target.id: found for target in targets if isinstance(target, ast.Name)})
            always = not isinstance(statement, _SOMETIMES) or _is_main(statement)
            for part in _bodies(statement):
                self._body(part, names, straight and always)

    def _calls(self, expression: ast.expr, names: dict[str, _Object], straight: bool) -> None:
        """Go through the calls of an expression in the order in which Python makes them."""
        for node, always in _inner_first(expression):
            if isinstance(node, ast.Call):
                self._call(node, names, straight and always)

    def _call(self, call: ast.Call, names: dict[str, _Object], straight: bool) -> None:
        method = _method(call)
        on = self._object(call.func.value, names) if isinstance(call.func, ast.Attribute) else None
        called = self._object(call.func, names)
        if on is not None and method in _SETTING:
            if straight and not on.is_part:
                on.training = False if method == "eval" else _wanted(call)
                self._followed.add(id(call))
            self._made[id(call)] = on
        elif on is not None and method in _SAME_OBJECT:
            self._made[id(call)] = on
        elif called is not None:
            self._training[id(call)] = called.training
        elif on is None:
            self._make(call, method, names)

    def _make(self, call: ast.Call, method: str, names: dict[str, _Object]) -> None:
        """A call of something that is no object of the code: it may make one, of those that it is handed."""
        given = [found for part in call.args if (found := self._object(part, names)) is not None]
        if given:
            self._training[id(call)] = given[0].training
        is_new = all(each.training for each in given)
        if method not in _HARMLESS:
            for each in given:
                each.training, each.is_part = None, True
        self._made[id(call)] = _Object(True if is_new else None)

    def _object(self, node: ast.expr, names: dict[str, _Object]) -> _Object | None:
        if isinstance(node, ast.Name):
            return names.get(node.id)
        if isinstance(node, ast.Attribute) and node.attr == "forward":
            return self._object(node.value, names)
        return self._made.get(id(node))


def _method(call: ast.Call) -> str:
    """The last word of what is called."""
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _wanted(call: ast.Call) -> bool | None:
    """The mode that `train(...)` sets; None where it is no word of the code."""
    parts = [*call.args, *(word.value for word in call.keywords)]
    if not parts:
        return True
    return bool(parts[0].value) if isinstance(parts[0], ast.Constant) else None


def _overrides(node: ast.AST) -> bool:
    """Whether a class has its own way of setting the mode, or the mode is set by hand."""
    if isinstance(node, ast.FunctionDef):
        return node.name in _SETTING and bool(node.args.args) and node.args.args[0].arg == "self"
    return isinstance(node, ast.Attribute) and node.attr == "training" and isinstance(node.ctx, ast.Store)


def _is_main(statement: ast.stmt) -> bool:
    """if __name__ == "__main__":"""
    test = statement.test if isinstance(statement, ast.If) and not statement.orelse else None
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        for part in value if isinstance(value := getattr(statement, name, None), list) else []:
            if isinstance(part, ast.stmt):
                yield [part]
            else:
                yield from _bodies(part)


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself, not those of the statements in it."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.withitem):
            yield child.context_expr


def _inner_first(node: ast.AST, always: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    """All nodes of an expression, each behind its parts, and whether Python comes there for sure, and once."""
    inside = always and not isinstance(node, _ELSEWHERE)
    for child in ast.iter_child_nodes(node):
        yield from _inner_first(child, inside)
    yield node, always
