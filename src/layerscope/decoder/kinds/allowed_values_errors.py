"""What torch says of arguments with a value that is not among those allowed."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind


def _of_rate(found: Found) -> bool:
    return bool(found["rate"])


KINDS: dict[str, Kind] = {
    "choice": kind(
        "An argument value that is not allowed",
        "Invalid padding string 'full', should be one of {'valid', 'same'}",
        (
            r"Invalid padding string '(?P<given>[\w ]{1,30})', should be one of",
            r"padding_mode must be one of \{['\w, ]{1,80}\}, but got padding_mode='(?P<given>\w{1,30})'",
            r"Unknown nonlinearity '(?P<given>\w{1,30})'\. Select from 'tanh' or 'relu'",
            r"Invalid (?:learning rate|momentum value|weight_decay value): (?P<rate>-?[\d.e-]{1,20})",
            r"(?P<corners>align_corners) option can only be set with the interpolating modes",
            r"(?P<neither>either) size or scale_factor should be defined",
            r"only one of size or scale_factor should be defined",
            r"(?P<proj>proj_size) has to be smaller than hidden_size",
        ),
        fixed(
            "This argument allows only a few values; the message names them.",
            Usual(
                "A number below 0",
                "lr, momentum and weight_decay are 0 or more.",
                "Write lr=0.01, without a minus.",
                _of_rate,
                only=True,
            ),
            Usual(
                "A word from another library",
                "Keras and SciPy use other names: 'full' padding is padding=kernel_size - 1.",
                "Use one of the values in the message, such as padding='same'.",
                lambda found: bool(found["given"]),
            ),
            Usual(
                "Neither size nor scale_factor was given",
                "Torch must know how large the output is.",
                "Give one of the two: F.interpolate(x, scale_factor=2), or F.interpolate(x, size=(64, 64)).",
                lambda found: bool(found["neither"]),
                only=True,
            ),
            Usual(
                "align_corners with the mode nearest",
                "It is only for linear, bilinear, bicubic and trilinear; the usual mode is nearest.",
                "Leave out align_corners, or write mode='bilinear' for images.",
                lambda found: bool(found["corners"]),
                only=True,
            ),
            Usual(
                "proj_size is not smaller than hidden_size",
                "An LSTM with proj_size makes its output narrower than its state.",
                "Leave out proj_size, or choose a smaller one.",
                lambda found: bool(found["proj"]),
                only=True,
            ),
            Usual(
                "Two arguments that exclude each other",
                "size and scale_factor do the same job.",
                "Leave out one of them: F.interpolate(x, scale_factor=2).",
                lambda found: found.message.startswith("only one of"),
                only=True,
            ),
            pieces={"given": "the value you gave", "rate": "the value you gave"},
            alone=True,
        ),
    ),
    "tuple-length": kind(
        "An argument with too many or too few numbers",
        "max_pool2d: kernel_size must either be a single int, or a tuple of two ints",
        (
            r"(?P<name>kernel_size|stride|padding|dilation) must (?:either )?be (?:omitted, )?(?:either )?a "
            r"single int, or a "
            r"tuple of (?P<axes>one|two|three) ints?",
            r"expected (?P<name>stride|padding|dilation) to be a single integer value or a list of \d values to "
            r"match the "
            r"convolution dimensions",
            r"pool\dd: (?P<name>output_size) must be \d",
        ),
        fixed(
            "{name} takes one number for all axes, or one for each axis of the maps.",
            Usual(
                "A tuple of the wrong length",
                "Images have two axes, sequences one, volumes three; channels and batch are not counted.",
                "Write {name}=2, or (2, 1) for height and width.",
            ),
            pieces={"name": "the argument"},
        ),
    ),
}
