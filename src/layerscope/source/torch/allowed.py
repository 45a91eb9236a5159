"""Which functions of torch may be asked what they give. Nothing else is ever called.

A function is here if all that it does is work on tensors: it loads, saves, compiles and registers nothing, calls
nothing that it is given, and looks at no memory that is not its own. Asked on the meta device it does
no arithmetic either.
"""

METHODS = frozenset({
    "T", "abs", "absolute", "acos", "acosh", "add", "addbmm", "addcdiv", "addcmul", "addmm", "all", "amax",
    "amin", "aminmax", "any", "argmax", "argmin", "argsort", "asin", "asinh", "atan", "atan2", "atanh",
    "baddbmm", "bernoulli", "bitwise_and", "bitwise_not", "bitwise_or", "bmm", "broadcast_to", "ceil", "chunk",
    "clamp", "clamp_max", "clamp_min", "clip", "cos", "cosh", "cross", "cummax", "cummin", "cumprod", "cumsum",
    "deg2rad", "diag", "diag_embed", "diagonal", "diff", "div", "divide", "dot", "dsplit", "eq", "erf", "erfc",
    "erfinv", "exp", "exp2", "expand", "expand_as", "expm1", "flatten", "flip", "fliplr",
    "flipud", "floor", "floor_divide", "fmod", "frac", "gather", "ge", "ger", "gt", "heaviside", "hsplit",
    "hypot", "index_add", "index_copy", "index_fill", "index_select", "isfinite", "isinf", "isnan", "kthvalue",
    "le", "lerp", "lgamma", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp", "logcumsumexp",
    "logical_and", "logical_not", "logical_or", "logical_xor", "logsumexp", "lt", "mT", "masked_fill", "matmul",
    "max", "maximum", "mean", "median", "min", "minimum", "mm", "moveaxis", "movedim", "mul", "multiply", "mv",
    "nan_to_num", "nanmean", "nansum", "narrow", "ne", "neg", "negative", "norm", "outer", "permute",
    "positive", "pow", "prod", "quantile", "rad2deg", "reciprocal", "remainder", "renorm", "repeat",
    "repeat_interleave", "reshape", "reshape_as", "roll", "rot90", "round", "rsqrt", "scatter", "scatter_add",
    "select", "sgn", "sign", "sin", "sinc", "sinh", "softmax", "sort", "split", "sqrt", "square", "squeeze",
    "std", "sub", "subtract", "sum", "swapaxes", "swapdims", "t", "take_along_dim", "tan", "tensor_split",
    "tile", "topk", "transpose", "tril", "triu", "true_divide", "trunc", "unbind", "unflatten", "unfold",
    "unsqueeze", "var", "view", "view_as", "vsplit", "where", "xlogy",
})  # fmt: skip
"""Methods of a tensor; torch has nearly all of them as functions too."""

FUNCTIONS = METHODS - {
    "T", "mT", "expand", "expand_as", "repeat", "view", "view_as", "reshape_as", "unfold",
} | frozenset({
    "adaptive_avg_pool1d", "arange", "atleast_1d", "atleast_2d", "atleast_3d", "block_diag",
    "broadcast_tensors", "cat", "cdist", "column_stack", "concat", "concatenate", "cosine_similarity", "dstack",
    "einsum", "empty", "empty_like", "eye", "full", "full_like", "hann_window", "hstack", "linspace",
    "logspace", "meshgrid", "norm", "normal", "ones", "ones_like", "outer", "pairwise_distance",
    "pixel_shuffle", "pixel_unshuffle", "polar", "rand", "rand_like", "randint", "randint_like", "randn",
    "randn_like", "randperm", "range", "row_stack", "stack", "std_mean", "tensordot", "tril_indices",
    "triu_indices", "vander", "var_mean", "vstack", "zeros", "zeros_like", "channel_shuffle", "conv1d",
    "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "layer_norm", "rms_norm",
    "kron", "scalar_tensor", "bilinear",
})  # fmt: skip
"""Functions of the module torch."""

LINALG = frozenset({"cross", "diagonal", "matmul", "norm", "vecdot", "vector_norm"})
"""Functions of torch.linalg."""

FUNCTIONAL = frozenset({
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "affine_grid", "alpha_dropout", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm",
    "bilinear", "celu", "channel_shuffle", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "cosine_similarity", "dropout", "dropout1d", "dropout2d", "dropout3d", "elu", "embedding",
    "feature_alpha_dropout", "fold", "gelu", "glu", "grid_sample", "group_norm", "gumbel_softmax", "hardshrink",
    "hardsigmoid", "hardswish", "hardtanh", "instance_norm", "interpolate", "layer_norm", "leaky_relu", "linear",
    "local_response_norm", "log_softmax", "logsigmoid", "lp_pool1d", "lp_pool2d", "max_pool1d", "max_pool2d",
    "max_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d", "mish", "normalize", "one_hot", "pad",
    "pairwise_distance", "pixel_shuffle", "pixel_unshuffle", "prelu", "relu", "relu6", "rms_norm", "rrelu",
    "scaled_dot_product_attention", "selu", "sigmoid", "silu", "softmax", "softmin", "softplus", "softshrink",
    "softsign", "tanh", "tanhshrink", "threshold", "unfold", "upsample", "upsample_bilinear", "upsample_nearest",
})  # fmt: skip
"""Functions of torch.nn.functional."""

OF = {"x": METHODS, "torch": FUNCTIONS, "F": FUNCTIONAL, "linalg": LINALG}
"""All of them, by what stands before the name in code."""

CREATING = frozenset({
    "arange", "empty", "eye", "full", "hann_window", "linspace", "logspace", "normal", "ones", "rand",
    "randint", "randn", "randperm", "range", "tril_indices", "triu_indices", "zeros", "scalar_tensor",
})  # fmt: skip
"""Functions that make a tensor of numbers alone."""
