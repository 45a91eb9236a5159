"""What a teacher's link holds: a network, a page, which controls may be changed, a question; as one short text.

Nothing is secret in it and nothing needs a server's memory, so it works on every copy of the app. What keeps a lock is
that it shows: a network whose locked values differ is refused, and an altered link has other check words, which the
teacher and the students see.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

from layerscope import limits
from layerscope.checkwords import check_words
from layerscope.layers.base import Layer
from layerscope.link import LinkError, decode, encode
from layerscope.network import Network
from layerscope.packing import pack, unpack
from layerscope.targets import Target
from layerscope.targets import read as read_target
from layerscope.text import cleaned

LONGEST_CODE, LONGEST_TEXT = limits.CLASS_LINK.most, limits.CLASS_TEXT.most
LONGEST_QUESTION, MOST_CONTROLS = limits.QUESTION.most, limits.CONTROLS.most
LARGEST_SEED = limits.SEED.most
DAMAGED = "This class link is damaged or was changed"
REST = ("open", "locked", "hidden")
QUIZ = "quiz"
"""The page on which `about` and `seed` count."""
LONGEST_PARAMETER = 40
"""Characters; longer than any name of an argument, with its dot."""
_CONTROL = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*\.[a-z_]+")
_PAGE = re.compile(r"[a-z_]{1,40}")
_WORD = re.compile(r"[A-Za-z0-9_.]+")
_SOURCE = re.compile(r"[a-z0-9_-]{0,40}")


class AssignmentError(ValueError):
    """A link that gives no assignment; the message is a sentence for the user."""


@dataclass(frozen=True)
class Assignment:
    """`net` is the network as `link.encode` writes it. `free` names the controls that may be changed
    ("conv1.kernel_size"); `rest` says what becomes of all others, and of adding, removing and moving layers: "open",
    "locked" or "hidden"."""

    net: str
    page: str = "explore"
    free: tuple[str, ...] = ()
    rest: str = "open"
    question: str = ""
    predict: bool = False
    """Whether a guess comes before each result; `target` says what it is about, as `targets.Target.written` does."""
    target: str = ""
    own_copy: bool = False
    """Whether students are told how to open a copy without locks."""
    large: bool = False
    silent: bool = False
    """Whether the quiz keeps its answers to itself."""
    about: str = ""
    """Whose network the quiz asks about, in the words of `study.quiz.setting.SOURCES`."""
    seed: int = 1
    selected: str = ""
    """The layer that the teacher had selected; "" for none."""

    @cached_property
    def network(self) -> Network:
        """Asked for with every move of a slider, to compare. Raises LinkError."""
        return decode(self.net)

    @property
    def asks(self) -> Target:
        """What guesses are about."""
        return read_target(self.target)

    def is_free(self, layer: str, parameter: str) -> bool:
        """Whether a control may be changed."""
        return self.rest == "open" or f"{layer}.{parameter}" in self.free

    @property
    def movable(self) -> tuple[str, ...]:
        """The controls that may be changed where others may not, as the network has them."""
        if not self.fixes_layers:
            return ()
        there = {f"{layer.name}.{name}" for layer in self.network.layers for name in layer.parameters()}
        return tuple(name for name in dict.fromkeys(self.free) if name in there)

    @property
    def opens(self) -> str:
        """The layer that a student has before them first; "" where it does not matter."""
        return self._opens(self.selected)

    def _opens(self, selected: str) -> str:
        """One that the question is about, where it names any; but one that can be changed, where others cannot. Of
        several it is the selected one."""
        movable = [control.rpartition(".")[0] for control in self.movable]
        asked = list(self._asked_about())
        if selected in (*movable, *asked) or not (movable or asked):
            return selected
        return next((name for name in asked if name in movable), (movable or asked)[0])

    def _asked_about(self) -> Iterator[str]:
        """The layers that guesses and the question are about. One whose name may be a word ("out") is named by a value
        of it: "out.in_features"."""
        if self.asks.layer:
            yield self.asks.layer
        names = frozenset(self.network.names)
        for word in _WORD.findall(self.question):
            layer, _, value = word.strip(".").rpartition(".")
            whole = f"{layer}.{value}" if layer else value
            if whole in names and not whole.isalpha():
                yield whole
            elif layer in names:
                yield layer

    @property
    def fixes_layers(self) -> bool:
        """Whether layers, input and classes stay as they are."""
        return self.rest != "open"

    def differences(self, network: Network) -> Iterator[str]:
        """What of `network` is not as it was locked, in words."""
        if not self.fixes_layers:
            return
        given = self.network
        if (network.inputs, network.classes) != (given.inputs, given.classes):
            yield "the input"
        if _frame(network) != _frame(given):
            yield "the list of layers"
            return
        for there, here in zip(given.resolved, network.resolved, strict=True):
            yield from self._changed(there, here)

    def _changed(self, there: Layer, here: Layer) -> Iterator[str]:
        for name, value in here.chosen.items() if not here.of else ():  # else they are another row's, compared there
            if value != there.chosen[name] and not self.is_free(here.name, name):
                yield f"{here.name}.{name}"

    @cached_property
    def check_words(self) -> str:
        """Words that stand for the link: one that was changed has others. Raises checkwords.BusyError."""
        return check_words(self._told)

    @property
    def _told(self) -> str:
        """All that a student can notice of the link, in one form. What changes nothing is left out: a forger could
        count it up until the words agree, without showing anything."""
        network = replace(self.network, layers=self.network.resolved)
        quiz = [self.about, self.seed] if self.page == QUIZ else []
        switches = [self.predict, self.large, self.silent]
        told = [encode(network), sorted(self.movable), self.rest, self.question.strip(), switches, quiz]
        newer = {name: value for name in ("target", "own_copy") if (value := getattr(self, name))}
        if self.opens != self._opens(""):
            newer["selected"] = self.opens
        return json.dumps([*told, newer] if newer else told)  # the words of links from before these came stay


def encode_assignment(assignment: Assignment) -> str:
    """The assignment as text of letters, digits, "-" and "_"."""
    return pack(_text(assignment))


def decode_assignment(code: str) -> Assignment:
    """The assignment of `encode_assignment`'s text. Raises AssignmentError."""
    if not code or len(code) > LONGEST_CODE or not code.isascii():
        raise AssignmentError(f"{DAMAGED}.")
    try:
        values = json.loads(unpack(code, LONGEST_TEXT))
    except (ValueError, RecursionError) as error:
        raise AssignmentError(f"{DAMAGED}.") from error
    if not isinstance(values, dict):
        raise AssignmentError(f"{DAMAGED}.")
    return _checked(values)


def _checked(values: dict[str, Any]) -> Assignment:
    usual = Assignment("")
    kinds = {field.name: type(getattr(usual, field.name)) for field in fields(Assignment)}
    if values.keys() - kinds.keys():
        raise AssignmentError(f"{DAMAGED}.")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    if any(type(value) is not kinds[key] for key, value in values.items()) or "net" not in values:
        raise AssignmentError(f"{DAMAGED}.")
    assignment = replace(usual, **values)
    names = assignment.free
    if len(names) > MOST_CONTROLS or not all(isinstance(name, str) and _is_control(name) for name in names):
        raise AssignmentError(f"{DAMAGED}.")
    if assignment.rest not in REST or not _PAGE.fullmatch(assignment.page) or not _SOURCE.fullmatch(assignment.about):
        raise AssignmentError(f"{DAMAGED}.")
    question = assignment.question
    if len(question) > LONGEST_QUESTION or question != cleaned(question) or not 1 <= assignment.seed <= LARGEST_SEED:
        raise AssignmentError(f"{DAMAGED}.")
    try:
        network, target = decode(assignment.net), assignment.asks
    except (LinkError, ValueError) as error:
        raise AssignmentError(f"{DAMAGED}.") from error
    if (assignment.target and not assignment.predict) or (target.layer and target.layer not in network.names):
        raise AssignmentError(f"{DAMAGED}.")
    if assignment.selected and assignment.selected not in network.names:
        raise AssignmentError(f"{DAMAGED}.")
    return assignment


def _frame(network: Network) -> tuple[object, ...]:
    """The rows without their arguments: names, types, and what reads what."""
    rows = [(layer.name, layer.type, layer.inputs, layer.of, layer.tied) for layer in network.layers]
    return rows, network.outputs


def _is_control(name: str) -> bool:
    return len(name) <= limits.NAME.most + LONGEST_PARAMETER and _CONTROL.fullmatch(name) is not None


def assigned(network: Network, **more: Any) -> Assignment:
    """An assignment with this network. Raises LinkError for one that fits in no link."""
    return Assignment(encode(network), **more)


def _text(assignment: Assignment) -> str:
    usual = asdict(Assignment(""))
    kept = {key: value for key, value in asdict(assignment).items() if value != usual[key]}
    return json.dumps(kept | {"net": assignment.net}, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
