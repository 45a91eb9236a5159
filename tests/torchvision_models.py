"""torchvision's models, where it is installed: the judge of the presets that bear their names."""

from importlib.util import find_spec

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.zoo import torchvision_models

IS_INSTALLED = find_spec("torchvision") is not None
WITHOUT_AUXILIARY_HEADS = {"aux_logits": False, "init_weights": False}


def model(name: str) -> nn.Module:
    """That model for inference, on the meta device, where it costs nothing."""
    models = torchvision_models()
    more = WITHOUT_AUXILIARY_HEADS if name in ("googlenet", "inception_v3") else {}
    with torch.device("meta"):
        made: nn.Module = getattr(models, name)(weights=None, **more).eval()
    return made


def macs(made: nn.Module, side: int) -> int:
    """Multiply-accumulates for one image in color, as torch's counter counts them."""
    with FlopCounterMode(display=False) as counter:
        made(torch.empty(1, 3, side, side, device="meta"))
    return int(counter.get_total_flops()) // 2


def filled(made: nn.Module) -> nn.Module:
    """The model with random values, small enough that nothing overflows."""
    made = made.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    for key, value in made.state_dict().items():
        if value.dtype == torch.float32:
            low, high = (0.5, 1.5) if key.endswith("running_var") else (-0.05, 0.05)
            value.uniform_(low, high, generator=generator)
    return made
