"""What layers say of groups that do not divide their channels, and of padding="same" with a stride."""

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, number
from layerscope.decoder.search.failing import failing, mending
from layerscope.network import Network


def explain_divisors(found: Found, network: Network | None) -> Explanation:
    """in_channels must be divisible by groups; num_channels (6) must be divisible by num_groups (4)."""
    norm = found.kind == "group-norm"
    what, by = ("num_channels", "num_groups") if norm else (found["divided"], "groups")
    numbers = [found.number("channels"), found.number("groups")] if found["channels"] else []
    meanings = ((found["channels"], what), (found["groups"], by)) if numbers else ()
    step = failing(network)
    value = step.arguments.get(by) if step else None
    counted = step.arguments.get(what) if step else None
    here = type(value) is int and type(counted) is int and value > 0 and counted % value != 0
    here = here and numbers in ([], [counted, value])
    divisors = [n for n in range(1, min(numbers[0], 4096) + 1) if numbers[0] % n == 0] if numbers else []
    could = f" {what}={numbers[0]} allows {', '.join(map(str, divisors[:12]))}." if numbers else ""
    remedy = f"Choose another {by}, so that it divides {what}, or change {what}.{could}"
    causes = []
    if step and here:
        repairs = mending(network)
        works = f" What works: {'; '.join(repair.label for repair in repairs[:3])}." if repairs else ""
        mended = repairs[0].network if repairs else None
        why = f"{step.name} has {what} {counted} and {by} {value}; {counted} / {value} is not a whole number."
        title = f"{by}={value} in {step.name}"
        causes.append(Cause(title, why, f"{remedy}{works}", True, step.name, mended, mended is not None))
    why = "The groups have equal size: each gets channels / groups channels."
    return Explanation(f"{by} must divide {what}.", meanings, (*causes, Cause("Groups of unequal size", why, remedy)))


def explain_same_stride(found: Found, network: Network | None) -> Explanation:
    """padding='same' is not supported for strided convolutions."""
    step = failing(network)
    causes = []
    if step and step.layer.chosen.get("padding") == "same":
        repairs = mending(network)
        works = f" What works: {'; '.join(repair.label for repair in repairs[:3])}." if repairs else ""
        mended = repairs[0].network if repairs else None
        why = f'{step.name} has padding="same" and stride {step.arguments["stride"]}.'
        remedy = f"Write stride=1, or a number for the padding.{works}"
        causes.append(Cause(f"A stride in {step.name}", why, remedy, True, step.name, mended, mended is not None))
    general = Cause(
        "A stride together with padding='same'",
        '"same" keeps the output as large as the input; a stride of 2 halves it.',
        "Write stride=1 and halve the maps with pooling, or keep the stride with padding=kernel_size // 2.",
    )
    return Explanation('padding="same" works only with stride 1.', (), in_order([*causes, general]))


KINDS: dict[str, Kind] = {
    "groups": kind(
        "groups do not divide the channels",
        "in_channels must be divisible by groups",
        (r"(?P<divided>in_channels|out_channels) must be divisible by groups",),
        explain_divisors,
    ),
    "group-norm": kind(
        "num_groups does not divide the channels",
        "num_channels (6) must be divisible by num_groups (4)",
        (
            rf"num_channels \({number('channels')}\) must be divisible by num_groups \({number('groups')}\)",
            r"num_channels must be divisible by num_groups",
            r"Expected number of channels in input to be divisible by num_groups, but got input of shape "
            rf"\[\d{{1,9}}, {number('channels')}[\d, ]{{0,60}}\] and num_groups={number('groups')}",
        ),
        explain_divisors,
    ),
    "same-stride": kind(
        'padding="same" with a stride',
        "padding='same' is not supported for strided convolutions",
        (r"padding='same' is not supported for strided convolutions",),
        explain_same_stride,
    ),
}
