"""What axis 1 may be instead of the channels: images of a different kind, axes in another order, none at all."""

from collections.abc import Iterator

from layerscope.decoder.answer import Cause
from layerscope.decoder.search.at import at
from layerscope.decoder.wording import pixels
from layerscope.explain import value_text, written_count
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network, NetworkError

IMAGE_AXES = 4
"""The axes of a batch of images, the batch included."""
COLOURS = {1: "grayscale images", 3: "RGB images", 4: "images with transparency (RGBA)"}


def other_input(network: Network, name: str, given: Shape, wanted: int, got: int) -> Iterator[Cause]:
    """Axes in another order, a channel axis that is missing, images of a different kind."""
    shape = network.input_shape
    batch, last = given[0], (given[-1], *given[1:-1])
    single = batch == 1
    found: list[tuple[int, Cause]] = []
    if given[-1] == wanted and _runs(network, last, name):
        order = (2, 0, 1) if single and len(shape) == 3 else (0, len(shape), *range(1, len(shape)))
        what = "images are height × width × channels" if len(shape) == IMAGE_AXES - 1 else "inputs have channels last"
        why = (
            f"The {what}, {shape_text(given[1:])}: the last axis has the "
            f"{written_count(wanted, 'channel')}, but PyTorch expects them on axis 1, which is {got}."
        )
        order_text = value_text(order)
        remedy = f"Move the channels first: x.permute{order_text}" + (", then unsqueeze(0)." if order[0] else ".")
        same = None if last == shape else network.with_input(last)
        found.append((0 if last == shape else 3, Cause("Channels last (NHWC)", why, remedy, True, name, same)))
    if single and wanted == 1 and given[2:] == shape[1:]:
        why = (
            f"A batch of {got} images of {pixels(shape)} without a channel axis: PyTorch reads the {got} images as the "
            "channels of one image."
        )
        cause = Cause("No channel axis", why, "Add it after the batch: x.unsqueeze(1).", True, name)
        found.append((2 if got in COLOURS else 1, cause))
    if _runs(network, given[1:], name) and (got in COLOURS or len(shape) != 3):
        what = COLOURS.get(got, f"inputs with {got} channels") if len(shape) == 3 else f"inputs with {got} channels"
        here = COLOURS.get(shape[0], f"inputs with {shape[0]} channels") if len(shape) == 3 else "others"
        size = "" if given[2:] == shape[1:] else f", of {shape_text(given[2:])} instead of {pixels(shape)}"
        why = f"The network gets {what} but expects {here}{size}."
        remedy = colour_remedy(wanted, got) + f" Or change the network: in_channels={got} in {name}."
        cause = Cause(f"{what[0].upper()}{what[1:]}", why, remedy, True, name, network.with_input(given[1:]))
        found.append((1, cause))
    yield from (cause for _, cause in sorted(found, key=lambda pair: pair[0]))


def _runs(network: Network, shape: Shape, name: str) -> bool:
    """Whether that layer runs when the input is of `shape`."""
    try:
        step = at(network.with_input(shape), name).step
    except NetworkError:  # beyond what an input may be
        return False
    return step is not None and step.output_shape is not None


def colour_remedy(wanted: int, got: int) -> str:
    if wanted == 1:
        return "Make them grayscale: transforms.Grayscale()."
    if wanted == 3:
        return 'Load them as RGB: image.convert("RGB").' + (" Or x.expand(-1, 3, -1, -1)." if got == 1 else "")
    return f"Give the network inputs with {wanted} channels."


def in_general(given: Shape, wanted: int, got: int) -> Iterator[Cause]:
    """What the numbers alone allow, the likeliest first; `given` begins with the batch axis."""
    hand = Cause(
        "in_channels is not the out_channels of the layer before",
        f"This layer has in_channels={wanted}; the layer before it, or the image, has {written_count(got, 'channel')}.",
        f"Write in_channels={got} in this layer, or out_channels={wanted} in the one before.",
    )
    if len(given) > 2 and given[-1] == wanted:
        yield _channels_last(given, wanted, got)
    if wanted == 1 and len(given) > 2 and given[0] == 1 and got not in COLOURS:
        yield Cause(
            "No channel axis",
            f"Without a channel axis, {got} gray images look like one image of {got} channels.",
            "Add the axis after the batch: x.unsqueeze(1).",
        )
    images = wanted in COLOURS and got in COLOURS
    if not images:
        yield hand
    if images:
        yield Cause(
            "Images of a different kind",
            f"It expects {written_count(wanted, 'channel')} but gets {got}. 1 is grayscale, 3 is RGB, 4 is RGBA.",
            colour_remedy(wanted, got),
        )
        yield hand
    elif got in COLOURS:
        yield Cause(
            "A layer was skipped",
            f"{written_count(got, 'channel')} may be the image itself, not the output of the layer before.",
            "In forward, call each layer on the output of the one before: x = self.conv2(x).",
        )


def _channels_last(given: Shape, wanted: int, got: int) -> Cause:
    """Torch shows a sample without a batch axis as a batch of one, so that both may be meant then."""
    expects = f"{wanted} is last here. PyTorch expects the channels on axis 1, which is {got}."
    single = given[0] == 1
    if len(given) < IMAGE_AXES:
        why = f"A sequence from an Embedding, an LSTM or a table is (batch, length, features), and {expects}"
        swapped = "x.transpose(-2, -1)" if single else "x.transpose(1, 2)"
        return Cause("Channels last (NLC)", why, f"Swap length and features: {swapped}.")
    order = value_text((0, len(given) - 1, *range(1, len(given) - 1)))
    one = value_text((len(given) - 2, *range(len(given) - 2)))
    remedy = f"Move the channels first: x.permute{order}" + (f", or x.permute{one} for one image." if single else ".")
    return Cause(
        "Channels last (NHWC)", f"Images from NumPy, PIL or OpenCV have their channels last, and {expects}", remedy
    )
