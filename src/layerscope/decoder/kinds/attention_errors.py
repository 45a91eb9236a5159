"""What attention and Transformer layers say of heads, widths and masks."""

from collections.abc import Iterator
from dataclasses import replace

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes, word
from layerscope.formatting import shape_text
from layerscope.network import Network

BATCH_FIRST = "Write batch_first=True in the layer; then the input is (batch, length, features)."
FIRST = Cause("batch_first=True is missing", "Without it axis 0 is the length.", BATCH_FIRST)
LENGTH = Cause(
    "A mask for a different length",
    "An attention mask has the shape (length of the queries, length of the keys).",
    "Make it from the input: nn.Transformer.generate_square_subsequent_mask(x.size(1)), with x.size(0) unless "
    "batch_first=True.",
)


def explain_mask(found: Found, _network: Network | None) -> Explanation:
    """The shape of the 2D attn_mask is torch.Size([7, 7]), but should be (3, 3)."""
    given, wanted = found.sizes("given"), found.sizes("wanted")
    if not given:
        return Explanation("The mask does not have the shape that the layer expects.", (), (FIRST, LENGTH))
    meanings = ((f"[{found['given']}]", "the mask"), (found["wanted"], "the lengths that PyTorch expects"))
    says = f"The mask must be {shape_text(wanted)}, but is {shape_text(given)}."
    return Explanation(says, meanings, tuple(_mask(given, wanted)))


def _mask(given: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[Cause]:
    heads = Cause(
        "A mask per sample needs one per head too",
        f"A mask with 3 axes is (batch × heads, queries, keys): axis 0 must be {wanted[0]}, but is {given[0]}.",
        "Write mask.repeat_interleave(num_heads, dim=0); one mask for all samples has 2 axes.",
    )
    first = replace(FIRST, why=f"{FIRST.why} Here that is {wanted[-1]}, though it may be the batch.")
    length = replace(LENGTH, why=f"{LENGTH.why} Here these are {shape_text(wanted[-2:])}.")
    if len(given) == 3 and given[1:] == wanted[1:]:
        yield heads
    yield first
    yield length


def explain_padding(found: Found, _network: Network | None) -> Explanation:
    """Expected key_padded_mask.shape[0] to be 7, but got 3."""
    axis = found["axis"]
    if found["all_wanted"]:
        pairs = list(zip(found.sizes("all_wanted"), found.sizes("all_got"), strict=False))
        place = next((n for n, (one, other) in enumerate(pairs) if one != other), 0)
        axis, (wanted, got) = f"{place}", pairs[place]
    else:
        wanted, got = found.number("wanted"), found.number("got")
    meanings = ((f"{wanted}", "that axis of the keys"), (f"{got}", "that axis of the mask"))
    first = Cause(
        "batch_first=True is missing",
        "key_padding_mask is always (batch, length of the keys). Without batch_first the input is (length, batch, "
        f"features), so axis 1 of the input, {wanted}, counts as the batch.",
        BATCH_FIRST,
    )
    turned = Cause(
        "The mask is transposed",
        "It is always (batch, length of the keys), whatever batch_first is.",
        "Write mask.transpose(0, 1).",
    )
    length = Cause(
        "A mask for a different length",
        f"The keys have {wanted} positions, the mask {got}: was a class token added, or the text cut?",
        "Make the mask from the same tensor that the layer gets: mask = tokens == padding_index.",
    )
    says = f"Axis {axis} of key_padding_mask must be {wanted:,}, but is {got:,}."
    return Explanation(says, meanings, (first, turned, length) if axis == "0" else (length, first, turned))


def explain_width(found: Found, _network: Network | None) -> Explanation:
    """was expecting embedding dimension of 48, but got 40."""
    wanted, got = found["wanted"], found["got"]
    meanings = ((wanted, "the layer's embed_dim (d_model)"), (got, "the last axis of the input")) if wanted else ()
    causes = (
        Cause(
            "The embedding has a different width",
            "The embedding, the positions and every Transformer layer share one width, d_model.",
            f"Write embed_dim={got}, or give the layer before it {wanted} outputs."
            if wanted
            else "Give the Embedding before it the width d_model, or add a Linear layer between them.",
        ),
        Cause(
            "The features are not the last axis",
            "A convolution outputs (batch, channels, height, width), with the channels on axis 1.",
            "Write x.flatten(2).transpose(1, 2): one row of features for each position.",
        ),
    )
    says = f"The layer expects {wanted} features but gets {got}." if wanted else "The last axis must be d_model."
    return Explanation(says, meanings, causes)


KINDS: dict[str, Kind] = {
    "heads": kind(
        "Heads that do not divide the width",
        "embed_dim must be divisible by num_heads",
        (r"embed_dim must be divisible by num_heads", r"hidden size \(?\d{1,9}\)? is not a multiple of the number of"),
        fixed(
            "Each head gets embed_dim / num_heads features, which must be a whole number.",
            Usual(
                "num_heads does not divide embed_dim",
                "A width of 10 cannot be split into 3 heads; 12 can.",
                "Choose another num_heads, such as 1, 2, 4 or 8, or make embed_dim (d_model) a multiple of it.",
            ),
        ),
    ),
    "attention-width": kind(
        "Attention for a different width",
        "was expecting embedding dimension of 48, but got 40",
        (
            rf"was expecting embedding dimension of {number('wanted')}, but got {number('got')}",
            r"the feature number of src and tgt must be equal to d_model",
        ),
        explain_width,
    ),
    "attention-keys": kind(
        "Keys and values do not match",
        "key shape torch.Size([7, 3, 48]) does not match value shape torch.Size([6, 3, 48])",
        (
            rf"key shape torch\.Size\({sizes('keys')}\) does not match value shape torch\.Size\({sizes('values')}\)",
            rf"key's sequence and batch dims torch\.Size\({sizes('keys')}\) do not match value's torch\.Size\("
            rf"{sizes('values')}\)",
        ),
        fixed(
            "Each key has one value, so keys and values must have the same length and batch.",
            Usual(
                "Keys and values from different tensors",
                "Only the queries may come from another sequence.",
                "Pass the same tensor for both: attention(query, memory, memory).",
            ),
            Usual(
                "A different width for keys and values",
                "Their widths may differ only if you tell the layer.",
                "Write kdim and vdim in nn.MultiheadAttention.",
            ),
            pieces={"keys": "the shape of the keys", "values": "the shape of the values"},
        ),
    ),
    "attention-mask": kind(
        "A mask of a different shape",
        "The shape of the 2D attn_mask is torch.Size([7, 7]), but should be (3, 3).",
        (
            rf"The (?:shape|size) of the [23]D attn_mask is torch\.Size\({sizes('given')}\), but should be "
            r"[\[(](?P<wanted>\d{1,9}(?:, \d{1,9}){1,2})[\])]",
            r"The size of the [23]D attn_mask is not correct",
        ),
        explain_mask,
    ),
    "padding-mask": kind(
        "A padding mask of a different shape",
        "Expected key_padded_mask.shape[0] to be 7, but got 3",
        (
            rf"[Ee]xpect(?:ed|ing) key_padd(?:ed|ing)_mask\.shape\[(?P<axis>[01])\] to be {number('wanted')}, "
            rf"but got {number('got')}",
            r"expecting key_padding_mask shape of \((?P<all_wanted>\d{1,9}, \d{1,9})\), but got "
            rf"(?:torch\.Size\()?{sizes('all_got')}",
        ),
        explain_padding,
    ),
    "transformer-batches": kind(
        "Source and target with different batch sizes",
        "the batch number of src and tgt must be equal",
        (r"the batch number of src and tgt must be equal",),
        fixed(
            "Source and target must have the same batch size; without batch_first=True that is axis 1.",
            Usual(
                "batch_first=True is missing",
                "Without it, axis 1, the length of the sequences, counts as the batch; lengths may differ.",
                BATCH_FIRST,
            ),
            Usual(
                "One target for a whole batch",
                "Each source needs its own target.",
                "Expand it, with batch_first=True: tgt.expand(src.size(0), -1, -1).",
            ),
        ),
    ),
    "attention-axes": kind(
        "Too few or too many axes for attention",
        "query should be unbatched 2D or batched 3D tensor but received 4-D query tensor",
        (
            rf"query should be unbatched 2D or batched 3D tensor but received {number('given')}-D query tensor",
            rf"For (?:un)?batched \(\d-D\) `query`, expected `key` and `value` to be \d-D but found "
            rf"{number('given')}-D",
        ),
        fixed(
            "Attention expects (batch, length, features), or (length, features) for one sequence; it got {given} axes.",
            Usual(
                "Heads or maps were not flattened",
                "nn.MultiheadAttention splits the heads itself, and maps of height × width are one long sequence.",
                "Write x.flatten(2).transpose(1, 2) for maps, and add no axis for the heads.",
            ),
            Usual(
                "A batch axis on one side only",
                "Either query, key and value all have a batch axis, or none of them has.",
                "Write query.unsqueeze(0), with batch_first=True.",
                lambda found: "query`" in found.message,
            ),
        ),
    ),
    "mask-type": kind(
        "A mask of a different type",
        "only bool and floating types of key_padding_mask are supported",
        (
            rf"[Oo]nly (?:bool(?:ean)? and floating|float, byte, and bool) types of? {word('mask')} (?:are|is) "
            rf"supported",
            rf"Only float, byte, and bool types are supported for {word('mask')}",
            rf"masked_fill_? only supports boolean masks, but got (?:mask with )?(?:dtype )?{word('type', 20)}",
            r"expected (?:predicate|mask dtype) to be Bool",
            r"Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask\.dtype: "
            r"(?P<type>[\w ]{1,20}) and",
            rf"where expected condition to be a boolean tensor, but got a tensor with dtype {word('type', 20)}",
        ),
        fixed(
            "A mask says yes or no for each position, so its type must be torch.bool.",
            Usual(
                "A mask of zeros and ones",
                "Tokenizers return masks of whole numbers, not of yes and no.",
                "Write mask.bool(). In attention True means: ignore this position; if 1 marks the real words, "
                "write mask == 0.",
            ),
            pieces={"mask": "the mask", "type": "its type"},
        ),
    ),
}
