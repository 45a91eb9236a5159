"""A network as JSON, and back. docs/network-json.md describes the form for other programs.

Only what differs from torch's default is written, required values always; what the arriving shape decides never.
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
from layerscope.network import LONGEST_NAME, PLAIN, Network, NetworkError, check_name
from layerscope.parameter import MOST_AXES, Parameter

FORMAT = "layerscope-network"
VERSION = 1
LARGEST_TEXT = limits.JSON.most
"""Bytes."""

_FIELDS = ("format", "version", "input_shape", "classes", "layers")


class InterchangeError(ValueError):
    """JSON that gives no network, or a network that gives no JSON; the message is a sentence for the user."""


def to_json(network: Network) -> str:
    """The network as JSON, one line a layer. Raises InterchangeError for values that JSON has no form for."""
    rows = [f"    {{{', '.join(_members(layer))}}}" for layer in network.layers]
    layers = "[\n" + ",\n".join(rows) + "\n  ]" if rows else "[]"
    fields = {
        "format": json.dumps(FORMAT),
        "version": str(VERSION),
        "input_shape": json.dumps(network.input_shape),
        "classes": json.dumps(network.classes),
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
    for name, value in layer.chosen.items():
        default = layer.__dataclass_fields__[name].default
        if default is MISSING or type(value) is not type(default) or value != default:
            if not _has_form(value) or _wrong_word(layer.parameters()[name], name, value):
                raise InterchangeError(f"{layer.name}.{name} holds a value that has no place in JSON.")
            yield f"{json.dumps(name)}: {json.dumps(value)}"


def _has_form(value: Any) -> bool:
    """Whether the value can be read back as it is."""
    if isinstance(value, tuple):
        return len(value) <= MOST_AXES and all(type(part) is not tuple and _has_form(part) for part in value)
    if isinstance(value, str):
        return len(value) <= LONGEST_NAME
    if type(value) is int:
        return value.bit_length() < 100 and len(str(value)) <= LONGEST_NUMBER
    return type(value) in PLAIN and not (isinstance(value, float) and not isfinite(value))


def _network(root: Located) -> Network:
    fields = _object(root, "A network")
    _check_version(root.line, fields)
    for name, field in fields.items():
        if name not in _FIELDS:
            raise LocatedError(field.line, f"A network has no field {shown(name)}; it has {', '.join(_FIELDS)}.")
    shape = _plain(_needed(root.line, fields, "input_shape", "A network"), "input_shape")
    classes = fields.get("classes", Located(None, root.line))
    rows = _needed(root.line, fields, "layers", "A network")
    if not isinstance(rows.value, list):
        raise LocatedError(rows.line, "layers is no list; [] would work for a network without layers.")
    if not isinstance(shape, tuple):
        raise LocatedError(fields["input_shape"].line, "input_shape is no list; [1, 28, 28] would work.")
    _checked(fields["input_shape"].line, shape, ())
    _checked(classes.line, shape, (), _plain(classes, "classes"))
    if len(rows.value) > limits.LAYERS.most:
        raise LocatedError(rows.line, limits.LAYERS.sentence(found=len(rows.value)))
    layers: dict[str, Layer] = {}
    for row in rows.value:
        layer = _layer(row)
        if layer.name in layers:
            raise LocatedError(row.line, f"Two layers are named {layer.name}; each needs its own name.")
        layers[layer.name] = layer
    return _checked(rows.line, shape, tuple(layers.values()), classes.value)


def _check_version(line: int, fields: dict[str, Located]) -> None:
    """Whether this program reads it; looked at first, for a newer version may have any fields."""
    form, version = (_needed(line, fields, name, "A network") for name in ("format", "version"))
    if form.value != FORMAT:
        raise LocatedError(form.line, f"format is {_kind(form.value)}; {shown(FORMAT)} would work.")
    if type(version.value) is int and version.value > VERSION:
        raise LocatedError(
            version.line, f"version {version.value} is newer than this program, which reads version {VERSION}."
        )
    if type(version.value) is not int or version.value != VERSION:
        raise LocatedError(version.line, f"version is {_kind(version.value)}; {VERSION} would work.")


def _layer(row: Located) -> Layer:
    fields = dict(_object(row, "A layer"))
    kind, name = (_needed(row.line, fields, key, "A layer") for key in ("type", "name"))
    if not isinstance(kind.value, str) or kind.value not in CATALOGUE:
        near = get_close_matches(str(kind.value)[:LONGEST_NAME], CATALOGUE, 1)
        hint = f"; did you mean {near[0]}?" if near else "; Conv2d would be one."
        raise LocatedError(kind.line, f"There is no layer type {_kind(kind.value)}{hint}")
    layer_type = CATALOGUE[kind.value]
    try:
        check_name(name.value)
    except (NetworkError, TypeError) as error:
        reason = (
            str(error) if isinstance(name.value, str) else f"A layer's name is {_kind(name.value)}; conv1 would do."
        )
        raise LocatedError(name.line, reason) from error
    values = {key: _plain(field, key) for key, field in fields.items() if key not in ("type", "name")}
    for key in values:
        if key in layer_type.decides:
            raise LocatedError(fields[key].line, f"{name.value}.{key} is decided by what arrives; leave it out.")
        if key not in layer_type.parameters():
            known = ", ".join(layer_type.parameters()) or "none"
            raise LocatedError(fields[key].line, f"{kind.value} has no parameter {shown(key)}; it has {known}.")
        if wrong := _wrong_word(layer_type.parameters()[key], key, values[key]):
            raise LocatedError(fields[key].line, wrong)
    for key in layer_type.parameters():
        if layer_type.__dataclass_fields__[key].default is MISSING:
            _needed(row.line, fields, key, name.value)
    return layer_type(name=name.value, **values)


def _wrong_word(parameter: Parameter, name: str, value: Any) -> str | None:
    """What is wrong with a text that is none of the parameter's own words; numbers are judged where they are traced."""
    is_text = any(isinstance(part, str) for part in (value if isinstance(value, tuple) else (value,)))
    return parameter.complaint(name, value) if is_text else None


def _object(located: Located, what: str) -> dict[str, Located]:
    if not isinstance(located.value, dict):
        raise LocatedError(located.line, f"{what} stands in braces, {{ and }}; here is {_kind(located.value)}.")
    return located.value


def _needed(line: int, fields: dict[str, Located], name: str, what: str) -> Located:
    if name not in fields:
        raise LocatedError(line, f"{what} needs a field {shown(name)}; there is none.")
    return fields[name]


def _plain(located: Located, name: str) -> Any:
    """A value as a layer holds it; a list becomes a tuple."""
    value = located.value
    parts = [part.value for part in value] if isinstance(value, list) else [value]
    endless = len(parts) > MOST_AXES or any(isinstance(part, str) and len(part) > LONGEST_NAME for part in parts)
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


def _checked(line: int, shape: Any, layers: tuple[Layer, ...], classes: Any = None) -> Network:
    try:
        return Network(shape, layers, classes)
    except NetworkError as error:
        raise LocatedError(line, str(error)) from error
