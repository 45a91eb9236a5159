"""A condition on a sweep's settings as a function of a script that knows torch only.

Values are compared here as pandas compares them: what is not there meets no comparison, and
what is computed is computed in float64, where a division by zero gives infinity or NaN.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from layerscope.parameter import written
from layerscope.study.condition import Condition, Told, check
from layerscope.study.sweep import FACTS, Sweep, SweepError

Span = tuple[float, float] | tuple[str, ...]
"""What is kept of a column: from where to where, or which words."""

_HEAD = '''

def fits(row):
    """Whether a setting is among those that were asked for:

{said}
    """

    def of(name):  # what does not run has no numbers
        return {value}

    return all([
{code}
    ])
'''
_PLAIN, _EXACT = "row.get(name, math.nan)", "torch.tensor(row.get(name, math.nan), dtype=torch.float64)"


class UntoldError(SweepError):
    """A condition about what the script does not know; the message is a sentence for the user."""


def filter_of(result: Sweep, known: Sequence[str], where: str, spans: Mapping[str, Span]) -> str:
    """The function `fits` of a script whose rows hold the `known` names; "" where all settings are asked for.

    Raises UntoldError where the condition is about something else, and ConditionError where it cannot be read.
    """
    parts, said, computes = [], [], False
    if where.strip():
        checked = check(where, result.frame(), result.aliases)
        _refuse(result, known, checked.names)
        if not FACTS & {*checked.names}:
            parts.append('row["runs"]')
        parts.append(_code(result, checked))
        said.append(" ".join(where.split()))
        computes = checked.computes
    for name, span in spans.items():
        _refuse(result, known, [name])
        parts.append(_within(result, name, span))
        said.append(f"{name} {_span_text(span)}")
    if not parts:
        return ""
    told = "\n".join(f"    {ascii(one)[1:-1]}" for one in said).replace('"', "'")
    code = "\n".join(f"        {one}," for one in parts)
    return _HEAD.format(said=told, value=_EXACT if computes else _PLAIN, code=code)


def _refuse(result: Sweep, known: Sequence[str], names: Sequence[str]) -> None:
    swept = {axis.key for axis in result.axes}
    if unknown := next((name for name in names if name not in swept and name not in known), ""):
        raise UntoldError(f"The script prints all settings, as it has no {unknown} to check the condition by.")


def _code(result: Sweep, condition: Condition) -> str:
    """The condition as Python; `of(name)` is the value of a name."""

    class Names(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id in condition.told:
                return ast.parse(_told(result, condition.told[node.id]), mode="eval").body
            return ast.parse(f"of({condition.columns[node.id]!r})", mode="eval").body

    return ast.unparse(Names().visit(ast.parse(condition.text, mode="eval")))


def _told(result: Sweep, told: Told) -> str:
    """A comparison of words: with the values that are written so, as Python's own text tells them apart."""
    sign = "in" if told.is_equal else "not in"
    mine = _values(result, told.column)
    if not told.is_column:
        return f"repr(row[{told.column!r}]) {sign} {[repr(value) for value in mine if _word(value) == told.other]}"
    same = [
        (repr(one), repr(other)) for one in mine for other in _values(result, told.other) if _word(one) == _word(other)
    ]
    return f"(repr(row[{told.column!r}]), repr(row[{told.other!r}])) {sign} {same}"


def _within(result: Sweep, name: str, span: Span) -> str:
    if isinstance(span[0], str):
        values = [repr(value) for value in _values(result, name) if _word(value) in span]
        return f"repr(row[{name!r}]) in {values}"
    low, high = span
    return f"{low!r} <= of({name!r}) <= {high!r}"


def _span_text(span: Span) -> str:
    return f"in {', '.join(map(str, span))}" if isinstance(span[0], str) else f"from {span[0]} to {span[1]}"


def _values(result: Sweep, key: str) -> tuple[Any, ...]:
    return next(axis.values for axis in result.axes if axis.key == key)


def _word(value: Any) -> str:
    """A value as the frame's columns of words have it."""
    return value if isinstance(value, str) else written(value)
