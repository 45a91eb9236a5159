"""What ctc_loss says of lengths and labels, and the attention softmax of masks."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes


def _is_right(found: Found) -> bool:
    """Whether the mask in the message is (batch, length): then the fast step is at fault, not the mask."""
    scores = found.sizes("scores")
    return len(scores) > 1 and found.sizes("mask") == (scores[0], scores[-1])


KINDS: dict[str, Kind] = {
    "ctc-lengths": kind(
        "CTC: not one length per sample",
        "input_lengths must be of size batch_size",
        (
            r"(?P<which>input|target)_lengths must be (?:of size batch_size|(?P<whole>integral))",
            rf"Expected tensor to have size {number('wanted')} at dimension 0, but got size {number('got')} for "
            rf"argument #2 "
            r"'targets'",
        ),
        fixed(
            "ctc_loss expects outputs (time, batch, classes), and for each sample of the batch one length of "
            "its outputs "
            "and one of its labels.",
            Usual(
                "The batch axis is first",
                "The first axis of the outputs must be time; here the batch counts as time, so the lengths do not fit.",
                "Write F.ctc_loss(out.transpose(0, 1), labels, lengths, label_lengths).",
                lambda found: found["which"] == "input" and not found["whole"],
            ),
            Usual(
                "One length for all samples",
                "All samples need a length, even if all lengths are the same.",
                "Write lengths = torch.full((out.size(1),), out.size(0)), and label_lengths = "
                "torch.full((labels.size(0),), labels.size(1)).",
                lambda found: bool(found["which"]) and not found["whole"],
            ),
            Usual(
                "Lengths as fractions",
                "Lengths of recordings are often computed with /, which gives floats.",
                "Write lengths.long(), and label_lengths.long().",
                lambda found: bool(found["whole"]),
                only=True,
            ),
            Usual(
                "The lengths do not add up to the labels",
                "Labels in one row hold all samples one after the other: their lengths must add up to {got}, but give "
                "{wanted}.",
                "Print label_lengths.sum(), and make the labels with torch.cat(list_of_labels).",
                lambda found: bool(found["wanted"]),
                only=True,
            ),
            pieces={"wanted": "the sum of the lengths", "got": "the labels"},
        ),
    ),
    "ctc-blank": kind(
        "CTC: a blank that is not a class",
        "blank must be in label range",
        (r"blank must be in label range",),
        fixed(
            "blank is one of the network's classes, the one that means nothing.",
            Usual(
                "The network has no output for the blank",
                "With 26 letters there must be 27 outputs; blank is 0 unless you say otherwise.",
                "Make out_features the number of letters plus 1, and write nn.CTCLoss(blank=0) with labels from 1.",
            ),
        ),
    ),
    "softmax-mask": kind(
        "A mask that does not fit the attention scores",
        "Mask shape should match input. mask: [2, 5] input: [2, 4, 5, 5]",
        (
            rf"Mask shape should match input\. mask: {sizes('mask')} input: {sizes('scores')}",
            r"Mask (?:shape|size) should match input(?: size| shape)?",
            r"For mask_type == \d mask shape should (?:be \((?P<wanted>[BL, ]{1,8})\)|match input shape)",
        ),
        fixed(
            "In eval mode a Transformer layer computes attention in one fast step, which is strict about its masks.",
            Usual(
                "The padding mask is transposed",
                "src_key_padding_mask is always (batch, length), whatever batch_first is.",
                "Write mask.transpose(0, 1).",
                lambda found: not _is_right(found),
                only=True,
            ),
            Usual(
                "Two masks, or one of another kind, in the fast step",
                "A mask for positions goes to mask, one for padding to src_key_padding_mask; some versions of "
                "torch 2 fail "
                "with both.",
                "Update torch, or turn the fast step off: torch.backends.mha.set_fastpath_enabled(False).",
            ),
            pieces={
                "mask": "the mask",
                "scores": "the attention scores: batch, heads, queries, keys",
                "wanted": "the shape it expects: batch and length",
            },
        ),
    ),
    "causal-and-mask": kind(
        "A mask together with is_causal=True",
        "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
        (
            r"Explicit attn_mask should not be set when is_causal=True",
            r"[Nn]eed attn_mask if specifying the is_causal hint",
        ),
        fixed(
            "is_causal=True is a mask of its own, so F.scaled_dot_product_attention takes no other beside it.",
            Usual(
                "Both masks are needed",
                "A causal mask and a padding mask can be combined into one.",
                "Write mask = mask & torch.ones(n, n, dtype=torch.bool).tril(), and leave out is_causal.",
                lambda found: "Explicit" in found.message,
                only=True,
            ),
            Usual(
                "The layer still needs the mask",
                "In nn.MultiheadAttention, is_causal only says what the mask is.",
                "Give it too: attn_mask=nn.Transformer.generate_square_subsequent_mask(n).",
                lambda found: "Explicit" not in found.message,
                only=True,
            ),
        ),
    ),
}
