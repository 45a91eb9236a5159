"""Names of torch that learners misspell, and which of them is nearest to a name that torch does not have."""

import inspect
import re
from collections.abc import Iterable
from difflib import get_close_matches

from layerscope.catalogue import TORCH_LAYERS

OTHER_LAYERS = (
    "Module", "Sequential", "ModuleList", "ModuleDict", "Parameter", "CrossEntropyLoss", "NLLLoss", "MSELoss", "L1Loss",
    "BCELoss", "BCEWithLogitsLoss", "SmoothL1Loss", "LSTM", "GRU", "RNN", "Embedding", "Softplus", "Hardtanh", "ReLU6",
    "MultiheadAttention", "Transformer", "TransformerEncoder", "TransformerEncoderLayer", "TransformerDecoder",
    "TransformerDecoderLayer", "ReflectionPad2d", "LazyLinear", "LazyConv2d", "LSTMCell", "GRUCell", "RNNCell",
    "EmbeddingBag", "Bilinear", "CTCLoss", "KLDivLoss", "HuberLoss", "functional", "init",
)  # fmt: skip
LAYERS = (*TORCH_LAYERS, *OTHER_LAYERS)
"""What torch.nn has: the catalogue's types first."""

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "relu": ("input", "inplace"),
    "leaky_relu": ("input", "negative_slope", "inplace"),
    "gelu": ("input", "approximate"),
    "silu": ("input", "inplace"),
    "elu": ("input", "alpha", "inplace"),
    "sigmoid": ("input",),
    "tanh": ("input",),
    "softmax": ("input", "dim", "dtype"),
    "log_softmax": ("input", "dim", "dtype"),
    "dropout": ("input", "p", "training", "inplace"),
    "max_pool2d": ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
    "max_pool1d": ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
    "avg_pool2d": ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
    "adaptive_avg_pool2d": ("input", "output_size"),
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "linear": ("input", "weight", "bias"),
    "interpolate": ("input", "size", "scale_factor", "mode", "align_corners"),
    "pad": ("input", "pad", "mode", "value"),
    "one_hot": ("tensor", "num_classes"),
    "cross_entropy": ("input", "target", "weight", "ignore_index", "reduction", "label_smoothing"),
    "nll_loss": ("input", "target", "weight", "ignore_index", "reduction"),
    "mse_loss": ("input", "target", "reduction", "weight"),
    "binary_cross_entropy": ("input", "target", "weight", "reduction"),
    "binary_cross_entropy_with_logits": ("input", "target", "weight", "reduction", "pos_weight"),
}
"""What torch.nn.functional has, with the arguments of each."""

OF_TORCH: dict[str, tuple[str, ...]] = {
    "flatten": ("input", "start_dim", "end_dim"),
    "cat": ("tensors", "dim"),
    "stack": ("tensors", "dim"),
    "argmax": ("input", "dim", "keepdim"),
    "sum": ("input", "dim", "keepdim"),
    "mean": ("input", "dim", "keepdim"),
    "squeeze": ("input", "dim"),
    "unsqueeze": ("input", "dim"),
}
OTHERS_OF_TORCH = ("tensor", "as_tensor", "from_numpy", "zeros", "ones", "rand", "randn", "randint", "arange",
                   "no_grad", "matmul", "reshape", "transpose", "permute", "save", "load", "device")  # fmt: skip
CLASSES: dict[str, tuple[str, ...]] = {
    "optim.SGD": ("params", "lr", "momentum", "dampening", "weight_decay", "nesterov"),
    "optim.Adam": ("params", "lr", "betas", "eps", "weight_decay", "amsgrad"),
    "optim.AdamW": ("params", "lr", "betas", "eps", "weight_decay", "amsgrad"),
    "optim.RMSprop": ("params", "lr", "alpha", "eps", "weight_decay", "momentum", "centered"),
    "DataLoader": ("dataset", "batch_size", "shuffle", "sampler", "num_workers", "collate_fn", "drop_last"),
}
SINCE: dict[str, dict[str, str]] = {
    "batch_first": {"TransformerEncoderLayer": "1.9", "TransformerDecoderLayer": "1.9", "Transformer": "1.9",
                    "MultiheadAttention": "1.9"},
    "norm_first": {"TransformerEncoderLayer": "1.11", "TransformerDecoderLayer": "1.11", "Transformer": "1.11"},
    "bias": {"TransformerEncoderLayer": "2.1", "TransformerDecoderLayer": "2.1", "Transformer": "2.1",
             "LayerNorm": "2.1"},
    "enable_nested_tensor": {"TransformerEncoder": "1.12"},
    "proj_size": {"LSTM": "1.8"},
    "label_smoothing": {"CrossEntropyLoss": "1.10", "cross_entropy": "1.10"},
    "padding_mode": {"Conv1d": "1.1", "Conv2d": "1.1", "Conv3d": "1.1"},
    "antialias": {"interpolate": "1.11"},
    "fused": {"Adam": "1.13", "AdamW": "1.13", "SGD": "2.1"},
    "maximize": {"SGD": "1.10", "Adam": "1.11", "AdamW": "1.11"},
    "foreach": {"SGD": "1.12", "Adam": "1.12", "AdamW": "1.12"},
    "prefetch_factor": {"DataLoader": "1.7"},
    "persistent_workers": {"DataLoader": "1.7"},
    "set_to_none": {"zero_grad": "1.7"},
    "is_causal": {"MultiheadAttention": "2.0", "forward": "2.0"},
    "average_attn_weights": {"MultiheadAttention": "1.11", "forward": "1.11"},
    "weights_only": {"load": "1.13", "Unpickler": "1.13"},
    "use_reentrant": {"checkpoint": "1.11"},
}  # fmt: skip
"""Arguments that came with a later torch: the classes and functions that have them, and since which version."""

METHODS = ("view", "reshape", "flatten", "squeeze", "unsqueeze", "permute", "transpose", "contiguous", "size", "shape",
           "dim", "numel", "item", "tolist", "numpy", "detach", "clone", "cpu", "cuda", "to", "float", "long", "half",
           "double", "int", "bool", "mean", "sum", "max", "min", "argmax", "softmax", "sigmoid", "tanh", "relu", "exp",
           "log", "backward", "grad", "requires_grad", "type", "dtype", "device", "expand", "repeat", "add", "mul",
           "view_as", "unflatten", "chunk", "split")  # fmt: skip
"""What a tensor has."""

MODULES: dict[str, tuple[str, tuple[str, ...]]] = {
    "torch.nn": ("nn", LAYERS),
    "torch.nn.functional": ("F", tuple(FUNCTIONS)),
    "torch.optim": ("optim", tuple(name.partition(".")[2] for name in CLASSES if name.startswith("optim."))),
    "torch": ("torch", (*OF_TORCH, *OTHERS_OF_TORCH)),
}
"""Modules by their full names: how they are written in code, and names in them."""

OTHER_WORDS = {
    "kernel": "kernel_size", "filter_size": "kernel_size", "ksize": "kernel_size", "filters": "out_channels",
    "learning_rate": "lr", "prob": "p", "rate": "p", "dropout": "p", "axis": "dim", "units": "out_features",
    "start": "start_dim", "end": "end_dim",
}  # fmt: skip
"""What other libraries call torch's arguments."""
CLOSE = 0.6


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant: another word for it, the same without capitals and underscores, or close."""
    names = tuple(names)
    if OTHER_WORDS.get(name) in names:
        return OTHER_WORDS[name]
    same = next((other for other in names if _plain(other) == _plain(name)), None)
    close = same or next(iter(get_close_matches(name, names, 1, CLOSE)), None)
    return close if close != name else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def called(owner: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What "Conv2d.__init__" or "relu" is in code, all its arguments, and those without a default; "" where it is
    not a name of torch. _MaxPoolNd stands for MaxPool2d."""
    name = owner.partition(".")[0].lstrip("_")
    if not owner.endswith("__init__"):
        name = "" if "." in owner else name
        if name in FUNCTIONS:
            return f"F.{name}", FUNCTIONS[name], ()
        return (f"torch.{name}", OF_TORCH[name], ()) if name in OF_TORCH else ("", (), ())
    for plain in (re.sub(r"Nd$", "2d", name), re.sub(r"Nd$", "", name)):
        if plain in TORCH_LAYERS:
            signature = inspect.signature(TORCH_LAYERS[plain].torch_class).parameters
            return f"nn.{plain}", tuple(signature), tuple(n for n, p in signature.items() if p.default is p.empty)
        if plain in OTHER_LAYERS:
            return f"nn.{plain}", (), ()
    known = next((long for long in CLASSES if long.rpartition(".")[2] == name), "")
    return known, CLASSES.get(known, ()), CLASSES.get(known, ())[:1]


def since(name: str, owner: str) -> str:
    """The version of torch in which `owner`, such as "Conv2d.__init__", got the argument `name`; "" where it is not
    known. nn.Module's own layers of any kind take device and dtype since 1.9."""
    short = owner.removesuffix(".__init__").rpartition(".")[2]
    return "1.9" if name in ("device", "dtype") and short in LAYERS else SINCE.get(name, {}).get(short, "")


def of_line(line: str, argument: str) -> str:
    """The class of torch that a line of code makes, as "TransformerEncoderLayer.__init__"; of several the one that has
    got `argument` since; "" where there is none."""
    made = re.findall(r"\b(?:nn|optim)\.([A-Z]\w{1,40})\(", line)
    made += [name for name in re.findall(r"\b([A-Z]\w{1,40})\(", line) if name in LAYERS]
    owners = [f"{name}.__init__" for name in dict.fromkeys(made)]
    return next((owner for owner in owners if since(argument, owner)), owners[0] if len(owners) == 1 else "")
