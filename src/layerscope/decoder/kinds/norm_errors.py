"""Normalization layers and divisors: one value per channel, another number of channels, groups that do not divide."""

from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, Meanings, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes
from layerscope.decoder.pointing import narrowed
from layerscope.decoder.search.at import at
from layerscope.decoder.search.changed_networks import width_of, with_width
from layerscope.decoder.search.failing import mending, steps_of
from layerscope.explain import written_count
from layerscope.formatting import shape_text
from layerscope.layers.normalization import GroupNorm
from layerscope.network import Network
from layerscope.steps import Step

COUNTS = ("num_features", "num_channels")
USUAL_STEP = 8
"""Numbers of channels are usually a multiple of it; lengths need not be."""


def explain_one_value(found: Found, network: Network | None) -> Explanation:
    """Expected more than 1 value per channel when training, got input size torch.Size([1, 64])."""
    given = found.sizes("given")
    if groups := [s for s in steps_of(network) if _is_group_of_one(s, given) and "torch.Size" not in found.message]:
        return _explain_groups_of_one(found, groups[0])
    single = len(given) < 3
    meanings = (
        (
            found.shown(f"[{found['given']}]", found["given"]),
            f"a batch of {given[0]}, then the shape of each input: {shape_text(given[1:])}",
        ),
    )
    steps = [s for s in steps_of(network) if s.type.startswith("BatchNorm") and s.input_shape == given[1:]]
    name = steps[0].name if steps else ""
    fits = bool(steps) and given[0] == 1
    why = f"BatchNorm computes each channel's variance over the batch{'' if single else ' and the cells'}: a single "
    why += "value has none."
    causes = []
    if "in replica" in found.before:
        causes.append(
            Cause(
                "Only one sample per card",
                "nn.DataParallel splits the batch among the cards, and one of them got a single sample.",
                "Give the DataLoader a batch_size of at least twice the number of cards, and drop_last=True.",
            )
        )
    causes += [
        Cause(
            "One sample while training",
            f"{why} One sample went through a network in training mode, the mode of every new module.",
            "To predict or print shapes, call net.eval() first; to train, use at least two samples.",
            fits,
            name,
        ),
        Cause(
            "A last batch of one",
            f"{why} For example, 101 samples in batches of 100 leave one sample for the last.",
            "Give the DataLoader drop_last=True, or another batch_size.",
            fits,
            name,
        ),
    ]
    if not single:
        where = f"maps are {shape_text(given[2:])} when they reach {name or 'the layer'}"
        remedy = "Use larger images or less pooling, or normalize before the last pooling."
        causes.append(Cause("Maps of a single cell", f"{why} The {where}.", remedy, fits, name))
    return Explanation("In training, a batch of one sample cannot be normalized.", meanings, tuple(causes))


def _is_group_of_one(step: Step, given: tuple[int, ...]) -> bool:
    """Whether the sizes in a message are those of a GroupNorm for one sample: (channels a group, groups, cells)."""
    if not isinstance(step.layer, GroupNorm) or step.error:
        return False
    groups, shape = step.layer.num_groups, step.input_shape
    return step.layer.values_per_mean(shape) == 1 and given == (shape[0] // groups, groups, *shape[1:])


def _explain_groups_of_one(found: Found, step: Step) -> Explanation:
    """Expected more than 1 value per channel when training, got input size [1, 6, 1, 1]: by a GroupNorm."""
    groups = step.arguments["num_groups"]
    meanings = (
        (f"[{found['given']}]", f"one channel per group, {written_count(groups, 'group')}, then the cells of the maps"),
    )
    why = f"{step.name} splits {shape_text(step.input_shape)} into {written_count(groups, 'group')} of one value each, "
    why += "and a single value has no variance. GroupNorm has no running averages, so net.eval() does not help."
    fewer = f"Write fewer groups in {step.name}, such as num_groups=1, or use" if groups > 1 else "Use"
    remedy = f"{fewer} GroupNorm where the maps are larger. Two samples work, but every value becomes 0."
    says = "A GroupNorm with one value in each group cannot normalize a single sample."
    return Explanation(says, meanings, (Cause("Groups of one value", why, remedy, True, step.name),))


def explain_running_mean(found: Found, network: Network | None) -> Explanation:
    """running_mean should contain 6 elements not 4; the same for the weight of a GroupNorm."""
    owned, given = found.number("owned"), found.sizes("given")
    arriving = found.number("arriving") if not given else given[1] if len(given) > 1 else 0
    meanings: Meanings = (
        (f"{arriving}", "the channels of the input"),
        (
            f"{owned}",
            "the channels that the layer was made for: num_features of a BatchNorm, num_channels of a GroupNorm",
        ),
    )
    steps = [(s, next((s.arguments[c] for c in COUNTS if c in s.arguments), None)) for s in steps_of(network)]
    causes: list[Cause] = []
    if network:
        named = narrowed(found.calls, [s.name for s, count in steps if count == owned])
        for step in [s for s, _ in steps if s.name in named][:3]:
            causes += _other_width(network, step, arriving, owned)
        others = [s.name for s, count in steps if count == arriving]
        own = named
        if others and own:
            why = f"{own[0]} has {owned} channels, {others[0]} has {arriving}: did forward call the wrong one?"
            remedy = "Call each of them once, after its own layer."
            causes.append(Cause(f"{own[0]} instead of {others[0]}", why, remedy, True, own[0]))
        elif others:
            count = "num_channels" if found.kind == "norm-weight" else "num_features"
            why = f"{others[0]} gets {arriving} channels, but you wrote {owned}."
            remedy = f"Write {count}={arriving} in {others[0]}."
            title = f"{count} of {others[0]} does not match its input"
            causes.append(Cause(title, why, remedy, True, others[0], network, True))
    axes = (
        Cause(
            "The features are not on axis 1",
            f"BatchNorm counts axis 1, which is {arriving}; in sequences of shape (batch, length, features), the "
            f"features "
            "are last.",
            f"Swap the axes before and after it: x.transpose(1, 2); or write nn.LayerNorm({owned}), which works "
            f"on the last "
            "axis.",
        ),
        Cause(
            "squeeze removed the batch axis of a batch of one",
            "squeeze without an axis removes every axis of 1, so axis 1 is then a different one.",
            "Name the axis: x.squeeze(-1), or write x.flatten(1).",
        ),
    )
    general = (
        Cause(
            "Made for a different layer",
            "num_features is the out_channels of the layer before it.",
            f"Write {arriving} in the normalization, or out_channels={owned} in the layer before.",
        ),
        Cause(
            "One normalization layer used twice",
            "If bn1 follows both conv1 and conv2, it has the right number of channels for only one of them.",
            "Give each convolution its own BatchNorm.",
        ),
    )
    ordered = (*general, *axes) if arriving % USUAL_STEP == 0 else (*axes, *general)
    says = f"The normalization expects {written_count(owned, 'channel')} but gets {arriving:,}."
    return Explanation(says, meanings, in_order([*causes, *ordered]))


def _other_width(network: Network, step: Step, arriving: int, owned: int) -> Iterator[Cause]:
    source = at(network, step.name).source
    changed = with_width(network, source, arriving) if source else None
    if source and changed and (at(changed, step.name).shape or (0,))[0] == arriving:
        width = width_of(source)
        why = f"Then {step.name} gets {arriving} channels instead of {owned}."
        remedy = f"Write {width}={owned} in {source.name}, or {arriving} in {step.name}: the two must be equal."
        yield Cause(f"{width}={arriving} in {source.name}", why, remedy, True, source.name, changed)


def explain_normalized_shape(found: Found, network: Network | None) -> Explanation:
    """Given normalized_shape=[6], expected input with shape [*, 6], but got input of size[2, 4]."""
    shape, given = found.sizes("shape"), found.sizes("given")
    end = given[-len(shape) :]
    meanings = (
        (f"[{found['shape']}]", "normalized_shape: the last axes that the LayerNorm was made for"),
        (f"[{found['given']}]", f"the input, the batch axis first; its last axes are {shape_text(end)}"),
    )
    causes = []
    for step in steps_of(network):
        if step.type == "LayerNorm" and step.input_shape == given[1:]:
            why = f"{step.name} gets {shape_text(given[1:])}, so the last axes are {shape_text(end)}."
            remedy = f"Write nn.LayerNorm({list(end)}) for {step.name}."
            title = f"normalized_shape of {step.name} does not match its input"
            repairs = mending(network) if step.error else []
            mended = repairs[0].network if repairs else None if step.error else network
            causes.append(Cause(title, why, remedy, True, step.name, mended, mended is not None))
    general = Cause(
        "normalized_shape counts something else",
        "A LayerNorm works on the last axes: for maps, the width, or channels, height and width together.",
        f"Write normalized_shape={list(end)}, or move the axes so that {shape_text(shape)} comes last.",
    )
    return Explanation(
        f"LayerNorm expects {shape_text(shape)} as the last axes but gets {shape_text(end)}.",
        meanings,
        in_order([*causes, general]),
    )


KINDS: dict[str, Kind] = {
    "one-value": kind(
        "One value per channel in training",
        "Expected more than 1 value per channel when training, got input size torch.Size([1, 64])",
        (
            rf"Expected more than 1 value per channel when training, got input size "
            rf"(?:torch\.Size\()?{sizes('given')}\)?",
        ),
        explain_one_value,
    ),
    "running-mean": kind(
        "BatchNorm for a different number of channels",
        "running_mean should contain 6 elements not 4",
        (rf"running_(?:mean|var) should contain {number('arriving')} elements not {number('owned')}",),
        explain_running_mean,
    ),
    "norm-weight": kind(
        "GroupNorm for a different number of channels",
        (
            "Expected weight to be a vector of size equal to the number of channels in input, but got "
            "weight of shape [6] and input of shape [2, 4, 3, 3]"
        ),
        (
            r"Expected weight to be a vector of size equal to the number of channels in input, "
            rf"but got weight of shape \[{number('owned')}\] and input of shape {sizes('given')}",
        ),
        explain_running_mean,
    ),
    "normalized-shape": kind(
        "LayerNorm for a different shape",
        "Given normalized_shape=[6], expected input with shape [*, 6], but got input of size[2, 4]",
        (
            rf"Given normalized_shape={sizes('shape')}, expected input with shape \[(?:\*, )?[\d, ]{{1,80}}\], "
            rf"but got input of size ?(?:torch\.Size\()?{sizes('given')}",
        ),
        explain_normalized_shape,
    ),
}
