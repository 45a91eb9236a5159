"""Values as somebody types them: a list such as "3, 5, 7", words, or a range such as "0.001 to 0.1 log"."""

import re
from typing import Any

from layerscope import limits
from layerscope.study.grid import SweepError
from layerscope.study.space import Between, Dimension, checked, steps

_NUMBER = r"-?\d{1,12}(?:\.\d{1,20})?(?:e-?\d{1,2})?"
_RANGE = re.compile(rf"({_NUMBER}) to ({_NUMBER})(?: step ({_NUMBER}))?( log)?", re.ASCII)
_VALUE = re.compile(rf"{_NUMBER}|[A-Za-z][A-Za-z0-9_]{{0,39}}", re.ASCII)
_WORDS = {"True": True, "False": False, "true": True, "false": False}


def is_number(text: str) -> bool:
    """Whether a text is a number as these lists have it."""
    return re.fullmatch(_NUMBER, text, re.ASCII) is not None


def values(key: str, text: str) -> list[Any] | Between:
    """The values that somebody typed. Raises SweepError."""
    if len(text) > limits.TRIAL_TEXT.most:
        raise SweepError(limits.TRIAL_TEXT.sentence(found=len(text)))
    if (found := _RANGE.fullmatch(" ".join(text.split()))) is not None:
        return Between(_value(found[1]), _value(found[2]), _value(found[3]) if found[3] else None, bool(found[4]))
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if wrong := next((part for part in parts if not _VALUE.fullmatch(part)), None):
        raise SweepError(
            f"{key}: {wrong[:40]!r} is not a value. A list such as 3, 5, 7 would work, or a range such as 0.001 to 0.1."
        )
    return [_value(part) for part in parts]


def one_by_one(key: str, text: str) -> tuple[Any, ...]:
    """The values that somebody typed, each once, numbers from the smallest on. Raises SweepError."""
    given = checked(key, values(key, text))
    found = steps(Dimension(key, given, None))
    if isinstance(given, Between):  # 0.1 + 2 * 0.1 is not 0.3
        found = tuple(round(value, 12) for value in found)
    return tuple(sorted(found)) if all(type(value) in (int, float) for value in found) else found


def text_of(value: Any) -> str:
    """A value as it is typed."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _value(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if re.fullmatch(r"-?\d+", text, re.ASCII):
        return int(text)
    return float(text) if is_number(text) else text
