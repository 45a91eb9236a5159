"""What is said of pasted code in which a layer does not run."""

from collections.abc import Sequence

from layerscope.formatting import joined, shape_text
from layerscope.layers.base import Shape
from layerscope.source.text.paste import between
from layerscope.source.where_written import LONGEST_WORDS
from layerscope.steps import Step, Trace
from layerscope.ui.quoting import words_of_joining
from layerscope.ui.understood import Part, Understood
from layerscope.ui.verdict_words import capital, corrections, listing, opening, plain, size_buttons, with_remarks

MOST_ALTERNATIVES = 3
ALIKE = ("Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum", "Concat", "Stack")
"""Rows whose inputs must have sizes that go together."""


def about_failing(seen: Understood, trace: Trace) -> Part:
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
    actions = [*corrections(seen), *size_buttons(seen), *opening()]
    title = f"{_expression(seen, step) or step.name} does not run"
    told = plain("error", title, with_remarks(text, seen), actions, _words(seen, step) or error.torch_message or None)
    return listing(told, items)


def _words(seen: Understood, step: Step) -> str:
    """What torch says of a row that puts inputs together, on as many samples as the code's own call has."""
    is_joining = seen.reading is not None and step.name in seen.reading.joined and seen.batch > 1
    return words_of_joining(step.layer, step.arguments, step.input_shapes, seen.batch) if is_joining else ""


def failing_later(seen: Understood) -> list[str]:
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
    if reading is not None and step.type == "MatMul" and len(texts) == 2:
        return _product(texts, step.input_shapes, reading.spans[step.name][-1].line)
    differ = len(set(texts)) > 1 and len(set(step.input_shapes)) > 1
    if reading is None or step.type not in ALIKE or not differ or len(texts) != len(step.input_shapes):
        return ""
    line = reading.spans[step.name][-1].line
    shapes = joined([shape_text(shape) for shape in step.shown_input_shapes])
    told = f"Line {line}: {joined(list(texts))} have different sizes: {shapes}."
    if step.type == "Concat" and step.error is not None:
        told += f" {step.error.message.partition(':')[0]}."
    return told


def _product(texts: Sequence[str], shapes: Sequence[Shape], line: int) -> str:
    """What does not fit in a product, with the code's names for both; "" where it is not its inner size."""
    (left, right), (first, second) = texts, shapes
    if len(first) != len(second) or len(first) < 2 or first[-1] == second[-2]:
        return ""
    given = f"{left} is {shape_text(first)} and {right} is {shape_text(second)} per sample"
    told = f"A product needs as many columns in {left} ({first[-1]}) as rows in {right} ({second[-2]})"
    return f"Line {line}: {told}: {given}."


def _expression(seen: Understood, step: Step) -> str:
    """How the code writes a row that puts several inputs together; "" where it is not such a row, or long."""
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


def sentence(words: str) -> str:
    """An item as a sentence; code at its beginning stays as it is written."""
    is_code = not words.partition(" ")[0].isalpha()
    return f"{words if is_code else capital(words)}{'' if words.endswith('.') else '.'}"
