"""What layers say of arguments that are out of range or do not fit the input."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number

KINDS: dict[str, Kind] = {
    "conv-weight": kind(
        "A convolution's weight with too few axes",
        "weight should have at least three dimensions",
        (r"weight should have at least three dimensions",),
        fixed(
            "F.conv1d, F.conv2d and F.conv3d are given their kernels as a tensor; this one has fewer than three axes.",
            Usual(
                "The weight of a Linear, or a single kernel",
                "A weight is (out_channels, in_channels / groups, then the kernel's height and width).",
                "Give one kernel its first two axes: F.conv2d(x, kernel.expand(1, 1, -1, -1)); or take a layer's: "
                "F.conv2d(x, conv.weight).",
            ),
            Usual(
                "The arguments are in another order",
                "The input comes first, then the weight, then the bias.",
                "Write F.conv2d(x, weight, bias).",
            ),
        ),
    ),
    "lrn-axes": kind(
        "LocalResponseNorm without maps",
        "Expected 3D or higher dimensionality input (got 2 dimensions)",
        (rf"Expected 3D or higher dimensionality input \(got {number('axes')} dimensions\)",),
        fixed(
            "Local response normalization compares neighboring channels at each place, and needs (batch, channels, "
            "length) or maps; this input has {axes} axes.",
            Usual(
                "Flattened before the normalization",
                "After a flatten there are no channels left.",
                "Call it first: x = torch.flatten(norm(x), 1).",
            ),
            Usual(
                "An axis is missing",
                "A single signal has no batch axis.",
                "Write norm(x.unsqueeze(0)).",
                lambda found: found["axes"] == "1",
                only=True,
            ),
            pieces={"axes": "the axes of the input"},
        ),
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
            "output_padding adds cells that the stride leaves out, so it must be smaller than stride (or dilation).",
            Usual(
                "output_padding is as large as the stride, or larger",
                "A stride of 2 leaves out at most one cell.",
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
        ),
        fixed(
            "{name} has a value that the layer cannot work with.",
            Usual(
                "The computed value is 0 or less",
                "stride, dilation, groups and kernel_size must be 1 or more. A division such as 1 // 2 gives 0.",
                "Print the value before the layer is made, and write max(1, value) where it is computed.",
                lambda found: found["name"] != "padding",
                only=True,
            ),
            Usual(
                "The padding is less than 0",
                "Padding adds cells, so it is 0 or more. To cut the borders off, use a slice: x[:, :, 1:-1, 1:-1].",
                "Print the value before the layer is made, and write max(0, value) where it is computed.",
                lambda found: found["name"] == "padding",
                only=True,
            ),
            pieces={"name": "the argument"},
        ),
    ),
    "dropout": kind(
        "A dropout that is not a probability",
        "dropout probability has to be between 0 and 1, but got 50",
        (
            r"dropout probability has to be between 0 and 1,? but got (?P<given>-?[\d.]{1,20})",
            r"dropout should be a number in range \[0, 1\] representing the probability of an element being zeroed",
        ),
        fixed(
            "Dropout takes the probability of setting a value to 0, so it must be between 0 and 1.",
            Usual(
                "A percentage or a number of values",
                "50 percent is 0.5. The first argument of nn.Dropout is that probability, not a number of features.",
                "Write nn.Dropout(0.5); in an LSTM, dropout=0.5.",
            ),
            pieces={"given": "the probability you gave"},
        ),
    ),
    "negative-size": kind(
        "A layer with a negative size",
        "Trying to create tensor with negative dimension -1: [-1, 1, 3, 3]",
        (
            r"Trying to create tensor with negative dimension (?P<size>-\d{1,9})",
            r"(?:Dimension size|sizes) must be non-negative",
        ),
        fixed(
            "A computed size is less than 0.",
            Usual(
                "A subtraction in the layer's arguments",
                "The image is too small for the kernels and poolings that were subtracted.",
                "Print in_features, out_channels and the other arguments before the layer is made.",
            ),
            pieces={"size": "the size"},
        ),
    ),
    "padding-index": kind(
        "padding_idx beyond the Embedding",
        "Padding_idx must be within num_embeddings",
        (r"[Pp]adding_idx must be within num_embeddings",),
        fixed(
            "padding_idx is the row for padding, so it must be one of the table's rows: 0 to num_embeddings - 1.",
            Usual(
                "The row for padding was not counted",
                "Words 1 to n and padding 0 make n + 1 rows.",
                "Write nn.Embedding(len(vocabulary) + 1, size, padding_idx=0).",
            ),
        ),
    ),
    "prelu": kind(
        "PReLU for a different number of channels",
        "Mismatch of parameter numbers and input channel size. Found parameter numbers = 3 and channel size = 6.",
        (
            rf"Mismatch of parameter numbers and input channel size\. Found parameter numbers ?= ?{number('own')} "
            rf"and channel "
            rf"size ?= ?{number('given')}",
        ),
        fixed(
            "PReLU has {own} slopes, one per channel, but gets {given} channels.",
            Usual(
                "num_parameters is not the number of channels",
                "It must be 1, for one slope in all, or the number of input channels.",
                "Write nn.PReLU({given}) or nn.PReLU().",
            ),
            pieces={"own": "num_parameters", "given": "the channels of the input"},
        ),
    ),
    "instance-norm": kind(
        "InstanceNorm for different maps",
        "expected input's size at dim=1 to match num_features (3), but got: 6.",
        (
            rf"expected input's size at dim=1 to match num_features \({number('own')}\), but got: {number('given')}",
            r"Expected more than 1 spatial element when training, got input size torch\.Size\(\[(?P<shape>[\d, "
            r"]{1,60})\]\)",
        ),
        fixed(
            "InstanceNorm computes mean and variance of each map: it needs the right number of channels and more than "
            "one cell.",
            Usual(
                "num_features is not the number of channels",
                "It is the out_channels of the layer before it.",
                "Write nn.InstanceNorm2d({given}).",
                lambda found: bool(found["given"]),
            ),
            Usual(
                "Maps of a single cell",
                "The maps were pooled to one cell, and a single value has no variance.",
                "Use larger images or less pooling, or leave out InstanceNorm there.",
                lambda found: bool(found["shape"]),
            ),
            pieces={"own": "num_features", "given": "the channels of the input", "shape": "the input"},
            alone=True,
        ),
    ),
    "padding-length": kind(
        "Padding for too many axes",
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
            "Padding has two numbers per axis, starting with the last axis.",
            Usual(
                "An axis is missing",
                "Padding an image needs height and width; a batch has channels and a batch axis before them.",
                "Print x.shape before this line; a batch of one is x.unsqueeze(0).",
            ),
            Usual(
                "The padding is larger than the maps",
                "Circular padding repeats the map only once.",
                "Use a smaller padding, or zeros.",
                lambda found: "wrapping" in found.message,
            ),
            pieces={"length": "the numbers of the padding", "axes": "the axes of the input"},
        ),
    ),
    "half-axis": kind(
        "GLU over an odd number of channels",
        "Halving dimension must be even, but dimension 1 is size 5",
        (rf"Halving dimension must be even, but dimension {number('axis')} is size {number('size')}",),
        fixed(
            "GLU halves axis {axis}, but {size} is odd.",
            Usual(
                "The layer before it has an odd number of outputs",
                "GLU multiplies one half by the sigmoid of the other.",
                "Give the layer before it an even number of outputs: 2 * channels.",
            ),
            pieces={"axis": "the axis that is halved", "size": "its size"},
        ),
    ),
}
