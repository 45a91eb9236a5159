"""Arguments that would do for a class that is never made in the code: Net(num_classes=10)."""

import ast
from collections.abc import Iterable

from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.text.scan import walk

MOST_ARGUMENTS = 12

_BY_WORD: tuple[tuple[tuple[str, ...], int | float | bool], ...] = (
    (("class", "action", "out_dim", "output"), 10),
    (("in_ch", "in_c", "inchannel", "nc", "image_ch", "img_ch", "input_ch", "num_ch"), 3),
    (("drop", "prob", "slope", "eps", "momentum", "rate"), 0.5),
    (("bias", "use_", "with_", "is_", "bn", "batch_norm"), True),
    (("kernel", "ksize"), 3),
    (("stride", "padding", "num_layers", "n_layers", "depth"), 1),
    (("image_size", "img_size", "img_sz", "height", "width"), 32),
)
_BY_TYPE: dict[str, int | float | bool] = {"bool": True, "float": 0.5}
_OTHERWISE = 64


def example_arguments(cls: UserClass, lacking: ast.AST | None) -> dict[str, int | float | bool | str]:
    """A value for each argument of a class that has none; empty where no number or text would do.

    `lacking` is the argument whose value was missed: nothing is given where it is none of the class's own.
    """
    init = cls.find("__init__")
    if not isinstance(init, UserFunction) or not isinstance(init.node, ast.FunctionDef):
        return {}
    spec = init.node.args
    positional = [*spec.posonlyargs, *spec.args][1:]
    bare = positional[: len(positional) - len(spec.defaults)]
    bare += [arg for arg, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None]
    if lacking not in bare or len(bare) > MOST_ARGUMENTS:
        return {}
    compared, objects = _used(init.node)
    found = {arg.arg: value for arg in bare if (value := _value(arg, compared, objects)) is not None}
    return found if len(found) == len(bare) else {}


def values_of(names: Iterable[str], nodes: Iterable[ast.AST]) -> dict[str, int | float | bool]:
    """A value for each of those names that are used as no object in some nodes, by what they are called."""
    objects = {name for node in nodes if (name := _asked(node)) is not None}
    return {name: _by_name(name) for name in names if name not in objects}


def _used(init: ast.FunctionDef) -> tuple[dict[str, str], set[str]]:
    """The text that each name is compared with, and the names that are used as objects before any such comparison."""
    compared: dict[str, str] = {}
    objects: set[str] = set()
    for node in walk(init):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name | ast.Attribute):
            left = node.left.attr if isinstance(node.left, ast.Attribute) else node.left.id
            right = node.comparators[0]
            if left not in objects and isinstance(right, ast.Constant) and isinstance(right.value, str):
                compared.setdefault(left, right.value)
        if (name := _asked(node)) is not None and name not in compared:
            objects.add(name)
    return compared, objects


def _value(arg: ast.arg, compared: dict[str, str], objects: set[str]) -> int | float | bool | str | None:
    """A value for one argument: what it is compared with, or what its name and type tell; None for an object."""
    if arg.arg in compared:
        return compared[arg.arg]
    if arg.arg in objects:
        return None
    kind = arg.annotation.id if isinstance(arg.annotation, ast.Name) else "" if arg.annotation is None else "other"
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if kind not in ("", "int"):
        return None
    return _by_name(arg.arg)


def _by_name(name: str) -> int | float | bool:
    found = (value for words, value in _BY_WORD if any(word in name.lower() for word in words))
    return next(found, _OTHERWISE)


def _asked(node: ast.AST) -> str | None:
    """The name that is used as no number is, if one is: called, indexed, walked, or asked for an attribute."""
    if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        used: ast.AST | None = node.value
    elif isinstance(node, ast.For | ast.comprehension):
        used = node.iter
    else:
        used = node.func if isinstance(node, ast.Call) else None
    return used.id if isinstance(used, ast.Name) else None
