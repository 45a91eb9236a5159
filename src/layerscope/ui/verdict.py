"""What is said of a paste first: what torch refuses, in plain words and in torch's, and the code put right."""

from layerscope.source.reading import Flaw
from layerscope.source.text.notebooks import with_cells
from layerscope.source.where_written import as_in_code, renaming
from layerscope.steps import Step
from layerscope.ui.failing_layer import about_failing, failing_later, sentence
from layerscope.ui.offered import Kind, offered, told_once
from layerscope.ui.quoting import cut_by_view, words_of_view, words_on_batch
from layerscope.ui.understood import Part, Understood
from layerscope.ui.verdict_words import (
    additions,
    against,
    capital,
    corrections,
    counts,
    doubt,
    evidence,
    listing,
    notes,
    on,
    opening,
    plain,
    size_buttons,
    with_remarks,
)
from layerscope.warned import warning_title

UNTOLD = "Your code does not say the input size"


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
    items = [{**item, "text": sentence(renamed(item["text"]))} for item in told["items"]]
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
        return about_failing(seen, seen.trace)
    if seen.flaws:
        return _about_flaw(seen, seen.flaws[0])
    if seen.warned is not None:
        return _about_warning(seen, seen.warned)
    if doubt(seen):
        return _about_size(seen)
    return plain(
        "calm",
        f"{seen.name} runs: {counts(seen)}",
        " ".join([*evidence(seen), *notes(seen)]),
        [*additions(seen), *opening()],
    )


def _about_size(seen: Understood) -> Part:
    """The network runs, on a size that nobody told."""
    first, *others = notes(seen)
    runs = f"{seen.name} runs{on(seen)}: {counts(seen)}."
    return plain(
        "unsure", UNTOLD, " ".join([first, runs, *others]), [*size_buttons(seen), *additions(seen), *opening()]
    )


def _about_warning(seen: Understood, warned: Step) -> Part:
    """What torch runs and hardly anybody means, as the explorer says it, and the Flatten that may be missing."""
    text = f"{warned.warning} As it is, {seen.inside} runs{on(seen)}: {counts(seen)}."
    flat = [each.action for each in offered(seen) if each.kind is Kind.FLATTEN]
    text = " ".join([text, *evidence(seen), *doubt(seen)])
    return plain("warning", warning_title(warned), text, [*flat, *size_buttons(seen), *additions(seen), *opening()])


def _about_problem(seen: Understood) -> Part:
    why = next((str(flaw) for flaw in seen.flaws if flaw.explains and flaw.line == seen.problem_line), "")
    text = why or seen.problem
    if seen.trace is not None and (count := len(seen.trace.steps)):
        text += f" The {count} layers before that are shown." if count > 1 else " The layer before that is shown."
    stopped = f"Analysis stopped at line {seen.problem_line}" if seen.problem_line else "Part of the code was not read"
    title = stopped if seen.network else "This is an error message" if seen.is_error else "This code cannot be read"
    reading = seen.reading
    if reading is not None and reading.needs_input_shape and reading.layers and not seen.problem_line:
        title = UNTOLD
    title = next((flaw.title for flaw in seen.flaws if flaw.title and flaw.line == seen.problem_line), title)
    tone = "error" if seen.is_refused else "warning"
    return plain(tone, title, with_remarks(text, seen, why), [*corrections(seen), *size_buttons(seen)])


def _about_flaw(seen: Understood, flaw: Flaw) -> Part:
    """What torch refuses although the layers fit, or what may surprise."""
    others = [*[str(other) for other in seen.flaws if other is not flaw][:2], *told_once(seen.wrong)[:2]]
    text = str(flaw)
    if seen.problem and (seen.problem_line != flaw.line or flaw.tone != "error"):
        text += f" {seen.problem}"
    elif flaw.kind == "part" and seen.trace is not None:
        text += f" The part has {counts(seen)}."
    elif flaw.tone == "warning" and seen.trace is not None:
        text += f" Otherwise {seen.inside} runs{on(seen)}: {counts(seen)}."
    text = " ".join([text, *(against(seen) or evidence(seen)), *doubt(seen)])
    mended = "Open the corrected network in Explore" if corrections(seen) else "Open in Explore"
    explore = [] if seen.network is None else opening(mended)
    actions = [*corrections(seen), *size_buttons(seen), *explore]
    return listing(plain(flaw.tone, flaw.title, text, actions, _quote(seen, flaw) or None), others)


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
    """The first written value that is not the actual input, in the words of both, and the line put right."""
    first = seen.wrong[0]
    assert seen.trace is not None
    step = seen.trace.by_name[first.layer]
    text, *others = told_once(seen.wrong)
    if first.parameter == "features":
        words = words_of_view(step.input_shape, seen.batch, first.rows, first.value)
        after = seen.trace.network.layers[seen.trace.network.index(step.name) + 1 :]
        where = f"The view before {after[0].name}" if after else "The view at the end"
        title = f"{where} does not fit" if words else f"{where} mixes the images"
        if not words:
            text += f" {capital(cut_by_view(step.input_shape, seen.batch, first.value))}"
    else:
        arguments = step.arguments | {first.parameter: first.value}
        words = words_on_batch(step.layer, arguments, step.input_shape, seen.batch)
        title = f"{first.layer} does not fit" if words else f"{first.layer}.{first.parameter} has a different value"
    text = " ".join([text, *others[:2], *failing_later(seen)])
    actions = [*corrections(seen), *size_buttons(seen), *opening("Open the corrected network in Explore")]
    return plain("error", title, with_remarks(text, seen), actions, words or None)
