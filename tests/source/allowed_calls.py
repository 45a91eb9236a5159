"""Sensible arguments for each function of torch that may be asked: `tests.source.test_allowed_functions` runs them.

A call is written with the names of `INPUTS` and `MADE`. A function that gets none of them here fails a test.
"""

import re
from collections.abc import Iterator

INPUTS: dict[str, tuple[int, ...]] = {
    "x": (4, 6), "y": (4, 6), "left": (4, 5), "right": (5, 6), "vectors": (4, 3), "line": (6,), "other_line": (6,),
    "image": (4, 6, 8), "volume": (4, 4, 6, 8), "columns": (16, 15), "one": (1, 6), "heads": (2, 4, 6),
    "grid": (5, 7, 2), "theta": (2, 3), "ids": (7,),
}  # fmt: skip
"""Tensors that depend on the input, by the sizes of one sample; `ids` are indices."""
MADE = {
    "mask": "x > 0.5", "other_mask": "y > 0.5", "places": "(x * 3).long()", "weight": "torch.ones(4)",
    "row": "torch.arange(6)",
}  # fmt: skip
"""Other tensors, and what each is made of."""

SHOWN = 3
"""Samples in the example call."""
START = "x[:, :1, :1]"
"""What a tensor of numbers alone is multiplied by, so that it leaves the network."""

_OF_EACH_VALUE = (
    "abs absolute acos acosh asin asinh atan atanh bernoulli ceil cos cosh deg2rad erf erfc erfinv exp exp2 expm1 "
    "floor frac lgamma log log10 log1p log2 logical_not nan_to_num neg negative positive rad2deg reciprocal round "
    "rsqrt sgn sign sin sinc sinh sqrt square tan trunc isfinite isinf isnan"
)
_OF_TWO = (
    "add atan2 div divide eq floor_divide fmod ge gt heaviside hypot le logaddexp logical_and logical_or logical_xor "
    "lt maximum minimum mul multiply ne pow remainder sub subtract true_divide xlogy"
)
_ALONG = (
    "amax amin aminmax argsort cummax cummin cumprod cumsum diff flip log_softmax logcumsumexp logsumexp max mean "
    "median min nanmean nansum norm prod softmax sort std sum unbind unsqueeze var all any argmax argmin squeeze"
)

_BOTH = f"""
x : {_OF_EACH_VALUE}
x, y : {_OF_TWO}
x, line.unsqueeze(1) : add div eq mul sub maximum minimum
x, 2 : add div eq floor_divide fmod ge gt le lt mul multiply ne pow remainder sub subtract true_divide
x, dim=1 : {_ALONG.replace("aminmax ", "").replace("flip ", "").replace("unsqueeze ", "")}
x, dim=-1 : {_ALONG.replace("flip ", "")}
x, dim=2, keepdim=True : amax amin aminmax logsumexp max mean median min nanmean nansum norm prod std sum var
x, dim=2, keepdim=True : all any argmax argmin
x, dim=(1, 2) : amax amin logsumexp mean nanmean nansum norm std sum var all any squeeze
x : aminmax all any argmax argmin max mean median min nanmean nansum norm prod squeeze std sum var
mask : bitwise_not
mask, other_mask : bitwise_and bitwise_or
x, y, y : addcdiv addcmul
x, left, right : baddbmm addbmm
x, y.transpose(1, 2) : bmm matmul
x, torch.ones(6, 5) : matmul
torch.zeros(5), line, torch.ones(6, 5) : addmm
line, torch.ones(6, 5) : mm matmul
line, torch.ones(6) : mv matmul
torch.ones(6), torch.ones(6) : dot
line.select(1, 0), torch.ones(5) : outer ger
vectors, vectors, dim=2 : cross
x, (2, 4, 6) : broadcast_to
x, (x.shape[0], 4, 6) : broadcast_to
x, 2, 1 : chunk tensor_split split
x, [1, 3], 1 : split
x, (1, 3), 1 : tensor_split
x, 0.2, 0.8 : clamp clip
x, 0.2 : clamp_max clamp_min
x, min=0 : clamp clip
x.select(1, 0).select(1, 0) : diag
torch.ones(5) : diag diag_embed
x : diag_embed
x, 0, 1, 2 : diagonal
image, 2 : dsplit hsplit
image, (1, 4) : dsplit vsplit
x, 1 : flatten
x, 1, 2 : flatten
x, -2, -1 : flatten
x, (1,) : flip
x, [1, 2] : flip
x : fliplr flipud
x, 1, places % 4 : gather
x, 1, torch.tensor([0, 2]), y[:, :2] : index_add index_copy
x, 1, torch.tensor([0, 2]), 3.0 : index_fill
x, 2, torch.tensor([0, 2, 2]) : index_select
x, 2, torch.tensor([0, 2, 2, 5, 1]) : index_select
x, 2, 1 : kthvalue
x, 2, 2 : kthvalue
x, y, 0.5 : lerp
mask, other_mask : logical_and logical_or logical_xor
x, mask, 0.0 : masked_fill
x, 1, 2 : moveaxis movedim swapaxes swapdims transpose
x, -1, -2 : moveaxis movedim swapaxes swapdims transpose
x, (1, 2), (2, 1) : moveaxis movedim
x, 2, 1, 3 : narrow
x, (0, 2, 1) : permute
image, (0, 2, 3, 1) : permute
x, 0.5, 2 : quantile
x, 2, 1, 1.0 : renorm
x, 2, 2 : repeat_interleave
x, 2, dim=1 : repeat_interleave
x, (-1, 24) : reshape
x, (x.shape[0], 3, 8) : reshape
x, (x.size(0), -1) : reshape
x, 1, 2 : roll
x, (1, 2), (1, 2) : roll
x, 1, (1, 2) : rot90
image, 1, [2, 3] : rot90
x, 1, places % 4, y : scatter scatter_add
x, 1, 2 : select
x, -1, 0 : select
one, 1 : squeeze
x, 2 : unsqueeze unbind split
x, 1 : unsqueeze unbind
torch.ones(5, 6) : t
x, places % 4, 1 : take_along_dim
line, (1, 2) : tile
x, (1, 1, 2) : tile
x, 2, 1 : topk
x, 3 : topk
x, 3, 2 : topk
x : tril triu
x, 1 : tril triu
x, 2, (3, 2) : unflatten
x, 1, (2, -1) : unflatten
"""
"""Arguments, then the functions of torch that are tensors' methods as well."""

_METHODS = """
torch.ones(5, 6) : T mT
x : mT
one, x.size(0), 4, 6 : expand
one, -1, 3, 6 : expand
one, (-1, 3, 6) : expand
one, x : expand_as
x, 1, 2, 1 : repeat
x, 2, 1, 1 : repeat
x, image.flatten(1)[:, :24].unsqueeze(1) : reshape_as view_as
x, y.transpose(1, 2) : reshape_as view_as
x, -1, 24 : view reshape
x, x.shape[0], 3, 8 : view reshape
x, x.size(0), -1 : view reshape
x, -1, 6 : view reshape
x, 2, 3, 1 : unfold
x, 1, 2, 2 : unfold
mask, x, y : where
image, 0, 2, 3, 1 : permute
x, y, line.unsqueeze(1) : addcmul
"""

_TORCH = """
x, 3 : adaptive_avg_pool1d
6 : arange empty eye hann_window ones rand randn randperm zeros
0, 6 : arange
0, 6, 2 : arange range
x : atleast_1d atleast_2d atleast_3d empty_like ones_like rand_like randn_like zeros_like
torch.ones(2, 3), torch.zeros(3, 2) : block_diag
x, one : broadcast_tensors
(x, y), 1 : cat concat concatenate
[x, y], dim=2 : cat concat concatenate stack
[x, y], dim=1 : stack cat
[x, image.flatten(2)], 1 : cat
(line, line) : column_stack
(x, y) : dstack hstack
(x, torch.ones(1, 4, 6)) : vstack row_stack
x, y : cdist cosine_similarity pairwise_distance
x, y, dim=2 : cosine_similarity
"ncl,ncm->nlm", x, y : einsum
"ncl,ld->ncd", x, torch.ones(6, 5) : einsum
(2, 6), 0.5 : full
x, 0.5 : full_like
0, 1, 6 : linspace logspace
torch.arange(4), torch.arange(6) : meshgrid
0.0, 1.0, (4, 6) : normal
image, 2 : pixel_shuffle pixel_unshuffle channel_shuffle
x, y : polar
4, (4, 6) : randint
x, 4 : randint_like
x, dim=1 : std_mean var_mean
x, torch.ones(6, 5), 1 : tensordot
x, torch.ones(4, 6, 5), 2 : tensordot
4, 6 : tril_indices triu_indices
torch.ones(5) : vander
x, torch.ones(8, 4, 3) : conv1d
x, torch.ones(8, 4, 3), torch.ones(8), 1, 1 : conv1d
image, torch.ones(8, 4, 3, 3) : conv2d
image, torch.ones(8, 4, 3, 3), None, 2, 1 : conv2d
volume, torch.ones(8, 4, 3, 3, 3) : conv3d
x, torch.ones(4, 8, 3) : conv_transpose1d
image, torch.ones(4, 8, 3, 3), None, 2 : conv_transpose2d
volume, torch.ones(4, 8, 3, 3, 3) : conv_transpose3d
x, (6,) : layer_norm rms_norm
x, (4, 6) : layer_norm rms_norm
torch.ones(2, 3), torch.ones(3, 2) : kron
2.0 : scalar_tensor
line, other_line, torch.ones(5, 6, 6) : bilinear
mask, x, y : where
mask, x, torch.zeros(1) : where
"""

_LINALG = """
x, dim=1 : norm vector_norm
x, 2, 1 : norm vector_norm
x, dim=(1, 2) : norm vector_norm
vectors, vectors : cross
x : diagonal
x, torch.ones(6, 5) : matmul
x, y : vecdot
"""

_FUNCTIONAL = """
x : alpha_dropout celu dropout elu feature_alpha_dropout gelu gumbel_softmax hardshrink
x : hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish
x : relu relu6 rrelu selu sigmoid silu softplus softshrink softsign tanh tanhshrink
x, 3 : adaptive_avg_pool1d adaptive_max_pool1d
image, 3 : adaptive_avg_pool2d adaptive_max_pool2d
image, (3, None) : adaptive_avg_pool2d
volume, 2 : adaptive_avg_pool3d adaptive_max_pool3d
theta, (x.size(0), 4, 5, 7) : affine_grid
x, 2 : avg_pool1d max_pool1d
x, 3, 1, 1 : avg_pool1d max_pool1d
x, (x.size(1), 1) : avg_pool2d max_pool2d
image, 2 : avg_pool2d max_pool2d
image, (3, 2), 2, 1 : avg_pool2d max_pool2d
volume, 2 : avg_pool3d max_pool3d
x, places, 2 : max_unpool1d
image, (image * 9).long(), 2 : max_unpool2d
volume, (volume * 9).long(), 2 : max_unpool3d
x, torch.zeros(4), torch.ones(4) : batch_norm instance_norm
image : instance_norm
line, other_line, torch.ones(5, 6, 6) : bilinear
image, 2 : channel_shuffle pixel_shuffle pixel_unshuffle
x, torch.ones(8, 4, 3) : conv1d
image, torch.ones(8, 4, 3, 3), None, 2, 1 : conv2d
image, torch.ones(8, 2, 3, 3), torch.ones(8), 1, 1, 1, 2 : conv2d
volume, torch.ones(8, 4, 3, 3, 3) : conv3d
x, torch.ones(4, 8, 3) : conv_transpose1d
image, torch.ones(4, 8, 3, 3), None, 2, 1, 1 : conv_transpose2d
volume, torch.ones(4, 8, 3, 3, 3) : conv_transpose3d
x, y : cosine_similarity pairwise_distance
x, y, dim=2 : cosine_similarity
x, 0.5 : dropout dropout1d hardshrink softshrink
image, 0.5 : dropout2d
volume, 0.5 : dropout3d
ids.long(), torch.ones(10, 5) : embedding
columns, (4, 6), 2 : fold
image, 3 : unfold
image, 3, 2, 1, 2 : unfold
x, 1 : glu softmax log_softmax softmin
x, dim=-1 : glu softmax log_softmax softmin gumbel_softmax normalize
image, grid : grid_sample
x, 2 : group_norm
x, 2, weight, weight : group_norm
image, scale_factor=2 : interpolate upsample
image, (12, 7) : interpolate upsample
x, 9 : interpolate upsample
image, 12, mode="bilinear" : interpolate
image, scale_factor=2 : upsample_bilinear upsample_nearest
x, (6,) : layer_norm rms_norm
x, (4, 6), torch.ones(4, 6) : layer_norm rms_norm
x, torch.ones(5, 6) : linear
x, torch.ones(5, 6), torch.ones(5) : linear
image, 2 : local_response_norm
x, 2.0, 3 : lp_pool1d
image, 2.0, 3 : lp_pool2d
x : normalize
x, 2.0, 1 : normalize
places, 4 : one_hot
x, (1, 2) : pad
x, (1, 2, 0, 1) : pad
image, (1, 1, 2, 2) : pad
image, (1, 1, 2, 2), "reflect" : pad
x, weight : prelu
heads, heads, heads : scaled_dot_product_attention
x, y, y : scaled_dot_product_attention
x, 0.1, 20.0 : threshold
"""

_TABLES = {"x": (_BOTH, _METHODS), "torch": (_BOTH, _TORCH), "F": (_FUNCTIONAL,), "linalg": (_LINALG,)}
_NAMES = re.compile(r"(?<![\w.\"])[a-z_]+\b(?![(=])")


def calls(space: str) -> Iterator[tuple[str, str]]:
    """Each function of a key of `allowed.OF` that has arguments here, and a call of it."""
    for table in _TABLES[space]:
        for line in filter(None, table.splitlines()):
            given, _, names = line.partition(" : ")
            for name in names.split():
                call = written(space, name, given)
                yield name, call if inputs(call) else f"{START} * {call}{'[0]' if name == 'meshgrid' else ''}"


def written(space: str, name: str, given: str) -> str:
    """The call as code: x.add(y), torch.add(x, y)."""
    if space != "x":
        return f"{'torch.linalg' if space == 'linalg' else space}.{name}({given})"
    of, _, rest = given.partition(", ")
    return f"{of}.{name}" if name in ("T", "mT") else f"{of}.{name}({rest})"


def inputs(call: str) -> list[str]:
    """The inputs that a call needs, in the order of the table."""
    used = set(_NAMES.findall(call))
    used |= {name for made in used & MADE.keys() for name in _NAMES.findall(MADE[made])}
    return [name for name in INPUTS if name in used]


def source(call: str) -> str:
    """A network whose forward() is that call on inputs that went through a layer, which leaves them as they are."""
    taken = inputs(call)
    made = [name for name in MADE if name in _NAMES.findall(call)]
    lines = [f"        {name} = torch.abs({name})" for name in taken if name != "ids"] + [
        f"        {name} = {MADE[name]}" for name in made
    ]
    given = ", ".join(
        f"torch.randint(4, {(SHOWN, *INPUTS[name])})" if name == "ids" else f"torch.rand({SHOWN}, *{INPUTS[name]})"
        for name in taken
    )
    return "\n".join(
        [
            "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\nclass Net(nn.Module):",
            f"    def forward(self, {', '.join(taken)}):", *lines, f"        return {call}\n\n\nNet()({given})\n",
        ]
    )  # fmt: skip
