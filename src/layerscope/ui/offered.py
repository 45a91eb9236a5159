"""The changes of the code that the page offers: what a click on each of them writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from layerscope.formatting import capital, joined
from layerscope.source.labels import label_of
from layerscope.source.mismatch import Mismatch
from layerscope.source.reading import Assumed, Idle, Span
from layerscope.source.text.paste import replaced
from layerscope.ui.understood import Part, Understood

ALL = "all"
"""The key of the button that makes all changes at once."""


class Kind(Enum):
    """What a change is for."""

    FAULT = auto()
    """Something written is wrong. These are put right together."""
    REPAIR = auto()
    """A layer does not run; one of several ways out."""
    FLATTEN = auto()
    """A Flatten that is probably missing."""
    SIZE = auto()
    """The other way out where the code and the layers disagree about the input."""
    MEANT = auto()
    """What was taken to be meant is written down."""
    IMPORTS = auto()


@dataclass(frozen=True)
class Offered:
    """A change that a click makes. `text` is the whole code after a repair, else `changes` say what belongs where."""

    kind: Kind
    key: str
    label: str
    changes: tuple[tuple[Span, str], ...] = ()
    text: str = ""

    @property
    def action(self) -> Part:
        """The button."""
        return {"key": f"correct:{self.key}", "label": capital(self.label)}


def offered(seen: Understood) -> tuple[Offered, ...]:
    """All changes that may be offered for a paste; a repair that a fault makes already is left out."""
    faults = tuple(_faults(seen))
    source = seen.reading.source if seen.reading is not None else ""
    made = {replaced(source, dict(each.changes)) for each in faults} if seen.repaired else set()
    repairs = (
        Offered(Kind.REPAIR, f"repair{place}", each.label, text=each.text)
        for place, each in enumerate(seen.repaired)
        if each.text not in made
    )
    return (*faults, *repairs, *_others(seen))


def _faults(seen: Understood) -> Iterator[Offered]:
    for place, flaw in enumerate(seen.flaws):
        if flaw.changes:
            yield Offered(Kind.FAULT, f"flaw{place}", flaw.label, flaw.changes)
    places = {id(each): place for place, each in enumerate(seen.wrong)}
    rows = [each for each, _ in distinct(seen.wrong)]
    for before, each, after in zip([None, *rows], rows, [*rows[1:], None], strict=False):
        if each.source and not _of_one_view(before, each):
            both = _of_one_view(each, after) if after is not None else False
            changes = {**each.changes, **(after.changes if both and after is not None else {})}
            label = label_of([*each.told, *after.told]) if both and after is not None else each.action
            yield Offered(Kind.FAULT, str(places[id(each)]), label, tuple(changes.items()))


def _of_one_view(view: Mismatch | None, after: Mismatch | None) -> bool:
    """Whether a view and what reads it hold the same number: code that runs does so no longer if one of them alone is
    put right."""
    if view is None or after is None or view.parameter != "features" or not (view.source and after.source):
        return False
    return after.parameter != "features" and (view.value, view.arrives) == (after.value, after.arrives)


def _others(seen: Understood) -> Iterator[Offered]:
    reading = seen.reading
    if seen.flattened is not None:
        yield Offered(Kind.FLATTEN, "flatten", seen.flattened.label, text=seen.flattened.text)
    if reading is None:
        return
    if reading.size.changes:
        yield Offered(Kind.SIZE, "size", reading.size.label, reading.size.changes)
    for place, offer in enumerate(reading.offers):
        if isinstance(offer, Idle):
            for n, (label, changes) in enumerate(offer.ways if seen.is_right else ()):
                yield Offered(Kind.MEANT, f"offer{place}.{n}", label, changes)
            continue
        yield Offered(Kind.MEANT, f"offer{place}", offer.label, offer.changes)
    if reading.imports:
        lines = [note.statement for note in reading.notes if isinstance(note, Assumed)]
        label = f"Add {lines[0]}" if len(lines) == 1 else "Add the missing imports"
        yield Offered(Kind.IMPORTS, "imports", label, reading.imports)


def all_faults(rows: Sequence[Offered]) -> dict[Span, str]:
    """What puts all faults right at once, with the imports that are missing."""
    every = {span: text for each in rows if each.kind is Kind.FAULT for span, text in each.changes}
    imports = [pair for each in rows if each.kind is Kind.IMPORTS for pair in each.changes]
    return every | {span: f"{text}{every.get(span, '')}" for span, text in imports}


def distinct(wrong: Sequence[Mismatch]) -> list[tuple[Mismatch, list[str]]]:
    """The mismatches, those that the same change puts right once: each with the other layers that it does that for."""
    found: dict[object, tuple[Mismatch, list[str]]] = {}
    for each in wrong:
        key = tuple(each.changes.items()) or (each.layer, each.parameter)
        if key in found:
            found[key][1].append(each.layer)
        else:
            found[key] = (each, [])
    return [*found.values()]


def told_once(wrong: Sequence[Mismatch]) -> list[str]:
    """What is wrong, a sentence for each: a view and the Linear after it that hold the same number take one."""
    found: list[str] = []
    rows = distinct(wrong)
    for place, (each, alike) in enumerate(rows):
        view = rows[place - 1][0] if place and rows[place - 1][0].parameter == "features" else None
        if view is not None and (view.value, view.arrives) == (each.value, each.arrives):
            found.append(f"The same goes for {each.parameter} of {joined([each.layer, *alike])}.")
            continue
        found.append(each.sentence + (f" The same goes for {joined(alike)}." if alike else ""))
    return found
