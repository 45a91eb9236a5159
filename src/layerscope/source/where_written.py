"""What a layer's name stands for, where the code does not hold that name: a function, or a layer of a container."""

import ast
import re

from layerscope.source.reading import Reading
from layerscope.source.text.paste import between


def stands_for(reading: Reading, layer: str) -> str:
    """ "pool1 stands for F.max_pool2d in line 8."; "" where the code itself has the name, or no place for the layer."""
    place = in_code(reading, layer)
    return "" if place == layer else f"{layer} stands for {place}."


def in_code(reading: Reading, layer: str) -> str:
    """What the code calls a layer: its name, or "F.max_pool2d in line 8" where the code has no such name."""
    if re.search(rf"\b{layer}\b", reading.source):
        return layer
    for span in reading.spans.get(layer, ()):
        function = _function(between(reading.source, span))
        if function and not function.endswith("Sequential"):
            return f"{function} in line {span.line}"
    return layer


def _function(text: str) -> str:
    """What a call calls, "x.view" for a method of whatever stands before; "" where the text is no call."""
    try:
        node = ast.parse(f"({text})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    parts: list[str] = []
    func = node.func if isinstance(node, ast.Call) else None
    while isinstance(func, ast.Attribute):
        parts.append(func.attr)
        func = func.value
    if isinstance(func, ast.Name):
        return ".".join([func.id, *parts[::-1]])
    return f"x.{parts[0]}" if parts else ""
