"""The frame of a tensor flow, of a chain or one that branches: axes in pixels, its texts, what a reader must know."""

from collections.abc import Sequence

from layerscope.figures import drawing
from layerscope.figures.captions import Caption
from layerscope.figures.placing import Notes, scale_notes
from layerscope.figures.theme import Json, layout


def framed(
    shapes: list[Json], data: list[Json], passing: Sequence[int], texts: Sequence[tuple[Caption, float]],
    notes: Notes, *, width: float, height: float,
) -> Json:  # fmt: skip
    """The picture as plain Plotly JSON. `texts` come with the size of their type; `passing`: see `drawing.saved`."""
    axis = {"visible": False, "fixedrange": True}
    return {
        "data": data,
        "layout": layout(
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            xaxis={**axis, "range": [0, width]},
            yaxis={**axis, "range": [0, height]},
            shapes=shapes,
            annotations=[
                drawing.letter(text.x / width, text.y / height, text.text, pixels, name=text.layer)
                for text, pixels in texts
            ],
            meta={
                **drawing.saved(passing, [text.plain for text, _ in texts]),
                **scale_notes(notes),
                "height": height,
            },
        ),
    }
