"""name 'nn' is not defined: an import, self, or a line before that is missing."""

from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.decoder.known_names import FUNCTIONS, LAYERS, OF_TORCH, nearest
from layerscope.network import Network

IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "optim": "from torch import optim",
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
    "pd": "import pandas as pd",
    "os": "import os",
    "math": "import math",
    "time": "import time",
    "random": "import random",
    "torchvision": "import torchvision",
    "transforms": "from torchvision import transforms",
    "datasets": "from torchvision import datasets",
    "models": "from torchvision import models",
    "DataLoader": "from torch.utils.data import DataLoader",
    "Dataset": "from torch.utils.data import Dataset",
    "TensorDataset": "from torch.utils.data import TensorDataset",
    "random_split": "from torch.utils.data import random_split",
    "Image": "from PIL import Image",
    "tqdm": "from tqdm import tqdm",
    "summary": "from torchinfo import summary",
    "OrderedDict": "from collections import OrderedDict",
}
"""What people call modules and classes, and the line that makes the name known."""
OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop")
IN_PYTHON = {"true": "True", "false": "False"}


def explain(found: Found, network: Network | None) -> Explanation:
    """A NameError; the likeliest line that is missing comes first."""
    name = found["name"]
    says = f"Python does not know the name {name} at this line."
    meanings = ((f"'{name}'", "the unknown name"),)
    return Explanation(says, meanings, in_order([*_particular(name, network), *_in_general(name)]))


def _particular(name: str, network: Network | None) -> Iterator[Cause]:
    if name in IMPORTS:
        why = f"An import makes the name {name}, and that line has not run."
        yield Cause("An import is missing", why, f"Write {IMPORTS[name]} at the top of the file.")
    elif name in IN_PYTHON:
        yield Cause("Python writes it with a capital", f"{name} is not a Python word.", f"Write {IN_PYTHON[name]}.")
    elif name == "self":
        why = "A method gets its network as its first parameter."
        yield Cause("self is missing among the parameters", why, "Write def forward(self, x):")
    elif name == "device":
        why = "PyTorch does not define it; your code must."
        remedy = 'Write device = torch.device("cuda" if torch.cuda.is_available() else "cpu") before it.'
        yield Cause("device was never made", why, remedy)
    elif network and name in network.names:
        why = f"The network here has {name}, but as an attribute."
        yield Cause("self is missing", why, f"Write self.{name}.", True, name)
    else:
        yield from _of_torch(name)


def _of_torch(name: str) -> Iterator[Cause]:
    homes = (("nn", LAYERS), ("F", tuple(FUNCTIONS)), ("torch", tuple(OF_TORCH)), ("optim", OPTIMIZERS))
    home = next((module for module, names in homes if name in names), None)
    if home:
        why = f"{name} is in {home}, so it needs {home}. before it."
        yield Cause(f"{home}. is missing before {name}", why, f"Write {home}.{name}.")
    elif near := nearest(name, IMPORTS):
        yield Cause(f"It may be {near}", "Spelling and capitals matter.", f"Write {near}, after {IMPORTS[near]}.")


def _in_general(name: str) -> Iterator[Cause]:
    yield Cause(
        "The line that makes it has not run",
        "In a notebook, a cell above may not have run since the restart.",
        "Run all cells from the top, in order.",
    )
    if name in IMPORTS:
        return
    yield Cause(
        f"{name} was never made, or is spelled differently",
        "Capitals, digits and underscores matter; a name made in a function is known only there.",
        f"Look for the line that begins with {name} =, and pass it as an argument where you need it.",
    )


KINDS: dict[str, Kind] = {
    "undefined": kind(
        "A name that was never defined",
        "name 'nn' is not defined",
        (r"\bname '(?P<name>\w{1,60})' is not defined",),
        explain,
    ),
}
