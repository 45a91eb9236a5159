"""x[:, 0].long() before an Embedding: whole numbers of an input that holds other values too.

Where only lookups read an input it holds indices, and the cast says no more. Where others compute with it as well, it
holds values, and the cast is a row.
"""

from collections.abc import Mapping, Sequence

from layerscope.layers.opaque import Opaque, flat
from layerscope.source.record import Entry, Output, Row

Casts = Mapping[int, Output]
"""What rows read as whole numbers that the code made of it, by the id of the row."""


def with_casts(rows: list[Row], casts: Casts, leaving: Sequence[Output]) -> list[Row]:
    """The rows with those casts among them that change what a value is."""
    if not casts:
        return rows
    computing = _computing(rows, leaving)
    found: list[Row] = []
    made: dict[int, Row] = {}
    for row in rows:
        read = casts.get(id(row))
        if read is not None and _is_of_values(read, computing):
            if id(read.origin) not in made:
                shape = _shape(read)
                layer = Opaque(name="", called="to_indices", reads=flat((shape,)), gives=flat((shape,)))
                made[id(read.origin)] = Row(layer, (read,), row.node, inside=row.inside, outputs=(shape,))
                found.append(made[id(read.origin)])
            cast = Output(made[id(read.origin)])
            row.reads = tuple(cast if each == read else each for each in row.reads)
        found.append(row)
    return found


def _computing(rows: Sequence[Row], leaving: Sequence[Output]) -> set[int]:
    """The ids of the inputs that something else than lookups reads, however it was moved before."""
    found = {id(output.origin) for output in leaving}
    for row in reversed(rows):
        if (
            row.layer.wants == "values"
            or (id(row) in found and row.layer.passes_kind)
            or row.type == "Opaque"
            or (row.layer.wants == "either" and not row.layer.passes_kind)
        ):
            found |= {id(read.origin) for read in row.reads}
    return found


def _is_of_values(read: Output, computing: set[int]) -> bool:
    """Whether what is cast comes of an input that holds values, or of a row that computes them."""
    origin = read.origin
    while isinstance(origin, Row) and origin.layer.passes_kind and len(origin.reads) == 1:
        origin = origin.reads[0].origin
    if isinstance(origin, Entry):
        return id(origin) in computing
    return not origin.layer.makes_indices and origin.layer.takes[1] > 0


def _shape(read: Output) -> tuple[int, ...]:
    origin = read.origin
    return origin.given.shape if isinstance(origin, Entry) else origin.outputs[read.port]
