"""What is said of an input size that is only one of those that the layers would take."""

from layerscope.formatting import shape_text
from layerscope.source.followed import Followed
from layerscope.source.shapes import Told


def doubt(told: Told, followed: Followed) -> str:
    """A sentence about the size that was told; "" where the layers leave no doubt."""
    if told.shape is None:
        return ""
    size = shape_text(told.shape[1:])
    if told.free is not None:
        return f"Other sizes would do as well, because {_taker(followed, told.free)} takes any; {size} is shown."
    if told.is_open:
        return f"No layer says how large the input is; {size} is shown."
    if not told.wanted:
        return ""
    first, last = told.fits
    others = f" ({first} to {last} would do)" if first < last else ""
    written = f"the {_written(followed, told.wanted)} that is written{others}"
    return f"{size} is worked out from {written}: if your images have another size, type it."


def _taker(followed: Followed, place: int) -> str:
    """The layer at that place by its attribute, or as it is written where it has none."""
    row, name = followed.pairs[place]
    if row.module is not None and row.module.name is not None:
        return name
    return followed.run.paste.quote(row.module.node if row.module is not None else row.node)


def _written(followed: Followed, wanted: int) -> str:
    """That number of values as it is written: "64 * 8 * 8"."""
    for row in followed.rows:
        for value in row.in_values:
            if (
                value.is_written
                and value.value == wanted
                and value.parameter in ("in_features", "features", "num_features")
            ):
                return followed.run.paste.quote(value.node)
    return f"{wanted:,}"
