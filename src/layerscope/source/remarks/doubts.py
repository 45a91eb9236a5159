"""What is said of an input size that is only one of those that the layers would take."""

from layerscope.formatting import shape_text
from layerscope.source.followed import Followed
from layerscope.source.shapes import Told


def doubt(told: Told, followed: Followed) -> str:
    """A sentence about the size that was told; "" where the layers leave no doubt."""
    if told.shape is None or told.is_certain:
        return ""
    size = shape_text(told.shape[1:])
    if told.free is not None:
        return f"{_taker(followed, told.free)} accepts any size. Shown here: {size}; what do you use?"
    if told.is_open:
        return f"No layer says how large the input is. Shown here: {size}; what do you use?"
    written = told.by or _written(followed, told.wanted)
    first, last = told.fits
    if not first:
        return f"No square input gives the {written}. Shown here: {size}; what do you use?"
    others = f", like every size from {first} to {last}" if first < last else ""
    return f"{size} would fit the {written}{others}; what do you use?"


def worked_out(told: Told, followed: Followed) -> str:
    """How a size follows from the layers: "from the 16 * 5 * 5 in line 9 (sizes from 32 to 35 fit)"."""
    if not told.wanted or not told.is_usual:
        return ""
    first, last = told.fits
    others = f" (sizes from {first} to {last} fit)" if first < last else ""
    return f"from the {told.by or _written(followed, told.wanted)}{others}"


def _taker(followed: Followed, place: int) -> str:
    """The layer at that place by its attribute, or as it is written where it has none."""
    row, name = followed.pairs[place]
    if row.module is not None and row.module.name is not None:
        return name
    return followed.run.paste.quote(row.module.node if row.module is not None else row.node)


def _written(followed: Followed, wanted: int) -> str:
    """That number of values as it is written, and where: "64 * 8 * 8 in line 7", "4,096 in line 7"."""
    paste = followed.run.paste
    for row in followed.rows:
        for value in row.in_values:
            if (
                value.is_written
                and value.value == wanted
                and value.parameter in ("in_features", "features", "num_features")
            ):
                text = paste.quote(value.node)
                return f"{f'{wanted:,}' if text.isdigit() else text} in line {paste.place(value.node)[0]}"
    return f"{wanted:,}"
