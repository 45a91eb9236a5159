"""A network that lacks a value which nobody wrote: an argument of its class, or a name such as ngf above it."""

import ast
from collections.abc import Sequence
from difflib import get_close_matches
from string import digits
from typing import Any

from layerscope.formatting import joined
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.python.constants import BUILTINS
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Fault
from layerscope.source.reading import Span
from layerscope.source.remarks import guesses
from layerscope.source.text.scan import walk
from layerscope.source.torch.known_classes import ASSUMED, LAYERS

MOST_NAMES, MOST_UNKNOWN = 12, 50
"""Names that are given a value, and that nothing defines; if there are more, the rest of the paste was not copied."""
MOST_ALIKE, LONGEST_NAME, FARTHEST = 200, 40, 2
"""Names of about that length that are compared, letters in one, and letters that one may have more than the other."""
ALIKE, ONE_OF_THREE = 0.8, 0.66
"""How much of a name must agree with another that may be meant by it, as difflib counts."""
_A_GUESS = "The suggested values are guesses from the names."


def told(run: Evaluator, tree: ast.Module, meant: Any, fault: Fault) -> Fault:
    """The fault in words that help, and values that would work as a change of the code; the same fault otherwise."""
    if isinstance(fault.node, ast.arg):
        return _argument(run, tree, meant, fault, fault.node)
    if isinstance(fault.node, ast.Name) and len(fault.node.id) <= LONGEST_NAME:
        return _name(run, tree, fault, fault.node)
    called = fault.node.func if isinstance(fault.node, ast.Call) else fault.node
    if isinstance(called, ast.Name) and (places := _without_self(tree, called)):
        return _of_self(run, called, places)
    if isinstance(called, ast.Attribute) and len(called.attr) <= LONGEST_NAME:
        return _attribute(run, tree, fault, called)
    return fault


def _argument(run: Evaluator, tree: ast.Module, meant: Any, fault: Fault, missed: ast.arg) -> Fault:
    """An argument of the network, or of one of its blocks, that has no value: an object of it that would work."""
    classes = [meant, *run.globals.names.values()]
    owner = next((cls for cls in classes if isinstance(cls, UserClass) and _takes(cls, missed)), None)
    values = guesses.example_arguments(owner, missed, tree) if owner is not None else {}
    if owner is None or not values:
        return fault
    if (written := _made_with_too_little(run, tree, owner, values)) is not None:
        return written
    if owner is not meant:
        return fault
    example = f"net = {meant.name}({', '.join(f'{name}={guesses.shown(value)}' for name, value in values.items())})"
    text = f"\n\n{run.paste.indentation(meant.node) or ''}{example}"
    run.remarks.flaw(
        _A_GUESS, missed, kind="undefined", title="A value is missing", label=f"Add {example}",
        changes=((run.paste.after(meant.node), text),),
    )  # fmt: skip
    name = missed.arg
    words = f"{name} of {meant.name}.__init__ has no value here; add a call such as"
    return Fault(f"{words} {example}, or a default such as {name}={guesses.shown(values[name])}.", missed)


def _takes(cls: UserClass, missed: ast.arg) -> bool:
    init = cls.members.get("__init__")
    return isinstance(init, UserFunction) and any(missed is part for part in walk(init.node.args))


def _made_with_too_little(run: Evaluator, tree: ast.Module, owner: UserClass, values: dict[str, Any]) -> Fault | None:
    """Net(10) where Net takes two: the call with what it lacks; None where the code has no such call."""
    init = owner.members.get("__init__")
    spec = init.node.args if isinstance(init, UserFunction) else None
    known = {arg.arg for arg in (*spec.args, *spec.kwonlyargs)} if spec is not None else set()
    calls = (node for node in walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == owner.name)
    found = next(((node, names) for node in calls if (names := _lacking(node, known, values))), None)
    if found is None:
        return None
    node, lacking = found
    text = ", ".join(f"{name}={guesses.shown(values[name])}" for name in lacking)
    inside = run.paste.inside(node)
    comma = ", " if node.args or node.keywords else ""
    several = f"{len(lacking)} required positional argument{'s' * (len(lacking) > 1)}"
    run.remarks.flaw(
        _A_GUESS, node, kind="undefined", title="A value is missing", label=f"Line {inside.line}: add {text}",
        changes=((inside, f"{comma}{text}"),),
        quote=f"{owner.name}.__init__() missing {several}: {_listed([repr(name) for name in lacking])}",
    )  # fmt: skip
    return Fault(f"{run.paste.quote(node)} gives {joined(lacking)} no value, and there is no default.", node)


def _lacking(node: ast.Call, known: set[str], values: dict[str, Any]) -> list[str]:
    """Which of the arguments without a default a call does not give; [] where that is not known."""
    if any(isinstance(part, ast.Starred) for part in node.args) or any(word.arg is None for word in node.keywords):
        return []
    named = {word.arg for word in node.keywords}
    if named - known:
        return []  # one of them is misspelled
    return [name for n, name in enumerate(values) if n >= len(node.args) and name not in named]


def _listed(words: Sequence[str]) -> str:
    """As Python lists them: 'a'; 'a' and 'b'; 'a', 'b', and 'c'."""
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])}, and {words[-1]}"


def _name(run: Evaluator, tree: ast.Module, fault: Fault, missed: ast.Name) -> Fault:
    """A name that nothing gives a value: one that is misspelled, or a number whose line was left behind."""
    statement = next((node for node in tree.body if any(part is missed for part in walk(node))), None)
    if statement is None:
        return fault
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    scopes = classes if statement in classes else [statement]
    if places := _without_self(tree, missed):
        return _of_self(run, missed, places)
    known = _given(statement) | {name for name in run.globals.names if isinstance(name, str)}
    if near := _near(missed.id, known):
        return _misspelled(run, statement, missed, near)
    return _without_value(run, scopes, fault, missed)


def _without_self(tree: ast.Module, missed: ast.Name) -> list[ast.Name]:
    """Where a method reads the name by itself that is an attribute of self alone; [] where it is none."""
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    cls = next((node for node in classes if any(part is missed for part in walk(node))), None)
    parts = list(walk(cls)) if cls is not None else []
    own = {part.attr for part in parts if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)}
    methods = [part for part in cls.body if isinstance(part, ast.FunctionDef) and part.args.args] if cls else []
    inside = next((node for node in methods if any(part is missed for part in walk(node))), None)
    if missed.id not in own or inside is None or inside.args.args[0].arg != "self" or missed.id in _given(inside):
        return []
    return [part for part in walk(inside) if isinstance(part, ast.Name) and part.id == missed.id]


def _of_self(run: Evaluator, missed: ast.Name, places: list[ast.Name]) -> Fault:
    """forward calls fc1(x) where it should call self.fc1(x)."""
    line = run.paste.place(missed)[0]
    run.remarks.flaw(
        f"{missed.id} is an attribute of the object, so it is reached as self.{missed.id}.", missed,
        kind="undefined", tone="error", title=f"self. is missing before {missed.id}",
        quote=f"name '{missed.id}' is not defined", label=f"Line {line}: write self.{missed.id}",
        changes=tuple((run.paste.before(node), "self.") for node in places),
    )  # fmt: skip
    return Fault(f"{missed.id} is not defined in the code; self.{missed.id} is.", missed)


def _attribute(run: Evaluator, tree: ast.Module, fault: Fault, missed: ast.Attribute) -> Fault:
    """self.fcl where __init__ sets self.fc1, or only fc1."""
    if not isinstance(missed.value, ast.Name) or missed.value.id != "self":
        return fault
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    at_home = next((node for node in classes if any(part is missed for part in walk(node))), None)
    parts = [] if at_home is None else [part for part in walk(at_home) if isinstance(part, ast.Attribute)]
    known = {part.attr for part in parts if isinstance(part.ctx, ast.Store)}
    if at_home is None or missed.attr in known:
        return fault
    near = _near(missed.attr, known, ONE_OF_THREE)
    if (local := _local(at_home, missed.attr)) is not None:
        place, meant = run.paste.span(local), f"self.{local.id}"
        words = f"Line {place.line} sets {local.id}, which ends with __init__; {meant} stays."
    elif near:
        place, meant = run.paste.last_name(missed), near
        words = f"self.{missed.attr} is probably a typo for self.{near}."
    else:
        return fault
    run.remarks.flaw(
        words, missed, kind="undefined", tone="error",
        title=f"self.{missed.attr} is never set", quote=f"'{at_home.name}' object has no attribute '{missed.attr}'",
        label=f"Line {place.line}: write {meant}", changes=((place, meant),),
    )  # fmt: skip
    return fault


def _local(cls: ast.ClassDef, name: str) -> ast.Name | None:
    """Where __init__ gives a value to a name of its own that is called so."""
    setup = next((part for part in cls.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"), None)
    places = walk(setup) if setup is not None else ()
    return next(
        (node for node in places if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)),
        None,
    )


def _near(name: str, known: set[str], alike_at_least: float = ALIKE) -> str:
    """The name among those known that may be meant; "" where none is near. hidden2 is not a misspelled hidden1."""
    alike = sorted(other for other in known if abs(len(other) - len(name)) <= FARTHEST)
    if len(alike) > MOST_ALIKE:
        return ""
    near = get_close_matches(name, alike, 1, alike_at_least)
    return near[0] if near and near[0].strip(digits) != name.strip(digits) else ""


def _misspelled(run: Evaluator, cls: ast.stmt, missed: ast.Name, meant: str) -> Fault:
    places = [node for node in walk(cls) if isinstance(node, ast.Name) and node.id == missed.id]
    line = run.paste.place(missed)[0]
    run.remarks.flaw(
        f"{missed.id} is probably a typo for {meant}.", missed,
        kind="undefined", title=f"{missed.id} is not defined",
        label=f"Line {line}: write {meant}", changes=tuple((run.paste.span(node), meant) for node in places),
    )  # fmt: skip
    return Fault(f"{missed.id} is not defined in the code; {meant} is.", missed)


def _without_value(run: Evaluator, scopes: Sequence[ast.stmt], fault: Fault, missed: ast.Name) -> Fault:
    """Such as ngf in a class whose first lines were not copied: lines that would work, above the first of `scopes`."""
    unknown = list(dict.fromkeys(name for node in scopes for name in _unknown(node, run)))
    if len(unknown) > MOST_UNKNOWN or any(len(name) > LONGEST_NAME for name in unknown):
        return fault
    values = guesses.values_of(unknown, (node for scope in scopes for node in walk(scope)))
    indentation = run.paste.indentation(scopes[0])
    if missed.id not in values or len(values) > MOST_NAMES or indentation is None:
        return fault
    lines = [f"{name} = {guesses.shown(value)}" for name, value in values.items()]
    line = min(run.paste.place(node)[0] for node in (scopes[0], *getattr(scopes[0], "decorator_list", ())))
    what, gap = ("the class", ["", ""]) if isinstance(scopes[0], ast.ClassDef) else ("this line", [])
    run.remarks.flaw(
        _A_GUESS, missed, kind="undefined", title="A value is missing", label=f"Add {', '.join(lines)}",
        changes=((Span(line, 1, line, 1), "".join(f"{indentation}{row}\n" for row in [*lines, *gap])),),
    )  # fmt: skip
    others = [name for name in values if name != missed.id]
    also = f"; nor {'are' if len(others) > 1 else 'is'} {joined(others)}" if others else ""
    return Fault(f"{missed.id} is not defined in the code{also}. Give it a value before {what}.", missed)


def _unknown(cls: ast.stmt, run: Evaluator) -> list[str]:
    """The names in a statement, a class above all, that nothing gives a value, in the order of the code."""
    known = {*_given(cls), *run.globals.names, *BUILTINS, *ASSUMED, *LAYERS, "__name__", "__class__"}
    read = [node for node in walk(cls) if isinstance(node, ast.Name) and node.id not in known]
    return [node.id for node in sorted(read, key=lambda node: (node.lineno, node.col_offset))]


def _given(cls: ast.stmt) -> set[str]:
    """The names that get a value somewhere in a statement."""
    found = set()
    for node in walk(cls):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found
