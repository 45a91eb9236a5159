"""The judge of what the reader says: the pastes of this folder, really run by torch."""

import builtins
import contextlib
import io
import re
import warnings
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from torch import nn

FOLDER = Path(__file__).parent / "pastes"
PASTES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}

_ABSENT = re.compile(r"^(import|from) (pytorch_lightning|torchsummary|torchvision)\b.*$", re.MULTILINE)
_SUPER = "def __init__(self):\n"


class Lightning:
    """Enough of PyTorch Lightning for a paste that names it."""

    class LightningModule(nn.Module):
        def save_hyperparameters(self, *_: Any) -> None: ...


def module_of(source: str, class_name: str | None) -> nn.Module:
    """The network of a paste as torch builds it."""
    names: dict[str, Any] = {
        "torch": torch, "nn": nn, "F": functional, "pl": Lightning, "summary": lambda *_: None, "train_loader": (),
    }  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(_ABSENT.sub("", source), "paste", "exec"), names)
        result: nn.Module
        if class_name is not None:
            made = [value for value in names.values() if type(value) is names[class_name]]
            result = made[0] if made else names[class_name]()
            return result
        bare = [value for name, value in names.items() if isinstance(value, nn.Sequential)]
        if bare:
            return bare[-1]
        if "create_model" in names:
            return names["create_model"]()  # type: ignore[no-any-return]
        return eval(source.strip(), names)  # type: ignore[no-any-return]


def facts(source: str, class_name: str | None, shape: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """What leaves the network for an input of that shape (the batch taken off), and how many weights it has."""
    module = module_of(source, class_name).train()
    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = module(torch.rand(3, *shape))
    result = result[0] if isinstance(result, builtins.tuple) else result
    return tuple(result.shape[1:]), sum(value.numel() for value in module.parameters())
