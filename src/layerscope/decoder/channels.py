"""Given groups=1, weight of size ..., expected input ... to have N channels, but got M channels instead."""

from collections.abc import Iterator
from dataclasses import replace

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.arrivals import arrival, other_images, reckoned, step_at
from layerscope.decoder.messages import Found
from layerscope.decoder.mistakes import source_of, with_width
from layerscope.decoder.wording import listed, pixels
from layerscope.explain import value_text, written_count
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network, NetworkError
from layerscope.steps import Step

COLOURS = {1: "grayscale images", 3: "RGB images", 4: "images with transparency (RGBA)"}
USUAL_BATCHES = frozenset(
    (*range(1, 11), 12, 16, 20, 24, 25, 32, 50, 64, 100, 128, 200, 250, 256, 500, 512, 1000, 1024)
)


def explain(found: Found, network: Network | None) -> Explanation:
    """The weight's axis 1 beside the input's axis 1."""
    transposed = found.groups[0] == "transposed"
    groups = 1 if transposed else found.number(1)
    weight, given, wanted, got = found.sizes(2), found.sizes(3), found.number(4), found.number(5)
    if len(weight) < 3 or len(given) != len(weight):
        return Explanation(_says(wanted, got), (), tuple(_in_general(wanted, got)))
    depth = weight[0] if transposed else weight[1]
    filters = f"{weight[1 if transposed else 0]} filters, each {written_count(depth, 'channel')} deep"
    meanings = (
        (
            found.shown(f"[{found.groups[2]}]", found.groups[2]),
            f"the weight: {filters}, kernels of {shape_text(weight[2:])}",
        ),
        (
            found.shown(f"[{found.groups[3]}]", found.groups[3]),
            f"what arrives, the batch axis first: a batch of {given[0]}, each {written_count(given[1], 'channel')} of "
            f"{shape_text(given[2:])}",
        ),
        (
            f"{wanted} channels",
            f"what the layer wants: in_channels = {depth} × {groups} groups"
            if groups > 1
            else "the layer's in_channels",
        ),
        (f"{got} channels", "axis 1 of what arrives, which torch takes for the channels"),
    )
    causes: list[Cause] = []
    if network:
        for step in _layers(network, weight, transposed):
            if step.input_shape[0] == wanted:
                causes += _expected(network, step, given, wanted, got)
        for step in [] if causes else _layers(network, weight, transposed):
            if step.input_shape[0] == got:
                causes.append(_written(network, step, wanted, got))
    return Explanation(_says(wanted, got), meanings, in_order([*causes, *_in_general(wanted, got)]))


def _says(wanted: int, got: int) -> str:
    return f"The filters are made for {written_count(wanted, 'channel')}; {got:,} arrive."


def _layers(network: Network, weight: Shape, transposed: bool) -> list[Step]:
    """The convolutions with as many filters and the same kernel, as far as the network can be walked."""
    steps = (step_at(network, layer.name) for layer in network.layers if "in_channels" in layer.decides)
    known = [(step, step.weight_shape) for step in steps if step and step.weight_shape]
    own = 1 if transposed else 0
    return [
        step
        for step, shape in known
        if step.type.startswith("ConvTranspose") == transposed
        and (shape[own], *shape[2:]) == (weight[own], *weight[2:])
    ]


def _expected(network: Network, step: Step, given: Shape, wanted: int, got: int) -> Iterator[Cause]:
    """The network makes the right channels arrive: what did the code that failed do otherwise?"""
    if _is_first(network, step.name):
        yield from _other_input(network, step.name, given, wanted, got)
    found: list[tuple[bool, Cause]] = []
    source = source_of(network, step.name)
    changed = with_width(network, source, got) if source and "out_channels" in source.parameters() else None
    if source and changed:
        for network_then, extra in _with_these_sizes(changed, step.name, given[1:]):
            why = f"Then {written_count(got, 'channel')} arrive at {step.name} instead of {wanted}.{extra}"
            remedy = f"Write out_channels={wanted} in {source.name}, or in_channels={got} in {step.name}."
            cause = Cause(f"out_channels={got} in {source.name}", why, remedy, True, source.name, network_then)
            found.append((bool(extra), cause))
    for skipped in _fewer(network, step.name):
        changed = replace(network, layers=tuple(layer for layer in network.layers if layer.name not in skipped))
        if (reckoned(changed, step.name) or (0,))[0] != got:
            continue
        for network_then, extra in _with_these_sizes(changed, step.name, given[1:]):
            why = f"Without {listed(skipped)} {shape_text(given[1:])} arrives at {step.name}.{extra}"
            remedy = f"Call the layers in forward in the order of their shapes: {listed(skipped)} before {step.name}."
            title = f"{listed(skipped)} {'is' if len(skipped) == 1 else 'are'} skipped, or called later"
            found.append((bool(extra), Cause(title, why, remedy, True, step.name, network_then)))
    yield from (cause for _, cause in sorted(found, key=lambda pair: pair[0]))


def _is_first(network: Network, name: str) -> bool:
    return source_of(network, name) is None and arrival(network, name) == network.input_shape


def _other_input(network: Network, name: str, given: Shape, wanted: int, got: int) -> Iterator[Cause]:
    """Axes in another order, a channel axis that is missing, images of another kind."""
    shape = network.input_shape
    batch, last = given[0], (given[-1], *given[1:-1])
    single = batch == 1
    found: list[tuple[int, Cause]] = []
    if given[-1] == wanted and _runs(network, last, name):
        order = (2, 0, 1) if single and len(shape) == 3 else (0, len(shape), *range(1, len(shape)))
        why = (
            f"The images lie as height × width × channels, {shape_text(given[1:])}: the last axis is the "
            f"{written_count(wanted, 'channel')}, and torch takes axis 1, {got}, for it."
        )
        order_text = value_text(order)
        remedy = f"Put the channels in front: x.permute{order_text}" + (", then unsqueeze(0)." if order[0] else ".")
        same = None if last == shape else network.with_input(last)
        found.append((0 if last == shape else 3, Cause("Channels last (NHWC)", why, remedy, True, name, same)))
    if single and wanted == 1 and given[2:] == shape[1:]:
        why = (
            f"A batch of {got} images of {pixels(shape)} without a channel axis: torch takes the {got} images for the "
            "channels of one."
        )
        cause = Cause("No channel axis", why, "Add it behind the batch: x.unsqueeze(1).", True, name)
        found.append((2 if got in COLOURS else 1, cause))
    if _runs(network, given[1:], name) and (got in COLOURS or len(shape) != 3):
        what = COLOURS.get(got, f"inputs with {got} channels") if len(shape) == 3 else f"inputs with {got} channels"
        here = COLOURS.get(shape[0], f"inputs with {shape[0]} channels") if len(shape) == 3 else "others"
        size = "" if given[2:] == shape[1:] else f", of {shape_text(given[2:])} instead of {pixels(shape)}"
        why = f"{what[0].upper()}{what[1:]} arrive; the network is written for {here}{size}."
        remedy = _colour_remedy(wanted, got) + f" Or write the network for them: in_channels={got} in {name}."
        cause = Cause(f"{what[0].upper()}{what[1:]}", why, remedy, True, name, network.with_input(given[1:]))
        found.append((1, cause))
    yield from (cause for _, cause in sorted(found, key=lambda pair: pair[0]))


def _runs(network: Network, shape: Shape, name: str) -> bool:
    """Whether that layer runs when the input is of `shape`."""
    try:
        step = step_at(network.with_input(shape), name)
    except NetworkError:  # beyond what an input may be
        return False
    return step is not None and step.output_shape is not None


def _colour_remedy(wanted: int, got: int) -> str:
    if wanted == 1:
        return "Make them grayscale: transforms.Grayscale()."
    if wanted == 3:
        return 'Load them as RGB: image.convert("RGB").' + (" Or x.expand(-1, 3, -1, -1)." if got == 1 else "")
    return f"Give the network inputs with {wanted} channels."


def _with_these_sizes(network: Network, name: str, wanted: Shape) -> Iterator[tuple[Network, str]]:
    """The network as it is, or on the image on which exactly this shape arrives, with the words for it."""
    if arrival(network, name) == wanted:
        yield network, ""
        return
    if len(wanted) < 2:
        return
    for other, _, _ in other_images(network, lambda n: ((reckoned(n, name) or ()) + (0, 0))[1], wanted[1]):
        if arrival(other, name) == wanted:
            yield other, f" The sizes {pixels(wanted)} come from an input of {pixels(other.input_shape)}."
            return


def _fewer(network: Network, name: str) -> Iterator[tuple[str, ...]]:
    """Layers before `name` that a forward may have skipped: one convolution, or all from it on."""
    names = network.names[: network.index(name)]
    for place in range(len(names) - 1, -1, -1):
        if not network.layers[place].keeps_channels:
            yield (names[place],)
            yield names[place:]


def _written(network: Network, step: Step, wanted: int, got: int) -> Cause:
    """The network makes `got` channels arrive, as the code does; in_channels was written by hand."""
    decision = step.decisions["in_channels"]
    origin = f"{decision.by} puts out {got}" if decision.by else f"the input has {got}"
    why = f"in_channels is no free choice: {origin}. {wanted} was written."
    remedy = f"Write in_channels={got} in {step.name}."
    return Cause(f"in_channels of {step.name} does not count what arrives", why, remedy, True, step.name, network, True)


def _in_general(wanted: int, got: int) -> Iterator[Cause]:
    if got not in COLOURS:
        yield Cause(
            "Channels last (NHWC)",
            f"Images from NumPy, PIL or OpenCV lie as height × width × channels; torch then takes {got}, a height, for "
            "the channels.",
            "Put the channels in front: x.permute(0, 3, 1, 2).",
        )
        yield Cause("No channel axis", "A batch of images without an axis for the channels.", "x.unsqueeze(1)")
    if wanted in COLOURS or got in COLOURS:
        yield Cause(
            "Images of another kind",
            f"{written_count(wanted, 'channel')} wanted, {got} given: 1 is grayscale, 3 is RGB, 4 has transparency.",
            _colour_remedy(wanted, got),
        )
    yield Cause(
        "in_channels is not the out_channels of the layer before",
        "Each layer's in_channels is decided by what the layer before puts out.",
        f"Write in_channels={got} in this layer, or out_channels={wanted} in the one before.",
    )
