"""A width that does not fit, written with the names that the code has for it: hidden, hidden * 2, a + b."""

import re
from dataclasses import replace

from layerscope.source.expressing import Wanted, named, product, says
from layerscope.source.mismatch import Mismatch, as_written
from layerscope.source.reading import Reading
from layerscope.steps import Step, Trace

WIDTHS = ("hidden_size", "embedding_dim", "d_model", "embed_dim")
"""The arguments that say how wide the output is of layers whose width is not a number of channels or features."""
FARTHEST = 16
"""How many rows above a layer the one that decides a width is looked for."""


def with_names(reading: Reading, trace: Trace, found: Mismatch, step: Step) -> Mismatch:
    """The same, with the names of the code where they say the value, for all layers that the call makes."""
    made = reading.made.get(found.layer)
    argument = made.arguments.get(found.parameter) if made is not None else None
    if made is None or argument is None or (found.source and argument.is_literal):
        return found
    wanted = [
        Wanted(other, trace.by_name[name].arguments.get(found.parameter))
        for name, other in reading.made.items()
        if other.span == made.span and name in trace.by_name
    ]
    like = _like(reading, step, found.parameter)
    if found.source and argument.span != found.span:  # a number in a call of the paste's own function
        like = [text for text in like if argument.text != text and argument.text in text and says(text, wanted)]
        if not like:
            return found  # else it is the width of the layer before, too: hidden_dim * 2
        return replace(found, replacement=like[0], at=argument.span)
    text = next(named(found.parameter, wanted, like), None)
    if found.source and text is None and found.sizes:
        text = product(argument, found.sizes, made.numbers)
    if text is None:
        return found
    before, after = (f"You wrote {as_written(words, found.value)};" for words in (found.text, argument.text))
    sentence = found.sentence.replace(before, after)
    return replace(found, sentence=sentence, replacement=text, source=reading.source, at=argument.span)


def _like(reading: Reading, step: Step, parameter: str) -> list[str]:
    """How the widths are written of the layers that decide the value: as they are, twice, or added up."""
    decision = step.decisions.get(parameter)
    place = step.layer.input_of(parameter)
    above = step.parents[place] if decision is not None and place < len(step.parents) else None
    widths = _widths(reading, above, FARTHEST)
    if not widths:
        return []
    first = widths[0] if re.fullmatch(r"[\w.]+", widths[0]) else f"({widths[0]})"
    times = f"{first} * {len(widths)}" if len(set(widths)) == 1 else " + ".join(widths)
    return [widths[0], times, f"{first} * 2"]


def _widths(reading: Reading, step: Step | None, most: int) -> list[str]:
    """How the widths are written that a step's output has, several where it is put together; [] where one is not."""
    while step is not None and most > 0:
        most -= 1
        made = reading.made.get(step.layer.of or step.name)
        widths = (made.arguments.get(name) for name in (step.layer.head, *WIDTHS) if name) if made is not None else ()
        width = next((argument for argument in widths if argument is not None), None)
        if width is not None:
            return [width.text]
        if step.type == "Concat":
            parts = [_widths(reading, parent, most // 2) for parent in step.parents]
            return [text for part in parts for text in part] if all(parts) else []
        step = step.previous
    return []
