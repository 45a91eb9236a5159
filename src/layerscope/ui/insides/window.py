"""A layer's window at work: everything that the browser needs to move it comes at once."""

from collections.abc import Sequence
from math import prod
from typing import Any

from layerscope import limits
from layerscope.steps import Step, Trace
from layerscope.study.hands import STARTERS
from layerscope.study.inside import Inside
from layerscope.study.sights import sights
from layerscope.study.windows import Field
from layerscope.ui.insides import images
from layerscope.ui.insides.packing import packed, plane
from layerscope.ui.looking import BY_HAND, RANDOM, Looking

Part = dict[str, Any]


def too_large(step: Step) -> str:
    """Why a layer's window cannot be drawn; "" where it can."""
    windows = getattr(step.layer, "windows", ())
    largest = max(one.kernel for one in windows)
    if step.layer.dims > 2:
        return f"{step.name} moves through a volume; this view shows windows along one axis or two."
    if largest > limits.INSIDE_KERNEL.most:
        return limits.INSIDE_KERNEL.sentence(name=step.name, found=largest)
    padded = [size + one.padding for size, one in zip(step.input_shape[1:], windows, strict=True)]
    cells = prod(padded) + prod((step.output_shape or ())[1:])
    return limits.INSIDE_CELLS.sentence(name=step.name, found=cells) if cells > limits.INSIDE_CELLS.most else ""


def scene(seen: Inside, traced: Trace, name: str, looking: Looking) -> Part:
    """The window's numbers and choices."""
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
    found = {
        "stem": f"{name}-window",
        "layer": name, "reads": source, "kind": here.kind, "filter": out, "filters": len(here.made),
        "channel": place, "channels": list(read), "kernel": kernel, "dilation": dilation, "stride": stride,
        "before": before, "padding": modes if is_sum else "",
        "size": plane(here.padded.shape), "inner": plane(seen.arriving(name)[0].shape),
        "map": plane(here.made.shape), "gray": is_image,
        "shown": sent.index(read[place]), "cells": packed(here.padded[sent[0] : sent[-1] + 1]),
        "sums": packed(here.made[out]), "divisor": here.divides_by,
    }  # fmt: skip
    if not is_image:
        found |= on_image(seen, traced, name)
    return found | (_weighed(here, out, read, place, sent, looking) if is_sum else {})


def on_image(seen: Inside, traced: Trace, name: str) -> Part:
    """The image, and what each cell of a row's output sees of it; nothing where the input is not an image."""
    image = seen.tensors[seen.network.inputs[0].name]
    picture = images.pixels(seen.network, image)
    found = sights(traced.by_name[name])
    if picture is None or found is None:
        return {}
    axes = [((0, 0),), *found][-2:] if len(found) < 2 else found
    return {"picture": picture, "sights": axes} if len(axes) == 2 else {}


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
        rest = packed(here.made[out] - here.partial(out, read[place]) - (bias or 0.0))
    kernels = here.weight[out, [read.index(channel) for channel in sent]]
    options = {RANDOM: "from the file" if looking.file else "random"}
    options |= {key: title for key, (title, _) in STARTERS.items()}
    if len(here.windows) < 2:
        del options["horizontal"]
    hand = looking.hand(here.layer.name, out, place)
    if hand == BY_HAND:
        options[BY_HAND] = "set by hand"
    return {
        "weights": packed(kernels), "bias": bias, "rest": rest,
        "hand": {"value": hand, "options": [{"value": key, "label": label} for key, label in options.items()]},
    }  # fmt: skip
