"""What torch says of axes, indices and rows of a table that do not exist."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, signed, sizes


def _positions(found: Found) -> bool:
    """Whether the traceback names a table of positions."""
    return "position" in found.before.lower()


KINDS: dict[str, Kind] = {
    "dimension": kind(
        "An axis that does not exist",
        "Dimension out of range (expected to be in range of [-1, 0], but got 1)",
        (
            r"[Dd]imension out of range \(expected to be in range of "
            rf"\[{signed('first')}, {signed('last')}\], but got {signed('asked')}\)",
        ),
        fixed(
            "The code asks for axis {asked}, but the axes go from {first} to {last}.",
            Usual(
                "An axis is missing",
                "Without a batch axis an image has one axis fewer, and a flat vector has only axis 0.",
                "Print x.shape before this line; a batch of one is x.unsqueeze(0).",
            ),
            Usual(
                "Flattened too early",
                "After flatten there are two axes: 0 and 1.",
                "Move this line before the flatten, or write dim=1.",
            ),
            pieces={
                "first": "the first axis, counted from the end",
                "last": "the last axis",
                "asked": "the axis asked for",
            },
        ),
    ),
    "index": kind(
        "An index beyond the end",
        "index 3 is out of bounds for dimension 0 with size 3",
        (rf"index {signed('asked')} is out of bounds for dimension {number('axis')} with size {number('size')}",),
        fixed(
            "The code asks for index {asked}; axis {axis} has size {size}, and indices count from 0.",
            Usual(
                "An LSTM's state is two tensors",
                "An LSTM takes the pair (h, c); of a single tensor it takes the parts along axis 0 for h and c.",
                "Write lstm(x, (h, c)), with c = torch.zeros_like(h) at the start.",
                lambda found: "modules/rnn.py" in found.before and found["asked"] == "1" and found["axis"] == "0",
                only=True,
            ),
            Usual("Counted from 1", "The last index is the size minus 1.", "Subtract 1."),
            Usual(
                "A different axis was meant",
                "The batch is axis 0, the channels are axis 1.",
                "Print x.shape before this line.",
            ),
            pieces={"asked": "the index asked for", "axis": "the axis", "size": "its size"},
        ),
    ),
    "embedding": kind(
        "A number that an Embedding does not have",
        "index out of range in self",
        (
            r"index out of range in self",
            r"index out of range at (?:\.\.)?/",
            r"INDICES element is out of DATA bounds, id=-?\d{1,12}",
            rf"index out of range: Tried to access index {number('index')} out of table with {number('last')} rows",
        ),
        fixed(
            "A number in the input has no row in the table: one with n rows, as an Embedding has, knows 0 to n - 1.",
            Usual(
                "num_embeddings is too small",
                "It must be the largest number plus 1; padding and unknown words count too.",
                "Print x.max(), and write nn.Embedding(len(vocabulary), size).",
            ),
            Usual("Numbers that count from 1", "The first row is 0.", "Subtract 1, or make the table one row longer."),
            Usual(
                "A number below 0",
                "There is no row for -1, such as for padding or unknown words.",
                "Print x.min(), and give it a row.",
            ),
            Usual(
                "A text longer than the model takes",
                "The word positions are looked up in a table as well.",
                "Cut the text: tokenizer(text, truncation=True).",
                _positions,
            ),
        ),
    ),
    "too-many-indices": kind(
        "More indices than axes",
        "too many indices for tensor of dimension 1",
        (
            r"too many indices for (?:tensor|array)(?: of dimension (?P<axes>\d{1,3})|: tensor is "
            r"(?P<axes_old>\d{1,3})-d)?",
        ),
        fixed(
            "The tensor has fewer axes than the brackets have indices.",
            Usual(
                "The tensor was flattened or squeezed before",
                "flatten, squeeze, mean(dim) and an index remove an axis; one image has no batch axis.",
                "Print x.shape before this line; a batch of one is x.unsqueeze(0).",
            ),
            Usual(
                "An index was applied twice",
                "x[0] is already one sample, so its axes start with axis 1 of x.",
                "Use one pair of brackets: x[0, 1].",
            ),
            pieces={"axes": "the axes that the tensor has"},
        ),
    ),
    "zero-dim": kind(
        "A single number cannot be indexed",
        "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert "
        "a 0-dim "
        "tensor to a number",
        (
            r"invalid index of a 0-dim tensor",
            r"slice\(\) cannot be applied to a 0-dim tensor",
            r"[Dd]imension specified as -?\d{1,3} but tensor has no dimensions",
            r"zero-dimensional tensor \(at position \d{1,4}\) cannot be concatenated",
        ),
        fixed(
            "The tensor is a single number without axes, so it has no index.",
            Usual(
                "loss.data[0] from old tutorials",
                "Before PyTorch 0.4, a loss was a row of one value.",
                "Write loss.item().",
                lambda found: "index" in found.message,
            ),
            Usual(
                "Numbers instead of rows",
                "torch.cat joins rows; for single numbers use torch.stack.",
                "Write torch.stack(losses).",
                lambda found: "concatenated" in found.message,
            ),
            Usual(
                "A sum or mean removed the axes",
                "x.sum() and x.mean() give one number.",
                "Name the axis: x.sum(dim=1), x.mean(dim=0).",
                lambda found: "imension specified" in found.message,
            ),
        ),
    ),
    "mask-shape": kind(
        "A mask of a different shape than the tensor",
        "The shape of the mask [4] at index 0 does not match the shape of the indexed tensor [3, 4] at index 0",
        (
            rf"The shape of the mask {sizes('mask')} at index \d{{1,3}} does not match the shape of the indexed tensor "
            rf"{sizes('shape')} at index \d{{1,3}}",
        ),
        fixed(
            "x[mask] picks the values where the mask is True, so their first axes must have the same sizes.",
            Usual(
                "The mask belongs to another tensor, or another axis",
                "A mask for columns goes after the comma.",
                "Write x[:, mask] for columns; print mask.shape and x.shape.",
            ),
            pieces={"mask": "the shape of the mask", "shape": "the shape of the tensor"},
        ),
    ),
    "permute": kind(
        "permute with a different number of axes",
        "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
        "ordering "
        "of dimensions i.e. input.dim() = 3 is not equal to len(dims) = 4",
        (
            r"number of dimensions in the tensor input does not match the length of the desired ordering of "
            r"dimensions i\.e\. "
            rf"input\.dim\(\) = {number('axes')} is not equal to len\(dims\) = {number('given')}",
            r"number of dims don't match in permute",
        ),
        fixed(
            "permute needs every axis of the tensor exactly once.",
            Usual(
                "The batch axis is missing, or was not counted",
                "One image is (height, width, channels), three axes; a batch has four.",
                "Write x.permute(2, 0, 1) for one image, x.permute(0, 3, 1, 2) for a batch; two axes alone are swapped "
                "with x.transpose(1, 2).",
            ),
            pieces={"axes": "the axes that the tensor has", "given": "the axes in the call"},
        ),
    ),
    "split-sizes": kind(
        "Parts that do not add up",
        "split_with_sizes expects split_sizes to sum exactly to 10 (input tensor's size at dimension 0), but got "
        "split_sizes=[3, 3]",
        (
            rf"split_with_sizes expects split_sizes to sum exactly to {number('size')} \(input tensor's size at "
            rf"dimension "
            rf"-?\d{{1,3}}\), but got split_sizes={sizes('parts')}",
        ),
        fixed(
            "The parts [{parts}] must add up to {size}.",
            Usual(
                "The sizes of the parts",
                "A list gives the size of each part; one number gives the size of all of them.",
                "Write x.split(n) for equal parts, or correct the list.",
            ),
            pieces={"size": "the size of the axis", "parts": "the sizes in the call"},
        ),
    ),
}
