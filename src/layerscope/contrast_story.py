"""What a teacher would say about two networks, the most important first."""

from collections import Counter
from collections.abc import Iterable

from layerscope import wiring
from layerscope.contrast import Contrast, Row, value_of
from layerscope.contrast_numbers import BESIDE, Voice, cost, parameters
from layerscope.explain import written_count
from layerscope.formatting import joined, shape_text
from layerscope.layer_lists import outermost, told_rows
from layerscope.steps import Trace

MOST_NAMED = 3
"""How many choices a sentence names."""


def sentences(contrast: Contrast, voice: Voice = BESIDE) -> tuple[str, ...]:
    """What differs, the most important first. Each is a sentence of its own."""
    if contrast.is_same:
        return (voice.same,)
    told = [*broken(contrast, voice)] or [parameters(contrast, voice), cost(contrast, voice)]
    told += [choices(contrast), outputs(contrast), *structure(contrast, voice)]
    return tuple(sentence for sentence in told if sentence)


def broken(contrast: Contrast, voice: Voice = BESIDE) -> tuple[str, ...]:
    """Which of the two does not run, and why."""
    both = zip(voice.names, (contrast.a, contrast.b), strict=True)
    return tuple(_why_not(name, one) for name, one in both if one.error is not None)


def _why_not(name: str, one: Trace) -> str:
    sentence = f"{name} does not run: {one.steps[-1].name} stops it. {one.error.message if one.error else ''}"
    return sentence[0].upper() + sentence[1:]


def choices(contrast: Contrast) -> str:
    """Which settings differ, where they are few enough to be told one by one."""
    if is_far(contrast):
        return ""
    told = [
        f"{row.name}.{each.what} ({value_of(each.a)} and {value_of(each.b)})"
        for row in contrast.rows
        for each in row.differences
        if each.is_choice and each.what not in ("inputs", "weights")
    ]
    told += [f"what {row.name} reads" for row in contrast.rows if _is_rewired(contrast, row)]
    if contrast.a.network.input_shape != contrast.b.network.input_shape:
        shapes = (shape_text(one.network.input_shape) for one in (contrast.a, contrast.b))
        told.insert(0, f"the input ({' and '.join(shapes)})")
    more = len(told) - MOST_NAMED
    named = [*told[:MOST_NAMED], written_count(more, "more setting")] if more > 0 else told
    return f"They differ in {joined(named)}." if told else ""


def _is_rewired(contrast: Contrast, row: Row) -> bool:
    """Whether the row reads another one that both networks have: one that only B has is told as such."""
    paired = {one.pair.b for one in contrast.rows if one.is_paired} | {one.name for one in contrast.b.network.inputs}
    read = [each.b for each in row.differences if each.what == "inputs"]
    return any(all(wiring.parts(name)[0] in paired for name in names) for names in read)


def outputs(contrast: Contrast) -> str:
    """What leaves them, where that differs."""
    if contrast.a.output_shapes == contrast.b.output_shapes or contrast.a.error or contrast.b.error:
        return ""
    old, new = (joined([_amount(shape) for shape in one.output_shapes]) for one in (contrast.a, contrast.b))
    return f"A outputs {old or 'nothing'}, B {new or 'nothing'}."


def structure(contrast: Contrast, voice: Voice = BESIDE) -> list[str]:
    """Which rows only one of them has, and how many correspond by place alone."""
    told = []
    for place, one in enumerate((contrast.a, contrast.b)):
        only = [name for row in contrast.rows if not row.is_paired and (name := row.pair[place])]
        if only:
            told.append(f"{voice.only[place]} {told_rows(one.network, only)}.")
    by_place = sum(row.pair.by == "place" for row in contrast.rows)
    if by_place:
        verb = "layer corresponds" if by_place == 1 else "layers correspond"
        told.append(f"{by_place:,} {verb} by place, as the names differ{_in_blocks(contrast)}.")
    return told


def _in_blocks(contrast: Contrast) -> str:
    found = [f"{one} to {other}" for one, other in corresponding(contrast)]
    more = [f"{len(found) - MOST_NAMED:,} more"] if len(found) > MOST_NAMED else []
    return f": {joined([*found[:MOST_NAMED], *more])}" if found else ""


def is_far(contrast: Contrast) -> bool:
    """Whether the two are different networks, not versions of one: fewer than half of the rows correspond by name."""
    by_name = sum(row.pair.by == "name" for row in contrast.rows)
    return 2 * by_name < max(len(contrast.a.network.layers), len(contrast.b.network.layers))


def _amount(shape: Iterable[int]) -> str:
    sizes = tuple(shape)
    return shape_text(sizes) if len(sizes) > 1 else written_count(next(iter(sizes), 1), "value")


def corresponding(contrast: Contrast) -> tuple[tuple[str, str], ...]:
    """Large blocks of other names that correspond: each has more rows in common with the other than with any block."""
    found: Counter[tuple[str, str]] = Counter()
    for row in contrast.rows:
        one, other, _ = row.pair
        if one and other:
            found[outermost(contrast.a.network, one), outermost(contrast.b.network, other)] += 1
    best_of_a, best_of_b = dict[str, str](), dict[str, str]()
    for (one, other), _ in found.most_common():
        best_of_a.setdefault(one, other)
        best_of_b.setdefault(other, one)
    return tuple(
        (one, other) for one, other in found
        if one and other and one != other and best_of_a[one] == other and best_of_b[other] == one
    )  # fmt: skip
