"""A message that was found in a paste, with what stands around it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from layerscope.decoder.line_calls import kinds_of_call
from layerscope.decoder.pointing import Lines
from layerscope.source.reading import Written


@dataclass(frozen=True)
class Found:
    """A message of a known kind. `groups` are its pieces by name; `before` and `after` are what stands around it.

    `calls` are the layers that the lines of a traceback call. `written` are the in-values of the code that the error is
    explained for; None where only a network is known. `then` is another error, not known, that the paste ends with.
    `line` is the last line of the learner's own code in the traceback.
    """

    kind: str
    message: str
    groups: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    before: str = ""
    calls: Lines = ()
    written: tuple[Written, ...] | None = None
    then: str = ""
    line: str = ""

    @property
    def line_calls(self) -> frozenset[str]:
        """The kinds of call that the failing line makes."""
        return kinds_of_call(self.line)

    def __getitem__(self, name: str) -> str:
        """The piece of that name; "" where this wording has none."""
        return self.groups.get(name, "")

    def shown(self, *texts: str) -> str:
        """The first of `texts` as the message has it: old versions write sizes differently."""
        return next((text for text in texts if text in self.message), texts[-1])

    def number(self, name: str) -> int:
        """The piece as a whole number."""
        return int(self.groups[name])

    def sizes(self, name: str) -> tuple[int, ...]:
        """The piece as sizes: "2, 3, 28, 28" or "12x1x1"."""
        return tuple(map(int, re.findall(r"-?\d{1,9}", self[name])))
