"""match statements: whether a value is what a pattern says, and the names that the pattern gives."""

import ast
from typing import TYPE_CHECKING, Any

from layerscope.source.python import builtin
from layerscope.source.python.callables import Scope
from layerscope.source.python.evaluating import holds
from layerscope.source.python.values import Call

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

Names = dict[str, Any]


def matches(run: "Evaluator", pattern: ast.pattern, value: Any, scope: Scope, names: Names) -> bool | None:
    """Whether the value matches, None where that is not known; `names` gets what the pattern names. Raises Fault."""
    run.tick(pattern)
    if isinstance(pattern, ast.MatchAs):
        found = True if pattern.pattern is None else matches(run, pattern.pattern, value, scope, names)
        if pattern.name is not None and found:
            names[pattern.name] = value
        return found
    if isinstance(pattern, ast.MatchOr):
        found = False
        for each in pattern.patterns:
            one = matches(run, each, value, scope, names)
            if one:
                return True
            found = None if one is None else found
        return found
    if isinstance(pattern, ast.MatchValue):
        return holds(run, ast.Eq(), value, run.evaluate(pattern.value, scope), pattern)
    if isinstance(pattern, ast.MatchSingleton):
        return holds(run, ast.Is(), value, pattern.value, pattern)
    if isinstance(pattern, ast.MatchSequence):
        return _sequence(run, pattern.patterns, value, scope, names)
    if isinstance(pattern, ast.MatchClass) and not (pattern.patterns or pattern.kwd_patterns):
        kind = run.evaluate(pattern.cls, scope)
        return run.truth(builtin.FUNCTIONS["isinstance"](run, Call(pattern, [value, kind])))
    return None


def _sequence(
    run: "Evaluator", patterns: list[ast.pattern], value: Any, scope: Scope, names: Names
) -> bool | None:  # fmt: skip
    if not isinstance(value, list | tuple):
        return False if isinstance(value, int | float | str | dict | None) else None
    stars = [n for n, part in enumerate(patterns) if isinstance(part, ast.MatchStar)]
    row: list[Any] = list(value)
    if stars:
        after = len(patterns) - stars[0] - 1
        if len(row) < len(patterns) - 1:
            return False
        row = [*row[: stars[0]], row[stars[0] : len(row) - after], *row[len(row) - after :]]
    if len(row) != len(patterns):
        return False
    found: bool | None = True
    for part, each in zip(patterns, row, strict=True):
        if isinstance(part, ast.MatchStar):
            one: bool | None = True
            if part.name is not None:
                names[part.name] = each
        else:
            one = matches(run, part, each, scope, names)
        if one is False:
            return False
        found = None if one is None else found
    return found
