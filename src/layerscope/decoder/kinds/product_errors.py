"""What torch says of matrices in batches, of expanding, and of shapes that do not match."""

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes, word
from layerscope.formatting import shape_text
from layerscope.network import Network

TRANSPOSED = "Write a @ b.transpose(-2, -1), which swaps the last two axes; in attention, q @ k.transpose(-2, -1)."
"""For batches of matrices and for more leading axes alike: torch's message shows both as one batch."""


def explain_expand(found: Found, _network: Network | None) -> Explanation:
    """The expanded size of the tensor (32) must match the existing size (30) at non-singleton dimension 0."""
    wanted, got, axis = (found.number(name) for name in ("wanted", "got", "axis"))
    meanings = (
        (f"({wanted})", "the size asked for"),
        (f"({got})", "the size of the tensor"),
        (f"dimension {axis}", "the axis, counted from 0"),
    )
    last = Cause(
        "The last batch is smaller",
        f"The tensor was made for {wanted} samples, but this batch has {got}.",
        "Write out[:len(x)] = x to fill a tensor; or give the DataLoader drop_last=True.",
    )
    grow = Cause(
        "Only an axis of size 1 can be expanded",
        f"expand repeats a single value along an axis; this axis has {got} values, and you ask for {wanted}.",
        "Add an axis of 1 for the copies: x.unsqueeze(0).expand(n, *x.shape).",
    )
    length = Cause(
        "Positions or a mask for a different length",
        f"They are for length {got}, the input has length {wanted}: is the text too long for the model?",
        "Cut the input to the model's length: x[:, :most], or tokenizer(text, truncation=True).",
    )
    says = f"Axis {axis} has {got:,} values, but {wanted:,} are expected."
    return Explanation(says, meanings, (last, grow) if axis == 0 else (length, grow, last))


def explain_bmm(found: Found, _network: Network | None) -> Explanation:
    """Expected size for first two dimensions of batch2 tensor to be: [4, 6] but got: [3, 6]."""
    wanted, got = found.sizes("wanted"), found.sizes("got")
    meanings = (
        (f"[{found['wanted']}]", "what the first tensor requires: its batch and its last axis"),
        (f"[{found['got']}]", "the first two axes of the second tensor"),
    )
    batches = Cause(
        "The two batches differ",
        f"There are {wanted[0]} matrices on the left and {got[0]} on the right.",
        "Take both from the same batch; for one matrix shared by all, write b.expand(a.size(0), -1, -1).",
    )
    turned = Cause(
        "The second matrix is transposed",
        f"The last axis of the first, {wanted[-1]}, must be axis 1 of the second, which is {got[-1]}.",
        TRANSPOSED,
    )
    keys = Cause(
        "Queries and keys of different widths",
        f"Each query is compared with each key, so both need as many features: {wanted[-1]} here, but the keys have "
        f"{got[-1]}.",
        "Project them to one width before: k = nn.Linear(key_features, query_features)(k).",
    )
    if "attention" in found.line_calls and wanted[0] == got[0]:
        turned = keys
    causes = (batches,) if wanted[-1] == got[-1] else (turned,) if wanted[0] == got[0] else (batches, turned)
    says = f"The second batch of matrices must begin with {shape_text(wanted)}, but begins with {shape_text(got)}."
    return Explanation(says, meanings, causes)


KINDS: dict[str, Kind] = {
    "expand": kind(
        "A size that cannot be expanded",
        "The expanded size of the tensor (32) must match the existing size (30) at non-singleton dimension 0.",
        (
            rf"The expanded size of the tensor \({number('wanted')}\) must match the existing size \({number('got')}\) "
            rf"at non-singleton dimension {number('axis')}",
        ),
        explain_expand,
    ),
    "expand-axes": kind(
        "Fewer sizes than axes",
        "the number of sizes provided (1) must be greater or equal to the number of dimensions in the tensor (2)",
        (
            rf"the number of sizes provided \({number('given')}\) must be greater or equal to the number of dimensions "
            rf"in the tensor \({number('axes')}\)",
            r"the number of sizes provided must be greater or equal to the number of dimensions in the tensor",
            r"Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
        ),
        fixed(
            "expand and repeat need a size for every axis of the tensor.",
            Usual(
                "An axis was forgotten",
                "Sizes are matched from the last axis, and none may be left out.",
                "Write -1 in expand, or 1 in repeat, for an axis to keep: x.expand(-1, n), x.repeat(1, n).",
            ),
            pieces={"given": "the sizes that were given", "axes": "the axes of the tensor"},
        ),
    ),
    "bmm": kind(
        "Batches of matrices that do not fit",
        "Expected size for first two dimensions of batch2 tensor to be: [4, 6] but got: [3, 6].",
        (
            r"Expected size for first two dimensions of batch2 tensor to be: \[(?P<wanted>\d{1,9}, \d{1,9})\] "
            r"but got: \[(?P<got>\d{1,9}, \d{1,9})\]",
        ),
        explain_bmm,
    ),
    "bmm-inner": kind(
        "Batches of matrices whose inner axes differ",
        "batch1 dim 2 must match batch2 dim 1",
        (r"batch1 dim 2 must match batch2 dim 1",),
        fixed(
            "The last axis of the first matrices must be axis 1 of the second.",
            Usual(
                "The second matrix is transposed",
                "Rows are multiplied by columns, so the two sizes in the middle must be equal.",
                TRANSPOSED,
            ),
        ),
    ),
    "bmm-old": kind(
        "Batches of matrices that do not fit, in PyTorch 1",
        "Expected tensor to have size 4 at dimension 0, but got size 3 for argument #2 'batch2'",
        (
            rf"Expected tensor to have size {number('wanted')} at dimension {number('axis')}, but got size "
            rf"{number('got')} for argument #2 'batch2'",
        ),
        fixed(
            "Axis {axis} of the second batch of matrices must be {wanted}, but is {got}.",
            Usual(
                "The two batches differ",
                "bmm multiplies the first matrix on the left by the first on the right, and so on.",
                "Take both from the same batch; for one matrix shared by all, write b.expand(a.size(0), -1, -1).",
                lambda found: found["axis"] == "0",
            ),
            Usual(
                "The second matrix is transposed",
                "The last axis of the first must be axis 1 of the second.",
                TRANSPOSED,
                lambda found: found["axis"] != "0",
            ),
            pieces={"wanted": "the expected size", "got": "the actual size"},
            alone=True,
        ),
    ),
    "matrix-axes": kind(
        "Matrices with too few or too many axes",
        "batch1 must be a 3D tensor",
        (
            r"batch[12] must be a 3D tensor",
            r"\b(?:self|mat1|mat2) must be a matrix",
            r"(?:matrix and matrix|vector \+ matrix @ vector) expected",
            r"1D tensors expected, but got \dD and \dD tensors",
            rf"matrices expected, got {number('one')}D, {number('other')}D tensors",
            r"t\(\) expects a tensor with <= 2 dimensions, but self is \dD",
        ),
        fixed(
            "torch.mm takes two matrices, torch.bmm two batches of them, torch.dot two vectors.",
            Usual(
                "A different function was meant",
                "torch.matmul, or @, works for all of these and repeats over leading axes.",
                "Write a @ b. To swap the last two axes of a batch, write x.transpose(-2, -1).",
            ),
        ),
    ),
    "vector-size": kind(
        "A vector of a different length",
        "size mismatch, got input (4), mat (4x5), vec (4)",
        (
            rf"size mismatch, got (?:input )?\(?\d{{1,9}}\)?, (?:mat "
            rf")?\(?(?P<rows>\d{{1,9}})x{number('wanted')}\)?, ?(?:vec )?"
            rf"\(?{number('got')}\)?",
            rf"inconsistent tensor size, expected tensor \[{number('wanted')}\] and src \[{number('got')}\]",
        ),
        fixed(
            "The vector must have {wanted} values, but has {got}.",
            Usual(
                "in_features or the vector is wrong",
                "A matrix needs a vector with as many values as the matrix has columns. A Linear "
                "layer gets a "
                "plain vector if the batch axis is missing.",
                "Print both shapes. If the matrix is transposed, write matrix.T @ vector.",
            ),
            pieces={"wanted": "the columns of the matrix", "got": "the values of the vector"},
        ),
    ),
    "cat-types": kind(
        "Tensors of different types in one torch.cat",
        "Expected object of scalar type Byte but got scalar type Bool for sequence element 1 in sequence argument",
        (
            rf"[Ee]xpected object of scalar type {word('one', 20)} but got scalar type {word('other', 20)} for "
            rf"sequence element",
        ),
        fixed(
            "Before torch 1.5, torch.cat and torch.stack joined only tensors of one type; here are {one} and {other}.",
            Usual(
                "Comparisons give Bool since torch 1.2",
                "Code from before makes its masks with torch.uint8, which is Byte.",
                "Write mask.bool() for the Byte tensor, and torch.bool in place of torch.uint8.",
                lambda found: {found["one"], found["other"]} == {"Byte", "Bool"},
                only=True,
            ),
            Usual(
                "Numbers of different types",
                "One part comes from NumPy (Double) or is whole (Long), the other from a layer (Float).",
                "Write torch.cat([x, y.to(x.dtype)], dim=1).",
            ),
            pieces={"one": "the type of the first", "other": "the type of another"},
        ),
    ),
    "cat-axes": kind(
        "torch.cat of tensors with different numbers of axes",
        "Tensors must have same number of dimensions: got 2 and 1",
        (rf"Tensors must have same number of dimensions: got {number('one')} and {number('other')}",),
        fixed(
            "torch.cat joins tensors with the same number of axes; one has {one}, another {other}.",
            Usual(
                "One of them lacks an axis",
                "A single sample, a column or a vector of labels has one axis fewer.",
                "Add it where it belongs: y.unsqueeze(1) for a column, y.unsqueeze(0) for a batch of one.",
            ),
            Usual(
                "Maps joined with rows",
                "Turn both into rows first, such as a convolution's features and a table's numbers.",
                "Write torch.cat([x.flatten(1), y.flatten(1)], dim=1).",
            ),
            pieces={"one": "the axes of one tensor", "other": "the axes of another"},
        ),
    ),
    "cat-nothing": kind(
        "torch.cat or torch.stack of nothing",
        "torch.cat(): expected a non-empty list of Tensors",
        (r"expected a non-empty list of Tensors", r"stack expects a non-empty TensorList"),
        fixed(
            "The list of tensors is empty.",
            Usual(
                "Nothing was added to the list",
                "The loop that fills it did not run, or creates the list again each time.",
                "Print len(tensors) before this line.",
            ),
        ),
    ),
    "cat-no-list": kind(
        "torch.cat without a list",
        "cat(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor",
        (
            r"(?P<function>cat|stack|vstack|hstack)\(\): argument 'tensors' \(position 1\) must be tuple of "
            r"Tensors, not Tensor",
        ),
        fixed(
            "{function} takes one list of tensors.",
            Usual(
                "The brackets are missing",
                "Without them, the second tensor counts as dim.",
                "Write torch.{function}([x, y], dim=1).",
            ),
            pieces={"function": "PyTorch's function"},
        ),
    ),
    "broadcast-shape": kind(
        "A shape that cannot be broadcast",
        "shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]",
        (
            rf"shape mismatch: indexing tensors could not be broadcast together with shapes {sizes('one')}, "
            rf"{sizes('other')}",
            rf"shape mismatch: value tensor of shape {sizes('one')} cannot be broadcast to indexing result of shape "
            rf"{sizes('other')}",
        ),
        fixed(
            "The shapes [{one}] and [{other}] do not fit together.",
            Usual(
                "Two lists of indices of different lengths",
                "x[rows, columns] picks one value per pair, so both need the same length.",
                "For every row with every column, write x[rows][:, columns].",
            ),
            pieces={"one": "one shape", "other": "the other shape"},
        ),
    ),
}
