"""What torch says of index tensors for gather, scatter, topk and lists."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word

KINDS: dict[str, Kind] = {
    "gather-type": kind(
        "An index tensor of floats",
        "gather(): Expected dtype int32/int64 for index",
        (rf"{word('function', 30)}\(\): Expected dtype int(?:32/int|32 or int)?64 for index",),
        fixed(
            "{function} expects an index of whole numbers (int64).",
            Usual(
                "The index has another type",
                "Numbers from tables and a network's outputs are floats; NumPy on Windows, and some files, give int32.",
                "Write index.long().",
            ),
            pieces={"function": "PyTorch's function"},
        ),
    ),
    "scatter-range": kind(
        "An index beyond the end, in old words",
        "Invalid index in scatterAdd at /pytorch/aten/src/TH/generic/THTensorEvenMoreMath.cpp:721",
        (rf"Invalid index in {word('function', 30)} at ",),
        fixed(
            "An index is negative, or as large as the axis that it counts, or larger.",
            Usual(
                "Nodes that are not numbered from 0 without gaps",
                "edge_index holds rows of x; numbers from a file are often names.",
                "Number them anew: nodes, edges = torch.unique(edges, return_inverse=True).",
            ),
            Usual(
                "The result has too few rows",
                "It needs one row more than the largest index.",
                "Write out = torch.zeros(int(index.max()) + 1, width).",
            ),
            Usual("Counted from 1", "Indices start at 0.", "Write index - 1."),
            pieces={"function": "PyTorch's function"},
        ),
    ),
    "gather-axes": kind(
        "An index tensor with a different number of axes",
        "Index tensor must have the same number of dimensions as input tensor",
        (
            r"Index tensor must have the same number of dimensions as (?:input|self|src) tensor",
            r"Index tensor must be either empty or have the same number of dimensions as",
        ),
        fixed(
            "For gather and scatter, the index needs as many axes as the tensor.",
            Usual(
                "One index per sample",
                "Actions or labels of shape (N) have one axis; outputs of shape (N, classes) have two.",
                "Write out.gather(1, index.unsqueeze(1)).squeeze(1).",
            ),
        ),
    ),
    "top-k": kind(
        "More values asked for than there are",
        "selected index k out of range",
        (r"selected index k out of range",),
        fixed(
            "topk looks for the k largest of fewer than k values.",
            Usual(
                "The top 5 of fewer than five classes",
                "The last axis has one value per class.",
                "Write out.topk(min(5, out.size(-1))).",
            ),
            Usual(
                "A different axis was meant",
                "Without dim, topk uses the last axis.",
                "Write out.topk(5, dim=1), and print out.shape before this line.",
            ),
        ),
    ),
    "tensor-index": kind(
        "A tensor as the index of a list",
        "only integer tensors of a single element can be converted to an index",
        (r"only integer tensors of a single element can be converted to an index",),
        fixed(
            "Python's lists and range take one whole number, not a tensor of several values or of floats.",
            Usual(
                "A list indexed with a tensor",
                "Only tensors and arrays take several indices at once.",
                "Write torch.tensor(values)[index], or a loop: [values[i] for i in index.tolist()].",
            ),
            Usual(
                "A size computed as a tensor",
                "range and nn.Linear expect a Python whole number.",
                "Write int(n), or n.item() for a tensor.",
            ),
        ),
    ),
    "assign-parameter": kind(
        "A plain tensor instead of a weight",
        "cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None expected)",
        (
            rf"cannot assign '{word('given', 60)}' as parameter '{word('name', 60)}'",
            rf"cannot assign '{word('given', 60)}' object to buffer '{word('name', 60)}'",
        ),
        fixed(
            "{name} is registered in the module, so only a tensor of the right kind can replace it.",
            Usual(
                "A list or an array",
                "The class weights of a loss are a tensor.",
                "Write nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0])).",
                lambda found: found["given"] in ("list", "numpy.ndarray", "tuple", "float"),
            ),
            Usual(
                "A weight set by hand",
                "A weight is an nn.Parameter.",
                "Write net.weight = nn.Parameter(values), or net.weight.data.copy_(values).",
                lambda found: "Tensor" in found["given"],
            ),
            pieces={"given": "the type you gave", "name": "the name in the module"},
            alone=True,
        ),
    ),
    "text-size": kind(
        "Text instead of a number of channels",
        "not all arguments converted during string formatting",
        (r"not all arguments converted during string formatting",),
        fixed(
            "Between text and a number, Python's % means formatting, so one of the sizes is text.",
            Usual(
                "A size from a file or the command line",
                "input(), and argparse without type=int, give text.",
                "Write int(text), or parser.add_argument('--width', type=int).",
            ),
        ),
    ),
}
