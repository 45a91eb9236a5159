"""What FractionalMaxPool says of its output size."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number

KINDS: dict[str, Kind] = {
    "fractional-size": kind(
        "A FractionalMaxPool without one output size",
        "FractionalMaxPool2d requires specifying either an output size, or a pooling ratio",
        (
            r"FractionalMaxPool[23]d requires specifying either an output size, or a pooling ratio",
            r"fractional_max_pool[23]d requires specifying either an output_size or an output_ratio",
            r"(?P<both>only one of output_size and output_ratio may be specified)",
            r"output_ratio must be between 0 and 1 \(got \(?(?P<ratio>[\d., -]{1,40})\)?\)",
        ),
        fixed(
            "FractionalMaxPool is told either output_size in cells, or output_ratio, a part of the input's size "
            "between 0 and 1.",
            Usual(
                "Both are given",
                "They would say the same thing twice.",
                "Leave one out: nn.FractionalMaxPool2d(2, output_ratio=0.5).",
                lambda found: bool(found["both"]),
                only=True,
            ),
            Usual(
                "A ratio that is not a part",
                "0.5 halves the maps; pooling never makes them larger.",
                "Write output_ratio=0.5, or output_size=(14, 14) in cells.",
                lambda found: bool(found["ratio"]),
                only=True,
            ),
            Usual(
                "Neither is given",
                "The kernel_size alone does not say how large the output is.",
                "Write nn.FractionalMaxPool2d(2, output_size=14).",
                lambda found: not found["both"] and not found["ratio"],
                only=True,
            ),
            pieces={"ratio": "the ratio"},
            alone=True,
        ),
    ),
    "fractional-window": kind(
        "A window that does not fit the map",
        "fractional_max_pool2d(): pool height 3 too large relative to input height 8",
        (
            rf"fractional_max_pool[23]d(?:_\w{{1,20}})?\(\): pool (?:height|width|time) {number('window')} too "
            rf"large relative "
            rf"to input (?:height|width|time) {number('size')}",
        ),
        fixed(
            "output_size plus kernel_size must not be larger than the map plus 1: the map has {size} cells here.",
            Usual(
                "output_size is nearly the input's size",
                "Each window of {window} cells starts at another place, and the last must still fit.",
                "Use a smaller output_size or kernel_size, or output_ratio=0.5.",
            ),
            pieces={"window": "the kernel_size", "size": "the map's size"},
        ),
    ),
}
