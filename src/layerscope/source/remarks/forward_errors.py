"""A class whose forward is missing, empty, or stands in the wrong place, and the forward that is probably meant."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope import closed_form
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.source.followed import Followed
from layerscope.source.python.callables import UserFunction
from layerscope.source.python.classes import UserClass
from layerscope.source.python.values import Symbol
from layerscope.source.reading import Flaw, Span
from layerscope.source.record import Row
from layerscope.source.remarks.case import Case
from layerscope.source.shapes import USUAL
from layerscope.source.text.paste import between
from layerscope.source.text.scan import walk
from layerscope.source.torch.worlds import unnamed

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

MISSING = 'Module [{name}] is missing the required "forward" function'
FLATTEN, POOL = "flatten()", "pool()"
"""Steps of a forward that no attribute stands for."""
MOST_POOLS = 5
Changes = tuple[tuple[Span, str], ...]


@dataclass(frozen=True)
class Step:
    """A statement of a forward: the attribute that is called, or FLATTEN or POOL, and the rows that it adds."""

    name: str
    rows: tuple[Row, ...] = ()


def forwards_in(cls: UserClass) -> list[ast.FunctionDef]:
    """The functions called forward inside the methods of a class that has none of its own."""
    return [node for node in walk(cls.node) if isinstance(node, ast.FunctionDef) and node.name == "forward"]


def chosen_in(cls: UserClass) -> UserFunction | None:
    """The first of the methods of which __init__ chooses one: self.forward = self.forward_fast."""
    init = cls.find("__init__")
    nodes = walk(init.node) if isinstance(init, UserFunction) else ()
    for node in nodes:
        if not isinstance(node, ast.Assign) or len(node.targets) > 1:
            continue
        target = node.targets[0]
        is_forward = isinstance(target, ast.Attribute) and target.attr == "forward" and _is_self(target.value)
        if is_forward and isinstance(node.value, ast.Attribute) and _is_self(node.value.value):
            found = cls.find(node.value.attr)
            if isinstance(found, UserFunction):
                return found
    return None


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def elsewhere(run: "Evaluator", cls: UserClass, inside: list[ast.FunctionDef]) -> UserFunction | None:
    """A forward that stands inside another method, or after the class, remarked upon; None where there is none."""
    init = cls.members.get("__init__")
    if not isinstance(init, UserFunction):
        return None
    outside = run.globals.names.get("forward")
    if len(inside) == 1:
        node, where = inside[0], f"is inside another method of {cls.name}: it is indented too far"
    elif isinstance(outside, UserFunction) and isinstance(outside.node, ast.FunctionDef) and _has_self(outside.node):
        node, where = outside.node, f"is after {cls.name}, not in it: it is not indented far enough"
    else:
        return None
    changes = _shifted(run, node, init.node.col_offset - node.col_offset)
    run.remarks.flaw(
        f"forward {where}, so PyTorch does not find it. Layerscope reads it as forward of {cls.name}.", node,
        kind="forward", tone="error", title=f"forward is not part of {cls.name}", quote=MISSING.format(name=cls.name),
        label=f"Line {changes[0][0].line}: indent forward like __init__" if changes else "", changes=changes,
    )  # fmt: skip
    return UserFunction(node, init.scope, cls)


def _has_self(node: ast.FunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "self"


def _shifted(run: "Evaluator", node: ast.FunctionDef, by: int) -> Changes:
    """The lines of a function so many blanks further in, or out where the number is negative."""
    end = node.end_lineno or node.lineno
    whole = Span(node.lineno, 1, end + 1, 1)
    rows = between(run.paste.source, whole).splitlines(keepends=True)
    blank = all(not row[: max(-by, 0)].strip() for row in rows)
    if not by or not blank or node.decorator_list or run.paste.indentation(node) is None:
        return ()
    moved = [row if not row.strip() else " " * by + row if by > 0 else row[-by:] for row in rows]
    return ((whole, "".join(moved)),)


def remark(case: Case) -> Iterator[Flaw]:
    """Why the layers are read in the order of __init__, and a forward that calls them where one fits."""
    followed, shape = case.followed, case.shape
    if not followed.order:
        return
    cls = followed.instance.cls
    function = cls.find("forward") or cls.find("__call__")
    node = function.node if isinstance(function, UserFunction) else None
    plan = next((plan for plan in _plans(followed) if _fits(plan, shape)), None)
    flat = next((after.name for before, after in zip(followed.order, followed.order[1:], strict=False)
                 if before.name == FLATTEN), "")  # fmt: skip
    shown = "The layers are shown in the order of __init__" + (f", with a flatten before {flat}" if flat else "")
    words = f"{shown}; what else forward does is unknown.{_sizes(plan, shape)}"
    if isinstance(node, ast.FunctionDef):
        what = "is empty" if _is_bare(node, with_return=False) else "calls no layer"
        changes, label = _filled(followed, node, plan), "call the layers in order"
        yield case.flaw(
            f"forward of {cls.name} {what}, so no tensor passes through its layers. {words}", node,
            kind="forward", tone="error", title=f"forward of {cls.name} {what}",
            label=f"Line {changes[0][0].line}: {label}" if changes else "", changes=changes,
        )  # fmt: skip
        return
    changes = _added(followed, plan)
    yield case.flaw(
        f"forward is missing: PyTorch raises NotImplementedError when the network is called. {words}", cls.node,
        kind="forward", tone="error", title=f"{cls.name} has no forward", quote=MISSING.format(name=cls.name),
        label="Add a forward that calls the layers in order" if changes else "", changes=changes,
    )  # fmt: skip


def _plans(followed: Followed) -> Iterator[Sequence[Step]]:
    """Forwards that may be meant: the layers in order, with poolings before the flatten, or after each convolution."""
    steps = followed.order
    yield steps
    flat = next((n for n, step in enumerate(steps) if step.name == FLATTEN), -1)
    dims = max((row.layer.dims or 0 for step in steps for row in step.rows), default=0)
    if flat < 0 or not dims:
        return
    pool = Step(POOL, (Row(unnamed(f"MaxPool{dims}d", kernel_size=2), (), followed.instance.cls.node),))
    shared = [step for step in steps if len(step.rows) == 1 and "Pool" in step.rows[0].layer.type]
    convolutions = [step for step in steps if any("Conv" in row.layer.type for row in step.rows)]
    for each in (pool, *shared):
        rest = [step for step in steps if step is not each]
        yield [part for step in rest for part in ((step, each) if step in convolutions else (step,))]
    for count in range(1, MOST_POOLS + 1):
        yield [*steps[:flat], *[pool] * count, *steps[flat:]]


def fitting(followed: Followed, axes: int | None, channels: int | None) -> Shape | None:
    """A usual input shape for which some forward fits all that is written for the layers; None where none does."""
    if not axes or channels is None or not any(step.name == FLATTEN for step in followed.order):
        return None
    plans = list(_plans(followed))
    usual = ((channels, *(side,) * axes) for side in USUAL)
    return next((shape for shape in usual for plan in plans if _fits(plan, shape)), None)


def _fits(plan: Sequence[Step], shape: Shape | None) -> bool:
    """Whether all that is written for the layers is what would arrive."""
    if shape is None:
        return False
    rows = [row for step in plan for row in step.rows]
    if any(len(row.reads) > 1 or row.layer.inputs for row in rows):
        return False
    walked = list(closed_form.walk([row.layer for row in rows], shape))
    if len(walked) < len(rows) or walked[-1][2] is None:
        return False
    wanted = ((value, arrives) for row, (_, arrives, _) in zip(rows, walked, strict=True) for value in row.in_values)
    return all(value.value == arrives[-1 if value.parameter == "in_features" else 0] for value, arrives in wanted)


def _sizes(plan: Sequence[Step] | None, shape: Shape | None) -> str:
    """Which number fits with which poolings, where it takes some."""
    names = [step.name for step in plan or ()]
    if plan is None or shape is None or FLATTEN not in names or POOL not in names:
        return ""
    flat = names.index(FLATTEN)
    rows = [row for step in plan[:flat] for row in step.rows]
    arrives = [leaves for _, _, leaves in closed_form.walk([row.layer for row in rows], shape)][-1] or ()
    count = names.count(POOL)
    poolings = "one pooling layer" if count == 1 else f"{count} pooling layers"
    product = " * ".join(map(str, arrives))
    return f" {product} = {prod(arrives):,} fits {shape_text(shape[1:])} with {poolings} and a flatten."


def _lines(followed: Followed, plan: Sequence[Step], name: str) -> list[str]:
    nn = next((alias for alias, value in followed.run.globals.names.items() if value == Symbol("torch.nn")), "nn")
    dims = max((row.layer.dims or 0 for step in plan for row in step.rows), default=2)
    texts = {FLATTEN: f"{name}.flatten(1)", POOL: f"{nn}.functional.max_pool{dims}d({name}, 2)"}
    calls = [texts.get(step.name, f"self.{step.name}({name})") for step in plan]
    return [*(f"{name} = {call}" for call in calls[:-1]), f"return {calls[-1]}"]


def _is_bare(node: ast.FunctionDef, with_return: bool = True) -> bool:
    """Whether a function does nothing: pass, ..., words, or a return of what it is given."""
    kinds = (ast.Pass, ast.Return) if with_return else (ast.Pass,)
    return all(
        isinstance(part, kinds) or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
        for part in node.body
    )


def _filled(followed: Followed, node: ast.FunctionDef, plan: Sequence[Step] | None) -> Changes:
    """An empty forward with the calls in it; nothing where it is not empty, or takes more than one tensor."""
    run, names = followed.run, [arg.arg for arg in node.args.args[1:]]
    body = [part for part in node.body if not _is_words(part)] or node.body[-1:]
    indent = run.paste.indentation(body[0])
    if plan is None or len(names) != 1 or not _is_bare(node) or indent is None:
        return ()
    start, end = run.paste.span(body[0]), run.paste.span(body[-1])
    text = f"\n{indent}".join(_lines(followed, plan, names[0]))
    return ((Span(start.line, start.column, end.end_line, end.end_column), text),)


def _is_words(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _added(followed: Followed, plan: Sequence[Step] | None) -> Changes:
    """A forward after the last line of the class."""
    run, cls = followed.run, followed.instance.cls
    init: Any = cls.members.get("__init__")
    last = cls.node.body[-1]
    indent = run.paste.indentation(init.node) if isinstance(init, UserFunction) else None
    if plan is None or indent is None:
        return ()
    step = run.paste.indentation(init.node.body[0]) or f"{indent}    "
    text = "".join(f"\n{step}{line}" for line in _lines(followed, plan, "x"))
    return ((run.paste.after(last), f"\n\n{indent}def forward(self, x):{text}"),)
