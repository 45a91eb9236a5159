"""The settings of a program: argparse.ArgumentParser, whose arguments have the values that they have by default."""

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Method, Symbol, Value

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_SAME = ("add_argument_group", "add_mutually_exclusive_group")
"""Methods of a parser that give something to which arguments are added, too."""
_SWITCHES = {"store_true": False, "store_false": True}
_NUMBERS = {"int": int, "float": float}


@dataclass(eq=False)
class Parser(Value):
    """argparse.ArgumentParser(): the arguments by name, and what they are where nothing is typed."""

    known: dict[str, Any] = field(default_factory=dict)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        return Method(self, name, _called)


@dataclass(eq=False)
class Settings(Value):
    """parser.parse_args()."""

    known: dict[str, Any]

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name not in self.known:
            return run.unknown(node, f"{run.paste.quote(node)} has no default value; give it one in add_argument.")
        value = self.known[name]
        if type(value) in (int, float, str):
            run.remarks.note(f"{run.paste.quote(node)} is {value!r}, as by default.", node)
        return value

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        self.known[name] = value
        return True


def _called(run: "Evaluator", parser: Parser, name: str, call: Call) -> Any:
    """A method of a parser."""
    run.tick(call.node)
    if name == "add_argument":
        _add(parser, call)
    elif name == "set_defaults":
        parser.known.update(call.kwargs)
    elif name in _SAME:
        return parser
    elif name in ("parse_args", "parse_known_args"):
        settings = Settings(dict(parser.known))
        return settings if name == "parse_args" else (settings, [])
    return run.unknown(call.node)


def _add(parser: Parser, call: Call) -> None:
    """parser.add_argument("--hidden", type=int, default=100)."""
    words = [word for word in call.args if isinstance(word, str)]
    long = next((word for word in words if word.startswith("--")), words[0] if words else "")
    name = call.kwargs.get("dest") or long.lstrip("-").replace("-", "_")
    action, wanted = call.kwargs.get("action"), call.kwargs.get("type")
    if "default" in call.kwargs:
        value = call.kwargs["default"]
        kind = _NUMBERS.get(wanted.last) if isinstance(wanted, Symbol) else None
        parser.known[name] = _converted(value, kind) if kind is not None and isinstance(value, str) else value
    elif action in _SWITCHES:
        parser.known[name] = _SWITCHES[action]
    elif long.startswith("-") and not plain(call.kwargs.get("required", False)):
        parser.known[name] = None


def _converted(text: str, kind: Any) -> Any:
    try:
        return kind(text[:30])
    except ValueError:
        return text


def _made(run: "Evaluator", call: Call) -> Parser:
    return Parser()


CALLS = {"argparse.ArgumentParser": _made}
