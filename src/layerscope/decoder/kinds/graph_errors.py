"""What PyTorch Geometric says of edges."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, signed

KINDS: dict[str, Kind] = {
    "edge-range": kind(
        "An edge to a node that does not exist",
        "Found indices in 'edge_index' that are larger than 0 (got 145). Please ensure that all indices in "
        "'edge_index' point to valid indices in the interval [0, 1)",
        (
            rf"Found (?:indices|negative indices) in 'edge_index' (?:that are larger than {signed('last')} )?"
            rf"\(got {signed('got')}\)",
            r"Encountered an index error\. Please ensure that all indices in 'edge_index' point to valid indices",
        ),
        fixed(
            "edge_index holds the numbers of nodes, and one of them has no row in x.",
            Usual(
                "The nodes are numbered from 1, or with gaps",
                "Rows of x are counted from 0, and numbers from a file are often names.",
                "Number the nodes anew: nodes, edges = torch.unique(edges, return_inverse=True).",
            ),
            Usual(
                "x has too few rows",
                "x needs one row of features per node, also for nodes without edges; a single row counts as one node.",
                "Print data.x.shape, and edge_index.max() + 1: the first size must be as large.",
            ),
            Usual(
                "A part of a graph with the numbers of the whole",
                "After a filter the remaining nodes have other rows.",
                "Write torch_geometric.utils.subgraph(nodes, edge_index, relabel_nodes=True).",
            ),
            pieces={"got": "the number of the node", "last": "the largest number that exists"},
        ),
    ),
    "edge-form": kind(
        "Edges that PyTorch Geometric cannot read",
        "`MessagePassing.propagate` only supports `torch.LongTensor` of shape `[2, num_messages]` or "
        "`torch_sparse.SparseTensor` for argument `edge_index`.",
        (
            r"`MessagePassing\.propagate` only supports (?:integer tensors|`torch\.LongTensor`) of shape "
            r"`\[2, num_messages\]`",
            r"Expected 'edge_index' to be (?:of integer type|two-dimensional)",
        ),
        fixed(
            "edge_index must be a tensor of whole numbers with two rows: where each edge begins, and where it ends.",
            Usual(
                "One row per edge",
                "Lists of pairs have the shape (edges, 2).",
                "Write edges.t().contiguous().",
            ),
            Usual(
                "Floats",
                "Numbers from NumPy or a table may be floats.",
                "Write edge_index.long().",
            ),
            Usual(
                "propagate with the arguments of an older version",
                "Before 1.0 the first argument was the aggregation, such as 'add'.",
                "Write super().__init__(aggr='add') in __init__, and self.propagate(edge_index, x=x).",
            ),
        ),
    ),
}
