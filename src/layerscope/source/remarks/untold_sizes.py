"""An in-value that is a name which nothing defines: the network is read without it, Python needs it."""

from collections.abc import Iterator

from layerscope.source import walking
from layerscope.source.reading import Flaw
from layerscope.source.remarks.case import Case
from layerscope.source.text.paste import short


def remark(case: Case) -> Iterator[Flaw]:
    """A remark for each of them, with the input's value in its place."""
    paste = case.paste
    if not any(row.untold for row in case.followed.rows):
        return
    arriving = {layer.name: arrives for layer, arrives, _ in walking.walk(case.layers, case.shape or ())}
    for row, layer in case.followed.pairs:
        for untold in row.untold if layer in arriving else ():
            name, text = short(untold.value.undefined.id), paste.quote(untold.node)
            place, unit = (-1, "values") if untold.parameter == "in_features" else (0, "channels")
            arrives = arriving[layer][place]
            yield case.flaw(
                f"{untold.parameter} of {layer} is {text}, but the code gives {name} no value; "
                f"{layer} gets {arrives:,} {unit}.", untold.node, kind="undefined", title=f"{name} has no value",
                label=f"Line {paste.place(untold.node)[0]}: write {arrives}",
                changes=((paste.span(untold.node), str(arrives)),),
            )  # fmt: skip
