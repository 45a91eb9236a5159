"""Tables of vectors that cannot be made, or are given the wrong way: Embedding and EmbeddingBag."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word

KINDS: dict[str, Kind] = {
    "empty-table": kind(
        "An Embedding without entries",
        "index_select(): self indexing axis dim should be positive",
        (
            r"num_embeddings must be (?:positive|greater than 0)",
            r"index_select\(\): self indexing axis dim should be positive",
        ),
        fixed(
            "The table has no entries, so no index can be looked up in it.",
            Usual(
                "The vocabulary was empty when the layer was made",
                "num_embeddings is usually len(vocab). If the vocabulary is built after the network, or from a file "
                "that was not read, that is 0.",
                "Build the vocabulary first, print its length, and write nn.Embedding(len(vocab), 64).",
            ),
            Usual(
                "A column without categories",
                "A count such as column.nunique is 0 for a column of missing values.",
                "Leave such columns out, or write max(count, 1).",
            ),
        ),
    ),
    "table-axes": kind(
        "A table of vectors that does not have two axes",
        "Embeddings parameter is expected to be 2-dimensional",
        (r"Embeddings parameter is expected to be 2-dimensional", r"'weight' must be 2-D"),
        fixed(
            "A table for lookups has two axes: one row per entry, and the values of that entry.",
            Usual(
                "The indices and the table are swapped",
                "F.embedding takes the indices first, then the table; the layer nn.Embedding has the other order.",
                "Write F.embedding(ids, table).",
            ),
            Usual(
                "All vectors in one row",
                "Vectors that were read from a file one after the other are one long row.",
                "Write nn.Embedding.from_pretrained(values.view(-1, 50)), with the length of a vector for 50.",
            ),
        ),
    ),
    "bag-axes": kind(
        "Indices with too many axes for an EmbeddingBag",
        "input has to be 1D or 2D Tensor, but got Tensor of dimension 3",
        (rf"input has to be 1D or 2D Tensor, but got Tensor of dimension {number('axes')}",),
        fixed(
            "An EmbeddingBag takes one bag of indices per row, 2 axes; this input has {axes}.",
            Usual(
                "Several bags per sample",
                "Each sample holds several bags, as an article holds sentences.",
                "Join the first two axes, and part the result again: bag(ids.flatten(0, 1)).",
            ),
            Usual(
                "A sequence wants one vector per word",
                "An EmbeddingBag gives one vector per bag. To keep the words apart, as for an LSTM, use an Embedding.",
                "Write nn.Embedding(1000, 64) in its place.",
            ),
            pieces={"axes": "axes of the input"},
        ),
    ),
    "bag-weights": kind(
        "Weights for a bag that is averaged",
        "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got "
        "mode='mean')",
        (rf"per_sample_weights is only supported for mode='sum' \(got mode='{word('mode', 10)}'\)",),
        fixed(
            "per_sample_weights needs mode='sum', but this EmbeddingBag has mode='{mode}'.",
            Usual(
                "mode is left at its default",
                "The default is 'mean'. A weighted mean is a weighted sum with weights that add up to 1.",
                "Write nn.EmbeddingBag(1000, 64, mode='sum'), and divide the weights of each bag by their sum.",
            ),
            pieces={"mode": "the mode of the layer"},
        ),
    ),
    "element-counts": kind(
        "Two tensors of different sizes, as old versions say it",
        "inconsistent tensor size, expected tensor [120 x 400] and src [120 x 300] to have the same number of "
        "elements, but got 48000 and 36000 elements respectively",
        (
            r"inconsistent tensor size, expected (?:tensor|r_) \[(?P<one>[\dx ]{0,40})\],?(?: t \[[\dx ]{0,40}\])? and "
            r"src \[(?P<other>[\dx ]{0,40})\]",
            r"inconsistent tensor sizes?(?= at |$)",
        ),
        fixed(
            "PyTorch before 0.4 wrote this where two tensors that are put together have different numbers of values.",
            Usual(
                "The sizes differ",
                "Two tensors that are added, copied or compared need the same sizes, or a size of 1 where they differ.",
                "Print both shapes before this line.",
            ),
            Usual(
                "An old version of PyTorch",
                "Since 0.4, sizes of 1 are repeated by themselves, as in NumPy.",
                "Install a newer version: python -m pip install --upgrade torch.",
            ),
            pieces={"one": "one size", "other": "the other size"},
        ),
    ),
}
