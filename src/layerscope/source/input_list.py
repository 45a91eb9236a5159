"""The inputs of a network: their names, shapes, and whether they hold values or indices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from layerscope import limits, wiring
from layerscope.formatting import shape_text
from layerscope.inputs import Input
from layerscope.layers.base import Layer, Shape
from layerscope.source import examples, joined_inputs, shapes
from layerscope.source.followed import Code, Followed
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.reading import NOT_SAID, Choice, Size
from layerscope.source.record import Output, Row
from layerscope.source.remarks import doubts
from layerscope.source.sizes import likely, told
from layerscope.source.sizes.evidence import Case, Evidence
from layerscope.source.torch.applying import RECURRENT
from layerscope.source.torch.worlds import world_of
from layerscope.source.ways import Way

Given = tuple[Shape | None, ...]
"""A shape for each input, None where the code may tell it; () where nothing is given."""


@dataclass(frozen=True)
class Known:
    """What is known of several inputs. `told`, `doubt`, `size`: see Reading; `missing` are those to ask for; `way` is
    how the network takes them, None for as before."""

    inputs: tuple[Input, ...] = ()
    told: str = ""
    doubt: str = ""
    missing: tuple[str, ...] = ()
    size: Size = NOT_SAID
    way: Way | None = None


def with_kinds(inputs: Sequence[Input], layers: Sequence[Layer], names: Sequence[str]) -> tuple[Input, ...]:
    """The inputs, those as indices that only layers such as Embedding read. `names` are what the layers call them."""
    sources = wiring.sources(layers, names)
    found: dict[int, Layer] = {}
    cast: set[int] = set()
    passed = {-1 - k: k for k in range(len(names))}
    for place, (layer, reads) in enumerate(zip(layers, sources, strict=True)):
        for source in reads:
            if (k := passed.get(source.row)) is not None:
                if layer.wants == "indices":
                    found[k] = min(found.get(k, layer), layer, key=_entries)
                elif layer.passes_kind:
                    passed[place] = k
                elif layer.makes_indices:
                    cast.add(k)
    return tuple(
        replace(given, kind="indices", high=found[k].chosen.get("num_embeddings")) if k in found
        else replace(given, kind="values") if k in cast else given
        for k, given in enumerate(inputs)
    )  # fmt: skip


def _entries(layer: Layer) -> int:
    """How many indices a layer has entries for; an input that several look up has to suit the smallest."""
    count = layer.chosen.get("num_embeddings")
    return count if isinstance(count, int) else limits.ENTRIES.most


def rank(layers: Sequence[Layer], axes: int | None) -> int | None:
    """How many axes an input has that goes into these layers first, without the batch; None where they do not say."""
    if (reads := shapes.sequential(layers)) is not None:
        return 1 if reads.wants == "indices" or reads.type.endswith("Cell") else 2
    return None if axes is None else axes + 1


def several(code: Code, followed: Followed, wishes: shapes.Wishes, given: Given) -> Known:
    """All inputs of a network that takes more than one: as they are given, else as a call, the words around the code or
    the layers tell them."""
    names = followed.inputs
    called = called_on(followed.run, followed.network, names, followed.entries[0].axis)
    world_of(followed.run).is_called = called is not None
    rows = _in_places(followed, given)
    way = followed.way
    if called is not None:
        found = [_Told(shape or shown) for shape, shown in zip(rows, called.shapes, strict=True)]
        others = {name for name, shape in zip(names, rows, strict=True) if shape}
        way = replace(called.way, single_numbers=called.way.single_numbers - others)
        how = "example call"
    else:
        evidence = [] if all(rows) else told.evidence(Case(code, followed.run, names))
        found = [
            _told(place, followed, wishes, evidence) if shape is None else _Told(shape)
            for place, shape in enumerate(rows)
        ]
        turned = {
            entry.given.name: entry.axis for entry, one in zip(followed.entries, found, strict=True) if one.is_state
        }
        way = replace(way, axes={**way.axes, **turned})
        how = "given" if all(rows) else "layers"
    found = [
        _Told(entry.given.shape) if entry.given.name in followed.unread and called is None else one
        for entry, one in zip(followed.entries, found, strict=True)
    ]  # what a call shows stays as it is, also where no row of the first way through reads it
    missing = tuple(name for name, one in zip(names, found, strict=True) if one.shape is None)
    doubtful = next((place for place, one in enumerate(found) if one.doubt or one.shape is None), None)
    size = next((one.size for one in found if one.size.words), NOT_SAID)
    doubt = ""
    if doubtful is not None:
        ahead = "; ".join([_typed(row) for row in rows[:doubtful]] + [""])
        behind = "".join("; " + _typed(row) for row in rows[doubtful + 1 :])
        offered = found[doubtful].size.choices
        chosen = tuple(Choice(each.label, f"{ahead}{each.shapes}{behind}") for each in offered)
        size = replace(size, choices=chosen)
        doubt = f"Input {names[doubtful]}: {found[doubtful].doubt}"
    if missing:
        return Known(missing=missing, size=size, way=way)
    inputs = [Input(name, one.shape) for name, one in zip(names, found, strict=True) if one.shape is not None]
    return Known(
        with_kinds(inputs, followed.layers, followed.named_inputs),
        "given" if any(rows) else how,
        doubt,
        size=size,
        way=way,
    )


def _in_places(followed: Followed, given: Given) -> Given:
    """What is given for each input that is shown, in the places of all."""
    rows = iter((*given, *[None] * len(followed.inputs)))
    return tuple(None if name in followed.unread else next(rows) for name in followed.inputs)


def _typed(shape: Shape | None) -> str:
    return ", ".join(map(str, shape or ()))


@dataclass(frozen=True)
class _Told:
    """One input's shape, None where it must be asked for; what is in doubt of it, and what else is said."""

    shape: Shape | None
    doubt: str = ""
    size: Size = NOT_SAID
    is_state: bool = False
    """Whether it is a state of a recurrent layer, which has the batch where it was followed."""


def _told(place: int, followed: Followed, wishes: shapes.Wishes, evidence: Sequence[Evidence]) -> _Told:
    """An input's shape, from the words around the code, or from the layers that it goes through until something joins
    it; else the one on which it was followed."""
    source, rows, places = Output(followed.entries[place]), list[Layer](), list[int]()
    if followed.inputs[place] in followed.way.single_numbers:
        return _Told(followed.entries[place].given.shape)
    if followed.fault is None and any(_takes_as_state(row, source) for row in followed.rows):
        return _Told(followed.entries[place].given.shape, is_state=True)
    for position, (row, layer) in enumerate(zip(followed.rows, followed.layers, strict=False)):
        if row.reads == (source,) or (not rows and _is_one_of_several(row, source)):
            rows.append(replace(layer, inputs=(), of=""))
            places.append(position)
            source = Output(row)
    axes, channels = shapes.expected(rows, wishes)
    name = followed.inputs[place]
    tried = followed.entries[place].given.shape if followed.way.is_combined else None
    found = told.sized(evidence, rank(rows, axes), channels, name)
    if found and examples.is_shape(found.shape) and (tried is None or len(tried) == len(found.shape)):
        return _Told(found.shape, size=Size(f"{name} {found.words}", found.by.span))
    if followed.way.is_combined and followed.fault is None:
        given = followed.entries[place].given
        return _Told(
            given.shape, f"The code does not say its size. Shown here: {shape_text(given.shape)}; what do you use?"
        )
    if not rows and followed.fault is None and (wide := joined_inputs.widths(followed)):
        return _Told(wide[place].shape)
    by_layers = shapes.tell(rows, wishes) if rows else shapes.Told(None)
    if by_layers.shape is not None and examples.is_shape(by_layers.shape):
        free = None if by_layers.free is None else places[by_layers.free]
        doubt = doubts.doubt(replace(by_layers, free=free), followed)
        words = doubts.worked_out(by_layers, followed)
        return _Told(by_layers.shape, doubt, Size(words, choices=_offered(rows, wishes, by_layers)))
    given = followed.entries[place].given
    runs = followed.fault is None and bool(rows) and bool(followed.rows[places[0]].outputs)
    doubt = f"{by_layers.words} Shown here: {shape_text(given.shape)}; what do you use?"
    size = Size(choices=likely.choices(rows, wishes, given.shape if runs else None))
    return _Told(given.shape, doubt, size) if runs else _Told(None, size=size)


def _takes_as_state(row: Row, source: Output) -> bool:
    """Whether a recurrent layer takes that for a state, of which it says the size."""
    is_recurrent = row.type.removesuffix("Cell") in RECURRENT and len(row.reads) == row.layer.takes[1]
    return is_recurrent and source in row.reads[1:]


def _is_one_of_several(row: Row, source: Output) -> bool:
    """Whether a row reads an input as one of several sequences, such as the source and the target of a Transformer."""
    is_first = row.reads[:1] == (source,)
    return (is_first or (source in row.reads and row.type not in RECURRENT)) and shapes.is_sequential(row.layer)


def _offered(rows: Sequence[Layer], wishes: shapes.Wishes, by_layers: shapes.Told) -> tuple[Choice, ...]:
    return () if by_layers.is_certain else likely.choices(rows, wishes, by_layers.shape, by_layers.fits)


@dataclass(frozen=True)
class Called:
    """The shapes in a call of the network, without the batch, and how it takes them."""

    shapes: tuple[Shape, ...]
    way: Way


def called_on(run: Evaluator, network: Any, names: Sequence[str], batch_axis: int) -> Called | None:
    """What a call such as net(torch.randn(1, 3, 32, 32), torch.randn(1, 10)) shows; None where there is none.

    An input that is one number for each sample counts as a row of one.
    """
    for each in world_of(run).showing.shown:
        axes = _axes([tensor.shape for tensor in each.given], batch_axis)
        rows = [
            (*tensor.shape[:axis], *tensor.shape[axis + 1 :]) for tensor, axis in zip(each.given, axes, strict=True)
        ]
        if each.network is network and len(rows) == len(names) and all(map(examples.is_shape, filter(None, rows))):
            if not all(len(tensor.shape) > batch_axis for tensor in each.given):
                return None
            singles = frozenset(name for name, row in zip(names, rows, strict=True) if not row)
            return Called(tuple(row or (1,) for row in rows), Way(dict(zip(names, axes, strict=True)), singles))
    return None


def _axes(shapes: Sequence[Shape], axis: int) -> list[int]:
    """Where the batch stands in each input: where it does in the first, or on the other of axes 0 and 1 where that
    alone is as large, as in a state of a recurrent layer."""
    batch, other = shapes[0][axis : axis + 1] if shapes else (), 1 - axis
    return [other if shape[axis : axis + 1] != batch == shape[other : other + 1] else axis for shape in shapes]
