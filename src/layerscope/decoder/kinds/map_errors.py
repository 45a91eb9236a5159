"""Maps that have become too small for a kernel or a pooling window."""

from collections.abc import Callable, Iterator

from layerscope.decoder import wording
from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, signed
from layerscope.decoder.pointing import narrowed
from layerscope.decoder.search.at import at, last, reckoned
from layerscope.decoder.search.changed_networks import of_layers, rank
from layerscope.decoder.search.matching import arriving_with
from layerscope.decoder.search.other_images import other_images
from layerscope.decoder.search.ranking import Ranked, likeliest_first
from layerscope.explain import written_count
from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.layers.convolution import Conv1d, Conv2d, Conv3d
from layerscope.network import Network
from layerscope.tracing import trace

Sizes = Callable[[Shape], Shape]
"""From a layer's input to the sizes that its message names."""

MOST_COLOURS = 6
"""Channels of an image, with a padding of 1 on both sides."""
IN_GENERAL = (
    Cause(
        "The images are too small",
        "Every convolution without padding and every pooling shrinks the maps.",
        "Use larger images: transforms.Resize, or fewer pooling layers.",
    ),
    Cause(
        "One pooling layer too many",
        "Each pooling of 2 halves height and width.",
        "Remove one from forward, or give it stride=1.",
    ),
    Cause(
        "No padding",
        "A kernel of 5 without padding makes height and width smaller by 4.",
        'Write padding="same" or padding=kernel_size // 2 in the convolutions.',
    ),
)


def explain_kernel(found: Found, network: Network | None) -> Explanation:
    """Calculated padded input size per channel: (3 x 3). Kernel size: (5 x 5)."""
    padded, kernel = found.sizes("padded"), found.sizes("kernel")
    meanings = (
        (f"({found['padded']})", "the size of the input maps, padding included"),
        (f"({found['kernel']})", "the size that the kernel covers: dilation × (kernel_size − 1) + 1 along each axis"),
    )
    causes: list[Ranked] = []
    if network:
        sliding = {layer.name: layer for layer in network.layers if isinstance(layer, Conv1d | Conv2d | Conv3d)}
        for name in narrowed(found.calls, [name for name, layer in sliding.items() if _span(layer) == kernel]):
            causes += _too_small(network, name, _padded(sliding[name]), padded)
    says = f"The kernel of {shape_text(kernel)} is larger than the maps of {shape_text(padded)}."
    return Explanation(says, meanings, in_order([*_sorted(causes), *_channels_last(padded), *IN_GENERAL]))


def _channels_last(sizes: Shape) -> Iterator[Cause]:
    """Channels on the last axis: no image is 3 cells wide and 200 high."""
    if len(sizes) == 2 and min(sizes) <= MOST_COLOURS and max(sizes) > 10 * min(sizes):
        why = (
            f"One side is {max(sizes)}, the other {min(sizes)}, padding included: that looks like the channels of "
            f"an image."
        )
        yield Cause(
            "The channels are last, or a crop is empty",
            f"{why} Pictures from NumPy and OpenCV are (height, width, channels).",
            "Write x.permute(0, 3, 1, 2) for a batch, x.permute(2, 0, 1) for one image.",
        )


def explain_output(found: Found, network: Network | None) -> Explanation:
    """Given input size: (12x1x1). Calculated output size: (12x0x0). Output size is too small."""
    given = found.sizes("given")
    meanings = (
        (f"({found['given']})", f"the input: {written_count(given[0], 'channel')} of {shape_text(given[1:])}"),
        (f"({found['left']})", "the output: no cells at all"),
    )
    causes: list[Ranked] = []
    if network:
        pools = [layer.name for layer in network.layers if layer.stem == "pool"]
        same = [name for name in pools if (at(network, name).shape or given)[0] == given[0]]
        for name in narrowed(found.calls, same):
            causes += _too_small(network, name, lambda shape: shape, given)
    says = f"The window is larger than the maps of {shape_text(given[1:])}, so the output would be empty."
    return Explanation(says, meanings, in_order([*_sorted(causes), *IN_GENERAL]))


def explain_output_1d(found: Found, network: Network | None) -> Explanation:
    """max_pool1d() Invalid computed output size: 0."""
    meanings = ((found["left"], "the length of the output"),)
    causes = []
    for layer in network.layers if network else ():
        step = at(network, layer.name).step if network and layer.type == "MaxPool1d" else None
        if network and step and step.error:
            causes.append(_as_it_is(network, layer.name))
    general = Cause(
        "The sequences are too short",
        "Every convolution without padding and every pooling shortens them.",
        "Use longer sequences or fewer poolings, or padding in the convolutions.",
    )
    says = "The pooling window is longer than the sequence, so the output would be empty."
    return Explanation(says, meanings, in_order([*causes, general]))


def _sorted(causes: list[Ranked]) -> list[Cause]:
    """In order: the network as it is, other images (small ones last), other layers."""
    return [cause for _, cause in likeliest_first(causes)]


def _span(layer: Conv1d | Conv2d | Conv3d) -> Shape:
    try:
        return layer.span
    except (TypeError, ValueError):  # a link may hold words instead of numbers
        return ()


def _padded(layer: Conv1d | Conv2d | Conv3d) -> Sizes:
    def sizes(shape: Shape) -> Shape:
        try:
            return tuple(size + window.padding for size, window in zip(shape[1:], layer.windows, strict=True))
        except (TypeError, ValueError):
            return ()

    return sizes


def _too_small(network: Network, name: str, sizes: Sizes, wanted: Shape) -> Iterator[Ranked]:
    """The network as it is, on other images, or otherwise changed, where these sizes arrive and the layer fails."""

    def fails(other: Network) -> bool:
        step = at(other, name).step
        return step is not None and step.error is not None and sizes(step.input_shape) == wanted

    if fails(network):
        yield -1.0, _as_it_is(network, name)
        return
    usual = sizes(at(network, name).shape or ())
    if not wanted or len(usual) != len(wanted):
        return

    def measure(other: Network) -> int:
        return last(sizes(reckoned(other, name) or ()))

    found = []
    for changed, low, high in other_images(network, measure, wanted[-1]):
        if fails(changed):
            words = wording.of_image(network, changed, low, high)
            found.append((1 / low, Cause(words.title, _path(changed, name), words.undo, True, name, changed)))
    for change in of_layers(network, name):
        if sizes(arriving_with(network, name, change) or ()) == wanted and fails(change.network):
            words = wording.of_change(network, change)
            where = _path(change.network, name)
            found.append((rank(network, change), Cause(words.title, where, words.undo, True, name, change.network)))
    yield from found


def _as_it_is(network: Network, name: str) -> Cause:
    """This network itself fails there: changes that were tried and mend it."""
    error = trace(network).error
    repairs = [repair for repair in error.repairs if repair.complete] if error else []
    remedy = f"What works: {'; '.join(repair.label for repair in repairs[:3])}." if repairs else IN_GENERAL[0].remedy
    mended = repairs[0].network if repairs else None
    return Cause(
        f"The maps are too small when they reach {name}",
        _path(network, name),
        remedy,
        True,
        name,
        mended,
        bool(repairs),
    )


def _path(network: Network, name: str) -> str:
    """How the maps shrank: "28×28 → 24×24 (conv1) → 12×12 (pool1)"."""
    sizes = [shape_text(network.input_shape[1:])]
    before = network.input_shape
    for layer in at(network, name).before:
        step = at(network, layer.name).step
        if step and step.output_shape and step.output_shape[1:] != before[1:]:
            before = step.output_shape
            sizes.append(f"{shape_text(before[1:])} ({layer.name})")
    if len(sizes) > 7:
        sizes = [*sizes[:2], "and so on", *sizes[-4:]]
    if len(sizes) == 1:
        return f"The maps are {sizes[0]}, but {_needs(network[name])}."
    return f"The maps shrink: {' → '.join(sizes)}; then {_needs(network[name])}."


def _needs(layer: Layer) -> str:
    return (
        f"{layer.name} slides a window of {layer.chosen.get('kernel_size')}".replace("(", "")
        .replace(", ", "×")
        .replace(")", "")
    )


KINDS: dict[str, Kind] = {
    "kernel": kind(
        "Kernel larger than the maps",
        (
            "Calculated padded input size per channel: (3 x 3). Kernel size: (5 x 5). Kernel size "
            "can't be greater than actual input size"
        ),
        (
            r"Calculated padded input size per channel: \((?P<padded>\d{1,9}(?: x \d{1,9}){0,3})\)\. "
            r"Kernel size: \((?P<kernel>\d{1,9}(?: x \d{1,9}){0,3})\)\. "
            r"Kernel size can't be greater than actual input size",
        ),
        explain_kernel,
    ),
    "output": kind(
        "Nothing is left after pooling",
        "Given input size: (12x1x1). Calculated output size: (12x0x0). Output size is too small",
        (
            r"Given input size: ?\((?P<given>\d{1,9}(?:x\d{1,9}){1,3})\)\. Calculated output size: "
            r"?\((?P<left>[-\dx]{1,50})\)\. "
            r"Output size is too small",
        ),
        explain_output,
    ),
    "output-1d": kind(
        "Nothing is left after pooling a sequence",
        "max_pool1d() Invalid computed output size: 0",
        (rf"max_pool1d\(\) Invalid computed output size: {signed('left')}",),
        explain_output_1d,
    ),
}
