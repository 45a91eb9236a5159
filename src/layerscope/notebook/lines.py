"""A summary's lines: one a row, or one a block where there are too many; the numbers add up either way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from layerscope.explain import borrowed
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.layers.opaque import Measured
from layerscope.parameter import Role
from layerscope.steps import Step, Trace
from layerscope.tables import field_text

MOST_LINES = 64
"""Lines of a table that is read without scrolling much; more are folded to blocks."""


@dataclass(frozen=True)
class Line:
    """What stands in one line.

    `reads` names what it reads, "" where that is the row above; `rows` is how many rows it stands for, `of` the rows
    whose weights it holds too.
    """

    name: str
    type: str
    reads: str
    decided: str
    output: str
    parameters: int
    macs: int
    sees: str
    of: str = ""
    rows: int = 1


def lines(trace: Trace, classes: Mapping[str, str], most: int = MOST_LINES) -> tuple[Line, ...]:
    """The lines of a trace; `classes` tells each module's class by its path, for blocks that are folded."""
    steps = trace.steps
    deepest = max((step.name.count(".") for step in steps), default=0)
    for depth in range(deepest + 1, 0, -1):
        made = tuple(_folded(steps, classes, depth))
        if len(made) <= most:
            return made
    return made if steps else ()


def _folded(steps: tuple[Step, ...], classes: Mapping[str, str], depth: int) -> Iterator[Line]:
    """Neighbours with the same first parts of their names become one line, if it holds more than one row."""

    def block(step: Step) -> str:
        parts = step.name.split(".")
        return ".".join(parts[:depth]) if len(parts) > depth else ""

    for path, run in groupby(steps, block):
        inside = tuple(run)
        if not path or len(inside) == 1:
            yield from map(line, inside)
        else:
            yield _block(path, inside, classes.get(path, "block"))


def line(step: Step) -> Line:
    """One row."""
    layer = step.layer
    return Line(
        name=step.name,
        type=f"{layer.called}*" if isinstance(layer, Measured) else step.type,
        reads=_reads(step),
        decided=_decided(step),
        output=" and ".join(map(size_text, step.shown_shapes)) if step.output_shapes else "does not run",
        parameters=step.parameters,
        macs=step.macs,
        sees=field_text(step),
        of=borrowed(step),
    )


def _block(path: str, inside: tuple[Step, ...], kind: str) -> Line:
    last = line(inside[-1])
    shared = dict.fromkeys(filter(None, map(borrowed, inside)))
    return Line(
        name=path, type=kind, reads=_reads(inside[0]), decided="", output=last.output,
        parameters=sum(step.parameters for step in inside), macs=sum(step.macs for step in inside), sees=last.sees,
        of=", ".join(shared), rows=len(inside),
    )  # fmt: skip


def _reads(step: Step) -> str:
    """What a row reads, where its inputs are named."""
    return ", ".join(step.sources) if step.layer.inputs else ""


def _decided(step: Step) -> str:
    """The arguments that others than the author decide, and who does: "in_channels = 64 (conv1)"."""
    told = []
    for name, decision in step.decisions.items():
        if name in _decides(step) and name in step.arguments and decision.role is not Role.YOU:
            by = "the data" if decision.role is Role.DATA else decision.by
            told.append(f"{name} = {step.arguments[name]} ({by})")
    return ", ".join(told)


def _decides(step: Step) -> tuple[str, ...]:
    """The arguments that a row's input decides."""
    own = step.layer.chosen
    return (*step.layer.decides, *(name for name in ("normalized_shape",) if name in own and own[name] is None))


def size_text(shape: Shape) -> str:
    """A shape as 64×56×56; one number for each sample has no sizes."""
    return shape_text(shape) if shape else "one number"
