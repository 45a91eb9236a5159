"""A parameter with one entry for each position, and a sequence that has more positions, or fewer."""

import ast
from collections.abc import Iterator, Sequence

from layerscope.source import bindings
from layerscope.source.reading import Flaw, Span
from layerscope.source.remarks.case import Case
from layerscope.source.torch.misfits import Misfit

Change = tuple[Span, str]


def remark(case: Case) -> Iterator[Flaw]:
    """What would make them fit: a longer parameter, or only its first entries."""
    fault = case.followed.fault
    if not isinstance(fault, Misfit) or fault.node is None:
        return
    text, is_short = case.paste.quote(fault.node), fault.size < fault.wanted
    change = _longer(case, fault) if is_short else _first_entries(case, fault)
    cure = f" Make it {fault.wanted:,} long." if is_short else " Take only the first of them."
    yield case.flaw(
        f"{fault.reason}{cure}", fault.node, kind="positions", tone="error",
        title=f"{text} is too {'short' if is_short else 'long'}",
        label="" if change is None else f"Line {change[0].line}: write {'' if is_short else text}{change[1]}",
        changes=() if change is None else (change,),
    )  # fmt: skip


def _longer(case: Case, fault: Misfit) -> Change | None:
    """The number that says how many entries the parameter has, where it is written once."""
    sizes = _sizes(fault.held.node)
    place = fault.axis + len(sizes)
    if len(sizes) != len(fault.held.tensor.shape) or not 0 <= place < len(sizes):
        return None
    if fault.held.tensor.shape[place] != fault.size:
        return None  # a part of the parameter is added, and it is the part that is too short
    node = sizes[place]
    if isinstance(node, ast.Constant):
        return case.paste.span(node), str(fault.wanted)
    found = bindings.numbers_for(case.code.nodes, case.paste.segment(node), fault.size)
    return (case.paste.span(found[0]), str(fault.wanted)) if len(found) == 1 else None


def _sizes(made: ast.AST) -> Sequence[ast.expr]:
    """The sizes in nn.Parameter(torch.zeros(1, length, width)); () where they are written in another way."""
    maker = made.args[0] if isinstance(made, ast.Call) and made.args else None
    while isinstance(maker, ast.BinOp):  # torch.randn(1, length, width) * 0.02
        maker = maker.left if isinstance(maker.left, ast.Call) else maker.right
    if not isinstance(maker, ast.Call):
        return ()
    first = maker.args[0] if maker.args else None
    return first.elts if isinstance(first, ast.Tuple | ast.List) else maker.args


def _first_entries(case: Case, fault: Misfit) -> Change | None:
    """self.pos[:, :x.size(1)] in the place of self.pos."""
    if not isinstance(fault.live, ast.Name) or not isinstance(fault.node, ast.Attribute):
        return None
    before = ":, " * (fault.axis + len(fault.held.tensor.shape))
    return case.paste.after(fault.node), f"[{before}:{fault.live.id}.size({fault.place})]"
