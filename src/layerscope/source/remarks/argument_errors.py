"""Arguments that Python or torch refuses: twice given, of no such name, floats for whole numbers, too many."""

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from layerscope.asking import words_about
from layerscope.layers.base import Layer
from layerscope.network import LONGEST_NAME
from layerscope.source.python.callables import Scope, UserFunction
from layerscope.source.python.classes import Object, UserClass
from layerscope.source.python.values import Call, Fault, Unknown
from layerscope.source.reading import Span
from layerscope.source.torch.tensor import Tensor

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

FARTHEST = 2
"""Letters that may be wrong in a name that is still taken for another one."""
SHORTEST = 3
ASKING = 200
"""Steps of work that it takes to ask torch for its words."""
_DIVIDED = re.compile(r"(?<!/)/(?!/)")


def given_twice(run: "Evaluator", shown: str, names: Sequence[str], call: Call) -> None:
    """An argument that is given by its place and by its name."""
    for place, name in enumerate(names[: len(call.args)]):
        if name not in call.kwargs:
            continue
        changes = _without(run, place, call)
        run.remarks.flaw(
            f"{shown} gets {name} twice: as argument {place + 1} and by name. Layerscope reads the one given by name.",
            call.node, kind="argument", tone="error", title=f"{name} is given twice",
            quote=f"{shown.rpartition('.')[2]}.__init__() got multiple values for argument '{name}'",
            label=f"Line {changes[0][0].line}: keep only {name}=" if changes else "", changes=changes,
        )  # fmt: skip
        return


def named_super(run: "Evaluator", node: ast.Call, scope: Scope, instance: Object) -> None:
    """super(Name, self) where Name is not a class, or not one that the object is of."""
    name = node.args[0].id if isinstance(node.args[0], ast.Name) else "__class__"
    known = scope.find(name)
    value = None if known is None else known.names[name]
    of_another_kind = known is not None and not isinstance(value, UserClass)
    if name == "__class__" or of_another_kind or value in instance.cls.line:
        return
    text, own = run.paste.quote(node), instance.cls.name
    quote = f"name '{name}' is not defined"
    words = f"{text} names a class that is not in the code"
    if known is not None:
        quote = "super(type, obj): obj must be an instance or subtype of type"
        words = f"{text} is in {own}, which does not inherit from {name}"
    run.remarks.flaw(
        f"{words}. super() means the class around it, {own}.", node, kind="argument", tone="error",
        title=f"{text} names another class", quote=quote, label=f"Line {node.lineno}: write super()",
        changes=((run.paste.span(node), "super()"),),
    )  # fmt: skip


def fraction(run: "Evaluator", layer: Layer, name: str, number: float, node: ast.expr) -> None:
    """A float for an argument that counts: torch takes none, be it as whole as 784.0."""
    run.tick(node, ASKING)
    text = run.paste.segment(node)
    divides = any(isinstance(part, ast.Div) for part in ast.walk(node))
    instead = _DIVIDED.sub("//", text) if divides else f"{number:.0f}"
    if not divides and not isinstance(node, ast.Constant):
        instead = f"int({text})"
    why = " / gives a float even when the division is exact; // gives a whole number." if divides else ""
    quote = words_about(layer, {**layer.chosen, name: number}, (1,) * (layer.dims + 1))
    run.remarks.flaw(
        f"{name} is {run.paste.quote(node)} = {number}, a float; PyTorch expects a whole number.{why}", node,
        kind="argument", tone="error", title=f"{name} is not a whole number", quote=quote,
        label=f"Line {run.paste.place(node)[0]}: write {instead[:40]}",
        changes=((run.paste.span(node), instead),),
    )  # fmt: skip


def too_many(run: "Evaluator", function: UserFunction, call: Call) -> None:
    """More arguments without a name than a method has parameters."""
    node, spec = function.node, function.node.args
    given, most = len(call.args), len(spec.posonlyargs) + len(spec.args)
    if given <= most:
        return
    positional = [*spec.posonlyargs, *spec.args]
    written = call.node if isinstance(call.node, ast.Call) else None
    whole = written is None or not any(isinstance(arg, ast.Starred) for arg in written.args)
    plain = isinstance(node, ast.FunctionDef) and not node.decorator_list and function.owner is not None
    if not (plain and whole) or spec.vararg is not None or spec.kwonlyargs:
        return
    name = f"{function.owner.name}.{function.name}" if function.owner is not None else function.name
    least = most - len(spec.defaults)
    count = f"from {least} to {most}" if spec.defaults else f"{most}"
    here = f"{given} {'was' if given == 1 else 'were'} given"
    quote = f"{name}() takes {count} positional argument{'s' * (most != 1)} but {here}"
    changes, words = _object_first(run, function, call) if most == 1 and given == 2 else ((), "")
    if given == most + 1 and positional and positional[0].arg != "self":
        words = f" {function.name} has no self parameter: write def {function.name}(self, ...)."
        changes = ((run.paste.before(positional[0]), "self, "),)
    run.remarks.flaw(
        f"{run.paste.quote(written) if written else 'The call'} passes {name} too many arguments.{words}",
        written or node, kind="argument", tone="error",
        title=f"{name} gets too many arguments", quote=quote,
        label=f"Line {changes[0][0].line}: write {changes[0][1]}" if changes else "", changes=changes,
    )  # fmt: skip


def unexpected(run: "Evaluator", function: UserFunction, call: Call) -> None:
    """An argument by a name that the function has not: Python refuses the call before anything else runs."""
    node, spec = function.node, function.node.args
    written = call.node if isinstance(call.node, ast.Call) else None
    if not call.kwargs or written is None or not isinstance(node, ast.FunctionDef):
        return
    if spec.kwarg is not None or node.decorator_list:
        return
    known = [arg.arg for arg in (*spec.args, *spec.kwonlyargs)]
    strange = next((word for word in written.keywords if word.arg in call.kwargs and word.arg not in known), None)
    if strange is None or strange.arg is None:
        return
    name = f"{function.owner.name}.{function.name}" if function.owner is not None else function.name
    _about_keyword(run, name, f"{name}()", written, strange, [each for each in known if each != "self"], call)


def unexpected_of_layer(run: "Evaluator", shown: str, name: str, known: Sequence[str], call: Call) -> str:
    """An argument by a name that a layer has not: the name that is meant, "" where it is left out. Raises Fault."""
    written = call.node if isinstance(call.node, ast.Call) else None
    words = written.keywords if written is not None else ()
    strange = next((word for word in words if word.arg == name), None)
    if written is None or strange is None:
        raise Fault(_no_such_argument(shown, name[:LONGEST_NAME], known), call.nodes.get(name, call.node))
    return _about_keyword(run, shown, f"{shown.rpartition('.')[2]}.__init__()", written, strange, known, call)


def _about_keyword(
    run: "Evaluator", name: str, called: str, written: ast.Call, strange: ast.keyword, known: Sequence[str], call: Call
) -> str:
    """A remark about a keyword that is not a parameter; the one that is meant, where one is near and free."""
    assert strange.arg is not None
    word = strange.arg[:LONGEST_NAME]
    run.tick(written, len(known))
    near = _meant(strange.arg, [each for each in known if each not in call.kwargs])
    place = run.paste.before(strange)
    if near:
        changes: tuple[tuple[Span, str], ...] = (
            (Span(place.line, place.column, place.line, place.column + len(strange.arg)), near),
        )
        label = f"Line {place.line}: write {near}"
    else:
        changes = without_keyword(run, written, strange)
        label = f"Line {place.line}: remove {word}" if changes else ""
    there = f"; it has {', '.join(known)}" if known else ""
    there = f"; {near} is meant" if near else there
    there = "; an activation is a separate layer, such as nn.ReLU()" if strange.arg == "activation" else there
    run.remarks.flaw(
        f"{run.paste.quote(written)} passes {word}, but {name} has no argument of that name{there}.",
        strange.value,
        kind="argument", tone="error", title=f"{name} has no argument {word}",
        quote=f"{called} got an unexpected keyword argument '{word}'", label=label, changes=changes,
    )  # fmt: skip
    return near


def without_keyword(run: "Evaluator", call: ast.Call, word: ast.keyword) -> tuple[tuple[Span, str], ...]:
    """The call without one of the arguments that it gives by name."""
    parts: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    parts.sort(key=lambda part: (part.lineno, part.col_offset))
    place = parts.index(word)
    here = run.paste.span(word)
    if place:
        before = run.paste.after(parts[place - 1])
        return ((Span(before.line, before.column, here.end_line, here.end_column), ""),)
    after = run.paste.before(parts[1]) if len(parts) > 1 else run.paste.after(word)
    return ((Span(here.line, here.column, after.line, after.column), ""),)


def _object_first(run: "Evaluator", function: UserFunction, call: Call) -> tuple[tuple[tuple[Span, str], ...], str]:
    """Net(images): the class is called where an object of it is meant."""
    owner, node = function.owner, call.node
    direct = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and owner is not None
    if not direct or function.name != "__init__" or not isinstance(call.args[1], Tensor | Unknown):
        return (), ""
    assert isinstance(node, ast.Call)
    assert owner is not None
    words = f" First make the network with {owner.name}(), then call it on the tensor."
    return ((run.paste.span(node.func), f"{run.paste.segment(node.func)}()"),), words


def _without(run: "Evaluator", place: int, call: Call) -> tuple[tuple[Span, str], ...]:
    """The call without its last argument that has no name; nothing for another one, whose place counts."""
    args = call.node.args if isinstance(call.node, ast.Call) else []
    if not 0 < place == len(args) - 1 or any(isinstance(arg, ast.Starred) for arg in args):
        return ()
    before, here = run.paste.span(args[place - 1]), run.paste.span(args[place])
    return ((Span(before.end_line, before.end_column, here.end_line, here.end_column), ""),)


def _no_such_argument(shown: str, name: str, signature: Sequence[str]) -> str:
    """The sentence for a name that is not an argument, with the one that is meant where there is one."""
    if name == "activation":
        return f"{shown} has no argument activation; an activation is a separate layer, such as nn.ReLU()."
    meant = _meant(name, signature)
    return f"{shown} has no argument {name}{f'; use {meant}' if meant else ''}."


def _meant(name: str, signature: Sequence[str]) -> str:
    """The argument that may be meant by a name; "" where none is near."""
    near = min(signature, key=lambda known: _distance(name, known), default="")
    if near and _distance(name, near) <= min(FARTHEST, len(name) - 1):
        return near
    alike = (known for known in signature if min(len(known), len(name)) >= SHORTEST)
    return next((known for known in alike if known.startswith(name) or known in name.split("_")), "")


def _distance(one: str, other: str) -> int:
    """How many letters have to be put in, taken out or changed; neighbours that changed places count two."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row = row, [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != wanted)))
    return row[-1]
