"""What fold, unfold, unpooling and transposed convolutions say of sizes, and padding that mirrors or repeats."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes, word

KINDS: dict[str, Kind] = {
    "unfold-window": kind(
        "A window that is larger than the image",
        "Given input with spatial size (4, 4), kernel_size=(5, 5), dilation=(1, 1), padding=(0, 0), calculated "
        "shape of "
        "the array of sliding blocks as (0, 0), but its components must be at least one.",
        (
            r"Given (?:input with spatial size|output_size=)\s{0,1}\((?P<image>[\d, ]{1,40})\), "
            r"kernel_size=\((?P<kernel>[\d, ]{1,40})\), [\w=(), ]{1,160}calculated shape of the array of sliding "
            r"blocks "
            r"as \([-\d, ]{1,40}\), but its components must be at least one",
        ),
        fixed(
            "unfold and fold cut an image of ({image}) into windows of ({kernel}), and not one of them fits.",
            Usual(
                "The images are smaller than the window",
                "With dilation, a window covers dilation * (kernel_size - 1) + 1 pixels along each axis.",
                "Use a smaller kernel_size, or add a margin: F.unfold(x, 5, padding=2).",
            ),
            pieces={"image": "height and width", "kernel": "kernel_size"},
        ),
    ),
    "fold-blocks": kind(
        "Windows that do not make the image",
        "Given output_size=(6, 6), kernel_size=(2, 2), dilation=(1, 1), padding=(0, 0), stride=(2, 2), expected "
        "size of "
        "input's dimension 2 to match the calculated number of sliding blocks 3 * 3 = 9, but got input.size(2)=8.",
        (
            r"Given output_size=\((?P<image>[\d, ]{1,40})\), [\w=(), ]{1,160}expected size of input's dimension \d to "
            rf"match the calculated number of sliding blocks (?P<blocks>\d{{1,9}} \* \d{{1,9}}) = {number('wanted')}, "
            rf"but got input\.size\(\d\)={number('got')}",
        ),
        fixed(
            "fold puts {blocks} = {wanted} windows into an image of ({image}), but the last axis has {got}.",
            Usual(
                "fold and unfold have different settings",
                "kernel_size, stride, padding and dilation must be those of the unfold, and output_size the size "
                "of its "
                "image.",
                "Write F.fold(patches, output_size=x.shape[-2:], kernel_size=2, stride=2), with the numbers of the "
                "unfold.",
            ),
            Usual(
                "The axes are in another order",
                "fold takes (N, channels * window, windows).",
                "Put the windows last: patches.transpose(1, 2).",
            ),
            pieces={
                "image": "output_size",
                "wanted": "the windows that are needed",
                "got": "the windows that there are",
            },
        ),
    ),
    "fold-axes": kind(
        "An input of fold or unfold with other axes",
        "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, "
        "but got: [1, 3, 8, 8]",
        (
            rf"Expected (?P<columns>2D or 3D) \(batch mode\) tensor for input with possibly 0 batch size and non-zero "
            rf"dimensions for input, but got: {sizes('got')}",
            rf"Expected 3D or 4D \(batch mode\) tensor with possibly 0 batch size and other non-zero dimensions for "
            rf"input, but got: {sizes('got')}",
        ),
        fixed(
            "unfold takes images (N, C, H, W) and gives columns (N, C * window, windows), which fold takes; this "
            "input is "
            "[{got}].",
            Usual(
                "fold got images",
                "It goes the other way: from columns to an image.",
                "Use unfold to cut images: F.unfold(x, kernel_size=2, stride=2); or F.pixel_shuffle to enlarge them.",
                lambda found: bool(found["columns"]),
                only=True,
            ),
            Usual(
                "An axis too many",
                "Only the batch may come before the channels.",
                "Put the others into the batch: F.unfold(x.flatten(0, 1), 3).",
                lambda found: not found["columns"],
                only=True,
            ),
            pieces={"got": "the shape of the input"},
        ),
    ),
    "fold-numbers": kind(
        "Too many numbers for fold or unfold",
        "It is expected kernel_size equals to 2, but got size 3",
        (rf"It is expected {word('name')} equals to {number('wanted')}, but got size {number('got')}",),
        fixed(
            "{name} takes one number, or {wanted} of them: for height and width. Here there are {got}.",
            Usual(
                "The channels were counted",
                "A window always goes through all channels.",
                "Leave them out: F.unfold(x, kernel_size=(3, 3)).",
            ),
            pieces={"name": "the argument", "wanted": "how many numbers it takes", "got": "how many there are"},
        ),
    ),
    "transposed-size": kind(
        "An output_size that cannot be reached",
        "requested an output size of (20, 20), but valid sizes range from [11, 11] to [12, 12] (for an input of "
        "torch.Size([5, 5]))",
        (
            r"requested an output size of [(\[](?P<wanted>[\d, ]{1,40})[)\]], but valid sizes range from "
            r"\[(?P<least>[\d, ]{1,40})\] to \[(?P<most>[\d, ]{1,40})\]",
            r"invalid output_size \"[(\[](?P<wanted>[\d, ]{1,40})[)\]]\" \(dim \d must be between "
            r"(?P<least>\d{1,9}) and "
            r"(?P<most>\d{1,9})\)",
        ),
        fixed(
            "From this input the layer can only reach sizes from {least} to {most}; ({wanted}) is asked for.",
            Usual(
                "Another stride or kernel is needed",
                "The size is (size - 1) * stride - 2 * padding + kernel_size; output_size only chooses within one "
                "stride of that.",
                "Change stride, or enlarge what is left: F.interpolate(x, size=(20, 20)).",
            ),
            pieces={"wanted": "the size asked for", "least": "the smallest", "most": "the largest"},
        ),
    ),
    "unpool-shape": kind(
        "Places for unpooling of another shape",
        "Expected shape of indices to be same as that of the input tensor ([1, 1, 4, 4]) but got indices tensor with "
        "shape: [1, 1, 5, 4]",
        (
            rf"Expected shape of indices to be same as that of the input tensor \({sizes('wanted')}\) but got indices "
            rf"tensor with shape: {sizes('got')}",
        ),
        fixed(
            "Unpooling puts each value back where the pooling found it, so it needs one place for each value.",
            Usual(
                "The places are those of another pooling",
                "In a decoder the last pooling is undone first.",
                "Keep the places in a list, and take them from its end: F.max_unpool2d(x, places.pop(), 2).",
            ),
            Usual(
                "The values changed their size since",
                "A convolution without padding, or another number of channels, lies between.",
                "Keep both with padding: nn.Conv2d(channels, channels, 3, padding=1).",
            ),
            pieces={"wanted": "the shape of the values", "got": "the shape of the places"},
        ),
    ),
    "mirror-axes": kind(
        "Mirrored padding for an input with too few axes",
        "Padding size 4 is not supported for 2D input tensor.",
        (
            rf"Padding size {number('count')} is not supported for {number('axes')}D input tensor",
            r"Only 2D, 3D, 4D, 5D padding with non-constant padding are supported",
        ),
        fixed(
            "Padding that mirrors, repeats or goes round needs a channel axis, and may need a batch axis, before the "
            "axes that are padded.",
            Usual(
                "The batch or channel axis is missing",
                "Two numbers pad (N, C, L), four pad (N, C, H, W), six pad (N, C, D, H, W); the batch may be missing.",
                "Add it for the padding: F.pad(x.unsqueeze(0), (1, 1, 1, 1), mode='reflect').squeeze(0).",
            ),
            pieces={"count": "numbers in the padding", "axes": "axes of the input"},
        ),
    ),
    "negative-padding": kind(
        "Padding that takes away more than there is",
        "narrow(): length must be non-negative.",
        (r"narrow\(\): length must be non-negative",),
        fixed(
            "A part of negative length is asked for: negative padding, or a cut, takes away more than the axis has.",
            Usual(
                "The difference of two sizes is negative, or too large",
                "F.pad with negative numbers cuts: -3 on both sides of an axis of 4 leaves nothing.",
                "Print x.shape and the sizes before this line.",
            ),
        ),
    ),
}
