"""A text in the wrong box of the Code page: an error where code is asked for, or code where an error is."""

from layerscope.decoder.recognising import last_error, recognise
from layerscope.source.text.surroundings import CODE, error_of, sentences


def is_error(text: str) -> bool:
    """Whether a text has an error of Python's or torch's, and beside it nothing but words."""
    if _has_code(text) or not _has_error(text):
        return False
    rows = text.split("\n")
    error = error_of(rows)  # none where nothing stands above it
    beside = ["" if n in error else row for n, row in enumerate(rows)]
    said = sentences(beside)
    return not error or all(n in said for n, row in enumerate(beside) if row.strip())


def is_code(text: str) -> bool:
    """Whether a text has code, and no error that could be explained."""
    return _has_code(text) and not _has_error(text)


def _has_code(text: str) -> bool:
    return bool(CODE.search(text)) or "nn.Sequential(" in text


def _has_error(text: str) -> bool:
    return recognise(text) is not None or bool(last_error(text))
