"""Names that a paste uses without an import, and the classes that networks are built on."""

from functools import lru_cache

import torch

from layerscope.catalogue import TORCH_LAYERS
from layerscope.source.python.classes import UserClass
from layerscope.source.torch.modules import ROOTS
from layerscope.source.torch.torchvision_modules import MODULES

ASSUMED = {
    "nn": "torch.nn", "F": "torch.nn.functional", "torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math",
    "OrderedDict": "collections.OrderedDict", "partial": "functools.partial", "copy": "copy", "Tensor": "torch.Tensor",
    "Optional": "typing.Optional", "List": "typing.List", "Tuple": "typing.Tuple", "Dict": "typing.Dict",
    "Union": "typing.Union", "Any": "typing.Any", "Callable": "typing.Callable",
    "torchvision": "torchvision", "models": "torchvision.models", "timm": "timm",
    "rearrange": "einops.rearrange", "repeat": "einops.repeat", "Rearrange": "einops.layers.torch.Rearrange",
    "Reduce": "einops.layers.torch.Reduce", "einops": "einops", "einsum": "torch.einsum",
}  # fmt: skip
"""Names that a paste without its import lines uses, and what they nearly always are."""
MODEL_CLASSES = ("torchvision.models.ResNet", "torchvision.models.resnet.ResNet")
"""Classes of torchvision's models that a paste may make, or build its own class on."""
LAYERS = {*TORCH_LAYERS, "Sequential", "ModuleList", "ModuleDict", "Module", "ParameterList", "Parameter",
          "TransformerEncoder", "TransformerDecoder", "Transformer"}  # fmt: skip


def is_module_class(cls: UserClass) -> bool:
    """Whether a class is a network or a part of one: built on torch's, or with all that one has and no base to see."""
    lasts = {root.rpartition(".")[2] for root in cls.roots}
    held = any(root.startswith("torch.nn.") or root in MODEL_CLASSES for root in cls.roots)
    if held or lasts & {*ROOTS, *MODULES}:
        return True
    from_torch = any(root.startswith("torch.") for root in cls.roots)
    return not from_torch and cls.find("forward") is not None and cls.find("__init__") is not None


def root_of(cls: UserClass) -> str:
    """What a class is built on in the end, torch's if any is; "" for nothing."""
    lasts = [root.rpartition(".")[2] for root in cls.roots]
    return next((last for last in lasts if is_known(last)), lasts[0] if lasts else "")


def is_known(root: str) -> bool:
    """Whether it is a class of torch's modules, or of those that are known here."""
    in_torchvision = any(path.endswith(f".{root}") for path in MODEL_CLASSES)
    return root in ROOTS or root in MODULES or root in LAYERS or in_torchvision


@lru_cache(maxsize=1_024)
def is_a(own: str, kind: str) -> bool | None:
    """Whether torch's class of modules called `own` is built on the one called `kind`; None if one is not a class."""
    homes = (torch.nn, torch.nn.modules.batchnorm, torch.nn.modules.conv)
    wanted = next((found for home in homes if (found := getattr(home, kind, None))), None)
    of = getattr(torch.nn, own, None)
    return issubclass(of, wanted) if isinstance(wanted, type) and isinstance(of, type) else None
