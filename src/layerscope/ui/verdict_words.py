"""What a message about a paste says besides its main point, and its buttons."""

from collections.abc import Iterable

from layerscope import limits
from layerscope.formatting import joined, shape_text
from layerscope.source.reading import Assumed, Measured
from layerscope.ui.offered import ALL, Kind, offered
from layerscope.ui.understood import Part, Understood

MOST_NOTES = 4
MOST_QUOTED = 3
"""Operations that a note names."""


def additions(seen: Understood) -> list[Part]:
    """The buttons that write down what was taken to be meant: how the network is made, and imports."""
    return [each.action for each in offered(seen) if each.kind in (Kind.MEANT, Kind.IMPORTS)]


def size_buttons(seen: Understood) -> list[Part]:
    """A button for each size that is likely."""
    choices = seen.reading.size.choices if seen.reading is not None else ()
    return [{"key": f"size:{choice.shapes}", "label": choice.label} for choice in choices]


def evidence(seen: Understood) -> list[str]:
    """What in the code told the size, where that was neither a call nor the layers alone."""
    size = seen.reading.size if seen.reading is not None else None
    inputs = seen.network.inputs if seen.network is not None else ()
    if size is None or not size.words or not inputs:
        return []
    if len(inputs) > 1:
        shapes = joined([f"{given.name} {shape_text(given.shape)}" for given in inputs])
        return [f"The inputs are {shapes}, {size.words}."]
    return [f"The input is {shape_text(inputs[0].shape)}, {size.words}."] if size.span is not None else []


def against(seen: Understood) -> list[str]:
    """What the layers say against the size that the code tells."""
    return [seen.reading.size.against] if seen.reading is not None and seen.reading.size.against else []


def notes(seen: Understood) -> list[str]:
    """What was read otherwise than it stands there; one sentence for what is measured, one for missing imports."""
    notes = seen.reading.notes if seen.reading is not None else ()
    assumed = [note for note in notes if isinstance(note, Assumed)]
    measured = [note for note in notes if isinstance(note, Measured)]
    told = [str(note) for note in notes if not isinstance(note, Assumed | Measured)][:MOST_NOTES]
    told += [_measured(measured)] if len(measured) > 1 else map(str, measured)
    if len(assumed) > 1:
        return [*told, f"{joined([note.statement for note in assumed])} are missing; we assumed them."]
    return [*told, *map(str, assumed)]


def _measured(notes: list[Measured]) -> str:
    """Several operations that no layer type says, in one sentence."""
    texts = list(dict.fromkeys(note.text for note in notes))
    rest = len(texts) - MOST_QUOTED
    shown = joined(texts if rest < 2 else [*texts[:MOST_QUOTED], f"{rest} more operations"])
    lines = [f"{line:,}" for line in sorted({note.line for note in notes if note.line})]
    where = f"line {lines[0]}" if len(lines) == 1 else f"lines {joined(lines)}"
    return f"Layerscope has no layers for {shown} ({where}): their rows show only the sizes that PyTorch gives."


def on(seen: Understood) -> str:
    """The shapes of the inputs, where they are only some of those that would work."""
    if seen.trace is None or not doubt(seen):
        return ""
    return f" on {joined([shape_text(given.shape) for given in seen.trace.network.inputs])}"


def doubt(seen: Understood) -> list[str]:
    return [seen.reading.doubt] if seen.reading is not None and seen.reading.doubt else []


def counts(seen: Understood) -> str:
    assert seen.trace is not None
    count = len(seen.trace.steps)
    return f"{count} layer{'s' * (count != 1)}, {seen.trace.parameters:,} parameters"


def with_remarks(text: str, seen: Understood, told: str = "") -> str:
    """A text, and what else is to be said than what is `told` already."""
    others = [str(flaw) for flaw in seen.flaws[:2] if str(flaw) != told]
    return " ".join([text, *others, *(against(seen) or evidence(seen)), *doubt(seen)])


def corrections(seen: Understood) -> list[Part]:
    """The changes that a click makes, all of them at once first."""
    rows = offered(seen)
    faults = [each.action for each in rows if each.kind is Kind.FAULT]
    repairs = [each.action for each in rows if each.kind is Kind.REPAIR]
    every = [{"key": f"correct:{ALL}", "label": "Correct all"}] if faults and len(faults + repairs) > 1 else []
    sizes = [each.action for each in rows if each.kind is Kind.SIZE]
    return [*[*every, *faults, *repairs][: limits.CORRECTIONS.most + 1], *sizes, *additions(seen)]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def opening(label: str = "Open in Explore") -> list[Part]:
    return [{"key": "open", "label": label}]


def plain(tone: str, title: str, text: str, actions: list[Part] | None = None, quote: str | None = None) -> Part:
    """A message as the stage takes it."""
    return {
        "tone": tone,
        "title": title,
        "text": text,
        "quote": quote,
        "changes": [],
        "actions": actions or [],
        "items": [],
    }


def listing(message: Part, others: Iterable[str]) -> Part:
    """The message, and below it what else is to be said, one item each."""
    return {**message, "items": [{"key": one, "text": one} for one in others]}
