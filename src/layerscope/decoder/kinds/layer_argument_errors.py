"""What layers say of arguments that are out of range or do not fit what arrives."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number

KINDS: dict[str, Kind] = {
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
