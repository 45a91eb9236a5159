"""Constructing torch's layers: arguments by torch's own signatures, in-values noted, every value checked."""

import ast
from abc import ABC
from dataclasses import MISSING, fields
from difflib import get_close_matches
from functools import cache, partial
from inspect import Parameter, signature
from math import isfinite
from typing import Any

from layerscope.asking import is_known
from layerscope.catalogue import CATALOGUE, TORCH_LAYERS
from layerscope.layers.base import Layer
from layerscope.network import LONGEST_NAME
from layerscope.parameter import MOST_AXES
from layerscope.source.functions import IGNORED
from layerscope.source.interpreter.classes import Classes
from layerscope.source.interpreter.constants import plain
from layerscope.source.interpreter.machine import CHAIN, Call
from layerscope.source.interpreter.made import Group, Instance, Made
from layerscope.source.interpreter.misgiven import no_such_argument
from layerscope.source.interpreter.values import Data, Dim, Fault, Given, InValue, Sizes, Symbol, Unknown
from layerscope.source.paste import Paste
from layerscope.text import is_word

STACKED = {"TransformerEncoder": "encoder_layer", "TransformerDecoder": "decoder_layer"}
CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "Module")
LAZY = "Lazy"
MEANS: dict[str, tuple[str, dict[str, Any]]] = {
    "Softmax2d": ("Softmax", {"dim": 1}),
    "UpsamplingNearest2d": ("Upsample", {"mode": "nearest"}),
    "UpsamplingBilinear2d": ("Upsample", {"mode": "bilinear", "align_corners": True}),
}
"""Layers of torch's that are another one with some arguments fixed."""
LARGEST_BITS = 64
_IN_SMALL = {name.lower(): name for name in reversed(TORCH_LAYERS)}
COMPARING = 100
"""Steps of work that it takes to compare a name with all that may be meant."""
ALIKE = 0.8
"""How much of a layer's name must agree with one that may be meant by it, as difflib counts."""
_WITHOUT_SAY = {*IGNORED, "device", "in_features", "in_channels", "num_features", "num_channels"}


@cache
def _default(kind: type[Layer], name: str) -> Any:
    """What torch takes for an argument that is not written; a sign of its own where it has none."""
    known = signature(kind.torch_class).parameters.get(name)
    return Parameter.empty if known is None else known.default


@cache
def _needed(kind: type[Layer]) -> tuple[str, ...]:
    """The arguments without a default."""
    return tuple(f.name for f in fields(kind) if f.default is MISSING and f.name != "name")


@cache
def decided_by(layer_type: type[Layer]) -> tuple[str, ...]:
    """The arguments that what arrives decides, `normalized_shape` among them."""
    return (*layer_type.decides, *({"normalized_shape"} & layer_type.parameters().keys()))


class Layers(Classes, ABC):
    """torch.nn's classes."""

    def __init__(self, paste: Paste) -> None:
        super().__init__(paste)
        self._meant: dict[str, str] = {}
        """The layer that may be meant by each name that is none."""

    def layer_class(self, name: str, call: Call) -> Any:
        """nn.Name(...)."""
        if name in CONTAINERS:
            return self._container(name, call)
        lazy = name.startswith(LAZY) and name[len(LAZY) :] in TORCH_LAYERS
        plain_name = name[len(LAZY) :] if lazy else name
        kind, fixed = MEANS.get(plain_name, (plain_name, {}))
        if kind in STACKED:
            return self._stack(kind, call)
        if kind not in TORCH_LAYERS and kind != "Transformer":
            return self._not_a_layer(name, call.node)
        made = Made(kind, call.node)
        self.layers_made += 1
        try:
            made.layer, made.in_values, made.untold = self._arguments_of(
                CATALOGUE[kind], call, fixed, lazy, f"nn.{name}"
            )
        except Fault as fault:  # it matters only where the layer is used
            made.fault = fault
        return made

    def _stack(self, kind: str, call: Call) -> Any:
        """nn.TransformerEncoder(layer, 6): a row with the layer's arguments, and how many of it there are."""
        values = call.bound((STACKED[kind], "num_layers", "norm"))
        part = values.get(STACKED[kind])
        if not isinstance(part, Made) or part.layer is None or part.type != f"{kind}Layer":
            words = f"nn.{kind} is read with an nn.{kind}Layer as its first argument."
            return Made(
                kind, call.node, fault=part.fault if isinstance(part, Made) and part.fault else Fault(words, call.node)
            )
        made = Made(kind, call.node, in_values=part.in_values, untold=part.untold)
        try:
            count = self.plain(values.get("num_layers"), "num_layers", call.nodes.get(1, call.node))
            chosen = part.layer.chosen | {"num_layers": count, "norm": values.get("norm") is not None}
            made.layer = self.finished(CATALOGUE[kind], chosen, call.node, f"nn.{kind}")
        except Fault as fault:
            made.fault = fault
        return made

    def _not_a_layer(self, name: str, node: ast.AST) -> Unknown:
        if alike := _IN_SMALL.get(name.lower()):
            reason = f"torch has no nn.{name}; nn.{alike} would work."
        elif len(name) <= LONGEST_NAME and not is_known(name) and (near := self._near(name, node)):
            reason = self._misspelled(name, near, node)
        else:
            reason = f"nn.{name} is not among Layerscope's layers."
        return Unknown(partial(self.paste.quote, node), reason, node, foreign=True)

    def _near(self, name: str, node: ast.AST) -> str:
        """The layer that may be meant by a name; "" where none is near. To compare with all of them is work."""
        if name not in self._meant:
            self.tick(node, COMPARING)
            self._meant[name] = "".join(get_close_matches(name, TORCH_LAYERS, 1, ALIKE))
        return self._meant[name]

    def _misspelled(self, name: str, near: str, node: ast.AST) -> str:
        """nn.Liner: torch has nothing of that name, and nearly one of ours."""
        func = node.func if isinstance(node, ast.Call) else None
        if isinstance(func, ast.Attribute):
            place = self.paste.last_name(func)
            self.flaw(
                f"torch has no nn.{name}; nn.{near} is meant.", node, tone="error", title=f"nn.{name} is misspelled",
                quote=f"module 'torch.nn' has no attribute '{name}'", label=f"Line {place.line}: write {near}",
                changes=((place, near),),
            )  # fmt: skip
        return f"torch has no nn.{name}; nn.{near} would work."

    def _arguments_of(
        self, kind: type[Layer], call: Call, fixed: dict[str, Any], lazy: bool, shown: str
    ) -> tuple[Layer, tuple[InValue, ...], tuple[InValue, ...]]:
        """The layer; the values in the code that what arrives decides; those of them that are undefined names."""
        signature = [name for name in kind._signature() if name not in ("self", "args", "kwargs")]
        decided = decided_by(kind)
        if lazy:
            signature = [name for name in signature if name not in decided]
        if kind.__name__ == "Identity":
            return kind(name=""), (), ()
        names = [name for name in signature if name not in fixed]
        if len(call.args) > len(names):
            raise Fault(f"{shown} takes at most {len(names)} arguments; here are {len(call.args)}.", call.node)
        self.given_twice(shown, names, call)
        values: dict[str, Any] = dict(fixed)
        in_values: list[InValue] = []
        untold: list[InValue] = []
        fractions: dict[str, tuple[float, ast.expr]] = {}
        for key, (name, value) in self._named_arguments(names, call).items():
            if name not in signature:
                self.tick(call.node, COMPARING)
                words = no_such_argument(shown, name[:LONGEST_NAME], signature)
                raise Fault(words, call.nodes.get(key, call.node))
            node = call.nodes.get(key)
            if isinstance(value, Given) and isinstance(node, ast.Name | ast.Attribute):
                node = value.node  # the number itself stands in the call of the paste's own function
            if name in decided and node is not None and type(value) is float and value.is_integer():
                fractions[name], value = (value, node), int(value)
            if name in decided and node is not None and _is_size(value):
                in_values.append(InValue(name, _as_size(value), node))
            if name in decided and isinstance(value, Unknown) and value.undefined:
                untold.append(InValue(name, value, node or value.undefined))
            if name == "normalized_shape" and value in ((), []):
                continue  # a shape that nobody knew
            if name in kind.parameters() and not (name in decided and isinstance(value, Unknown)):
                values[name] = self.plain(value, name, node or call.node)
            elif name not in kind.parameters():
                self._without_say(kind, name, value, shown, call)
        layer = self.finished(kind, values, call.node, shown)
        for name, (number, node) in fractions.items():
            self.fraction(layer, name, number, node)
        return layer, tuple(in_values), tuple(untold)

    @staticmethod
    def _named_arguments(names: list[str], call: Call) -> dict[int | str, tuple[str, Any]]:
        """Each argument by where it stands in the call: its name and its value."""
        placed: dict[int | str, tuple[str, Any]] = {n: (names[n], value) for n, value in enumerate(call.args)}
        return placed | {name: (name, value) for name, value in call.kwargs.items()}

    def _without_say(self, kind: type[Layer], name: str, value: Any, shown: str, call: Call) -> None:
        if name == "return_indices" and value is not False:
            raise Fault(f"{shown} with return_indices=True gives two tensors. {CHAIN}", call.node)
        if name not in _WITHOUT_SAY and name not in kind.decides and value is not _default(kind, name):
            raise Fault(f"{shown} is not read with {name}={value}.", call.node)

    def finished(self, kind: type[Layer], values: dict[str, Any], node: ast.AST, shown: str) -> Layer:
        """The layer of these values, which forget where they were written. Raises Fault where one is missing."""
        missing = [name for name in _needed(kind) if name not in values]
        if missing:
            raise Fault(f"{shown} is not given {' and '.join(missing)}.", node)
        return kind(name="", **{key: _forgetful(value) for key, value in values.items()})

    def plain(self, value: Any, name: str, node: ast.AST) -> Any:
        """A value that a layer can hold. Raises Fault."""
        if isinstance(value, Unknown):
            raise Fault(value.reason, value.node or node)
        if isinstance(value, Dim | Sizes | Data):
            raise Fault(f"{name} depends on the sizes of the tensor, which a layer's row cannot.", node)
        if isinstance(value, list | tuple | range):
            if len(value) > MOST_AXES:
                raise Fault(f"{name} has {len(value):,} values; the most is {MOST_AXES}.", node)
            return tuple(self._one(part, name, node) for part in value)
        return self._one(value, name, node)

    def _one(self, value: Any, name: str, node: ast.AST) -> Any:
        value = plain(value)
        if isinstance(value, Unknown):
            raise Fault(value.reason, value.node or node)
        if type(value) is int and value.bit_length() > LARGEST_BITS:
            raise Fault(f"{name} is a number with more than 19 digits.", node)
        wrong = type(value) not in (int, float, bool, str, type(None)) or (type(value) is float and not isfinite(value))
        if wrong or (isinstance(value, str) and not is_word(value)):
            raise Fault(f"{name} is {self.paste.quote(node)}, which is no value of a layer.", node)
        return value

    def _container(self, kind: str, call: Call) -> Any:
        group = Group(kind, call.node)
        only = call.args[0] if len(call.args) == 1 else None
        self.tick(call.node, len(call.args))
        if isinstance(only, dict):
            pairs = list(only.items())
        elif kind == "Sequential":
            pairs = [(None, value) for value in call.args]
        else:
            row = [] if only is None else self.items(only, call.node)
            if row is None:
                return self.unknown(call.node, among=[only])
            pairs = [(None, value) for value in row]
            if kind == "ModuleDict":
                pairs = [tuple(pair) for pair in row if isinstance(pair, list | tuple) and len(pair) == 2]
        for key, value in pairs:
            value = self.constructed_in(value, group, call) if isinstance(value, Symbol) else value
            group.add(value, None if key is None else str(key))
        self.built(group)
        return group

    def built(self, group: Group) -> None:
        """A group was constructed."""

    def copied(self, value: Any, node: ast.AST) -> Any:
        """copy.deepcopy(layer)."""
        if isinstance(value, Made):
            return Made(value.type, value.node, value.layer, value.in_values, value.fault, untold=value.untold)
        if isinstance(value, Group):
            group = Group(value.kind, value.node)
            for key, child in value.children.items():
                self.tick(node)
                group.add(self.copied(child, node), key)
            return group
        return value if not isinstance(value, Instance | Symbol) else self.unknown(node)


def _is_size(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return 0 < len(value) <= MOST_AXES and all(type(part) in (int, Given) and _is_size(part) for part in value)
    return isinstance(value, int) and type(value) is not bool and abs(value).bit_length() <= LARGEST_BITS


def _as_size(value: Any) -> Any:
    return _forgetful(tuple(value) if isinstance(value, list) else value)


def _forgetful(value: Any) -> Any:
    return tuple(map(plain, value)) if isinstance(value, tuple) else plain(value)
