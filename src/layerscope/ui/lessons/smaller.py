"""What another kernel_size of a network's last convolution does to the whole network."""

from functools import lru_cache

from layerscope.changes import Ripple, ripple
from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.tracing import trace

CONVOLUTIONS = ("Conv1d", "Conv2d", "Conv3d")
MOST_KERNEL = 11


def convolutions(seen: Trace) -> list[Step]:
    """The convolutions, in order."""
    return [step for step in seen.steps if step.type in CONVOLUTIONS]


def reader(seen: Trace) -> Step | None:
    """The first linear layer after the last convolution."""
    after = seen.network.index(convolutions(seen)[-1].name)
    return next((step for step in seen.steps[after:] if step.type == "Linear"), None)


def changed(network: Network, kernel: int) -> Ripple:
    """What the last convolution's new kernel_size changes."""
    name = convolutions(trace(network))[-1].name
    return ripple(trace(network), trace(network.with_argument(name, "kernel_size", kernel)))


@lru_cache(maxsize=64)
def kernels(network: Network) -> tuple[int, ...]:
    """The kernel_sizes with which the last convolution and all after it run."""
    return tuple(k for k in range(1, MOST_KERNEL + 1) if changed(network, k).after.error is None)


def closing(network: Network) -> str:
    """What is true of this network: what the smallest and the largest kernel of the last convolution make of it."""
    runs = kernels(network)
    traces = {kernel: changed(network, kernel).after for kernel in runs}
    first, last = traces[runs[0]], traces[runs[-1]]
    conv, taker = convolutions(first)[-1].name, reader(first)
    if taker is None or len(runs) < 2:
        return f"{conv} runs only with kernel_size {runs[0]}."
    own = [f"{seen.by_name[conv].parameters:,}" for seen in (first, last)]
    features = [seen.by_name[taker.name].arguments["in_features"] for seen in (first, last)]
    totals = {kernel: seen.parameters for kernel, seen in traces.items()}
    small, large = totals[runs[0]], totals[runs[-1]]
    text = f"{conv} has {own[0]} parameters with kernel_size {runs[0]}, and {own[1]} with {runs[-1]}. "
    if features[0] == features[1]:
        text += f"{taker.name}.in_features is {features[0]:,} with both{_fixed_by(first, conv, taker.name)}. "
    elif features[0] > features[1]:
        text += f"But the small kernel leaves larger maps: {taker.name} gets {features[0]:,} values "
        text += f"instead of {features[1]:,}. "
    word = "larger" if small > large else "smaller" if small < large else "equally large"
    text += f"The whole network has {small:,} parameters with kernel_size {runs[0]}, and {large:,} with {runs[-1]}: "
    text += f"here the small kernel gives {'an' if small == large else 'the'} {word} network."
    beyond = [kernel for kernel in runs if not min(small, large) <= totals[kernel] <= max(small, large)]
    if beyond:
        most = max(beyond, key=lambda kernel: min(abs(totals[kernel] - end) for end in (small, large)))
        than = "fewer than either" if totals[most] < small else "more than either"
        text += f" In between, kernel_size {most} gives {totals[most]:,}, {than}."
    return text


def _fixed_by(seen: Trace, conv: str, taker: str) -> str:
    """The adaptive pooling between the two, which fixes the size; "" where there is none."""
    between = seen.steps[seen.network.index(conv) : seen.network.index(taker)]
    fixed = next((step for step in between if step.type.startswith("Adaptive")), None)
    if fixed is None or fixed.output_shape is None:
        return ""
    return f", because {fixed.name} ({fixed.type}) always outputs {shape_text(fixed.output_shape)}"
