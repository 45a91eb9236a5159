"""How a value is written at a call that makes layers: with names of the code where they say it for all of them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from layerscope.source.making import Made
from layerscope.source.python import constants
from layerscope.source.reading import Argument, Span

LONGEST = 120
MOST_TIMES = 8
"""Up to how many times a name may be what is wanted: planes * 4."""
Edit = tuple[Span, str]
Told = tuple[Edit, str]
"""A change of the code, and what it does in words."""
Names = Mapping[str, int | tuple[int, ...]]


class Wanted(NamedTuple):
    """A layer that a call makes, and what an argument of it must be."""

    made: Made
    value: Any


def worth(text: str, numbers: Names) -> Any:
    """What an expression of whole numbers is worth among these names; None where that is more than this tells."""
    if len(text) > LONGEST:
        return None
    try:
        return _worth(ast.parse(text.strip(), mode="eval").body, numbers)
    except (SyntaxError, ValueError, ArithmeticError, TypeError, RecursionError, MemoryError):
        return None


def _worth(node: ast.expr, numbers: Names) -> Any:
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.BinOp):
        left, right = _worth(node.left, numbers), _worth(node.right, numbers)
        return None if left is None or right is None else constants.combine(node.op, left, right)
    if isinstance(node, ast.Subscript):
        row, place = _worth(node.value, numbers), _worth(node.slice, numbers)
        known = isinstance(row, tuple) and type(place) is int and -len(row) <= place < len(row)
        return row[place] if known else None
    return numbers.get(ast.unparse(node)) if isinstance(node, ast.Name | ast.Attribute) else None


def says(text: str, wanted: Sequence[Wanted]) -> bool:
    """Whether the expression is worth what each of the layers must have."""
    return all(_is_same(worth(text, each.made.numbers), each.value) for each in wanted)


def _is_same(found: Any, value: Any) -> bool:
    """Whether two values are the same; 2 is (2, 2) too."""
    if found is None or value is None or isinstance(found, tuple) is isinstance(value, tuple):
        return found is not None and found == value
    row, number = (found, value) if isinstance(found, tuple) else (value, found)
    return bool(row) and set(row) == {number}


def named(argument: str, wanted: Sequence[Wanted], like: Sequence[str] = ()) -> Iterator[str]:
    """Expressions with names that say it: those in `like`, a name that is the argument's, a name right for several."""
    names = sorted((name for name in wanted[0].made.numbers if says(name, wanted)), key=lambda name: "." in name)
    yield from (text for text in like if any(map(str.isalpha, text)) and says(text, wanted))
    yield from (name for name in names if name.rpartition(".")[2] == argument)
    yield from (name for name in names if name.rpartition(".")[2].endswith(f"_{argument}"))
    if len({each.value for each in wanted}) > 1:
        yield from names
        several = (f"{name} * {n}" for name in wanted[0].made.numbers for n in range(2, MOST_TIMES + 1))
        yield from (text for text in several if says(text, wanted))


def times(argument: Argument, value: Any) -> str | None:
    """What is written, so many times as makes the value; None where that is numbers, or not a whole number."""
    old = argument.value
    if argument.is_literal or type(old) is not int or type(value) is not int or old < 1 or value % old:
        return None
    is_simple = all(letter.isalnum() or letter in "._" for letter in argument.text)
    text = argument.text if is_simple else f"({argument.text})"
    return f"{text} * {value // old}" if 1 < value // old <= MOST_TIMES else None


def literal(wanted: Sequence[Wanted]) -> str | None:
    """The value itself, where it is the same for all."""
    values = {each.value for each in wanted}
    return _text(values.pop()) if len(values) == 1 else None


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))}{',' * (len(value) == 1)})"
    return f'"{value}"' if isinstance(value, str) else str(value)


def edit(made: Made, name: str, text: str) -> Edit:
    """The change of the call that gives an argument that value."""
    if (argument := made.arguments.get(name)) is not None:
        return argument.span, text
    before = "" if made.ends_with_comma or not made.arguments else ", "
    return made.end, f"{before}{name}={text}"


def product(argument: Argument, sizes: Sequence[int], numbers: Names) -> str | None:
    """A product of these sizes, with the names in it that say theirs; None where that keeps no name of it."""
    try:
        node = ast.parse(argument.text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    factors: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        factors.insert(0, node.right)
        node = node.left
    factors.insert(0, node)
    if len(factors) != len(sizes):
        return None
    texts = [ast.unparse(factor) for factor in factors]
    kept = [worth(text, numbers) == size for text, size in zip(texts, sizes, strict=True)]
    if not any(is_kept and any(map(str.isalpha, text)) for is_kept, text in zip(kept, texts, strict=True)):
        return None
    sign = " * " if " * " in argument.text else "*"
    return sign.join(text if is_kept else str(size) for text, is_kept, size in zip(texts, kept, sizes, strict=True))
