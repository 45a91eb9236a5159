"""The sizes that people are likely to use, offered where a paste does not tell its own."""

from collections.abc import Iterable, Sequence

from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes, walking
from layerscope.source.reading import Choice

MOST = 4
_SIDES = (28, 32, 224)
_SIDES_OF_MAPS = (1, 4, 7, 8)
_LENGTHS = (16, 64, 128, 512)
_UNKNOWN: tuple[Shape, ...] = ((1, 28, 28), (3, 32, 32), (3, 224, 224))


def choices(
    layers: Sequence[Layer], wishes: shapes.Wishes, shown: Shape | None, fits: tuple[int, int] = (0, 0),
    only_fitting: bool = False,
) -> tuple[Choice, ...]:  # fmt: skip
    """Inputs to choose from: the one that is shown, what else the layers allow, and what is usual, unless only what
    fits would run."""
    axes, channels = shapes.expected(layers, wishes)
    if (reads := shapes.sequential(layers)) is not None:
        return _of(_sequences(reads, shown, channels), layers)
    if not axes or channels is None or not shapes.is_channels(channels):
        axes = axes if axes is not None else 2
        images = _UNKNOWN if axes == 2 else ()
        return _of([*([shown] if shown is not None and len(shown) == 3 else []), *images], layers)
    first, last = fits
    usual = [size for size in shapes.USUAL if first <= size <= last]
    begun = shapes.is_from_noise(layers)
    others = _SIDES_OF_MAPS if begun else _SIDES if axes == 2 else _LENGTHS if axes == 1 else (16, 32, 64)
    offered: list[Shape] = [shown] if shown is not None and len(shown) == axes + 1 else []
    offered += [(channels, *(size,) * axes) for size in (*usual[:2], *(() if only_fitting else others))]
    return _of(offered, layers)


def _sequences(layer: Layer, shown: Shape | None, width: int | None) -> list[Shape]:
    """Sequences of likely lengths, of indices or of rows as wide as those that are shown."""
    tail = shown[1:] if shown is not None else () if layer.wants == "indices" else (width or 64,)
    return [(length, *tail) for length in _LENGTHS] if len(tail) < 2 else []


def _of(offered: Iterable[Shape], layers: Sequence[Layer]) -> tuple[Choice, ...]:
    """Buttons for shapes, each once, as far as the layers before the first Linear can take them."""
    ends = (n for n, layer in enumerate(layers) if layer.type in ("Flatten", "Linear") or layer.takes[0] > 1)
    maps = layers[: next(ends, len(layers))]
    found = [shape for shape in dict.fromkeys(offered) if not maps or _reaches(maps, shape)]
    is_first = shapes.sequential(layers) is not None
    return tuple(Choice(_label(shape, is_first), ", ".join(map(str, shape))) for shape in found[:MOST])


def _reaches(maps: Sequence[Layer], shape: Shape) -> bool:
    """Whether no layer is too large for it; what the layers expect of its channels is another question."""
    return all(leaving is not None for _, _, leaving in walking.walk(maps, shape))


def _label(shape: Shape, is_sequence: bool) -> str:
    if is_sequence:
        return f"{shape[0]:,} steps" if len(shape) == 1 else f"{shape[0]:,} steps of {shape[1]:,}"
    cells = "×".join(f"{size:,}" if len(shape) == 2 else str(size) for size in shape[1:])
    if len(shape) == 2:
        return f"length {cells}"
    colors = {1: " grayscale", 3: " RGB"} if len(shape) == 3 else {}
    return f"{cells}{colors.get(shape[0], f', {shape[0]} channels')}"
