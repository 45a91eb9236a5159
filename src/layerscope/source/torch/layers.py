"""Constructing torch's layers: arguments by torch's own signatures, in-values noted, every value checked."""

import ast
from collections.abc import Sequence
from dataclasses import MISSING, fields, replace
from functools import cache, partial
from inspect import Parameter, signature
from math import isfinite
from typing import TYPE_CHECKING, Any

from layerscope.catalogue import CATALOGUE, TORCH_LAYERS
from layerscope.layers.base import Layer
from layerscope.parameter import MOST_AXES, Kind
from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Fault, Given, Unknown
from layerscope.source.record import BATCH, InValue
from layerscope.source.remarks import unknown_layers
from layerscope.source.remarks.argument_errors import fraction, given_twice, unexpected_of_layer
from layerscope.source.remarks.not_layers import layer_in, spread
from layerscope.source.torch.containers import Group
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Learned
from layerscope.source.torch.parts import Part
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.unpooling import UNPOOLING, WITH_PLACES, gives_places, unpool
from layerscope.source.torch.worlds import shared, world_of
from layerscope.text import is_word
from layerscope.torch_functions import IGNORED

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

STACKED = {"TransformerEncoder": "encoder_layer", "TransformerDecoder": "decoder_layer"}
CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "Module")
LAZY = "Lazy"
MEANS: dict[str, tuple[str, dict[str, Any]]] = {
    "Softmax2d": ("Softmax", {"dim": 1}),
    "UpsamplingNearest2d": ("Upsample", {"mode": "nearest"}),
    "UpsamplingBilinear2d": ("Upsample", {"mode": "bilinear", "align_corners": True}),
}
"""Layers of torch's that are another one with some arguments fixed."""
LARGEST_BITS = 64
COMPARING = 100
"""Steps of work that it takes to compare a name with all that may be meant."""
_NAMES = (ast.Name, ast.Attribute)
_SIMPLE = frozenset({bool, type(None)})
"""Values that any layer may hold as they are."""
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
    """The arguments that the input decides, `normalized_shape` among them."""
    return (*layer_type.decides, *({"normalized_shape"} & layer_type.parameters().keys()))


def layer_class(run: "Evaluator", name: str, call: Call, *, is_direct: bool = True) -> Any:
    """nn.Name(...). `is_direct` is False where the name belongs to something inside nn: nn.utils.name(...)."""
    if name in CONTAINERS:
        return _container(run, name, call)
    lazy = name.startswith(LAZY) and name[len(LAZY) :] in TORCH_LAYERS
    plain_name = name[len(LAZY) :] if lazy else name
    kind, fixed = MEANS.get(plain_name, (plain_name, {}))
    if kind in STACKED:
        return _stack(run, kind, call)
    if kind in UNPOOLING:
        return unpool(run, kind, call)
    if kind not in TORCH_LAYERS and kind != "Transformer":
        return _not_a_layer(run, name, call, is_direct)
    made = LayerModule(kind, call.node, made=call, numbers=call.scope.numbers() if call.scope is not None else {})
    world_of(run).layers_made += 1
    try:
        made.layer, made.in_values, made.untold = _arguments_of(run, CATALOGUE[kind], call, fixed, lazy, f"nn.{name}")
        made.gives_places = "MaxPool" in kind and gives_places(
            call.bound(*_known(CATALOGUE[kind], lazy)).get(WITH_PLACES)
        )
    except Fault as fault:  # it matters only where the layer is used
        made.fault = fault
    return made


def _stack(run: "Evaluator", kind: str, call: Call) -> Any:
    """nn.TransformerEncoder(layer, 6): a row with the layer's arguments, and how many of it there are."""
    values = call.bound(STACKED[kind], "num_layers", "norm")
    part = values.get(STACKED[kind])
    if not isinstance(part, LayerModule) or part.layer is None or part.type != f"{kind}Layer":
        words = f"nn.{kind} expects an nn.{kind}Layer as its first argument."
        return LayerModule(
            kind,
            call.node,
            fault=part.fault if isinstance(part, LayerModule) and part.fault else Fault(words, call.node),
        )
    made = LayerModule(
        kind, call.node, in_values=part.in_values, untold=part.untold, made=part.made, numbers=part.numbers
    )
    try:
        count = argument(run, values.get("num_layers"), "num_layers", call.nodes.get(1, call.node))
        chosen = part.layer.chosen | {"num_layers": count, "norm": values.get("norm") is not None}
        made.layer = finished(CATALOGUE[kind], chosen, call.node, f"nn.{kind}")
    except Fault as fault:
        made.fault = fault
    return made


def _not_a_layer(run: "Evaluator", name: str, call: Call, is_direct: bool) -> Any:
    """A name that is not a layer here: the one that is meant where torch has none of that name, Unknown otherwise."""
    reason = f"Layerscope has no layer for nn.{name}."
    if is_direct and unknown_layers.is_missing(name):
        made = unknown_layers.meant(run, name, call)
        if made is not None:
            return made
        unknown_layers.told(run, name, call.node)
        reason = unknown_layers.reason(name)
    return Unknown(partial(run.paste.quote, call.node), reason, call.node, foreign=True)


def _arguments_of(
    run: "Evaluator", kind: type[Layer], call: Call, fixed: dict[str, Any], lazy: bool, shown: str
) -> tuple[Layer, tuple[InValue, ...], tuple[InValue, ...]]:
    """The layer; the values in the code that the input decides; those of them that are undefined names."""
    if kind.__name__ == "Identity":
        return kind(name=""), (), ()
    decided, parameters = decided_by(kind), kind.parameters()
    known = _known(kind, lazy)
    names = [name for name in known if name not in fixed] if fixed else known
    if len(call.args) > len(names):
        raise Fault(f"{shown} accepts at most {len(names)} arguments but gets {len(call.args)}.", call.node)
    given_twice(run, shown, names, call)
    values: dict[str, Any] = dict(fixed)
    in_values: list[InValue] = []
    untold: list[InValue] = []
    fractions: dict[str, tuple[float, ast.expr]] = {}
    for key, (name, value) in named_arguments(names, call).items():
        if name not in known:
            run.tick(call.node, COMPARING)
            name = unexpected_of_layer(run, shown, name, known, call)
            if not name:
                continue
        node = call.nodes.get(key)
        if type(value) is Given and isinstance(node, _NAMES):
            node = value.node  # the number itself stands in the call of the paste's own function
        if name in decided:
            if node is not None and type(value) is float and value.is_integer():
                fractions[name], value = (value, node), int(value)
            if node is not None and _is_size(value):
                in_values.append(InValue(name, _as_size(value), node))
            if isinstance(value, Unknown):
                if value.undefined:
                    untold.append(InValue(name, value, node or value.undefined))
                continue
            if name == "normalized_shape" and value in ((), []):
                continue  # a shape that nobody knew
        if name in parameters:
            values[name] = argument(run, value, name, node or call.node)
        else:
            _without_say(run, kind, name, value, shown, call)
    layer = finished(kind, values, call.node, shown)
    for name, (number, node) in fractions.items():
        fraction(run, layer, name, number, node)
    return layer, tuple(in_values), tuple(untold)


@cache
def _known(kind: type[Layer], lazy: bool) -> list[str]:
    """The names of the arguments in torch's order; of a lazy layer without those that the input decides."""
    left_out = ("self", "args", "kwargs", *(decided_by(kind) if lazy else ()))
    return [name for name in kind._signature() if name not in left_out]


def named_arguments(names: Sequence[str], call: Call) -> dict[int | str, tuple[str, Any]]:
    """Each argument by where it stands in the call: its name and its value."""
    placed: dict[int | str, tuple[str, Any]] = dict(enumerate(zip(names, call.args, strict=False)))
    for name, value in call.kwargs.items():
        placed[name] = name, value
    return placed


def _without_say(run: "Evaluator", kind: type[Layer], name: str, value: Any, shown: str, call: Call) -> None:
    if name not in _WITHOUT_SAY and name not in kind.decides and value is not _default(kind, name):
        raise Fault(f"Layerscope cannot read {shown} with {name}={value}.", call.node)


def finished(kind: type[Layer], values: dict[str, Any], node: ast.AST, shown: str) -> Layer:
    """The layer of these values, which forget where they were written. Raises Fault where one is missing."""
    missing = [name for name in _needed(kind) if name not in values]
    if missing:
        raise Fault(f"{shown} needs {' and '.join(missing)}.", node)
    return shared(kind, {key: _as_switch(kind, key, _forgetful(value)) for key, value in values.items()})


def _as_switch(kind: type[Layer], name: str, value: Any) -> Any:
    """nn.Linear(8, 4, 1): torch takes a number for a switch, as Python does."""
    return bool(value) if type(value) is int and value in (0, 1) and name in _switches(kind) else value


@cache
def _switches(kind: type[Layer]) -> frozenset[str]:
    return frozenset(name for name, parameter in kind.parameters().items() if parameter.kind is Kind.SWITCH)


def argument(run: "Evaluator", value: Any, name: str, node: ast.AST) -> Any:
    """A value that a layer can hold. Raises Fault."""
    if type(value) in _SIMPLE:
        return value
    if type(value) is int:
        return _one(run, value, name, node)
    if isinstance(value, Tensor):
        raise Fault(f"{name} is a tensor; Layerscope expects a number.", node)
    if isinstance(value, list | tuple | range):
        if len(value) > MOST_AXES:
            raise Fault(f"{name} has {len(value):,} values; the limit is {MOST_AXES}.", node)
        return tuple(_one(run, part, name, node) for part in value)
    return _one(run, value, name, node)


def _one(run: "Evaluator", value: Any, name: str, node: ast.AST) -> Any:
    value = plain(value)
    kind = type(value)
    if kind is int:
        if value.bit_length() > LARGEST_BITS:
            raise Fault(f"{name} is a number with more than 19 digits.", node)
        if value and value % BATCH == 0:
            raise Fault(f"{name} is {run.paste.quote(node)}, which depends on the batch size.", node)
        return value
    if isinstance(value, Unknown):
        raise Fault(value.reason, value.node or node)
    fits = isfinite(value) if kind is float else is_word(value) if kind is str else kind in _SIMPLE
    if not fits:
        raise Fault(f"{name} is {run.paste.quote(node)}, which is not a value for a layer.", node)
    return value


def _container(run: "Evaluator", kind: str, call: Call) -> Any:
    group = Group(kind, call.node)
    only = call.args[0] if len(call.args) == 1 else next(iter(call.kwargs.values()), None) if not call.args else None
    run.tick(call.node, len(call.args))
    if isinstance(only, dict):
        pairs = list(only.items())
    elif kind == "Sequential":
        pairs = [(None, value) for value in spread(run, call)]
    elif isinstance(only, Group):
        pairs = list(only.held.items())
    else:
        row = [] if only is None else run.items(only, call.node)
        if row is None:
            return run.unknown(call.node, among=[only])
        pairs = [(None, value) for value in row]
        if kind in ("ModuleDict", "ParameterDict"):
            pairs = [tuple(pair) for pair in row if isinstance(pair, list | tuple) and len(pair) == 2]
    for key, value in pairs:
        group.add(layer_in(run, value, group, call), None if key is None else str(plain(key)))
    world_of(run).built(group)
    return group


def copied(run: "Evaluator", value: Any, node: ast.AST) -> Any:
    """copy.deepcopy(module): another one like it, with weights of its own."""
    run.tick(node)
    if isinstance(value, LayerModule):
        return replace(value, name=None, owner=None, parts={})
    if isinstance(value, Group):
        group = Group(value.kind, value.node)
        for key, child in value.held.items():
            group.add(copied(run, child, node), key)
        return group
    if isinstance(value, Part):
        part = Part(value.plan, value.path, value.node)
        for key, child in value.held.items():
            part.keep(key, copied(run, child, node))
        return part
    if isinstance(value, ModuleObject):
        other = ModuleObject(value.cls, value.node, initialised=value.initialised)
        for key, child in value.attributes.items():
            other.set_attribute(run, key, copied(run, child, node))
        other.group = copied(run, value.group, node) if value.group is not None else None
        return other
    if isinstance(value, Learned):
        return Learned(value.node, value.tensor, value.is_parameter)
    if isinstance(value, list | tuple):
        return type(value)(copied(run, part, node) for part in value)
    if isinstance(value, dict):
        return {key: copied(run, part, node) for key, part in value.items()}
    return value


def _is_size(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return 0 < len(value) <= MOST_AXES and all(_is_size(part) for part in value)
    return isinstance(value, int) and type(value) is not bool and abs(value).bit_length() <= LARGEST_BITS


def _as_size(value: Any) -> Any:
    return _forgetful(tuple(value) if isinstance(value, list) else value)


def _forgetful(value: Any) -> Any:
    return tuple(map(plain, value)) if isinstance(value, tuple) else plain(value)
