"""Regular expressions of a paste on its own short texts: re.split(r"(\\d.*)", "k3").

How many steps one may take is reckoned before it runs: a group is never repeated, so each repetition costs at most
another factor of the text's length.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants
from layerscope.source.python.values import Call, Method, Value
from layerscope.source.text import scan

if TYPE_CHECKING:
    import ast

    from layerscope.source.python.evaluator import Evaluator

LONGEST_PATTERN, LONGEST_TEXT = 100, 500
MOST_STEPS = 1_000_000
_ESCAPED = re.compile(r"\\[^\d]")
_NOT_FOLLOWED = re.compile(r"\)[*+]|\{|\(\?(?!:|P<\w+>)|\\\d")
"""Repeated groups, counts, what looks ahead or behind, and what was matched before."""
_ARGUMENTS = {"sub": ("pattern", "repl", "string", "count"), "split": ("pattern", "string", "maxsplit")}
_METHODS = frozenset({"split", "sub", "findall", "match", "search", "fullmatch"})
_OF_MATCHES = frozenset({"group", "groups", "groupdict", "start", "end", "span"})


@dataclass(frozen=True, eq=False)
class Pattern(Value):
    """re.compile(r"...")."""

    text: str

    def attribute(self, run: "Evaluator", name: str, node: "ast.AST") -> Any:
        return self.text if name == "pattern" else Method(self, name, _of_pattern)


@dataclass(frozen=True, eq=False)
class Match(Value):
    """What such a pattern found."""

    found: re.Match[str]

    def attribute(self, run: "Evaluator", name: str, node: "ast.AST") -> Any:
        return Method(self, name, _of_match) if name in _OF_MATCHES else run.unknown(node)

    def item(self, run: "Evaluator", place: Any, node: "ast.AST") -> Any:
        return _of_match(run, self, "group", Call(node, [place]))

    def truth(self, run: "Evaluator") -> bool | None:
        return True


def _of_pattern(run: "Evaluator", of: Pattern, name: str, call: Call) -> Any:
    if name not in _METHODS:
        return run.unknown(call.node)
    return _called(name, run, call.with_first(of.text))


def _of_match(run: "Evaluator", of: Match, name: str, call: Call) -> Any:
    if call.kwargs or not all(isinstance(value, str | int) for value in call.args):
        return run.unknown(call.node)
    try:
        found = getattr(of.found, name)(*map(constants.plain, call.args))
    except IndexError as error:
        return run.unknown(call.node, f"{run.paste.quote(call.node)} cannot be computed: {error}")
    return found


def _compiled(run: "Evaluator", call: Call) -> Any:
    only = call.args[0] if len(call.args) == 1 and not call.kwargs else None
    return Pattern(only) if isinstance(only, str) else NotImplemented


def _called(name: str, run: "Evaluator", call: Call) -> Any:
    """re.name(pattern, ...)."""
    known = _ARGUMENTS.get(name, ("pattern", "string"))
    given = call.bound(*known)
    pattern = given.get("pattern")
    given["pattern"] = pattern.text if isinstance(pattern, Pattern) else pattern
    if not given.keys() <= {*known} or not all(isinstance(value, str | int) for value in given.values()):
        return run.unknown(call.node, among=call.everything)
    pattern, text = str(given["pattern"]), str(given.get("string", ""))
    if len(str(given.get("repl", ""))) > LONGEST_TEXT or not may_run(pattern, text):
        words = f"{run.paste.quote(call.node)} is not followed: its pattern may take too long, or is too complex."
        return run.unknown(call.node, words)
    run.tick(call.node, len(text))
    try:
        with scan.quiet():
            found = getattr(re, name)(**given)
    except (re.error, IndexError, TypeError) as error:
        return run.unknown(call.node, f"{run.paste.quote(call.node)} cannot be computed: {error}")
    return Match(found) if isinstance(found, re.Match) else constants.bounded(found)


def may_run(pattern: str, text: str) -> bool:
    """Whether a pattern takes at most so many steps on a text, whatever both are."""
    if len(pattern) > LONGEST_PATTERN or len(text) > LONGEST_TEXT:
        return False
    plain = _ESCAPED.sub("x", pattern)
    if _NOT_FOLLOWED.search(plain):
        return False
    repeated, optional = plain.count("*") + plain.count("+"), plain.count("?") + plain.count("|")
    steps: int = max(len(text), 2) ** (repeated + 1) * 2**optional
    return steps <= MOST_STEPS


CALLS: dict[str, Callable[["Evaluator", Call], Any]] = {
    "re.compile": _compiled,
    **{f"re.{name}": partial(_called, name) for name in sorted(_METHODS)},
}
