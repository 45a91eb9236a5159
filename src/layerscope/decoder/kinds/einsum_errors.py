"""What torch.einsum and einops say of a pattern that does not fit its tensors."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number


def _divides(found: Found) -> bool:
    return "divide" in found.message


def _rank(found: Found) -> bool:
    return bool(found["wanted"])


def _one_sided(found: Found) -> bool:
    return "Identifiers" in found.message


KINDS: dict[str, Kind] = {
    "einsum-axes": kind(
        "einsum: letters and axes",
        "einsum(): the number of subscripts in the equation (3) does not match the number of dimensions (4) for "
        "operand 0 and no ellipsis was given",
        (
            rf"einsum\(\): the number of subscripts in the equation \({number('letters')}\) (?:does not match|is more "
            rf"than|is less than) the number of dimensions \({number('axes')}\) for operand {number('operand')}",
            r"einsum\(\): output subscript (?P<lost>[A-Za-z]) does not appear in the equation for any input operand",
            r"einsum\(\): more operands were provided than specified in the equation",
            r"einsum\(\): fewer operands were provided than specified in the equation",
        ),
        fixed(
            "Each axis of each tensor needs one letter, and every letter of the result must also be on the left.",
            Usual(
                "The letter {lost} is on the right side only",
                "einsum cannot know the size of that axis.",
                "Use a letter from the left side, or add the axis with out.unsqueeze(1).",
                lambda found: bool(found["lost"]),
                only=True,
            ),
            Usual(
                "{letters} letters for {axes} axes",
                "Tensor {operand}, counted from 0, has {axes} axes.",
                "Print x.shape before this line, and give each axis a letter.",
                lambda found: bool(found["axes"]),
                only=True,
            ),
            Usual(
                "One part of the equation per tensor",
                "A comma on the left side separates the tensors.",
                "Write torch.einsum('bnd,bmd->bnm', q, k) for two.",
            ),
            pieces={"letters": "the letters", "axes": "the axes", "operand": "which tensor, counted from 0"},
            alone=True,
        ),
    ),
    "einsum-size": kind(
        "einsum: one letter, two sizes",
        "einsum(): subscript d has size 5 for operand 1 which does not broadcast with previously seen size 4",
        (
            rf"einsum\(\): subscript (?P<letter>[A-Za-z]) has size {number('size')} for operand {number('operand')} "
            rf"which does not broadcast with previously seen size {number('before')}",
        ),
        fixed(
            "The letter {letter} stands for an axis of {before} and one of {size}; a letter must have one size.",
            Usual(
                "A different axis was meant",
                "In attention, the queries' and the keys' lengths differ; their features do not.",
                "Print both shapes, and use two letters for lengths: 'bnd,bmd->bnm'.",
            ),
            Usual(
                "The layers before it have different widths",
                "q and k are multiplied feature by feature.",
                "Give both projections the same out_features.",
            ),
            pieces={"letter": "the letter", "size": "its size in one tensor", "before": "its size in another"},
        ),
    ),
    "einops": kind(
        "An einops pattern that does not fit",
        'Error while processing rearrange-reduction pattern "b c (h p) (w q) -> b (h w) (p q c)". Input tensor shape: '
        "torch.Size([1, 3, 250, 250]). Additional info: {'p': 16, 'q': 16}. Shape mismatch, can't divide axis of "
        "length 250 in chunks of 16",
        (
            r"Error while processing (?:rearrange|repeat|\w{2,10})-reduction pattern .{1,300}?Shape mismatch, can't "
            rf"divide axis of length {number('length')} in chunks of {number('part')}",
            r"Error while processing (?:rearrange|repeat|\w{2,10})-reduction pattern .{1,300}?(?:Wrong shape: expected|"
            rf"Expected) (?:>=)?{number('wanted')} dim(?:ension)?s?\. (?:Received|got) {number('got')}",
            r"Error while processing (?:rearrange|repeat|\w{2,10})-reduction pattern .{1,300}?Shape mismatch, "
            rf"{number('whole')} != {number('product')}",
            rf"Shape mismatch, can't divide axis of length {number('length')} in chunks of(?: {number('part')})?",
            r"Error while processing (?:rearrange|repeat|\w{2,10})-reduction pattern .{1,300}?Identifiers only on one "
            r"side of expression",
            r"Error while processing (?:rearrange|repeat|\w{2,10})-reduction pattern",
        ),
        fixed(
            "The left side of the pattern must match the shape of the input.",
            Usual(
                "{length} is not a multiple of {part}",
                "The patches must fill the image exactly.",
                "Resize the images to a multiple of {part}, or choose a patch size that divides {length}.",
                lambda found: _divides(found) and bool(found["part"]),
                only=True,
            ),
            Usual(
                "{length} cannot be divided evenly",
                "The patches must fill the image exactly.",
                "Resize the images to a multiple of the patch size, or choose one that divides {length}.",
                lambda found: _divides(found) and not found["part"],
                only=True,
            ),
            Usual(
                "The axis has {whole} places, and the sizes in the call make {product}",
                "The maps have another size than the call says, such as that of other images.",
                "Take the sizes from the maps, h, w = maps.shape[-2:], or give the module the size of your images.",
                lambda found: bool(found["whole"]),
                only=True,
            ),
            Usual(
                "A tensor of {got} axes for a pattern of {wanted}",
                "The batch axis may be missing, or the maps are flat already.",
                "Print x.shape before this line; for a batch of one write x.unsqueeze(0).",
                _rank,
                only=True,
            ),
            Usual(
                "A name on one side only",
                "rearrange keeps every axis; reduce removes axes, repeat adds them.",
                "Write each name on both sides, or use einops.reduce(x, 'b n d -> b d', 'mean').",
                _one_sided,
                only=True,
            ),
            Usual(
                "A given size does not match",
                "h=8 in the call must match the input.",
                "Leave out the sizes that einops can work out, and print x.shape before this line.",
            ),
            pieces={
                "length": "the size of the axis",
                "part": "the size of one part",
                "whole": "the size of the axis",
                "product": "what the given sizes make",
            },
            alone=True,
        ),
    ),
}
