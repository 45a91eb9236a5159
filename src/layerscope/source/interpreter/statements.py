"""What statements do. Conditions and loops on constants are followed; on anything else they are left out or refused."""

import ast
from abc import ABC
from collections.abc import Iterable
from typing import Any

from layerscope import limits
from layerscope.source.interpreter.binding import Binding
from layerscope.source.interpreter.machine import CHAIN, handler
from layerscope.source.interpreter.made import Instance, Scope, UserClass, UserFunction
from layerscope.source.interpreter.slips import Slips
from layerscope.source.interpreter.values import Data, Dim, Fault, Sizes, Symbol, Unknown
from layerscope.source.paste import short
from layerscope.source.reading import SourceError
from layerscope.source.scan import children

BREAK, CONTINUE = "break", "continue"
_CHANGING = {"append", "extend", "insert", "add_module", "register_module", "update", "setattr", "pop", "remove"}


class Returned:
    """A function's result on its way out."""

    def __init__(self, value: Any, node: ast.AST) -> None:
        self.value, self.node = value, node


class Statements(Binding, Slips, ABC):
    """Assignments, conditions, loops, definitions."""

    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> Any:
        for statement in body:
            self.tick(statement)
            method = getattr(self, handler("_do_", type(statement).__name__), None)
            if method is None:
                raise Fault(f"{type(statement).__name__.lower()} is not followed. {CHAIN}", statement)
            signal = method(statement, scope)
            if signal is not None:
                return signal
        return None

    def _do_nothing(self, node: ast.stmt, scope: Scope) -> None:
        return None

    _do_pass = _do_assert = _do_global = _do_nonlocal = _do_delete = _do_nothing

    def _do_raise(self, node: ast.Raise, scope: Scope) -> Any:
        return Returned(None, node)

    def _do_expr(self, node: ast.Expr, scope: Scope) -> None:
        if not isinstance(node.value, ast.Constant):
            self.not_kept(node, self.evaluate(node.value, scope), scope)

    def _do_return(self, node: ast.Return, scope: Scope) -> Returned:
        return Returned(None if node.value is None else self.evaluate(node.value, scope), node)

    def _do_break(self, node: ast.Break, scope: Scope) -> str:
        return BREAK

    def _do_continue(self, node: ast.Continue, scope: Scope) -> str:
        return CONTINUE

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        before = len(self.uses)
        value = self.evaluate(node.value, scope)
        if self.exact and len(self.uses) > before and self.uses[-1].inside is (self.within or [None])[-1]:
            self.labelled(node.targets[0])
        for target in node.targets:
            self.bind(target, value, scope)

    def labelled(self, target: ast.expr) -> None:
        """In code written row by row the variable says what the row is called."""
        while isinstance(target, ast.Tuple) and target.elts:
            target = target.elts[0]
        if isinstance(target, ast.Name):
            self.uses[-1].label = target.id

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        before = self.evaluate(node.target, scope)
        value = self.evaluate(node.value, scope)
        if isinstance(before, list) and isinstance(node.op, ast.Add) and (row := self.items(value, node)) is not None:
            before.extend(row)
            self.tick(node, len(before))
        else:
            self.bind(node.target, self.binary(node.op, before, value, node), scope)

    def _do_if(self, node: ast.If, scope: Scope) -> Any:
        truth, value = self._decided(node, scope)
        if truth is not None:
            return self.execute(node.body if truth else node.orelse, scope)
        self._leave_out(node, [*node.body, *node.orelse], scope, f"if {self.paste.quote(node.test)}", value)
        return None

    def _decided(self, node: ast.If | ast.While, scope: Scope) -> tuple[bool | None, Any]:
        """Whether a condition holds, None where that cannot be told; and its value."""
        try:
            value = self.evaluate(node.test, scope)
            return self.truth(value), value
        except Fault as fault:
            if self.is_beyond():
                raise
            word = "while" if isinstance(node, ast.While) else "if"
            test = self.paste.quote(node.test)
            raise Fault(f"{word} {test} depends on the numbers in the tensor. {CHAIN}", node) from fault

    def _leave_out(self, node: ast.AST, body: list[ast.stmt], scope: Scope, what: str, value: Any) -> None:
        """Go past statements that may or may not happen, where they can change nothing that is shown."""
        for part in self._parts(body):
            name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
            known = scope.find(name) if isinstance(part, ast.Name) else None
            stands_for = known.names[name] if known is not None else None
            changes = isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and self._is_own(part, scope)
            if changes or name in _CHANGING or isinstance(part, ast.Return) or isinstance(stands_for, Data):
                if isinstance(value, Unknown) and value.missing:
                    raise Fault(value.reason, value.node)
                raise Fault(f"What happens at {what} cannot be told before the code runs. {CHAIN}", node)
        for part in self._parts(body):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                scope.names[part.id] = self.unknown(part, f"{part.id} depends on {what}, which cannot be told.")

    def _parts(self, body: list[ast.stmt]) -> list[ast.AST]:
        """All nodes of these statements but those of complaints and prints, which change nothing."""
        found: list[ast.AST] = list(body)
        for part in found:
            self.tick(part)
            prints = isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "print"
            if not (isinstance(part, ast.Raise | ast.Assert) or prints):
                found.extend(children(part))
        return found

    def _is_own(self, node: ast.Attribute, scope: Scope) -> bool:
        known = scope.find(node.value.id) if isinstance(node.value, ast.Name) else None
        return (
            known is not None and isinstance(node.value, ast.Name) and isinstance(known.names[node.value.id], Instance)
        )

    def _do_for(self, node: ast.For, scope: Scope) -> Any:
        value = self.evaluate(node.iter, scope)
        if isinstance(value, Sizes) and self._multiplies(node):
            self.bind(node.target, Dim(value.data, (0,) if value.start == 0 else (), rest=True), scope)
            if value.start > 1:
                self.bind(node.target, self.unknown(node.iter), scope)
            return self.execute(node.body, scope)
        if isinstance(value, Data):
            raise Fault(f"The tensor is taken apart here. {CHAIN}", node)
        row = self.items(value, node)
        if row is None:
            self._leave_out(node, node.body, scope, f"for ... in {self.paste.quote(node.iter)}", value)
            return None
        for item in row:
            self.bind(node.target, item, scope)
            signal = self.execute(node.body, scope)
            if signal is BREAK:
                return None
            if isinstance(signal, Returned):
                return signal
        return self.execute(node.orelse, scope)

    @staticmethod
    def _multiplies(node: ast.For) -> bool:
        """Whether a loop only multiplies its items together."""
        operators = (
            part.op if isinstance(part, ast.AugAssign) else getattr(getattr(part, "value", None), "op", None)
            for part in node.body
        )
        return all(isinstance(operator, ast.Mult) for operator in operators)

    def _do_while(self, node: ast.While, scope: Scope) -> Any:
        while True:
            truth, value = self._decided(node, scope)
            if truth is None:
                self._leave_out(node, node.body, scope, f"while {self.paste.quote(node.test)}", value)
                return None
            if not truth:
                return self.execute(node.orelse, scope)
            signal = self.execute(node.body, scope)
            if signal is BREAK or isinstance(signal, Returned):
                return None if signal is BREAK else signal

    def _do_with(self, node: ast.With, scope: Scope) -> Any:
        for item in node.items:
            if item.optional_vars is not None:
                self.bind(item.optional_vars, self.unknown(item.context_expr), scope)
        return self.execute(node.body, scope)

    def _do_try(self, node: ast.Try, scope: Scope) -> Any:
        return self.execute([*node.body, *node.orelse, *node.finalbody], scope)

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            scope.names[alias.asname or whole] = Symbol(whole)

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if alias.name == "*":
                continue  # what it brings is assumed by name, see ASSUMED
            scope.names[alias.asname or alias.name] = Symbol(f"{node.module or ''}.{alias.name}")

    def _do_functiondef(self, node: ast.FunctionDef, scope: Scope) -> None:
        marks = [part.id for part in node.decorator_list if isinstance(part, ast.Name)]
        kind = next((mark for mark in marks if mark in ("staticmethod", "classmethod", "property")), "")
        scope.names[node.name] = UserFunction(node, scope, None, kind)

    def _do_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope({}, scope)
        made = UserClass(node, tuple(self.evaluate(base, scope) for base in node.bases), inner.names)
        if (above := len(made.line) - 1) > limits.BASES.most:
            raise SourceError(short(limits.BASES.sentence(name=node.name, found=above)), *self.paste.place(node))
        for statement in node.body:
            try:
                self.execute([statement], inner)
            except Fault:  # what a class body holds besides its methods seldom matters
                continue
        for member in inner.names.values():
            if isinstance(member, UserFunction) and member.owner is None:
                # Methods do not see the names of the class body.
                member.owner, member.scope = made, scope
        scope.names[node.name] = made

    def _do_match(self, node: ast.stmt, scope: Scope) -> Any:
        raise Fault(f"match is not followed; a dictionary or if would work. {CHAIN}", node)
