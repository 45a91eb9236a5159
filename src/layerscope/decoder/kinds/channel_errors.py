"""Given groups=1, weight of size ..., expected input ... to have N channels, but got M channels instead."""

from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes
from layerscope.decoder.pointing import narrowed
from layerscope.decoder.search.at import at, reckoned
from layerscope.decoder.search.changed_networks import with_width, without
from layerscope.decoder.search.channel_axes import in_general, other_input
from layerscope.decoder.search.channels_written import by_hand, with_these_sizes
from layerscope.decoder.wording import listed
from layerscope.explain import written_count
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.steps import Step


def explain(found: Found, network: Network | None) -> Explanation:
    """The weight's axis 1 beside the input's axis 1."""
    transposed = found["way"] == "transposed"
    groups = 1 if transposed else found.number("groups")
    weight, given = found.sizes("weight"), found.sizes("given")
    wanted, got = found.number("wanted"), found.number("got")
    if len(weight) < 3 or len(given) != len(weight):
        return Explanation(_says(wanted, got), (), tuple(in_general(given, wanted, got)))
    depth = weight[0] if transposed else weight[1]
    filters = f"{weight[1 if transposed else 0]} filters, each with {written_count(depth, 'input channel')}"
    meanings = (
        (
            found.shown(f"[{found['weight']}]", found["weight"]),
            f"the weight: {filters}, kernels of {shape_text(weight[2:])}",
        ),
        (
            found.shown(f"[{found['given']}]", found["given"]),
            f"the input: a batch of {given[0]}, each {written_count(given[1], 'channel')} of {shape_text(given[2:])}",
        ),
        (
            f"{wanted} channels",
            f"what the layer expects: in_channels = {depth} × {groups} groups"
            if groups > 1
            else "the layer's in_channels",
        ),
        (f"{got} channels", "axis 1 of the input, where PyTorch expects the channels"),
    )
    causes = list(_in_network(found, network, weight, transposed, given)) if network else []
    return Explanation(_says(wanted, got), meanings, in_order([*causes, *in_general(given, wanted, got)]))


def _in_network(found: Found, network: Network, weight: Shape, transposed: bool, given: Shape) -> Iterator[Cause]:
    """Causes for the layers with that weight. They fit; or, where there is none, say that this is another network."""
    wanted, got = found.number("wanted"), found.number("got")
    layers = _layers(network, weight, transposed)
    named = narrowed(found.calls, [step.name for step in layers])
    layers = [step for step in layers if step.name in named]
    concerned = [step for step in layers if step.input_shape[0] == wanted]
    causes = [cause for step in concerned for cause in _expected(network, step, given, wanted, got)]
    if not causes:
        causes = list(by_hand(found, network, [step for step in layers if step.input_shape[0] == got], given[1:]))
    yield from causes
    if causes or concerned:
        return
    own = 1 if transposed else 0
    kind = f"with {written_count(weight[own], 'filter')} of {shape_text(weight[2:])}"
    why = f"No convolution here has {weight[own]:,} filters of {shape_text(weight[2:])}."
    if layers:
        arrive = written_count(layers[0].input_shape[0], "channel")
        why = f"{layers[0].name} is the layer {kind}, but here it gets {arrive}, neither {wanted:,} nor {got:,}."
    remedy = "Change the input shape and the layers here to match your code, then explain the error again."
    yield Cause("The network here is not the one that failed", why, remedy)


def _says(wanted: int, got: int) -> str:
    return f"The layer expects {written_count(wanted, 'channel')} but gets {got:,}."


def _layers(network: Network, weight: Shape, transposed: bool) -> list[Step]:
    """The convolutions with as many filters and the same kernel, as far as the network can be walked."""
    steps = (at(network, layer.name).step for layer in network.layers if "in_channels" in layer.decides)
    known = [(step, step.weight_shape) for step in steps if step and step.weight_shape]
    own = 1 if transposed else 0
    return [
        step
        for step, shape in known
        if step.type.startswith("ConvTranspose") == transposed
        and (shape[own], *shape[2:]) == (weight[own], *weight[2:])
    ]


def _expected(network: Network, step: Step, given: Shape, wanted: int, got: int) -> Iterator[Cause]:
    """The right channels reach the layer here: what did the code that failed do differently?"""
    if _is_first(network, step.name):
        yield from other_input(network, step.name, given, wanted, got)
    found: list[tuple[bool, Cause]] = []
    source = at(network, step.name).source
    changed = with_width(network, source, got) if source and "out_channels" in source.parameters() else None
    if source and changed:
        for network_then, extra in with_these_sizes(changed, step.name, given[1:]):
            why = f"Then {step.name} gets {written_count(got, 'channel')} instead of {wanted}.{extra}"
            remedy = f"Write out_channels={wanted} in {source.name}, or in_channels={got} in {step.name}."
            cause = Cause(f"out_channels={got} in {source.name}", why, remedy, True, source.name, network_then)
            found.append((bool(extra), cause))
    for skipped in _fewer(network, step.name):
        changed = without(network, skipped)
        if (reckoned(changed, step.name) or (0,))[0] != got:
            continue
        for network_then, extra in with_these_sizes(changed, step.name, given[1:]):
            why = f"Without {listed(skipped)}, {shape_text(given[1:])} reaches {step.name}.{extra}"
            remedy = f"Call the layers in the right order in forward: {listed(skipped)} before {step.name}."
            title = f"{listed(skipped)} {'is' if len(skipped) == 1 else 'are'} skipped, or called later"
            found.append((bool(extra), Cause(title, why, remedy, True, step.name, network_then)))
    yield from (cause for _, cause in sorted(found, key=lambda pair: pair[0]))


def _is_first(network: Network, name: str) -> bool:
    return at(network, name).source is None and at(network, name).shape == network.input_shape


def _fewer(network: Network, name: str) -> Iterator[tuple[str, ...]]:
    """Layers before `name` that a forward may have skipped: one convolution, or everything from one on."""
    way = tuple(at(network, name).way_back)[::-1]
    names = tuple(layer.name for layer in way)
    for place in range(len(names) - 1, -1, -1):
        if not way[place].keeps_channels:
            yield (names[place],)
            yield names[place:]


KINDS: dict[str, Kind] = {
    "channels": kind(
        "The wrong number of channels",
        (
            "Given groups=1, weight of size [6, 1, 5, 5], expected input[2, 3, 28, 28] to have 1 "
            "channels, but got 3 channels instead"
        ),
        (
            rf"Given (?P<way>groups|transposed)={number('groups')}, weight(?: of size)? ?{sizes('weight')}, "
            rf"(?:so )?expected input ?{sizes('given')} to have {number('wanted')} channels, but got "
            rf"{number('got')} channels instead",
        ),
        explain,
    ),
}
