"""What somebody answered in a lesson, as text for the address. Knows no screen."""

import re
from collections.abc import Iterable, Mapping

from layerscope.guesses import refuted
from layerscope.ui.lessons.contents import LESSONS

MOST_ANSWERS, LONGEST = 24, 24
_KEY = re.compile(r"[a-z][a-z0-9_]{0,23}")
_ANSWER = re.compile(r"[A-Za-z0-9_,. ()×=-]{1,24}")
_UNIT = re.compile(r"(?<=\d) +[A-Za-z]+$")
_OUT = str.maketrans({"~": "", ":": ""})


def encode(answers: Mapping[str, str]) -> str:
    """ "height:24~length:192"."""
    kept = list(answers.items())[:MOST_ANSWERS]
    return "~".join(f"{key}:{answer.translate(_OUT)[:LONGEST]}" for key, answer in kept)


def decode(text: str) -> dict[str, str]:
    """The answers of `encode`'s text; what is damaged is left out: progress is never an error."""
    answers: dict[str, str] = {}
    for part in text[:2_000].split("~")[:MOST_ANSWERS]:
        key, _, answer = part.partition(":")
        if _KEY.fullmatch(key) and _ANSWER.fullmatch(answer):
            answers[key] = answer
    return answers


def encode_done(lessons: Iterable[int]) -> str:
    """The lessons that are done, as "1.2.5"."""
    return ".".join(map(str, sorted(lessons)))


def decode_done(text: str) -> frozenset[int]:
    """The lessons of `encode_done`'s text; what names none is left out."""
    return frozenset(place for place in range(1, len(LESSONS) + 1) if str(place) in text[:LONGEST].split("."))


def number(text: str) -> int | None:
    """A whole number as people type it: "1,812", "1 812", "12 kernels", "12.0"."""
    digits = re.sub(r"[,_ ]", "", _UNIT.sub("", text.strip()).removesuffix(".0"))
    return int(digits) if digits.isdecimal() and len(digits) < 16 else None


def is_of_kind(typed: str, answer: str) -> bool:
    """Whether it is what is asked for at all: a number where that is one, else something with a number in it."""
    if number(answer) is not None:
        return number(typed) is not None
    return any(letter.isdecimal() for letter in typed)


def is_right(typed: str, answer: str) -> bool:
    """Whether what was typed or chosen means the answer: numbers by value, shapes by their sizes, words as they are."""
    if (wanted := number(answer)) is not None:
        return number(typed) == wanted
    sizes = re.findall(r"\d+", answer)
    if re.search(r"\d\s*[,×x*]\s*\d", answer):
        return re.findall(r"\d+", typed) == sizes
    return typed.strip().lower() == answer.strip().lower()


def layer_option(name: str, place: int) -> str:
    """A layer as an answer to choose: by its name, or by its place (from 0) where the address has no room for that."""
    return name if len(name) <= LONGEST else f"layer {place + 1}"


def refused(answer: str, given: str) -> str:
    """The verdict on another answer than the right one."""
    return f"{refuted(given, answer)}."
