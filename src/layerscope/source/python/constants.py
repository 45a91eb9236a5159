"""Arithmetic and functions of Python's own on constants, with bounds on what may come out."""

import ast
import math
import operator
import re
import string
from collections.abc import Callable
from typing import Any

LARGEST_BITS = 128
LONGEST_TEXT = 200
LONGEST_ROW = 2_000

NUMBERS = (int, float)
_PLAIN = frozenset({int, bool, float, str, type(None)})
_LONG = (list, tuple, dict, range)
CONSTANTS = (int, float, bool, str, type(None), tuple, list, dict, range)

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: lambda left, right: left << min(right, LARGEST_BITS + 1),
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@",
}  # fmt: skip


class TooLargeError(ValueError):
    """A constant beyond the bounds; the message is a sentence."""

    def __init__(self) -> None:
        super().__init__("It is too large for any layer.")


class Size(int):
    """A whole number that was worked out from the sizes of a tensor: another input may make it another one."""


def bounded(value: Any) -> Any:
    """The value itself. Raises TooLargeError."""
    if isinstance(value, int):
        fits = value.bit_length() <= LARGEST_BITS
    elif isinstance(value, str):
        fits = len(value) <= LONGEST_TEXT
    elif isinstance(value, _LONG):
        fits = _is_short(value)
    else:
        fits = not isinstance(value, complex)
    if not fits:
        raise TooLargeError
    return value


def _is_short(value: Any) -> bool:
    return (not isinstance(value, range) and len(value) <= LONGEST_ROW) or (
        isinstance(value, range) and abs(value.stop - value.start) // abs(value.step) <= LONGEST_ROW
    )


_ARE_NUMBERS = frozenset({int, float, bool})


def combine(sign: ast.operator, left: Any, right: Any) -> Any:
    """left + right and the like on constants. Raises ValueError, TypeError or ArithmeticError."""
    is_size = isinstance(left, Size) or isinstance(right, Size)
    left, right = plain(left), plain(right)
    work = _OPERATORS.get(type(sign))
    if type(left) is str and type(sign) is ast.Mod:
        return bounded(_formatted(left, right))
    numbers = type(left) in _ARE_NUMBERS and type(right) in _ARE_NUMBERS
    if work is None or not (numbers or _joins(sign, left, right)):
        raise TypeError("These two values cannot be combined.")
    if type(sign) is ast.Pow and type(left) is int and abs(right) * max(left.bit_length(), 1) > LARGEST_BITS:
        raise TooLargeError
    result = bounded(work(left, right))
    return Size(result) if is_size and type(result) is int else result


_FIELD = re.compile(r"%[sdi]")


def _formatted(text: str, values: Any) -> str:
    """text % values with plain fields only: a width may be a number of a billion digits."""
    row = values if isinstance(values, tuple) else (values,)
    if (
        _FIELD.sub("", text).count("%")
        or len(text) > LONGEST_TEXT
        or not all(isinstance(v, str | int | float) for v in row)
    ):
        raise TypeError("These two values cannot be combined.")
    return text % tuple(map(plain, row))


def _joins(sign: ast.operator, left: Any, right: Any) -> bool:
    """Whether rows or texts are put together in a way that stays short."""
    if isinstance(sign, ast.Add) and type(left) is type(right) and isinstance(left, str | list | tuple):
        return len(left) + len(right) <= LONGEST_ROW
    if isinstance(sign, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
        return len(left) + len(right) <= LONGEST_ROW
    if isinstance(sign, ast.Mult):
        row, times = (left, right) if isinstance(right, int) else (right, left)
        return isinstance(row, str | list | tuple) and type(times) is int and len(row) * max(times, 0) <= LONGEST_ROW
    return False


def compare(sign: ast.cmpop, left: Any, right: Any) -> bool:
    """left < right and the like on constants. Raises TypeError."""
    return bool(_COMPARISONS[type(sign)](plain(left), plain(right)))


def plain(value: Any) -> Any:
    """A whole number without the memory of where it was written."""
    kind = type(value)
    return value if kind in _PLAIN or not isinstance(value, int) else int(value)


def is_key(value: Any) -> bool:
    """Whether a value can be a key of a table: a constant, or a tuple of some."""
    row = value if isinstance(value, tuple) else (value,)
    return all(isinstance(part, str | int | float | bool | None) for part in row)


def parts(value: Any) -> int | None:
    """Of how many parts a value is; None where it is not of Python's constants alone, or of too many to be compared."""
    waiting, count = [value], 0
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            part = list(part.values())
        if isinstance(part, list | tuple):
            count += len(part)
            waiting.extend(part if count <= LONGEST_ROW else ())
        elif part is not None and not isinstance(part, (int, float, str, range)):
            return None
    return count if count <= LONGEST_ROW else None


def _product(values: Any, *, start: Any = 1) -> Any:
    result = plain(start)
    for value in values:
        result = bounded(result * plain(value))
    return Size(result) if any(isinstance(value, Size) for value in values) and type(result) is int else result


def _total(values: Any, start: Any = 0) -> Any:
    result = plain(start)
    for value in values:
        result = bounded(result + plain(value))
    return result


def _whole(value: Any = 0, base: int = 10) -> int:
    if isinstance(value, str) and len(value) > 20:
        raise TooLargeError
    return int(value, base) if isinstance(value, str) else int(value)


def _power(base: Any, exponent: Any) -> Any:
    return combine(ast.Pow(), base, exponent)


_OF_A_NUMBER = ("cos", "sin", "tan", "exp", "tanh", "sinh", "cosh", "degrees", "radians", "log2", "log10", "log1p")
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "builtins.abs": abs,
    "builtins.all": lambda values: all(values),
    "builtins.any": lambda values: any(values),
    "builtins.bool": bool,
    "builtins.divmod": lambda left, right: divmod(plain(left), plain(right)),
    "builtins.float": float,
    "builtins.int": _whole,
    "builtins.max": max,
    "builtins.min": min,
    "builtins.pow": _power,
    "builtins.range": lambda *bounds: bounded(range(*map(plain, bounds))),
    "builtins.round": round,
    "builtins.sorted": lambda values, reverse=False: sorted(values, reverse=reverse),
    "builtins.str": lambda value="": str(value),
    "builtins.sum": _total,
    **{f"{home}.{name}": getattr(math, name) for home in ("math", "numpy") for name in _OF_A_NUMBER},
    **{f"math.{name}": getattr(math, name) for name in ("log10", "log1p", "expm1", "fabs", "atan2", "isqrt", "trunc")},
    "math.ceil": math.ceil,
    "math.gcd": lambda *numbers: math.gcd(*map(plain, numbers)),
    "math.log": math.log,
    "math.pow": lambda base, exponent: float(_power(base, exponent)),
    "math.floor": math.floor,
    "math.prod": _product,
    "math.sqrt": math.sqrt,
    "numpy.ceil": lambda value: float(math.ceil(value)),
    "numpy.abs": abs,
    "numpy.log": math.log,
    "numpy.floor": lambda value: float(math.floor(value)),
    "numpy.prod": _product,
    "numpy.product": _product,
    "numpy.sqrt": math.sqrt,
    "numpy.sum": _total,
}
"""Functions that may be worked out where all their arguments are constants."""

VALUES: dict[str, Any] = {
    "math.pi": math.pi, "math.inf": math.inf, "math.e": math.e, "numpy.pi": math.pi, "numpy.inf": math.inf,
    **{
        f"string.{name}": getattr(string, name)
        for name in ("ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "punctuation", "printable")
    },
}  # fmt: skip
BUILTINS = {name.partition(".")[2] for name in FUNCTIONS if name.startswith("builtins.")} | {
    "callable", "dict", "dir", "divmod", "enumerate", "filter", "frozenset", "getattr", "hasattr", "id", "input",
    "isinstance", "issubclass", "iter", "len", "list", "locals", "map", "next", "object", "open", "print", "property",
    "reversed",
    "set", "setattr", "super", "tuple", "type", "zip",
}  # fmt: skip
