"""Mistakes in counting and in words. torch cannot notice most of them."""

from math import prod

import torch
from torch import nn

from layerscope.explain import product_text, written_count
from layerscope.formatting import never_read, shape_text
from layerscope.layers.convolution import Conv2d
from layerscope.metrics import unread
from layerscope.mistakes.mistake import Call, Mistake, choices, left, provoked
from layerscope.mistakes.subject import Subject, named, sample
from layerscope.network import Network
from layerscope.tracing import trace


def _count(module: nn.Module) -> int:
    return sum(value.numel() for value in module.parameters())


def maps(subject: Subject) -> Mistake:
    """3: a map for each pair of input channel and filter."""
    conv, name = subject.plain, named(subject.wide)
    arriving, filters = conv.first
    size = tuple(max(n, k) for n, k in zip(subject.wide.input_shape[1:], subject.kernel, strict=True))
    shape = tuple(conv.build()(torch.zeros(0, arriving, *size)).shape[1:])
    wrong, right = (Call(nn.Conv2d, (n, subject.classes), (("kernel_size", 1),)) for n in (arriving * filters, filters))
    sizes = ", ".join(map(str, (2, arriving, *size)))
    head = f"maps = torch.zeros({sizes})\n{name} = {conv.text}\n"
    return Mistake(
        "maps", f"{arriving} channels and {filters} filters give {arriving * filters:,} maps?",
        f"{head}after = nn.Conv2d({arriving} * {filters}, {subject.classes}, kernel_size=1)\nafter({name}(maps))",
        f"{head}after = {right.text}\nafter({name}(maps))",
        f"{name} reads {written_count(arriving, 'channel')} and has {written_count(filters, 'filter')}. How many "
        "feature maps does it output?",
        f"{shape[0]:,}", choices(shape[0], arriving, arriving * filters, arriving + filters),
        provoked(lambda: wrong.build()(sample(shape))), "",
        f"Each filter has one kernel per channel, {arriving} in all. Their results are added, with the bias, into one "
        f"map. So {filters} filters make {filters} maps, however many channels they read.",
        left(lambda: right.build()(sample(shape, prod(shape) * subject.classes))),
    )  # fmt: skip


def bias(subject: Subject) -> Mistake:
    """8: weights counted without the bias."""
    conv, name = subject.plain, named(subject.wide)
    arriving, filters = conv.first
    high, wide = subject.kernel
    counted, real = arriving * high * wide * filters, _count(conv.build())
    head = f"{name} = {conv.text}\n"
    return Mistake(
        "bias", "The bias is not counted",
        f"{head}{arriving} * {high} * {wide} * {filters}", f"{head}({arriving} * {high} * {wide} + 1) * {filters}",
        f"How many weights and biases does {name} = {conv.text} have?",
        f"{real:,}", choices(real, counted, counted + 1, counted + arriving), "",
        f"There is no error, but {product_text((arriving, high, wide, filters))} = {counted:,} counts only the weight. "
        f"The module's parameters hold {real:,} values, {real - counted} more.",
        "Each filter has one bias besides its weights: (C_in × k × k + 1) × C_out.",
        f"{real:,}, as PyTorch counts them",
    )  # fmt: skip


def words(subject: Subject) -> Mistake:
    """11: kernel against filter."""
    conv, name = subject.plain, named(subject.wide)
    arriving, filters = conv.first
    weight = conv.build().weight
    assert isinstance(weight, torch.Tensor)
    kernels = weight.shape[0] * weight.shape[1]
    head = f"{name} = {conv.text}\n"
    return Mistake(
        "words", "Kernel or filter?",
        f"{head}{name}.weight.shape[0]", f"{head}{name}.weight.shape[0] * {name}.weight.shape[1]",
        f"How many kernels (2-D grids) does {name} = {conv.text} have?",
        f"{kernels:,}", choices(kernels, filters, arriving, kernels * prod(subject.kernel)), "",
        f"There is no error, but weight.shape[0] = {filters} counts filters. weight is {shape_text(weight.shape)}. One "
        f"filter, weight[0], is {shape_text(weight[0].shape)}. One kernel, weight[0, 0], is "
        f"{shape_text(weight[0, 0].shape)}.",
        f"A kernel is a 2-D grid. A filter is a stack of kernels, one per input channel: {filters} filters × "
        f"{arriving} "
        f"kernels = {kernels:,}.",
        f"{kernels:,} kernels",
    )  # fmt: skip


def rounding(subject: Subject) -> Mistake:
    """12: the output size without floor and without dilation."""
    arriving, size, _ = subject.network.input_shape
    kernel = min(subject.kernel[0], size)
    dilation = 2 if 2 * (kernel - 1) + 1 < size else 1
    covers = dilation * (kernel - 1) + 1
    stride = next((s for s in (2, 3, 4, 5) if (size - covers) % s and (size - kernel) // s != (size - covers) // s), 2)
    rest = (("kernel_size", kernel), ("stride", stride), ("dilation", dilation))
    conv = Call(nn.Conv2d, (arriving, 8), rest if dilation > 1 else rest[:2])
    real = conv.build()(torch.zeros(0, arriving, size, size)).shape[2]
    counted = (size - kernel) / stride + 1
    layer = Conv2d(name="conv", out_channels=8, kernel_size=kernel, stride=stride, dilation=dilation)
    unseen = unread(trace(Network((arriving, size, size), (layer,))).steps[0])[0]
    lost = never_read([("row", unseen, size)])
    lost = f" {lost[0].upper()}{lost[1:]}." if lost else ""
    return Mistake(
        "rounding", "The output size: floor, stride and dilation",
        f"({size} - {kernel}) / {stride} + 1", f"({size} - {dilation} * ({kernel} - 1) - 1) // {stride} + 1",
        f"The images are {size} high. What is the height after {conv.text}?",
        str(real), choices(real, round(counted), int(counted), real + 1), "",
        f"There is no error, but ({size} - {kernel}) / {stride} + 1 = {counted:.4g}, and PyTorch's output height is "
        f"{real}.{lost}",
        f"A kernel of {kernel} with dilation {dilation} covers {dilation} × {kernel - 1} + 1 = {covers} cells. A "
        "window "
        "that does not fit completely is left out, so the division is rounded down (// in Python).",
        f"{real}, as in PyTorch",
    )  # fmt: skip
