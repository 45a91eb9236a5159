"""The one ordered list of layer types. A new type is its family's file and one line here."""

from layerscope.layers import (
    activation,
    adaptive,
    convolution,
    curves,
    linear,
    normalization,
    pooling,
    regularization,
    reshape,
    resize,
    transposed,
)
from layerscope.layers.base import Layer

GROUPS: dict[str, tuple[type[Layer], ...]] = {
    "Convolution": (convolution.Conv2d, convolution.Conv1d, convolution.Conv3d),
    "Linear": (linear.Linear,),
    "Activation": (
        activation.ReLU,
        activation.LeakyReLU,
        activation.PReLU,
        activation.ELU,
        activation.GELU,
        activation.SiLU,
        activation.Hardswish,
        activation.Sigmoid,
        activation.Tanh,
        curves.ReLU6,
        curves.SELU,
        curves.Mish,
        curves.Softplus,
        curves.Hardsigmoid,
        curves.LogSigmoid,
        curves.Softsign,
        activation.Softmax,
        activation.LogSoftmax,
        activation.Identity,
    ),
    "Pooling": (
        pooling.MaxPool2d,
        pooling.AvgPool2d,
        adaptive.AdaptiveAvgPool2d,
        adaptive.AdaptiveMaxPool2d,
        pooling.MaxPool1d,
        pooling.AvgPool1d,
        adaptive.AdaptiveAvgPool1d,
        adaptive.AdaptiveMaxPool1d,
        pooling.MaxPool3d,
        pooling.AvgPool3d,
        adaptive.AdaptiveAvgPool3d,
        adaptive.AdaptiveMaxPool3d,
    ),
    "Normalization": (
        normalization.BatchNorm2d,
        normalization.BatchNorm1d,
        normalization.BatchNorm3d,
        normalization.GroupNorm,
        normalization.LayerNorm,
        normalization.InstanceNorm2d,
        regularization.LocalResponseNorm,
    ),
    "Regularization": (
        regularization.Dropout,
        regularization.Dropout2d,
        regularization.Dropout1d,
        regularization.Dropout3d,
    ),
    "Shape": (
        reshape.Flatten,
        reshape.Unflatten,
        resize.ZeroPad2d,
        resize.PixelShuffle,
        resize.Upsample,
    ),
    "Transposed convolution": (
        transposed.ConvTranspose2d,
        transposed.ConvTranspose1d,
        transposed.ConvTranspose3d,
    ),
}

CATALOGUE: dict[str, type[Layer]] = {
    layer_type.__name__: layer_type for types in GROUPS.values() for layer_type in types
}
