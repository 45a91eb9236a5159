"""What torch says of axes, indices and rows of a table that are not there."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, signed

KINDS: dict[str, Kind] = {
    "dimension": kind(
        "An axis that is not there",
        "Dimension out of range (expected to be in range of [-1, 0], but got 1)",
        (
            r"Dimension out of range \(expected to be in range of "
            rf"\[{signed('first')}, {signed('last')}\], but got {signed('asked')}\)",
        ),
        fixed(
            "Axis {asked} was asked for; the axes that there are go from {first} to {last}.",
            Usual(
                "An axis is missing",
                "Without a batch axis an image has one axis less, and flat vectors have only axis 1.",
                "Print x.shape before the line; a batch of one is x.unsqueeze(0).",
            ),
            Usual(
                "Flattened before",
                "After flatten there are two axes: 0 and 1.",
                "Do it before the flatten, or write dim=1.",
            ),
            pieces={
                "first": "the first axis there is, counted from the end",
                "last": "the last axis there is",
                "asked": "the axis that was asked for",
            },
        ),
    ),
    "index": kind(
        "An index beyond the end",
        "index 3 is out of bounds for dimension 0 with size 3",
        (rf"index {signed('asked')} is out of bounds for dimension {number('axis')} with size {number('size')}",),
        fixed(
            "Index {asked} was asked for; axis {axis} has {size} values, counted from 0.",
            Usual("Counted from 1", "The last index is one less than the size.", "Subtract 1."),
            Usual(
                "Another axis was meant",
                "The batch is axis 0, the channels are axis 1.",
                "Print x.shape before the line.",
            ),
            pieces={"asked": "the index asked for", "axis": "the axis", "size": "how many there are"},
        ),
    ),
    "embedding": kind(
        "A number that an Embedding does not have",
        "index out of range in self",
        (r"index out of range in self",),
        fixed(
            "A number in the input has no row in the table: an Embedding of n rows has the numbers 0 to n - 1.",
            Usual(
                "num_embeddings is too small",
                "It must be the largest number plus 1; words for padding and for the unknown count too.",
                "Print x.max(), and write nn.Embedding(len(vocabulary), size).",
            ),
            Usual("Numbers that count from 1", "The first row is 0.", "Subtract 1, or make the table one row longer."),
            Usual("A number below 0", "-1 for padding or the unknown is no row.", "Print x.min(), and give it a row."),
            Usual(
                "A text longer than the model takes",
                "The places of the words are looked up in a table as well.",
                "Cut the text: tokenizer(text, truncation=True).",
            ),
        ),
    ),
}
