"""in_channels that were written by hand and do not match the input: in which layer, and for which images."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from layerscope.decoder.answer import Cause
from layerscope.decoder.found import Found
from layerscope.decoder.search.at import at, reckoned
from layerscope.decoder.search.other_images import other_images
from layerscope.decoder.wording import pixels
from layerscope.explain import written_count
from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.steps import Step


def by_hand(found: Found, network: Network, steps: Sequence[Step], sizes: Shape) -> Iterator[Cause]:
    """The layers at which `sizes` arrive: as the network is, on another image, or not at all; then nothing fits."""
    exact = [step for step in steps if step.input_shape == sizes]
    if exact:
        yield from (_written(found, network, step) for step in exact)
        return
    others = [(step, other) for step in steps for other in with_these_sizes(network, step.name, sizes)]
    for step, (other, extra) in others:
        cause = _written(found, network, step)
        yield replace(cause, why=f"{cause.why}{extra}", network=other)
    if not others:
        yield from (replace(_written(found, network, step), fits=False) for step in steps)


def with_these_sizes(network: Network, name: str, wanted: Shape) -> Iterator[tuple[Network, str]]:
    """The network as it is, or on the image on which exactly this shape arrives, with the words for it."""
    if at(network, name).shape == wanted:
        yield network, ""
        return
    if len(wanted) < 2:
        return
    for other, _, _ in other_images(network, lambda n: ((reckoned(n, name) or ()) + (0, 0))[1], wanted[1]):
        if at(other, name).shape == wanted:
            yield other, f" The size {pixels(wanted)} comes from an input of {pixels(other.input_shape)}."
            return


def _written(found: Found, network: Network, step: Step) -> Cause:
    """The network gives that layer `got` channels, as the code does; in_channels was written by hand."""
    wanted, got = found.number("wanted"), found.number("got")
    decision = step.decisions["in_channels"]
    origin = f"{decision.by} outputs {written_count(got, 'channel')}"
    origin = origin if decision.by else f"The input has {written_count(got, 'channel')}"
    in_code = _in_code(found, step.name)
    if in_code == got:
        why = f"{origin}, and here {step.name} has in_channels={got}; the weight in the message is for {wanted}."
        remedy = "Run the class and the line that makes the network again; in a notebook, run both cells."
        return Cause("The code here is not the code that ran", why, remedy, layer=step.name)
    told = f"you wrote {wanted}" if in_code == wanted else f"its weight in the message is for {wanted}"
    why = f"{origin}, so {step.name} needs in_channels={got}; {told}."
    remedy = f"Write in_channels={got} in {step.name}."
    return Cause(f"in_channels of {step.name} does not match its input", why, remedy, True, step.name, network, True)


def _in_code(found: Found, name: str) -> int | None:
    """The in_channels that the code has for that layer; None where it has none, or no code is known."""
    rows = [row for row in found.written or () if (row.layer, row.parameter) == (name, "in_channels")]
    return rows[0].value if rows and type(rows[0].value) is int else None
