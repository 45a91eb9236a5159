"""A network as JSON, and back. docs/network-json.md describes the form for other programs.

Only what differs from torch's default is written, required values always; what the input decides never. Version 2 is
written only for what version 1 has no words for: rows that name what they read, several inputs or outputs, blocks,
tied tensors.
"""

import json
from collections.abc import Iterator
from dataclasses import MISSING
from difflib import get_close_matches
from math import isfinite
from typing import Any

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.located import LONGEST_NUMBER, Located, LocatedError, read_located, shown
from layerscope.network import LONGEST_NAME, PLAIN, Input, Network, NetworkError, check_name
from layerscope.parameter import MOST_AXES, Parameter
from layerscope.text import LONGEST_WORD

FORMAT = "layerscope-network"
VERSION = 2
LARGEST_TEXT = limits.JSON.most
"""Bytes."""

_FIRST_FIELDS = ("format", "version", "input_shape", "classes", "layers")
_FIELDS: dict[int, tuple[str, ...]] = {1: _FIRST_FIELDS, 2: (*_FIRST_FIELDS, "inputs", "outputs")}
_ROW_FIELDS: dict[int, tuple[str, ...]] = {1: ("type", "name"), 2: ("type", "name", "inputs", "of", "tied")}
_INPUT_FIELDS = ("name", "shape", "kind", "high")


class InterchangeError(ValueError):
    """JSON that gives no network, or a network that gives no JSON; the message is a sentence for the user."""


def to_json(network: Network) -> str:
    """The network as JSON, one line a layer. Raises InterchangeError for values that JSON has no form for."""
    rows = [f"    {{{', '.join(_members(layer))}}}" for layer in network.layers]
    layers = "[\n" + ",\n".join(rows) + "\n  ]" if rows else "[]"
    more = {
        "inputs": [_input_members(given) for given in network.inputs] if not network.has_usual_input else [],
        "outputs": network.outputs,
    }
    is_plain = network.is_chain and not any(more.values()) and all("." not in name for name in network.names)
    fields = {
        "format": json.dumps(FORMAT),
        "version": "1" if is_plain else str(VERSION),
        "input_shape": json.dumps(network.input_shape),
        "classes": json.dumps(network.classes),
        **{name: json.dumps(value) for name, value in more.items() if value},
        "layers": layers,
    }
    return "{\n" + ",\n".join(f'  "{name}": {text}' for name, text in fields.items()) + "\n}\n"


def from_json(text: str) -> Network:
    """The network of `to_json`'s text. Raises InterchangeError, which says the line where it can be known."""
    length = len(text) if len(text) > LARGEST_TEXT else len(text.encode("utf-8", "surrogatepass"))
    if length > LARGEST_TEXT:
        raise InterchangeError(limits.JSON.sentence(found=length))
    try:
        return _network(read_located(text.removeprefix("\ufeff")))
    except LocatedError as error:
        raise InterchangeError(str(error)) from error


def _members(layer: Layer) -> Iterator[str]:
    yield f'"name": {json.dumps(layer.name)}'
    yield f'"type": {json.dumps(layer.type)}'
    if layer.inputs:
        yield f'"inputs": {json.dumps(layer.inputs)}'
    if layer.of:
        yield f'"of": {json.dumps(layer.of)}'
        return  # its arguments are those of the module that it calls
    if layer.tied:
        yield f'"tied": {json.dumps(layer.tied)}'
    for name, value in layer.chosen.items():
        default = layer.__dataclass_fields__[name].default
        if default is MISSING or type(value) is not type(default) or value != default:
            if not _has_form(value) or _wrong_word(layer.parameters()[name], name, value):
                raise InterchangeError(f"{layer.name}.{name} has a value that JSON cannot hold.")
            yield f"{json.dumps(name)}: {json.dumps(value)}"


def _input_members(given: Input) -> dict[str, Any]:
    members = {"name": given.name, "shape": given.shape, "kind": given.kind, "high": given.high}
    return {name: value for name, value in members.items() if value not in (None, "values")}


def _has_form(value: Any) -> bool:
    """Whether the value can be read back as it is."""
    if isinstance(value, tuple):
        return len(value) <= MOST_AXES and all(type(part) is not tuple and _has_form(part) for part in value)
    if isinstance(value, str):
        return len(value) <= LONGEST_WORD
    if type(value) is int:
        return value.bit_length() < 100 and len(str(value)) <= LONGEST_NUMBER
    return type(value) in PLAIN and not (isinstance(value, float) and not isfinite(value))


def _network(root: Located) -> Network:
    fields = _object(root, "A network")
    version = _version(root.line, fields)
    for name, field in fields.items():
        if name not in (known := _FIELDS[version]):
            raise LocatedError(field.line, f"A network has no field {shown(name)}; it has {', '.join(known)}.")
    shape = _plain(_needed(root.line, fields, "input_shape", "A network"), "input_shape")
    classes = fields.get("classes", Located(None, root.line))
    rows = _needed(root.line, fields, "layers", "A network")
    if not isinstance(rows.value, list):
        raise LocatedError(rows.line, "layers is not a list; [] would work for a network without layers.")
    if not isinstance(shape, tuple):
        raise LocatedError(fields["input_shape"].line, "input_shape is not a list; [1, 28, 28] would work.")
    _checked(fields["input_shape"].line, shape, ())
    _checked(classes.line, shape, (), _plain(classes, "classes"))
    if len(rows.value) > limits.LAYERS.most:
        raise LocatedError(rows.line, limits.LAYERS.sentence(found=len(rows.value)))
    layers: dict[str, Layer] = {}
    for row in rows.value:
        layer = _layer(row, version, layers)
        if layer.name in layers:
            raise LocatedError(row.line, f"Two layers are named {layer.name}; each needs its own name.")
        layers[layer.name] = layer
    inputs = [_input(given) for given in _list(fields.get("inputs", Located([], root.line)), "inputs")]
    if inputs and inputs[0].shape != shape:
        raise LocatedError(fields["inputs"].line, "The first input's shape differs from input_shape.")
    outputs = _names(fields.get("outputs", Located([], root.line)), "outputs")
    return _checked(rows.line, shape, tuple(layers.values()), classes.value, tuple(inputs), outputs)


def _version(line: int, fields: dict[str, Located]) -> int:
    """The version, which this program reads; looked at first, for a newer one may have any fields."""
    form, version = (_needed(line, fields, name, "A network") for name in ("format", "version"))
    if form.value != FORMAT:
        raise LocatedError(form.line, f"format is {_kind(form.value)}; {shown(FORMAT)} would work.")
    if type(version.value) is int and version.value > VERSION:
        raise LocatedError(
            version.line, f"version {version.value} is newer than this program, which reads versions 1 and {VERSION}."
        )
    if type(version.value) is not int or version.value not in _FIELDS:
        raise LocatedError(version.line, f"version is {_kind(version.value)}; 1 would work.")
    return version.value


def _list(located: Located, name: str) -> list[Located]:
    if not isinstance(located.value, list):
        raise LocatedError(located.line, f"{shown(name)} is not a list; [] would work.")
    if len(located.value) > limits.JOINED.most:
        raise LocatedError(located.line, limits.JOINED.sentence(type=shown(name), found=len(located.value)))
    return located.value


def _names(located: Located, name: str) -> tuple[str, ...]:
    """A list of rows, outputs of rows or inputs."""
    for part in _list(located, name):
        if not isinstance(part.value, str):
            says = 'names such as ["conv1:weight"]' if name == "tied" else 'names of layers, such as ["conv1"]'
            raise LocatedError(part.line, f"{shown(name)} lists {says}.")
    return tuple(part.value for part in located.value)


def _input(given: Located) -> Input:
    fields = _object(given, "An input")
    for key, field in fields.items():
        if key not in _INPUT_FIELDS:
            raise LocatedError(field.line, f"An input has no field {shown(key)}; it has {', '.join(_INPUT_FIELDS)}.")
    name, shape = (_needed(given.line, fields, key, "An input") for key in ("name", "shape"))
    if not isinstance(sizes := _plain(shape, "shape"), tuple):
        raise LocatedError(shape.line, "shape is not a list; [1, 28, 28] would work.")
    others = {key: _plain(fields[key], key) for key in ("kind", "high") if key in fields}
    try:
        return Input(name.value, sizes, **others)
    except NetworkError as error:
        raise LocatedError(given.line, str(error)) from error


def _layer(row: Located, version: int, earlier: dict[str, Layer]) -> Layer:
    fields = dict(_object(row, "A layer"))
    kind, name = (_needed(row.line, fields, key, "A layer") for key in ("type", "name"))
    if not isinstance(kind.value, str) or kind.value not in CATALOGUE:
        near = get_close_matches(str(kind.value)[:LONGEST_NAME], CATALOGUE, 1)
        hint = f"; did you mean {near[0]}?" if near else "; Conv2d is one, for example."
        raise LocatedError(kind.line, f"There is no layer type {_kind(kind.value)}{hint}")
    layer_type = CATALOGUE[kind.value]
    try:
        check_name(name.value)
    except (NetworkError, TypeError) as error:
        reason = (
            str(error) if isinstance(name.value, str) else f"A layer's name is {_kind(name.value)}; conv1 would work."
        )
        raise LocatedError(name.line, reason) from error
    wires = _wires(fields, earlier) if version > 1 else {}
    values = {key: _plain(field, key) for key, field in fields.items() if key not in _ROW_FIELDS[version]}
    if wires.get("of"):
        if values:
            raise LocatedError(row.line, f"{name.value} takes its arguments from {wires['of']}; leave them out.")
        owner = earlier[wires["of"]]
        values = owner.chosen if type(owner) is layer_type else layer_type.fresh("x").chosen
    for key in values:
        if key in layer_type.decides:
            raise LocatedError(fields[key].line, f"{name.value}.{key} is decided by the layer's input; leave it out.")
        if key not in layer_type.parameters():
            known = ", ".join(layer_type.parameters()) or "none"
            raise LocatedError(fields[key].line, f"{kind.value} has no parameter {shown(key)}; it has {known}.")
        if wrong := _wrong_word(layer_type.parameters()[key], key, values[key]):
            raise LocatedError(fields[key].line, wrong)
    for key in layer_type.parameters():
        if layer_type.__dataclass_fields__[key].default is MISSING and key not in values:
            _needed(row.line, fields, key, name.value)
    return layer_type(name=name.value, **wires, **values)


def _wires(fields: dict[str, Located], earlier: dict[str, Layer]) -> dict[str, Any]:
    """What the row reads, whose module it calls, and which tensors it has in common with others."""
    wires: dict[str, Any] = {name: _names(fields[name], name) for name in ("inputs", "tied") if name in fields}
    if "of" in fields:
        if not isinstance(fields["of"].value, str) or fields["of"].value not in earlier:
            raise LocatedError(fields["of"].line, '"of" names an earlier layer; no earlier layer has that name.')
        wires["of"] = fields["of"].value
    return wires


def _wrong_word(parameter: Parameter, name: str, value: Any) -> str | None:
    """What is wrong with a text that is none of the parameter's own words; numbers are judged where they are traced."""
    is_text = any(isinstance(part, str) for part in (value if isinstance(value, tuple) else (value,)))
    return parameter.complaint(name, value) if is_text else None


def _object(located: Located, what: str) -> dict[str, Located]:
    if not isinstance(located.value, dict):
        raise LocatedError(located.line, f"{what} must be an object in braces, {{ and }}, not {_kind(located.value)}.")
    return located.value


def _needed(line: int, fields: dict[str, Located], name: str, what: str) -> Located:
    if name not in fields:
        raise LocatedError(line, f"{what} lacks the field {shown(name)}.")
    return fields[name]


def _plain(located: Located, name: str) -> Any:
    """A value as a layer holds it; a list becomes a tuple."""
    value = located.value
    parts = [part.value for part in value] if isinstance(value, list) else [value]
    endless = len(parts) > MOST_AXES or any(isinstance(part, str) and len(part) > LONGEST_WORD for part in parts)
    if endless or any(isinstance(part, list | dict) for part in parts):
        sentence = (
            f"{shown(name)} takes a number, a word, true, false or null, or a short list of those such as [3, 3]."
        )
        raise LocatedError(located.line, sentence)
    return tuple(parts) if isinstance(value, list) else value


def _kind(value: Any) -> str:
    """A value in few words."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return shown(value) if isinstance(value, str) else json.dumps(value)


def _checked(
    line: int,
    shape: Any,
    layers: tuple[Layer, ...],
    classes: Any = None,
    inputs: tuple[Input, ...] = (),
    outputs: tuple[str, ...] = (),
) -> Network:
    try:
        return Network(shape, layers, classes, inputs, outputs)
    except NetworkError as error:
        raise LocatedError(line, str(error)) from error
