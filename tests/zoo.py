"""Models that people use, from torchvision and timm: 162 of them, as they are built there, without their weights.

Both packages are installed for the tests only, and without what they depend on, as torch is there already (see the
Makefile). PyPI's torchvision is built against CUDA; beside a CPU build of torch its own operators do not load, and what
describes them is left out. No model here uses them.
"""

import importlib
import sys
import warnings
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

HAS_TORCHVISION = find_spec("torchvision") is not None
HELP = "run make test, or: pip install --no-deps torchvision==0.28.0 timm==1.0.31 torchcam==0.5.0 torchlens==2.36.1"

TIMM = [
    "mobilevit_xxs",
    "edgenext_xx_small",
    "mobilenetv3_small_050",
    "ese_vovnet19b_slim_dw",
    "repghostnet_050",
    "efficientvit_m0",
    "tinynet_c",
    "ghostnet_050",
    "regnetx_002",
    "cspnext_tiny",
    "starnet_s1",
    "xcit_nano_12_p8_224",
    "cs3darknet_focus_s",
    "efficientvit_b0",
    "swiftformer_xs",
    "efficientformerv2_s0",
    "pvt_v2_b0",
    "convnext_atto",
    "fasternet_t0",
    "lcnetv2_small",
    "inception_next_atto",
    "rexnet_100",
    "mobileone_s1",
    "hardcorenas_b",
    "repvit_m1",
    "coat_tiny",
    "eva02_tiny_patch14_224",
    "convit_tiny",
    "deit_tiny_patch16_224",
    "vit_tiny_patch16_224",
    "hgnetv2_b0",
    "shvit_s1",
    "iformer_s",
    "efficientvim_m1",
    "crossvit_tiny_240",
    "mambaout_femto",
    "maxvit_pico_rw_256",
    "densenet121",
    "halonet_h1",
    "nf_regnet_b0",
    "dpn48b",
    "fastvit_s12",
    "visformer_tiny",
    "resnest14d",
    "pit_xs_224",
    "csatv2",
    "resnetv2_18",
    "resnet18",
    "legacy_seresnet18",
    "skresnet18",
    "gcvit_xxtiny",
    "tiny_vit_5m_224",
    "efficientformer_l1",
    "hrnet_w18_small",
    "lowformer_b0",
    "dla34",
    "nest_tiny",
    "mixer_s16_224",
    "convmixer_768_32",
    "vit_srelpos_small_patch16_224",
    "vitamin_small_224",
    "legacy_xception",
    "tnt_s_legacy_patch16_224",
    "inception_v3",
    "rdnet_tiny",
    "twins_svt_small",
    "mvitv2_tiny",
    "res2next50",
    "caformer_s18",
    "volo_d1_224",
    "cait_xs24_384",
    "xception41p",
    "sequencer2d_s",
    "hiera_tiny_224",
    "swin_tiny_patch4_window7_224",
    "davit_tiny",
]
"""The smallest model of each of timm's families that can be built without real weights."""


def torchvision_names() -> list[str]:
    """torchvision's 80 classifiers and 6 models of segmentation."""
    models = torchvision_models()
    return [*models.list_models(module=models), *models.list_models(module=models.segmentation)]


@cache
def torchvision_models() -> Any:
    """torchvision.models, whichever build of it is installed."""
    name = "torchvision._meta_registrations"  # torch on meta for operators that did not load
    sys.modules.setdefault(name, ModuleType(name))
    return importlib.import_module("torchvision.models")


def timm() -> ModuleType:
    """The package timm, which needs torchvision."""
    torchvision_models()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("timm")


class _Unfilled(TorchFunctionMode):
    """Leaves weights as they are, so that building a large model costs no random numbers and touches no memory."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in ("normal_", "uniform_", "erfinv_", "fill_", "zero_"):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def load(name: str) -> tuple[nn.Module, int]:
    """A model in eval mode, on the meta device where it can be built there, and the size of its images."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.device("meta"):
                model = _built(name)
        except NotImplementedError:  # a model that works out its widths with tensors needs real ones
            with _Unfilled():
                model = _built(name)
    return model.eval(), image_size(name, model)


def real(name: str) -> nn.Module:
    """A model with weights, in eval mode."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _built(name).eval()


def image_size(name: str, model: nn.Module) -> int:
    """The side of the images that the model is made for."""
    if name.startswith("timm/"):
        return int(model.default_cfg["input_size"][-1])  # type: ignore[index]
    return 299 if name == "inception_v3" else 224


def _built(name: str) -> nn.Module:
    if name.startswith("timm/"):
        return timm().create_model(name.removeprefix("timm/"))  # type: ignore[no-any-return]
    models = torchvision_models()
    arguments: dict[str, Any] = {"weights": None}
    if name in dir(models.segmentation):
        arguments["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        arguments["init_weights"] = False
    return models.get_model(name, **arguments)  # type: ignore[no-any-return]


def without_auxiliary_heads(name: str) -> nn.Module:
    """A model of torchvision's for inference, on the meta device, as the preset of its name is."""
    more = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    with torch.device("meta"):
        made: nn.Module = torchvision_models().get_model(name, weights=None, **more).eval()
    return made


def macs(model: nn.Module, side: int) -> int:
    """Multiply-accumulates for one image in color on the meta device, as torch's counter counts them."""
    with FlopCounterMode(display=False) as counter:
        model(torch.empty(1, 3, side, side, device="meta"))
    return int(counter.get_total_flops()) // 2


def filled(model: nn.Module) -> nn.Module:
    """The model with random values, small enough that nothing overflows."""
    model = model.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    for key, value in model.state_dict().items():
        if value.dtype == torch.float32:
            low, high = (0.5, 1.5) if key.endswith("running_var") else (-0.05, 0.05)
            value.uniform_(low, high, generator=generator)
    return model
