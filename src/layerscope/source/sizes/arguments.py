"""Sizes in an argument that says so: ViT(image_size=32), def __init__(self, img_size=224)."""

import ast
import re
from collections.abc import Iterator

from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.sizes.evidence import Case, Evidence

_SIZE = re.compile(
    r"(?:img|image)_?(?:size|sz|shape|res|resolution|dims?|hw|side)|(?:input_?)?resolution|in(?:put)?_shape"
)
_CHANNELS = re.compile(r"(?:in|img|image|input|num)?_?(?:channels?|chans?|ch)")


def find(case: Case) -> Iterator[Evidence]:
    """One for each such argument: those of calls outside the networks first, then defaults, of the last class first."""
    makers = {name: value for name, value in case.run.globals.names.items() if isinstance(name, str)}
    told: set[str] = set()
    for call in case.calls[::-1]:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if (takes := _takes(makers.get(name))) is not None:
            names, defaults = takes
            told.add(name)
            given = dict(zip(names, call.args, strict=False)) | {word.arg or "": word.value for word in call.keywords}
            yield from _sizes(case, defaults | given)
    for node in case.modules[::-1]:
        if node.name not in told and (takes := _takes(makers.get(node.name))) is not None:
            yield from _sizes(case, takes[1])


def _takes(value: object) -> tuple[list[str], dict[str, ast.expr]] | None:
    """What a class or a function of the paste takes by place, without self, and the defaults of all that it takes."""
    init = value.find("__init__") if isinstance(value, UserClass) else value
    if not isinstance(init, UserFunction):
        return None
    positional, _, defaults = init.parameters
    return [*positional][isinstance(value, UserClass) :], defaults


_SIDES = (
    ("height", "width"),
    ("img_height", "img_width"),
    ("image_height", "image_width"),
    ("img_h", "img_w"),
    ("h", "w"),
)
"""Arguments that say the two sides of an image."""


def _sides(case: Case, values: dict[str, ast.expr]) -> Iterator[Evidence]:
    """DQN(h=40, w=90): a height and a width."""
    named = {name.lower(): node for name, node in values.items()}
    for height, width in _SIDES:
        if height not in named or width not in named:
            continue
        row = case.worth(named[height]), case.worth(named[width])
        if all(type(size) is int and size >= 8 for size in row):
            one, other = (case.paste.quote(named[name]) for name in (height, width))
            words = f"as {height}={one} and {width}={other} in line {case.line(named[height])} say"
            yield Evidence((None, *row), "argument", words, case.paste.span(named[height]))


def _sizes(case: Case, values: dict[str, ast.expr]) -> Iterator[Evidence]:
    yield from _sides(case, values)
    for name, node in values.items():
        if not _SIZE.fullmatch(name.lower()):
            continue
        value = case.worth(node)
        row = (value, value) if type(value) is int else value
        if not isinstance(row, tuple | list) or not all(type(size) is int and size > 0 for size in row):
            continue
        counts = [case.worth(other) for key, other in values.items() if _CHANNELS.fullmatch(key.lower())]
        channels = next((count for count in counts if count in (1, 3, 4)), None)
        sizes = (channels, *row) if len(row) == 2 else tuple(row)
        if len(sizes) == 3 and all(size == 1 or size >= 8 for size in sizes[1:]):
            words = f"as {name}={case.paste.quote(node)} in line {case.line(node)} says"
            yield Evidence(sizes, "argument", words, case.paste.span(node))
