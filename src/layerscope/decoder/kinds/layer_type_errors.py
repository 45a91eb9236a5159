"""What particular layer types say of their arguments and inputs: pooling, upsampling, shuffling, and others."""

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes
from layerscope.explain import product_text
from layerscope.formatting import shape_text
from layerscope.network import Network


def explain_unflatten(found: Found, _network: Network | None) -> Explanation:
    """unflatten: Provided sizes [12, 5, 5] don't multiply up to the size of dim 1 (192) in the input tensor."""
    shape, size = found.sizes("shape"), found.number("size")
    meanings = ((f"[{found['shape']}]", "the shape asked for"), (f"({size})", "the values of the input"))
    product = 1
    for part in shape:
        product *= part
    first, rest = shape[0], size // shape[0] if shape[0] > 0 and size % shape[0] == 0 else 0
    side = round(rest**0.5)
    remedy = f"With {size} values, {value} works." if (value := _square(shape, first, rest, side)) else ""
    counted = f"{product_text(shape)} = {product:,}" if min(shape) > 0 else f"{shape_text(shape)} with -1 for the rest"
    cause = Cause(
        "The shape has another number of values",
        f"{counted}, but the input has {size:,} values.",
        remedy or f"Choose sizes whose product is {size}, or change out_features of the layer before it.",
    )
    return Explanation(
        "Unflatten keeps every value, so the product of the sizes must match the input.", meanings, (cause,)
    )


def _square(shape: tuple[int, ...], first: int, rest: int, side: int) -> str:
    """The same channels as square maps; "" where what is left is not a square."""
    return f"({first}, {side}, {side})" if len(shape) == 3 and rest > 0 and side * side == rest else ""


def explain_resize(found: Found, _network: Network | None) -> Explanation:
    """Input with spatial dimensions of [8, 8] and output size of (3, 16, 16)."""
    what = "scale_factor" if found["what"] == "scale_factor" else "size"
    given = [part.strip() for part in found["given"].split(",") if part.strip()]
    count = len(given) or found.number("count")
    axes = len(found.sizes("spatial")) or found.number("axes")
    pieces = (("spatial", "the axes of the input that are resized"), ("given", what))
    meanings = tuple((found[name], role) for name, role in pieces if found[name])
    kept = ", ".join(given[-axes:] or ["2" if what == "scale_factor" else "16"] * axes)
    written = f"({kept})" if axes > 1 else kept
    counted = Cause(
        "The batch or the channels were counted",
        f"Only the axes after the batch and the channels are resized: {axes} of them here, but {what} has {count}.",
        f"Write F.interpolate(x, {what}={written}).",
    )
    single = Cause(
        "The batch axis is missing",
        "The first two axes count as batch and channels, so one image without a batch axis loses its height.",
        "Write x.unsqueeze(0), and remove the axis afterwards with squeeze(0).",
    )
    first = (single, counted) if axes == 1 and count > 1 else (counted, single) if count > axes else (counted,)
    says = f"{what} needs {axes} numbers, one for each axis that is resized, but has {count}."
    return Explanation(says.replace(" 1 numbers", " one number"), meanings, first)


def explain_shuffle(found: Found, _network: Network | None) -> Explanation:
    """pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor."""
    size, factor = found.number("size"), max(found.number("factor"), 1)
    meanings = ((f"{size}", "the size of the input"), (found["factor"], "the number that must divide it"))
    more = (size // factor + 1) * factor
    why = f"{size} is not a multiple of {factor}" + (
        ", the square of upscale_factor." if found["square"] else ", so it cannot be split into equal parts."
    )
    remedy = f"Make the layer before it output a multiple of {factor}, such as {more}, or change the factor."
    says = f"The size must be divisible by {factor}, and {size} is not."
    return Explanation(says, meanings, (Cause("A size that cannot be divided", why, remedy),))


NO_CHANNELS = Usual(
    "The channel axis is missing",
    "A grayscale picture has only height and width.",
    "Write x.unsqueeze(0) for an image, x.unsqueeze(1) for a batch of them.",
)
TOO_FLAT = Usual(
    "Flattened before the pooling",
    "After a flatten or a view, each sample is one row of numbers, without height and width.",
    "Call the pooling first: x = torch.flatten(pool(x), 1).",
    lambda found: bool(found["least"]) or found["given"].count(",") == 1,
)
TOO_MANY = Usual(
    "One axis too many, or an empty tensor",
    "A video, or a batch of batches, has one more axis; a slice beyond the end has size 0.",
    "Print x.shape before this line; x.flatten(0, 1) merges the first two axes into one batch.",
)
KINDS: dict[str, Kind] = {
    "pool-axes": kind(
        "Too few or too many axes for a pooling",
        "non-empty 3D or 4D (batch mode) tensor expected for input",
        (
            r"non-empty \dD or \dD \(batch mode\) tensor expected for input",
            r"adaptive_(?:avg|max)_pool\dd(?:\(\))?: Expected \dD or \dD (?:\(batch mode\) )?tensor, but got:? ?"
            r"\[(?P<given>[\d, ]{0,60})\]",
            r"Expected \dD or \dD \(batch mode\) tensor with optional 0 dim batch size for input, but got: ?"
            r"\[(?P<given>[\d, ]{0,60})\]",
            r"Input dimension should be at least (?P<least>\d)",
            r"Expected \d to \d dimensions, but got \d-dimensional tensor for argument #1 'self' \(while checking "
            r"arguments for \w{0,20}pool\dd\)",
        ),
        fixed(
            "The pooling expects channels, height and width, with a batch axis before them if there is one.",
            NO_CHANNELS,
            TOO_FLAT,
            TOO_MANY,
            pieces={"given": "the shape of the input", "least": "the axes that it needs, the channels included"},
        ),
    ),
    "resize-axes": kind(
        "Too few or too many axes for upsampling",
        "Got 3D input, but bilinear mode needs 4D input",
        (
            rf"Got {number('given')}D input, but (?P<mode>\w{{1,20}}) mode needs {number('wanted')}D input",
            r"Input Error: Only 3D, 4D and 5D input Tensors supported \(got (?P<given>\d)D\)",
        ),
        fixed(
            "Upsampling expects a batch axis and a channel axis before the axes that it resizes.",
            Usual(
                "The batch axis is missing",
                "A single image has one axis fewer than a batch.",
                "Write x.unsqueeze(0), and remove the axis afterwards with squeeze(0).",
            ),
            Usual(
                "The mode is for a different number of axes",
                "linear is for sequences, bilinear and bicubic for images, trilinear for volumes.",
                'Write mode="bilinear" for images.',
            ),
            pieces={"given": "the axes of the input", "wanted": "the axes that the mode expects", "mode": "the mode"},
        ),
    ),
    "resize-sizes": kind(
        "Upsampling with too many or too few sizes",
        "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of "
        "[8, 8] and output size of (3, 16, 16).",
        (
            r"Input and (?P<what>output|scale_factor) must have the same number of spatial dimensions, but got input "
            rf"(?:with )?with spatial dimensions of {sizes('spatial')} and (?:output size of|scale_factor of shape) "
            r"[\[(](?P<given>[\d., ]{1,60})[\])]",
            r"(?P<what>size|scale_factor) shape must match input shape\. Input is (?P<axes>\d)D, \w{1,12}(?: size)? is "
            r"(?P<count>\d)",
        ),
        explain_resize,
    ),
    "unflatten": kind(
        "Unflatten to a different number of values",
        "unflatten: Provided sizes [12, 5, 5] don't multiply up to the size of dim 1 (192) in the input tensor",
        (
            r"unflatten: Provided sizes \[(?P<shape>-?\d{1,9}(?:, -?\d{1,9}){0,8})\] don't multiply up to the "
            r"size of dim "
            rf"\d{{1,2}} \({number('size')}\)",
        ),
        explain_unflatten,
    ),
    "shuffle": kind(
        "PixelShuffle with the wrong number of channels",
        "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but "
        "input.size(-3)=8 is not divisible by 9",
        (
            r"pixel_shuffle expects its input's 'channel' dimension to be divisible by the (?P<square>square) of "
            rf"upscale_factor, but input\.size\(-3\)={number('size')} is not divisible by {number('factor')}",
            r"pixel_unshuffle expects (?:height|width) to be divisible by downscale_factor, but "
            rf"input\.size\(-[12]\)={number('size')} is not divisible by {number('factor')}",
            rf"Number of channels must be divisible by groups\. Got {number('size')} channels and "
            rf"{number('factor')} groups",
        ),
        explain_shuffle,
    ),
}
