"""What layers say when shapes and arguments do not fit."""

from layerscope.decoder.kind import NUMBER, SIZES, Kind, kind

OF_LAYERS: dict[str, Kind] = {
    "matrix": kind(
        "Matrices cannot be multiplied",
        "mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)",
        rf"mat1 and mat2 shapes cannot be multiplied ?\( ?({NUMBER})x({NUMBER}) and ({NUMBER})x({NUMBER}) ?\)",
        rf"size mismatch, m1: \[({NUMBER}) x ({NUMBER})\], m2: \[({NUMBER}) x ({NUMBER})\]",
        rf"mat1 dim 1 must match mat2 dim 0(?: ?\(({NUMBER})x({NUMBER}) and ({NUMBER})x({NUMBER})\))?",
    ),
    "channels": kind(
        "Another number of channels",
        "Given groups=1, weight of size [6, 1, 5, 5], expected input[2, 3, 28, 28] to have 1 channels, "
        "but got 3 channels instead",
        rf"Given (groups|transposed)=({NUMBER}), weight(?: of size)? ?{SIZES}, "
        rf"(?:so )?expected input ?{SIZES} to have ({NUMBER}) channels, but got ({NUMBER}) channels instead",
    ),
    "kernel": kind(
        "Kernel larger than the maps",
        "Calculated padded input size per channel: (3 x 3). Kernel size: (5 x 5). "
        "Kernel size can't be greater than actual input size",
        r"Calculated padded input size per channel: \((\d{1,9}(?: x \d{1,9}){0,3})\)\. "
        r"Kernel size: \((\d{1,9}(?: x \d{1,9}){0,3})\)\. "
        r"Kernel size can't be greater than actual input size",
    ),
    "output": kind(
        "Nothing is left after pooling",
        "Given input size: (12x1x1). Calculated output size: (12x0x0). Output size is too small",
        r"Given input size: ?\((\d{1,9}(?:x\d{1,9}){1,3})\)\. Calculated output size: ?\(([-\dx]{1,50})\)\. "
        r"Output size is too small",
    ),
    "one-value": kind(
        "One value per channel in training",
        "Expected more than 1 value per channel when training, got input size torch.Size([1, 64])",
        rf"Expected more than 1 value per channel when training, got input size (?:torch\.Size\()?{SIZES}\)?",
    ),
    "axes": kind(
        "Too few or too many axes for a convolution",
        "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [28, 28]",
        rf"Expected ({NUMBER})D \(unbatched\) or ({NUMBER})D \(batched\) input to (\w{{1,30}}), "
        rf"but got input of size: {SIZES}",
        rf"Expected ({NUMBER})-dimensional input for ({NUMBER})-dimensional weight {SIZES}, "
        rf"but got (?:{NUMBER}-dimensional )?input of size {SIZES} instead",
    ),
    "norm-axes": kind(
        "Too few or too many axes for a normalization",
        "expected 4D input (got 3D input)",
        rf"expected ({NUMBER})D(?: or ({NUMBER})D)? input \(got ({NUMBER})D input\)",
    ),
    "pool-padding": kind(
        "Padding of a pooling layer too large",
        "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1",
        rf"pad should be at most half of effective kernel size, but got pad=({NUMBER}), "
        rf"kernel_size=({NUMBER})",
        rf"pad should be (?:smaller than|at most) half of kernel size, but got (?:padW|pad) ?= ?({NUMBER}), ?"
        rf"(?:padH ?= ?{NUMBER}, ?)?(?:kW|kernel_size) ?= ?({NUMBER})",
        rf"padding should be at most half of kernel size, but got padding=({NUMBER}) and kernel_size=({NUMBER})",
    ),
    "running-mean": kind(
        "BatchNorm for another number of channels",
        "running_mean should contain 6 elements not 4",
        rf"running_mean should contain ({NUMBER}) elements not ({NUMBER})",
    ),
    "view": kind(
        "The values do not fit the view",
        "shape '[-1, 192]' is invalid for input of size 2400",
        rf"shape '\[(-?\d{{1,9}}(?:, -?\d{{1,9}}){{0,8}})\]' is invalid for input of size ({NUMBER})",
        rf"size '\[(-?\d{{1,9}}(?: x -?\d{{1,9}}){{0,8}})\]' is invalid for input with ({NUMBER}) elements",
    ),
    "view-stride": kind(
        "A view of values that lie in another order",
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
        "contiguous subspaces). Use .reshape(...) instead.",
        r"view size is not compatible with input tensor's size and stride",
    ),
    "groups": kind(
        "groups do not divide the channels",
        "in_channels must be divisible by groups",
        r"(in_channels|out_channels) must be divisible by groups",
    ),
    "group-norm": kind(
        "num_groups does not divide the channels",
        "num_channels (6) must be divisible by num_groups (4)",
        rf"num_channels \(({NUMBER})\) must be divisible by num_groups \(({NUMBER})\)",
        r"num_channels must be divisible by num_groups",
    ),
    "norm-weight": kind(
        "GroupNorm for another number of channels",
        "Expected weight to be a vector of size equal to the number of channels in input, "
        "but got weight of shape [6] and input of shape [2, 4, 3, 3]",
        r"Expected weight to be a vector of size equal to the number of channels in input, "
        rf"but got weight of shape \[({NUMBER})\] and input of shape {SIZES}",
    ),
    "normalized-shape": kind(
        "LayerNorm for another shape",
        "Given normalized_shape=[6], expected input with shape [*, 6], but got input of size[2, 4]",
        rf"Given normalized_shape={SIZES}, expected input with shape \[\*, [\d, ]{{1,80}}\], "
        rf"but got input of size ?{SIZES}",
    ),
    "same-stride": kind(
        'padding="same" with a stride',
        "padding='same' is not supported for strided convolutions",
        r"padding='same' is not supported for strided convolutions",
    ),
}
