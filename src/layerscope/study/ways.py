"""All that stands in the way of a training at once, and changes that would clear it, each tried before it is offered.

The changes: the number of classes, the largest batch that fits, and a smaller input where the network takes one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from layerscope import limits
from layerscope.explain import written_count
from layerscope.formatting import bytes_text, joined, shape_text
from layerscope.network import Network, NetworkError
from layerscope.study.data import Data
from layerscope.study.memory import training_memory
from layerscope.study.plan import Plan
from layerscope.study.suiting import Offer, SizeError, TrainError, changed, check, largest_batch, shrunk
from layerscope.tracing import trace

SIDES = (224, 160, 128, 96, 64, 48, 32, 28, 16)
"""Sizes of images that people use, the largest first."""


@dataclass(frozen=True)
class Way:
    """Why a network is not trained, as sentences, and what would help."""

    says: str
    offers: tuple[Offer, ...] = ()


def in_the_way(network: Network, data: Data, plan: Plan, images: int) -> Way | None:
    """What stands in the way of a training on `images` of these images; None where nothing does."""
    first = _refusal(network, data, plan, images)
    if first is None:
        return None
    if first.offer is None:
        return _cleared(network, network, first, "", data, plan, images)
    further = _refusal(first.offer.network, data, plan, images)
    if further is None:
        return Way(str(first), (first.offer,))
    base = first.offer.network
    return _cleared(network, base, further, f"{first} With {_made(network, base)},", data, plan, images)


def _made(network: Network, base: Network) -> str:
    """What was made of the network so that it has one score for each class."""
    if len(base.layers) == len(network.layers):
        return f"{base.classes:,} classes"
    return f"Flatten and Linear(…, {base.classes}) at the end"


def _refusal(network: Network, data: Data, plan: Plan, images: int) -> TrainError | None:
    try:
        check(network, data, plan, images)
    except TrainError as error:
        return error
    return None


def _cleared(
    network: Network, base: Network, error: TrainError, before: str, data: Data, plan: Plan, images: int
) -> Way:
    """What helps against an error of `base`, which is the network or what was made of it for the images' classes."""
    fact = error.fact if isinstance(error, SizeError) else str(error)
    told = f"{before} {fact[0].lower()}{fact[1:]}" if before else fact
    if not isinstance(error, SizeError) and plan.batch <= images:
        return Way(told)
    offers = tuple(_offers(network, base, data, plan, images))
    if offers or not isinstance(error, SizeError):
        return Way(told, offers)
    return Way(f"{told} No smaller batch or input fits{_least(base, data, plan)}.")


def _least(network: Network, data: Data, plan: Plan) -> str:
    """What a batch of one on the smallest input takes, and most of that, as the end of a sentence; "" where it is not
    the memory that is too small."""
    every = [training_memory(one, 1, plan.kind) for one in (network, *_smaller(network, data))]
    memory = min(every, key=lambda one: one.peak)
    if memory.peak <= limits.TRAIN_MEMORY.most:
        return ""
    kept = f" and the state of {plan.optimizer}" if memory.optimizer else ""
    return (
        f": even a batch of 1 on an input of {shape_text(memory.traced.network.input_shape)} needs "
        f"{bytes_text(memory.peak)}, {bytes_text(memory.fixed)} of it for "
        f"{written_count(memory.traced.parameters, 'parameter')}, their gradients{kept}"
    )


def _offers(network: Network, base: Network, data: Data, plan: Plan, images: int) -> Iterator[Offer]:
    """A smaller batch; a smaller input with the batch as it is; where neither fits, both at once."""

    def tried(other: Network, batch: int) -> Offer | None:
        if batch < 1 or _refusal(other, data, replace(plan, batch=batch), images) is not None:
            return None
        made = [_made(network, base)] if base != network else []
        words = [f"an input of {shape_text(other.input_shape)}"] if other.input_shape != base.input_shape else []
        words += [f"a batch of {batch:,}"] if batch != plan.batch else []
        title, new_batch = f"Change to {joined(made + words)}", batch if batch != plan.batch else None
        if len(base.layers) > len(network.layers):
            title = ", with ".join(filter(None, [f"Add {made[0]}", joined(words)]))
        return changed(network, other, title, new_batch) if other != network else Offer(other, f"{title}.", new_batch)

    smaller = [(other, largest_batch(other, plan, images)) for other in _smaller(base, data)]
    found = [tried(base, largest_batch(base, plan, images))]
    whole = (tried(other, plan.batch) for other, batch in smaller if batch == plan.batch)
    found.append(next(filter(None, whole), None))
    if not any(found) and smaller:
        found.append(tried(*max(smaller, key=lambda one: one[1])))
    yield from filter(None, found)


def _smaller(network: Network, data: Data) -> Iterator[Network]:
    """The network on smaller inputs that it takes: on one of the images' own size first, then from the largest on."""
    if (fitting := shrunk(network, data)) is not None:
        yield fitting.network
    if len(network.inputs) > 1 or len(network.input_shape) != 3:
        return
    channels, *size = network.input_shape
    for side in SIDES:
        if side >= min(size):
            continue
        try:
            found = trace(network.with_input((channels, side, side)))
        except NetworkError:
            continue
        if found.error is None and found.output_shapes == trace(network).output_shapes:
            yield found.network
