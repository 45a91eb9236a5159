"""The card that looks inside a network with one image: a layer's window at work, its weights, its maps, a class.

Everything that the browser needs comes at once. Which cell is pointed at only the browser knows, until one is chosen,
which the link holds. Nothing of it is computed before the card is open.
"""

from collections.abc import Hashable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.layers.linear import Linear
from layerscope.network import Network
from layerscope.once import recent
from layerscope.steps import Step, Trace
from layerscope.study.hands import EVERY, Kernel, replaced
from layerscope.study.inside import Inside, LookError, complaint, cost, look, up_to
from layerscope.study.moving import CONVOLUTIONS, WEIGHTED, WITH_WINDOWS
from layerscope.study.samples import inputs
from layerscope.study.uploaded import PartialWeightsError, WeightsFileError
from layerscope.tracing import trace
from layerscope.ui import pictures, weightfiles
from layerscope.ui.handed import said_of
from layerscope.ui.insides import cell, heat, images, row, sheets, weights_said, window
from layerscope.ui.insides.calculating import as_maps, is_written_out, too_large
from layerscope.ui.insides.packing import plane
from layerscope.ui.insides.ways_out import lacking, ways_out
from layerscope.ui.looking import MOST_WORDS, Looking, changed, decoded

Part = dict[str, Any]

HEIGHT, HEIGHT_NARROW = 590, 945
LARGER = 1.4
"""How much higher the card is where type is large."""
REMEMBERED = 4
"""Scenes of the last looks: choosing a cell computes nothing."""
MOST_OFFERED = 8
"""So many layers with a window have a button where the selected one has none."""
LENSES = {"window": "Window", "weights": "All weights", "maps": "Maps", "excites": "Activated by", "class": "Class"}
TITLES = {
    "window": "How {} computes one value", "weights": "The weights of {}", "maps": "What {} outputs",
    "excites": "What activates {} most", "class": "Evidence for a class",
}  # fmt: skip
TAKE_PART = "Load what fits"
LONG = {"inside:own": pictures.TEXT, "inside:drawn": pictures.TEXT, "inside:file": weightfiles.TEXT}
"""Events whose text is longer than others', and how long it may be."""

_one_at_a_time = Lock()  # what is large must not stand in the memory many times, nor take every processor


def card(
    network: Network, name: str, looking: Looking, *, lens: str = "window",
    is_narrow: bool = False, is_large: bool = False, is_moving: bool = False,
    has_lab: bool = True,
) -> Part:  # fmt: skip
    """A look inside with one image. While a slider moves, what takes long waits: the card then stays as it is.

    `has_lab`: whether the visitor may train this network in the Lab, and change its input.
    """
    height = round((HEIGHT_NARROW if is_narrow else HEIGHT) * (LARGER if is_large else 1))
    is_there = name in network.names or lens == "class"
    part = {
        "key": "inside", "title": TITLES[lens].format(name) if is_there else "Look inside",
        "height": height, "inside": {}, "absent": "", "offers": [], "lens": lens,
    }  # fmt: skip
    if missing := _absent(network, name, lens):
        return part | missing
    if said := lacking(network, name, lens):
        return part | {"absent": said, "offers": [] if is_moving else ways_out(network, name, lens, has_lab)}
    traced = trace(network if lens == "class" else up_to(network, name))
    if is_moving and _effort(traced, lens, looking) > limits.INSIDE_MOVING.most:
        return part | {"waits": True}
    try:
        scene = _scene(traced, name, looking, lens)
    except LookError as error:
        return part | {"absent": str(error)}
    return part | {"inside": scene | _common(traced.network, _whole(network, traced), looking, scene, lens, has_lab)}


def event(network: Network, name: str, looking: Looking, verb: str, value: Any) -> Looking:
    """What becomes of what is looked at with an event of the card ("inside:filter" has the verb "filter")."""
    if verb == "file":
        return with_weights(network, looking, decoded(value))
    if verb == "fitting" and looking.offered:
        return replace(looking, file=looking.offered, hands=(), problem="", offered="")
    if name in network.names and is_written_out(network[name]):
        step = trace(up_to(network, name)).steps[-1]
        is_slice = len(step.output_shape or ()) > 3 and verb not in ("cell", "weights")  # in the maps of a volume
        looking = looking if is_slice else _within(step, looking)
    return changed(looking, verb, value, name, partial(_kernel, network, name, looking))


def with_weights(network: Network, looking: Looking, file: bytes, start: str = weightfiles.FILE) -> Looking:
    """The weights of a safetensors file in the place of random ones, or why they cannot be used, and the offer to take
    those that fit."""
    try:
        name = weightfiles.keep(file, network, looking.file, start)
        return replace(looking, file=name, hands=(), problem="", offered="")
    except WeightsFileError as error:
        is_part = isinstance(error, PartialWeightsError)
        offered = weightfiles.kept.keep(file, start, looking.offered) if is_part else ""
        return replace(looking, problem=str(error)[:MOST_WORDS], offered=offered)


def _within(step: Step, looking: Looking) -> Looking:
    """The same with a filter and a channel that the layer has."""
    shape = step.output_shape or (1,)
    if isinstance(step.layer, Linear):
        return replace(looking, filter=min(looking.filter, max(shape[-1], 1) - 1))
    filters = max(as_maps(shape)[0] if len(shape) > 1 else shape[0], 1)
    if not isinstance(step.layer, WITH_WINDOWS):
        return replace(looking, filter=min(looking.filter, filters - 1))
    groups = int(getattr(step.layer, "groups", 1))
    depth = step.input_shape[0] // groups if isinstance(step.layer, WEIGHTED) else 1
    return replace(looking, filter=min(looking.filter, filters - 1), channel=min(looking.channel, depth - 1))


def _kernel(network: Network, name: str, looking: Looking, slice_: int) -> Kernel | None:
    """The weights that are before the visitor, of a volume's kernel those of a slice; None where the layer has none
    such, or where it is not looked into."""
    row = network[name] if name in network.names else None
    if not isinstance(row, CONVOLUTIONS) or (row.dims > 2) is (slice_ == EVERY):
        return None
    traced = trace(up_to(network, name))
    if complaint(traced) or too_large(traced.steps[-1]):
        return None
    try:
        weight = torch.from_numpy(_looked(traced, looking).weights[name])
    except LookError:
        return None
    kernel = weight[looking.filter, looking.channel]
    if slice_ != EVERY and not 0 <= slice_ < len(kernel):
        return None
    rows = kernel[slice_] if slice_ != EVERY else kernel
    return tuple(map(tuple, rows.reshape(plane(weight.shape[1:])).tolist()))


def _absent(network: Network, name: str, lens: str) -> Part:
    """What is said where there is nothing of that kind to see; nothing where there is."""
    if lens == "class":
        return {} if network.layers else {"absent": "There is no layer yet."}
    if lens in ("maps", "excites"):
        return {} if name in network.names else {"absent": "There is no layer yet."}
    found = [layer.name for layer in network.layers if is_written_out(layer)]
    if lens == "weights":
        steps = trace(network).steps
        reached = {step.name for step in steps}  # a row that is not reached is told what does not run
        found = [step.name for step in steps if step.parameters or step.tied_parameters]
        found += [layer.name for layer in network.layers if layer.name not in reached or layer.of in found]
    if name in found:
        return {}
    if not found:
        what = "no layer whose values are written out here" if lens == "window" else "no layer with weights"
        return {"absent": f"This network has {what}."}
    lacks, has = {
        "window": ("The arithmetic of {} is not written out here", "a layer whose values are written out"),
        "weights": ("{} has no weights", "a layer that has some"),
    }[lens]
    offers = [{"key": "select", "value": one, "label": one} for one in found[:MOST_OFFERED]]
    if name not in network.names:
        return {"absent": f"Choose {has}:", "offers": offers}
    others = [{"key": "lens", "value": "maps", "label": f"See what {name} outputs"}]
    if lens == "window" and _has_weights(network, name):
        others.append({"key": "lens", "value": "weights", "label": "See its weights"})
    return {"absent": f"{lacks.format(name)}. See what it outputs, or choose {has}:", "offers": others + offers}


def _has_weights(network: Network, name: str) -> bool:
    return any(step.name == name and (step.parameters or step.tied_parameters) for step in trace(network).steps)


def _effort(traced: Trace, lens: str, looking: Looking) -> int:
    """Values and operations that the view takes, at most."""
    if lens == "class":
        return heat.effort(traced)
    return sheets.effort(traced.network, looking) if lens == "excites" else max(cost(traced))


def _by_what(traced: Trace, name: str, looking: Looking, lens: str) -> Hashable:
    return traced.network.exact, name, replace(looking, cell=(), problem="", offered=""), lens


def _scene(traced: Trace, name: str, looking: Looking, lens: str) -> Part:
    """What the view shows. Raises LookError."""
    if lens == "excites":
        with _one_at_a_time:
            return sheets.excites_scene(traced.network, traced, name, looking)
    return _seen(traced, name, looking, lens)


@recent(REMEMBERED, _by_what)
def _seen(traced: Trace, name: str, looking: Looking, lens: str) -> Part:
    """What a view of one image shows, whichever cell of it was chosen."""
    network = traced.network
    if lens == "class":
        with _turn(heat.effort(traced)):
            return heat.scene(network, _given(network, looking), _weights(network, looking), looking)
    seen = _looked(traced, looking)
    if lens == "weights":
        if not seen.parameters(name):
            raise LookError(f"{name} has no weights.")
        return sheets.weights_scene(seen, name, looking)
    if lens == "maps":
        return sheets.maps_scene(seen, traced, name, looking)
    if isinstance(network[name], Linear):
        return row.scene(seen, name, looking)
    if isinstance(network[name], WITH_WINDOWS):
        return window.scene(seen, traced, name, looking)
    with _turn(max(cost(traced))):  # every value of the row is looked up
        return cell.scene(seen, traced, name, looking)


def _turn(effort: int) -> Any:
    return _one_at_a_time if effort > limits.INSIDE_MOVING.most else nullcontext()


def _given(network: Network, looking: Looking) -> dict[str, Tensor]:
    """What each input of the network gets."""

    def picture(shape: Shape) -> Tensor:
        return images.picture(looking.image, shape)

    return inputs(network.inputs, picture)


def _weights(network: Network, looking: Looking) -> dict[str, Tensor]:
    """The weights that are not fresh: those of a file, and those set by hand."""
    given = weightfiles.weights(looking.file, network)[0] if looking.file else None
    return replaced(network, looking.seed, looking.hands, given)


def _looked(traced: Trace, looking: Looking) -> Inside:
    """One image on its way through the network. Raises LookError."""
    network = traced.network
    with _turn(max(cost(traced))):
        return look(network, _given(network, looking), looking.seed, _weights(network, looking))


def _whole(network: Network, traced: Trace) -> Network:
    """The network whose weights are told of: all of it, where it runs and is not too large to be looked into."""
    return traced.network if complaint(trace(network)) else network


def _common(network: Network, whole: Network, looking: Looking, scene: Part, lens: str, has_lab: bool) -> Part:
    """What the card has in every view: image, weights, and what is to be said of them."""
    has_image = lens not in ("weights", "excites") and network.inputs[0].kind == "values"
    about = images.about(network, looking.image).strip() if has_image else ""
    indices = "" if lens in ("weights", "excites") else weights_said.indices(network)
    notes = about, indices, weights_said.about(network, whole, looking, scene, lens, has_lab), said_of(looking.hands)
    return {
        "lens": lens,
        "image": images.choice(looking) if has_image else None,
        "own": {"side": pictures.SIDE, "most": limits.PICTURE_FILE.most, "says": limits.PICTURE_FILE.sentence()},
        "seed": looking.seed, "seeds": limits.INSIDE_SEED.most, "has_file": bool(looking.file),
        "at": list(looking.cell),
        "file": {"most": limits.WEIGHTS_FILE.most, "says": _too_large_file()},
        "is_weighed": lens != "window" or scene["kind"] == "sum", "problem": looking.problem,
        "cures": [{"key": "inside:fitting", "label": TAKE_PART}] if looking.offered else [],
        "note": " ".join(filter(None, notes)),
    }  # fmt: skip


def _too_large_file() -> str:
    return f"This file is larger than {limits.WEIGHTS_FILE.most:,} bytes, which is the limit for weights."
