"""Masks that choose or replace values: of another type, or with too few values."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number

KINDS: dict[str, Kind] = {
    "chosen-mask": kind(
        "A mask that is not of yes and no",
        "masked_select: expected BoolTensor for mask",
        (
            r"masked_select: expected BoolTensor(?: or ByteTensor)? for mask",
            r"masked_scatter_?:? (?:expected BoolTensor for mask|only supports boolean masks, but got mask with "
            r"dtype \w{1,20})",
        ),
        fixed(
            "A mask says yes or no for each value, so its type must be torch.bool.",
            Usual(
                "A mask of zeros and ones",
                "Numbers do not say yes or no, even where they are only 0 and 1.",
                "Write mask.bool(), or make it by comparing: mask = x > 0.",
            ),
        ),
    ),
    "mask-values": kind(
        "Too few values for a mask",
        "Number of elements of source < number of ones in mask",
        (r"Number of elements of source < number of ones in mask",),
        fixed(
            "masked_scatter fills each True of the mask with the next value of source, so there must be as many.",
            Usual(
                "Fewer new values than places",
                "mask.sum() is how many are needed; a mask that was broadcast has more.",
                "Print mask.sum() and source.numel(); for one value everywhere write x.masked_fill(mask, 0.0).",
            ),
        ),
    ),
    "fill-value": kind(
        "Several values to fill with",
        "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with 1 dimension(s).",
        (
            rf"masked_fill_? only supports a 0-dimensional value tensor, but got tensor with {number('axes')} "
            rf"dimension",
            rf"fill_ only supports 0-dimension value tensor but got tensor with {number('axes')} dimension",
        ),
        fixed(
            "One value is put at all places, so it must be a single number, and this one has {axes} axes.",
            Usual(
                "A value for each place",
                "masked_fill knows one value for all of them.",
                "Write torch.where(mask, values, x).",
            ),
            pieces={"axes": "the axes of the value"},
        ),
    ),
}
