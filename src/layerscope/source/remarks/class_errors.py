"""Errors around a class of the paste: what torch refuses before the first layer runs, and the code put right."""

import ast
import difflib
import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from layerscope.source.python.callables import Scope, UserFunction
from layerscope.source.python.classes import Object, UserClass
from layerscope.source.python.evaluator import Watch
from layerscope.source.python.values import Call, Unknown
from layerscope.source.reading import Span
from layerscope.source.record import Row
from layerscope.source.remarks import (
    dropout_in_forward,
    forward_errors,
    methods_for_forward,
    recurrent_states,
    replaced_layers,
    super_errors,
)
from layerscope.source.remarks.argument_errors import too_many, unexpected
from layerscope.source.remarks.meant_assignments import meant
from layerscope.source.remarks.not_layers import without_comma
from layerscope.source.remarks.parts import Parts
from layerscope.source.remarks.stand_ins import stand_in
from layerscope.source.remarks.uncalled_layers import UncalledLayers
from layerscope.source.remarks.whole_tuples import WholeTuples
from layerscope.source.text.scan import walk
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import Module
from layerscope.source.torch.tensor import Tensor, leaves
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

MOST_PARTS = 200
"""Parts of a call that are looked at for the name of the tensor, each time that it is followed."""
ALIKE = 0.82
"""How much a name must be like "forward" to be meant for it: foward, forwad, forword, _forward, fowrard."""

Changes = tuple[tuple[Span, str], ...]


class ClassErrors(Watch):
    """Remarks about __init__, forward, layers that are not called, and results that are not kept."""

    def __init__(self) -> None:
        self._set: dict[UserClass, dict[str, ast.Assign]] = {}
        self._forwards: dict[UserClass, list[ast.FunctionDef]] = {}
        self._methods: dict[UserClass, UserFunction | None] = {}
        self._uncalled = UncalledLayers()
        self._tuples = WholeTuples()
        self.parts = Parts()
        self._misspelled: dict[str, bool] = {}
        self._layers_set = replaced_layers.LayersSet()

    def called(self, run: "Evaluator", function: UserFunction, call: Call) -> None:
        too_many(run, function, call)
        unexpected(run, function, call)
        self._uncalled.begins(run, function, call)

    def meant(self, run: "Evaluator", node: ast.stmt, scope: Scope) -> ast.stmt | None:
        return meant(run, node, scope)

    def assigning(self, run: "Evaluator", node: ast.Assign, value: Any, scope: Scope) -> tuple[ast.Assign, Any]:
        value = without_comma(run, node, value)
        if isinstance(value, Module):
            if world_of(run).at_module_level:
                self.parts.note(run, node, value, scope)
            if run.making:
                return self._layers_set.remembered(run, node, value, scope), value
        elif isinstance(value, tuple):
            node = self._tuples.assigned(run, node, value)
        return node, self._uncalled.assigned(run, node, value, scope)

    def undefined(self, run: "Evaluator", unknown: Unknown, call: Call) -> Any:
        return stand_in(run, self._misspelled, unknown, call)

    def followed(self, run: "Evaluator", network: Any) -> None:
        self.parts.remark(run, network)

    def handing(self, run: "Evaluator", call: Call, module: Any = None) -> Call:
        return recurrent_states.handed(run, self._tuples.handed(run, self._uncalled.handed(run, call), module), module)

    def single(self, run: "Evaluator", value: Any, at: ast.AST | None, within: ast.AST, quote: str = "") -> Any:
        return self._tuples.single(run, value, at, within, quote)

    def part(self, run: "Evaluator", value: Any, place: Any, node: ast.Subscript) -> Any:
        return self._tuples.part(run, value, place, node)

    def feeding(self, run: "Evaluator", module: Any, call: Call) -> None:
        dropout_in_forward.made_and_called(run, module.type, call)

    def returned(self, run: "Evaluator", function: UserFunction, value: Any) -> Any:
        return self._uncalled.returned(run, function, value)

    def constructing(self, run: "Evaluator", instance: Object, call: Call) -> None:
        if not run.parts and world_of(run).at_module_level:
            world_of(run).constructed.setdefault(instance.cls.name, call)

    def constructed(self, run: "Evaluator", instance: Object) -> None:
        init = self.init_of(run, instance.cls)
        if isinstance(instance, ModuleObject) and instance.early is not None and instance.cls.roots:
            super_errors.without_super(run, instance, init if isinstance(init, UserFunction) else None)

    def super_used(self, run: "Evaluator", node: ast.Call, scope: Scope, instance: Object) -> bool:
        return super_errors.reaches(run, node, scope, instance)

    def init_of(self, run: "Evaluator", cls: UserClass) -> Any:
        return cls.find("__init__") or self._misspelled_init(run, cls)

    def _misspelled_init(self, run: "Evaluator", cls: UserClass) -> UserFunction | None:
        """What was meant to be __init__, remarked upon; None where there is nothing like it."""
        for name, member in cls.members.items():
            if not super_errors.is_misspelled_init(name) or re.search(rf"(?<!\))\.{name}\(", run.paste.text):
                continue  # a method of another name, which the code calls
            if isinstance(member, UserFunction) and isinstance(member.node, ast.FunctionDef):
                node = member.node
                changes = self._renamed(run, node, "__init__")
                run.remarks.flaw(
                    f"{cls.name} has {name} instead of __init__ (two underscores on each side). Python never calls "
                    "it, so no layer is made. Layerscope reads it as __init__.", node,
                    kind="init", tone="error", title=f"__init__ of {cls.name} is misspelled",
                    label=f"Line {changes[0][0].line}: write __init__" if changes else "", changes=changes,
                )  # fmt: skip
                return member
        return None

    def forward_of(self, run: "Evaluator", cls: UserClass) -> Any:
        """What runs when an object of the class is called: forward, __call__, or what was meant to be forward."""
        known = cls.find("forward") or cls.find("__call__") or forward_errors.chosen_in(cls)
        if known is not None:
            return None if methods_for_forward.only_refuses(known) else known
        named = next((found for each in cls.line if (found := self._misspelled_forward(run, each))), None)
        if named is None and cls not in self._forwards:
            self._forwards[cls] = forward_errors.forwards_in(cls)
        return named or forward_errors.elsewhere(run, cls, self._forwards[cls])

    def methods_for(self, run: "Evaluator", cls: UserClass) -> UserFunction | None:
        if cls not in self._methods:
            self._methods[cls] = methods_for_forward.function_of(cls)
        return self._methods[cls]

    def goes_without(self, run: "Evaluator", cls: UserClass | None) -> bool:
        if cls is None or self.forward_of(run, cls) or self.methods_for(run, cls) is None:
            return False
        self._methods[cls] = None
        return True

    def _misspelled_forward(self, run: "Evaluator", cls: UserClass) -> UserFunction | None:
        """What was meant to be forward, remarked upon; None where there is nothing like it, or it has callers."""
        named = [name for name in cls.members if _is_like_forward(name)]
        name = named[0] if len(named) == 1 else ""
        member = cls.members.get(name)
        node = member.node if isinstance(member, UserFunction) else None
        if not isinstance(node, ast.FunctionDef) or len(node.args.args) < 2 or f".{name}(" in run.paste.text:
            return None
        changes = self._renamed(run, node, "forward")
        run.remarks.flaw(
            f"{cls.name} has {name} instead of forward. PyTorch looks for exactly that name and raises "
            "NotImplementedError when the network is called. Layerscope reads it as forward.", node,
            kind="forward", tone="error", title=f"forward of {cls.name} is misspelled",
            quote=f'Module [{cls.name}] is missing the required "forward" function',
            label=f"Line {changes[0][0].line}: write forward" if changes else "", changes=changes,
        )  # fmt: skip
        return member if isinstance(member, UserFunction) else None

    def _renamed(self, run: "Evaluator", node: ast.FunctionDef, name: str) -> Changes:
        """The change that gives a function another name; none where it is not written plainly."""
        head = f"def {node.name}"
        if not run.paste.segment(node).startswith((f"{head}(", f"{head} (")):
            return ()
        place = run.paste.before(node)
        begin = place.column + len("def ")
        return ((Span(place.line, begin, place.line, begin + len(node.name)), name),)

    def returned_nothing(self, run: "Evaluator", network: Any, value: Any) -> None:
        """forward ends without a return."""
        function = self.forward_of(run, network.cls) if isinstance(network, ModuleObject) else None
        node = function.node if isinstance(function, UserFunction) else None
        if not isinstance(node, ast.FunctionDef) or any(isinstance(part, ast.Return) for part in ast.walk(node)):
            told = _returned(run, node, value)
            run.remarks.note(f"forward returns {told}; the last layer is shown as the output.", node)
            return
        last = node.body[-1]
        target = last.targets[0] if isinstance(last, ast.Assign) else None
        indent = run.paste.indentation(last)
        name = target.id if isinstance(target, ast.Name) else "x"
        changes: Changes = ()
        if isinstance(target, ast.Name) and indent is not None:
            changes = ((run.paste.after(last), f"\n{indent}return {name}"),)
        run.remarks.flaw(
            f"forward returns nothing, so {network.cls.name}()(x) is None. Add return {name} at the end.", last,
            kind="forward", title="forward returns nothing", changes=changes,
            label=f"Line {last.end_lineno}: add return {name} after it" if changes else "",
        )  # fmt: skip

    def dropped(self, run: "Evaluator", node: ast.Expr, value: Any, scope: Scope) -> None:
        """A statement `self.conv(x)` whose result goes nowhere: what is meant is to go on with it."""
        call = node.value
        rows = world_of(run).record.rows
        row = value.origin.origin if isinstance(value, Tensor) and value.origin is not None else None
        if not isinstance(call, ast.Call | ast.BinOp) or not rows or row is not rows[-1]:
            return
        names = [part.id for part in islice(ast.walk(call), MOST_PARTS) if isinstance(part, ast.Name)]
        name = next((name for name in names if _is_before(scope.names.get(name), row)), None)
        if name is None or any(scope.names.get(each) is value for each in names):  # scores.scatter_(...) is kept
            return
        scope.give(name, value)
        if row.layer.chosen.get("inplace") is True:
            return  # torch changes the tensor itself
        text = run.paste.quote(call)
        run.remarks.flaw(
            f"The result of {text} is lost: write {name} = {text}. Layerscope assumes this fix.", node,
            kind="dropped", tone="error", title=f"The result of {text} is lost",
            label=f"Line {node.lineno}: write {name} = in front", changes=((run.paste.before(node), f"{name} = "),),
        )  # fmt: skip

    def plain_list(self, run: "Evaluator", instance: Object, name: str) -> None:
        """self.layers = [] of layers: torch looks for layers in no list."""
        node = self._where_set(instance.cls).get(name)
        value = node.value if isinstance(node, ast.Assign) else None
        kind = "ModuleDict" if isinstance(instance.attributes[name], dict) else "ModuleList"
        changes: Changes = ()
        if isinstance(value, ast.List | ast.ListComp | ast.Dict):
            changes = ((run.paste.span(value), f"nn.{kind}({run.paste.segment(value)})"),)
        run.remarks.flaw(
            f"self.{name} is a plain list. PyTorch does not see the layers in it, so parameters() omits them and "
            f"an optimizer never trains them. Use nn.{kind} instead.", node or instance.cls.node,
            kind="plain list", title=f"PyTorch does not see the layers in self.{name}", changes=changes,
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


def _is_before(known: Any, row: Row) -> bool:
    """Whether a name stands for something that came before a row."""
    return isinstance(known, Tensor) and known.origin is not None and known.origin.origin is not row


@lru_cache(maxsize=1_000)
def _is_like_forward(name: str) -> bool:
    """Whether the name may be meant for "forward"; one with more or fewer letters cannot be like it."""
    return 5 <= len(name) <= 10 and difflib.SequenceMatcher(None, name.lower(), "forward").ratio() > ALIKE


def _returned(run: "Evaluator", node: ast.AST | None, value: Any) -> str:
    """What forward returns in place of a tensor that depends on the input, in words."""
    returns = [part for part in walk(node) if isinstance(part, ast.Return) and part.value] if node is not None else []
    why = "does not depend on the input" if any(leaves(value)) else "is not a tensor"
    text = f"{run.paste.quote(returns[-1].value)}, which {why}" if returns and returns[-1].value else ""
    return text or "no tensor"
