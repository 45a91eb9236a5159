"""The JSON Schema in docs/network-json.md, made from the catalogue, and a small judge of it.

`python -m tests.network_schema` writes the block anew where the catalogue has changed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING
from pathlib import Path
from typing import Any

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.interchange import FORMAT, VERSION
from layerscope.layers.base import Layer
from layerscope.network import LARGEST_IMAGE, LONGEST_NAME, MOST_LAYERS
from layerscope.parameter import LARGEST_WIDTH, MOST_AXES
from layerscope.text import LONGEST_WORD

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "network-json.md"
BLOCK = re.compile(r"(?<=```json schema\n).*?(?=```\n)", re.DOTALL)


def schema() -> dict[str, Any]:
    """What `from_json` takes, as far as JSON Schema can say it."""
    single = {"type": ["number", "string", "boolean", "null"], "maxLength": LONGEST_WORD}
    shape = {
        "type": "array",
        "minItems": 1,
        "maxItems": 4,
        "prefixItems": [{"type": "integer", "minimum": 1, "maximum": LARGEST_WIDTH}],
        "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_IMAGE},
    }
    path = r"([A-Za-z_][A-Za-z0-9_]*|[0-9]+)"
    name = {"type": "string", "pattern": rf"^{path}(\.{path})*$", "maxLength": LONGEST_NAME}
    references = {"type": "array", "maxItems": limits.JOINED.most, "items": {"type": "string"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["format", "version", "input_shape", "layers"],
        "additionalProperties": False,
        "properties": {
            "format": {"const": FORMAT},
            "version": {"type": "integer", "minimum": 1, "maximum": VERSION},
            "input_shape": shape,
            "classes": {"type": ["integer", "null"], "minimum": 1, "maximum": LARGEST_WIDTH},
            "inputs": {
                "type": "array",
                "maxItems": limits.INPUTS.most,
                "items": {
                    "type": "object",
                    "required": ["name", "shape"],
                    "additionalProperties": False,
                    "properties": {
                        "name": name,
                        "shape": shape,
                        "kind": {"enum": ["values", "indices"]},
                        "high": {"type": ["integer", "null"], "minimum": 1, "maximum": limits.ENTRIES.most},
                    },
                },
            },
            "outputs": references,
            "layers": {"type": "array", "maxItems": MOST_LAYERS, "items": {"$ref": "#/$defs/layer"}},
        },
        "$defs": {
            "layer": {
                "type": "object",
                "required": ["name", "type"],
                "properties": {
                    "name": name,
                    "type": {"enum": list(CATALOGUE)},
                    "inputs": references,
                    "of": name,
                    "tied": references,
                },
                "additionalProperties": {"$ref": "#/$defs/value"},
                "oneOf": [_of_type(layer_type) for layer_type in CATALOGUE.values()],
            },
            "value": {"anyOf": [single, {"type": "array", "maxItems": MOST_AXES, "items": single}]},
        },
    }


def _of_type(layer_type: type[Layer]) -> dict[str, Any]:
    names = list(layer_type.parameters())
    required = [name for name in names if layer_type.__dataclass_fields__[name].default is MISSING]
    branch: dict[str, Any] = {"properties": {"type": {"const": layer_type.__name__}}}
    needed = {"anyOf": [{"required": required}, {"required": ["of"]}]} if required else {}
    return branch | needed | {"propertyNames": {"enum": ["name", "type", "inputs", "of", "tied", *names]}}


def schema_text() -> str:
    """The schema with one line for each layer type, so that people can look a type up."""
    whole = schema()
    rows = whole["$defs"]["layer"].pop("oneOf")
    text = json.dumps(whole, indent=2)
    listed = ",\n".join(f"          {json.dumps(row)}" for row in rows)
    mark = '"additionalProperties": {\n        "$ref": "#/$defs/value"\n      }'
    assert text.count(mark) == 1
    return text.replace(mark, f'{mark},\n      "oneOf": [\n{listed}\n      ]') + "\n"


def fits(value: Any, rule: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether the value keeps the rule, for the keywords that our schema uses."""
    if "$ref" in rule:
        return fits(value, root["$defs"][rule["$ref"].rsplit("/", 1)[1]], root)
    known = {"array": list, "object": dict, "string": str, "boolean": bool, "null": type(None)}
    kinds = [rule["type"]] if isinstance(rule.get("type"), str) else rule.get("type", [])
    number = type(value) is int or (type(value) is float and "number" in kinds)
    if kinds and not (number and {"integer", "number"} & set(kinds)) and type(value) not in map(known.get, kinds):
        return False
    return all(_checks(value, rule, root))


def _checks(value: Any, rule: dict[str, Any], root: dict[str, Any]) -> Iterator[bool]:
    """What each keyword says of the value; one after another, as the first that says no is the last to be asked."""
    yield "const" not in rule or (value == rule["const"] and type(value) is type(rule["const"]))
    yield "enum" not in rule or value in rule["enum"]
    if type(value) in (int, float):
        yield rule.get("minimum", value) <= value <= rule.get("maximum", value)
    if isinstance(value, str):
        yield len(value) <= rule.get("maxLength", len(value)) and bool(re.search(rule.get("pattern", ""), value))
    if isinstance(value, list):
        yield rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value))
        first = rule.get("prefixItems", [])
        yield from (fits(part, each, root) for part, each in zip(value, first, strict=False))
        yield from (fits(part, rule.get("items", {}), root) for part in value[len(first) :])
    if isinstance(value, dict):
        properties, other = rule.get("properties", {}), rule.get("additionalProperties", {})
        yield set(rule.get("required", [])) <= value.keys()
        for key, part in value.items():
            yield (key in properties or other is not False) and fits(part, properties.get(key, other), root)
        yield from (fits(key, rule.get("propertyNames", {}), root) for key in value)
    yield all(fits(value, part, root) for part in rule.get("allOf", []))
    yield "anyOf" not in rule or any(fits(value, part, root) for part in rule["anyOf"])
    yield "oneOf" not in rule or sum(fits(value, part, root) for part in rule["oneOf"]) == 1


if __name__ == "__main__":
    DOCUMENT.write_text(BLOCK.sub(lambda _: schema_text(), DOCUMENT.read_text("utf-8")), "utf-8")
