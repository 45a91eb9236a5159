"""Follows a paste without running it: each node of its syntax tree is asked for its value, or for what it does.

The evaluator knows Python. What imported names mean is the business of a `World`; what is worth a remark that of a
`Watch`. Work is counted, so that no paste takes long, however it loops.
"""

import ast
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from layerscope import limits
from layerscope.source.python import builtin, constants, evaluating, natives, statements
from layerscope.source.python.callables import Scope, UserFunction
from layerscope.source.python.classes import Object, UserClass
from layerscope.source.python.values import Call, Fault, Method, Symbol, Unknown, Value, carries
from layerscope.source.text.paste import Paste

if TYPE_CHECKING:
    from layerscope.source.remarks.remarks import Remarks


_EXPRESSIONS = evaluating.EXPRESSIONS
LOOKED_AT = 16
"""Values in the arguments of a call that are as much work as one step."""


class World(Protocol):
    """What lies outside the paste: the libraries that it imports."""

    def imported(self, path: str) -> Any:
        """What a full name stands for: torch.nn.Conv2d, math.pi."""

    def assumed(self, name: str) -> str | None:
        """The full name that is meant by a name without an import; None where none is."""

    def call(self, run: "Evaluator", symbol: Symbol, call: Call) -> Any:
        """What a function or class of a library gives. Raises Fault."""

    def object_of(self, cls: UserClass, node: ast.AST) -> Object:
        """A new object of a class of the paste, before its __init__."""

    def is_of(self, value: Any, kind: Any) -> bool | None:
        """isinstance(value, kind) of a value of a library's; None where that is not known."""

    def is_built_on(self, roots: Sequence[str], kind: Symbol) -> bool | None:
        """Whether a class with these roots is built on that class of a library."""

    def class_attribute(self, run: "Evaluator", cls: UserClass, name: str, node: ast.AST) -> Any:
        """What a class of the paste has from the classes of libraries that it is built on."""

    def attribute_of_unknown(self, run: "Evaluator", of: Unknown, name: str, node: ast.AST) -> Any:
        """What of.name is, where nobody knows what `of` is."""

    def set_outside(self, owner: Unknown, name: str, value: Any) -> None:
        """A value is set as an attribute, or an item, of something that is not known."""

    def assigned(self, run: "Evaluator", node: ast.Assign, value: Any) -> None:
        """A value is about to be given to the targets of a statement."""

    def may_show(self, node: ast.FunctionDef) -> bool:
        """Whether a function that nothing calls may show what the networks are called on."""

    def names_in(self, symbol: Symbol) -> Any:
        """What dir() lists of something imported; NotImplemented where that is not known."""
        return NotImplemented

    def met(self, call: Call) -> None:
        """Something unknown is called."""

    def gave(self, value: Any, call: Call, fault: Fault) -> None:
        """A function of the paste gave this although one of its statements was left out."""

    def repeated(self, value: Value, times: int, node: ast.AST) -> Any:
        """A row of a value so many times; None where it is a row like any other."""

    def turns(self, run: "Evaluator", node: ast.For, row: Sequence[Any], scope: Scope) -> Sequence[Any]:
        """Those of a loop's values for which its body has to be followed, in order; the last of `row` is among them."""

    def allowance(self) -> int:
        """Steps that may be done on top of `limits.STEPS`, as the paste holds so much that is worth them."""


class Watch:
    """Is told of what may be worth a remark. Does nothing; `remarks/` has one that remarks."""

    def called(self, run: "Evaluator", function: UserFunction, call: Call) -> None:
        """A function of the paste is called."""

    def constructing(self, run: "Evaluator", instance: Object, call: Call) -> None:
        """An object is about to be made."""

    def constructed(self, run: "Evaluator", instance: Object) -> None:
        """An object was made."""

    def init_of(self, run: "Evaluator", cls: UserClass) -> Any:
        """What runs when an object of the class is made."""
        return cls.find("__init__")

    def forward_of(self, run: "Evaluator", cls: UserClass) -> Any:
        """What runs when a module of the class is called."""
        return cls.find("forward") or cls.find("__call__")

    def methods_for(self, run: "Evaluator", cls: UserClass) -> UserFunction | None:
        """What is followed of a class of modules that has no forward; None where its layers alone are there."""
        return None

    def goes_without(self, run: "Evaluator", cls: UserClass | None) -> bool:
        """The methods of that class could not be followed: whether there are its layers alone now."""
        return False

    def returned_nothing(self, run: "Evaluator", network: Any, value: Any) -> None:
        """forward returned no tensor."""

    def super_used(self, run: "Evaluator", node: ast.Call, scope: Scope, instance: Object) -> bool:
        """Whether super() in this form reaches anything."""
        return True

    def plain_list(self, run: "Evaluator", instance: Object, name: str) -> None:
        """A list of modules that torch does not look into, as it is not a ModuleList."""

    def dropped(self, run: "Evaluator", node: ast.Expr, value: Any, scope: Scope) -> None:
        """A statement's value goes nowhere."""

    def meant(self, run: "Evaluator", node: ast.stmt, scope: Scope) -> ast.stmt | None:
        """The statement that is meant by one whose value goes nowhere; None where it is what it says."""
        return None

    def undefined(self, run: "Evaluator", unknown: Unknown, call: Call) -> Any:
        """A name that nothing defines is called: what may stand in for the result, NotImplemented where nothing may."""
        return NotImplemented

    def followed(self, run: "Evaluator", network: Any) -> None:
        """This network was followed, to its end or not."""

    def assigning(self, run: "Evaluator", node: ast.Assign, value: Any, scope: Scope) -> tuple[ast.Assign, Any]:
        """A value is about to be given to the targets of a statement: the statement and the value that are meant."""
        return node, value

    def handing(self, run: "Evaluator", call: Call, module: Any = None) -> Call:
        """A layer, `module`, or a function is about to be called: the call that is meant."""
        return call

    def feeding(self, run: "Evaluator", module: Any, call: Call) -> None:
        """A layer is about to be called on tensors."""

    def single(self, run: "Evaluator", value: Any, at: ast.AST | None, within: ast.AST, quote: str = "") -> Any:
        """One value has to stand at `at`, in the expression `within`: the one that is meant by a tuple of several.

        `quote` are Python's words where it stays a tuple.
        """
        return value

    def part(self, run: "Evaluator", value: Any, place: Any, node: ast.Subscript) -> Any:
        """A part of a tuple is asked for: what is meant to be looked into."""
        return value

    def returned(self, run: "Evaluator", function: UserFunction, value: Any) -> Any:
        """A module's forward returned this: the value that is meant."""
        return value


class Evaluator:
    """One paste being followed."""

    def __init__(self, paste: Paste, world: World, remarks: "Remarks", watch: Watch | None = None) -> None:
        self.may_yield = "yield" in paste.text
        self.paste, self.world, self.remarks = paste, world, remarks
        self.watch = watch or Watch()
        self.globals = Scope({})
        self.steps, self._most = 0, limits.STEPS.most
        self.calls = 0
        """How deeply calls are nested."""
        self.making = 0
        """How many constructors are being followed, one inside the other."""
        self.parts = 0
        """How many of those are of the world's own objects, such as modules."""
        self.lenient = False
        """Whether a statement that cannot be followed is left out: at module level, where much is not a network."""
        self.by_chance = False
        """Whether a random number decided which way is followed."""
        self.left_out: list[Fault] = []
        """Why statements were left out of functions that module level calls, and what the code itself raises."""
        self.loops_once = False
        self.tries = 0
        """How many try statements are being followed."""
        self.asides = 0
        """How many statements are being followed only for what they show."""
        self.fills = False
        """Whether something is put together part by part, which a name gives only where it is read as a whole."""
        self.followed: set[int] = set()
        """The functions of the paste that were called, by the id of their nodes."""
        self._worth_steps = limits.STEPS.most // 2
        self.generated: list[list[Any]] = []
        """What the generators that are being followed gave so far, the innermost last."""

    # Work

    def tick(self, node: ast.AST | None, steps: int = 1) -> None:
        """Count work; raise Fault where it is too much."""
        self.steps += steps
        if self.steps > self._most and self.is_beyond():
            raise Fault(limits.STEPS.sentence(), node)

    def is_beyond(self) -> bool:
        """Whether more steps were done than the paste is worth."""
        return self.steps > limits.STEPS.most + self.world.allowance()

    def is_constant(self, value: Any, node: ast.AST | None) -> bool:
        """Whether a value is made of Python's constants alone, and of few enough; looking at them is work."""
        count = constants.parts(value)
        self.tick(node, constants.LONGEST_ROW // 10 if count is None else count)
        return count is not None

    def worth(self, node: ast.expr) -> Any:
        """The value of an expression at module level. Raises Fault.

        What was followed before does not count, but all expressions together have one budget.
        """
        before, self.steps = self.steps, self._worth_steps
        try:
            return self.evaluate(node, self.globals)
        finally:
            self._worth_steps, self.steps = self.steps, before

    def module(self, tree: ast.Module, loops: bool) -> None:
        """Follow the statements at module level as far as they can be followed; none of them is ever refused.

        Where not `loops`, they are gone through once, only for what they show.
        """
        self.lenient, self.loops_once = True, not loops
        try:
            self.execute(tree.body, self.globals)
            for value in [*self.globals.names.values()]:
                if isinstance(value, UserFunction) and id(value.node) not in self.followed:
                    self.shown_by(value)
        except Fault:  # more steps than are followed
            pass
        finally:
            self.lenient = False
        self.steps = 0

    def shown_by(self, function: UserFunction) -> None:
        """Follow a function that nothing calls, only for what it shows."""
        if isinstance(function.node, ast.FunctionDef) and self.world.may_show(function.node):
            arguments = [self.unknown(arg) for arg in function.node.args.args]
            self.asides += 1
            try:
                function.call(self, Call(function.node, arguments))
            except Fault:
                pass
            finally:
                self.asides -= 1

    @property
    def goes_once(self) -> bool:
        """Whether a loop is gone through once here: one at module level, of code that has classes."""
        return self.loops_once and self.is_lenient and not self.calls

    def aside(self, body: Iterable[ast.stmt], scope: Scope, **names: Any) -> None:
        """Follow statements that may not happen only for what they show: the names that they bind are forgotten."""
        self.asides += 1
        try:
            self.execute(body, Scope(names, scope, scope.instance, scope.owner))
        finally:
            self.asides -= 1

    @property
    def is_lenient(self) -> bool:
        """Whether a statement that cannot be followed is left out here."""
        return self.lenient and not self.making

    @property
    def leaves_at_once(self) -> bool:
        """Whether an error that the code raises here ends a function, or is caught."""
        return bool(self.calls or self.tries) and not self.asides

    # What there is

    def unknown(self, node: ast.AST, reason: str = "", among: Iterable[Any] = ()) -> Unknown:
        """Something that is not known; where it came from something unknown, that one."""
        chance = False
        for value in among:
            if isinstance(value, Unknown):
                return value
            chance = chance or (isinstance(value, Value) and value.chance)
        return Unknown(partial(self.paste.quote, node), reason, node, chance=chance)

    @staticmethod
    def method(of: Any, name: str, work: Callable[["Evaluator", Any, str, Call], Any]) -> Method:
        """A method bound to what it belongs to."""
        return Method(of, name, work)

    @staticmethod
    def is_object(value: Any) -> bool:
        """Whether it is an object of a class of the paste."""
        return isinstance(value, Object)

    # Nodes

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression. Raises Fault."""
        self.steps += 1
        if self.steps > self._most:
            self.tick(node, 0)
        work = _EXPRESSIONS.get(type(node))
        return self.unknown(node) if work is None else work(self, node, scope)

    def looked_into(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression of which a part is meant. Raises Fault."""
        known = scope.find(node.id) if self.fills and isinstance(node, ast.Name) else None
        return self.evaluate(node, scope) if known is None else known.names[node.id]  # type: ignore[attr-defined]

    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> Any:
        """Do statements; the signal that ended them, or None. Raises Fault."""
        return statements.execute(self, body, scope)

    # Values

    def call(self, function: Any, call: Call) -> Any:
        """What a call gives. Raises Fault."""
        self.tick(call.node, 1 + (len(call.kwargs) + call.weight()) // LOOKED_AT)
        return function.call(self, call) if isinstance(function, Value) else self.strange(function, call)

    def strange(self, function: Any, call: Call) -> Any:
        """A call of something that is not known: refused where a tensor goes into it."""
        self.world.met(call)
        node = call.node.func if isinstance(call.node, ast.Call) else call.node
        unknown = function if isinstance(function, Unknown) else self.unknown(node)
        if unknown.undefined is not None and (found := self.watch.undefined(self, unknown, call)) is not NotImplemented:
            return found
        if carries(call.everything):
            raise Fault(unknown.reason, unknown.node if unknown.foreign or unknown.missing else call.node)
        return self.unknown(call.node, unknown.reason, [unknown] if unknown.undefined or unknown.missing else ())

    def attribute(self, value: Any, name: str, node: ast.AST) -> Any:
        """What value.name is."""
        if isinstance(value, Value):
            return value.attribute(self, name, node)
        if isinstance(value, tuple) and name not in natives.OF_TUPLE and isinstance(node, ast.Attribute):
            words = f"'tuple' object has no attribute '{name}'"
            value = self.watch.single(self, value, node.value, node, words)
            if isinstance(value, Value):
                return value.attribute(self, name, node)
        return natives.attribute(self, value, name, node)

    def items(self, value: Any, node: ast.AST) -> list[Any] | None:
        """What a loop iterates over; None where that is not known."""
        if isinstance(value, Value):
            return value.items(self, node)
        if isinstance(value, list | tuple | dict | range | str):
            self.tick(node, len(value))
            return list(value)
        return None

    def truth(self, value: Any) -> bool | None:
        """Whether a condition holds; None where that is not known."""
        return value.truth(self) if isinstance(value, Value) else bool(value)

    def builtin(self, symbol: Symbol, call: Call) -> Any:
        """A function of Python's own. Raises Fault."""
        return builtin.call(self, symbol, call)
