"""A layer's window at work: everything that the browser needs to move it comes at once."""

from collections.abc import Sequence
from math import prod
from typing import Any

from layerscope import limits
from layerscope.formatting import capital
from layerscope.steps import Trace
from layerscope.study.hands import STARTERS
from layerscope.study.inside import Inside
from layerscope.study.moving import CONVOLUTIONS, TRANSPOSED, Along
from layerscope.study.sights import sights
from layerscope.study.windows import Field
from layerscope.ui.insides import images, weights_said
from layerscope.ui.insides.packing import packed, plane
from layerscope.ui.looking import BY_HAND, RANDOM, Looking

Part = dict[str, Any]
ONE = Along(1, 1, 1, 0, 1)
"""The window along an axis that is not there."""
VOLUME = ("slice", "row", "column")
"""The axes of a volume."""


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
    axes = (*[ONE] * (2 - len(here.along)), *here.along)[-2:]  # what has one axis is one row
    arriving = tuple(seen.arriving(name)[0].shape)
    is_turned = isinstance(here.layer, TRANSPOSED)
    found = {
        "stem": f"{name}-window",
        "layer": name, "reads": source, "kind": here.kind, "filter": out, "filters": len(here.made),
        "channel": place, "channels": list(read), "depth": len(read),
        "labels": ("filter" if is_sum else "channel", "channel"),
        "kernel": tuple(one.kernel for one in axes), "dilation": tuple(one.dilation for one in axes),
        "stride": tuple(one.stride for one in axes), "before": tuple(one.before for one in axes),
        "spans": [one.spans for one in axes] if any(one.spans for one in axes) else None,
        "padding": getattr(here.layer, "padding_mode", "zeros") if is_sum else "", "turned": is_turned,
        "apart": [one.apart for one in axes] if is_turned else None,
        "axes": len(here.along), "size": plane(here.padded.shape), "map": plane(here.made.shape), "gray": is_image,
        "inner": plane(arriving), "slices": _slices(here, arriving),
        "shown": sent.index(read[place]), "cells": packed(here.padded[sent[0] : sent[-1] + 1]),
        "sums": packed(here.made[out]), "divisor": here.divides_by,
        "listed": max(one.kernel for one in axes) <= limits.INSIDE_KERNEL.most,
    }  # fmt: skip
    if not is_image:
        found |= on_image(seen, traced, name)
    return found | (_weighed(here, out, read, place, sent, looking) if is_sum else {})


def _slices(here: Field, arriving: Sequence[int]) -> Part | None:
    """The window's way through the slices of a volume; None of anything else."""
    if len(here.along) < len(VOLUME):
        return None
    one = here.along[0]
    return {
        "kernel": one.kernel, "dilation": one.dilation, "stride": one.stride, "before": one.before, "apart": one.apart,
        "spans": one.spans or None, "size": here.padded.shape[1], "map": here.made.shape[1], "inner": arriving[1],
    }  # fmt: skip


def on_image(seen: Inside, traced: Trace, name: str) -> Part:
    """The image, and what each cell of a row's output sees of it; nothing where the input is not an image.

    A volume of ours is one image in each of its slices.
    """
    image = seen.tensors[seen.network.inputs[0].name]
    is_volume = image.ndim > len(VOLUME)
    picture = images.pixels(seen.network, image[:, 0] if is_volume else image)
    found = sights(traced.by_name[name])
    if picture is None or found is None:
        return {}
    axes = [((0, 0),), *found][-2:] if len(found) < 2 else found
    return (
        {"picture": picture, "sights": axes, "is_line": len(found) < 2}
        if (len(axes) == len(VOLUME)) is is_volume
        else {}
    )


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
    weighed = {"weights": packed(kernels), "bias": bias, "rest": rest}
    if not isinstance(here.layer, CONVOLUTIONS):
        return weighed  # kernels are set by hand where they are drawn as they are
    options = {RANDOM: weights_said.source(looking)}
    options |= {key: title for key, (title, _) in STARTERS.items()}
    if len(here.along) < 2:
        del options["horizontal"]
    hand = looking.hand(here.layer.name, out, place)
    if hand == BY_HAND:
        options[BY_HAND] = "set by hand"
    shown = [{"value": key, "label": capital(label)} for key, label in options.items()]
    return weighed | {"hand": {"value": hand, "options": shown}}
