"""Too few or too many axes: a batch or a channel axis that is missing, images that are flat already."""

from collections.abc import Iterator
from math import prod

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes
from layerscope.decoder.search.at import at
from layerscope.explain import value_text, written_count
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.network import MOST_LAYERS, Network
from layerscope.repair import inserted_before

NAMES = {2: "channels and length", 3: "channels, height and width", 4: "channels, depth, height and width"}


def explain(found: Found, network: Network | None) -> Explanation:
    """Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [28, 28]."""
    given = found.sizes("given")
    axes = found.number("axes") if found["axes"] else found.number("batched") - 1
    wanted = f"{axes} axes ({NAMES[axes]})" if axes in NAMES else f"{axes} axes"
    wanted = f"{wanted}, or {axes + 1} with the batch first"
    meanings = (
        (
            found.shown(f"{axes + 1}-dimensional", f"{axes}D (unbatched) or {axes + 1}D (batched)"),
            f"what the layer expects: {wanted}",
        ),
        (
            found.shown(f"[{found['given']}]", found["given"]),
            f"the input: {written_count(len(given), 'axis').replace('axiss', 'axes')}",
        ),
    )
    causes = list(_for_network(network, given, axes)) if network and len(network.input_shape) == axes else []
    says = f"The convolution expects {axes + 1} axes, the batch and {NAMES.get(axes, '')}, but gets {len(given)}."
    return Explanation(says, meanings, in_order([*causes, *_in_general(given, axes)]))


def _for_network(network: Network, given: Shape, axes: int) -> Iterator[Cause]:
    shape = network.input_shape
    convolutions = [layer.name for layer in network.layers if "in_channels" in layer.decides and layer.dims == axes - 1]
    if not convolutions:
        return
    first = convolutions[0]
    ran = (step := at(network, first).step) is not None and step.input_shape == shape
    if ran and given == shape:
        why = f"One input of {shape_text(shape)} has no batch axis."
        yield Cause("No batch axis", why, "Give the network a batch of one: image.unsqueeze(0).", True, first)
    if ran and shape[0] == 1 and given == shape[1:]:
        why = f"One input of {shape_text(given)} has neither a channel axis nor a batch axis."
        remedy = "Add both: image.unsqueeze(0).unsqueeze(0)."
        yield Cause("Neither batch nor channel axis", why, remedy, True, first)
    if ran and len(given) > axes + 1:
        yield from _too_many(given, shape, first)
    if len(given) != 2 or axes == 2:
        return
    for name in convolutions:
        step = at(network, name).step
        if step and step.output_shape and at(network, name).values == given[1]:
            why = f"{shape_text(step.input_shape)} = {given[1]:,} values reach {name} as one row per image."
            shown = value_text((-1, *step.input_shape))
            remedy = f"Flatten only after the convolutions; x.view{shown} turns rows back into maps."
            full = len(network.layers) >= MOST_LAYERS
            changed = None if full else inserted_before(network, network.index(name), "Flatten")
            yield Cause("Flattened too early", why, remedy, True, name, changed)


def _too_many(given: Shape, shape: Shape, first: str) -> Iterator[Cause]:
    if given[-len(shape) :] == shape:
        extra = given[: -len(shape)]
        if 1 in extra:
            why = f"Before the {shape_text(shape)} of one input there are {len(extra)} axes, {value_text(extra)}."
            place = extra.index(1)
            remedy = f"Leave out an unsqueeze, or remove the axis of 1: x.squeeze({place})."
            yield Cause("One batch axis too many", why, remedy, True, first)
        else:
            why = f"Before the {shape_text(shape)} of one input there are {len(extra)} axes, {value_text(extra)}."
            remedy = f"Merge them into one batch: x.flatten(0, {len(extra) - 1})."
            yield Cause("Batches of batches", why, remedy, True, first)
    elif tuple(size for size in given if size != 1) == tuple(size for size in (given[0], *shape) if size != 1):
        why = f"Without the extra axis of 1 it is a batch of {given[0]} inputs of {shape_text(shape)}."
        remedy = "Remove it with x.squeeze(dim), where dim is its position."
        yield Cause("One axis of 1 too many", why, remedy, True, first)


def _in_general(given: Shape, axes: int) -> Iterator[Cause]:
    missing = axes + 1 - len(given)
    if missing == 1:
        yield Cause("No batch axis", "A single image has one axis fewer than a batch.", "Write image.unsqueeze(0).")
    if missing > 1:
        yield Cause(
            "Neither batch nor channel axis",
            "A grayscale picture has only height and width.",
            "Write image.unsqueeze(0).unsqueeze(0).",
        )
    if len(given) == 2 and given[0] != given[1]:
        yield Cause(
            "Flattened too early",
            f"{shape_text(given)} may be flat images: {written_count(prod(given[1:]), 'value')} in each row.",
            "Call flatten after the convolutions, or view the rows as images: x.view(-1, channels, height, width).",
        )
    if missing < 0:
        yield Cause(
            "One axis too many",
            "A DataLoader adds the batch axis itself; unsqueeze(0) adds another.",
            "Leave out the unsqueeze, or write x.squeeze(0).",
        )


def explain_norm(found: Found, network: Network | None) -> Explanation:
    """expected 4D input (got 3D input), of a BatchNorm."""
    wanted = {found.number(side) for side in ("one", "other") if found[side]}
    got = found.number("given")
    kind = f"BatchNorm{max(wanted) - 2}d"
    texts = " or ".join(f"{n}D" for n in sorted(wanted))
    meanings = ((texts, f"the axes that {kind} expects, the batch included"), (f"{got}D", "the axes of the input"))
    causes: list[Cause] = []
    for layer in network.layers if network else ():
        step = at(network, layer.name).step if network and layer.type == kind else None
        if network and step:
            causes += _norm_causes(network, layer.name, step.input_shape, step.error is None, got)
    other = f"BatchNorm{got - 2}d" if got in (3, 4, 5) else "BatchNorm1d"
    general = (
        Cause("No batch axis", "A single image has one axis fewer than a batch.", "Write image.unsqueeze(0)."),
        Cause(
            f"{kind} instead of {other}",
            "BatchNorm2d is for maps, BatchNorm1d for flat vectors and sequences.",
            f"Use {other} there, or flatten later or earlier.",
        ),
    )
    ordered = general if got == min(wanted) - 1 else general[::-1]
    return Explanation(f"{kind} expects {texts} input but gets {got}D.", meanings, in_order([*causes, *ordered]))


def _norm_causes(network: Network, name: str, shape: Shape, runs: bool, got: int) -> Iterator[Cause]:
    if not runs and len(shape) + 1 == got:
        right = "BatchNorm1d" if got == 2 else f"BatchNorm{got - 2}d"
        why = f"{shape_text(shape)} reaches {name}: {got} axes with the batch."
        yield Cause(f"{network[name].type} instead of {right}", why, f"Use {right} for {name}.", True, name)
    if runs and len(shape) == got:
        why = f"{shape_text(shape)} reaches {name} without a batch axis."
        yield Cause("No batch axis", why, "Give the network a batch of one: image.unsqueeze(0).", True, name)
    if runs and got == 2 and len(shape) > 1 and len(network.layers) < MOST_LAYERS:
        changed = inserted_before(network, network.index(name), "Flatten")
        why = f"{shape_text(shape)} should reach {name}; flattened too early, it is a row of {prod(shape):,} values."
        yield Cause("Flattened too early", why, f"Call flatten after {name}.", True, name, changed)


KINDS: dict[str, Kind] = {
    "axes": kind(
        "Too few or too many axes for a convolution",
        "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [28, 28]",
        (
            rf"Expected {number('axes')}D \(unbatched\) or \d{{1,9}}D \(batched\) input to \w{{1,30}}, "
            rf"but got input of size: {sizes('given')}",
            rf"Expected {number('batched')}-dimensional input for \d{{1,9}}-dimensional weight {sizes('weight')}, "
            rf"but got (?:\d{{1,9}}-dimensional )?input of size {sizes('given')} instead",
        ),
        explain,
    ),
    "norm-axes": kind(
        "Too few or too many axes for a normalization",
        "expected 4D input (got 3D input)",
        (rf"expected {number('one')}D(?: or {number('other')}D)? input \(got {number('given')}D input\)",),
        explain_norm,
    ),
}
