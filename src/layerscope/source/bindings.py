"""Where the numbers are written that the names of a paste stand for: hidden = 64, def f(hidden=64), {"hidden": 64}."""

import ast
from collections.abc import Iterator, Sequence

LONGEST_WAY = 4
"""How many names may stand for each other on the way to a number."""


def numbers_for(nodes: Sequence[ast.AST], text: str, value: int | None = None) -> list[ast.Constant]:
    """The places of that number, or of any, which the last word of an expression may stand for: config.hidden."""
    try:
        word = _word(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    if word is None:
        return []
    bound: dict[str, list[ast.expr]] = {}
    for node in nodes:
        for name, value_node in _bindings(node):
            bound.setdefault(name, []).append(value_node)
    for name, value_node in _by_place(nodes):
        bound.setdefault(name, []).append(value_node)
    found: dict[int, ast.Constant] = {}
    words, seen = [word], {word}
    for _ in range(LONGEST_WAY):
        given = [node for name in words for node in bound.get(name, ())]
        found |= {
            id(node): node
            for node in given
            if isinstance(node, ast.Constant) and type(node.value) is int and value in (None, node.value)
        }
        words = [word for word in map(_word, given) if word is not None and word not in seen]
        seen |= {*words}
    return list(found.values())


def _word(node: ast.expr) -> str | None:
    """The last word of a name, an attribute, or an item of a table."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return None


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and what one node gives them."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _assigned(node.target, node.value)
    elif isinstance(node, ast.keyword) and node.arg is not None:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.arguments):
        positional = [*node.posonlyargs, *node.args]
        yield from ((arg.arg, value) for arg, value in zip(positional[::-1], node.defaults[::-1], strict=False))
        pairs = zip(node.kwonlyargs, node.kw_defaults, strict=True)
        yield from ((arg.arg, value) for arg, value in pairs if value is not None)


def _by_place(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """The parameters of the paste's own functions and classes, and what calls give them without a name."""
    parameters: dict[str, list[str]] = {}
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            parameters[node.name] = [arg.arg for arg in node.args.args]
        elif isinstance(node, ast.ClassDef):
            inits = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
            for init in inits:
                parameters[node.name] = [arg.arg for arg in init.args.args[1:]]
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in parameters:
            yield from zip(parameters[node.func.id], node.args, strict=False)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List):
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
            for part, given in zip(target.elts, value.elts, strict=True):
                yield from _assigned(part, given)
    elif (word := _word(target)) is not None:
        yield word, value
