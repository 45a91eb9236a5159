"""Torch's functions that do what a layer does: one table for the reader and the writer.

Keys are "F.relu" (torch.nn.functional), "torch.relu", "x.relu" (a method of the tensor). For each layer type the first
entry is the usual spelling.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Function:
    """`type` is the layer type; `arguments` are the names after the tensor, in the function's order."""

    type: str
    arguments: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    """Arguments that the layer calls otherwise: the function's name -> the layer's parameter."""
    fixed: dict[str, Any] = field(default_factory=dict)
    """Parameters whose value, when the call says nothing, differs from the layer's default."""

    def parameter(self, argument: str) -> str:
        """What the layer calls that argument."""
        return self.renamed.get(argument, argument)


IGNORED = frozenset(
    {"training", "train", "_stacklevel", "dtype", "return_indices", "recompute_scale_factor", "antialias"}
)
"""Arguments that belong to no layer's row: they change no shape and no count."""

_MAX = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
_AVG = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
_DROP = ("p", "training", "inplace")
_SOFT = ("dim", "_stacklevel", "dtype")
_RESIZE = ("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor", "antialias")
_INPLACE = {"inplace": True}
_FLAT = Function("Flatten", ("start_dim", "end_dim"), fixed={"start_dim": 0})
_UNFLAT = Function("Unflatten", ("dim", "sizes"), {"sizes": "unflattened_size"})

FUNCTIONS: dict[str, Function] = {
    "F.relu": Function("ReLU", ("inplace",)),
    "torch.relu": Function("ReLU"),
    "x.relu": Function("ReLU"),
    "F.relu_": Function("ReLU", fixed=_INPLACE),
    "torch.relu_": Function("ReLU", fixed=_INPLACE),
    "x.relu_": Function("ReLU", fixed=_INPLACE),
    "F.leaky_relu": Function("LeakyReLU", ("negative_slope", "inplace")),
    "F.leaky_relu_": Function("LeakyReLU", ("negative_slope",), fixed=_INPLACE),
    "F.elu": Function("ELU", ("alpha", "inplace")),
    "F.elu_": Function("ELU", ("alpha",), fixed=_INPLACE),
    "F.gelu": Function("GELU", ("approximate",)),
    "F.silu": Function("SiLU", ("inplace",)),
    "F.hardswish": Function("Hardswish", ("inplace",)),
    "F.relu6": Function("ReLU6", ("inplace",)),
    "F.selu": Function("SELU", ("inplace",)),
    "F.selu_": Function("SELU", fixed=_INPLACE),
    "torch.selu": Function("SELU"),
    "F.mish": Function("Mish", ("inplace",)),
    "F.softplus": Function("Softplus", ("beta", "threshold")),
    "F.hardsigmoid": Function("Hardsigmoid", ("inplace",)),
    "F.logsigmoid": Function("LogSigmoid"),
    "F.softsign": Function("Softsign"),
    "torch.sigmoid": Function("Sigmoid"),
    "F.sigmoid": Function("Sigmoid"),
    "x.sigmoid": Function("Sigmoid"),
    "x.sigmoid_": Function("Sigmoid"),
    "torch.tanh": Function("Tanh"),
    "F.tanh": Function("Tanh"),
    "x.tanh": Function("Tanh"),
    "x.tanh_": Function("Tanh"),
    "F.softmax": Function("Softmax", _SOFT),
    "torch.softmax": Function("Softmax", ("dim", "dtype")),
    "x.softmax": Function("Softmax", ("dim", "dtype")),
    "F.log_softmax": Function("LogSoftmax", _SOFT),
    "F.softmin": Function("Softmin", _SOFT),
    "torch.log_softmax": Function("LogSoftmax", ("dim", "dtype")),
    "x.log_softmax": Function("LogSoftmax", ("dim", "dtype")),
    "F.max_pool2d": Function("MaxPool2d", _MAX),
    "F.max_pool1d": Function("MaxPool1d", _MAX),
    "F.max_pool3d": Function("MaxPool3d", _MAX),
    "torch.max_pool2d": Function("MaxPool2d", _MAX[:5]),
    "torch.max_pool1d": Function("MaxPool1d", _MAX[:5]),
    "torch.max_pool3d": Function("MaxPool3d", _MAX[:5]),
    "F.avg_pool2d": Function("AvgPool2d", (*_AVG, "divisor_override")),
    "F.avg_pool1d": Function("AvgPool1d", _AVG),
    "F.avg_pool3d": Function("AvgPool3d", (*_AVG, "divisor_override")),
    "torch.avg_pool1d": Function("AvgPool1d", _AVG),
    "F.adaptive_avg_pool2d": Function("AdaptiveAvgPool2d", ("output_size",)),
    "F.adaptive_avg_pool1d": Function("AdaptiveAvgPool1d", ("output_size",)),
    "F.adaptive_avg_pool3d": Function("AdaptiveAvgPool3d", ("output_size",)),
    "torch.adaptive_avg_pool1d": Function("AdaptiveAvgPool1d", ("output_size",)),
    "F.adaptive_max_pool2d": Function("AdaptiveMaxPool2d", ("output_size", "return_indices")),
    "F.adaptive_max_pool1d": Function("AdaptiveMaxPool1d", ("output_size", "return_indices")),
    "F.adaptive_max_pool3d": Function("AdaptiveMaxPool3d", ("output_size", "return_indices")),
    "F.local_response_norm": Function("LocalResponseNorm", ("size", "alpha", "beta", "k")),
    "F.dropout": Function("Dropout", _DROP),
    "torch.dropout": Function("Dropout", ("p", "train")),
    "F.dropout2d": Function("Dropout2d", _DROP),
    "F.dropout1d": Function("Dropout1d", _DROP),
    "F.dropout3d": Function("Dropout3d", _DROP),
    "torch.flatten": _FLAT,
    "x.flatten": _FLAT,
    "x.unflatten": _UNFLAT,
    "torch.unflatten": _UNFLAT,
    "F.pad": Function("ZeroPad2d", ("pad", "mode", "value"), {"pad": "padding"}),
    "F.pixel_shuffle": Function("PixelShuffle", ("upscale_factor",)),
    "torch.pixel_shuffle": Function("PixelShuffle", ("upscale_factor",)),
    "F.interpolate": Function("Upsample", _RESIZE),
    "F.upsample": Function("Upsample", _RESIZE[:4]),
}

USUAL: dict[str, str] = {function.type: spelling for spelling, function in reversed(FUNCTIONS.items())}
"""The usual spelling for each layer type that has one: "ReLU" -> "F.relu"."""
