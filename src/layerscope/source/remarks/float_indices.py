"""torch.randn as an example for an Embedding, which looks up whole numbers."""

import ast
from collections.abc import Iterator

from layerscope.source.reading import Flaw, Span
from layerscope.source.record import Output
from layerscope.source.remarks.case import Case

_FRACTIONS = ("randn", "rand", "zeros", "ones", "empty")
_CONVERTING = ("long", "int", "to", "type", "type_as", "round", "abs")


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about an example of fractions that an Embedding reads as they are."""
    example, paste = case.example, case.paste
    if example is None or not example.called:
        return
    entry = Output(case.followed.entries[0])
    first = next((pair for pair in case.followed.pairs if pair[0].reads == (entry,)), None)
    call = example.node
    made_by = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    typed = any(word.arg == "dtype" for word in call.keywords)
    if first is None or first[0].layer.wants != "indices" or made_by not in _FRACTIONS or typed:
        return
    if any(isinstance(node, ast.Attribute) and node.attr in _CONVERTING for node in case.code.nodes):
        return
    row, name = first
    changes: tuple[tuple[Span, str], ...] = ()
    if (
        isinstance(call.func, ast.Attribute)
        and not call.keywords
        and call.args
        and "num_embeddings" in row.layer.chosen
    ):
        sizes = ", ".join(paste.segment(part) for part in call.args)
        sizes = sizes if sizes.startswith(("(", "[")) else f"({sizes},)" if len(call.args) == 1 else f"({sizes})"
        home = paste.segment(call.func.value)
        changes = ((paste.span(call), f"{home}.randint(0, {row.layer.chosen['num_embeddings']}, {sizes})"),)
    yield case.flaw(
        f"{paste.quote(call)} makes fractions, and {name} looks up whole numbers: an {row.type} expects indices "
        "(int64).", call, kind="example", tone="error", title="Fractions for an Embedding",
        quote="Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
        "torch.FloatTensor instead (while checking arguments for embedding)",
        label=f"Line {paste.place(call)[0]}: write torch.randint" if changes else "", changes=changes,
    )  # fmt: skip
