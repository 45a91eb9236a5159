"""Options of losses and layers with a value that torch does not offer."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, word

KINDS: dict[str, Kind] = {
    "smoothing": kind(
        "A label_smoothing outside of 0 to 1",
        "label_smoothing must be between 0.0 and 1.0. Got: 2",
        (r"label_smoothing must be between 0\.0 and 1\.0\. ?Got: (?P<value>[\d.e+-]{1,20})",),
        fixed(
            "label_smoothing is {value}; it is the share of the label that is spread over all classes, so 0 to 1.",
            Usual(
                "A percentage",
                "10 percent is 0.1.",
                "Write nn.CrossEntropyLoss(label_smoothing=0.1).",
            ),
            pieces={"value": "what was given"},
        ),
    ),
    "reduction": kind(
        "A reduction that PyTorch does not have",
        "average is not a valid value for reduction",
        (rf"{first_word('value')} is not a valid value for reduction",),
        fixed(
            "reduction='{value}' does not exist: it is 'mean', 'sum' or 'none'.",
            Usual(
                "Another library's word",
                "What others call average or elementwise_mean is 'mean' here.",
                "Write nn.NLLLoss(reduction='mean').",
            ),
            pieces={"value": "what was given"},
        ),
    ),
    "loss-width": kind(
        "A delta or beta that is negative",
        "huber_loss does not support non-positive values for delta.",
        (
            r"(?P<loss>huber_loss) does not support non-positive values for (?P<name>delta)",
            r"(?P<loss>smooth_l1_loss) does not support negative values for (?P<name>beta)",
        ),
        fixed(
            "{name} of {loss} is the error at which the curve turns into a straight line, so it is positive.",
            Usual(
                "Another argument was meant",
                "{name} may have been taken for a weight of the loss.",
                "Leave it at its default: nn.HuberLoss(delta=1.0) or nn.SmoothL1Loss(beta=1.0).",
            ),
            pieces={"name": "the argument", "loss": "the loss"},
        ),
    ),
    "activation-name": kind(
        "An activation that a Transformer layer does not know by name",
        "activation should be relu/gelu, not swish",
        (rf"activation should be relu/gelu, not {word('given')}",),
        fixed(
            "A Transformer layer knows only 'relu' and 'gelu' by name, not '{given}'.",
            Usual(
                "Hand over the function itself",
                "Any other function may be given as such.",
                "Write nn.TransformerEncoderLayer(8, 2, activation=F.silu).",
            ),
            pieces={"given": "the name"},
        ),
    ),
    "padding-mode": kind(
        "A padding mode that PyTorch does not have",
        "Unrecognised padding mode reflectt",
        (rf"Unrecogni[sz]ed padding mode {word('given')}",),
        fixed(
            "F.pad has no mode '{given}': it is constant, reflect, replicate or circular.",
            Usual(
                "A word of another library",
                "What NumPy calls edge is 'replicate', and what it calls wrap is 'circular'.",
                "Write F.pad(x, (1, 1), mode='replicate').",
            ),
            pieces={"given": "the mode"},
        ),
    ),
    "class-out": kind(
        "A class number that the loss has no output for",
        "target out of range",
        (r"\btarget out of range\b",),
        fixed(
            "A label is negative, or as large as the number of outputs; classes count from 0.",
            Usual(
                "Classes that begin at 1",
                "For ten classes the labels are 0 to 9.",
                "Write loss(out, labels - 1).",
            ),
            Usual(
                "Too few outputs",
                "The last layer needs one output per class.",
                "Print labels.max(); out_features must be larger.",
            ),
        ),
    ),
    "map-size-zero": kind(
        "Maps resized to nothing",
        "Input and output sizes should be greater than 0, but got input (H: 4, W: 4) output (H: 0, W: 0)",
        (r"Input and output sizes should be greater than 0, but got input \([\w:, ]{1,60}\) output \([\w:, ]{1,60}\)",),
        fixed(
            "Maps cannot be resized to, or from, a size of 0.",
            Usual(
                "A size that was rounded down",
                "size // 8 is 0 for maps of fewer than 8 cells, and so is a small scale_factor.",
                "Write F.interpolate(x, size=max(1, size // 8)).",
            ),
            Usual(
                "The maps were already empty",
                "Too many strides before this layer leave nothing.",
                "Print x.shape before this line.",
            ),
        ),
    ),
    "fold-channels": kind(
        "Columns that fold cannot put back",
        "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=3 "
        "and kernel_size=(2, 2).",
        (
            r"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            rf"input\.size\(1\)={number('there')} and kernel_size=\((?P<kernel>[\d, ]{{1,20}})\)",
        ),
        fixed(
            "fold reads the values of one window from axis 1: {there} do not make whole windows of ({kernel}).",
            Usual(
                "The axes are in another order",
                "fold takes (N, channels · window, windows), which is what unfold gives.",
                "Put the windows last: F.fold(x.transpose(1, 2), (4, 4), 2, stride=2).",
            ),
            pieces={"there": "values on axis 1", "kernel": "kernel_size"},
        ),
    ),
    "unpool-places": kind(
        "Places for unpooling that are not whole numbers",
        "elements in indices should be type int64 but got: Float",
        (rf"elements in indices should be type int64 but got: {word('got')}",),
        fixed(
            "Unpooling needs the places that the pooling found, whole numbers; these are of the type {got}.",
            Usual(
                "Another tensor was given",
                "With return_indices=True a pooling gives two tensors: the values, then the places.",
                "Write x, places = F.max_pool2d(x, 2, return_indices=True), then F.max_unpool2d(x, places, 2).",
            ),
            pieces={"got": "their type"},
        ),
    ),
}
