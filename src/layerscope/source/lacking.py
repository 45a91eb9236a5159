"""A network that lacks a value which nobody wrote: an argument of its class, or a name such as ngf above it."""

import ast
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from string import digits
from typing import Any

from layerscope.layers.base import Layer, Shape
from layerscope.source import guesses, shapes
from layerscope.source.followed import Followed
from layerscope.source.interpreter.constants import BUILTINS
from layerscope.source.interpreter.expressions import ASSUMED, LAYERS
from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.made import UserClass
from layerscope.source.interpreter.values import Fault
from layerscope.source.limits import children
from layerscope.source.reading import Span

MOST_NAMES, MOST_UNKNOWN = 12, 50
"""Names that are given a value, and that nothing defines; more of them are no half of a paste that was left behind."""
MOST_ALIKE, LONGEST_NAME, FARTHEST = 200, 40, 2
"""Names of about that length that are compared, letters in one, and letters that one may have more than the other."""
ALIKE = 0.8
"""How much of a name must agree with another that may be meant by it, as difflib counts."""
_A_GUESS = "The values to try are a guess from the names."


def told(machine: Interpreter, tree: ast.Module, meant: Any, fault: Fault) -> Fault:
    """The fault in words that help, and the values that would do as a change of the code; the same fault otherwise."""
    if isinstance(fault.node, ast.arg):
        return _argument(machine, meant, fault, fault.node)
    if isinstance(fault.node, ast.Name):
        return _name(machine, tree, fault, fault.node)
    return fault


def about_in_values(followed: Followed, layers: Sequence[Layer], shape: Shape) -> None:
    """A remark for each in-value whose name nothing defines: the network is read without it, Python needs it."""
    machine = followed.machine
    arriving = {layer.name: arrives for layer, arrives, _ in shapes.walk(layers, shape)}
    for use, layer in followed.pairs:
        for row in use.made.untold if layer in arriving else ():
            name, text = row.value.undefined.id, machine.paste.quote(row.node)
            arrives = arriving[layer][-1 if row.parameter == "in_features" else 0]
            machine.flaw(
                f"{row.parameter} of {layer} is {text}, and nothing in the code gives {name} a value; "
                f"{arrives:,} arrives.", row.node, title=f"{name} has no value",
                label=f"Line {machine.paste.place(row.node)[0]}: write {arrives}",
                changes=((machine.paste.span(row.node), str(arrives)),),
            )  # fmt: skip


def _argument(machine: Interpreter, meant: Any, fault: Fault, missed: ast.arg) -> Fault:
    """An argument of the network that has no value: an object of it that would do."""
    values = guesses.example_arguments(meant, missed) if isinstance(meant, UserClass) else {}
    if not values:
        return fault
    example = f"net = {meant.name}({', '.join(f'{name}={value!r}' for name, value in values.items())})"
    text = f"\n\n{machine.paste.indentation(meant.node) or ''}{example}"
    machine.flaw(
        _A_GUESS, missed, title="A value is missing", label=f"Add {example}",
        changes=((machine.paste.behind(meant.node), text),),
    )  # fmt: skip
    name = missed.arg
    words = f"{name} of {meant.name}.__init__ has no value in the code. Write a default such as"
    return Fault(f"{words} {name}={values[name]!r}, or an example below the class such as {example}.", missed)


def _name(machine: Interpreter, tree: ast.Module, fault: Fault, missed: ast.Name) -> Fault:
    """A name that nothing gives a value: one that is misspelled, or a number whose line was left behind."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    at_home = next((node for node in classes if any(part is missed for part in _inside(node))), None)
    if at_home is None:
        return fault
    known = _given(at_home) | {name for name in machine.globals.names if isinstance(name, str)}
    if near := _near(missed.id, known):
        return _misspelled(machine, at_home, missed, near)
    return _without_value(machine, classes, fault, missed)


def _near(name: str, known: set[str]) -> str:
    """The name among those known that may be meant; "" where none is near. hidden2 is no misspelled hidden1."""
    alike = sorted(other for other in known if abs(len(other) - len(name)) <= FARTHEST)
    if len(name) > LONGEST_NAME or len(alike) > MOST_ALIKE:
        return ""
    near = get_close_matches(name, alike, 1, ALIKE)
    return near[0] if near and near[0].strip(digits) != name.strip(digits) else ""


def _misspelled(machine: Interpreter, cls: ast.ClassDef, missed: ast.Name, meant: str) -> Fault:
    places = [node for node in _inside(cls) if isinstance(node, ast.Name) and node.id == missed.id]
    line = machine.paste.place(missed)[0]
    machine.flaw(
        f"{missed.id} may be a slip of the pen for {meant}.", missed, title=f"{missed.id} is not defined",
        label=f"Line {line}: write {meant}", changes=tuple((machine.paste.span(node), meant) for node in places),
    )  # fmt: skip
    return Fault(f"{missed.id} is not defined in the code; {meant} is.", missed)


def _without_value(machine: Interpreter, classes: list[ast.ClassDef], fault: Fault, missed: ast.Name) -> Fault:
    """Such as ngf in a class whose first lines were left behind: lines that would do, above the first class."""
    unknown = list(dict.fromkeys(name for node in classes for name in _unknown(node, machine)))
    if len(unknown) > MOST_UNKNOWN:
        return fault
    values = guesses.values_of(unknown, (node for cls in classes for node in _inside(cls)))
    indentation = machine.paste.indentation(classes[0])
    if missed.id not in values or len(values) > MOST_NAMES or indentation is None:
        return fault
    lines = [f"{name} = {value!r}" for name, value in values.items()]
    line = min(machine.paste.place(node)[0] for node in (classes[0], *classes[0].decorator_list))
    machine.flaw(
        _A_GUESS, missed, title="A value is missing", label=f"Add {', '.join(lines)}",
        changes=((Span(line, 1, line, 1), "".join(f"{indentation}{row}\n" for row in [*lines, "", ""])),),
    )  # fmt: skip
    others = [name for name in values if name != missed.id]
    also = f"; nor {'are' if len(others) > 1 else 'is'} {_row(others)}" if others else ""
    return Fault(f"{missed.id} is not defined in the code{also}. Write a value above the class.", missed)


def _row(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _unknown(cls: ast.ClassDef, machine: Interpreter) -> list[str]:
    """The names in a class that nothing gives a value, in the order of the code."""
    known = (_given(cls), machine.globals.names, BUILTINS, ASSUMED, LAYERS, ("__name__", "__class__"))
    names = [node for node in _inside(cls) if isinstance(node, ast.Name)]
    read = [node for node in names if not any(node.id in names for names in known)]
    return [node.id for node in sorted(read, key=lambda node: (node.lineno, node.col_offset))]


def _given(cls: ast.ClassDef) -> set[str]:
    """The names that get a value somewhere in a class."""
    found = set()
    for node in _inside(cls):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all that is in it."""
    waiting = [node]
    while waiting:
        yield (here := waiting.pop())
        waiting += children(here)
