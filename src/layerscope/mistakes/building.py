"""Mistakes in building a network: super().__init__(), padding="same", lazy layers."""

import warnings
from typing import Any

import torch
from torch import nn

from layerscope.formatting import shape_text
from layerscope.mistakes.mistake import Mistake, choices, left, provoked
from layerscope.mistakes.subject import Subject, named, sample


def init(subject: Subject) -> Mistake:
    """7: super().__init__() is missing."""
    conv = subject.conv

    class Unprepared(nn.Module):
        def __init__(self) -> None:
            self.conv1 = conv.build()

    class Prepared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = conv.build()

    count = sum(value.numel() for value in Prepared().parameters())
    head, line = "class Network(nn.Module):\n    def __init__(self):\n", f"        self.conv1 = {conv.text}\n\n"
    tail = "sum(p.numel() for p in Network().parameters())"
    return Mistake(
        "init", "super().__init__() is missing",
        head + line + tail, f"{head}        super().__init__()\n{line}{tail}",
        "Your class does not call super().__init__(). When does PyTorch complain?",
        "at self.conv1", ("at the class line", "at self.conv1", "at the first image", "never"),
        provoked(Unprepared), "",
        "super().__init__() sets up the registry in which nn.Module keeps layers and their weights. Before that, an "
        "assigned layer has nowhere to go.",
        f"{count:,} weights and biases are registered",
    )  # fmt: skip


def same(subject: Subject) -> Mistake:
    """9: padding="same" with a stride."""
    arriving, size, _ = subject.network.input_shape
    kernel = subject.kernel[0] + (subject.kernel[0] + 1) % 2
    conv = subject.plain.but(arriving, 8, kernel_size=kernel)
    wrong = conv.but(stride=2, padding="same")
    keeps = next(
        p for p in range(kernel) if _height(conv.but(padding=p).build(), arriving, size + kernel) == size + kernel
    )
    right = conv.but(stride=2, padding=keeps)
    head = f"images = torch.zeros(2, {arriving}, {size}, {size})\nconv = "
    return Mistake(
        "same", 'padding="same" with a stride',
        f"{head}{wrong.text}\nconv(images)", f"{head}{right.text}\nconv(images)",
        f'padding="same" keeps the size if the stride is 1. How many cells does it add on each side for a kernel of '
        f"{kernel}?",
        str(keeps), choices(keeps, 0, kernel, kernel - 1, keeps + 1), provoked(wrong.build), "",
        '"same" keeps the size, and that takes half of what the kernel takes away on each side: (k - 1) / 2 = '
        f'{keeps}. '
        "With a larger stride no such padding keeps the size, so PyTorch wants a number instead.",
        left(lambda: right.build()(sample((arriving, size, size), 8 * arriving * kernel**2 * size**2))),
    )  # fmt: skip


def _height(module: nn.Module, channels: int, size: int) -> int:
    return int(module(torch.zeros(0, channels, size, size)).shape[2])


def lazy(subject: Subject) -> Mistake:
    """13: a lazy layer asked before its first batch."""
    width, maps = subject.classes, subject.maps

    def fresh() -> nn.Module:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # older torch warns that lazy modules are new
            return nn.LazyLinear(width)

    def count(module: nn.Module) -> int:
        return sum(value.numel() for value in module.parameters())

    seen: Any = fresh()
    seen(torch.zeros(2, subject.length))
    name = named(subject.linear)
    head, tail = f"{name} = nn.LazyLinear({width})\n", f"sum(p.numel() for p in {name}.parameters())"
    return Mistake(
        "lazy", "LazyLinear, used too early",
        head + tail, f"{head}{name}(torch.zeros(2, {subject.length}))\n{tail}",
        f"{name} is nn.LazyLinear({width}). How many weights and biases does it have before its first call?",
        "not known yet", ("0", str(width), f"{count(seen):,}", "not known yet"),
        provoked(lambda: count(fresh())), "",
        f"A lazy layer takes in_features from the first batch it sees, here {subject.length:,} from "
        f"{shape_text(maps)}. So call it once before you count or print its weights or pass them to an optimizer. "
        "AdaptiveAvgPool2d solves the same problem differently: it fixes the output size, whatever the image size.",
        f"{count(seen):,} weights and biases, with in_features = {seen.in_features:,}",
    )  # fmt: skip
