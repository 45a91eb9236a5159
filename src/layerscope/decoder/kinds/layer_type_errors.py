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
    meanings = ((f"[{found['shape']}]", "the shape that was asked for"), (f"({size})", "the values that are there"))
    product = 1
    for part in shape:
        product *= part
    first, rest = shape[0], size // shape[0] if shape[0] > 0 and size % shape[0] == 0 else 0
    side = round(rest**0.5)
    remedy = f"With {size} values, {value} would do." if (value := _square(shape, first, rest, side)) else ""
    counted = f"{product_text(shape)} = {product:,}" if min(shape) > 0 else f"{shape_text(shape)} with -1 for the rest"
    cause = Cause(
        "The shape has another number of values",
        f"{counted}, and {size:,} values arrive.",
        remedy or f"Choose sizes whose product is {size}, or give the layer before it another out_features.",
    )
    return Explanation("Unflatten keeps every value, so the sizes must multiply to what arrives.", meanings, (cause,))


def _square(shape: tuple[int, ...], first: int, rest: int, side: int) -> str:
    """The same channels with a square of what is left; "" where there is none."""
    return f"({first}, {side}, {side})" if len(shape) == 3 and rest > 0 and side * side == rest else ""


def explain_shuffle(found: Found, _network: Network | None) -> Explanation:
    """pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor."""
    size, factor = found.number("size"), found.number("factor")
    meanings = ((f"{size}", "what arrives"), (f"{factor}", "what must divide it"))
    more = (size // factor + 1) * factor
    why = f"{size} is no multiple of {factor}" + (
        ", the square of upscale_factor." if found["square"] else "; what is cut into parts must be one."
    )
    remedy = f"Give the layer before it a multiple of {factor}, such as {more}, or choose another factor."
    says = f"The size must be divisible by {factor}, and {size} is not."
    return Explanation(says, meanings, (Cause("A size that cannot be divided", why, remedy),))


NO_CHANNELS = Usual(
    "The axis of the channels is missing",
    "A grayscale image as a picture has height and width only.",
    "Write x.unsqueeze(0) for an image, x.unsqueeze(1) for a batch of them.",
)
TOO_MANY = Usual(
    "An axis too many, or an empty tensor",
    "A video, or a batch of batches, has one axis more; a slice beyond the end has a size of 0.",
    "Print x.shape before the line; x.flatten(0, 1) makes one batch of the first two axes.",
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
            r"Expected \d to \d dimensions, but got \d-dimensional tensor for argument #1 'self' \(while checking "
            r"arguments for \w{0,20}pool\dd\)",
        ),
        fixed(
            "The pooling expects channels before height and width, and a batch axis before them if there is one.",
            NO_CHANNELS,
            TOO_MANY,
            pieces={"given": "the shape that arrives"},
        ),
    ),
    "resize-axes": kind(
        "Too few or too many axes for upsampling",
        "Got 3D input, but bilinear mode needs 4D input",
        (
            rf"Got {number('given')}D input, but (?P<mode>\w{{1,20}}) mode needs {number('wanted')}D input",
            r"Input Error: Only 3D, 4D and 5D input Tensors supported \(got (?P<given>\d)D\)",
            r"Input and output must have the same number of spatial dimensions, but got input with spatial "
            r"dimensions of "
            rf"{sizes('spatial')}",
        ),
        fixed(
            "Upsampling expects a batch axis and a channel axis before the sizes that it changes.",
            Usual(
                "The batch axis is missing",
                "A single image has one axis less than a batch.",
                "Write x.unsqueeze(0), and take the axis away after it with squeeze(0).",
            ),
            Usual(
                "The mode is for another number of axes",
                "linear is for sequences, bilinear and bicubic for images, trilinear for volumes.",
                'Write mode="bilinear" for images.',
            ),
            pieces={"given": "the axes that arrive", "wanted": "the axes that the mode wants", "mode": "the mode"},
        ),
    ),
    "unflatten": kind(
        "Unflatten to another number of values",
        "unflatten: Provided sizes [12, 5, 5] don't multiply up to the size of dim 1 (192) in the input tensor",
        (
            r"unflatten: Provided sizes \[(?P<shape>-?\d{1,9}(?:, -?\d{1,9}){0,8})\] don't multiply up to the "
            r"size of dim "
            rf"\d{{1,2}} \({number('size')}\)",
        ),
        explain_unflatten,
    ),
    "shuffle": kind(
        "PixelShuffle with other channels",
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
    "output-padding": kind(
        "output_padding too large",
        "output padding must be smaller than either stride or dilation, but got output_padding_height: 2 "
        "output_padding_width: 2 stride_height: 2 stride_width: 2 dilation_height: 1 dilation_width: 1",
        (
            r"output padding must be smaller than either stride or dilation"
            rf"(?:, but got output_padding_height: {number('padding')} output_padding_width: \d{{1,9}} "
            rf"stride_height: {number('stride')})?",
        ),
        fixed(
            "output_padding adds the cells that a stride leaves open, so it must be smaller than stride (or dilation).",
            Usual(
                "output_padding is as large as the stride, or larger",
                "A stride of 2 leaves one cell open at most.",
                "Write output_padding=stride - 1 or less: nn.ConvTranspose2d(in_channels, out_channels, 3, stride=2, "
                "padding=1, output_padding=1) doubles the size.",
            ),
            pieces={"padding": "output_padding", "stride": "stride"},
        ),
    ),
    "argument-range": kind(
        "An argument of a layer out of range",
        "non-positive stride is not supported",
        (
            r"non-positive (?P<name>stride|dilation) is not supported",
            r"(?P<name>stride|dilation) should (?:not be zero|be greater than zero)",
            r"(?P<name>kernel size) should be greater than zero",
            r"negative (?P<name>padding) is not supported",
            r"(?P<name>groups) must be a positive integer",
            r"(?P<name>dropout) probability has to be between 0 and 1",
        ),
        fixed(
            "{name} has a value that the layer cannot work with.",
            Usual(
                "The value was computed to 0 or below",
                "stride, dilation, groups and kernel_size must be 1 or more; padding 0 or more; dropout's p "
                "from 0 to 1. A "
                "division such as 1 // 2 gives 0.",
                "Print the value before the layer is made, and write max(1, value) where it is computed.",
            ),
            pieces={"name": "the argument"},
        ),
    ),
    "negative-size": kind(
        "A layer with a negative size",
        "Trying to create tensor with negative dimension -1: [-1, 1, 3, 3]",
        (r"Trying to create tensor with negative dimension (?P<size>-\d{1,9})", r"Dimension size must be non-negative"),
        fixed(
            "A size was computed to less than 0.",
            Usual(
                "A subtraction in the layer's arguments",
                "Kernels and poolings were taken away from an image that is too small.",
                "Print what in_features, out_channels and the others are before the layer is made.",
            ),
            pieces={"size": "the size"},
        ),
    ),
    "prelu": kind(
        "PReLU for another number of channels",
        "Mismatch of parameter numbers and input channel size. Found parameter numbers = 3 and channel size = 6.",
        (
            rf"Mismatch of parameter numbers and input channel size\. Found parameter numbers ?= ?{number('own')} "
            rf"and channel "
            rf"size ?= ?{number('given')}",
        ),
        fixed(
            "PReLU has {own} slopes, one for each channel, but gets {given} channels.",
            Usual(
                "num_parameters is not the number of channels",
                "It must be 1, for one slope for all, or the channels that arrive.",
                "Write nn.PReLU({given}) or nn.PReLU().",
            ),
            pieces={"own": "num_parameters", "given": "the channels that arrive"},
        ),
    ),
    "instance-norm": kind(
        "InstanceNorm for other maps",
        "expected input's size at dim=1 to match num_features (3), but got: 6.",
        (
            rf"expected input's size at dim=1 to match num_features \({number('own')}\), but got: {number('given')}",
            r"Expected more than 1 spatial element when training, got input size torch\.Size\(\[(?P<shape>[\d, "
            r"]{1,60})\]\)",
        ),
        fixed(
            "InstanceNorm takes mean and variance of each map: it needs its number of channels, and more than "
            "one cell.",
            Usual(
                "num_features is not the number of channels",
                "It is the out_channels of the layer before it.",
                "Write nn.InstanceNorm2d({given}).",
                lambda found: bool(found["given"]),
            ),
            Usual(
                "Maps of a single cell",
                "The maps were pooled to one cell, and of one value there is no variance.",
                "Use larger images or less pooling, or leave InstanceNorm out there.",
                lambda found: bool(found["shape"]),
            ),
            pieces={"own": "num_features", "given": "the channels that arrive", "shape": "what arrives"},
            alone=True,
        ),
    ),
    "padding-length": kind(
        "Padding for more axes than there are",
        "Padding length should be less than or equal to two times the input dimension but got padding length 6 "
        "and input "
        "of dimension 2",
        (
            r"Padding length (?:should be less than or equal to|too large|must be divisible by) ?(?:two times "
            r"the input "
            rf"dimension )?(?:but got padding length {number('length')} and input of dimension {number('axes')})?",
            r"Padding value causes wrapping around more than once",
        ),
        fixed(
            "Padding has two numbers for each axis, beginning with the last.",
            Usual(
                "An axis is missing",
                "Padding of images needs height and width, of a batch also channels and the batch in front.",
                "Print x.shape before the line; a batch of one is x.unsqueeze(0).",
            ),
            Usual(
                "The padding is larger than the maps",
                "Circular padding repeats what is there, once.",
                "Use a smaller padding, or zeros.",
                lambda found: "wrapping" in found.message,
            ),
            pieces={"length": "the numbers of the padding", "axes": "the axes that arrive"},
        ),
    ),
    "half-axis": kind(
        "GLU over an odd number of channels",
        "Halving dimension must be even, but dimension 1 is size 5",
        (rf"Halving dimension must be even, but dimension {number('axis')} is size {number('size')}",),
        fixed(
            "GLU halves axis {axis}; {size} has no half.",
            Usual(
                "The layer before gives an odd number",
                "One half is multiplied with the sigmoid of the other.",
                "Give the layer before it an even number of outputs: 2 * channels.",
            ),
            pieces={"axis": "the axis that is halved", "size": "its size"},
        ),
    ),
}
