"""Sizes of images that a network cannot halve as often as it does."""

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, number
from layerscope.network import Network


def _multiple(size: int, of: int) -> int:
    """The nearest size above that is divisible."""
    return -(-size // of) * of if of else size


def explain_divisible(found: Found, _network: Network | None) -> Explanation:
    """Wrong input shape height=255, width=255. Expected image height and width divisible by 32."""
    height, width, by = found.number("height"), found.number("width"), found.number("by")
    fits = (_multiple(height, by), _multiple(width, by))
    meanings = (
        (f"height={height}, width={width}", "the size of the images"),
        (f"{by}", "what both sizes must be divisible by: the network halves them that far and doubles them again"),
    )
    causes = (
        Cause(
            "The images were not resized",
            f"The network halves both sizes, so it needs multiples of {by}; the next that fit are {fits[0]}×{fits[1]}.",
            f"Write transforms.Resize({fits}) for images and masks, masks with InterpolationMode.NEAREST.",
        ),
        Cause(
            "The images must keep their scale",
            "Padding changes no pixel.",
            f"Write x = F.pad(x, (0, {fits[1] - width}, 0, {fits[0] - height})).",
        ),
    )
    return Explanation(f"The image is {height}×{width}, and both sizes must be divisible by {by}.", meanings, causes)


KINDS: dict[str, Kind] = {
    "divisible-sizes": kind(
        "Images whose sizes the network cannot halve",
        "Wrong input shape height=255, width=255. Expected image height and width divisible by 32.",
        (
            rf"Wrong input shape height={number('height')}, width={number('width')}\. Expected image height and width "
            rf"divisible by {number('by')}",
        ),
        explain_divisible,
    ),
}
