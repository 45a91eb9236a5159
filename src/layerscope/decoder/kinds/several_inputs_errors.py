"""What layers and losses with several inputs say of sizes that do not belong together."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes


def _axes_differ(found: Found) -> bool:
    """Whether the image and the grid do not have the same number of axes."""
    return bool(found["image"]) and len(found.sizes("image")) != len(found.sizes("grid"))


KINDS: dict[str, Kind] = {
    "bilinear": kind(
        "Bilinear for inputs of another size",
        "bilinear(): input2 size does not match weight size: got 5 but expected 4",
        (
            rf"bilinear\(\): input(?P<which>[12]) size does not match weight size: got {number('got')} but expected "
            rf"{number('wanted')}",
            rf"bilinear\(\): input (?P<batch>batch) dimensions do not match at dim \d{{1,2}}: got {number('one')} and "
            rf"{number('other')}",
            rf"bilinear\(\): input (?P<batch>dimensions) do not match: got {number('one')} and {number('other')}",
        ),
        fixed(
            "nn.Bilinear combines two inputs with the same leading axes; their last axes are in1_features and "
            "in2_features.",
            Usual(
                "in{which}_features is not the last axis of that input",
                "It must be {got}, but the layer was made for {wanted}.",
                "Write nn.Bilinear(in1_features, in2_features, out_features) with in{which}_features={got}; or "
                "swap the "
                "inputs, if the order is wrong.",
                lambda found: bool(found["which"]),
                only=True,
            ),
            Usual(
                "The two inputs have different batches",
                "One row of the first goes with one row of the second.",
                "Make the shapes equal but for the last axis: y.expand(*x.shape[:-1], y.size(-1)).",
                lambda found: bool(found["batch"]),
                only=True,
            ),
            pieces={
                "got": "the last axis of the input",
                "wanted": "what the layer was made for",
                "one": "of the first",
                "other": "of the second",
            },
        ),
    ),
    "embedding-bag": kind(
        "EmbeddingBag without offsets",
        "offsets has to be a 1D Tensor but got None",
        (
            r"offsets has to be a 1D Tensor but got (?P<given>\w{1,20})",
            r"if input is 2D, then offsets has to be None",
            r"offsets\[0\] has to be 0, i\.e\., the first sequence in the mini-batch has to start from position 0",
        ),
        fixed(
            "EmbeddingBag takes bags of one length as rows, (batch, length), or all numbers in one row with offsets.",
            Usual(
                "Bags in one row need offsets",
                "offsets says where each bag begins, starting with 0.",
                "Write bag(tokens, offsets), with offsets = torch.tensor([0, 3]) for bags of 3 numbers and the rest.",
            ),
            Usual(
                "Bags of equal length are rows",
                "With two axes, every row is a bag, and there are no offsets.",
                "Write bag(tokens.unsqueeze(0)) for a single bag.",
            ),
        ),
    ),
    "grid": kind(
        "grid_sample: image and grid do not belong together",
        "grid_sampler(): expected grid to have size 2 in last dimension, but got grid with sizes [1, 8, 8]",
        (
            rf"grid_sampler\(\): expected grid to have size {number('wanted')} in last dimension, but got grid "
            rf"with sizes "
            rf"{sizes('grid')}",
            r"grid_sampler\(\): expected (?P<batch>grid and input to have same batch size), but got input with sizes "
            rf"{sizes('image')} and grid with sizes {sizes('grid')}",
            r"grid_sampler\(\): expected 4D or 5D input and grid with same number of dimensions, but got input with "
            rf"sizes {sizes('image')} and grid with sizes {sizes('grid')}",
            rf"Expected a batch of 2D affine matrices of shape Nx2x3 for size \([\d, ]{{1,60}}\)\. Got "
            rf"torch\.Size\({sizes('theta')}\)",
        ),
        fixed(
            "An image (N, C, H, W) goes with a grid (N, H, W, 2), and an affine_grid with matrices (N, 2, 3).",
            Usual(
                "One grid for a whole batch",
                "Every image needs a grid of its own.",
                "Write grid.expand(x.size(0), -1, -1, -1).",
                lambda found: bool(found["batch"]) and not _axes_differ(found),
            ),
            Usual(
                "The coordinates are not the last axis",
                "The last axis holds x and y, each from -1 to 1.",
                "Write grid.permute(0, 2, 3, 1) if they are on axis 1.",
                lambda found: bool(found["wanted"]),
            ),
            Usual(
                "The matrices have a third row",
                "An affine matrix is used without its last row, 0 0 1.",
                "Write F.affine_grid(theta[:, :2], x.shape, align_corners=False).",
                lambda found: bool(found["theta"]),
            ),
            Usual(
                "The batch axis is missing",
                "A single image and a single grid have one axis fewer.",
                "Write x.unsqueeze(0), and grid.unsqueeze(0).",
                _axes_differ,
                only=True,
            ),
            pieces={"image": "the shape of the image", "grid": "the shape of the grid", "theta": "the matrices"},
        ),
    ),
    "margin-loss": kind(
        "A loss of pairs or margins with inputs of different shapes",
        "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: torch.Size([3]), "
        "input2: torch.Size([3]), target: torch.Size([3, 1])",
        (
            r"(?P<name>\w{1,40}_loss) ?: All input tensors should have (?:the )?same dimension but got sizes",
            rf"(?P<name>multi_?margin_loss): target tensor should be 1-D with size equal to the number of input "
            rf"samples "
            rf"\(batch size\)\. Expected target size \[{number('wanted')}\], but got {sizes('got')}",
            rf"inconsistent target size: {sizes('got')} for input of size: {sizes('outputs')}",
        ),
        fixed(
            "This loss compares its inputs sample by sample, so their shapes must belong together.",
            Usual(
                "One of them is a column",
                "A network with one output gives (N, 1), labels are (N).",
                "Write out.squeeze(1), so that all of them are (N).",
                lambda found: "dimension" in found.message,
            ),
            Usual(
                "Labels and outputs of different batches",
                "MultiMarginLoss takes outputs (N, classes) and one class number per sample.",
                "Print both shapes, and take them from the same step of the loop.",
                lambda found: bool(found["got"]),
            ),
            pieces={"name": "the loss", "wanted": "the samples", "got": "the labels", "outputs": "the outputs"},
        ),
    ),
    "variance": kind(
        "GaussianNLLLoss with a variance that does not fit",
        "var is of incorrect size",
        (r"\bvar is of incorrect size", r"\bvar has (?P<negative>negative) entry/entries"),
        fixed(
            "GaussianNLLLoss needs a variance, 0 or more, for each output.",
            Usual(
                "The variance can be negative",
                "A Linear layer outputs any number.",
                "Write var = F.softplus(var), or let the layer predict the logarithm: var = log_var.exp().",
                lambda found: bool(found["negative"]),
                only=True,
            ),
            Usual(
                "A variance of another shape",
                "It has the shape of the outputs, or 1 in its last axis.",
                "Write var.expand_as(out) for one variance for all.",
                lambda found: not found["negative"],
                only=True,
            ),
        ),
    ),
    "distances": kind(
        "Distances between vectors of different lengths",
        "X1 and X2 must have the same number of columns. X1: 4 X2: 5",
        (rf"X1 and X2 must have the same number of columns\. X1: {number('one')} X2: {number('other')}",),
        fixed(
            "torch.cdist compares every row of x with every row of y: both need the same number of columns.",
            Usual(
                "One of them is transposed, or from another layer",
                "A row is one vector; here they have {one} and {other} values.",
                "Print both shapes; a matrix of columns is turned with y.transpose(-2, -1).",
            ),
            pieces={"one": "the columns of x", "other": "the columns of y"},
        ),
    ),
    "scatter-type": kind(
        "scatter with values of another type",
        "scatter(): Expected self.dtype to be equal to src.dtype",
        (
            r"scatter\(\): Expected self\.dtype to be equal to src\.dtype",
            r"index_add_\(\): self(?: \(\w{1,20}\))? and source(?: \(\w{1,20}\))? must have the same scalar type",
            r"Index put requires the source and destination dtypes match, got (?P<one>\w{1,20}) for the "
            r"destination and "
            r"(?P<other>\w{1,20}) for the source",
        ),
        fixed(
            "Values are written into a tensor of another type.",
            Usual(
                "Zeros of whole numbers, or half precision",
                "torch.autocast makes some results float16, while torch.zeros is float32.",
                "Write the values as the type of the tensor: values.to(out.dtype).",
            ),
            pieces={"one": "the type of the tensor", "other": "the type of the values"},
        ),
    ),
}
