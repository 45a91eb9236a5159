"""What the colours of the tensor flow mean, and the window drawn in it; only of what the picture really shows."""

from layerscope.figures import solids
from layerscope.figures.theme import COLOURS, Json

WORDS = {"Shape": "flatten, reshape", "Sequences": "recurrent", "Function": "function"}
"""Families whose name in the catalogue says too little in a picture."""
WINDOW = "window: what one output value reads"


def key(picture: Json) -> list[Json]:
    """Entries with a colour and a label; the window's has no colour, as it is drawn as a frame."""
    fills = {shape["fillcolor"] for shape in picture["layout"]["shapes"]}
    entries = [
        {"key": family, "label": WORDS.get(family, family.lower()), "color": colour}
        for family, colour in COLOURS.items()
        if colour in fills
    ]
    return [*entries, {"key": "window", "label": WINDOW, "color": ""}] if solids.WINDOW in fills else entries
