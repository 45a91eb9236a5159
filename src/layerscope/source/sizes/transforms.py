"""Sizes that a chain of transforms makes: transforms.Compose([Resize(256), CenterCrop(224)]), A.Resize(64, 64)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from layerscope.source.sizes.evidence import Case, Evidence, Row, last_word
from layerscope.source.text.scan import children

Cells = tuple[int | None, int | None]

SIZING = frozenset(
    {"Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop", "FiveCrop", "SmallestMaxSize", "PadIfNeeded"}
    | {"RandomSizedCrop", "Scale"}
)
"""Transforms that make a size, torchvision's and those of albumentations."""
_FUNCTIONS = frozenset({"resize", "center_crop", "resized_crop"})
"""Functions that are handed an image first: TF.resize(image, (64, 64)), cv2.resize(image, (64, 64))."""
_CHAINS = frozenset({"Compose", "Sequential"})
_WORDS = (("size",), ("height", "min_height"), ("width", "min_width"), ("max_size",))


@dataclass
class _Chain:
    """What a chain of transforms leaves: channels, cells, and the call that made them last."""

    channels: int | None = None
    cells: Cells = (None, None)
    sizing: ast.Call | None = None
    coloring: ast.Call | None = None
    padding: tuple[int, int] = (0, 0)


def find(case: Case) -> Iterator[Evidence]:
    """One for each chain, and for each transform that stands alone."""
    inside: set[int] = set()
    for call in case.calls:
        if id(call) in inside:
            continue
        parts = [call]
        if last_word(call) in _CHAINS:
            parts = _calls_in(call)
            inside.update(map(id, parts))
        chain = _Chain()
        for part in parts:
            _follow(case, part, chain)
        yield from _evidence(case, chain)


def _calls_in(call: ast.Call) -> list[ast.Call]:
    """All calls in the arguments of a chain, in order."""
    waiting: list[ast.AST] = [*call.args, *(word.value for word in call.keywords)]
    found = []
    for node in waiting:
        if isinstance(node, ast.Call):
            found.append(node)
        waiting.extend(children(node))
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _evidence(case: Case, chain: _Chain) -> Iterator[Evidence]:
    made = chain.sizing or chain.coloring
    if made is None:
        return
    line = case.line(made)
    row: Row = (chain.channels, *chain.cells)
    words = f"from {case.paste.quote(made)} in line {line}"
    yield Evidence(row, "transform", words, case.paste.span(made), node=made)


def _follow(case: Case, call: ast.Call, chain: _Chain) -> None:
    """What one transform does to channels and cells."""
    name = last_word(call)
    if name == "Grayscale" or (name == "convert" and case.worth(next(iter(call.args), None)) in ("L", "RGB")):
        chain.channels = _channels(case, call, name)
        chain.coloring = call
    elif name in SIZING:
        cells = _cells(case, call, call.args)
        if cells is not None:
            chain.cells, chain.sizing = cells, call
    elif name in _FUNCTIONS and len(call.args) > 1:
        cells = _cells(case, call, call.args[1:] if name != "resized_crop" else call.args[-1:])
        is_cv2 = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "cv2"
        if cells is not None:
            chain.cells, chain.sizing = (cells[::-1] if is_cv2 else cells), call
    elif name == "Pad" and chain.sizing is not None:
        across, down = _padding(case.worth(next(iter(call.args), None)))
        height, width = chain.cells
        if height is not None and width is not None:
            chain.cells, chain.sizing = (height + down, width + across), call


def _channels(case: Case, call: ast.Call, name: str) -> int:
    if name == "convert":
        return 1 if case.worth(call.args[0]) == "L" else 3
    given = call.args[0] if call.args else next((word.value for word in call.keywords), None)
    return 3 if case.worth(given) == 3 else 1


def _cells(case: Case, call: ast.Call, given: list[ast.expr]) -> Cells | None:
    """Height and width: of (64, 64), of 64, of 64, 64, or of the words for them; None where they are not known."""
    words = {word.arg: word.value for word in call.keywords}
    values = [case.worth(node) for node in given]
    named = [next((case.worth(words[name]) for name in names if name in words), None) for names in _WORDS]
    size, height, width, longest = named
    values = [value for value in values if value is not None] or [size if size is not None else longest]
    first = values[0]
    if isinstance(first, tuple | list):
        return _pair(list(first) * (2 if len(first) == 1 else 1))
    if _is_size(height) and _is_size(width):
        return height, width
    if len(values) > 1 and _is_size(values[1]):
        return _pair(values[:2])
    return _pair([first, first])


def _pair(values: list[Any]) -> Cells | None:
    return (values[0], values[1]) if len(values) == 2 and all(map(_is_size, values)) else None


def _is_size(value: Any) -> bool:
    return type(value) is int and value > 0


def _padding(value: Any) -> tuple[int, int]:
    """What Pad adds across and down."""
    row = list(value) if isinstance(value, tuple | list) else [value]
    if not all(type(size) is int for size in row) or len(row) not in (1, 2, 4):
        return 0, 0
    left, top, right, bottom = (row * 4)[:4] if len(row) != 2 else (*row, *row)
    return left + right, top + bottom
