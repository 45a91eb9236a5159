"""A condition on the rows of a frame, such as "fc1.in_features <= 200 and parameters <= 50_000".

It is read by an allow-list before pandas sees it: names of columns, numbers, comparisons, and, or, not, + - * /, and
parentheses, of bounded length and depth. Names may hold dots and numbers, as "layer1.0.conv1.kernel_size" does.
Numbers may be written as people write them: 5M, 50k, 1.5 MB, 50,000.
"""

import ast
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from layerscope import limits
from layerscope.parameter import written

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.\w+)*", re.ASCII)
_SHORT = re.compile(
    r"(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+|\d[\d_]{0,20})(?P<part>\.\d{1,20})?\s?(?:(?P<times>[kKMG])B?)?(?![\w.])",
    re.ASCII,
)
"""A number with commas, or with a letter for thousands, millions or milliards after it."""
_TIMES = {"k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}
_INCOMPLETE = re.compile(r"(?:[-+*/<>=(]|\b(?:and|or|not))$")
_WORDS = frozenset({"and", "or", "not", "True", "False"})
_STANDS_FOR = "value_"
_COMPARISONS = {ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq}
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
WORKS = "Write names, numbers, comparisons such as <=, and, or, not, + - * / and parentheses."


class ConditionError(ValueError):
    """A condition that cannot be used; the message is a sentence for the visitor."""


@dataclass(frozen=True)
class Condition:
    """A checked condition: as pandas reads it, and the columns that it names, by what stands for them there."""

    text: str
    columns: dict[str, str]
    computes: bool
    """Whether it adds or multiplies; then whole numbers are taken as floating-point ones, which never overflow."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns.values())


def plain(text: str) -> str:
    """A condition with its numbers as Python writes them: parameters < 5_000_000 for parameters < 5M."""

    def spelled(match: re.Match[str]) -> str:
        digits, part, times = match["digits"].replace(",", "_"), match["part"] or "", match["times"]
        if times is None:
            return match[0].replace(",", "_")
        value = Decimal(digits.replace("_", "") + part) * _TIMES[times]
        return f"{int(value):_}" if value == int(value) else str(value)

    return _SHORT.sub(spelled, text)


def check(text: str, frame: pd.DataFrame, aliases: Mapping[str, str]) -> Condition:
    """Read a condition on that frame. `aliases` are further names of its columns. Raises ConditionError."""
    if len(text) > limits.CONDITION.most:
        raise ConditionError(limits.CONDITION.sentence(found=len(text)))
    if not text.strip():
        raise ConditionError("Write a condition, such as parameters <= 50_000.")
    _check_parentheses(text)
    columns: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        name = match[0]
        if name in _WORDS:
            return name
        column = name if name in frame else aliases.get(name) or _in_small_letters(name, frame)
        if not column:
            raise ConditionError(_unknown(name, [*map(str, frame.columns), *aliases]))
        if not is_numeric_dtype(frame[column]):
            raise ConditionError(f"{name} holds words, and a condition compares numbers.")
        known = next((short for short, other in columns.items() if other == column), f"{_STANDS_FOR}{len(columns)}")
        columns[known] = column
        return known

    replaced = _NAME.sub(named, plain(" ".join(text.split())))
    try:
        tree = ast.parse(replaced, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(_unread(text)) from error
    reader = _Reader(columns, frame)
    reader.condition(tree, 1)
    if not columns:
        raise ConditionError("This condition names no value; parameters <= 50_000 would work.")
    return Condition(ast.unparse(tree), columns, reader.computes)


def matching(condition: Condition, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the frame that a checked condition holds for."""
    values = pd.DataFrame({short: frame[column] for short, column in condition.columns.items()})
    if condition.computes:
        values = values.astype("float64")
    held = values.query(condition.text, engine="python", local_dict={}, global_dict={})
    return frame.loc[held.index]


class _Reader:
    """Walks the syntax tree, and refuses what is not on the list."""

    def __init__(self, columns: Mapping[str, str], frame: pd.DataFrame) -> None:
        self._columns, self._frame = columns, frame
        self.computes = False

    def condition(self, node: ast.expr, depth: int) -> None:
        """What is true or false."""
        self._check_depth(depth)
        match node:
            case ast.BoolOp(values=parts):
                for part in parts:
                    self.condition(part, depth + 1)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                self.condition(part, depth + 1)
            case ast.Compare(left=left, ops=signs, comparators=others) if {*map(type, signs)} <= _COMPARISONS:
                for part in (left, *others):
                    self.number(part, depth + 1)
            case ast.Name(id=name) if name in self._columns and is_bool_dtype(self._frame[self._columns[name]]):
                pass
            case ast.Name() | ast.Constant() | ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
                raise ConditionError("A number alone is not a condition; compare it, as in parameters <= 50_000.")
            case _:
                raise ConditionError(f"This is not allowed in a condition. {WORKS}")

    def number(self, node: ast.expr, depth: int) -> None:
        """What is a number."""
        self._check_depth(depth)
        match node:
            case ast.Name(id=name) if name in self._columns:
                pass
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float() as value):
                if not abs(value) <= limits.CONDITION_NUMBER.most:
                    raise ConditionError(limits.CONDITION_NUMBER.sentence(found=written(value)))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=part):
                self.number(part, depth + 1)
            case ast.BinOp(left=left, op=sign, right=right) if isinstance(sign, _ARITHMETIC):
                self.computes = True
                self.number(left, depth + 1)
                self.number(right, depth + 1)
            case _:
                raise ConditionError(f"A comparison compares numbers. {WORKS}")

    def _check_depth(self, depth: int) -> None:
        if depth > limits.CONDITION_DEPTH.most:
            raise ConditionError(limits.CONDITION_DEPTH.sentence())


def _check_parentheses(text: str) -> None:
    """Before Python's parser sees them, whose own stack is small."""
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth > limits.CONDITION_DEPTH.most:
            raise ConditionError(limits.CONDITION_DEPTH.sentence())


def _unknown(name: str, known: list[str]) -> str:
    if keyword.iskeyword(name):
        return f"{name} is not allowed in a condition. {WORKS}"
    near = get_close_matches(name, known, 3, 0.6)
    meant = f"Did you mean {' or '.join(near)}?" if near else f"Available: {', '.join(known[:12])} and others."
    return f"There is no value called “{name[: limits.NAME.most]}”. {meant}"


def _in_small_letters(name: str, frame: pd.DataFrame) -> str:
    """The one column of that name but for small and capital letters, as macs for MACs; "" where there is none."""
    found = [str(column) for column in frame if str(column).lower() == name.lower()]
    return found[0] if len(found) == 1 else ""


def _unread(text: str) -> str:
    if re.search(r"(?<![<>=!])=(?!=)", text):
        return "Write == to say that two values are equal."
    if re.search(r"[&|]", text):
        return "Write and, or, not between conditions instead of & and |."
    is_incomplete = _INCOMPLETE.search(text.strip()) or text.count("(") > text.count(")")
    return f"This condition {'is incomplete' if is_incomplete else 'cannot be read'}. {WORKS}"
