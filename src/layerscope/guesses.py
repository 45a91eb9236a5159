"""A guess beside the truth: whether it can be one, whether it is right, and the verdict in words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from layerscope.formatting import joined, shape_text
from layerscope.steps import Trace
from layerscope.targets import ANY, PARAMETERS, RUNS, SHAPE, TEXT, VALUE, Target, Truth, truth

_RUNNING = re.compile(r"run|work|fail|error|break|crash", re.IGNORECASE)
"""Words of a guess about whether the network runs."""
_FAILING = re.compile(r"fail|error|break|crash|\b(no|not|cannot|never)\b|n['’]?t\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*[x×*]\s*|\s*,\s+|\s+")
_NUMBER = re.compile(r"-?\d{1,19}")
_THOUSANDS = re.compile(r"\d{1,3}([,_ ]\d{3})+")

EXPECTED = {
    ANY: "Type a shape {}, or “does not run”.",
    SHAPE: "Type a shape {}, or “does not run”.",
    VALUE: "Type a number {}, or “does not run”.",
    PARAMETERS: "Type a number {}, or “does not run”.",
    RUNS: "Type “runs” or “does not run”.",
}
NOT_JUDGED = "Layerscope does not judge free text: compare it with what happened."


@dataclass(frozen=True)
class Verdict:
    """`right` is None where nothing was judged. `why` is the reason, in words and then as a formula."""

    right: bool | None
    says: str
    why: str = ""


def example(target: Target, *networks: Trace) -> str:
    """What a guess about the target may look like; "" where that needs no example.

    It is nothing that stands in one of the networks, before or after a change: an example tells no answer.
    """
    taken = {numbers for now in networks for numbers in _standing(now)}
    shape = next(shape_text(sizes) for sizes in ((8, n, n) for n in count(10)) if sizes not in taken)
    value = next(n for n in count(250, 10) if (n,) not in taken)
    total = next(n for n in count(12_345, 1_000) if (n,) not in taken)
    found = {ANY: f"such as {shape} or {total:,}", SHAPE: f"such as {shape}", VALUE: f"such as {value:,}",
             PARAMETERS: f"such as {total:,}"}  # fmt: skip
    return found.get(target.kind, "")


def _standing(now: Trace) -> Iterator[tuple[int, ...]]:
    """The shapes and numbers that the network has."""
    if now.error is None:
        yield (now.parameters,)
    for step in now.steps:
        yield from (*step.input_shapes, *step.output_shapes, *step.shown_shapes)
        yield from ((value,) for value in step.arguments.values() if type(value) is int)


def complaint(guess: str, target: Target, *networks: Trace) -> str:
    """Why that is not a guess yet; empty if it is one. Somebody may also guess that the network fails.

    `networks` are those before and after the change.
    """
    if target.kind == TEXT:
        return ""
    has_digits = any(map(str.isdigit, guess))
    is_about_running = _RUNNING.search(guess) is not None and not has_digits
    if target.kind == ANY:
        is_one = is_about_running or has_digits
    elif target.kind == RUNS:
        is_one = is_about_running
    else:
        is_one = (is_about_running and _FAILING.search(guess) is not None) or bool(_readings(guess))
    return "" if is_one else f"“{guess}” is not a guess yet. {EXPECTED[target.kind].format(example(target, *networks))}"


def verdict(
    guess: str, target: Target, now: Trace, about: str = "", follows: Iterable[tuple[str, str]] = ()
) -> Verdict:
    """What is said about a guess once the result is shown.

    `about` is the layer that a guess of any kind means. Such a guess may also name a value that followed from the
    change: `follows` says which did, as layer and argument ("fc1", "in_features").
    """
    if target.kind == TEXT:
        return Verdict(None, f"You said: {guess}", NOT_JUDGED)
    told = _of_any_kind(guess, now, about, follows) if target.kind == ANY else truth(target, now)
    if told is None:
        return Verdict(None, f"You said {guess}", f"{target.layer} is no longer in the network; this is not judged.")
    right = is_right(guess, told)
    if right is None:
        return Verdict(None, f"You said {guess}", f"{told.says[:1].upper()}{told.says[1:]}.")
    if right:
        return Verdict(True, f"Right: {told.says}", told.why)
    said = guess if any(map(str.isdigit, guess)) else f"“{guess}”"
    answer = told.short or told.says
    return Verdict(False, refuted(said, answer, f"the answer is {answer}" if told.short else answer), told.why)


def refuted(said: str, answer: str, told: str = "") -> str:
    """The verdict on another answer than the right one, without its full stop: "No", or "Not quite" of a shape in which
    some sizes are right, with these.

    `told` says what is right where "the answer is …" does not fit. Answers in words are quoted: nobody can read
    "you said you".
    """
    right = _right_sizes(said, answer)
    verdict = f"Not quite (only {joined(right)} {'is' if len(right) == 1 else 'are'} right)" if right else "No"
    if not told and not all(any(map(str.isdigit, one)) for one in (said, answer)):
        return f"{verdict}: you answered “{said}”. The answer is “{answer}”"
    return f"{verdict}: you said {said}; {told or f'the answer is {answer}'}"


def _right_sizes(said: str, answer: str) -> list[str]:
    """The sizes that a shape has in the right place; of a number nobody can tell how near is near."""
    if _THOUSANDS.fullmatch(answer):
        return []
    shapes = [sizes for sizes in _readings(answer) if len(sizes) > 1]
    pairs = [(one, other) for one in shapes for other in _readings(said) if len(one) == len(other)]
    return [str(a) for one, other in pairs[:1] for a, b in zip(one, other, strict=True) if a == b]


def is_right(guess: str, told: Truth) -> bool | None:
    """Whether a guess names the truth; None where it says nothing that could be compared."""
    text = guess.strip()
    if told.short and text.strip("'\"").casefold() == told.short.strip("'\"").casefold():
        return True
    if not any(map(str.isdigit, text)):
        fails = _FAILING.search(text) is not None
        if not _RUNNING.search(text) or (told.short and not fails):  # that it runs is not a value
            return None
        return fails is not told.runs
    readings = _readings(text)
    return any(reading in told.values for reading in readings) if readings else None


def _readings(guess: str) -> list[tuple[int, ...]]:
    """The numbers that a guess may mean: "1,234" is one number, or a shape of two sizes."""
    text = guess.strip().strip("()[]")
    found: list[tuple[int, ...]] = []
    if _THOUSANDS.fullmatch(text):
        found.append((int(re.sub(r"\D", "", text)),))
    parts = _SEVERAL.split(text) if _SEVERAL.search(text) else text.split(",")
    numbers = [part.replace(",", "").replace("_", "").replace("−", "-") for part in parts if part]
    if numbers and all(map(_NUMBER.fullmatch, numbers)):
        found.append(tuple(map(int, numbers)))
    return found


def _of_any_kind(guess: str, now: Trace, about: str, follows: Iterable[tuple[str, str]]) -> Truth:
    """The value that followed and that a guess names; else what `_at_large` says."""
    told = _at_large(now, about)
    if is_right(guess, told):
        return told
    values = (truth(Target(VALUE, layer, argument), now) for layer, argument in follows)
    return next((value for value in values if value is not None and is_right(guess, value)), told)


def _at_large(now: Trace, about: str) -> Truth:
    """The shape that a layer outputs, the parameter count, and whether the network runs."""
    step = now.by_name.get(about)
    shape = step.output_shape if step is not None else now.output_shape
    says = f"{about or 'the network'} outputs {shape_text(shape)}" if shape is not None else ""
    values = () if shape is None else (shape,)
    if now.error is None:
        says = f"{says}, and the network has {now.parameters:,} parameters"
        return Truth(says, "", "", (*values, (now.parameters,)))
    failing = f"{now.steps[-1].name} does not run"
    says = f"{says}, but {failing}" if says else failing
    return Truth(says, "", "", values, runs=False)
