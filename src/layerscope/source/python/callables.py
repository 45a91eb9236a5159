"""Functions of the paste: their names, what a call binds to them, and what they give."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from layerscope import limits
from layerscope.formatting import joined
from layerscope.source.python.values import Call, Fault, Given, Symbol, Unknown, Value
from layerscope.source.text.scan import children, walk

if TYPE_CHECKING:
    from layerscope.source.python.classes import Object, UserClass
    from layerscope.source.python.evaluator import Evaluator

DEEPEST_CALLS = 32
LONGEST_ROW = 16
"""Numbers of a row that a correction may take one of: sizes[i + 1]."""
Numbers = int | tuple[int, ...]


@dataclass(eq=False)
class Scope:
    """Names and what they stand for; what is not found here is looked up in `outer`."""

    names: dict[str, Any]
    outer: "Scope | None" = None
    instance: "Object | None" = None
    owner: "UserClass | None" = None
    """Inside a method: the object it works on, and the class it stands in."""
    _counted: list[tuple[int, str, Any]] | None = field(default=None, init=False)

    def find(self, name: str) -> "Scope | None":
        """The scope in which the name is defined."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope

    def give(self, name: str, value: Any) -> None:
        """Let a name stand for a value."""
        self.names[name] = value
        self._counted = None

    @property
    def counted(self) -> list[tuple[int, str, Any]]:
        """Those of the first names that may stand for numbers, or for objects that hold some, and which they are."""
        if self._counted is None:
            first = islice(enumerate(self.names.items()), limits.NAMES_SEEN.most)
            self._counted = [
                (place, name, value)
                for place, (name, value) in first
                if isinstance(value, _NUMERIC) or (isinstance(value, Value) and value.attributes is not None)
            ]
        return self._counted

    def numbers(self) -> dict[str, Numbers]:
        """The nearest names that stand for whole numbers now, or for short rows of them; of objects, self.name."""
        found: dict[str, Numbers] = {}
        scope: Scope | None = self
        left = limits.NAMES_SEEN.most
        while scope is not None and left > 0:
            counted, seen = scope.counted, left
            left -= min(len(scope.names), left)
            for place, name, value in counted:
                if place >= seen:
                    break
                held: Iterable[tuple[str, Any]] = ((name, value),)
                if isinstance(value, Value):
                    attributes = value.attributes or {}
                    parts = attributes.items() if len(attributes) <= left else islice(attributes.items(), left)
                    left -= min(len(attributes), left)
                    held = [(f"{name}.{key}", part) for key, part in parts if isinstance(part, _NUMERIC)]
                for each, part in held:
                    if each not in found and (number := _numbers(part)) is not None:
                        found[each] = number
            scope = scope.outer
        return found


_NUMERIC = (int, list, tuple)
_NUMBERS_WRITTEN = (ast.Constant, ast.BinOp, ast.UnaryOp)


def _numbers(value: Any) -> Numbers | None:
    """A whole number, or a short row of them; None for anything else."""
    kind = type(value)
    if kind is int or kind is bool:
        return None if kind is bool else value
    if isinstance(value, int):
        return int(value)
    if len(value) > LONGEST_ROW:
        return None
    parts = []
    for part in value:
        if not isinstance(part, int) or part is True or part is False:
            return None
        parts.append(int(part))
    return tuple(parts)


class Returned:
    """A function's result on its way out."""

    def __init__(self, value: Any, node: ast.AST) -> None:
        self.value, self.node = value, node


@dataclass(eq=False)
class UserFunction(Value):
    """A function or lambda of the paste."""

    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    owner: "UserClass | None" = None
    kind: str = ""
    """"staticmethod", "classmethod" or "property", where it is one."""

    @property
    def name(self) -> str:
        return self.node.name if isinstance(self.node, ast.FunctionDef) else "lambda"

    @cached_property
    def parameters(self) -> tuple[dict[str, ast.arg], dict[str, ast.arg], dict[str, ast.expr]]:
        """Those that may be given by place, those that are given by name alone, and what they are without a value."""
        spec = self.node.args
        positional, keywords = [*spec.posonlyargs, *spec.args], spec.kwonlyargs
        defaults = dict(zip([arg.arg for arg in positional][::-1], spec.defaults[::-1], strict=False))
        named = zip(keywords, spec.kw_defaults, strict=True)
        defaults |= {arg.arg: value for arg, value in named if value is not None}
        return {arg.arg: arg for arg in positional}, {arg.arg: arg for arg in keywords}, defaults

    @cached_property
    def is_generator(self) -> bool:
        """Whether calling it gives one value after the other."""
        return isinstance(self.node, ast.FunctionDef) and _yields(self.node)

    def type_of(self) -> Value:
        return Symbol("types.FunctionType")

    def truth(self, run: "Evaluator") -> bool | None:
        return True

    def bound_to(self, value: Any) -> Value:
        """The function as an attribute of an object."""
        return self if self.kind == "staticmethod" else Bound(self, value)

    def call(self, run: "Evaluator", call: Call) -> Any:
        if run.calls >= DEEPEST_CALLS:
            raise Fault(f"Calls are nested more than {DEEPEST_CALLS} deep here, which is the limit.", call.node)
        first = call.args[0] if call.args else None
        instance = first if self.owner is not None and run.is_object(first) else None
        scope = Scope(_parameters(run, self, call), self.scope, instance, self.owner)
        run.calls += 1
        before = len(run.left_out)
        run.followed.add(id(self.node))
        try:
            if isinstance(self.node, ast.Lambda):
                return run.evaluate(self.node.body, scope)
            if run.may_yield and self.is_generator:
                return _generated(run, self.node.body, scope)
            signal = run.execute(self.node.body, scope)
        finally:
            run.calls -= 1
        if not isinstance(signal, Returned):
            return None
        if len(run.left_out) > before:
            run.world.gave(signal.value, call, run.left_out[before])
        return signal.value


@dataclass(frozen=True, eq=False)
class Bound(Value):
    """A function of the paste bound to its first argument."""

    function: UserFunction
    to: Any

    def call(self, run: "Evaluator", call: Call) -> Any:
        return self.function.call(run, call.with_first(self.to))

    def truth(self, run: "Evaluator") -> bool | None:
        return True


@dataclass(frozen=True, eq=False)
class Partial(Value):
    """functools.partial(function, ...); `given` holds the arguments after the function."""

    function: Any
    given: Call

    def call(self, run: "Evaluator", call: Call) -> Any:
        shift = len(self.given.args)
        nodes = {key + shift if isinstance(key, int) else key: node for key, node in call.nodes.items()}
        kwargs = {**self.given.kwargs, **call.kwargs}
        return run.call(
            self.function, Call(call.node, [*self.given.args, *call.args], kwargs, {**self.given.nodes, **nodes})
        )

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        known = {"func": self.function, "args": tuple(self.given.args), "keywords": self.given.kwargs}
        return known[name] if name in known else run.unknown(node)

    def type_of(self) -> Value:
        return Symbol("functools.partial")

    def truth(self, run: "Evaluator") -> bool | None:
        return True


def _parameters(run: "Evaluator", function: UserFunction, call: Call) -> dict[str, Any]:
    """Names of the parameters and their values; a parameter without a value is Unknown."""
    spec = function.node.args
    positional, keywords, defaults = function.parameters
    run.watch.called(run, function, call)
    names: dict[str, Any] = {}
    for place, (name, value) in enumerate(zip(positional, call.args, strict=False)):
        names[name] = _given(value, call.nodes.get(place))
    if spec.vararg is not None:
        names[spec.vararg.arg] = tuple(call.args[len(positional) :])
    if spec.kwarg is not None:
        known = {*positional, *keywords}
        names[spec.kwarg.arg] = {name: value for name, value in call.kwargs.items() if name not in known}
    for arguments in (positional, keywords):
        for name, arg in arguments.items():
            if name in call.kwargs:
                names[name] = _given(call.kwargs[name], call.nodes.get(name))
            elif name not in names:
                default = defaults.get(name)
                names[name] = _missing(function, arg) if default is None else run.evaluate(default, function.scope)
    return names


def _missing(function: UserFunction, arg: ast.arg) -> Unknown:
    owner = function.owner.name if function.owner and function.name == "__init__" else ""
    where = f"{owner}.__init__" if owner else function.name
    value = _example(arg.annotation)
    read = _read_of(function.node, arg.arg)
    if read:
        advice = f"add a line that calls {owner or where} with an object that has {joined(read)}"
    elif value:
        call = f"add a call such as net = {owner}({arg.arg}={value}), or " if owner else "give it "
        advice = f"{call}a default such as {arg.arg}={value}"
    else:
        advice = f"add a line that calls {owner or where} with {arg.arg}"
    words = f"{arg.arg} of {where} has no value here; {advice}."
    return Unknown(lambda: arg.arg, words, arg, missing=True)


MOST_READ = 6


def _read_of(node: ast.AST, name: str) -> list[str]:
    """Which attributes a function reads of a parameter, such as hidden_size of config; [] where it reads none."""
    found = [part.attr for part in walk(node) if isinstance(part, ast.Attribute)
             and isinstance(part.value, ast.Name) and part.value.id == name]  # fmt: skip
    read = list(dict.fromkeys(found))
    return read if len(read) <= MOST_READ else [*read[: MOST_READ - 1], f"{len(read) - MOST_READ + 1} more"]


_EXAMPLES = {"": "10", "int": "10", "float": "0.5", "bool": "True"}
_ROWS = ("list", "List", "Sequence", "Iterable", "tuple", "Tuple")


def _example(annotation: ast.expr | None) -> str:
    """A value of that kind as it is written; "" where none can be named. Without an annotation it is a number."""
    if annotation is None or isinstance(annotation, ast.Name):
        return _EXAMPLES.get(getattr(annotation, "id", ""), "")
    if not isinstance(annotation, ast.Subscript):
        return ""
    kind = getattr(annotation.value, "attr", getattr(annotation.value, "id", ""))
    if kind == "Optional":
        return _example(annotation.slice)
    inside = (
        annotation.slice.elts[0]
        if isinstance(annotation.slice, ast.Tuple) and annotation.slice.elts
        else annotation.slice
    )
    part = {"int": "2", "float": "0.5"}.get(getattr(inside, "id", ""), "")
    return f"[{', '.join([part] * 4)}]" if kind in _ROWS and part else ""


def _given(value: Any, node: ast.expr | None) -> Any:
    return Given(value, node) if type(value) is int and isinstance(node, _NUMBERS_WRITTEN) else value


def _yields(node: ast.FunctionDef) -> bool:
    """Whether a function is a generator: a yield of its own, not of a function inside."""
    waiting: list[ast.AST] = list(node.body)
    for part in waiting:
        if isinstance(part, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(part, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(children(part))
    return False


def _generated(run: "Evaluator", body: list[ast.stmt], scope: Scope) -> list[Any]:
    """All that a generator gives, as a list: nothing here depends on when it is asked."""
    run.generated.append([])
    try:
        run.execute(body, scope)
    finally:
        row = run.generated.pop()
    return row
