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
    "A mask for another length",
    "A mask for positions is (length of the queries, length of the keys).",
    "Make it from the input: nn.Transformer.generate_square_subsequent_mask(x.size(1)), with x.size(0) unless "
    "batch_first=True.",
)


def explain_mask(found: Found, _network: Network | None) -> Explanation:
    """The shape of the 2D attn_mask is torch.Size([7, 7]), but should be (3, 3)."""
    given, wanted = found.sizes("given"), found.sizes("wanted")
    if not given:
        return Explanation("The mask has another shape than the layer expects.", (), (FIRST, LENGTH))
    meanings = ((f"[{found['given']}]", "the mask"), (found["wanted"], "what torch takes for lengths"))
    says = f"The mask must be {shape_text(wanted)}, but is {shape_text(given)}."
    return Explanation(says, meanings, tuple(_mask(given, wanted)))


def _mask(given: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[Cause]:
    heads = Cause(
        "A mask for each sample needs one for each head too",
        f"A mask with 3 axes is (batch × heads, queries, keys): {wanted[0]} on axis 0, and {given[0]} was given.",
        "Write mask.repeat_interleave(num_heads, dim=0); one mask for all samples has 2 axes.",
    )
    first = replace(FIRST, why=f"{FIRST.why} {wanted[-1]} is taken for it, though it may be the batch.")
    length = replace(LENGTH, why=f"{LENGTH.why} Here these are {shape_text(wanted[-2:])}.")
    if len(given) == 3 and given[1:] == wanted[1:]:
        yield heads
    yield first
    yield length


def explain_padding(found: Found, _network: Network | None) -> Explanation:
    """Expected key_padded_mask.shape[0] to be 7, but got 3."""
    axis, wanted, got = found["axis"], found.number("wanted"), found.number("got")
    meanings = ((f"{wanted}", "what the keys have there"), (f"{got}", "what the mask has"))
    first = Cause(
        "batch_first=True is missing",
        "key_padding_mask is always (batch, length of the keys). Without batch_first the input is (length, batch, "
        f"features), so axis 1 of the input, {wanted}, is taken for the batch.",
        BATCH_FIRST,
    )
    turned = Cause(
        "The mask is turned",
        "It is (batch, length of the keys), whatever batch_first says.",
        "Write mask.transpose(0, 1).",
    )
    length = Cause(
        "A mask for another length",
        f"The keys have {wanted} positions and the mask {got}: was a class token added, or the text cut?",
        "Make the mask from the same tensor that the layer gets: mask = tokens == padding_index.",
    )
    says = f"Axis {axis} of key_padding_mask must be {wanted:,}, but is {got:,}."
    return Explanation(says, meanings, (first, turned, length) if axis == "0" else (length, first, turned))


def explain_width(found: Found, _network: Network | None) -> Explanation:
    """was expecting embedding dimension of 48, but got 40."""
    wanted, got = found["wanted"], found["got"]
    meanings = ((wanted, "the layer's embed_dim (d_model)"), (got, "the last axis of what arrives")) if wanted else ()
    causes = (
        Cause(
            "The embedding has another width",
            "Embedding, positions and every Transformer layer share one width, d_model.",
            f"Write embed_dim={got}, or give the layer before it {wanted} outputs."
            if wanted
            else "Give the Embedding before it the width d_model, or bring its output there with a Linear layer.",
        ),
        Cause(
            "The features are not the last axis",
            "Maps of a convolution are (batch, channels, height, width), with the channels on axis 1.",
            "Write x.flatten(2).transpose(1, 2): one row of features for each place.",
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
            "Each head gets embed_dim / num_heads of the features, which must be a whole number.",
            Usual(
                "num_heads does not divide embed_dim",
                "A width of 10 cannot be cut into 3 heads; 12 can.",
                "Choose another num_heads, such as 1, 2, 4 or 8, or a multiple of it for embed_dim (d_model).",
            ),
        ),
    ),
    "attention-width": kind(
        "Attention for another width",
        "was expecting embedding dimension of 48, but got 40",
        (
            rf"was expecting embedding dimension of {number('wanted')}, but got {number('got')}",
            r"the feature number of src and tgt must be equal to d_model",
        ),
        explain_width,
    ),
    "attention-keys": kind(
        "Keys and values that do not fit",
        "key shape torch.Size([7, 3, 48]) does not match value shape torch.Size([6, 3, 48])",
        (
            rf"key shape torch\.Size\({sizes('keys')}\) does not match value shape torch\.Size\({sizes('values')}\)",
            rf"key's sequence and batch dims torch\.Size\({sizes('keys')}\) do not match value's torch\.Size\("
            rf"{sizes('values')}\)",
        ),
        fixed(
            "Each key has one value, so keys and values must have the same length and batch.",
            Usual(
                "Key and value from different tensors",
                "Only the queries may come from another sequence.",
                "Give the same tensor for both: attention(query, memory, memory).",
            ),
            Usual(
                "Another width for keys and values",
                "Their widths may differ only if the layer knows them.",
                "Write kdim and vdim in nn.MultiheadAttention.",
            ),
            pieces={"keys": "the shape of the keys", "values": "the shape of the values"},
        ),
    ),
    "attention-mask": kind(
        "A mask of another shape",
        "The shape of the 2D attn_mask is torch.Size([7, 7]), but should be (3, 3).",
        (
            rf"The (?:shape|size) of the [23]D attn_mask is torch\.Size\({sizes('given')}\), but should be "
            r"[\[(](?P<wanted>\d{1,9}(?:, \d{1,9}){1,2})[\])]",
            r"The size of the [23]D attn_mask is not correct",
        ),
        explain_mask,
    ),
    "padding-mask": kind(
        "A padding mask of another shape",
        "Expected key_padded_mask.shape[0] to be 7, but got 3",
        (
            rf"[Ee]xpect(?:ed|ing) key_padd(?:ed|ing)_mask\.shape\[(?P<axis>[01])\] to be {number('wanted')}, "
            rf"but got {number('got')}",
        ),
        explain_padding,
    ),
    "transformer-batches": kind(
        "Source and target of different batches",
        "the batch number of src and tgt must be equal",
        (r"the batch number of src and tgt must be equal",),
        fixed(
            "Source and target must have the same batch; without batch_first=True that is axis 1.",
            Usual(
                "batch_first=True is missing",
                "Without it axis 1, the length of the sequences, is taken for the batch; lengths may differ.",
                BATCH_FIRST,
            ),
            Usual(
                "A target of one sample for a whole batch",
                "For each source there is a target of its own.",
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
            "Attention reads (batch, length, features), or (length, features) for one sequence; {given} axes "
            "were given.",
            Usual(
                "Heads or maps were not put together",
                "nn.MultiheadAttention makes its heads itself; maps of height × width are one long sequence.",
                "Write x.flatten(2).transpose(1, 2) for maps, and give it no axis of heads.",
            ),
            Usual(
                "A batch axis on one side only",
                "Query, key and value all have a batch axis, or none has.",
                "Write query.unsqueeze(0), with batch_first=True.",
                lambda found: "query`" in found.message,
            ),
        ),
    ),
    "mask-type": kind(
        "A mask of another type",
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
            "A mask says yes or no for each place, so its type must be torch.bool.",
            Usual(
                "A mask of zeros and ones",
                "What tokenizers and comparisons of numbers give are whole numbers or floats.",
                "Write mask.bool(). In attention True means: leave this place out; for a mask with 1 for real "
                "words that "
                "is mask == 0.",
            ),
            pieces={"mask": "the mask", "type": "its type"},
        ),
    ),
}
