"""A module that is given the images of a set: its scores in training and in measuring, and a look inside meanwhile."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.building import called
from layerscope.layers.base import Shape
from layerscope.study.augmenting import augmented
from layerscope.study.data import Data, as_inputs
from layerscope.study.drawing_numbers import Draws
from layerscope.study.moments import Peek
from layerscope.study.suiting import TrainError

AT_ONCE = 500
"""Images that are brought to the input's size together."""
_ERRORS = (RuntimeError, ValueError, IndexError, TypeError)


class Scorer:
    """A module on its device, and the images of `data` as its inputs of `shape`.

    What the module draws (dropout) comes from `draws`. Images are named by their places in the set, int64 (count,).
    """

    def __init__(self, module: nn.Module, data: Data, shape: Shape, device: torch.device, seed: int) -> None:
        self.module, self.data, self.shape, self.device = module, data, shape, device
        self.draws = Draws(seed, device)
        self._ready: Tensor | None = None

    def bring_ahead(self) -> None:
        """Bring all images to the input's size at once, where they are not too many: each is asked for often."""
        if len(self.data) * torch.Size(self.shape).numel() <= limits.TRAIN_READY.most:
            pieces = range(0, len(self.data), AT_ONCE)  # an image of the set may be larger than the input
            self._ready = torch.cat([self.data.batch(slice(at, at + AT_ONCE), self.shape) for at in pieces])

    @property
    def is_ahead(self) -> bool:
        """Whether all images have the input's size already."""
        return self._ready is not None

    def learning(self, places: Tensor, mixing: torch.Generator | None) -> Tensor:
        """The scores (count, classes) of a training step; `mixing` moves the images, None leaves them as they are."""
        self.module.train()
        return self._called(self._inputs(places) if mixing is None else self._moved(places, mixing))

    @torch.no_grad()
    def measured(self, places: Tensor) -> Tensor:
        """The scores (count, classes) of the module as it is used: without dropout and gradients."""
        self.module.eval()
        return self._called(self._inputs(places))

    def peek(self, places: Tensor) -> Peek:
        """What the module makes of some images now."""
        seen = list[Tensor]()
        name, layer = next(((n, m) for n, m in called(self.module).items() if _kernels(m) is not None), ("", None))
        hook = layer.register_forward_hook(lambda *made: seen.append(made[2].detach().clone())) if layer else None
        try:
            probabilities = self.measured(places).softmax(1).nan_to_num(0.0).cpu()
        finally:
            if hook is not None:
                hook.remove()
        maps = seen[0][0].nan_to_num(0.0).cpu() if seen else None
        weight = _kernels(layer) if layer else None
        kernels = None if weight is None else weight.detach().nan_to_num(0.0).cpu().clone()
        return Peek(places, probabilities, name, maps, kernels)

    def _inputs(self, places: Tensor) -> Tensor:
        given = self.data.batch(places, self.shape) if self._ready is None else self._ready[places]
        return given.to(self.device)

    def _moved(self, places: Tensor, mixing: torch.Generator) -> Tensor:
        pictures = self.data.images[places].float() / self.data.white
        return as_inputs(augmented(pictures, mixing, self.data.mirrors), self.shape).to(self.device)

    def _called(self, given: Tensor) -> Tensor:
        try:
            with self.draws:
                scores: Tensor = self.module(given)
        except _ERRORS as error:
            raise TrainError(f"PyTorch cannot train this network: {str(error).splitlines()[0][:200]}") from error
        return scores


def batches(places: Tensor, size: int) -> Iterator[Tensor]:
    """The places in pieces of that size; the last one may be smaller."""
    for start in range(0, len(places), size):
        yield places[start : start + size]


def accuracy(scores: Tensor, labels: Tensor) -> float:
    """The share of images whose class got the highest score."""
    return (scores.argmax(1) == labels).double().mean().item()


def copied(module: nn.Module) -> dict[str, Tensor]:
    """The module's state_dict as tensors of their own, on the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in module.state_dict().items()}


def cloned(value: Any) -> Any:
    """Tensors in dicts and lists, each a copy; other values as they are."""
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {key: cloned(part) for key, part in value.items()}
    return [cloned(part) for part in value] if isinstance(value, list) else value


def _kernels(module: nn.Module) -> Tensor | None:
    """The kernels of a convolution over images, (out channels, in channels, height, width)."""
    weight = getattr(module, "weight", None)
    return weight if isinstance(weight, Tensor) and weight.ndim == 4 else None
