"""Functions of a paste that make one of its networks without being told anything: resnet18() of torchvision's file."""

import ast
from collections.abc import Iterator, Mapping

from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.text.scan import walk

MOST = 60
"""Functions that are offered."""
MOST_SEEN = 400
"""Functions that are looked at."""
MOST_STEPS = 8
"""Functions that return what another one returns."""


Builders = dict[str, tuple[UserFunction, UserClass]]
"""Such functions by name, each with the class of what it returns."""


def builders_of(run: Evaluator, classes: Mapping[str, UserClass]) -> Builders:
    """The functions at module level that need no argument and return an object of one of those classes,
    in the code's order. Decorators are passed over, as they seldom change what a function makes."""
    found: Builders = {}
    named = run.globals.names.items()
    functions = [(name, value) for name, value in named if isinstance(value, UserFunction) and not value.owner]
    given = {name: value.node for name, value in functions[:MOST_SEEN] if isinstance(value.node, ast.FunctionDef)}
    returned = {name: tuple(_returned(node)) for name, node in given.items()}
    for name, value in functions[:MOST_SEEN]:
        if name in given and name not in classes and not needs_arguments(value) and len(found) < MOST:
            made = _class_of(name, returned, classes)
            if made is not None:
                found[name] = value, made
    return found


def needs_arguments(function: UserFunction | UserClass) -> bool:
    """Whether it cannot be called as it is; of a class, whether it cannot be made so: self comes by itself."""
    made = function.find("__init__") if isinstance(function, UserClass) else function
    if not isinstance(made, UserFunction):
        return False
    positional, keywords, defaults = made.parameters
    own = int(made is not function)
    return any(name not in defaults for name in (*[*positional][own:], *keywords))


def _class_of(
    name: str, returned: Mapping[str, tuple[str, ...]], classes: Mapping[str, UserClass]
) -> UserClass | None:  # fmt: skip
    """The class of what a function returns, by way of what other functions return."""
    names = [name]
    for each in names:
        for other in returned.get(each, ()):
            if other in classes:
                return classes[other]
            if other in returned and other not in names and len(names) < MOST_STEPS:
                names.append(other)
    return None


def _returned(node: ast.FunctionDef) -> Iterator[str]:
    """What is called to make the values that a function returns, by name."""
    made: dict[str, str] = {}
    for part in walk(node):
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name) and (called := _called(part.value)):
            made.setdefault(part.targets[0].id, called)
    for part in walk(node):
        if isinstance(part, ast.Return) and part.value is not None:
            name = part.value.id if isinstance(part.value, ast.Name) else ""
            if called := made.get(name, "") or _called(part.value):
                yield called


def _called(node: ast.expr) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
