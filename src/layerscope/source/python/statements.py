"""What statements do. Conditions and loops on constants are followed; on anything else they are left out or refused."""

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from layerscope import limits
from layerscope.source.python.callables import Returned, Scope, UserFunction
from layerscope.source.python.classes import Object, UserClass
from layerscope.source.python.evaluating import binary, by_chance
from layerscope.source.python.match_patterns import matches
from layerscope.source.python.sequences import bind
from layerscope.source.python.values import CodeFault, Fault, Symbol, Unknown, Value
from layerscope.source.reading import SourceError
from layerscope.source.text.paste import short
from layerscope.source.text.scan import children
from layerscope.text import cleaned, on_one_line

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

BREAK, CONTINUE = "break", "continue"
_CHANGING = {"append", "extend", "insert", "add_module", "register_module", "update", "setattr", "pop", "remove"}


_SKIPPING = (ast.Continue, ast.Break, ast.Return, ast.Pass)
"""What a branch begins with that leaves something out."""


class Raised(CodeFault):
    """The code itself raises an exception here: what it says is the reason."""


def execute(run: "Evaluator", body: Iterable[ast.stmt], scope: Scope) -> Any:
    """Do statements; the signal that ended them, or None. Raises Fault."""
    for statement in body:
        run.tick(statement)
        work = STATEMENTS.get(type(statement))
        if work is None:
            raise Fault(f"Layerscope cannot follow {type(statement).__name__.lower()}.", statement)
        try:
            signal = work(run, statement, scope)
        except Fault as fault:
            if not run.is_lenient or (isinstance(fault, Raised) and run.leaves_at_once):
                raise
            if (run.calls or isinstance(fault, Raised)) and not run.asides:
                run.left_out.append(fault)
            continue
        if signal is not None:
            return signal
    return None


def _nothing(run: "Evaluator", node: ast.stmt, scope: Scope) -> None:
    return None


def _raise(run: "Evaluator", node: ast.Raise, scope: Scope) -> Any:
    raise Raised(f"The code raises an error here: {_said(run, node, scope) or run.paste.quote(node)}.", node)


def _said(run: "Evaluator", node: ast.Raise, scope: Scope) -> str:
    """What an error says that is raised, such as "ValueError: 3 heads do not divide 64"; "" where it is not known."""
    match node.exc:
        case ast.Call(func=ast.Name(id=kind), args=[words], keywords=[]):
            try:
                text = run.evaluate(words, scope)
            except Fault:
                return ""
            return f"{kind}: {on_one_line(cleaned(text)).strip().rstrip('.')}" if isinstance(text, str) and text else ""
    return ""


def _expression(run: "Evaluator", node: ast.Expr, scope: Scope) -> None:
    if isinstance(node.value, ast.Constant):
        return
    if (meant := run.watch.meant(run, node, scope)) is not None:
        execute(run, [meant], scope)
    else:
        run.watch.dropped(run, node, run.evaluate(node.value, scope), scope)


def _return(run: "Evaluator", node: ast.Return, scope: Scope) -> Returned:
    return Returned(None if node.value is None else run.evaluate(node.value, scope), node)


def _break(run: "Evaluator", node: ast.Break, scope: Scope) -> str:
    return BREAK


def _continue(run: "Evaluator", node: ast.Continue, scope: Scope) -> str:
    return CONTINUE


def _assign(run: "Evaluator", node: ast.Assign, scope: Scope) -> None:
    value = run.evaluate(node.value, scope)
    node, value = run.watch.assigning(run, node, value, scope)
    run.world.assigned(run, node, value)
    for target in node.targets:
        bind(run, target, value, scope)


def _annotated(run: "Evaluator", node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        bind(run, node.target, run.evaluate(node.value, scope), scope)
    elif (meant := run.watch.meant(run, node, scope)) is not None:
        execute(run, [meant], scope)


def _augmented(run: "Evaluator", node: ast.AugAssign, scope: Scope) -> None:
    before = run.evaluate(node.target, scope)
    value = run.evaluate(node.value, scope)
    if isinstance(before, list) and isinstance(node.op, ast.Add) and (row := run.items(value, node)) is not None:
        before.extend(row)
        run.tick(node, len(before))
    else:
        bind(run, node.target, binary(run, node.op, before, value, node), scope)


def _if(run: "Evaluator", node: ast.If, scope: Scope) -> Any:
    truth, value = _decided(run, node, scope)
    if truth is None and isinstance(value, Value) and value.chance and not run.is_lenient:
        truth = by_chance(run, node.test, not isinstance(node.body[0], _SKIPPING))
    if truth is not None:
        return execute(run, node.body if truth else node.orelse, scope)
    if run.is_lenient:
        run.aside([*node.body, *node.orelse], scope)
    _leave_out(run, node, [*node.body, *node.orelse], scope, f"if {run.paste.quote(node.test)}", value)
    return None


def _decided(run: "Evaluator", node: ast.If | ast.While, scope: Scope) -> tuple[bool | None, Any]:
    """Whether a condition is true, None where that is unknown; and its value."""
    try:
        value = run.evaluate(node.test, scope)
        return run.truth(value), value
    except Fault as fault:
        if run.is_beyond():
            raise
        word = "while" if isinstance(node, ast.While) else "if"
        raise Fault(f"{word} {run.paste.quote(node.test)} depends on the numbers in the tensor.", node) from fault


def _leave_out(run: "Evaluator", node: ast.AST, body: list[ast.stmt], scope: Scope, what: str, value: Any) -> None:
    """Go past statements that may or may not happen, where they can change nothing that is shown."""
    for part in _parts(run, body):
        name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
        known = scope.find(name) if isinstance(part, ast.Name) else None
        stands_for = known.names[name] if known is not None else None
        changes = isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and _is_own(part, scope)
        touches = isinstance(stands_for, Value) and stands_for.carries
        if changes or name in _CHANGING or isinstance(part, ast.Return) or touches:
            if isinstance(value, Unknown) and value.missing:
                raise Fault(value.reason, value.node)
            if isinstance(value, Value) and (value.carries or getattr(value, "of_numbers", False)):
                raise Fault(f"{what} depends on the numbers in the tensor.", node)
            raise Fault(f"The result of {what} is only known when the code runs.", node)
    for part in _parts(run, body):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            is_missing = isinstance(value, Unknown) and value.missing
            words = "" if is_missing else f"{part.id} depends on {what}, which only the run decides."
            scope.give(part.id, run.unknown(part, words, among=[value] if is_missing else ()))


def _parts(run: "Evaluator", body: list[ast.stmt]) -> list[ast.AST]:
    """All nodes of these statements but those of complaints and prints, which change nothing."""
    found: list[ast.AST] = list(body)
    for part in found:
        run.tick(part)
        prints = isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "print"
        if not (isinstance(part, ast.Raise | ast.Assert) or prints):
            found.extend(children(part))
    return found


def _is_own(node: ast.Attribute, scope: Scope) -> bool:
    known = scope.find(node.value.id) if isinstance(node.value, ast.Name) else None
    return known is not None and isinstance(node.value, ast.Name) and isinstance(known.names[node.value.id], Object)


def _for(run: "Evaluator", node: ast.For, scope: Scope) -> Any:
    value = run.evaluate(node.iter, scope)
    row = run.items(value, node)
    if run.is_lenient and (row is None or run.goes_once):
        _shown_once(run, node, scope, row)
    if run.goes_once:
        return None
    if row is None:
        if isinstance(value, Value) and value.carries:
            raise Fault(f"The code does not say how often for ... in {run.paste.quote(node.iter)} runs.", node)
        _leave_out(run, node, node.body, scope, f"for ... in {run.paste.quote(node.iter)}", value)
        return None
    for item in run.world.turns(run, node, row, scope):
        bind(run, node.target, item, scope)
        signal = execute(run, node.body, scope)
        if signal is BREAK:
            return None
        if isinstance(signal, Returned):
            return signal
    return execute(run, node.orelse, scope)


def _shown_once(run: "Evaluator", node: ast.For, scope: Scope, row: list[Any] | None) -> None:
    """Go through a loop's body once, for what it shows."""
    names: dict[str, Any] = {}
    if row is None or row:
        inner = Scope(names, scope, scope.instance, scope.owner)
        bind(run, node.target, row[0] if row else run.unknown(node.iter), inner)
        run.aside(node.body, inner)


def _while(run: "Evaluator", node: ast.While, scope: Scope) -> Any:
    if run.goes_once:
        return run.aside(node.body, scope)
    while True:
        truth, value = _decided(run, node, scope)
        if truth is None:
            _leave_out(run, node, node.body, scope, f"while {run.paste.quote(node.test)}", value)
            return None
        if not truth:
            return execute(run, node.orelse, scope)
        signal = execute(run, node.body, scope)
        if signal is BREAK or isinstance(signal, Returned):
            return None if signal is BREAK else signal


def _with(run: "Evaluator", node: ast.With, scope: Scope) -> Any:
    for item in node.items:
        if item.optional_vars is not None:
            bind(run, item.optional_vars, run.unknown(item.context_expr), scope)
    return execute(run, node.body, scope)


def _try(run: "Evaluator", node: ast.Try, scope: Scope) -> Any:
    run.tries += 1
    try:
        signal = execute(run, [*node.body, *node.orelse], scope)
    except Raised:
        if not node.handlers:
            raise
        signal = execute(run, node.handlers[0].body, scope)
    finally:
        run.tries -= 1
    after = execute(run, node.finalbody, scope)
    return signal if after is None else after


def _import(run: "Evaluator", node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        whole = alias.name if alias.asname else alias.name.partition(".")[0]
        scope.give(alias.asname or whole, Symbol(whole))


def _import_from(run: "Evaluator", node: ast.ImportFrom, scope: Scope) -> None:
    for alias in node.names:
        if alias.name == "*":
            continue  # what it brings is assumed by name
        scope.give(alias.asname or alias.name, run.world.imported(f"{node.module or ''}.{alias.name}"))


def _function(run: "Evaluator", node: ast.FunctionDef, scope: Scope) -> None:
    marks = [part.id for part in node.decorator_list if isinstance(part, ast.Name)]
    kind = next((mark for mark in marks if mark in ("staticmethod", "classmethod", "property")), "")
    scope.give(node.name, UserFunction(node, scope, None, kind))


def _class(run: "Evaluator", node: ast.ClassDef, scope: Scope) -> None:
    inner = Scope({}, scope)
    fields = tuple(row for row in node.body if isinstance(row, ast.AnnAssign)) if _is_record(node) else ()
    made = UserClass(node, tuple(run.evaluate(base, scope) for base in node.bases), inner.names, fields)
    if (above := len(made.line) - 1) > limits.BASES.most:
        raise SourceError(short(limits.BASES.sentence(name=node.name, found=above)), *run.paste.place(node))
    for statement in node.body:
        try:
            execute(run, [statement], inner)
        except Fault:  # what a class body holds besides its methods seldom matters
            continue
    for member in inner.names.values():
        if isinstance(member, UserFunction) and member.owner is None:
            # Methods do not see the names of the class body.
            member.owner, member.scope = made, scope
    scope.give(node.name, made)


def _is_record(node: ast.ClassDef) -> bool:
    """Whether the class is a dataclass or a NamedTuple: its annotations are what its objects hold."""
    marks = [part.func if isinstance(part, ast.Call) else part for part in node.decorator_list]
    names = [getattr(part, "attr", getattr(part, "id", "")) for part in (*marks, *node.bases)]
    return bool({"dataclass", "NamedTuple"} & {*names})


def _match(run: "Evaluator", node: ast.Match, scope: Scope) -> Any:
    subject = run.evaluate(node.subject, scope)
    for place, case in enumerate(node.cases):
        names: dict[str, Any] = {}
        found = matches(run, case.pattern, subject, scope, names)
        if found and case.guard is not None:
            found = run.truth(run.evaluate(case.guard, Scope(names, scope, scope.instance, scope.owner)))
        if found is None:
            rest = [statement for other in node.cases[place:] for statement in other.body]
            if run.is_lenient:
                run.aside(rest, scope)
            _leave_out(run, node, rest, scope, f"match {run.paste.quote(node.subject)}", subject)
            return None
        if found:
            for name, value in names.items():
                scope.give(name, value)
            return execute(run, case.body, scope)
    return None


STATEMENTS: dict[type[ast.stmt], Callable[..., Any]] = {
    ast.AnnAssign: _annotated,
    ast.Assert: _nothing,
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.Break: _break,
    ast.ClassDef: _class,
    ast.Continue: _continue,
    ast.Delete: _nothing,
    ast.Expr: _expression,
    ast.For: _for,
    ast.FunctionDef: _function,
    ast.Global: _nothing,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Match: _match,
    ast.Nonlocal: _nothing,
    ast.Pass: _nothing,
    ast.Raise: _raise,
    ast.Return: _return,
    ast.Try: _try,
    ast.While: _while,
    ast.With: _with,
}
