"""A size that the paste makes and that its layers do not take: one of the two is wrong, and each can be mended.

The size of a data set is what it is: there the layers are wrong.
"""

import ast
from collections.abc import Sequence

from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes, walking
from layerscope.source.reading import Size, Span
from layerscope.source.sizes.evidence import last_word
from layerscope.source.sizes.told import Sized
from layerscope.source.sizes.transforms import SIZING
from layerscope.source.text.paste import Paste


def size_of(found: Sized, wanted: Shape | None, layers: Sequence[Layer], wishes: shapes.Wishes, paste: Paste) -> Size:
    """How the size is known. Where the layers take `wanted` and not that, with the change that makes it so."""
    by, told = found.by, Size(found.words, found.by.span)
    if by.kind == "dataset" or wanted is None or wanted[1:] == found.shape[1:] or len(wanted) != len(found.shape):
        return told
    fitting = walking.refusing(layers, wishes, found.shape) is None
    if fitting or walking.refusing(layers, wishes, (found.shape[0], *wanted[1:])) is not None:
        return told
    fits, has = shape_text(wanted[1:]), shape_text(found.shape[1:])
    against = f"Line {by.span.line} says {has}, but the layers fit {fits}: one of the two is wrong."
    change = _change(found, wanted[1:], paste)
    if change is None:
        return Size(found.words, by.span, against)
    return Size(found.words, by.span, against, f"Line {by.span.line}: change it to {fits}", (change,))


def _change(found: Sized, cells: Shape, paste: Paste) -> tuple[Span, str] | None:
    """The change of the transform that made the size; None where that is not simply one number or pair."""
    call = found.by.node
    if call is None or last_word(call) not in SIZING or len(call.args) != 1:
        return None
    given = call.args[0]
    if isinstance(given, ast.Tuple | ast.List) and len(given.elts) == len(cells) == 2:
        begin, end = ("(", ")") if isinstance(given, ast.Tuple) else ("[", "]")
        return paste.span(given), f"{begin}{cells[0]}, {cells[1]}{end}"
    if isinstance(given, ast.Constant) and len(set(cells)) == 1:
        return paste.span(given), str(cells[0])
    return None
