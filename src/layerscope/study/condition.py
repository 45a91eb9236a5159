"""A condition on the rows of a frame, such as "fc1.in_features <= 200 and conv1.padding_mode == 'zeros'".

It is read by an allow-list before pandas sees it: names of columns, numbers, words in quotes, comparisons, and, or,
not, + - * / // %, and parentheses, of bounded length and depth. Words are compared here, so that pandas is handed names
and numbers alone.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from layerscope import limits
from layerscope.parameter import written
from layerscope.study.condition_text import (
    PARTS,
    WORKS,
    ConditionError,
    check_parentheses,
    every_word,
    holds_words,
    not_words,
    plain,
    unknown,
    unread,
)  # fmt: skip

_WORDS = frozenset({"and", "or", "not", "True", "False"})
_STANDS_FOR, _WORD, _TOLD = "value_", "word_", "told_"
ALONE = "A number alone is not a condition; compare it, as in parameters <= 50_000."
_COMPARISONS = {ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq}
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)


@dataclass(frozen=True)
class Told:
    """One comparison of words: a column with a word, or with another column."""

    column: str
    other: str
    is_column: bool
    is_equal: bool

    def of(self, frame: pd.DataFrame) -> "pd.Series[bool]":
        """For which rows it holds."""
        others = frame[self.other] if self.is_column else [self.other] * len(frame)
        # Text by text: pandas cannot compare with a lone surrogate.
        held = [(one == other) is self.is_equal for one, other in zip(frame[self.column], others, strict=True)]
        return pd.Series(held, index=frame.index, dtype="bool")


@dataclass(frozen=True)
class Condition:
    """A checked condition: as pandas reads it, and the columns that it names, by what stands for them there."""

    text: str
    columns: dict[str, str]
    told: dict[str, Told]
    """The comparisons of words, by what stands for them."""
    computes: bool
    """Whether it adds or multiplies; then whole numbers are taken as floating-point ones, which never overflow."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns.values())


def check(text: str, frame: pd.DataFrame, aliases: Mapping[str, str]) -> Condition:
    """Read a condition on that frame. `aliases` are further names of its columns. Raises ConditionError."""
    if len(text) > limits.CONDITION.most:
        raise ConditionError(limits.CONDITION.sentence(found=len(text)))
    if not text.strip():
        raise ConditionError("Write a condition, such as parameters <= 50_000.")
    check_parentheses(text)
    columns, words = dict[str, str](), dict[str, str]()

    def named(match: re.Match[str]) -> str:
        if match["word"]:
            words[short := f"{_WORD}{len(words)}"] = match[0][1:-1]
            return f" {short} "  # apart from what stands beside it: b"word" is nothing here
        name = match[0]
        if name in _WORDS:
            return name
        column = name if name in frame else aliases.get(name) or _in_small_letters(name, frame)
        if not column:
            raise ConditionError(unknown(name, [*map(str, frame.columns), *aliases], every_word(frame)))
        known = next((short for short, other in columns.items() if other == column), f"{_STANDS_FOR}{len(columns)}")
        columns[known] = column
        return known

    replaced = PARTS.sub(named, plain(" ".join(text.split()))).strip()
    try:
        tree = ast.parse(replaced, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(unread(text)) from error
    reader = _Reader(columns, words, frame)
    read = reader.condition(tree, 1)
    if not columns:
        raise ConditionError("This condition names no value; parameters <= 50_000 would work.")
    return Condition(ast.unparse(read), columns, reader.told, reader.computes)


def matching(condition: Condition, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the frame that a checked condition holds for."""
    numbers = {short: frame[column] for short, column in condition.columns.items() if is_numeric_dtype(frame[column])}
    values = pd.DataFrame(numbers, index=frame.index)
    if condition.computes:
        values = values.astype("float64")
    for short, told in condition.told.items():
        values[short] = told.of(frame)
    held = values.query(condition.text, engine="python", local_dict={}, global_dict={})
    return frame.loc[held.index]


class _Reader:
    """Walks the syntax tree, refuses what is not on the list, and puts a name in each comparison of words' place."""

    def __init__(self, columns: Mapping[str, str], words: Mapping[str, str], frame: pd.DataFrame) -> None:
        self._columns, self._words, self._frame = columns, words, frame
        self.told: dict[str, Told] = {}
        self.computes = False

    def condition(self, node: ast.expr, depth: int) -> ast.expr:
        """What is true or false, as pandas reads it."""
        self._check_depth(depth)
        match node:
            case ast.BoolOp(op=op, values=parts):
                return ast.BoolOp(op, [self.condition(part, depth + 1) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return ast.UnaryOp(ast.Not(), self.condition(part, depth + 1))
            case ast.Compare(left=left, ops=signs, comparators=others) if {*map(type, signs)} <= _COMPARISONS:
                parts = [left, *others]
                if not any(map(self._is_told, parts)):
                    for part in parts:
                        self.number(part, depth + 1)
                    return node
                pairs = zip(parts, signs, others, strict=False)
                held = [self._compared(one, sign, other, depth + 1) for one, sign, other in pairs]
                return held[0] if len(held) == 1 else ast.BoolOp(ast.And(), held)
            case ast.Name(id=name) if name in self._columns and is_bool_dtype(self._frame[self._columns[name]]):
                return ast.Compare(node, [ast.Eq()], [ast.Constant(value=True)])  # it may have become a number
            case ast.Name(id=name) if self._is_told(node):
                raise ConditionError(self._alone(name))
            case ast.Name() | ast.Constant():
                raise ConditionError(ALONE)
            case ast.BinOp(op=sign) if isinstance(sign, _ARITHMETIC):
                raise ConditionError(ALONE)
            case _:
                raise ConditionError(f"This is not allowed in a condition. {WORKS}")

    def number(self, node: ast.expr, depth: int) -> None:
        """What is a number."""
        self._check_depth(depth)
        match node:
            case ast.Name(id=name) if self._is_told(node):
                raise ConditionError(self._alone(name))
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

    def _compared(self, one: ast.expr, sign: ast.cmpop, other: ast.expr, depth: int) -> ast.expr:
        """One comparison of a chain in which words are: "zeros" == conv1.padding_mode."""
        if not (self._is_told(one) or self._is_told(other)):
            self.number(one, depth)
            self.number(other, depth)
            return ast.Compare(one, [sign], [other])
        first, second = (one, other) if self._column(one) else (other, one)
        column = self._column(first)
        if not column:
            raise ConditionError("A word is compared with a value that has a name.")
        if is_numeric_dtype(self._frame[column]):
            raise ConditionError(not_words(column, self._frame))
        if not isinstance(sign, ast.Eq | ast.NotEq):
            raise ConditionError(holds_words(column, self._frame))
        if (is_column := bool(self._column(second))) and is_numeric_dtype(self._frame[self._column(second)]):
            raise ConditionError(f"{column} holds words, {self._column(second)} does not.")
        value = self._column(second) or self._value(second, column)
        name = f"{_TOLD}{len(self.told)}"
        self.told[name] = Told(column, value, is_column, isinstance(sign, ast.Eq))
        return ast.Name(name, ast.Load())

    def _value(self, node: ast.expr, column: str) -> str:
        """What a column of words is compared with; among them may be numbers, True and False, without quotes."""
        if isinstance(node, ast.Name) and node.id in self._words:
            return self._words[node.id]
        if isinstance(node, ast.Constant) and (value := written(node.value)) in set(self._frame[column]):
            return value
        raise ConditionError(holds_words(column, self._frame))

    def _column(self, node: ast.expr) -> str:
        """The column that a name stands for; "" where it is none."""
        return self._columns.get(node.id, "") if isinstance(node, ast.Name) else ""

    def _is_told(self, node: ast.expr) -> bool:
        """Whether it is a word, or a column of words."""
        column = self._column(node)
        is_word = isinstance(node, ast.Name) and node.id in self._words
        return is_word or bool(column and not is_numeric_dtype(self._frame[column]))

    def _alone(self, name: str) -> str:
        if column := self._columns.get(name):
            return holds_words(column, self._frame)
        return "A word alone is not a condition; compare it with a value that has a name."

    def _check_depth(self, depth: int) -> None:
        if depth > limits.CONDITION_DEPTH.most:
            raise ConditionError(limits.CONDITION_DEPTH.sentence())


def _in_small_letters(name: str, frame: pd.DataFrame) -> str:
    """The one column of that name but for small and capital letters, as macs for MACs; "" where there is none."""
    found = [str(column) for column in frame if str(column).lower() == name.lower()]
    return found[0] if len(found) == 1 else ""
