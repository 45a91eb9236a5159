"""Text that came from outside: what of it is taken, and how it is written where signs have a meaning.

One function for each place that reads signs. HTML has its own, `html.escape`; Plotly's texts are read like HTML.
"""

import re

from layerscope import limits

LONGEST_WORD = limits.WORD.most
_WORD = re.compile(rf"[A-Za-z0-9_-]{{0,{LONGEST_WORD}}}")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but line ends and tabs, signs that turn the reading direction round, and half characters."""
_LINES = re.compile("[\r\n\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_SIGNS = re.compile(r"[\\`*\[\]<>#|!~&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ITEM = re.compile(r"(\d{0,9})([-+.)])(?=[\s-]|$)")
"""At the beginning of a text: an item of a list, or a line across the page."""
_GLUED = re.compile(r":(?=\S)|@|(?i:www)(?=\.)")
"""What makes a link, an icon or a colour of plain text, whether it is escaped or not: "http://", ":red[", ":tada:"."""
JOINER = "\u2060"
"""Is drawn as nothing, breaks no line, and keeps the signs on its two sides from being read as one."""
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?([eE][-+]?\d+)?")


def is_whole(text: str) -> bool:
    """Whether there is no half character in it, as "\\ud800" in JSON is one: no address, page or file can hold it."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def is_word(text: str) -> bool:
    """Whether a layer can hold it as an argument: letters, digits, "_" and "-", such as padding_mode="zeros"."""
    return _WORD.fullmatch(text) is not None


def cleaned(text: str) -> str:
    """The text without what nobody sees and browsers obey or trip over; lines and tabs stay."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def on_one_line(text: str) -> str:
    """The text with a blank for each line end or tab."""
    return _LINES.sub(" ", text)


def in_markdown(text: str) -> str:
    """The text as a Markdown file shows it sign by sign, on one line."""
    escaped = _SIGNS.sub(r"\\\g<0>", on_one_line(text).strip())
    return escaped if (item := _ITEM.match(escaped)) is None else f"{item[1]}\\{escaped[item.end(1) :]}"


def in_streamlit(text: str) -> str:
    """The text as Streamlit's labels, helps and messages show it sign by sign: they are Markdown with more in it."""
    return _GLUED.sub(rf"\g<0>{JOINER}", in_markdown(text))


def in_csv(text: str) -> str:
    """The text as a spreadsheet shows it: what it would compute as a formula gets an apostrophe in front."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
