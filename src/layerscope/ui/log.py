"""A log that no visitor can flood: entries, and the bytes they take in a minute, are bounded.

Python's loggers have handlers of their own here (Streamlit's, uvicorn's, the last resort for all others), and some are
made later; so the bound is at the one door that every record passes, `logging.Logger.handle`.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType

from layerscope.limits import LOG, LOG_ALIKE, LOG_ENTRY

MINUTE = 60.0
AROUND = 60
"""Bytes that a handler adds to a message: the time, the level, the end of the line."""
QUOTED = 100
"""Characters of a message that tell it from others when such entries are left out."""

_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
"""What a terminal would obey, or take for another line, is written out."""

Place = tuple[object, ...]
Handle = Callable[[logging.Logger, logging.LogRecord], None]


class Budget:
    """What may still be logged in this minute, in all and from each place in the code."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._spent: Counter[Place] = Counter()
        self._left_out: Counter[Place] = Counter()
        self._samples: dict[Place, str] = {}

    def admitted(self, record: logging.LogRecord) -> list[logging.LogRecord]:
        """The records to log now: this one, or none; before it, what became of those left out."""
        with self._lock:
            notices = self._next_minute() if self._clock() - self._began >= MINUTE else []
            place = _place(record)
            if place in self._left_out:  # before its text is made, which costs more than all else here
                self._left_out[place] += 1
                return notices
            size = shorten(record)
            if self._spent[place] + size > LOG_ALIKE.most or self._spent.total() + size > LOG.most:
                self._left_out[place] += 1
                self._samples[place] = sample = _sample(record)
                return [*notices, _notice(f"More entries like this are left out for up to a minute: {sample}")]
            self._spent[place] += size
            return [*notices, record]

    def _next_minute(self) -> list[logging.LogRecord]:
        notices = [
            _notice(f"… suppressed {count:,} like this: {self._samples[place]}")
            for place, count in self._left_out.items()
        ]
        self._began = self._clock()
        for counted in (self._spent, self._left_out, self._samples):
            counted.clear()
        return notices


def shorten(record: logging.LogRecord) -> int:
    """Bound a record's message and traceback in place; about the bytes that it will take in the log."""
    try:
        message = record.getMessage()
    except Exception:  # a format that does not fit its values; logging would print a traceback about it
        message, record.args = str(record.msg), None
    plain = _middle_out(message.translate(_VISIBLE))
    if plain != message:
        record.msg, record.args = plain, None
    trace = ""
    if record.exc_info and record.exc_info[0] is not None:
        text = logging.Formatter().formatException(record.exc_info)
        trace = record.exc_text = _middle_out(text.translate(_VISIBLE))
    if record.stack_info:
        record.stack_info = _middle_out(record.stack_info)
    return AROUND + sum(len(text.encode(errors="replace")) for text in (plain, trace, record.stack_info or ""))


def bound() -> None:
    """Bound the log of this process, once; what ends a thread is logged, and so bounded, too."""
    handle = logging.Logger.handle
    if getattr(handle, "is_bounded", False):
        return
    setattr(logging.Logger, "handle", _within(Budget(), handle))  # noqa: B010  mypy forbids the plain assignment
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_what_ended


def show_ours() -> None:
    """Give our own entries the time of day, unless somebody has already told Python where the log goes."""
    ours = logging.getLogger("layerscope")
    if not ours.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        ours.addHandler(handler)


def _within(budget: Budget, handle: Handle) -> Handle:
    def handle_within(self: logging.Logger, record: logging.LogRecord) -> None:
        for admitted in budget.admitted(record):
            handle(self, admitted)

    setattr(handle_within, "is_bounded", True)  # noqa: B010
    return handle_within


def _place(record: logging.LogRecord) -> Place:
    """Where in the code it was logged, and for an exception also where that came from: a set that no visitor grows."""
    kind, _, trace = record.exc_info or (None, None, None)
    return record.pathname, record.lineno, kind, *_end_of(trace)


def _end_of(trace: TracebackType | None) -> tuple[object, ...]:
    if trace is None:
        return ()
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename, trace.tb_lineno


def _middle_out(text: str) -> str:
    if len(text) <= LOG_ENTRY.most:
        return text
    half = LOG_ENTRY.most // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} characters left out … {text[-half:]}"


def _sample(record: logging.LogRecord) -> str:
    return " ".join(record.getMessage().split())[:QUOTED] or record.name


def _notice(text: str) -> logging.LogRecord:
    return logging.LogRecord("layerscope", logging.WARNING, __file__, 0, text, None, None)


def _log_what_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and ended.exc_type is not SystemExit:
        told = (ended.exc_type, ended.exc_value, ended.exc_traceback)
        logging.getLogger(__name__).error("A thread ended by an exception.", exc_info=told)
