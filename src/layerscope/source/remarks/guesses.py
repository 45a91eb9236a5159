"""Arguments that would work for a class that is never made in the code: Net(classes=10), Net(widths=[784, 64, 10])."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.text.scan import walk


class Code(str):
    """A value that is written as an expression: nn.ReLU()."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


MOST_ARGUMENTS = 12
LONGEST_LIST = 16
"""Numbers in a list that is guessed; code that asks for more of them gets none."""

_BY_WORD: tuple[tuple[tuple[str, ...], int | float | bool | str], ...] = (
    (("device",), "cpu"),
    (("drop", "prob", "slope", "momentum", "rate", "std"), 0.5),
    (("class", "action", "out_dim", "output"), 10),
    (("in_ch", "in_c", "inchannel", "nc", "image_ch", "img_ch", "input_ch", "num_ch", "color", "colour", "rgb"), 3),
    (("bias", "use_", "with_", "is_", "has_", "bn", "batch_norm"), True),
    (("kernel", "ksize"), 3),
    (("head",), 4),
    (("stride", "padding", "num_layers", "n_layers", "depth"), 1),
    (("image_size", "img_size", "img_sz", "height", "width"), 32),
)
_FLAGS = ("has_", "is_", "use_", "with_")
"""How names of what is true or false begin."""
_OF_WIDTHS = ("channel", "size", "dim", "width", "hidden", "feature", "unit")
"""Words in the names of lists of widths, whatever else is in them."""
_LISTS_BY_WORD: tuple[tuple[tuple[str, ...], int | float], ...] = (
    (("drop", "prob", "slope", "rate"), 0.5),
    (("kernel", "ksize"), 3),
    (("stride", "padding", "dilation"), 1),
    (("layers", "block", "depth", "repeat", "num_"), 2),
)
"""What each number of a list is, by what the list is called."""
_BY_TYPE: dict[str, int | float | bool] = {"bool": True, "float": 0.5}
_OTHERWISE = 64
_WHOLE: dict[str, int | float | str] = (
    {"k": 3, "ks": 3, "s": 1, "eps": 1e-05}
    | dict.fromkeys(("lr", "learning_rate", "alpha", "lr_rate"), 0.001)
    | dict.fromkeys(("act", "activation", "act_fn", "nonlinearity"), Code("nn.ReLU()"))
)
"""Names that mean something as a whole."""
_ACTIVATIONS = ("act", "nonlin", "relu", "gelu")
_PER_AXIS = ("kernel", "ksize", "stride", "padding", "dilation")
_OF_CHECK = 2
_OF_LINEAR = 2
"""The arguments of a Linear without a default."""
_TURNS = 2
"""How often a loop is gone through."""
_WIDTHS, _CHANNELS = (784, 64, 10), (3, 16, 32)
"""Numbers of values for Linear layers, and of channels for convolutions."""


@dataclass
class _Uses:
    """How names are used: compared with a text, as a list of so many numbers, counted, as a number of turns, as a
    device, as an object.

    `spread` are those that stand for a layer's one width: nn.Linear(*input_dims, 64). `called` says whether a name is
    called with arguments.
    """

    compared: dict[str, str] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    repeats: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    spread: set[str] = field(default_factory=set)
    called: dict[str, bool] = field(default_factory=dict)
    convolves: bool = False

    def value(self, name: str) -> Any:
        """A value that would work; None for an object."""
        if name in self.compared:
            return self.compared[name]
        if name in self.spread:
            return [_OTHERWISE]
        if name in self.objects:
            return self._layer(name)
        if name in self.devices:
            return "cpu"
        if name in self.lists:
            per_axis = self.lists[name] > 0 and any(word in name.lower() for word in _PER_AXIS)
            return self._list(name, max(self.lists[name], 2 if per_axis else len(_WIDTHS)))
        if name in self.repeats:
            return _TURNS
        return range(10) if name in self.counted else _by_name(name)

    def _layer(self, name: str) -> Code | None:
        """A layer or a class of layers, where the name says which kind; None for other objects."""
        if name not in self.called:
            return None
        if any(word in name.lower() for word in _ACTIVATIONS):
            return Code("nn.ReLU()" if self.called[name] else "nn.ReLU")
        if "norm" in name.lower() and self.called[name]:
            return Code("nn.BatchNorm2d" if self.convolves else "nn.LayerNorm")
        return None

    def _list(self, name: str, count: int) -> list[int | float] | None:
        if count > LONGEST_LIST:
            return None
        lower = name.lower()
        words = _LISTS_BY_WORD[:-1] if any(word in lower for word in _OF_WIDTHS) else _LISTS_BY_WORD
        alike = next((value for parts, value in words if any(part in lower for part in parts)), None)
        if alike is not None:
            return [alike] * count
        if self.convolves or "channel" in lower:
            return [*_CHANNELS, *(_CHANNELS[-1],) * (count - len(_CHANNELS))]
        return [_WIDTHS[0], *(_WIDTHS[1],) * (count - 2), _WIDTHS[2]]


def example_arguments(cls: UserClass, lacking: ast.AST | None, tree: ast.Module | None = None) -> dict[str, Any]:
    """A value for each argument of a class that has none; empty where no number, list or text would work.

    `lacking` is the argument whose value was missed: nothing is given where it is none of the class's own. What a call
    of the class in `tree` gives as a number, a text or a flag is taken: Net(features, hidden=256).
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
    uses = _uses_in(walk(init.node))
    known = _written(cls.name, [arg.arg for arg in positional], tree)
    found = {arg.arg: known.get(arg.arg, value) for arg in bare
             if (value := known.get(arg.arg, _value(arg, uses))) is not None}  # fmt: skip
    return found if len(found) == len(bare) else {}


def _written(name: str, parameters: list[str], tree: ast.Module | None) -> dict[str, Any]:
    """The constants in the first call of a class, by parameter."""
    calls = (node for node in walk(tree) if isinstance(node, ast.Call)) if tree is not None else ()
    call = next((node for node in calls if isinstance(node.func, ast.Name) and node.func.id == name), None)
    if call is None or any(isinstance(part, ast.Starred) for part in call.args):
        return {}
    given = dict(zip(parameters, call.args, strict=False)) | {word.arg or "": word.value for word in call.keywords}
    return {key: node.value for key, node in given.items() if isinstance(node, ast.Constant) and node.value is not None}


def values_of(names: Iterable[str], nodes: Iterable[ast.AST]) -> dict[str, Any]:
    """A value for each of those names that are used as no object in some nodes, by use and by name."""
    uses = _uses_in(nodes)
    return {name: value for name in names if (value := uses.value(name)) is not None}


def shown(value: Any) -> str:
    """A value as it is written."""
    return f"range({len(value)})" if isinstance(value, range) else repr(value)


def _uses_in(nodes: Iterable[ast.AST]) -> _Uses:
    uses = _Uses()
    found = list(nodes)
    own = _kept(found)
    loops: list[tuple[str, str]] = []
    for node in found:
        _compared(node, uses)
        _listed(node, uses, own, loops)
        if isinstance(node, ast.Attribute) and node.attr.startswith("Conv"):
            uses.convolves = True
        uses.spread.update(_spread(node, own))
        if (name := _asked(node, own)) is not None and name not in uses.compared:
            uses.objects.add(name)
        if isinstance(node, ast.Call) and (name := _named(node.func, own)) is not None:
            uses.called[name] = bool(node.args)
    uses.objects |= {name for name, item in loops if item in uses.objects or item in uses.compared}
    return uses


def _kept(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """The attributes that hold an argument as it came: self.widths = widths."""
    found = {}
    for node in nodes:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Attribute) and isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            found[target.attr] = node.value.id
    return found


def _named(node: ast.AST | None, own: dict[str, str]) -> str | None:
    """The name that stands there, by way of an attribute of self too."""
    if isinstance(node, ast.Name):
        return node.id
    is_own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return own.get(node.attr) if is_own and isinstance(node, ast.Attribute) else None


def _compared(node: ast.AST, uses: _Uses) -> None:
    """if dataset == "MNIST": the text would work, unless the name was used as an object before."""
    if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name | ast.Attribute):
        left = node.left.attr if isinstance(node.left, ast.Attribute) else node.left.id
        right = node.comparators[0]
        if left not in uses.objects and isinstance(right, ast.Constant) and isinstance(right.value, str):
            uses.compared.setdefault(left, right.value)


def _checked(node: ast.AST) -> str | None:
    """The name that the code wants to be a list: type(sizes) == list, isinstance(sizes, (list, tuple))."""
    if isinstance(node, ast.Compare) and isinstance(node.left, ast.Call) and len(node.comparators) == 1:
        call, wanted = node.left, node.comparators[0]
        first = call.args[0] if len(call.args) == 1 and getattr(call.func, "id", "") == "type" else None
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance" and len(node.args) == _OF_CHECK:
        first, wanted = node.args[0], node.args[1]
    else:
        return None
    kinds = wanted.elts if isinstance(wanted, ast.Tuple) else [wanted]
    is_list = any(getattr(kind, "id", "") in ("list", "tuple") for kind in kinds)
    return first.id if is_list and isinstance(first, ast.Name) else None


def _listed(node: ast.AST, uses: _Uses, own: dict[str, str], loops: list[tuple[str, str]]) -> None:
    """What is used as a list of numbers, is counted by len(), or is handed to .to()."""
    if (checked := _checked(node)) is not None:
        uses.lists.setdefault(checked, 0)
    elif isinstance(node, ast.Subscript) and (name := _named(node.value, own)) is not None:
        place = node.slice.value if isinstance(node.slice, ast.Constant) else 0
        if type(place) is int:
            uses.lists[name] = max(uses.lists.get(name, 0), place + 1)
    elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name):
        if (name := _named(node.iter, own)) is not None:
            uses.lists.setdefault(name, 0)
            loops.append((name, node.target.id))
    elif isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = [name for part in node.args[:1] if (name := _named(part, own)) is not None]
        if called == "len":
            uses.counted.update(first)
        elif called == "range" and isinstance(node.args[-1] if node.args else None, ast.Name):
            uses.repeats.add(node.args[-1].id)  # type: ignore[attr-defined]
        elif called in ("zip", "enumerate"):
            for name in [name for part in node.args if (name := _named(part, own)) is not None]:
                uses.lists.setdefault(name, 0)
        elif called == "to":
            uses.devices.update(first)
        given = [_named(word.value, own) for word in node.keywords if word.arg == "device"]
        uses.devices.update(name for name in given if name is not None)


def _value(arg: ast.arg, uses: _Uses) -> Any:
    """A value for one argument: what its use, its name and its type tell; None for an object."""
    if arg.arg in uses.spread:
        return uses.value(arg.arg)
    if arg.arg in uses.compared or arg.arg in uses.objects or arg.arg in uses.lists or arg.arg in uses.devices:
        return uses.value(arg.arg)
    kind = arg.annotation.id if isinstance(arg.annotation, ast.Name) else "" if arg.annotation is None else "other"
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    return uses.value(arg.arg) if kind in ("", "int") else None


def _spread(node: ast.AST, own: dict[str, str]) -> list[str]:
    """The names that stand with a star for the first argument of a Linear, which is one number."""
    called = node.func if isinstance(node, ast.Call) else None
    first = node.args[0] if isinstance(node, ast.Call) and len(node.args) == _OF_LINEAR else None
    if not isinstance(first, ast.Starred) or getattr(called, "attr", getattr(called, "id", "")) != "Linear":
        return []
    name = _named(first.value, own)
    return [] if name is None else [name]


def _by_name(name: str) -> int | float | bool | str:
    if name.startswith(_FLAGS):
        return True
    if name in _WHOLE:
        return _WHOLE[name]
    found = (value for words, value in _BY_WORD if any(word in name.lower() for word in words))
    return next(found, _OTHERWISE)


def _asked(node: ast.AST, own: dict[str, str]) -> str | None:
    """The name that is used as no number or list of them, if one is: called, spread, asked for an attribute or a key.

    A list of objects is one too: rows that are taken apart, called, or asked for an attribute.
    """
    used: ast.AST | None = None
    if isinstance(node, ast.Attribute | ast.Starred):
        used = node.value
    elif isinstance(node, ast.Subscript):
        is_key = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        used = node.value if is_key or isinstance(node.value, ast.Subscript) else None
    elif isinstance(node, ast.For | ast.comprehension):
        used = node.iter if not isinstance(node.target, ast.Name) else None
    elif isinstance(node, ast.Call):
        used = node.func
    used = used.value if isinstance(used, ast.Subscript) else used
    is_own = isinstance(node, ast.Attribute) and isinstance(used, ast.Name) and used.id == "self"
    return None if is_own else _named(used, own)
