"""Where a training is, as bytes that another process can go on from: a safetensors file of tensors, and JSON in it.

They hold what `Trainer.state` does, but for what a fresh Trainer of the same network and plan has by itself: the
weights at the start, and the optimizer's settings. Nothing is pickled. Of how large they may be see
`limits.TRIAL_STATE`; where they are kept, and how many, is told in `jobs/kept_states.py`.
"""

import json
from collections.abc import Mapping
from math import isnan
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from layerscope import limits
from layerscope.study.outcome import COLUMNS, Row
from layerscope.weights import as_file

NUMBERS = ("step", "exploded", "seconds", "measured", "device")
TENSORS = ("order", "mixing", "draws")
ROWS, PLAIN = "rows", "plain"


class StateError(ValueError):
    """Bytes that no training can go on from; the message is a sentence."""


def written(state: Mapping[str, Any]) -> bytes:
    """`Trainer.state` as bytes; b"" where they would be more than are kept of one trial."""
    tensors = {name: state[name] for name in TENSORS}
    tensors |= {f"module.{name}": tensor for name, tensor in state["module"].items()}
    plain: dict[str, dict[str, Any]] = {}
    for number, kept in state["optimizer"]["state"].items():
        for name, value in kept.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer.{number}.{name}"] = value
            else:  # as the buffer of SGD without momentum, which is None
                plain.setdefault(str(number), {})[name] = value
    tensors[ROWS] = _of_rows(state["rows"])
    if sum(tensor.nbytes for tensor in tensors.values()) > limits.TRIAL_STATE.most:
        return b""
    about = {name: state[name] for name in NUMBERS} | {PLAIN: plain}
    tensors["about"] = torch.frombuffer(bytearray(json.dumps(about).encode()), dtype=torch.uint8)
    return as_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, {})


def read(kept: bytes) -> dict[str, Any]:
    """What `Trainer.restore` takes, from those bytes. Raises StateError."""
    try:
        tensors = safetensors.torch.load(kept)
        about = json.loads(bytes(tensors["about"].tolist()))
        found = {name: about[name] for name in NUMBERS} | {name: tensors[name] for name in TENSORS}
        optimizer: dict[int, dict[str, Any]] = {int(number): dict(part) for number, part in about[PLAIN].items()}
        module = dict[str, Tensor]()
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            if part == "module":
                module[rest] = tensor
            elif part == "optimizer":
                number, _, key = rest.partition(".")
                optimizer.setdefault(int(number), {})[key] = tensor
        return found | {ROWS: _rows(tensors[ROWS]), "module": module, "optimizer": {"state": optimizer}}
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise StateError("What was kept of this training cannot be read.") from error


def _of_rows(rows: list[Row]) -> Tensor:
    """The curve as float64 (steps, columns); NaN for what was not measured. Its whole numbers fit."""
    values = [[float("nan") if value is None else float(value) for value in row] for row in rows]
    return torch.tensor(values, dtype=torch.float64).reshape(len(rows), len(COLUMNS))


def _rows(tensor: Tensor) -> list[Row]:
    return [
        Row(int(step), int(epoch), seconds, *(None if isnan(value) else value for value in rest))
        for step, epoch, seconds, *rest in tensor.tolist()
    ]
