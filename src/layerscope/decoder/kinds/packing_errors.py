"""What torch says of sequences that are packed."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word

KINDS: dict[str, Kind] = {
    "packing-order": kind(
        "Packed sequences that are not sorted",
        "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True.",
        (
            r"[`']?lengths[`']? array (?:must|has to) be sorted in decreasing order",
            r"lengths array has to be sorted in decreasing order",
        ),
        fixed(
            "pack_padded_sequence expects the longest sequence first unless it is told to sort.",
            Usual(
                "The batch is not sorted by length",
                "With enforce_sorted=False, PyTorch sorts and restores the order afterwards.",
                "Write pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False).",
            ),
        ),
    ),
    "packing-lengths": kind(
        "Lengths of packed sequences",
        "'lengths' argument should be a 1D CPU int64 tensor, but got 2D cpu Long tensor",
        (
            rf"'lengths' argument should be a 1D CPU int64 tensor, but got {number('axes')}D (?P<place>[\w:]{{1,20}}) "
            rf"{word('type', 20)} tensor",
            rf"Expected `len\(lengths\)` to be equal to batch_size, but got {number('count')} "
            rf"\(batch_size={number('batch')}\)",
            r"Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
        ),
        fixed(
            "lengths must have one whole number above 0 per sequence, on the processor.",
            Usual(
                "lengths has one axis too many",
                "Lengths of shape (N, 1) are a column; a plain row is expected.",
                "Write lengths.flatten().cpu().long().",
                lambda found: found["axes"] not in ("", "1"),
            ),
            Usual(
                "lengths is on the graphics card, or not whole numbers",
                "It must be on the processor even if the data is on the card.",
                "Write lengths.cpu().long().",
                lambda found: bool(found["axes"]),
            ),
            Usual(
                "batch_first=True is missing",
                "Without it, axis 1 is the batch, and there must be one length for each of its entries.",
                "Write pack_padded_sequence(x, lengths, batch_first=True).",
                lambda found: bool(found["count"]),
            ),
            Usual(
                "An empty sequence",
                "A sequence of length 0 cannot be packed.",
                "Leave it out of the batch, or count at least one step: lengths.clamp(min=1).",
                lambda found: not found["axes"] and not found["count"],
                only=True,
            ),
            pieces={"place": "where the lengths are", "type": "their type", "count": "the lengths", "batch": "axis 1"},
        ),
    ),
}
