"""What the selected row reads, as choices among the earlier rows; and the edits that make branches."""

from typing import Any

import torch

from layerscope import limits, wiring
from layerscope.asking import ask
from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.ui.session import Session

Part = dict[str, Any]

ACTIONS = (
    {"key": "branch", "label": "Branch here", "disabled": False},
    {"key": "skip", "label": "Wrap in a skip connection", "disabled": False},
)


def connections(session: Session, now: Trace, step: Step | None) -> Part | None:
    """The part of the panel about what a row reads; of a block (no step) only the edits."""
    if session.fixes_layers:
        return None
    part: Part = {"label": "Branches", "open": step is None, "sources": [], "inputs": [], "actions": [*ACTIONS]}
    if step is None or step.layer.takes[1] == 0:
        return part
    read, layer = now.network.before(step.name), step.layer
    known = sources(now, step.name)
    marks = _indices(now.network)
    groups: dict[tuple[Shape | None, bool], int] = {}
    group_of = {name: groups.setdefault((shape, marks.get(name, False)), len(groups)) for name, shape in known.items()}
    fitting = _fitting(layer, [(known.get(name) or (), marks.get(name, False)) for name in read], groups)
    is_merge = layer.takes[1] > 1
    inputs = [
        {
            "key": f"reads:{place}:{layer.name}",
            "label": f"input {place + 1}" if is_merge else "reads",
            "mark": str(place + 1) if is_merge else "",
            "value": name,
            "shown": f"{_near(name, layer.name)}  {_told(known.get(name))}",
            "fits": fits,
            "remove": f"unread:{place}:{layer.name}" if len(read) > layer.takes[0] else None,
        }
        for place, (name, fits) in enumerate(zip(read, fitting, strict=True))
    ]
    more = {"key": f"reads:{len(read)}:{layer.name}", "label": "Add an input", "value": read[-1] if read else ""}
    return part | {
        "label": "Reads" if is_merge else f"Reads {read[0]}",
        "open": is_merge,
        "sources": [
            {"value": name, "label": f"{name}  {_told(shape)}", "group": group_of[name]}
            for name, shape in reversed(known.items())
        ],
        "inputs": inputs,
        "more": more if len(read) < min(layer.takes[1], limits.JOINED.most) else None,
    }


def sources(now: Trace, name: str) -> dict[str, Shape | None]:
    """All that a row may read, by name, with the shape; None where it is not reached. A row's outputs are several."""
    network = now.network
    known: dict[str, Shape | None] = {given.name: given.shape for given in network.inputs}
    for layer in network.layers[: network.index(name)]:
        step = now.by_name.get(layer.name)
        made = step.output_shapes if step is not None else ()
        for place, port in enumerate(layer.ports or ("",)):
            reference = f"{layer.name}:{port}" if port and place else layer.name
            known[reference] = made[place] if place < len(made) else None
    for reference in network.before(name):  # a port that the row may name in full
        known.setdefault(reference, known.get(wiring.parts(reference)[0]))
    return known


def _indices(network: Network) -> dict[str, bool]:
    """The inputs and rows that give indices."""
    marks = {given.name: given.kind == "indices" for given in network.inputs}
    for layer in network.layers:
        read = (marks.get(wiring.parts(one)[0], False) for one in network.before(layer.name))
        marks[layer.name] = layer.makes_indices or (layer.passes_kind and any(read))
    return marks


@torch.no_grad()
def _fitting(
    layer: Layer, now: list[tuple[Shape, bool]], groups: dict[tuple[Shape | None, bool], int]
) -> list[list[int]]:
    """For each input the groups of values that torch takes there while the other inputs stay as they are."""
    found = []
    for place in range(len(now)):
        fits = []
        for (shape, mark), group in groups.items():
            if shape is None:
                continue
            shapes, marks = zip(*now[:place], (shape, mark), *now[place + 1 :], strict=True)
            if ask(layer, *shapes, kinds=marks if any(marks) else ()).message is None:
                fits.append(group)
        found.append(fits)
    return found


def _near(name: str, reader: str) -> str:
    """A name without the blocks that it shares with its reader, so that what differs is seen where room is scarce."""
    parts = name.split(".")
    shared = 0
    for one, other in zip(parts[:-1], reader.split(".")[:-1], strict=False):
        if one != other:
            break
        shared += 1
    if shared and parts[shared].isdecimal():
        shared -= 1
    return f"… {'.'.join(parts[shared:])}" if shared else name


def _told(shape: Shape | None) -> str:
    return "not reached" if shape is None else shape_text(shape)
