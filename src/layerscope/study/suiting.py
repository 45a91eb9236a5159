"""Whether a network can be trained on a set of images, found out before anything is allocated."""

from dataclasses import dataclass
from math import prod

from layerscope import limits
from layerscope.changes import ripple
from layerscope.explain import written_count
from layerscope.formatting import bytes_text, shape_text
from layerscope.inputs import NetworkError
from layerscope.layers.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.study.data import Data
from layerscope.study.estimate import EstimateError
from layerscope.study.inside import cost
from layerscope.study.memory import complaint, training_memory
from layerscope.study.plan import Plan
from layerscope.tracing import trace

FORWARD_AND_BACK = 3
"""A training step computes about three times what a forward pass computes."""


@dataclass(frozen=True)
class Offer:
    """A change with which the network suits the images, and what the change decides."""

    network: Network
    says: str
    batch: int | None = None
    """The batch size that belongs to it; None where any does."""

    @property
    def title(self) -> str:
        """What is changed, without what that decides: "Change to 10 classes"."""
        return self.says.partition(":")[0].rstrip(".")

    @property
    def decides(self) -> str:
        """What the change decides, as the end of a sentence; "" where that is nothing."""
        return self.says.partition(": ")[2]


class TrainError(ValueError):
    """A training that is not made; the message is a sentence for the user. `offer` is a change that would help."""

    def __init__(self, message: str, offer: Offer | None = None) -> None:
        super().__init__(message)
        self.offer = offer


class SizeError(TrainError):
    """A step takes too much memory or too many operations. `fact` is the message without what to do about it."""

    def __init__(self, fact: str, advice: str) -> None:
        super().__init__(f"{fact} {advice}")
        self.fact = fact


def check(network: Network, data: Data, plan: Plan, images: int) -> Trace:
    """The walk through a network that can be trained on `images` of these images. Raises TrainError."""
    traced = trace(network)
    if wrong := complaint(traced):
        raise TrainError(wrong)
    _check_ends(network, traced, data)
    if plan.batch > images:
        raise TrainError(
            f"A batch of {plan.batch:,} needs as many images; there are {images:,} to train on. Choose a smaller batch."
        )
    if plan.batch == 1:
        _check_norms(traced)
    _check_size(network, traced, plan)
    return traced


def _check_ends(network: Network, traced: Trace, data: Data) -> None:
    """What goes in is one image, and what comes out is one score for each class."""
    if len(network.inputs) > 1:
        names = ", ".join(given.name for given in network.inputs)
        raise TrainError(f"This network has {len(network.inputs)} inputs ({names}); these images are one input.")
    if network.inputs[0].kind == "indices":
        raise TrainError(
            f"{network.inputs[0].name} expects indices, such as words, but training here has only images. Choose a "
            "network that reads images."
        )
    if len(traced.output_shapes) > 1:
        raise TrainError(
            f"This network has {len(traced.output_shapes)} outputs; training here needs one output with a score for "
            "each class."
        )
    shape, wanted = traced.output_shapes[0], len(data.classes)
    if len(shape) != 1:
        raise TrainError(
            f"The output is {shape_text(shape) if shape else 'one number'}; training here needs one score for each "
            f"of the {wanted:,} classes. Let the network end in Flatten and Linear(…, {wanted}).",
            _with_head(network, wanted),
        )
    if not traced.parameters:
        raise TrainError("This network has no weights, so there is nothing to train.")
    if shape[0] != wanted:
        offer = changed(network, network.with_classes(wanted), f"Change to {wanted:,} classes")
        raise TrainError(
            f"{traced.steps[-1].name} outputs {written_count(shape[0], 'score')}, but these images have {wanted:,} "
            "classes.",
            offer if offer and trace(offer.network).output_shape == (wanted,) else None,
        )


def _with_head(network: Network, classes: int) -> Offer | None:
    """The network with one score for each class at its end; None where that does not run."""
    end = len(network.layers)
    try:
        ended = network.insert(end, "Flatten").insert(end + 1, "Linear").with_classes(classes)
    except NetworkError:
        return None
    return changed(network, ended, f"Add Flatten and Linear(…, {classes}) at the end")


def _check_norms(traced: Trace) -> None:
    for step in traced.steps:
        if isinstance(step.layer, BatchNorm1d | BatchNorm2d | BatchNorm3d) and prod(step.input_shapes[0][1:]) == 1:
            raise TrainError(
                f"{step.name} computes the mean over the batch, and a batch of one image leaves it one value per "
                "channel, which PyTorch refuses. Choose a batch of 2 or more."
            )


def _check_size(network: Network, traced: Trace, plan: Plan) -> None:
    """What a step takes in memory and in operations, by the formulas."""
    try:
        peak = training_memory(network, plan.batch, plan.kind).peak
    except EstimateError as error:
        raise TrainError(str(error)) from error
    if peak > limits.TRAIN_MEMORY.most:
        fact = limits.TRAIN_MEMORY.sentence(found=bytes_text(peak), limit=bytes_text(limits.TRAIN_MEMORY.most))
        raise SizeError(fact, "Choose a smaller batch, a smaller input, or fewer channels.")
    operations = FORWARD_AND_BACK * cost(traced)[1] * plan.batch
    if operations > limits.TRAIN_STEP.most:
        batch = plan.batch * limits.TRAIN_STEP.most // operations
        how = f"A batch of {batch:,} would work." if batch else "A smaller input or fewer channels would help."
        raise SizeError(limits.TRAIN_STEP.sentence(found=operations), how)


def largest_batch(network: Network, plan: Plan, images: int) -> int:
    """The largest batch, up to the plan's, whose step is small enough by the formulas; 0 where none is."""
    try:
        memory = training_memory(network, 1, plan.kind)
    except EstimateError:
        return 0
    operations = FORWARD_AND_BACK * cost(trace(network))[1]
    fits = memory.largest_batch(limits.TRAIN_MEMORY.most), limits.TRAIN_STEP.most // max(operations, 1)
    return min(plan.batch, images, *fits)


def shrunk(network: Network, data: Data) -> Offer | None:
    """The network on an input as large as the images, and what that decides; None where it is, or does not run."""
    given, size = network.inputs[0], tuple(data.images.shape[1:])
    if len(given.shape) == 1:
        size = (prod(size[1:]),)
    if len(network.inputs) > 1 or given.kind != "values" or given.shape == size:
        return None
    traced = trace(network)
    if traced.error is not None:
        return None
    try:
        resized = network.with_input(size)
    except NetworkError:
        return None
    offer = changed(network, resized, f"Change the input to {shape_text(size)}")
    is_like = offer is not None and trace(offer.network).output_shapes == traced.output_shapes
    return offer if is_like else None


def changed(network: Network, other: Network, says: str, batch: int | None = None) -> Offer | None:
    """An offer of another network, with what it decides; None where that does not run or is the same."""
    after = trace(other)
    if other == network or after.error is not None:
        return None
    seen = ripple(trace(network), after)
    changes = (*(change for change in seen.edits if change.layer), *seen.decided)
    decided = [f"{change.label} becomes {change.new:,}" for change in changes if type(change.new) is int]
    return Offer(other, f"{says}: {', '.join(decided)}." if decided else f"{says}.", batch)
