"""Mistakes about shapes: torch refuses each with an error message of its own."""

from math import prod

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from layerscope.explain import product_text
from layerscope.formatting import shape_text
from layerscope.mistakes.mistake import LARGEST_WEIGHT, Call, Mistake, choices, left, provoked
from layerscope.mistakes.subject import Subject, named, sample


def _factors(shape: tuple[int, ...]) -> str:
    return " * ".join(map(str, shape))


def _zeros(*sizes: int) -> str:
    return f"torch.zeros({', '.join(map(str, sizes))})"


def features(subject: Subject) -> Mistake:
    """1: in_features of the first Linear layer, counted wrongly."""
    counted, overlooked = subject.uncounted
    name, maps = named(subject.linear), subject.maps
    width = subject.linear.arguments["out_features"]
    width = width if width * max(prod(counted), subject.length) < LARGEST_WEIGHT else subject.classes
    wrong, right = (Call(nn.Linear, (prod(shape), width)) for shape in (counted, maps))
    head = f"maps = {_zeros(2, *maps)}\nrows = torch.flatten(maps, start_dim=1)\n{name} = nn.Linear"
    rows = sample(maps, wrong.first[0] * width).flatten(start_dim=1)
    told = f"somebody counted the values before {overlooked}" if overlooked else "somebody miscounted one size"
    return Mistake(
        "features", "in_features of the first Linear layer",
        f"{head}({_factors(counted)}, {width})\n{name}(rows)", f"{head}({_factors(maps)}, {width})\n{name}(rows)",
        f"Feature maps of {shape_text(maps)} are flattened. What must in_features of {name} be?",
        f"{subject.length:,}", choices(subject.length, maps[0], maps[0] * maps[1], prod(counted)),
        provoked(lambda: wrong.build()(torch.zeros(2, subject.length))), "",
        f"You cannot choose in_features: it is the number of values in one row, {product_text(maps)} = "
        f"{subject.length:,}. Here {told}: {product_text(counted)} = {prod(counted):,}.",
        left(lambda: right.build()(rows)), of_network=width == subject.linear.arguments["out_features"],
    )  # fmt: skip


def channels(subject: Subject) -> Mistake:
    """2: images whose number of channels differs from the depth of the filters."""
    conv, name = subject.conv, named(subject.first)
    made, *size = subject.network.input_shape
    other = 3 if made == 1 else 1
    right = conv.but(other, conv.first[1], groups=1) if "groups" in dict(conv.rest) else conv.but(other, conv.first[1])
    weight = conv.build().weight
    assert isinstance(weight, torch.Tensor)
    axes = tuple(f"axis {axis}, the {weight.shape[axis]}" for axis in (0, 1, 2))
    head = f"images = {_zeros(2, other, *size)}\n{name} = "
    divided = " divided by groups" if dict(conv.rest).get("groups", 1) != 1 else ""
    kind = "Color images have three channels" if other == 3 else "Grayscale images have one channel"
    return Mistake(
        "channels", "Images with a different number of channels",
        f"{head}{conv.text}\n{name}(images)", f"{head}{right.text}\n{name}(images)",
        f"The weight of {name} is {shape_text(weight.shape)}, and the images are {shape_text((other, *size))}. Which "
        "axis of the weight does not fit?",
        axes[1], axes, provoked(lambda: conv.build()(sample((other, *size)))), "",
        f"{kind}. A filter needs one kernel per input channel, so axis 1 of the weight ({weight.shape[1]}) must equal "
        f"axis 1 of the batch ({other}){divided}.",
        left(lambda: right.build()(sample((other, *size), subject.first.macs))), of_network=True,
    )  # fmt: skip


def kernel(subject: Subject) -> Mistake:
    """4: one more convolution whose kernel is larger than the maps."""
    maps = subject.maps
    size = max(maps[1:]) + 1 + max(maps[1:]) % 2
    wrong = Call(nn.Conv2d, (maps[0], 8), (("kernel_size", size),))
    padding = next(p for p in range(size) if _runs(wrong.but(padding=p), maps))
    right = wrong.but(padding=padding)
    head = f"maps = {_zeros(2, *maps)}\nafter = "
    lacking = size - min(maps[1:])
    return Mistake(
        "kernel", "A kernel larger than its maps",
        f"{head}{wrong.text}\nafter(maps)", f"{head}{right.text}\nafter(maps)",
        f"One more convolution with kernel_size={size} reads maps of {shape_text(maps)}. "
        "What is the smallest padding with which it runs?",
        str(padding), choices(padding, 0, size // 2, lacking, size), provoked(lambda: wrong.build()(sample(maps))), "",
        f"The kernel must fit into the padded maps, and padding counts on both sides: {min(maps[1:])} + "
        f"2 × {padding} ≥ {size}. A smaller kernel or larger maps fix it too.",
        left(lambda: right.build()(sample(maps, wrong.first[0] * 8 * size**4))),
    )  # fmt: skip


def _runs(call: Call, maps: tuple[int, ...]) -> bool:
    try:
        call.build()(torch.zeros(0, *maps))
    except RuntimeError:
        return False
    return True


def batch(subject: Subject) -> Mistake:
    """5: the maps of one image, without the axis N."""
    maps, name = subject.maps, named(subject.linear)
    inside = subject.linear.arguments["out_features"]
    linear = Call(nn.Linear, (subject.length, inside))
    head = f"maps = {_zeros(*maps)}\n"
    tail = f"rows = torch.flatten(maps, start_dim=1)\n{name} = {linear.text}\n{name}(rows)"
    arrives = (maps[0], maps[1] * maps[2])
    single = sample(maps, subject.length * inside, batch=1)
    return Mistake(
        "batch", "The batch axis is missing",
        head + tail, f"{head}maps = maps.unsqueeze(0)\n{tail}",
        f"The maps of one image are {shape_text(maps)}, without a batch axis. What is the shape after "
        "flatten(start_dim=1)?",
        shape_text(arrives), (shape_text((1, subject.length)), shape_text(arrives), str(subject.length)),
        provoked(lambda: linear.build()(sample(maps, batch=1)[0].flatten(start_dim=1))), "",
        f"PyTorch takes axis 0 for the batch. Here axis 0 holds the {maps[0]} channels, so each channel becomes a row "
        f"of {product_text(maps[1:])} = {arrives[1]} values. unsqueeze(0) makes a batch of one.",
        left(lambda: linear.build()(single.flatten(start_dim=1))), of_network=True,
    )  # fmt: skip


def view(subject: Subject) -> Mistake:
    """6: a view that takes two images for one."""
    maps, classes, length = subject.maps, subject.classes, subject.length
    labels = torch.zeros(4, dtype=torch.long)
    wrong, right = Call(nn.Linear, (2 * length, classes)), Call(nn.Linear, (length, classes))
    from_image = torch.arange(4).repeat_interleave(length).view(-1, 2 * length)
    head = f"maps = {_zeros(4, *maps)}\nlabels = torch.zeros(4, dtype=torch.long)\n"
    tail = f"{classes})(rows)\nF.cross_entropy(scores, labels)"
    mixed = "; ".join(f"row {i} holds images {' and '.join(map(str, row.unique().tolist()))}"
                      for i, row in enumerate(from_image))  # fmt: skip

    def loss(call: Call) -> torch.Tensor:
        rows = torch.zeros(4, *maps).view(-1, call.first[0])
        return cross_entropy(call.build()(rows), labels)

    with torch.no_grad():
        assert loss(right).shape == ()
    return Mistake(
        "view", "view(-1, ...) mixes the images of a batch",
        f"{head}rows = maps.view(-1, 2 * {_factors(maps)})\nscores = nn.Linear(2 * {_factors(maps)}, {tail}",
        f"{head}rows = torch.flatten(maps, start_dim=1)\nscores = nn.Linear({_factors(maps)}, {tail}",
        f"Somebody counts {2 * length:,} values per image instead of {length:,}. How many rows does view make of 4 "
        "images?",
        str(len(from_image)), choices(len(from_image), 1, 4, 8),
        provoked(lambda: loss(wrong)), f"Neither view nor Linear raises an error, but {mixed}.",
        "-1 lets view work out the number of rows, so a wrong length becomes a wrong batch size, and only the loss "
        "notices. flatten(start_dim=1) never touches the batch axis.",
        "4 rows for 4 labels, and the loss is one number",
    )  # fmt: skip


def layout(subject: Subject) -> Mistake:
    """10: images whose channels come last."""
    conv, name = subject.conv, named(subject.first)
    made, high, wide = subject.network.input_shape
    head = f"images = {_zeros(2, high, wide, made)}\n"
    tail = f"{name} = {conv.text}\n{name}(images)"
    return Mistake(
        "layout", "Images with the channels last (NHWC)",
        head + tail, f"{head}images = images.permute(0, 3, 1, 2)\n{tail}",
        f"The axes of the batch are N, H, W, C: 2×{shape_text((high, wide, made))}. How many channels does {name} see?",
        str(high), choices(high, made, wide, 2),
        provoked(lambda: conv.build()(sample((high, wide, made)))), "",
        f"PyTorch takes axis 1 for the channels, and here axis 1 is the height, {high}. permute(0, 3, 1, 2) puts the "
        "axes "
        "in PyTorch's order N, C, H, W. reshape would mix up the pixels.",
        left(lambda: conv.build()(sample((high, wide, made), subject.first.macs).permute(0, 3, 1, 2))), of_network=True,
    )  # fmt: skip
