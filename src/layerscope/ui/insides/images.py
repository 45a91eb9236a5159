"""The image that is looked at: which there are, one as a network's input, how it got to that size, and it as pixels."""

from base64 import b64encode
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from layerscope import limits
from layerscope.formatting import capital, shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.study.data import PHOTOGRAPHS, Data, as_inputs, fit, has_fashion, load, photograph
from layerscope.study.samples import SAMPLES, from_pixels, sample
from layerscope.study.sets import DIGITS, FASHION, DataError
from layerscope.ui import pictures
from layerscope.ui.looking import FIRST, Looking, set_of

Part = dict[str, Any]
SETS = {DIGITS: "handwritten digits", FASHION: "Fashion-MNIST"}
GONE = {
    pictures.OWN: "The server no longer has your image; choose it again. ",
    pictures.DRAWN: "The server no longer has your drawing; draw it again. ",
}
YOURS = {pictures.OWN: "your image", pictures.DRAWN: "your drawing"}


def sets() -> dict[str, str]:
    """The sets of images that are on this computer, and what they are called."""
    return {key: title for key, title in SETS.items() if key != FASHION or has_fashion()}


def data(key: str) -> Data | None:
    """A set of images; None where it is not there or cannot be read."""
    try:
        return load(key) if key in SETS else None
    except DataError:
        return None


def picture(image: str, shape: Shape) -> Tensor:
    """The image of that name as an input of that shape; the first of our own where it is gone."""
    if image in PHOTOGRAPHS:
        return as_inputs(photograph(image)[None], shape)[0]
    if found := _of_set(image):
        return found[0].batch([found[1]], shape)[0]
    own = pictures.picture(image)
    return sample(image if image in SAMPLES else FIRST, shape) if own is None else from_pixels(own, shape)


def _of_set(image: str) -> tuple[Data, int] | None:
    """The set that an image such as "digits.17" is in, and its place there."""
    key, place = set_of(image)
    found = data(key) if key else None
    return None if found is None else (found, min(place, len(found) - 1))


def about(network: Network, image: str) -> str:
    """How the image got to the network's input, as a sentence; "" for pictures that are drawn to its size."""
    if image in SAMPLES:
        return ""
    shape = network.input_shape
    if image in PHOTOGRAPHS:
        return f"{fit('photograph', tuple(photograph(image).shape), shape)}; its middle square. "
    if found := _of_set(image):
        return f"{found[0].fit(shape)}; its label is {found[0].label(found[1])}. "
    start = image.partition("-")[0]
    if pictures.picture(image) is None:
        return GONE.get(start, "")
    size = shape_text(shape[-2:])
    if start == pictures.DRAWN:
        return f"Your drawing, scaled to {size}. "
    return f"Your image: its middle square, scaled to {size}. Only these pixels leave your computer. "


def choice(looking: Looking) -> Part:
    """The menu of images, with the number of the image in its set."""
    image = looking.image
    options = {key: title for key, (title, _) in SAMPLES.items()} | sets() | PHOTOGRAPHS
    key, number = set_of(image)
    start = image.partition("-")[0]
    value = image if image in options else FIRST
    count = 0
    if found := _of_set(image):
        value, count = key, len(found[0])
    elif start in YOURS and pictures.picture(image) is not None:
        options[start] = YOURS[start]
        value = start
    return {
        "value": value, "options": [{"value": key, "label": capital(label)} for key, label in options.items()],
        "number": min(number, max(count - 1, 0)), "count": count,
    }  # fmt: skip


def pixels(network: Network, image: Tensor) -> Part | None:
    """The network's input as a picture: red, green and blue of each pixel in base64; None where it is none.

    `size` is the input's own, `rows` and `columns` are those of the picture, which is never larger than PICTURE_SIDE.
    """
    if image.ndim not in (2, 3) or image.dtype.is_floating_point is False:
        return None
    planes = image if image.ndim == 3 else image[:, None] if image.shape[0] <= 3 else image[None]
    planes = planes[:3] if len(planes) >= 3 else planes[:1].expand(3, -1, -1)
    size = tuple(planes.shape[1:])
    shown = tuple(min(side, limits.PICTURE_SIDE.most) for side in size)
    if shown != size:
        planes = functional.interpolate(planes[None], shown, mode="area")[0]
    packed = (planes.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous()
    array: Any = packed.numpy()
    return {
        "rows": shown[0], "columns": shown[1], "size": list(size),
        "pixels": b64encode(array.tobytes()).decode("ascii"),
    }  # fmt: skip
