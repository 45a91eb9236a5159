"""Two networks as two pictures with one scale: a cell, a channel and a value take as many pixels in both."""

from collections.abc import Sequence
from typing import NamedTuple

from layerscope.contrast import Contrast
from layerscope.contrast_story import is_far
from layerscope.figures import branching, captions, flow
from layerscope.figures.captions import Focus
from layerscope.figures.folding import NOTHING
from layerscope.figures.gathering import folded, gather, in_a_row
from layerscope.figures.gauge import Body, Gauge
from layerscope.figures.placing import placed
from layerscope.figures.scene import stops
from layerscope.figures.theme import Json
from layerscope.steps import Trace


class Picture(NamedTuple):
    """A picture as plain Plotly JSON, in words, and what its signs mean."""

    figure: Json
    description: str
    legend: str


def beside(
    contrast: Contrast, selected: str | None = None, *, height: float = flow.HEIGHT, width: float = flow.WIDTH
) -> tuple[Picture, Picture]:
    """A's picture and B's. What differs has a sign; in networks that are far apart only what the other one lacks.

    Args:
        selected: the layer of B to outline; in A the one that corresponds.
    """
    both = contrast.a, contrast.b
    chosen = next((pair.a for pair in contrast.pairs if pair.b == selected), None), selected
    scale = one_scale(both, chosen, height=height, width=width)
    found = []
    for side, one in enumerate(both):
        marked = differing(contrast, side)
        figure = flow.flow(one, chosen[side], marked, height=height, width=width, given=scale)
        found.append(Picture(figure, flow.description(one), legend(one, marked, figure)))
    return found[0], found[1]


def differing(contrast: Contrast, side: int) -> frozenset[str]:
    """The rows of A (0) or B (1) that get a sign: not those that only see more or less of the input."""
    is_close = not is_far(contrast)
    rows = [row for row in contrast.rows if not row.is_paired or (is_close and row.changed)]
    return frozenset(name for row in rows if (name := row.pair[side]) is not None)


def legend(trace: Trace, marked: frozenset[str], figure: Json) -> str:
    """What the signs of the picture mean."""
    signs = [flow.legend(trace, frozenset(), figure), f"{captions.CHANGED} differs" if marked else ""]
    return " · ".join(filter(None, signs))


def one_scale(
    traces: Sequence[Trace], selected: Sequence[str | None] = (None, None), *, height: float, width: float
) -> Gauge:
    """The largest scale with which the bodies of both pictures fit into each of them."""
    bodies = [_bodies(one, name, height, width)[0] for one, name in zip(traces, selected, strict=True)]
    others = reversed(bodies)
    scales = [
        _bodies(one, name, height, width, other)[1] for one, name, other in zip(traces, selected, others, strict=True)
    ]
    return min(scales, key=lambda scale: (scale.tallest, scale.filled))


def _bodies(
    trace: Trace, selected: str | None, height: float, width: float, besides: Sequence[Body] = ()
) -> tuple[Sequence[Body], Gauge]:
    """The bodies of a picture, and the scale that fits them and those `besides`."""
    if in_a_row(trace.network):
        stage = placed(stops(trace), flow.room_for(height, width, large=False), besides=besides)
        return stage.bodies, stage.gauge
    shown = folded(gather(trace), branching.most_for(width), selected=selected)
    view = branching.View(shown, (), Focus(selected, NOTHING, {}))
    standing = branching.staged(view, height=height, width=width, large=False, besides=besides)
    return standing.bodies, standing.gauge
