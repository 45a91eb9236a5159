"""Which of a paste's classes is the network: the last one that no other class uses as a layer."""

import ast

from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.values import UserClass
from layerscope.source.limits import children

BASES = ("Module", "Sequential", "LightningModule")


def module_classes(machine: Interpreter) -> dict[str, UserClass]:
    """The classes that are networks or parts of them, in order of their lines."""
    classes = [value for value in machine.globals.names.values() if isinstance(value, UserClass)]
    found = [cls for cls in classes if cls.root in BASES or _forgot_its_base(cls)]
    for cls in found:
        if cls.root not in BASES:
            machine.note(f"{cls.name} is not built on nn.Module; class {cls.name}(nn.Module) is meant.", cls.node)
    return {cls.name: cls for cls in sorted(found, key=lambda cls: cls.node.lineno)}


def _forgot_its_base(cls: UserClass) -> bool:
    return not cls.root and "forward" in cls.members and "__init__" in cls.members


def ordered(tree: ast.Module, classes: dict[str, UserClass]) -> list[str]:
    """The classes that can be meant, the likeliest first: those that no other one uses, from the last to the first."""
    if len(classes) < 2:
        return list(classes)
    words = {node.name: _words(node) for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    used: set[str] = set()
    for name in classes:
        reached, waiting = {name}, [name]
        while waiting:
            for word in words.get(waiting.pop(), set()) & words.keys() - reached:
                reached.add(word)
                waiting.append(word)
        used |= reached - {name}
    used |= _in_containers(tree)
    free = [name for name in classes if name not in used]
    return (free or list(classes))[::-1]


def is_free(tree: ast.Module, classes: dict[str, UserClass]) -> bool:
    """Whether some class is not only a part of a container at module level."""
    return bool(set(classes) - _in_containers(tree))


def walk(node: ast.AST) -> list[ast.AST]:
    """A node and all nodes below it."""
    found = [node]
    for part in found:
        found.extend(children(part))
    return found


def _words(node: ast.AST) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name)}


def _in_containers(tree: ast.Module) -> set[str]:
    """Classes that stand inside nn.Sequential(...) at module level."""
    found: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.Expr | ast.AnnAssign):
            for node in walk(statement):
                name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
                name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else name
                if name in ("Sequential", "add_module", "append"):
                    found |= _words(node)
    return found
