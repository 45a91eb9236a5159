"""The input's shape from all that a paste says: the strongest evidence, and what it leaves open from the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.source.sizes import arguments, comments, constants, datasets, hints, prose, transforms
from layerscope.source.sizes.evidence import KINDS, OF_IMAGES, Case, Evidence, Row

FINDERS = (
    hints.find, comments.find, transforms.find, datasets.find, constants.find, arguments.find, prose.find,
)  # fmt: skip
CHANNELS_OF_IMAGES = (1, 3, 4)


@dataclass(frozen=True)
class Sized:
    """A shape that a paste tells. `by` told its cells, `channels_by` its channels; None for the layers."""

    shape: Shape
    by: Evidence
    channels_by: Evidence | None = None

    @property
    def words(self) -> str:
        """How the shape is known: "as MNIST in line 5 has it"."""
        return self.by.words


def evidence(case: Case) -> list[Evidence]:
    """All that a paste says of sizes, the strongest first."""
    found = [each for find in FINDERS for each in islice(find(case), limits.SIZES.most)]
    return sorted(found, key=lambda each: KINDS.index(each.kind))


def sized(
    found: Iterable[Evidence],
    rank: int | None,
    channels: int | None,
    name: str | None = None,
    fitting: Sequence[Shape] = (),
) -> Sized | None:
    """The shape of one input of so many axes, as far as the layers say that. `channels` are what the layers expect.

    What names another input than `name` is passed over; with None the network has one input alone. Where evidence of
    one kind disagrees, what is among the `fitting` shapes counts, else what comes first.
    """
    meant = [each for each in found if name is None or each.name in ("", name)]
    if rank == 1:
        return _flat(meant, channels)
    if channels is not None and channels not in CHANNELS_OF_IMAGES:
        # Maps or noise, no images, unless it is said that they have so many channels.
        meant = [each for each in meant if each.kind not in OF_IMAGES or each.row[:1] == (channels,)]
    rows = [(each, row) for each in meant if (row := _arranged(each, rank, channels)) is not None]
    count = rank or max((len(row) for _, row in rows), default=0)
    rows = [(each, row) for each, row in rows if len(row) == count]
    telling = [(each, row) for each, row in rows if None not in row[1:]]
    if not telling:
        return None
    kind = telling[0][0].kind
    alike = [(each, row) for each, row in telling if each.kind == kind]
    cells = {shape[1:] for shape in fitting}
    by, first = next(((each, row) for each, row in alike if row[1:] in cells), alike[0])
    coloring = (by, first) if first[0] is not None else next(((e, row) for e, row in rows if row[0] is not None), None)
    count_of_channels = channels if coloring is None else coloring[1][0]
    if count_of_channels is None:
        return None
    sizes = tuple(size for size in first[1:] if size is not None)
    return Sized((count_of_channels, *sizes), by, None if coloring is None else coloring[0])


def _flat(meant: Sequence[Evidence], width: int | None) -> Sized | None:
    """A row of values: as it is told, or an image whose values are as many as the first layer expects."""
    for each in meant:
        row = each.row[1:] if each.is_batched or (each.is_batched is None and len(each.row) == 2) else each.row
        if len(row) == 1 and row[0] is not None:
            return Sized((row[0],), each)
        known = [size for size in row if size is not None]
        if width is not None and len(row) > 1 and len(known) == len(row) and prod(known) == width:
            return Sized((width,), each)
    return None


def _arranged(each: Evidence, rank: int | None, channels: int | None) -> Row | None:
    """Its row without the batch and with the channels first; None where the axes are not those of the input."""
    row = each.row
    batched = each.is_batched
    if batched is None:
        batched = len(row) == rank + 1 if rank is not None else len(row) in (2, 4)
    row = row[1:] if batched else row
    if rank is not None and len(row) != rank:
        return None
    if len(row) < 2:
        return None
    turned = channels is not None and row[0] not in (None, channels) and row[-1] == channels
    return (row[-1], *row[:-1]) if turned else row
