"""Numbers that an Embedding has no row for: in an example, or written in forward."""

import ast
from collections.abc import Iterator, Sequence

from layerscope.source import bindings, making
from layerscope.source.followed import Followed
from layerscope.source.reading import Flaw, Span
from layerscope.source.record import Lookup, Output
from layerscope.source.remarks.case import Case
from layerscope.source.text.paste import Paste
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.worlds import world_of

_QUOTE = "index out of range in self"


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about each Embedding that is given numbers outside its table.

    Numbers that follow from the input's size, such as positions, count only where the code tells that size.
    """
    seen: set[int] = set()
    for found in (*_of_examples(case.followed), *(world_of(case.run).record.lookups if case.is_told else ())):
        rows = found.module.layer.chosen["num_embeddings"]
        if id(found.module) not in seen and not 0 <= found.low <= found.high < rows:
            seen.add(id(found.module))
            yield _about(case, found, rows)


def _of_examples(followed: Followed) -> Iterator[Lookup]:
    """What the Embeddings that read an input are given where the network is called."""
    showing = world_of(followed.run).showing
    shown = next((each for each in showing.shown if each.network is followed.network), None)
    given = shown.given if shown is not None else ()
    for entry, tensor in zip(followed.entries, given, strict=False):
        if tensor.made is None or tensor.made.bounds is None:
            continue
        for row in followed.rows:
            if row.reads == (Output(entry),) and row.layer.type == "Embedding" and row.module is not None:
                yield Lookup(row.module, *tensor.made.bounds, tensor.made.node)


def _about(case: Case, found: Lookup, rows: int) -> Flaw:
    paste, module = case.paste, found.module
    names = {id(row.module): name for row, name in case.followed.pairs if row.module is not None}
    name = names.get(id(module)) or module.name or module.type
    node = found.node
    low, high = found.low, found.high
    holds = f"numbers up to {high:,}" if low >= 0 else f"numbers from {low:,} to {high:,}"
    change = _more_rows(paste, case.code.nodes, module, high + 1) if low >= 0 else None
    return case.flaw(
        f"{paste.quote(node)} holds {holds}, but num_embeddings of {name} is {rows:,}: "
        f"it looks up 0 to {rows - 1:,}.", node,
        kind="indices", tone="error", title=f"{name} has no row for {low if low < 0 else high:,}", quote=_QUOTE,
        label="" if change is None else f"Line {change[0].line}: write {change[1]}",
        changes=() if change is None else (change,),
    )  # fmt: skip


def _more_rows(
    paste: Paste, nodes: Sequence[ast.AST], module: LayerModule, count: int
) -> tuple[Span, str] | None:  # fmt: skip
    """The change that makes the table long enough: of the number at the layer, or of that which a name there means."""
    made = making.made_by(paste, module)
    argument = made.arguments.get("num_embeddings") if made is not None else None
    if argument is None:
        return None
    places = [argument.span] if argument.is_literal else [argument.origin] if argument.origin is not None else []
    places = places or [paste.span(node) for node in bindings.numbers_for(nodes, argument.text, argument.value)]
    return (places[0] if len(places) == 1 else argument.span), str(count)
