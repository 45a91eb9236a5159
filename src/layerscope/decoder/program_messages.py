"""What Python and torch say of names, arguments, data and memory."""

from layerscope.decoder.kind import NUMBER, SIZES, Kind, kind

OF_PROGRAM: dict[str, Kind] = {
    "cat": kind(
        "torch.cat of different sizes",
        "Sizes of tensors must match except in dimension 1. Expected size 14 but got size 7 for tensor number 1 in the "
        "list.",
        rf"Sizes of tensors must match except in dimension ({NUMBER})\. Expected size ({NUMBER}) but got size "
        rf"({NUMBER}) for tensor number {NUMBER} in the list",
        rf"Sizes of tensors must match except in dimension ({NUMBER})\. Got ({NUMBER}) and ({NUMBER}) "
        rf"(?:in dimension ({NUMBER}))?",
    ),
    "stack": kind(
        "Images of different sizes in one batch",
        "stack expects each tensor to be equal size, but got [3, 32, 32] at entry 0 and [3, 28, 28] at entry 1",
        rf"stack expects each tensor to be equal size, but got {SIZES} at entry ({NUMBER}) and {SIZES} "
        rf"at entry ({NUMBER})",
    ),
    "no-parameters": kind(
        "An optimizer without parameters",
        "optimizer got an empty parameter list",
        r"optimizer got an empty parameter list",
    ),
    "attribute": kind(
        "A name that is not there",
        "'Net' object has no attribute 'fc3'",
        r"'(?!NoneType')([\w.]{1,60})' object has no attribute '(\w{1,60})'",
        r"module '(torch[\w.]{0,40})' has no attribute '(\w{1,60})'",
    ),
    "unexpected": kind(
        "An argument that is not known",
        "Conv2d.__init__() got an unexpected keyword argument 'kernal_size'",
        r"\b(\w{1,60}(?:\.\w{1,60})?)\(\) got an unexpected keyword argument '(\w{1,60})'",
    ),
    "missing": kind(
        "An argument that is missing",
        "Conv2d.__init__() missing 1 required positional argument: 'kernel_size'",
        r"\b(?!(?:\w{1,60}\.)?forward\()(\w{1,60}(?:\.\w{1,60})?)\(\) missing "
        rf"{NUMBER} required (?:positional|keyword-only) arguments?: ('\w{{1,60}}'(?:,? (?:and )?'\w{{1,60}}'){{0,9}})",
    ),
    "too-many": kind(
        "More arguments than there are",
        "Net.__init__() takes 1 positional argument but 3 were given",
        rf"\b(?:(\w{{1,60}})\.)?__init__\(\) takes (?:from {NUMBER} to )?({NUMBER}) positional arguments? "
        rf"but ({NUMBER}) (?:was|were) given",
    ),
    "combination": kind(
        "Arguments of the wrong types",
        "view() received an invalid combination of arguments - got (float, int), but expected one of: (torch.dtype "
        "dtype) (tuple of ints size)",
        r"\b(\w{1,40})\(\) received an invalid combination of arguments - got "
        r"\((?!NoneType\b|(?!Tensor)[\w.]{1,40}, Parameter\b)([\w., ]{0,200})\)",
    ),
    "not-whole": kind(
        "Something else where a whole number is wanted",
        "empty(): argument 'size' (position 1) must be tuple of ints, but found element of type float at pos 0",
        rf"\b(\w{{1,40}})\(\): argument '(\w{{1,30}})' \(position {NUMBER}\) must be (?:tuple of )?ints?, "
        rf"(?:not|but found element of type) (\w{{1,30}})",
        rf"\b(\w{{1,40}})\(\): argument '(\w{{1,30}})' failed to unpack the object at pos {NUMBER} with error "
        r'"type must be tuple of ints, ?but got (\w{1,30})"',
    ),
    "scalar": kind(
        "Several numbers in the place of one",
        "a Tensor with 3 elements cannot be converted to Scalar",
        rf"a Tensor with ({NUMBER}) elements cannot be converted to Scalar",
        r"only one element tensors can be converted to Python scalars",
        r"only one-element tensors can be converted to Python scalars",
        r"only (?:size-1|length-1|0-dimensional) arrays can be converted to Python scalars",
    ),
    "reflect": kind(
        "Padding larger than the maps",
        "Padding size should be less than the corresponding input dimension, but got: padding (3, 3) at dimension 3 of "
        "input [1, 1, 2, 2]",
        r"Padding size should be less than the corresponding input dimension, but got: padding \((\d{1,9}, \d{1,9})\) "
        rf"at dimension ({NUMBER}) of input {SIZES}",
    ),
    "output-1d": kind(
        "Nothing is left after pooling a sequence",
        "max_pool1d() Invalid computed output size: 0",
        rf"max_pool1d\(\) Invalid computed output size: (-?{NUMBER})",
    ),
    "memory": kind(
        "Out of memory",
        "CUDA out of memory. Tried to allocate 2.00 GiB",
        r"CUDA out of memory\. Tried to allocate ([\d.]{1,12} [KMGT]i?B)",
        r"CUDA error: out of memory",
        r"DefaultCPUAllocator: (?:can't allocate memory|not enough memory): you tried to allocate (\d{1,20} bytes)",
        r"MPS backend out of memory",
    ),
}
