"""What a teacher would say about the numbers of two networks: how they compare, where most of the difference is, and
why there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from layerscope.causes import Cause, argument, causes, weights
from layerscope.contrast import Contrast, Difference, Row, Total, value_of
from layerscope.explain import written_count
from layerscope.formatting import bytes_text, compact, joined, signed
from layerscope.inputs import NetworkError, paths_above
from layerscope.layer_lists import outermost

NEAR = 0.1
"""Up to this part of A's number the difference is told, beyond it the ratio."""
FAR = 0.5
"""Below this part of A's number it is told how many times fewer: 157 times fewer, not 0.0064 times A's."""


@dataclass(frozen=True)
class Voice:
    """How the two networks are called in a sentence: A and B beside each other, or one before and after a change."""

    has: str = "B has"
    costs: str = "For one sample B needs"
    both: str = "A and B both have"
    same: str = "A and B are the same network."
    of_a: str = "A's"
    a: str = "A"
    nothing: str = "A has none"
    names: tuple[str, str] = ("A", "B")
    only: tuple[str, str] = ("Only A has", "Only B has")
    lacks: tuple[str, str] = ("which B does not have", "which A does not have")
    """Of a row that A alone has, and B alone."""
    come: str = "B has {} and A does not"
    gone: str = "A has {} and B does not"


BESIDE = Voice()
IN_TIME = Voice(
    "The network now has", "For one sample it needs", "It still has", "Nothing changed.", "what it was", "before",
    "before it had none", ("the network before", "the network"), ("Gone:", "New:"), ("which is gone", "which is new"),
    "{} is new", "{} is gone",
)  # fmt: skip


def parameters(contrast: Contrast, voice: Voice = BESIDE) -> str:
    """How the parameter counts stand to each other, where most of the difference is, and why."""
    count = contrast.totals["parameters"]
    if count.a == count.b:
        return f"{voice.both} {written_count(count.b or 0, 'parameter')}."
    against = _against(count, voice, f"{abs((count.b or 0) - (count.a or 0)):,}")
    return f"{voice.has} {written_count(count.b or 0, 'parameter')}, {against}; {_most(contrast, voice)}."


def cost(contrast: Contrast, voice: Voice = BESIDE) -> str:
    """Multiply-accumulates and activations, where they differ."""
    macs, memory = contrast.totals["macs"], contrast.totals["activation_bytes"]
    told = []
    if macs.a != macs.b:
        apart = compact(abs((macs.b or 0) - (macs.a or 0)))
        told.append(f"{compact(macs.b or 0)} multiply-accumulates ({_against(macs, voice, apart)})")
    if memory.a != memory.b:
        apart = bytes_text(abs((memory.b or 0) - (memory.a or 0)))
        told.append(f"{bytes_text(memory.b or 0)} of activations ({_against(memory, voice, apart, 'less')})")
    return f"{voice.costs} {joined(told)}." if told else ""


def _against(total: Total, voice: Voice, apart: str, fewer: str = "fewer") -> str:
    """1.8 times A's; 0.54 times A's; 157 times fewer than A; 96 more than A."""
    if not total.a or total.ratio is None:
        return voice.nothing
    if abs(total.ratio - 1) <= NEAR:
        return f"{apart} {'more' if total.ratio > 1 else fewer} than {voice.a}"
    return in_ratio(total.ratio, voice, fewer)


def in_ratio(ratio: float, voice: Voice = BESIDE, fewer: str = "fewer") -> str:
    """A number that is not near A's, as so many times A's."""
    if 0 < ratio < FAR:
        return f"{times(1 / ratio)} times {fewer} than {voice.a}"
    return f"{times(ratio)} times {voice.of_a}"


def times(ratio: float) -> str:
    """A ratio as it is said, with two digits: 1.8, 12, 1,400; 0.54, 0.0053."""
    if ratio >= 1 or not ratio:
        return f"{ratio:.1f}" if ratio < 9.95 else f"{float(f'{ratio:.2g}'):,.0f}" if ratio >= 100 else f"{ratio:.0f}"
    return f"{ratio:.{1 - floor(log10(ratio))}f}".rstrip("0")


def _most(contrast: Contrast, voice: Voice) -> str:
    """Most of the difference (+24,960) is in fc1, whose in_features goes from 192 to 432 because ..."""
    gains = [(row, gain) for row in contrast.rows if (gain := row.gain("parameters"))]
    whole = sum(gain for _, gain in gains)
    first, largest = max(gains, key=lambda one: one[1] / whole)
    path, inside = _block(contrast, gains, whole)
    if largest / whole >= 0.5 or not path:
        part = "all of the difference" if len(gains) == 1 else _part(largest / whole, largest)
        return f"{part} is in {first.name}{_why(contrast, first, voice)}"
    here = [row for row in contrast.rows if (row.pair[whole > 0] or "").startswith(f"{path}.")]
    lacks = "" if any(row.is_paired for row in here) else f", {voice.lacks[whole > 0]}"
    return f"{_part(inside / whole, inside)} is in {path}{lacks}"


def _part(share: float, gain: int) -> str:
    """Of a part that is larger than the whole, as others went the other way, "most" would be odd."""
    return f"{'most of the difference' if 0.5 <= share <= 1 else 'the largest change'} ({signed(gain)})"


def _block(contrast: Contrast, gains: Sequence[tuple[Row, int]], whole: int) -> tuple[str, int]:
    """The smallest block with at least half of the difference, or else the outermost one with most of it; and what it
    adds."""
    found: Counter[str] = Counter()
    for row, gain in gains:
        for path in paths_above(row.pair[whole > 0] or ""):
            found[path] += gain
    large = [path for path in found if found[path] / whole >= 0.5]
    if large:
        path = max(large, key=lambda path: (path.count("."), found[path] / whole))
    else:
        network = (contrast.a, contrast.b)[whole > 0].network
        outer = dict.fromkeys(outermost(network, path) or path for path in found)
        path = max(outer, key=lambda path: found[path] / whole, default="")
    return path, found[path]


def _why(contrast: Contrast, row: Row, voice: Voice) -> str:
    """, whose in_features goes from 192 to 432 because conv2.kernel_size is 3."""
    if not row.is_paired:
        return f", {voice.lacks[row.pair.a is None]}"
    found = [each for each in row.differences if _sizes_weights(contrast, row, each)]
    if not found:
        return ""
    told = joined([f"{each.what} goes from {value_of(each.a)} to {value_of(each.b)}" for each in found])
    decided = next((each for each in found if not each.is_choice), None)
    return f", whose {told}{_because(contrast, row, decided, voice) if decided else ''}"


def _sizes_weights(contrast: Contrast, row: Row, difference: Difference) -> bool:
    """Whether the row's parameter count depends on this argument."""
    step = row.steps[1]
    if step is None or difference.what not in step.arguments:
        return False
    if not difference.is_choice:
        return True
    try:
        count = weights(contrast.b.network.with_argument(step.name, difference.what, difference.a), step.name)
    except NetworkError:  # the head's width
        return True
    return count is not None and count != step.parameters


def _because(contrast: Contrast, row: Row, difference: Difference, voice: Voice) -> str:
    found = causes(contrast, row, argument(difference.what))
    if len(found) <= 2:
        return f" because {joined([_clause(cause, voice) for cause in found])}" if found else ""
    more = len(found) - 2
    return f" because of {', '.join(cause.label for cause in found[:2])} and {more} more"


def _clause(cause: Cause, voice: Voice) -> str:
    if cause.kind == "set":
        return f"{cause.label} is {cause.value}"
    return (voice.come if cause.kind == "new" else voice.gone).format(cause.label)
