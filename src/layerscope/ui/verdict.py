"""What is said of a paste first: what torch refuses, in plain words and in torch's, and the code put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from layerscope import limits, story
from layerscope.formatting import joined, shape_text
from layerscope.network import Network
from layerscope.source.reader import Mismatch, Reading
from layerscope.source.reading import Assumed, Flaw, Measured, Span
from layerscope.source.repairing import Correction
from layerscope.source.text.notebooks import with_cells
from layerscope.source.text.paste import between
from layerscope.source.where_written import LONGEST_WORDS, as_in_code, renaming
from layerscope.steps import Step, Trace
from layerscope.ui.quoting import cut_by_view, words_of_view, words_on_batch

Part = dict[str, Any]

MOST_NOTES = 4
MOST_QUOTED = 3
"""Operations that a note names."""
ALL = "all"
FLATTEN = "flatten-"
SIZE = "size"
REPAIR = "repair"
MOST_ALTERNATIVES = 3
ALIKE = ("Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum", "Concat", "Stack")
"""Rows whose inputs must have sizes that go together."""
IMPORTS = "imports"
OFFER = "offer"
UNNAMED = "The network"
UNTOLD = "Your code does not say the input size"


@dataclass(frozen=True)
class Understood:
    """A paste and what became of it. `reading` is None for a network in JSON."""

    reading: Reading | None
    network: Network | None
    trace: Trace | None
    wrong: tuple[Mismatch, ...] = ()
    problem: str = ""
    """Why it could not be read, or not to its end."""
    problem_line: int | None = None
    repaired: tuple[Correction, ...] = ()
    """What mends a network that does not run, as changes of the code."""
    is_too_long: bool = False
    """Whether it is over a limit, so that nothing of it is drawn."""

    @property
    def asks_shape(self) -> bool:
        """Whether the input's shape must be typed, or had better be."""
        here = self.reading
        if here is None:
            return False
        return here.needs_input_shape or here.shape_told == "given" or bool(here.doubt or here.size.words)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.reading.class_names if self.reading is not None else ()

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        return self.reading.flaws if self.reading is not None else ()

    def flatten_before(self, layer: str) -> dict[Span, str]:
        """The change of the code that flattens what arrives at a layer; empty where that is no simple change."""
        found = self.reading.flattens.get(layer) if self.reading is not None else None
        return dict([found]) if found else {}

    @property
    def batch(self) -> int:
        """How many samples torch's words are about: those of the example call, else one."""
        return max(self.reading.batch, 1) if self.reading is not None else 1

    @property
    def inside(self) -> str:
        """The name within a sentence."""
        return self.name if self.name != UNNAMED else UNNAMED.lower()

    @property
    def name(self) -> str:
        return (self.reading.class_name if self.reading is not None else None) or UNNAMED


def message(seen: Understood) -> Part:
    """What was read, and what is wrong with it: the first thing that a learner has to know comes first.

    Layers are called what the code calls them.
    """
    told = _message(seen)
    if seen.reading is None:
        return told
    names = as_in_code(seen.reading, seen.network.names) if seen.network is not None else {}
    in_code, in_cells = renaming(names), with_cells(seen.reading.source)

    def renamed(text: str) -> str:
        return in_cells(in_code(text))

    actions = [{**action, "label": renamed(action["label"])} for action in told["actions"]]
    items = [{**item, "text": _sentence(renamed(item["text"]))} for item in told["items"]]
    words = {"title": renamed(told["title"]), "text": renamed(told["text"])}
    return {**told, **words, "actions": actions, "items": items}


def _message(seen: Understood) -> Part:
    if seen.flaws and seen.flaws[0].tone == "error":
        return _about_flaw(seen, seen.flaws[0])
    if seen.wrong:
        return _about_mismatches(seen)
    if seen.problem:
        return _about_problem(seen)
    assert seen.trace is not None
    if seen.trace.error is not None:
        return _about_failing(seen, seen.trace)
    if seen.flaws:
        return _about_flaw(seen, seen.flaws[0])
    # What a BatchNorm makes of one sample is told by the reading, where the code has one.
    warned = story.warned(seen.trace, but="BatchNorm")
    if warned is not None:
        return _about_warning(seen, warned)
    if _doubt(seen):
        return _about_size(seen)
    return plain(
        "calm",
        f"{seen.name} runs: {_size(seen)}",
        " ".join([*_evidence(seen), *_notes(seen)]),
        [*_additions(seen), *_open()],
    )


def _about_failing(seen: Understood, trace: Trace) -> Part:
    """A layer that does not run whatever its in-values are, and what would mend that: in the code, else in words."""
    error, step = trace.error, trace.steps[-1]
    assert error is not None
    text = " ".join([_joining(seen, step) or error.message, *_again(seen, step)])
    repair = seen.repaired[0].repair if seen.repaired else None
    first = repair.label if repair is not None else ""
    if first.endswith(("or less", "or more")):
        text += f" It runs with {first}."
    others = [repair for repair in error.repairs if repair.complete] or error.repairs
    items = [] if seen.repaired else [_item(repair.label) for repair in others[:MOST_ALTERNATIVES]]
    if items:
        text += " One of these would fix it:" if len(items) > 1 else " This would fix it:"
    actions = [*_corrections(seen), *_sizes(seen), *_open()]
    title = f"{_expression(seen, step) or step.name} does not run"
    told = plain("error", title, _with(text, seen), actions, error.torch_message or None)
    return {**told, "items": [{"key": item, "text": item} for item in items]}


def _failing_later(seen: Understood) -> list[str]:
    """What does not run either way, where written numbers come first."""
    trace = seen.trace
    if trace is None or trace.error is None:
        return []
    step = trace.steps[-1]
    return [_joining(seen, step) or f"{step.name} then does not run: {trace.error.message}"]


def _joining(seen: Understood, step: Step) -> str:
    """What does not go together, in the code's words; "" where the code does not write it, or it is more than sizes."""
    reading = seen.reading
    texts = reading.joined.get(step.name, ()) if reading is not None else ()
    differ = len(set(texts)) > 1 and len(set(step.input_shapes)) > 1
    if reading is None or step.type not in ALIKE or not differ or len(texts) != len(step.input_shapes):
        return ""
    line = reading.spans[step.name][-1].line
    shapes = joined([shape_text(shape) for shape in step.shown_input_shapes])
    told = f"Line {line}: {joined(list(texts))} have different sizes: {shapes}."
    if step.type == "Concat" and step.error is not None:
        told += f" {step.error.message.partition(':')[0]}."
    return told


def _expression(seen: Understood, step: Step) -> str:
    """How the code writes a row that puts several inputs together; "" where it is no such row, or long."""
    reading = seen.reading
    text = between(reading.source, reading.spans[step.name][-1]) if reading and step.name in reading.joined else ""
    return text if len(text) <= LONGEST_WORDS and "\n" not in text else ""


def _again(seen: Understood, step: Step) -> list[str]:
    """The blocks in which the same line fails next."""
    reading = seen.reading
    repair = seen.repaired[0].repair if seen.repaired else None
    then = repair.then if repair is not None else ()
    if reading is None:
        return []
    same = [name for name in then if reading.spans.get(name) == reading.spans.get(step.name)]
    blocks = [name.rpartition(".")[0] for name in same if "." in name]
    return [f"The same happens in {joined(blocks)}."] if blocks else []


def _item(label: str) -> str:
    """A repair in words of its own; a change that is made at several places is said once."""
    whats: dict[str, list[str]] = {}
    for part in label.split("; "):
        what, _, where = part.partition(" in ")
        whats.setdefault(what if where else part, []).append(where)
    return "; ".join(f"{what} in {joined(places)}" if places[0] else what for what, places in whats.items())


def _sentence(words: str) -> str:
    """An item as a sentence; code at its beginning stays as it is written."""
    is_code = not words.partition(" ")[0].isalpha()
    return f"{words if is_code else _capital(words)}."


def _about_size(seen: Understood) -> Part:
    """The network runs, on a size that nobody told."""
    first, *others = _notes(seen)
    runs = f"{_capital(seen.inside)} runs{_on(seen)}: {_size(seen)}."
    return plain("unsure", UNTOLD, " ".join([first, runs, *others]), [*_sizes(seen), *_additions(seen), *_open()])


def _sizes(seen: Understood) -> list[Part]:
    """A button for each size that is likely."""
    choices = seen.reading.size.choices if seen.reading is not None else ()
    return [{"key": f"{SIZE}:{choice.shapes}", "label": choice.label} for choice in choices]


def _evidence(seen: Understood) -> list[str]:
    """What in the code told the size, where that was neither a call nor the layers alone."""
    size = seen.reading.size if seen.reading is not None else None
    inputs = seen.network.inputs if seen.network is not None else ()
    if size is None or not size.words or not inputs:
        return []
    if len(inputs) > 1:
        shapes = joined([f"{given.name} {shape_text(given.shape)}" for given in inputs])
        return [f"The inputs are {shapes}, {size.words}."]
    return [f"The input is {shape_text(inputs[0].shape)}, {size.words}."] if size.span is not None else []


def _against(seen: Understood) -> list[str]:
    """What the layers say against the size that the code tells."""
    return [seen.reading.size.against] if seen.reading is not None and seen.reading.size.against else []


def _notes(seen: Understood) -> list[str]:
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


def _about_warning(seen: Understood, warned: Step) -> Part:
    """What torch runs and hardly anybody means, as the explorer says it, and the Flatten that may be missing."""
    text = f"{warned.warning} As it is, {seen.inside} runs{_on(seen)}: {_size(seen)}."
    change = seen.flatten_before(warned.name)
    label = f"Line {next(iter(change)).line}: flatten before {warned.name}" if change else ""
    rows = seen.reading.written if seen.reading is not None else ()
    count = prod(warned.input_shape)
    if any(row.layer == warned.name and row.parameter == "in_features" and row.value != count for row in rows):
        label += f", in_features {count:,}"
    actions = [{"key": f"correct:{FLATTEN}{warned.name}", "label": label}] if change else []
    text = " ".join([text, *_evidence(seen), *_doubt(seen)])
    return plain("warning", story.about_warned(warned), text, [*actions, *_sizes(seen), *_additions(seen), *_open()])


def _on(seen: Understood) -> str:
    """The shapes of the inputs, where they are only some of those that would do."""
    if seen.trace is None or not _doubt(seen):
        return ""
    return f" on {joined([shape_text(given.shape) for given in seen.trace.network.inputs])}"


def _doubt(seen: Understood) -> list[str]:
    return [seen.reading.doubt] if seen.reading is not None and seen.reading.doubt else []


def _size(seen: Understood) -> str:
    assert seen.trace is not None
    count = len(seen.trace.steps)
    return f"{count} layer{'s' * (count != 1)}, {seen.trace.parameters:,} parameters"


def _about_problem(seen: Understood) -> Part:
    text = seen.problem
    if seen.trace is not None and (count := len(seen.trace.steps)):
        text += f" The {count} layers before that are shown." if count > 1 else " The layer before that is shown."
    stopped = f"Stopped at line {seen.problem_line}" if seen.problem_line else "Part of the code was not read"
    title = stopped if seen.network else "This code cannot be read"
    reading = seen.reading
    if reading is not None and reading.needs_input_shape and reading.layers and not seen.problem_line:
        title = UNTOLD
    title = next((flaw.title for flaw in seen.flaws if flaw.title and flaw.line == seen.problem_line), title)
    return plain("warning", title, _with(text, seen), [*_corrections(seen), *_sizes(seen)])


def _with(text: str, seen: Understood) -> str:
    """A text, and what else is to be said."""
    return " ".join(
        [text, *(str(flaw) for flaw in seen.flaws[:2]), *(_against(seen) or _evidence(seen)), *_doubt(seen)]
    )


def _about_flaw(seen: Understood, flaw: Flaw) -> Part:
    """What torch refuses although the layers fit, or what may surprise."""
    others = [str(other) for other in seen.flaws if other is not flaw][:2]
    text = " ".join([str(flaw), *others, *(mismatch.sentence for mismatch in seen.wrong[:2])])
    if seen.problem and (seen.problem_line != flaw.line or flaw.tone != "error"):
        text += f" {seen.problem}"
    elif flaw.kind == "part" and seen.trace is not None:
        text += f" The part has {_size(seen)}."
    elif flaw.tone == "warning" and seen.trace is not None:
        text += f" Otherwise {seen.inside} runs{_on(seen)}: {_size(seen)}."
    text = " ".join([text, *(_against(seen) or _evidence(seen)), *_doubt(seen)])
    mended = "Open the corrected network in Explore" if _corrections(seen) else "Open in Explore"
    opening = [] if seen.network is None else _open(mended)
    return plain(
        flaw.tone, flaw.title, text, [*_corrections(seen), *_sizes(seen), *opening], _quote(seen, flaw) or None
    )


def _quote(seen: Understood, flaw: Flaw) -> str:
    """Torch's words about a flaw."""
    asked = flaw.asks
    if asked is None or seen.trace is None or seen.reading is None:
        return flaw.quote
    step = seen.trace.by_name.get(asked.layer)
    if step is None:
        return flaw.quote
    written = {row.parameter: row.value for row in seen.reading.written if row.layer == asked.layer}
    arguments = {name: written.get(name, value) for name, value in step.arguments.items()}
    return words_on_batch(step.layer, arguments, asked.shape, asked.batch)


def _about_mismatches(seen: Understood) -> Part:
    """The first written value that is not what arrives, in the words of both, and the line put right."""
    first, *others = (each for each, _ in _distinct(seen.wrong))
    assert seen.trace is not None
    step = seen.trace.by_name[first.layer]
    text = first.sentence
    if first.parameter == "features":
        words = words_of_view(step.input_shape, seen.batch, first.rows, first.value)
        after = seen.trace.network.layers[seen.trace.network.index(step.name) + 1 :]
        where = f"The view before {after[0].name}" if after else "The view at the end"
        title = f"{where} does not fit" if words else f"{where} mixes the images"
        if not words:
            text += f" {_capital(cut_by_view(step.input_shape, seen.batch, first.value))}"
    else:
        arguments = step.arguments | {first.parameter: first.value}
        words = words_on_batch(step.layer, arguments, step.input_shape, seen.batch)
        title = f"{first.layer} does not fit" if words else f"{first.layer}.{first.parameter} has a different value"
    alike = next(names for _, names in _distinct(seen.wrong))
    text += f" The same goes for {joined(alike)}." if alike else ""
    text = " ".join([text, *(mismatch.sentence for mismatch in others[:2]), *_failing_later(seen)])
    actions = [*_corrections(seen), *_sizes(seen), *_open("Open the corrected network in Explore")]
    return plain("error", title, _with(text, seen), actions, words or None)


def _corrections(seen: Understood) -> list[Part]:
    """The changes that a click makes, all of them at once first."""
    actions = [{"key": f"correct:flaw{i}", "label": flaw.label} for i, flaw in enumerate(seen.flaws) if flaw.changes]
    actions += [
        {"key": f"correct:{seen.wrong.index(m)}", "label": m.label or f"Line {m.place.line}: write {m.replacement}"}
        for m, _ in _distinct(seen.wrong)
        if m.source
    ]
    several = len(actions) > 1 or bool(actions and seen.repaired)
    actions += [{"key": f"correct:{REPAIR}{i}", "label": each.label} for i, each in enumerate(seen.repaired)]
    if several:
        actions.insert(0, {"key": f"correct:{ALL}", "label": "Correct all"})
    size = seen.reading.size if seen.reading is not None else None
    other = [{"key": f"correct:{SIZE}", "label": size.label}] if size is not None and size.changes else []
    other += _additions(seen)
    return [*actions[: limits.CORRECTIONS.most + 1], *other]


def _distinct(wrong: Sequence[Mismatch]) -> list[tuple[Mismatch, list[str]]]:
    """The mismatches, those that the same change puts right once: each with the other layers that it does that for."""
    found: dict[object, tuple[Mismatch, list[str]]] = {}
    for each in wrong:
        key = tuple(each.changes.items()) or (each.layer, each.parameter)
        if key in found:
            found[key][1].append(each.layer)
        else:
            found[key] = (each, [])
    return [*found.values()]


def _additions(seen: Understood) -> list[Part]:
    """The buttons that write down what was taken to be meant: imports, and how the network is made."""
    if seen.reading is None:
        return []
    offers = [{"key": f"correct:{OFFER}{i}", "label": offer.label} for i, offer in enumerate(seen.reading.offers)]
    lines = [note.statement for note in seen.reading.notes if isinstance(note, Assumed)]
    label = f"Add {lines[0]}" if len(lines) == 1 else "Add the missing imports"
    return [*offers, *([{"key": f"correct:{IMPORTS}", "label": label}] if seen.reading.imports else [])]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _open(label: str = "Open in Explore") -> list[Part]:
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
