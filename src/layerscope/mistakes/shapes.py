"""Mistakes about shapes: torch refuses them, each in words of its own."""

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
    told = f"the sizes in front of {overlooked} were counted" if overlooked else "one size was miscounted"
    return Mistake(
        "features", "in_features of the first Linear layer",
        f"{head}({_factors(counted)}, {width})\n{name}(rows)", f"{head}({_factors(maps)}, {width})\n{name}(rows)",
        f"Maps of {shape_text(maps)} are flattened. Which in_features does {name} need?",
        f"{subject.length:,}", choices(subject.length, maps[0], maps[0] * maps[1], prod(counted)),
        provoked(lambda: wrong.build()(torch.zeros(2, subject.length))), "",
        f"in_features is not free: it is {product_text(maps)} = {subject.length:,}, what one row holds. "
        f"Here {told}: {product_text(counted)} = {prod(counted):,}.",
        left(lambda: right.build()(rows)), of_network=width == subject.linear.arguments["out_features"],
    )  # fmt: skip


def channels(subject: Subject) -> Mistake:
    """2: images with another number of channels than the filters are deep."""
    conv, name = subject.conv, named(subject.first)
    made, *size = subject.network.input_shape
    other = 3 if made == 1 else 1
    right = conv.but(other, conv.first[1], groups=1) if "groups" in dict(conv.rest) else conv.but(other, conv.first[1])
    weight = conv.build().weight
    assert isinstance(weight, torch.Tensor)
    axes = tuple(f"axis {axis}, the {weight.shape[axis]}" for axis in (0, 1, 2))
    head = f"images = {_zeros(2, other, *size)}\n{name} = "
    kind = "Colour images have three channels" if other == 3 else "Grayscale images have one channel"
    return Mistake(
        "channels", "Images with another number of channels",
        f"{head}{conv.text}\n{name}(images)", f"{head}{right.text}\n{name}(images)",
        f"The weight of {name} is {shape_text(weight.shape)}; images of {shape_text((other, *size))} arrive. "
        "Which axis of the weight does not fit?",
        axes[1], axes, provoked(lambda: conv.build()(sample((other, *size)))), "",
        f"{kind}. A filter is as deep as what arrives has channels (divided by groups): axis 1 of the weight stands "
        "against axis 1 of the batch.",
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
        f"One more convolution, with kernel_size={size}, on maps of {shape_text(maps)}. "
        "Which padding is the smallest with which it runs?",
        str(padding), choices(padding, 0, size // 2, lacking, size), provoked(lambda: wrong.build()(sample(maps))), "",
        f"The kernel must fit into the maps with their padding, which counts on both sides: {min(maps[1:])} + "
        f"2 × {padding} ≥ {size}. A smaller kernel or larger maps mend it too.",
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
        f"One image's maps, {shape_text(maps)}, without a batch axis: what leaves flatten(start_dim=1)?",
        shape_text(arrives), (shape_text((1, subject.length)), shape_text(arrives), str(subject.length)),
        provoked(lambda: linear.build()(sample(maps, batch=1)[0].flatten(start_dim=1))), "",
        f"Axis 0 is the batch. Without it the {maps[0]} channels stand there, and each becomes a row of "
        f"{product_text(maps[1:])} = {arrives[1]}. unsqueeze(0) makes a batch of one.",
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
        f"Somebody counts {2 * length:,} values an image, not {length:,}. How many rows does view make of 4 images?",
        str(len(from_image)), choices(len(from_image), 1, 4, 8),
        provoked(lambda: loss(wrong)), f"Neither view nor Linear says a word, but {mixed}.",
        "-1 lets view find the number of rows by itself, so a wrong length becomes a wrong batch, and only the loss "
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
        f"The batch has the axes N, H, W, C: 2×{shape_text((high, wide, made))}. How many channels will {name} see?",
        str(high), choices(high, made, wide, 2),
        provoked(lambda: conv.build()(sample((high, wide, made)))), "",
        f"torch takes axis 1 for the channels, whatever it means: here the height, {high}. "
        "permute(0, 3, 1, 2) puts the axes in torch's order N, C, H, W; reshape would mix the pixels.",
        left(lambda: conv.build()(sample((high, wide, made), subject.first.macs).permute(0, 3, 1, 2))), of_network=True,
    )  # fmt: skip
