"""Pastes that call one function of torch with what nobody would give it: extreme numbers, wrong kinds, odd ranks."""

from random import Random

from layerscope.source.torch import allowed

NUMBERS = (
    "0", "1", "2", "3", "-1", "-2", "-9", "7", "8", "17", "64", "255", "1024", "4096", "65535", "65536", "65537",
    "131074", "2**24", "2**31 - 1", "2**31", "2**62", "2**63", "2**64", "-2**63", "10**30", "65536 * 65536", "0.0",
    "1.5", "-0.5", "1e-300", "1e38", "1e300", "float('inf')", "-float('inf')", "float('nan')",
)  # fmt: skip
WORDS = (
    "''", "'sum'", "'mean'", "'same'", "'bicubic'", "'trilinear'", "'reflect'", "'constant'", "'floor'", "'fro'",
    "'nuc'", "'ij'", "'cuda'", "'float32'", "'bcl,bcl->bc'", "'...a,...b->ab'", "'a' * 200", "'a' * 201", "'\\ud800'",
    "'\\x00'", "'{:>99999}'", "b'x'", "'bchw->bwhc'", "'ii->i'", "'abcdefghijklmnop,abcdefghijklmnop->'",
)  # fmt: skip
OTHERS = (
    "None", "True", "False", "...", "torch.float64", "torch.int64", "torch.bool", "torch.complex64", "torch.strided",
    "torch.sparse_coo", "torch.uint8", "len", "print", "nn.ReLU()", "nn.Linear", "lambda a: a", "self", "{}",
    "{'a': 1}", "{1, 2}", "1j", "object()", "torch", "slice(None)", "slice(2**40, None, 2)", "range(64)",
    "range(10**18)",
    "x.size()", "x.shape[0]", "x.size(0) * 65536", "x.shape[-1] ** 9", "x.numel()", "x.numel() ** 2", "unknown",
    "torch.Generator()", "torch.device('cuda')", "open", "iter([1])",
)  # fmt: skip
TENSORS = (
    "x", "y", "w", "x[0]", "x.long()", "x > 0", "x.double()", "x.half()", "torch.tensor([0, 1])", "torch.tensor(2)",
    "torch.tensor(65536)", "torch.tensor([65536] * 60)", "torch.tensor([])", "torch.tensor([True, False])",
    "torch.tensor([1.5, float('inf'), float('nan')])", "torch.arange(4096)", "torch.arange(65536)", "torch.eye(64)",
    "torch.zeros(65536, 65536)", "torch.ones(1, 1, 1, 1, 1, 1, 1, 1)", "torch.full((64, 64), -1)",
    "torch.full((4096,), 65536)", "torch.zeros(0)", "x.unsqueeze(0).unsqueeze(0)", "torch.randn(4, 5, 0, 6)",
    "torch.zeros(65536, 65536).expand(65536, 65536, 65536)", "torch.tensor([-1])", "torch.tensor([2**40, -2**40])",
)  # fmt: skip
NAMES = (
    "dim", "axis", "size", "shape", "out", "dtype", "device", "generator", "keepdim", "kernel_size", "stride",
    "padding", "dilation", "groups", "output_size", "scale_factor", "mode", "value", "dims", "k", "n", "p",
    "repeats",
    "output_padding", "ceil_mode", "normalized_shape", "bias", "weight", "eps", "upscale_factor", "num_classes",
    "sections", "start", "end", "step", "steps", "input", "other", "min", "max", "alpha", "beta", "memory_format",
    "layout", "pin_memory", "requires_grad", "correction", "unbiased", "sorted", "stable", "descending", "hidden_size",
    "pad", "align_corners", "antialias", "is_causal", "attn_mask", "tensors", "equation", "nonsense", "self",
    "return_indices", "indices_or_sections", "fill_value", "window_length", "offset", "dim1", "dim2",
)  # fmt: skip
SHAPES = (
    "1, 3, 8, 8", "2, 16, 5", "1, 1, 1, 1, 1, 1, 1, 1", "4, 8", "1", "", "1, 3, 4, 4, 4", "1, 65536, 1, 1",
    "1, 3, 4096, 4096", "1, 65536, 65536", "3, 3, 3, 3, 3, 3, 3", "1, 64, 64, 64, 64", "7, 2, 0, 3", "1, 512, 7, 7",
    "1, 2, 3, 4, 5, 6, 7, 8, 9", "2, 1, 65536", "65537, 3, 8, 8", "1, 65537",
)  # fmt: skip
HOMES = ("x", "torch", "F", "w", "constant")
PLAIN = sorted(allowed.METHODS)
ALL = {"x": PLAIN, "w": PLAIN, "constant": PLAIN, "torch": sorted(allowed.FUNCTIONS), "F": sorted(allowed.FUNCTIONAL)}
OUTSIDE = (
    "load", "save", "compile", "vmap", "set_", "apply_", "map_", "as_strided", "from_numpy", "frombuffer", "numpy",
    "register_hook", "storage", "untyped_storage", "data_ptr", "share_memory_", "index_put_", "set_default_device",
    "manual_seed", "svd", "inverse", "nonzero", "unique", "masked_select", "bincount", "histc", "sparse_mask",
    "to_sparse", "backward", "grad", "resize_", "__reduce__", "__class__", "__dict__", "__subclasses__", "item",
    "tolist", "cuda", "to", "type", "new", "new_zeros", "new_full", "new_tensor", "copy_", "fill_", "zero_",
    "combinations", "cartesian_prod", "stft", "istft", "bernoulli_", "random_", "multinomial", "tensor",
    "as_tensor", "asarray",
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "<<", "<", "==", "is", "in")


def call(rng: Random) -> str:
    """A paste whose forward() is one call."""
    home = rng.choice(HOMES)
    name = rng.choice(ALL[home] if rng.random() < 0.9 else OUTSIDE)
    return paste(rng.choice(SHAPES), expression(rng, home, name))


def every_function(number: int) -> str:
    """The same with the functions one after the other, whatever chance says."""
    rng = Random(number)
    home, name = EVERY[number % len(EVERY)]
    return paste(rng.choice(SHAPES), expression(rng, home, name))


EVERY = [(home, name) for home, names in ALL.items() for name in names]


def paste(shape: str, body: str) -> str:
    """A network whose forward() is this expression, with an example call."""
    return (
        "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.w = nn.Parameter(torch.zeros(3, 8, 8))\n"
        "    def forward(self, x):\n        w, y, constant = self.w, torch.relu(x), torch.arange(64.)\n"
        f"        return {body}\nNet()(torch.randn({shape}))\n"
    )


def expression(rng: Random, home: str, name: str) -> str:
    """One call, or an operator with one side that is no tensor."""
    if rng.random() < 0.05:
        return f"x {rng.choice(OPERATORS)} {argument(rng)}" if rng.random() < 0.5 else f"x[{argument(rng)}]"
    given = [argument(rng) for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 5)))]
    if home in ("torch", "F"):
        given.insert(0, rng.choice(("x", "x", "x", "y", "[x, y]", "(x,) * 65", "[[x], [y]]", argument(rng))))
    given += [f"{rng.choice(NAMES)}={argument(rng)}" for _ in range(rng.choice((0, 0, 0, 1, 1, 2)))]
    return f"{home}.{name}({', '.join(given)})" if name not in ("T", "mT") else f"{home}.{name}"


def argument(rng: Random, depth: int = 2) -> str:
    """A number mostly; a word, a tensor, something else; a row of such."""
    chance = rng.random()
    if depth and chance < 0.2:
        parts = [argument(rng, depth - 1) for _ in range(rng.choice((0, 1, 2, 2, 3, 4, 6, 8, 9)))]
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})" if rng.random() < 0.5 else f"[{', '.join(parts)}]"
    if depth and chance < 0.24:
        return f"({rng.choice(NUMBERS)},) * {rng.choice((8, 16, 64, 65, 10**9))}"
    if chance < 0.65:
        return rng.choice(NUMBERS)
    return rng.choice(TENSORS if chance < 0.82 else OTHERS if chance < 0.92 else WORDS)
