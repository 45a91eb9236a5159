"""The card that looks inside a layer: its window at work on one image, as parts of the stage.

Everything that the browser needs to move the window comes at once: the padded input, the weights of one filter, and the
map that torch's module made. Which cell the window is on only the browser knows.
"""

from base64 import b64encode
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from math import prod
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from layerscope import limits
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.study.hands import STARTERS, Kernel, replaced
from layerscope.study.inside import Inside, LookError, complaint, cost, look, up_to
from layerscope.study.samples import SAMPLES, from_pixels, inputs, sample
from layerscope.study.windows import CONVOLUTIONS, WITH_WINDOWS, Field
from layerscope.tracing import trace
from layerscope.ui import pictures
from layerscope.ui.looking import BY_HAND, OWN, RANDOM, Looking, changed

Part = dict[str, Any]

HEIGHT, HEIGHT_NARROW = 520, 860
LARGER = 1.4
"""How much higher the card is where type is large."""
MOST_OFFERED = 8
"""So many layers with a window have a button where the selected one has none."""
NOTHING_TRAINED = "Nothing is trained here: the weights are random until you set them."
GONE = "Your image is not kept any more; choose it again. "
LONG = {"inside:own": pictures.TEXT}
"""Events whose text is longer than others', and how long it may be."""

_one_at_a_time = Lock()  # what is large must not stand in the memory many times, nor take every processor


def card(
    network: Network, name: str, looking: Looking, *,
    is_narrow: bool = False, is_large: bool = False, is_moving: bool = False,
) -> Part:  # fmt: skip
    """A layer's window on one image. While a slider moves, what takes long waits: the card then stays as it is."""
    height = round((HEIGHT_NARROW if is_narrow else HEIGHT) * (LARGER if is_large else 1))
    part = {
        "key": "inside", "title": f"How {name} computes one value" if name else "Look inside",
        "height": height, "inside": {}, "absent": "", "offers": [],
    }  # fmt: skip
    if name not in network.names or not isinstance(network[name], WITH_WINDOWS):
        return part | _absent(network, name)
    traced = trace(up_to(network, name))
    if said := complaint(traced) or _too_large(traced.steps[-1]):
        return part | {"absent": said}
    if is_moving and max(cost(traced)) > limits.INSIDE_MOVING.most:
        return part | {"waits": True}
    try:
        seen = _looked(traced, looking)
    except LookError as error:
        return part | {"absent": str(error)}
    return part | {"inside": _scene(seen, name, looking)}


def event(network: Network, name: str, looking: Looking, verb: str, value: Any) -> Looking:
    """What becomes of what is looked at with an event of the card ("inside:filter" has the verb "filter")."""
    if name in network.names and isinstance(network[name], WITH_WINDOWS):
        looking = _within(trace(up_to(network, name)).steps[-1], looking)
    return changed(looking, verb, value, name, partial(_kernel, network, name, looking))


def _within(step: Step, looking: Looking) -> Looking:
    """The same with a filter and a channel that the layer has."""
    filters = max((step.output_shape or (1,))[0], 1)
    depth = step.weight_shape[1] if step.weight_shape else 1
    return replace(looking, filter=min(looking.filter, filters - 1), channel=min(looking.channel, depth - 1))


def _kernel(network: Network, name: str, looking: Looking) -> Kernel | None:
    """The weights that are before the visitor; None where the layer has none, or where it is not looked into."""
    if name not in network.names or not isinstance(network[name], CONVOLUTIONS):
        return None
    traced = trace(up_to(network, name))
    if complaint(traced) or _too_large(traced.steps[-1]):
        return None
    try:
        weight = torch.from_numpy(_looked(traced, looking).weights[name])
    except LookError:
        return None
    kernel: list[list[float]] = weight[looking.filter, looking.channel].reshape(_plane(weight.shape[1:])).tolist()
    return tuple(map(tuple, kernel))


def _absent(network: Network, name: str) -> Part:
    """What is said where the selected row moves no window over its input."""
    found = [layer.name for layer in network.layers if isinstance(layer, WITH_WINDOWS)]
    if not found:
        return {"absent": "This network has no convolution and no pooling layer to look into."}
    why = f"{name} moves no window over its input. " if name in network.names else ""
    offers = [{"key": "select", "value": one, "label": one} for one in found[:MOST_OFFERED]]
    return {"absent": f"{why}Choose a convolution or a pooling layer:", "offers": offers}


def _too_large(step: Step) -> str:
    """Why a layer's window cannot be drawn; "" where it can."""
    kernels = [one.kernel for one in getattr(step.layer, "windows", ())]
    if step.layer.dims > 2:
        return f"{step.name} moves through a volume; this view shows windows along one axis or two."
    if max(kernels) > limits.INSIDE_KERNEL.most:
        return limits.INSIDE_KERNEL.sentence(name=step.name, found=max(kernels))
    windows = getattr(step.layer, "windows", ())
    padded = [size + one.padding for size, one in zip(step.input_shape[1:], windows, strict=True)]
    cells = prod(padded) + prod((step.output_shape or ())[1:])
    return limits.INSIDE_CELLS.sentence(name=step.name, found=cells) if cells > limits.INSIDE_CELLS.most else ""


def _looked(traced: Trace, looking: Looking) -> Inside:
    """One image on its way through the network. Raises LookError."""
    network, own, image = traced.network, pictures.picture(looking.image), _sample_of(looking)

    def picture(shape: Shape) -> Tensor:
        return sample(image, shape) if own is None else from_pixels(own, shape)

    with _one_at_a_time if max(cost(traced)) > limits.INSIDE_MOVING.most else nullcontext():
        weights = replaced(network, looking.seed, looking.hands)
        return look(network, inputs(network.inputs, picture), looking.seed, weights)


def _sample_of(looking: Looking) -> str:
    """The drawn picture that is looked at, also where a picture of one's own is gone."""
    return looking.image if looking.image in SAMPLES else Looking().image


def _about_image(network: Network, looking: Looking) -> str:
    if looking.image in SAMPLES:
        return ""
    if pictures.picture(looking.image) is None:
        return GONE
    size = shape_text(network.input_shape[-2:])
    return f"Your image: its middle square, scaled to {size}. Only these pixels leave your computer. "


def _scene(seen: Inside, name: str, looking: Looking) -> Part:
    """The card's numbers and choices."""
    here = seen.field(name)
    out = min(looking.filter, len(here.made) - 1)
    read = here.channels(out)
    place = min(looking.channel, len(read) - 1)
    is_sum = here.kind == "sum"
    sent = _sent(here, read, place)
    source = seen.network.before(name)[0]
    is_image = source in [given.name for given in seen.network.inputs]
    along = [(1, 1, 1, 0, 0), *(one[:5] for one in here.windows)][-2:]  # what has one axis is one row
    kernel, dilation, stride, before, _ = zip(*along, strict=True)
    modes = getattr(here.layer, "padding_mode", "zeros")
    scene = {
        "layer": name, "reads": source, "kind": here.kind, "filter": out, "filters": len(here.made),
        "channel": place, "channels": list(read), "kernel": kernel, "dilation": dilation, "stride": stride,
        "before": before, "padding": modes if is_sum else "",
        "size": _plane(here.padded.shape), "inner": _plane(seen.arriving(name)[0].shape),
        "map": _plane(here.made.shape), "gray": is_image,
        "shown": sent.index(read[place]), "cells": _packed(here.padded[sent[0] : sent[-1] + 1]),
        "sums": _packed(here.made[out]), "divisor": here.divides_by,
        "image": _image_choice(looking), "own": {"side": pictures.SIDE, "most": limits.PICTURE_FILE.most,
        "says": limits.PICTURE_FILE.sentence()},
        "note": f"{_about_image(seen.network, looking)}{NOTHING_TRAINED * is_sum}".strip(),
    }  # fmt: skip
    return scene | (_weighed(here, out, read, place, sent, looking) if is_sum else {})


def _sent(here: Field, read: Sequence[int], place: int) -> list[int]:
    """The input channels that the browser gets: all that the filter reads, or of large ones the chosen one alone."""
    is_small = len(read) * prod(here.padded.shape[1:]) <= limits.INSIDE_CHANNELS.most
    return list(read) if is_small else [read[place]]


def _weighed(here: Field, out: int, read: Sequence[int], place: int, sent: Sequence[int], looking: Looking) -> Part:
    """What a convolution has besides: weights, who set them, bias, and what the channels add that are not sent."""
    assert here.weight is not None
    bias = None if here.bias is None else float(here.bias[out])
    rest = None
    if len(sent) < len(read):
        rest = _packed(here.made[out] - here.partial(out, read[place]) - (bias or 0.0))
    kernels = here.weight[out, [read.index(channel) for channel in sent]]
    options = {RANDOM: "random", **{key: title for key, (title, _) in STARTERS.items()}}
    if len(here.windows) < 2:
        del options["horizontal"]
    hand = looking.hand(here.layer.name, out, place)
    if hand == BY_HAND:
        options[BY_HAND] = "set by hand"
    return {
        "weights": _packed(kernels), "bias": bias, "rest": rest, "seed": looking.seed,
        "hand": {"value": hand, "options": [{"value": key, "label": label} for key, label in options.items()]},
    }  # fmt: skip


def _image_choice(looking: Looking) -> Part:
    options = {key: title for key, (title, _) in SAMPLES.items()}
    is_own = pictures.picture(looking.image) is not None
    if is_own:
        options[OWN] = "your image"
    value = OWN if is_own else _sample_of(looking)
    return {"value": value, "options": [{"value": key, "label": label} for key, label in options.items()]}


def _plane(shape: Sequence[int]) -> tuple[int, ...]:
    """Rows and columns; what has one axis is one row."""
    return (1, *shape[1:])[-2:]


def _packed(values: Tensor) -> str:
    """float32 in base64, little end first."""
    array: Any = values.to(torch.float32).contiguous().numpy()
    return b64encode(array.astype("<f4").tobytes()).decode("ascii")
