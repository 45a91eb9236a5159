"""Our own sentences: each guard of each family says exactly what does not fit, and torch does not run it either."""

from dataclasses import replace
from typing import Any

import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer, Shape
from layerscope.tracing import trace
from tests.oracle import compare, judged, own_refusal, single

IMAGE, SEQUENCE, VOLUME, VECTOR = (6, 8, 9), (6, 12), (4, 5, 6, 7), (192,)


def new(kind: str, **values: Any) -> Layer:
    return replace(CATALOGUE[kind].fresh("it"), **values)


CONVOLUTION: list[tuple[Layer, Shape, str]] = [
    (new("Conv2d", kernel_size=9), IMAGE, "kernel_size 9 is larger than its input's height of 8."),
    (new("Conv2d", kernel_size=(3, 10)), IMAGE, "kernel_size 10 is larger than its input's width of 9."),
    (new("Conv1d", kernel_size=13), SEQUENCE, "kernel_size 13 is larger than its input's length of 12."),
    (new("Conv3d", kernel_size=6), VOLUME, "kernel_size 6 is larger than its input's depth of 5."),
    (
        new("Conv2d", kernel_size=13, padding=2),
        IMAGE,
        "kernel_size 13 is larger than its input's height of 8 (12 with padding).",
    ),
    (
        new("Conv2d", kernel_size=3, dilation=4),
        IMAGE,
        "kernel_size 3 with dilation 4 covers 9 cells, which is larger than its input's height of 8.",
    ),
    (new("Conv2d", groups=4), IMAGE, "groups must divide in_channels 6: 1, 2, 3, 6; groups is 4."),
    (new("Conv2d", groups=3), IMAGE, "groups must divide out_channels 16: 1, 2, 4, 8, 16; groups is 3."),
    (
        new("Conv2d", groups=7),
        (5_040, 8, 8),
        "groups must divide out_channels 16: 1, 2, 4, 8, 16; groups is 7.",
    ),
    (
        new("Conv2d", groups=11),
        (5_040, 8, 8),
        "groups must divide in_channels 5040: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, ...; groups is 11.",
    ),
    (new("Conv2d", padding="same", stride=2), IMAGE, 'padding="same" needs stride 1; stride is 2.'),
    (new("Conv2d", padding="same", stride=(1, 2)), IMAGE, 'padding="same" needs stride 1; stride is (1, 2).'),
    (
        new("Conv2d", padding=8, padding_mode="reflect"),
        IMAGE,
        "padding_mode='reflect' fills the padding from the height of 8, which allows 7 on each side; "
        "padding asks for 8.",
    ),
    (
        new("Conv1d", padding=13, padding_mode="circular"),
        SEQUENCE,
        "padding_mode='circular' fills the padding from the length of 12, which allows 12 on each side; "
        "padding asks for 13.",
    ),
    (
        new("Conv2d"),
        VECTOR,
        "Conv2d expects (channels, height, width) but gets a flat vector of 192 values.",
    ),
    (new("Conv2d"), SEQUENCE, "Conv2d expects (channels, height, width) but gets 6×12."),
    (new("Conv1d"), IMAGE, "Conv1d expects (channels, length) but gets 6×8×9."),
    (new("Conv3d"), IMAGE, "Conv3d expects (channels, depth, height, width) but gets 6×8×9."),
    (new("Conv2d", dilation=0), IMAGE, "dilation is 0; the smallest allowed is 1."),
    (new("Conv2d", kernel_size=0), IMAGE, "kernel_size is 0; the smallest allowed is 1."),
    (new("Conv2d", stride=0), IMAGE, "stride is 0; the smallest allowed is 1."),
    (new("Conv2d", padding=-1), IMAGE, "padding is -1; the smallest allowed is 0."),
    (new("Conv2d", groups=0), IMAGE, "groups is 0; the smallest allowed is 1."),
    (new("Conv2d", out_channels=0), IMAGE, "out_channels is 0; the smallest allowed is 1."),
    (new("Conv2d", kernel_size=2**31), IMAGE, "kernel_size is 2147483648; the limit is 1,024."),
    (new("Conv2d", kernel_size=True), IMAGE, "kernel_size is True; a whole number from 1 to 1,024 would work."),
    (new("Conv2d", kernel_size=3.0), IMAGE, "kernel_size is 3.0; a whole number from 1 to 1,024 would work."),
    (new("Conv2d", kernel_size=(3, 3, 3)), IMAGE, "kernel_size has 3 values; here it takes one value or 2."),
]

TRANSPOSED: list[tuple[Layer, Shape, str]] = [
    (
        new("ConvTranspose2d", output_padding=1),
        IMAGE,
        "output_padding 1 along the height must be smaller than stride 1 or dilation 1.",
    ),
    (
        new("ConvTranspose2d", output_padding=2, stride=2),
        IMAGE,
        "output_padding 2 along the height must be smaller than stride 2 or dilation 1.",
    ),
    (
        new("ConvTranspose2d", output_padding=(0, 3), stride=2, dilation=3),
        IMAGE,
        "output_padding 3 along the width must be smaller than stride 2 or dilation 3.",
    ),
    (
        new("ConvTranspose1d", padding=7),
        SEQUENCE,
        "The output length would be (12 − 1)·1 − 2·7 + 1·(3 − 1) + 0 + 1 = 0; at least 1 is needed.",
    ),
    (
        new("ConvTranspose1d", padding=8),
        SEQUENCE,
        "The output length would be (12 − 1)·1 − 2·8 + 1·(3 − 1) + 0 + 1 = -2; at least 1 is needed.",
    ),
    (new("ConvTranspose2d", groups=5), IMAGE, "groups must divide in_channels 6: 1, 2, 3, 6; groups is 5."),
    (new("ConvTranspose2d", padding_mode="reflect"), IMAGE, "padding_mode is 'reflect'; 'zeros' would work."),
    (new("ConvTranspose2d", padding="same"), IMAGE, "padding is 'same'; a whole number from 0 to 1,024 would work."),
]

POOLING: list[tuple[Layer, Shape, str]] = [
    (new("MaxPool2d", padding=2), IMAGE, "padding 2 is more than half of kernel_size 2 along the height."),
    (
        new("AvgPool2d", kernel_size=(4, 3), padding=2),
        IMAGE,
        "padding 2 is more than half of kernel_size 3 along the width.",
    ),
    (
        new("MaxPool2d", kernel_size=3, padding=2, dilation=2),  # whatever the window covers
        IMAGE,
        "padding 2 is more than half of kernel_size 3 along the height.",
    ),
    (new("MaxPool2d", kernel_size=9), IMAGE, "kernel_size 9 is larger than its input's height of 8."),
    (
        new("MaxPool2d", kernel_size=5, dilation=2, padding=0),
        IMAGE,
        "kernel_size 5 with dilation 2 covers 9 cells, which is larger than its input's height of 8.",
    ),
    (
        new("MaxPool1d", kernel_size=15, padding=1),
        SEQUENCE,
        "kernel_size 15 is larger than its input's length of 12 (14 with padding).",
    ),
    (
        new("AvgPool3d", kernel_size=6, padding=1),  # where torch does not count the padding
        VOLUME,
        "kernel_size 6 is larger than its input's depth of 5.",
    ),
    (new("MaxPool2d", stride=0), IMAGE, "stride is 0; the smallest allowed is 1."),
    (new("AdaptiveAvgPool2d", output_size=0), IMAGE, "output_size is 0; the smallest allowed is 1."),
    (
        new("AdaptiveAvgPool2d", output_size=None),
        IMAGE,
        "output_size is missing; a whole number from 1 to 65,536 would work.",
    ),
    (new("AdaptiveMaxPool1d", output_size=(None,)), SEQUENCE, "output_size is (None,); leave the layer out instead."),
    (new("MaxPool1d"), VECTOR, "MaxPool1d expects (channels, length) but gets a flat vector of 192 values."),
]

NORMALIZATION: list[tuple[Layer, Shape, str]] = [
    (new("GroupNorm", num_groups=4), IMAGE, "num_groups must divide num_channels 6: 1, 2, 3, 6; num_groups is 4."),
    (
        new("LayerNorm", normalized_shape=(8,)),
        IMAGE,
        "normalized_shape is (8,), but the last axes of its input are 6×8×9.",
    ),
    (
        new("BatchNorm1d"),
        IMAGE,
        "BatchNorm1d expects (features) or (channels, length) but gets 6×8×9.",
    ),
    (
        new("BatchNorm2d"),
        VECTOR,
        "BatchNorm2d expects (channels, height, width) but gets a flat vector of 192 values.",
    ),
    (
        new("BatchNorm2d", eps=0, track_running_stats=False),
        IMAGE,
        "eps must be more than 0 where each batch uses its own statistics (track_running_stats=False).",
    ),
    (
        new("InstanceNorm2d"),
        (6, 1, 1),
        "InstanceNorm2d needs more than one value per channel; height × width is 1×1.",
    ),
    (
        new("LocalResponseNorm"),
        VECTOR,
        "LocalResponseNorm needs channels and at least one more axis but gets 192 flat values.",
    ),
]

SHAPE: list[tuple[Layer, Shape, str]] = [
    (
        new("Flatten", start_dim=0),
        IMAGE,
        "start_dim=0 is the batch axis: samples would be mixed. The first axis of a sample is 1.",
    ),
    (
        new("Flatten", end_dim=-4),
        IMAGE,
        "end_dim=-4 is the batch axis: samples would be mixed. The first axis of a sample is 1.",
    ),
    (new("Flatten", start_dim=4), IMAGE, "start_dim is 4, but with the batch axis there are 4 axes."),
    (new("Flatten", start_dim=3, end_dim=2), IMAGE, "start_dim 3 comes after end_dim 2."),
    (
        new("Unflatten", unflattened_size=(5, 40)),
        VECTOR,
        "5 × 40 does not give the 192 values of that axis.",
    ),
    (new("Unflatten", unflattened_size=(-1, -1)), VECTOR, "-1 × -1 does not give the 192 values of that axis."),
    (
        new("Unflatten", dim=0),
        VECTOR,
        "dim=0 is the batch axis: samples would be mixed. The first axis of a sample is 1.",
    ),
    (new("PixelShuffle"), (6, 4, 4), "6 channels cannot be cut into groups of 2² = 4."),
    (new("Upsample", scale_factor=None), IMAGE, "Give either size or scale_factor, one of the two."),
    (new("Upsample", size=3), IMAGE, "Give either size or scale_factor, one of the two."),
    (
        new("Upsample", align_corners=False),
        IMAGE,
        'align_corners has no meaning with mode="nearest"; leave it out.',
    ),
    (
        new("Upsample", mode="linear"),
        IMAGE,
        "mode='linear' expects (channels, length) but gets 6×8×9.",
    ),
    (
        new("Upsample"),
        VECTOR,
        "Upsample needs 1 to 3 axes besides the channels but gets a flat vector of 192 values.",
    ),
    (
        new("Upsample", scale_factor=0.1),
        IMAGE,
        "scale_factor 0.1 leaves 0×0 cells; at least 1 is needed.",
    ),
]

ACTIVATION: list[tuple[Layer, Shape, str]] = [
    (
        new("PReLU", num_parameters=3),
        IMAGE,
        "num_parameters is 3; 1 or the number of channels, 6, would work.",
    ),
    (
        new("Softmax", dim=4),
        IMAGE,
        "dim is 4, but with the batch axis there are 4 axes: -4 to 3 would work.",
    ),
    (new("GELU", approximate="fast"), IMAGE, "approximate is 'fast'; 'none' or 'tanh' would work."),
    (new("Dropout", p=1.5), IMAGE, "p is 1.5; the largest allowed is 1."),
    (new("Linear", out_features=0), VECTOR, "out_features is 0; the smallest allowed is 1."),
]

EVERY = [*CONVOLUTION, *TRANSPOSED, *POOLING, *NORMALIZATION, *SHAPE, *ACTIVATION]


@pytest.mark.parametrize(("layer", "shape", "sentence"), EVERY)
def test_what_does_not_fit_is_said(layer, shape, sentence):
    traced = trace(single(layer, shape))
    assert traced.error is not None
    assert traced.error.message == sentence
    assert compare(traced) is None
    assert own_refusal(layer, shape) or not judged(traced).runs


@pytest.mark.parametrize(
    ("layer", "shape", "output"),
    [
        # One step from a guard, on the side that runs:
        (new("Conv2d", kernel_size=8), IMAGE, (16, 1, 2)),
        (new("Conv2d", kernel_size=12, padding=2), IMAGE, (16, 1, 2)),
        (new("Conv2d", padding=7, padding_mode="reflect"), IMAGE, (16, 20, 21)),
        (new("Conv2d", padding=8, padding_mode="circular"), IMAGE, (16, 22, 23)),
        (new("Conv2d", padding=20, padding_mode="replicate"), IMAGE, (16, 46, 47)),
        (new("Conv2d", kernel_size=4, padding="same"), IMAGE, (16, 8, 9)),
        (new("Conv2d", kernel_size=30, padding="same"), IMAGE, (16, 8, 9)),
        (new("Conv2d", kernel_size=4, padding="valid", stride=2), IMAGE, (16, 3, 3)),
        (new("ConvTranspose1d", padding=6), SEQUENCE, (16, 2)),
        (new("ConvTranspose2d", output_padding=2, dilation=3), IMAGE, (16, 16, 17)),
        (new("MaxPool2d", kernel_size=8, ceil_mode=True), (6, 7, 7), (6, 1, 1)),
        (new("MaxPool2d", kernel_size=3, ceil_mode=True), IMAGE, (6, 3, 3)),
        (new("MaxPool2d", kernel_size=2, stride=3, padding=1, ceil_mode=True), (6, 4, 4), (6, 2, 2)),
        (new("MaxPool3d", kernel_size=6, padding=1), VOLUME, (4, 1, 1, 1)),
        (new("AdaptiveAvgPool2d", output_size=(None, 3)), IMAGE, (6, 8, 3)),
        (new("AdaptiveAvgPool2d", output_size=20), IMAGE, (6, 20, 20)),
        (new("LayerNorm", normalized_shape=9), IMAGE, IMAGE),
        (new("InstanceNorm2d", track_running_stats=True, affine=True), (6, 1, 1), (6, 1, 1)),
        (new("BatchNorm2d"), (6, 1, 1), (6, 1, 1)),
        (new("Flatten", start_dim=2, end_dim=2), IMAGE, IMAGE),
        (new("Unflatten", dim=2, unflattened_size=(2, -1, 2)), IMAGE, (6, 2, 2, 2, 9)),
        (new("Upsample", scale_factor=(0.5, 1.5)), IMAGE, (6, 4, 13)),
        (new("Upsample", scale_factor=None, size=(3, 4), mode="bicubic", align_corners=True), IMAGE, (6, 3, 4)),
        (new("Softmax", dim=None), SEQUENCE, SEQUENCE),
        (new("Linear"), VOLUME, (4, 5, 6, 64)),
        (new("ZeroPad2d", padding=(1, 2, 3, 4)), IMAGE, (6, 15, 12)),
        (new("PixelShuffle"), (8, 3, 4), (2, 6, 8)),
        (new("Dropout2d"), VECTOR, VECTOR),
    ],
)
def test_what_just_fits_runs(layer, shape, output):
    traced = trace(single(layer, shape))
    assert traced.error is None
    assert traced.output_shape == output
    assert traced.agrees
    assert compare(traced) is None


@pytest.mark.parametrize(
    ("layer", "shape", "warning"),
    [
        (
            new("Softmax", dim=None),
            SEQUENCE,
            "This softmax runs over the batch axis: the images of a batch compete with each other. Use dim=1.",
        ),
        (new("Softmax", dim=None), IMAGE, None),
        (new("Softmax", dim=0), IMAGE, "This softmax runs over the batch axis: the images of a batch compete with each "
         "other. Use dim=1."),
        (new("Dropout2d"), VECTOR, "Dropout2d drops whole feature maps of (channels, height, width); elsewhere use "
         "Dropout."),
        (new("Dropout2d"), IMAGE, None),
        (new("BatchNorm1d"), VECTOR, "Each channel holds one value here, so in training a batch of 1 raises "
         '"Expected more than 1 value per channel"; a larger batch works.'),
        (new("BatchNorm2d"), IMAGE, None),
        (new("Linear"), VECTOR, None),
    ],
)  # fmt: skip
def test_silent_surprises_are_told(layer, shape, warning):
    assert trace(single(layer, shape)).steps[0].warning == warning
