"""Which of a paste's classes is the network: the last one that no other class uses as a layer."""

import ast
import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

from layerscope.formatting import joined
from layerscope.source.attempts import Meant
from layerscope.source.builders import Builders, needs_arguments
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Fault
from layerscope.source.reading import Flaw, Note, Reading, SourceError, Span
from layerscope.source.text.paste import Paste, short
from layerscope.source.text.scan import children, walk
from layerscope.source.torch.containers import Group
from layerscope.source.torch.known_classes import is_known, is_module_class, root_of
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.parts import Part
from layerscope.source.torch.world import TorchWorld

MOST_NAMED = 8


def module_classes(run: Evaluator) -> dict[str, UserClass]:
    """The classes that are networks or parts of them, in order of their lines."""
    classes = [value for value in run.globals.names.values() if isinstance(value, UserClass)]
    found = [cls for cls in classes if is_module_class(cls)]
    for cls in found:
        if not root_of(cls):
            _without_base(run, cls)
        elif not is_known(root_of(cls)):
            run.remarks.note(f"{cls.name} inherits from {root_of(cls)}, not in this code; we assumed nn.Module.")
    return {cls.name: cls for cls in sorted(found, key=lambda cls: cls.node.lineno)}


def _without_base(run: Evaluator, cls: UserClass) -> None:
    paste, name = run.paste, cls.name
    place = paste.before(cls.node)
    head = re.match(rf"class {name}(\((?:object)?\))?:", paste.segment(cls.node))
    begin = place.column + len(f"class {name}")
    span = Span(place.line, begin, place.line, begin + len(head[1] or "")) if head else None
    run.remarks.flaw(
        f"{name} does not inherit from nn.Module: write class {name}(nn.Module). We assumed that.", cls.node,
        kind="class", tone="error", title=f"{name} does not inherit from nn.Module",
        quote=f"'{name}' object is not callable",
        label=f"Line {place.line}: write (nn.Module)" if span else "", changes=((span, "(nn.Module)"),) if span else (),
    )  # fmt: skip


def ordered(
    tree: ast.Module, nodes: Sequence[ast.AST], classes: dict[str, UserClass], inside: set[str]
) -> list[str]:  # fmt: skip
    """The classes that may be meant, from the last to the first: those that no other class uses, where there are such.

    `nodes` are all nodes of the tree; `inside` are the classes that stand in containers, see `in_containers`.
    """
    if len(classes) < 2:
        return list(classes)
    used = _used_by_others(_named_in(tree, nodes), classes) | inside
    free = [name for name in classes if name not in used]
    return (free or list(classes))[::-1]


def made_first(run: Evaluator, world: TorchWorld, classes: Container[str], names: list[str]) -> list[str]:
    """The classes that may be meant, likeliest first: those that the code makes before others, parts of another and
    losses at the end. Where it makes none of them, the one that it does make comes first."""
    made = [name for name in world.constructed if name in classes]
    held = _held(run) if len(names) > 1 else set()
    first = [] if {*made} & {*names} else made[:1]
    return first + sorted(names, key=lambda name: (_is_loss(name), name not in made, name in held))


def _held(run: Evaluator) -> set[str]:
    """The classes whose objects stand only in objects of other classes that have names at module level."""
    named = [value for value in run.globals.names.values() if isinstance(value, ModuleObject)]
    parts = {part.cls.name for value in named for _, part in walked(value) if isinstance(part, ModuleObject)}
    return parts - {value.cls.name for value in named}


def has_a_name(run: Evaluator, meant: Meant) -> bool:
    """Whether the code keeps an object of the class, or the network itself, under a name at module level."""
    held = [value for value in run.globals.names.values() if isinstance(value, Module)]
    return any(value is meant[1] or (isinstance(value, ModuleObject) and value.cls is meant[1]) for value in held)


def _is_loss(name: str) -> bool:
    """Whether a class computes a loss, by its name: it is not a network although it is a module."""
    return name.lower().endswith(("loss", "criterion"))


def _used_by_others(words: dict[str, set[str]], classes: Iterable[str]) -> set[str]:
    """The names that some other class reaches, by way of what it names.

    Each name remembers two of the classes that reach it, as one of them is another than itself; so each word is looked
    at twice at most, however the classes name each other.
    """
    reached: dict[str, set[str]] = {}
    waiting = [(name, name) for name in classes]
    for name, start in waiting:
        for word in words.get(name, ()):
            known = reached.setdefault(word, set()) if word in words else {start}
            if start not in known and len(known) < 2:
                known.add(start)
                waiting.append((word, start))
    return {name for name, starts in reached.items() if starts - {name}}


def is_better_told(reading: Reading, than: Reading) -> bool:
    """Whether the input of a class is known and that of a likelier one is not: a GAN is called on noise alone."""
    if than.needs_input_shape or than.shape_told == "guess":
        return not reading.needs_input_shape and not reading.doubt
    return bool(than.doubt) and reading.shape_told == "example call"


def is_free(classes: dict[str, UserClass], inside: set[str]) -> bool:
    """Whether some class, other than a loss, is not only a part of a container at module level."""
    return any(not _is_loss(name) for name in set(classes) - inside)


def in_made(run: Evaluator) -> set[str]:
    """Classes whose objects stand in a container that has a name at module level, whatever function made it."""
    named = [value for value in run.globals.names.values() if isinstance(value, Group) and value.owner is None]
    found = [module for value in named if value.kind == "Sequential" for _, module in walked(value)]
    return {module.cls.name for module in found if isinstance(module, ModuleObject)}


def makers(tree: ast.Module, run: Evaluator, classes: dict[str, UserClass]) -> Iterator[UserFunction]:
    """The functions that return a container of a class's objects, which nothing else in the code makes."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _returns_sequential(node)]
    words = {id(node): _words(node) for node in tree.body} if functions else {}
    for node in functions:
        function = run.globals.names.get(node.name)
        used = words[id(node)] & {*classes}
        others = set[str]().union(*(words[id(other)] for other in tree.body if other is not node))
        is_its = isinstance(function, UserFunction) and function.node is node
        if isinstance(function, UserFunction) and is_its and used and not others & {*used, node.name}:
            yield function


def _returns_sequential(node: ast.FunctionDef) -> bool:
    return any(isinstance(part, ast.Return) and _is_sequential(part.value) for part in walk(node))


def _is_sequential(node: ast.AST | None) -> bool:
    func = node.func if isinstance(node, ast.Call) else None
    return getattr(func, "attr", getattr(func, "id", "")) == "Sequential"


def built_first(ranked: Sequence[Meant], builders: Builders) -> str | None:
    """The first function that makes the likeliest class, where that class cannot be made without arguments."""
    cls = ranked[0][1] if ranked else None
    if not isinstance(cls, UserClass) or not needs_arguments(cls):
        return None
    return next((name for name, (_, made) in builders.items() if made is cls), None)


def built_by(name: str, builders: Builders) -> Note:
    """The remark that a function of the code made the network, though no line calls it."""
    words = f"No line makes a model, so this is read as {name}()."
    return Note(None, f"{words} Choose another under Class." if len(builders) > 1 else words)


def single_layers(tree: ast.Module, run: Evaluator) -> list[LayerModule]:
    """Layers that stand alone at module level; one that is set into something else is a part of that."""
    found = []
    for statement in tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(statement, ast.Expr) or (isinstance(statement, ast.Assign) and isinstance(target, ast.Name)):
            value = run.globals.names.get(target.id) if isinstance(target, ast.Name) else None
            try:
                if not isinstance(value, LayerModule) or value.node is not statement.value:
                    value = run.evaluate(statement.value, run.globals)
            except Fault:
                continue
            if isinstance(value, LayerModule):
                found.append(value)
    return found


def free(run: Evaluator, world: TorchWorld) -> Sequence[Module]:
    """The containers and known networks at module level that can be meant, the likeliest first.

    That is the last one that is not part of another. Known networks before it may be meant too, where it is not made of
    their layers.
    """
    away = {id(module) for _, _, value in world.given_away for _, module in walked(value)}
    whole = [each for each in world.groups if isinstance(each, Part) or each.kind == "Sequential"]
    alone = [each for each in whole if each.owner is None and id(each) not in away]
    if not alone:
        return [value for _, _, value in world.given_away if isinstance(value, Group | LayerModule)][-1:]
    named = [value for value in run.globals.names.values() if isinstance(value, Module)]
    last = _taken_of(alone[-1], alone, named) if isinstance(alone[-1], Part) else alone[-1]
    before = [each for each in alone[-2::-1] if isinstance(each, Part)][:MOST_NAMED]
    return [last, *(each for each in before if not _share(each, last))]


def _taken_of(part: Part, alone: list[Any], named: list[Module]) -> Module:
    """What was made of a known network's layers, and is what is meant then; the network itself where nothing was."""
    groups = [each for each in alone if isinstance(each, Group) and _share(part, each)]
    if groups or part in named:
        return groups[-1] if groups else part
    taken = [each for each in named if isinstance(each, Group | Part) and _share(part, each)]
    return taken[-1] if taken else part


def _share(one: Module, other: Module) -> bool:
    """Whether two modules have a module in common."""
    known = {id(module) for _, module in walked(one)}
    return any(id(module) in known for _, module in walked(other))


def another_shown(first: Meant, shown: Meant, missed: SourceError) -> Flaw:
    """The remark that the likeliest network could not be read, so that another one is shown."""
    name, other = first[0], shown[0] or "another network"
    words = f"{name} could not be read, so {other} is shown. {missed.reason}"
    return Flaw(missed.line, short(words), kind="part", title=f"{name} is not shown")


def made_without(fault: Fault, paste: Paste) -> Flaw:
    """The remark that a line of the function that makes the network was not followed."""
    line = paste.place(fault.node)[0] if fault.node is not None else None
    words = f"We left out this line of the function that makes the network. {fault.reason}"
    return Flaw(line, short(words), kind="part", title="A line of the code is not shown")


def named_besides(tries: Sequence[tuple[str | None, Any, ast.AST]], shown: tuple[str | None, Any, ast.AST]) -> str:
    """A sentence where the code makes several known networks and one of them is shown; "" otherwise."""
    parts = [network for _, network, _ in tries if isinstance(network, Part)]
    if shown[1] not in parts or len(parts) < 2:
        return ""
    names = list(dict.fromkeys(part.path for part in parts[::-1]))
    return f"The code makes {len(parts)} networks: {joined(names[:MOST_NAMED])}. The last one is shown."


def in_others(world: TorchWorld) -> set[str]:
    """Classes whose objects were set into a known network, or into one that is not in the paste."""
    parts = [each for each in world.groups if isinstance(each, Part)]
    values = [*parts, *(value for _, _, value in world.given_away)]
    found = [module for value in values for _, module in walked(value)]
    return {module.cls.name for module in found if isinstance(module, ModuleObject)}


def around(world: TorchWorld, network: object) -> Fault | None:
    """That the network is only a part of one that is not in the paste; None where it is none."""
    for owner, name, value in world.given_away:
        inside = [module for _, module in walked(value)]
        if any(network in (module, getattr(module, "cls", None)) for module in inside):
            return Fault(f"{owner.reason} Only the part assigned to {name} is shown.", owner.node)
    return None


def _named_in(tree: ast.Module, nodes: Sequence[ast.AST]) -> dict[str, set[str]]:
    """The names that stand in each class and function of the paste; a line of code belongs to one of them alone."""
    first = [_first_line(statement) for statement in tree.body]
    words: list[set[str]] = [set() for _ in tree.body]
    for node in nodes:
        if type(node) is ast.Name:
            words[bisect_right(first, node.lineno) - 1].add(node.id)
    pairs = zip(tree.body, words, strict=True)
    return {each.name: names for each, names in pairs if isinstance(each, ast.ClassDef | ast.FunctionDef)}


def _first_line(node: ast.stmt) -> int:
    """Where a statement begins, with the decorators above it."""
    marks: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(mark.lineno for mark in marks)])


def _words(node: ast.AST) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name)}


def in_containers(tree: ast.Module) -> set[str]:
    """Classes that stand inside nn.Sequential(...) at module level."""
    found: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.Expr | ast.AnnAssign):
            rows: list[ast.AST] = [statement]
            for node in rows:
                if _is_container(node):  # with all that is in it, containers too
                    found |= _words(node)
                else:
                    rows.extend(children(node))
    return found


def _is_container(node: ast.AST) -> bool:
    func = node.func if isinstance(node, ast.Call) else None
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    return name in ("Sequential", "add_module", "append")
