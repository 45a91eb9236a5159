"""Colours, patterns, type sizes and the layout that all pictures share.

Colours are Okabe and Ito's, told apart by colour-blind readers too. Text beside the drawing carries no colour: the
browser gives it the theme's. Lines that must stand out take the browser's text colour through a CSS variable.
"""

from typing import Any

from layerscope.catalogue import GROUPS, MEASURED
from layerscope.layers.base import Layer

Json = dict[str, Any]

TEXT = "var(--st-text-color)"
"""The browser's text colour: the stage puts the value in."""
GRID = "var(--st-border-color)"
PAPER = "var(--st-background-color)"
"""What the pictures are drawn on."""
MUTED = "rgba(128,128,128,0.9)"
FAINT = "rgba(128,128,128,0.16)"
CLEAR = "rgba(0,0,0,0)"
WRONG = "#D55E00"

INPUT = "Input"
_CHOSEN = {
    INPUT: "#8A8F98",
    "Convolution": "#0072B2",
    "Transposed convolution": "#56B4E9",
    "Pooling": "#E69F00",
    "Linear": "#009E73",
    "Shape": "#CC79A7",
    "Normalization": "#F0E442",
    "Activation": "#B8B8B8",
    "Regularization": "#B8B8B8",
    "Sequences": "#A58BD0",
    "Joining": "#6B7280",
    "Attention": "#7B5EA7",
}
_OTHER = "#8C7A4E"
COLOURS = {group: _CHOSEN.get(group, _OTHER) for group in (*_CHOSEN, *GROUPS)}
"""The colour of each family of layers (the groups of the catalogue) and of the input."""

_FAMILIES = {layer_type: group for group, types in GROUPS.items() for layer_type in types} | dict.fromkeys(
    MEASURED, "Shape"
)
_KEEPING = {"Activation", "Normalization", "Regularization"}


def family(layer: Layer) -> str:
    """The layer's group in the catalogue."""
    return _FAMILIES[type(layer)]


def keeps_shape(layer: Layer) -> bool:
    """Whether the layer belongs to a family that never changes a shape."""
    return family(layer) in _KEEPING


def has_blocks(group: str) -> bool:
    """Whether the layers of a family have blocks of their own, as they change shapes."""
    return group not in _KEEPING


def size(pixels: float, large: bool) -> int:
    """A type size; projectors get it larger."""
    return round(pixels * (1.3 if large else 1))


_NARROW = frozenset("fijlt.,:;1 |()'<")
_WIDE = frozenset("mwMW%✕◆▲▼")


def text_width(text: str, pixels: float) -> float:
    """About how wide `text` is in a common sans-serif type, on the safe side; bold is a little wider."""
    narrow = sum(map(_NARROW.__contains__, text))
    wide = sum(map(_WIDE.__contains__, text))
    return pixels * (0.6 * (len(text) - narrow - wide) + 0.38 * narrow + 0.95 * wide)


def layout(**more: Any) -> Json:
    """What all pictures share: no legend, no dragging (a phone must scroll), no jump between updates."""
    return {
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "uirevision": "layerscope",
        "barmode": "overlay",
        "hoverlabel": {"align": "left", "namelength": 0},
        **more,
    }
