"""super().__init__() that is missing, late, misspelled or never called: torch takes no layer before it ran."""

import ast
from typing import TYPE_CHECKING

from layerscope.source.python.callables import Scope, UserFunction
from layerscope.source.python.classes import Object
from layerscope.source.reading import Span
from layerscope.source.remarks.argument_errors import named_super
from layerscope.source.torch.module_objects import ModuleObject

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

NOT_INITIALISED = "cannot assign module before Module.__init__() call"
WITHOUT_OBJECT = "descriptor '__init__' of 'super' object needs an argument"
_INIT = frozenset({"init", "int", "inti", "intit", "iint", "iniit", "innit", "initt", "ini", "nit"})
"""Letters that are written for those of __init__."""

Changes = tuple[tuple[Span, str], ...]
WHOLE = "super().__init__()"


def is_misspelled_init(name: str) -> bool:
    """Whether a name is __init__ with other underscores or letters."""
    return name != "__init__" and name.strip("_").lower() in _INIT


def reaches(run: "Evaluator", node: ast.Call, scope: Scope, instance: Object) -> bool:
    """Whether super() in this form reaches anything; remarks where it names another class."""
    if len(node.args) == 1:  # super(Net) alone reaches nothing
        if isinstance(instance, ModuleObject):
            instance.unbound = node
        return False
    if node.args:
        named_super(run, node, scope, instance)
    return True


def without_super(run: "Evaluator", instance: ModuleObject, init: UserFunction | None) -> None:
    """torch accepts no layer before Module.__init__ has run."""
    name = instance.cls.name
    words = f"PyTorch raises AttributeError: {NOT_INITIALISED}."
    body = init.node.body if init is not None and isinstance(init.node, ast.FunctionDef) else []
    if instance.unbound is not None:
        changes: Changes = ((run.paste.span(instance.unbound), "super()"),)
        text = run.paste.quote(instance.unbound)
        sentence = f"{text}.__init__() does not reach nn.Module.__init__: {words} super().__init__() does."
        _flaw(run, sentence, instance.unbound, f"{name} does not call {WHOLE}", changes, "super()")
    elif (slip := next(filter(None, map(_slip_of, body)), None)) is not None:
        _misspelled(run, slip, name)
    elif instance.initialised:
        sentence = f"{name}.__init__ calls {WHOLE} after its first layer: {words} Move it to the top."
        changes = _moved_up(run, body)
        _flaw(run, sentence, instance.early or instance.cls.node, f"{WHOLE} of {name} comes too late", changes, WHOLE)
    else:
        sentence = f"{name}.__init__ never calls {WHOLE}: {words} Add it before the first layer."
        changes = _first_line(run, body)
        _flaw(run, sentence, instance.cls.node, f"{name} does not call {WHOLE}", changes, WHOLE)


def _flaw(
    run: "Evaluator", sentence: str, node: ast.AST, title: str, changes: Changes, text: str,
    quote: str = NOT_INITIALISED,
) -> None:  # fmt: skip
    label = f"Line {changes[0][0].line}: write {text}" if changes else ""
    run.remarks.flaw(sentence, node, kind="super", tone="error", title=title, quote=quote, label=label, changes=changes)


def _slip_of(statement: ast.stmt) -> tuple[ast.expr, ast.Attribute] | None:
    """A statement that was meant to be super().__init__(): the whole of it, and its last name."""
    whole = statement.value if isinstance(statement, ast.Expr) else None
    name = whole.func if isinstance(whole, ast.Call) else whole
    if (
        whole is None
        or not isinstance(name, ast.Attribute)
        or (name.attr != "__init__" and not is_misspelled_init(name.attr))
    ):
        return None
    above = name.value.func if isinstance(name.value, ast.Call) else name.value
    if not isinstance(above, ast.Name) or above.id != "super":
        return None
    is_right = name.attr == "__init__" and isinstance(whole, ast.Call) and isinstance(name.value, ast.Call)
    return None if is_right else (whole, name)


def _misspelled(run: "Evaluator", slip: tuple[ast.expr, ast.Attribute], name: str) -> None:
    """super()._init_(), super().__init__ without its brackets, super.__init__()."""
    whole, last = slip
    text = run.paste.quote(whole)
    if last.attr != "__init__":
        quote = f"'super' object has no attribute '{last.attr}'"
        sentence = f"{text} is misspelled: __init__ has two underscores on each side."
        changes: Changes = ((run.paste.last_name(last), "__init__"),)
        if not isinstance(whole, ast.Call):
            changes = ((run.paste.span(whole), WHOLE),)
    elif not isinstance(whole, ast.Call):
        quote = NOT_INITIALISED
        sentence = f"{text} names the method but does not call it: add () at the end."
        changes = ((run.paste.span(whole), WHOLE),)
    else:
        quote = WITHOUT_OBJECT
        sentence = f"{text} needs () after super: super is a class, super() makes the object."
        changes = ((run.paste.span(last.value), "super()"),)
    _flaw(run, sentence, whole, f"{WHOLE} of {name} is misspelled", changes, changes[0][1], quote)


def _first_line(run: "Evaluator", body: list[ast.stmt]) -> Changes:
    if not body:
        return ()
    head = body[0].value if isinstance(body[0], ast.Expr) else None
    is_docstring = isinstance(head, ast.Constant) and isinstance(head.value, str)
    first = body[1] if is_docstring and len(body) > 1 else body[0]
    indent = run.paste.indentation(first)
    return () if indent is None else ((run.paste.before(first), f"{WHOLE}\n{indent}"),)


def _moved_up(run: "Evaluator", body: list[ast.stmt]) -> Changes:
    """super().__init__() as the first line, and its own line gone; nothing where it shares that line."""
    late = next((part for part in body if _calls_init(part)), None)
    first = _first_line(run, body)
    if late is None or not first or run.paste.indentation(late) is None or late.lineno != late.end_lineno:
        return ()
    following = next((part for part in body if part.lineno == late.lineno and part is not late), None)
    line = run.paste.span(late).line
    return () if following else (*first, (Span(line, 1, line + 1, 1), ""))


def _calls_init(node: ast.stmt) -> bool:
    """Whether it is super().__init__(), in any of its spellings."""
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
