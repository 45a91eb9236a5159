"""Code that somebody pasted, and what is shown of it. Knows no screen.

The paste stays as it was typed, whatever is wrong with it; a correction replaces one expression of it.
"""

import time
from dataclasses import dataclass, replace
from functools import lru_cache

from layerscope import limits
from layerscope.figures import flow
from layerscope.formatting import joined, shape_text
from layerscope.interchange import InterchangeError, from_json
from layerscope.network import Network
from layerscope.repair import flatten_before
from layerscope.source import repairing
from layerscope.source.reader import SourceError, mismatches, read_all
from layerscope.source.reading import Span
from layerscope.source.text import scan
from layerscope.source.text.notebooks import notebook_code
from layerscope.source.text.paste import replaced
from layerscope.tracing import trace
from layerscope.ui.changing import change
from layerscope.ui.editing import editor
from layerscope.ui.offered import ALL, Kind, all_faults, offered
from layerscope.ui.typed_shapes import misfit, typed_shapes
from layerscope.ui.understood import Part, Understood
from layerscope.ui.verdict import message
from layerscope.ui.verdict_words import plain

__all__ = [
    "EXAMPLE",
    "MODES",
    "Pasted",
    "Understood",
    "correct",
    "corrected",
    "editor_data",
    "stage_data",
    "understood",
]

MODES = ("A network in code", "A PyTorch error message")

EXAMPLE = """\
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 4 * 4, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


images = torch.randn(4, 3, 32, 32)
scores = Net()(images)
"""


QUICK = 12
"""What part of the steps that proofs may take is nothing to speak of."""


@dataclass
class Pasted:
    """What is in the boxes of the page."""

    text: str = ""
    shape: str = ""
    """The input's shape as it was typed, where the code does not tell it; those of several inputs with `;` between."""
    class_name: str = ""
    """Which of several classes is meant; "" while nobody chose."""
    selected: str = ""
    error: str = ""
    """The text of an error."""
    mode: str = MODES[0]
    """Which of the boxes is shown."""
    about: str = ""
    """Which network the error is explained for, in the page's words."""
    narrow: bool = False
    """Whether the stage is as narrow as on a phone; the browser says so."""
    leaving: bool = False
    """Whether the network is on its way to the explorer."""
    revision: int = 0
    """When the text was last changed by anybody but the hand that types, in milliseconds; the editor takes it then."""

    def put(self, text: str) -> None:
        """Put a text in the box."""
        self.text = in_lines(text)
        self.revision = max(self.revision + 1, time.time_ns() // 1_000_000)

    def type(self, text: str) -> None:
        """Take what stands in the box; of a notebook's JSON, its code is put there."""
        text = in_lines(text)
        if not _is_alike(self.text, text):
            self.forget_answers()
        if code := notebook_code(text):
            self.put(code)
        else:
            self.text = text

    def forget_answers(self) -> None:
        """What was told about one paste is not believed of another."""
        self.shape = self.class_name = self.selected = self.about = ""


def in_lines(text: str) -> str:
    """The text with the line ends that a text area has."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_alike(before: str, after: str) -> bool:
    """Whether a text is one of before with some of its lines changed, and not another one."""
    old, new = before.split("\n"), after.split("\n")
    least = min(len(old), len(new))
    head = next((n for n in range(least) if old[n] != new[n]), least)
    tail = next((n for n in range(least - head) if old[-1 - n] != new[-1 - n]), least - head)
    return 2 * (head + tail) >= max(len(old), len(new))


def understood(here: Pasted) -> Understood | None:
    """What the paste means; None while the box is empty."""
    if not here.text or here.text.isspace():
        return None
    if told := _too_long(here.text):  # not kept: the text is as long as somebody likes
        hint = "" if _is_json(here.text) else f" {limits.WHAT_TO_PASTE}"
        return Understood(None, None, None, problem=f"{told}{hint}", is_too_long=True)
    return _understood(here.text, here.shape, here.class_name)


def _too_long(text: str) -> str:
    if not _is_json(text):
        return scan.too_long(text)
    return limits.JSON.sentence(found=len(text)) if len(text) > limits.JSON.most else ""


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


@lru_cache(maxsize=16)
def _understood(text: str, shape: str, class_name: str) -> Understood:
    if _is_json(text):
        try:
            network = from_json(text)
        except InterchangeError as error:
            return Understood(None, None, None, problem=str(error))
        return Understood(None, network, trace(network))
    try:
        given = typed_shapes(shape)
    except SourceError as error:
        return Understood(read_all(text), None, None, problem=error.reason)
    reading = read_all(text, given, class_name or None)
    if class_name and class_name not in reading.class_names:
        reading = read_all(text, given)
    if told := misfit(reading, given or ()):
        return Understood(reading, None, None, problem=told)
    seen = trace(reading.network) if reading.network is not None else None
    chosen = class_name if class_name in reading.class_names else None
    wrong = mismatches(reading, seen) if seen is not None else ()
    reader = repairing.Reader(reading, given, chosen)
    wrong = repairing.at_origins(reader, wrong)
    repaired = repairing.corrections(reader, seen)
    refusal = reading.refusal
    found = Understood(
        reading, reading.network, seen, wrong,
        str(refusal) if refusal else "", refusal.line if refusal else None, repaired=repaired,
    )  # fmt: skip
    warned = found.warned
    if warned is None or reading.network is None or warned.name not in reading.flattens:
        return found
    if _runs_with_flatten(reader, reading.network, warned.name):
        return found
    others = {name: change for name, change in reading.flattens.items() if name != warned.name}
    return replace(found, reading=replace(reading, flattens=others))


def _runs_with_flatten(reader: repairing.Reader, network: Network, layer: str) -> bool:
    """Whether the network runs with a flatten before that layer, and the code too where reading it is quick."""
    flattened, reading = flatten_before(network, layer), reader.reading
    if flattened is None or not flattened.complete:
        return False
    is_quick = reading.steps * QUICK <= limits.PROOF_STEPS.most
    return not is_quick or reader.running(replaced(reading.source, dict([reading.flattens[layer]]))) is not None


def correct(here: Pasted, which: str) -> None:
    """Put one written value right, or all of them."""
    here.put(corrected(here, which))


def corrected(here: Pasted, which: str) -> str:
    """The text with one written value put right, or all of them."""
    seen = understood(here)
    rows = offered(seen) if seen is not None else ()
    if which == ALL:
        text = replaced(here.text, all_faults(rows))
        then = understood(replace(here, text=text)) if any(each.kind is Kind.REPAIR for each in rows) else None
        return then.repaired[0].text if then is not None and then.repaired else text
    one = next((each for each in rows if each.key == which), None)
    if one is None:
        return here.text
    if one.kind is Kind.FLATTEN:
        return _flattened(here, dict(one.changes))
    return one.text or replaced(here.text, dict(one.changes))


def _flattened(here: Pasted, changes: dict[Span, str]) -> str:
    """The text with a flatten put in, and with what then arrives where another number is written."""
    text = replaced(here.text, changes)
    seen = understood(replace(here, text=text))
    wrong = seen.wrong if seen is not None else ()
    return replaced(text, {span: other for each in wrong for span, other in each.changes.items()})


def editor_data(here: Pasted) -> Part:
    """What the stage of the editor shows: the code with the lines that matter marked."""
    seen = understood(here)
    return {"editor": editor(here.text, here.revision, seen, _selected(here, seen))}


def _selected(here: Pasted, seen: Understood | None) -> str:
    """The layer that is pointed out: the one that was chosen, else the first that is wrong."""
    if seen is None or seen.trace is None:
        return ""
    if here.selected in seen.trace.network.names:
        return here.selected
    if seen.wrong:
        return seen.wrong[0].layer
    return seen.trace.steps[-1].name if seen.trace.error is not None else ""


def stage_data(here: Pasted) -> Part:
    """What the stage shows of the paste: what is to be said of it, its corrections, the tensor flow."""
    seen = understood(here)
    if seen is None:
        title = "Paste a class, an nn.Sequential, or a network as JSON"
        text = "Your code is read, never run. You see the network, which layer fails and why, and the corrected line."
        return {"message": plain("calm", title, text, [{"key": "example", "label": "Show me an example"}])}
    told = {**message(seen), "linked": True}
    told["actions"] = [_with_change(here, action) for action in told["actions"]]
    data: Part = {"message": told, "figures": [], "narrow": here.narrow}
    if seen.trace is not None and seen.trace.steps:
        selected = _selected(here, seen)
        failing = frozenset(mismatch.layer for mismatch in seen.wrong)
        data["figures"].append(
            {
                "key": "flow",
                "title": "Tensor flow",
                "height": 250,
                "description": flow.description(seen.trace, failing),
                **flow.flow(seen.trace, selected or None, failing=failing, width=flow.width_on(here.narrow)),
                "note": _told(seen),
            }
        )
    return data


def _with_change(here: Pasted, action: Part) -> Part:
    """A correction with the lines before and after it."""
    verb, _, which = action["key"].partition(":")
    return {**action, **change(here.text, corrected(here, which))} if verb == "correct" else action


def _told(seen: Understood) -> str:
    """How the shapes of the inputs were known."""
    how = seen.reading.shape_told if seen.reading is not None else "JSON"
    if seen.network is None:
        return ""
    inputs = seen.network.inputs
    one = len(inputs) == 1
    given = (
        f"input {shape_text(inputs[0].shape)}"
        if one
        else "inputs " + joined([f"{each.name} {shape_text(each.shape)}" for each in inputs])
    )
    if seen.reading is not None and seen.reading.doubt:
        return f"{given}: your code does not say {'it' if one else 'them'}"
    words = {"layers": "worked out from the layers", "given": f"as you typed {'it' if one else 'them'}"}
    size = seen.reading.size.words if seen.reading is not None else ""
    return f"{given}, {size or words.get(how, f'from the {how}')}"
