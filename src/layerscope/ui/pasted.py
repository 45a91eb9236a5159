"""What is in the boxes of the Code page. Knows no screen.

The paste stays as it was typed, whatever is wrong with it; a correction replaces one expression of it.
"""

import secrets
from dataclasses import dataclass, field

from layerscope.source.text.notebooks import notebook_code

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
    """How often anybody but the hand that types changed the text; the editor takes it then."""
    origin: str = field(default_factory=lambda: secrets.token_hex(8))
    """Tells these boxes from those of a session that ended, as after a restart: a revision counts for these."""

    def put(self, text: str) -> None:
        """Put a text in the box."""
        self.text = in_lines(text)
        self.revision += 1

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
