"""The stage of the Compare page: what differs in a sentence, the totals, B's controls, two pictures, one table."""

from typing import Any

from layerscope.changes import ripple
from layerscope.contrast import Contrast, Total
from layerscope.contrast_numbers import FAR, times
from layerscope.figures import flow
from layerscope.figures import key as colour_key
from layerscope.figures.beside import Picture, beside
from layerscope.formatting import bytes_text, compact
from layerscope.glossary import more
from layerscope.study.compare import Comparison
from layerscope.tables import differences
from layerscope.ui.outline import outline
from layerscope.ui.panel import panel
from layerscope.ui.parts import SHORTCUTS
from layerscope.ui.session import Session
from layerscope.ui.totals import MACS_HELP, MEMORY_HELP, PARAMETERS_HELP
from layerscope.ui.views import HINTS, choice, flow_height

Part = dict[str, Any]

ROWS = {"differ": "What differs", "field": "Only the receptive field", "all": "All layers"}
"""Which rows the table has. Those of "field" changed only because others before them did."""
SAME = "Drag a slider of B, or choose another network for A or B."
FIELD_HELP = "The receptive field: how many cells of the input, along one axis, one value of the output depends on."
TRAINING_HELP = (
    "The most memory that one training step takes ({}): weights, gradients, the optimizer's state, the activations "
    "that PyTorch keeps for the backward pass, and temporary tensors. Batch and optimizer are those of the Memory page."
)
FEWER = {"activation_bytes": "less", "training_memory": "less", "receptive_field": "smaller"}
"""What a smaller number is called, where it is not "fewer"."""
NOTHING_ELSE = "Nothing else differs."
_HINTS = {False: HINTS[False], True: "B: tap a block to change it"}
"""On a phone the title has no room beside it."""


def stage_data(seen: Comparison, session: Session, rows: str) -> Part:
    """Everything that the stage draws. `rows`: which rows the table has, one of ROWS."""
    told = ripple(seen.contrast.a, seen.contrast.b)
    is_hidden = session.view.predict == "on"  # a slider's effect must not show before the guess
    controls = None if is_hidden else panel(session, told)
    if controls is not None:
        controls = {**controls, "ways": []}
    return {
        "narrow": session.narrow,
        "strip": True,
        "large": False,
        "totals": tiles(seen),
        "against": None,
        "message": message(seen),
        "outline": None if is_hidden else outline(session, told) | {"label": "Layers of B"},
        "panel": controls,
        "figures": pictures(seen.contrast, session),
        "view": choice("rows", "Rows", _shown(seen.contrast, rows), _offered(seen.contrast)),
        "tables": [table_part(seen.contrast, session, _shown(seen.contrast, rows))],
        "shortcuts": SHORTCUTS,
    }


def message(seen: Comparison) -> Part:
    """What differs: the sentence that matters most as the heading, the others below it."""
    first, *others = seen.sentences
    is_broken = seen.contrast.a.error is not None or seen.contrast.b.error is not None
    text = SAME if seen.contrast.is_same else " ".join(others) or NOTHING_ELSE
    tone = "error" if is_broken else "rest"
    return {"tone": tone, "title": first, "text": text, "quote": None, "changes": [], "actions": []}


def tiles(seen: Comparison) -> list[Part]:
    """The totals: B's number large, A's beside it with the ratio."""
    trained = seen.training.words
    kinds = (
        ("parameters", "parameters of B", "{:,}".format, PARAMETERS_HELP, "learnable parameter"),
        ("macs", "MACs of B", compact, MACS_HELP.format("sample") + ".", "MAC"),
        (
            "activation_bytes",
            "activations of B per sample",
            bytes_text,
            f"{MEMORY_HELP.format('sample')}.",
            "activation",
        ),
        ("training_memory", f"to train B ({trained})", bytes_text, TRAINING_HELP.format(trained), "training memory"),
        ("layers", "layers of B", "{:,}".format, "Rows of the network, activations and joins included.", "layer"),
        ("receptive_field", "receptive field (input cells)", "{:,}".format, FIELD_HELP, "receptive field"),
    )
    return [
        {
            "key": what,
            "label": label,
            **_told(seen, what, written),
            "help": text,
            "more_help": more(term),
            "quiet": what in ("layers", "receptive_field"),
        }
        for what, label, written, text, term in kinds
    ]


def _told(seen: Comparison, what: str, written: Any) -> Part:
    """B's number and how it compares with A's; dots where torch is still to be asked for one of them."""
    total = seen.totals[what]
    if what == "training_memory" and seen.is_partial:
        return {"value": "…", "change": "", "is_marked": False}
    return {
        "value": _number(total.b, written),
        "change": _against(total, written, FEWER.get(what, "fewer")),
        "is_marked": total.a != total.b,
    }


def _number(count: int | None, written: Any) -> str:
    return "unknown" if count is None else str(written(count))


def _against(total: Total, written: Any, fewer: str) -> str:
    """How B's number compares: 1.8× A (32,998); 0.54× A (39.3 KiB); 157× fewer than A (32,998); where the ratio would
    be 1.0, −96 vs A (32,998)."""
    if total.a == total.b:
        return "same as A"
    number = _number(total.a, written)
    if not total.ratio or total.b is None:
        return f"not {number}"
    if abs(total.ratio - 1) < 0.05:
        apart = total.b - (total.a or 0)
        return f"{'+' if apart > 0 else '−'}{written(abs(apart))} vs A ({number})"
    if total.ratio < FAR:
        return f"{times(1 / total.ratio)}× {fewer} than A ({number})"
    return f"{times(total.ratio)}× A ({number})"


def pictures(contrast: Contrast, session: Session) -> list[Part]:
    """Both tensor flows, one above the other. On a phone B's stays on the screen while B changes."""
    drawn = beside(
        contrast, session.selected or None, height=flow_height(session), width=flow.width_on(session.narrow)
    )  # fmt: skip
    return [_card(side, picture, session) for side, picture in zip("AB", drawn, strict=True)]


def _card(side: str, picture: Picture, session: Session) -> Part:
    title = f"{side}: tensor flow"
    hint = _HINTS[session.narrow] if side == "B" else "Pinned"
    return {
        "key": f"flow-{side.lower()}",
        "title": title,
        "description": f"{side}. {picture.description}",
        "height": 230,
        "marks": True,
        "stays": side == "B",
        **picture.figure,
        "note": picture.legend,
        "saved": " · ".join(filter(None, [title, picture.legend])),
        "guide": {"label": "Key", "entries": colour_key.key(picture.figure), "hint": hint},
    }


def counterpart(name: str, contrast: Contrast) -> str:
    """What B calls a row that was pointed at in A's picture; a name of B's own stays."""
    if name in contrast.b.network.names:
        return name
    return next((pair.b for pair in contrast.pairs if pair.a == name and pair.b), name)


def _offered(contrast: Contrast) -> dict[str, str]:
    """The choices of ROWS that have rows to show."""
    sees = any(row.only_sees for row in contrast.rows)
    return {key: title for key, title in ROWS.items() if key != "field" or sees}


def _shown(contrast: Contrast, rows: str) -> str:
    return rows if rows in _offered(contrast) else "differ"


def table_part(contrast: Contrast, session: Session, rows: str) -> Part:
    """The table in the stage's form. Among all rows those that changed in themselves are marked and say so; those that
    only see more or less of the input are dimmed."""
    listed = [row for row in contrast.rows if {"differ": row.changed, "field": row.only_sees}.get(rows, True)]
    shown = differences(contrast, listed)
    body = [
        {
            "key": f"{row.pair.a}/{row.pair.b}",
            "cells": cells,
            "tone": "ok",
            "lit": row.changed and rows == "all",
            "dim": row.only_sees and rows == "all",
            "selected": row.pair.b is not None and row.pair.b == session.selected,
        }
        for row, cells in zip(listed, shown.rows, strict=True)
    ]
    columns = [{"label": name, "align": "right" if name in shown.numeric else "left"} for name in shown.columns]
    return {"key": f"compare-{rows}", "caption": shown.caption, "columns": columns, "rows": body, "foot": shown.foot}
