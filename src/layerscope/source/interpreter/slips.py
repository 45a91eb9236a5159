"""Slips around a class of the paste: what torch refuses before the first layer runs, and the code put right."""

import ast
import difflib
from abc import ABC
from functools import lru_cache
from itertools import islice
from typing import Any

from layerscope.source.interpreter.machine import Machine
from layerscope.source.interpreter.made import Instance, Scope, UserClass, UserFunction
from layerscope.source.interpreter.values import Data
from layerscope.source.paste import Paste
from layerscope.source.reading import Span
from layerscope.source.scan import walk

NOT_INITIALISED = "cannot assign module before Module.__init__() call"
MISSPELLED = ("_init_", "__init_", "_init__", "__int__", "__inti__")

MOST_PARTS = 200
"""Parts of a call that are looked at for the name of the tensor, each time that it is followed."""
ALIKE = 0.82
"""How much a name must be like "forward" to be meant for it: foward, forwad, forword, _forward, fowrard."""

Changes = tuple[tuple[Span, str], ...]


class Slips(Machine, ABC):
    """Remarks about __init__, forward, and results that are not kept."""

    def __init__(self, paste: Paste) -> None:
        super().__init__(paste)
        self._set: dict[UserClass, dict[str, ast.Assign]] = {}

    def without_super(self, instance: Instance, init: UserFunction | None) -> None:
        """Torch takes no layer before Module.__init__ ran."""
        name = instance.cls.name
        words = f"torch would raise AttributeError: {NOT_INITIALISED}."
        if instance.unbound is not None:
            changes: Changes = ((self.paste.span(instance.unbound), "super()"),)
            text = self.paste.quote(instance.unbound)
            sentence = f"{text}.__init__() does not reach nn.Module.__init__: {words} super().__init__() does."
            self._flaw_of_init(
                sentence, instance.unbound, f"{name} does not call super().__init__()", changes, "super()"
            )
        elif instance.initialised:
            sentence = f"{name}.__init__ calls super().__init__() behind its first layer: {words} Move it to the top."
            changes = self._moved_up(init)
            title = f"super().__init__() of {name} is late"
            self._flaw_of_init(sentence, instance.early or instance.cls.node, title, changes, "super().__init__()")
        else:
            changes = self._first_line(init)
            sentence = f"{name}.__init__ never calls super().__init__(): {words} Add that line before the first layer."
            title = f"{name} does not call super().__init__()"
            self._flaw_of_init(sentence, instance.cls.node, title, changes, "super().__init__()")

    def _flaw_of_init(self, sentence: str, node: ast.AST, title: str, changes: Changes = (), text: str = "") -> None:
        label = f"Line {changes[0][0].line}: write {text}" if changes else ""
        self.flaw(sentence, node, tone="error", title=title, quote=NOT_INITIALISED, label=label, changes=changes)

    def _first_line(self, init: UserFunction | None) -> Changes:
        if init is None or not isinstance(init.node, ast.FunctionDef):
            return ()
        body = init.node.body
        return self._line_before(body[1] if len(body) > 1 and ast.get_docstring(init.node) is not None else body[0])

    def _moved_up(self, init: UserFunction | None) -> Changes:
        """super().__init__() as the first line, and its own line gone; nothing where it shares that line."""
        body = init.node.body if init is not None and isinstance(init.node, ast.FunctionDef) else []
        late = next((part for part in body if _calls_init(part)), None)
        first = self._first_line(init)
        if late is None or not first or self.paste.indentation(late) is None or late.lineno != late.end_lineno:
            return ()
        following = next((part for part in body if part.lineno == late.lineno and part is not late), None)
        line = self.paste.span(late).line
        return () if following else (*first, (Span(line, 1, line + 1, 1), ""))

    def _line_before(self, node: ast.stmt) -> Changes:
        place = self.paste.before(node)
        indent = self.paste.indentation(node)
        return () if indent is None else ((place, f"super().__init__()\n{indent}"),)

    def misspelled_init(self, cls: UserClass) -> UserFunction | None:
        """What was meant to be __init__, remarked upon; None where there is nothing like it."""
        for name in MISSPELLED:
            member = cls.members.get(name)
            if isinstance(member, UserFunction) and isinstance(member.node, ast.FunctionDef):
                node = member.node
                changes = self._renamed(node, "__init__")
                self.flaw(
                    f"{cls.name} has {name} in place of __init__ (two underscores on each side): Python never calls "
                    "it, so no layer is ever made. It is read as __init__.", node,
                    tone="error", title=f"__init__ of {cls.name} is misspelled",
                    label=f"Line {changes[0][0].line}: write __init__" if changes else "", changes=changes,
                )  # fmt: skip
                return member
        return None

    def forward_of(self, cls: UserClass) -> Any:
        """What runs when an object of the class is called: forward, __call__, or what was meant to be forward."""
        known = cls.find("forward") or cls.find("__call__")
        return known or next((found for each in cls.line if (found := self._misspelled_forward(each))), None)

    def _misspelled_forward(self, cls: UserClass) -> UserFunction | None:
        """What was meant to be forward, remarked upon; None where there is nothing like it, or it has callers."""
        named = [name for name in cls.members if _is_like_forward(name)]
        name = named[0] if len(named) == 1 else ""
        member = cls.members.get(name)
        node = member.node if isinstance(member, UserFunction) else None
        if not isinstance(node, ast.FunctionDef) or len(node.args.args) < 2 or f".{name}(" in self.paste.text:
            return None
        changes = self._renamed(node, "forward")
        self.flaw(
            f"{cls.name} has {name} in place of forward: torch looks for a method of just that name and raises "
            "NotImplementedError as soon as the network is called. It is read as forward.", node,
            tone="error", title=f"forward of {cls.name} is misspelled",
            quote=f'Module [{cls.name}] is missing the required "forward" function',
            label=f"Line {changes[0][0].line}: write forward" if changes else "", changes=changes,
        )  # fmt: skip
        return member if isinstance(member, UserFunction) else None

    def _renamed(self, node: ast.FunctionDef, name: str) -> Changes:
        """The change that gives a function another name; none where it is not written plainly."""
        head = f"def {node.name}"
        if not self.paste.segment(node).startswith((f"{head}(", f"{head} (")):
            return ()
        place = self.paste.before(node)
        begin = place.column + len("def ")
        return ((Span(place.line, begin, place.line, begin + len(node.name)), name),)

    def without_forward(self, instance: Instance) -> None:
        """Torch has nothing to call."""
        name = instance.cls.name
        self.flaw(
            "forward is missing; the layers are read in the order of __init__. torch raises NotImplementedError as "
            "soon as the network is called.", instance.cls.node,
            tone="error", title=f"{name} has no forward",
            quote=f'Module [{name}] is missing the required "forward" function',
        )  # fmt: skip

    def returning_nothing(self, instance: Any) -> None:
        """forward ends without a return."""
        function = self.forward_of(instance.cls) if isinstance(instance, Instance) else None
        node = function.node if isinstance(function, UserFunction) else None
        if not isinstance(node, ast.FunctionDef) or any(isinstance(part, ast.Return) for part in ast.walk(node)):
            self.note("forward returns no tensor: add return x at its end.")
            return
        last = node.body[-1]
        target = last.targets[0] if isinstance(last, ast.Assign) else None
        indent = self.paste.indentation(last)
        name = target.id if isinstance(target, ast.Name) else "x"
        changes: Changes = ()
        if isinstance(target, ast.Name) and indent is not None:
            changes = ((self.paste.behind(last), f"\n{indent}return {name}"),)
        self.flaw(
            f"forward returns nothing, so {instance.cls.name}()(x) is None: add return {name} at its end.", last,
            title="forward returns nothing", changes=changes,
            label=f"Line {last.end_lineno}: add return {name} behind it" if changes else "",
        )  # fmt: skip

    def not_kept(self, node: ast.Expr, value: Any, scope: Scope) -> None:
        """A statement `self.conv(x)` whose result goes nowhere: what is meant is to go on with it."""
        call = node.value
        if not isinstance(value, Data) or not isinstance(call, ast.Call) or value.position != len(self.uses):
            return
        names = [part.id for part in islice(ast.walk(call), MOST_PARTS) if isinstance(part, ast.Name)]
        name = next((name for name in names if self._is_before(scope.names.get(name), value)), None)
        if name is None:
            return
        scope.names[name] = value
        layer = self.uses[-1].made.layer
        if layer is not None and layer.chosen.get("inplace") is True:
            return  # torch changes the tensor itself
        text = self.paste.quote(call)
        self.flaw(
            f"The result of {text} is not kept: write {name} = {text}. It is read that way.", node,
            tone="error", title=f"The result of {text} is not kept",
            label=f"Line {node.lineno}: write {name} = in front", changes=((self.paste.before(node), f"{name} = "),),
        )  # fmt: skip

    def plain_list(self, instance: Instance, name: str) -> None:
        """self.layers = [] of layers: torch looks for layers in no list."""
        node = self._where_set(instance.cls).get(name)
        value = node.value if isinstance(node, ast.Assign) else None
        kind = "ModuleDict" if isinstance(instance.attributes[name], dict) else "ModuleList"
        changes: Changes = ()
        if isinstance(value, ast.List | ast.ListComp | ast.Dict):
            changes = ((self.paste.span(value), f"nn.{kind}({self.paste.segment(value)})"),)
        self.flaw(
            f"self.{name} is a plain list: torch does not find the layers in it, so parameters() leaves them out and "
            f"an optimizer never trains them. nn.{kind} holds them.", node or instance.cls.node,
            title=f"torch does not find the layers in self.{name}", changes=changes,
            label=f"Line {changes[0][0].line}: write nn.{kind}" if changes else "",
        )  # fmt: skip

    def _where_set(self, cls: UserClass) -> dict[str, ast.Assign]:
        """The first statement of a class that sets each attribute; the class is walked through once."""
        if cls not in self._set:
            found: dict[str, ast.Assign] = {}
            functions = [member.node for member in cls.members.values() if isinstance(member, UserFunction)]
            for part in (part for function in functions for part in walk(function)):
                target = part.targets[0] if isinstance(part, ast.Assign) else None
                if isinstance(part, ast.Assign) and isinstance(target, ast.Attribute):
                    found.setdefault(target.attr, part)
            self._set[cls] = found
        return self._set[cls]

    @staticmethod
    def _is_before(known: Any, value: Data) -> bool:
        return isinstance(known, Data) and known.position < value.position


@lru_cache(maxsize=1_000)
def _is_like_forward(name: str) -> bool:
    """Whether the name may be meant for "forward"; one with more or fewer letters cannot be like it."""
    return 5 <= len(name) <= 10 and difflib.SequenceMatcher(None, name.lower(), "forward").ratio() > ALIKE


def _calls_init(node: ast.stmt) -> bool:
    """Whether it is super().__init__(), in any of its spellings."""
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
