"""Numbers, sizes and shapes as people read them; used by pictures and tables alike."""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from math import prod

_THOUSANDS = ("", "k", "M", "G", "T", "P", "E")
_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


_WORD = re.compile(r"[a-z][a-z'-]*")


def capital(words: str, names: Collection[str] = ()) -> str:
    """The words as they stand alone: with a capital letter, unless a name of code comes first, as in "conv1 and fc1" or
    "in_channels". `names` are such names that look like words, as that of a layer."""
    first, *rest = words.split(" ", 1)
    is_word = _WORD.fullmatch(first.rstrip(",:;")) is not None and first not in names
    return words[:1].upper() + words[1:] if is_word and (rest or first in ALONE) else words


ALONE = frozenset(
    {"yes", "no", "you", "more", "fewer", "none", "nothing", "blur", "edges", "identity", "random", "sharpen"}
)
"""Single words that name nothing in code, as "bias" or "stride" may."""


_OPERATED = re.compile(r"(?<=\S) ([×·+−/-]) (?=\S)")


def unbroken(text: str) -> str:
    """The text with no-break spaces in its formulas: a line may end before an equals sign, not in a product or sum."""
    return _OPERATED.sub("\u00a0\\1\u00a0", text).replace(" = ", " =\u00a0")


def compact(count: float) -> str:
    """At most four characters and a suffix: 610, 7.26k, 23.2k, 138M. Three significant digits from 1,000 on."""
    number, suffix = _scaled(count, _THOUSANDS)
    return f"{number}{suffix}"


def bytes_text(count: float) -> str:
    """A memory size in the units of torch.cuda.OutOfMemoryError and nvidia-smi: 1 KiB is 1,024 bytes."""
    number, suffix = _scaled(count, _BYTES, 1024)
    return f"{number} {suffix}"


def bytes_apart(count: int, other: int) -> tuple[str, str]:
    """Two memory sizes as text that differs where they do: 570 KiB and 598 KiB, but 583,800 B and 584,000 B."""
    texts = bytes_text(count), bytes_text(other)
    return texts if count == other or texts[0] != texts[1] else (f"{count:,} B", f"{other:,} B")


def percent(share: float) -> str:
    """A share from 0 to 1: 70%, 5.5%, <0.1%; 0% only for nothing at all and 100% only for everything."""
    if share <= 0 or share >= 1:
        return f"{round(share) * 100}%"
    if share < 0.001:
        return "<0.1%"
    if share > 0.995:
        return ">99%"
    return f"{share * 100:.0f}%" if share >= 0.0995 else f"{share * 100:.1f}%"


def signed(count: int) -> str:
    """A difference with its sign: +12,960, −96."""
    return f"{count:+,}".replace("-", "−")


def joined(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def shape_text(shape: Iterable[int]) -> str:
    """6×24×24; a single size as any number, 9,216; without any axis one number."""
    sizes = list(shape)
    if not sizes:
        return "one number"
    return f"{sizes[0]:,}" if len(sizes) == 1 else "×".join(map(str, sizes))


def product_text(sizes: Sequence[int]) -> str:
    """What sizes come to, as prose has it (code has 16*5*5): 16 × 5 × 5 = 400; a single size alone."""
    factors = " × ".join(f"{size:,}" for size in sizes)
    return f"{factors} = {prod(sizes):,}" if len(sizes) > 1 else factors


def ending(path: str, most: int) -> str:
    """A dotted name, or as many of its last parts as have room: … encoder_layer_0.add."""
    parts = path.split(".")
    kept = next((n for n in range(len(parts)) if len(".".join(parts[n:])) <= most), len(parts) - 1)
    return f"… {'.'.join(parts[kept:])}" if kept else path


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Rising whole numbers as unbroken runs, first and last: 3, 4, 5, 9 gives (3, 5), (9, 9)."""
    if not numbers:
        return []
    breaks = [(a, b) for a, b in pairwise(numbers) if b != a + 1]
    firsts = [numbers[0], *(b for _, b in breaks)]
    lasts = [*(a for a, _ in breaks), numbers[-1]]
    return list(zip(firsts, lasts, strict=True))


def cells_text(kind: str, numbers: Sequence[int], size: int, *, is_brief: bool = False) -> str:
    """Which rows or columns: "the last 2 rows"; elsewhere counted from 0, "rows 1, 3, 5, ... (12 of 24)".

    `is_brief`: of several runs only how many there are, "12 of 24 rows".
    """
    spans = runs(numbers)
    if spans == [(size - len(numbers), size - 1)]:
        return f"the last {kind}" if len(numbers) == 1 else f"the last {len(numbers)} {kind}s"
    if len(numbers) == 1:
        return f"{kind} {numbers[0]} of {size}"
    if len(spans) == 1:
        return f"{kind}s {spans[0][0]} to {spans[0][1]} of {size}"
    if is_brief:
        return f"{len(numbers)} of {size} {kind}s"
    shown = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in spans[:3])
    return f"{kind}s {shown}{', ...' if len(spans) > 3 else ''} ({len(numbers)} of {size})"


def never_read(lost: Iterable[tuple[str, Sequence[int], int]], by: str = "") -> str:
    """ "the last row and column are never read by pool1"; "" where every cell is read.

    lost: for each axis what a cell is called, the cells that are never read, and how many there are in all.
    """
    missed = [each for each in lost if each[1]]
    if not missed:
        return ""
    verb = "is" if sum(len(cells) for _, cells, _ in missed) == 1 else "are"
    return f"{lost_cells(missed)} {verb} never read{f' by {by}' if by else ''}"


def lost_cells(lost: Iterable[tuple[str, Sequence[int], int]], *, is_brief: bool = False) -> str:
    """ "the last 2 rows and columns", "the last row and the last 2 columns"; `lost` as for `never_read`."""
    missed = [(kind, tuple(numbers), size) for kind, numbers, size in lost if numbers]
    texts = [cells_text(*each, is_brief=is_brief) for each in missed]
    if len(missed) == 2 and missed[0][1:] == missed[1][1:]:  # said once
        (first, numbers, _), (second, *_) = missed
        end = "s" if len(numbers) > 1 else ""
        return texts[0].replace(f"{first}{end}", f"{first}{end} and {second}{end}", 1)
    return " and ".join(texts)


def _scaled(count: float, suffixes: Sequence[str], step: int = 1000) -> tuple[str, str]:
    place = 0
    while count >= step - 0.5 and place < len(suffixes) - 1:
        count /= step
        place += 1
    if place == 0 or count >= 99.95:
        return f"{count:.0f}", suffixes[place]
    text = f"{count:.2f}" if count < 9.995 else f"{count:.1f}"
    return text.rstrip("0").rstrip("."), suffixes[place]


def fits_sentence(window: str, step: int, times: int, into: str, how: str = "") -> str:
    """How often a window fits, in one sentence for all who say it: "a 2×2 window with stride 2 fits once into 3".

    `how` is "only" or "exactly", where the count is what matters: "fits into 9 only 4 times".
    """
    count = "once" if times == 1 else f"{times:,} times"
    return f"{window} with stride {step} fits " + (f"into {into} {how} {count}" if how else f"{count} into {into}")
