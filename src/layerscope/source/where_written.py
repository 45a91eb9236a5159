"""What the code calls a layer that has no name there: a function, or a layer of a container."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

from layerscope.source.reading import Reading
from layerscope.source.text.paste import between

LONGEST_WORDS = 60
"""Characters of an expression that stands for a layer in a sentence."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def as_in_code(reading: Reading, layers: Iterable[str]) -> dict[str, str]:
    """For each of our own names what the code has there: "the Conv2d in line 8", "F.max_pool2d in line 9".

    Names that the code itself has are left out. Of several alike the place in the forward pass tells which is meant.
    """
    words = set(re.findall(r"\w+", reading.source))
    places = {}
    for layer in layers:
        last = layer.rpartition(".")[2]
        if last not in words and not last.isdigit() and (place := _place(reading, layer)):
            places[layer] = place
    alike = Counter(places.values())
    count: Counter[tuple[str, int]] = Counter()
    found = {}
    for layer, (made, line) in places.items():
        count[made, line] += 1
        which = _ordinal(count[made, line]) if alike[made, line] > 1 else ""
        is_type = made.startswith("nn.")
        article = f"the {which} " if which else "the " if is_type else ""
        found[layer] = f"{article}{made.removeprefix('nn.')} in line {line}"
    return found


def _ordinal(number: int) -> str:
    return ORDINALS[number - 1] if number <= len(ORDINALS) else f"{number}th"


def renaming(names: dict[str, str]) -> Callable[[str], str]:
    """A function that puts the code's own words for those names in a sentence.

    A name without a number, such as flatten, may be a word of the sentence: it stays.
    """
    ours = sorted((name for name in names if any(map(str.isdigit, name))), key=len, reverse=True)
    if not ours:
        return lambda text: text
    pattern = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, ours))})(?:\.(?=[a-z_])(\w+))?(?!\w)")

    def renamed(match: re.Match[str]) -> str:
        words = f"{match[2]} of {names[match[1]]}" if match[2] else names[match[1]]
        before = match.string[: match.start()]
        if not words.startswith("the "):
            return words  # code is never capitalized
        return words[:1].upper() + words[1:] if not before or before.endswith((". ", "? ")) else words

    return lambda text: pattern.sub(renamed, text)


def _place(reading: Reading, layer: str) -> tuple[str, int] | None:
    """What makes a layer, as the code writes it, and the line; None where that is not to be seen."""
    for span in reading.spans.get(layer, ()):
        text = between(reading.source, span)
        function = _function(text)
        if function and not function.endswith("Sequential"):
            return function, span.line
        if not function and len(text) <= LONGEST_WORDS and "\n" not in text:
            return text, span.line  # an operator: x + y, x += y
    return None


def _function(text: str) -> str:
    """As `_called`; what is short is remembered, as people write the same often."""
    return _called(text) if len(text) <= LONGEST_WORDS else _called.__wrapped__(text)


@lru_cache(maxsize=1_024)
def _called(text: str) -> str:
    """What a call calls, "x.view" for a method of whatever stands before; "" where the text is not a call."""
    try:
        node = ast.parse(f"({text})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    parts: list[str] = []
    func = node.func if isinstance(node, ast.Call) else None
    while isinstance(func, ast.Attribute):
        parts.append(func.attr)
        func = func.value
    if isinstance(func, ast.Name):
        return ".".join([func.id, *parts[::-1]])
    return f"x.{parts[0]}" if parts else ""
