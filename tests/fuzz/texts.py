"""Texts that mean no good: links, JSON, pastes, errors, each a real one that has suffered, or one thing many times."""

import json
import re
from random import Random

from layerscope.interchange import to_json
from layerscope.link import encode
from layerscope.presets import PRESETS
from tests.fuzz.networks import one_layer
from tests.source.hostile import generated, mutated
from tests.source.pastes_oracle import PASTES

PIECES = (
    "", "z", "~", "~~", ".", "x", "-", "as-", "n", "t", ",", "1e300", "9" * 19, "-1", "65536", "1x", "Conv2d.",
    "Upsample.", "scale_factor-1000", "size-4096", "output_size-65536", "kernel_size-1024", "\ud800", "é", "%00",
    "\x00", "<b>", "é" * 50,
)  # fmt: skip
JSON_PIECES = (
    "{", "}", "[", "]", ",", ":", '"', "\\u0000", '"\\ud800"', "1e999", "NaN", "-", "9" * 40, "null", "true",
    '"type"', "\n", '"layers": [', '{"name": "a", "type": "ReLU"},', "[[[[[[[[[", '"a": ', "/* */", "'", "\x00", "é",
)  # fmt: skip
ERRORS = (
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)",
    "RuntimeError: Given groups=1, weight of size [6, 1, 5, 5], expected input[1, 3, 28, 28] to have 1 channels, but "
    "got 3 channels instead",
    "RuntimeError: Calculated padded input size per channel: (2 x 2). Kernel size: (5 x 5). Kernel size can't be "
    "greater than actual input size",
    "ValueError: Expected more than 1 value per channel when training, got input size torch.Size([1, 64])",
    "RuntimeError: shape '[-1, 192]' is invalid for input of size 4800",
    "RuntimeError: Error(s) in loading state_dict for Net:\n\tsize mismatch for fc1.weight: copying a param with shape "
    "torch.Size([120, 192]) from checkpoint, the shape in current model is torch.Size([120, 300]).",
    'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    self.fc1(x)\nRuntimeError: '
    "The size of tensor a (10) must match the size of tensor b (8) at non-singleton dimension 0",
    "IndexError: Target 10 is out of bounds.",
    "AttributeError: 'Net' object has no attribute 'conv3'",
)
_PART = re.compile(r"\w+|\s+|.", re.DOTALL)


def link(rng: Random) -> str:
    """The link of a known network or of a hostile one, most of them broken."""
    text = encode(PRESETS[rng.choice(tuple(PRESETS))]) if rng.random() < 0.6 else _link_of_layers(rng)
    return text if rng.random() < 0.3 else suffered(rng, text, PIECES)


def _link_of_layers(rng: Random) -> str:
    shape = "x".join(str(rng.choice((1, 2, 3, 16, 28, 300, 65_536))) for _ in range(rng.randint(1, 4)))
    rows = []
    for _ in range(rng.randint(1, 4)):
        layer = one_layer(rng).layers[-1]
        kept = [value for name, value in layer.chosen.items() if rng.random() < 0.8 or name == "kernel_size"]
        values = [_token(rng, value) for value in kept]
        rows.append(".".join([layer.type, *values]))
    return "~".join([shape, *rows])


def _token(rng: Random, value: object) -> str:
    return rng.choice((str(value).replace(".", ","), "1024", "65536", "1000", "1x1024", "n", "t", "x"))


def network_json(rng: Random) -> str:
    """A network as JSON, most of them broken."""
    text = to_json(PRESETS[rng.choice(tuple(PRESETS))])
    if rng.random() < 0.2:
        row = json.dumps({"name": "a", "type": "ReLU"})
        piece = rng.choice((row + ",", "\n", '"k": 1,', "[", "1,", '{"a":', " ", "\t", '""'))
        return text[: rng.randint(0, len(text))] + piece * (rng.choice((10, 1_000, 262_144)) // len(piece)) + text[-20:]
    return text if rng.random() < 0.05 else suffered(rng, text, JSON_PIECES)


def paste(rng: Random) -> str:
    """Pasted code."""
    return mutated(rng, rng.choice(list(PASTES.values()))) if rng.random() < 0.6 else generated(rng)


def error(rng: Random) -> str:
    """The text of an error."""
    text = rng.choice(ERRORS)
    if rng.random() < 0.2:
        piece = rng.choice(("(", "1x", "[1, ", "9", " ", "\n", "File ", "torch.Size([", "x" * 50, 'File "a", line 1\n'))
        return text + piece * (rng.choice((10, 1_000, 20_000)) // len(piece)) + text
    return suffered(rng, text, (*PIECES, *JSON_PIECES, *("0x0", "1x1", "9" * 400, "line 10", "-1")))


def suffered(rng: Random, text: str, pieces: tuple[str, ...]) -> str:
    """A text with parts lost, doubled, exchanged, or replaced by one of `pieces`."""
    parts = _PART.findall(text) or [" "]
    for _ in range(rng.choice((1, 1, 2, 4, 12))):
        place, other = rng.randrange(len(parts)), rng.randrange(len(parts))
        match rng.randrange(4):
            case 0:
                parts[place] = rng.choice(pieces)
            case 1:
                parts[place:place] = parts[other : other + rng.choice((1, 5, 200))]
            case 2:
                parts[place], parts[other] = parts[other], parts[place]
            case _ if len(parts) > 1:
                del parts[place]
    return "".join(parts)
