"""Functions that are asked for more than a tensor has, or get axes that do not belong together."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, signed

KINDS: dict[str, Kind] = {
    "support-unnamed": kind(
        "A value that the distribution cannot give, in old words",
        "The value argument must be within the support",
        (r"The value argument must be within the support",),
        fixed(
            "log_prob is asked about a value that the distribution never gives.",
            Usual(
                "An action or label from another range",
                "A Categorical of n entries gives 0 to n - 1, a Bernoulli 0 or 1.",
                "Print value.min() and value.max(), and compare them with what the distribution gives.",
            ),
            Usual(
                "A value on the border of a continuous distribution",
                "A Beta or a squashed Normal gives neither 0 nor 1.",
                "Write value.clamp(1e-6, 1 - 1e-6).",
            ),
        ),
    ),
    "support": kind(
        "A value that the distribution cannot give",
        "Expected value argument (Tensor of shape ()) to be within the support "
        "(IntegerInterval(lower_bound=0, upper_bound=2)) of the distribution Categorical(probs: "
        "torch.Size([3]))",
        (
            r"Expected value argument \(Tensor of shape \([\d, ]{0,60}\)\) to be within the support "
            r"\((?P<support>[^\n]{1,120}?)\) "
            r"of the distribution (?P<distribution>\w{1,40})",
        ),
        fixed(
            "log_prob is asked about a value that {distribution} never gives: its values lie in {support}.",
            Usual(
                "An action or label from another range",
                "A Categorical over n entries knows 0 to n − 1.",
                "Compare the smallest and the largest value with the number of entries.",
            ),
            Usual(
                "Images that are not 0 or 1, or not in the range",
                "A Bernoulli takes 0 and 1, a Beta what lies between.",
                "Scale them, or write the distribution with validate_args=False.",
            ),
            pieces={"support": "what it can give", "distribution": "the distribution"},
        ),
    ),
    "probability": kind(
        "Probabilities outside 0 to 1",
        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.",
        (
            r"Expected p_in >= 0 && p_in <= 1 to be true",
            r"bernoulli_? expects p to be in \[0, 1\]",
        ),
        fixed(
            "torch.bernoulli draws 1 with a given probability, so each must lie between 0 and 1.",
            Usual(
                "Outputs without a sigmoid",
                "A Linear layer gives any number.",
                "Write torch.bernoulli(torch.sigmoid(out)).",
            ),
        ),
    ),
    "rank-choice": kind(
        "A rank beyond the number of entries",
        "kthvalue(): selected number k out of range for dimension 0",
        (r"kthvalue\(\): selected number k out of range for dimension (?P<axis>\d{1,2})",),
        fixed(
            "kthvalue takes the k-th smallest entry along axis {axis}, counted from 1, and there are fewer than k.",
            Usual(
                "Too few entries along that axis",
                "k goes from 1 to x.size(dim).",
                "Write k = min(k, x.size(dim)), and print x.shape to see whether dim is the right axis.",
            ),
            pieces={"axis": "the axis"},
        ),
    ),
    "axes-wanted": kind(
        "A function for vectors or matrices",
        "diag(): Supports 1D or 2D tensors. Got 3D",
        (
            r"diag\(\): Supports (?P<wanted>1D or 2D) tensors\. Got (?P<got>\d{1,2})D",
            r"(?<!\w)(?:outer|ger|dot): Expected (?P<wanted>\d)-D argument (?:self|vec2), but got (?P<got>\d{1,2})-D",
            r"boundaries tensor must be (?P<wanted>1) dimension, but got dim\((?P<got>\d{1,2})\)",
        ),
        fixed(
            "This function takes a tensor with {wanted} axes, and this one has {got}.",
            Usual(
                "A batch of them",
                "Most of these functions have no batch axis.",
                "Write torch.diagonal(x, dim1=-2, dim2=-1) or torch.diag_embed(x), x.unsqueeze(-1) * y.unsqueeze(-2) "
                "for outer products, and boundaries.flatten() for borders.",
            ),
            pieces={"wanted": "the axes that are possible", "got": "the axes that there are"},
        ),
    ),
    "contracted": kind(
        "Axes of different sizes in a product",
        "contracted dimensions need to match, but first has size 4 in dim -1 and second has size 5 in dim 0",
        (
            rf"contracted dimensions need to match, but first has size {number('one')} in dim -?\d{{1,2}} and "
            rf"second has size "
            rf"{number('other')} in dim",
            rf"linalg\.cross: inputs dimension -?\d{{1,2}} must have length 3\. Got {number('one')} and "
            rf"{number('other')}",
        ),
        fixed(
            "The axes that are multiplied have {one} and {other} entries.",
            Usual(
                "Another axis is meant",
                "tensordot multiplies the last axes of the first with the first ones of the second; cross needs "
                "vectors of 3.",
                "Print both shapes, and name the axes: torch.tensordot(a, b, dims=([1], [1])), or "
                "torch.linalg.cross(a, b, dim=-1).",
            ),
            pieces={"one": "the size in the first", "other": "the size in the second"},
        ),
    ),
    "roll-axes": kind(
        "Not as many shifts as axes",
        "shifts and dimensions must align. shifts: 1, dims:2",
        (rf"shifts and dimensions must align\. shifts: {number('shifts')}, dims: ?{number('axes')}",),
        fixed(
            "roll is told {shifts} shifts for {axes} axes, and needs one for each.",
            Usual(
                "One number for several axes",
                "A window is shifted along the height and the width.",
                "Write torch.roll(x, shifts=(n, n), dims=(1, 2)).",
            ),
            pieces={"shifts": "the shifts", "axes": "the axes"},
        ),
    ),
    "sorted-rows": kind(
        "Borders that do not go with the values",
        "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
        "boundaries tensor and input value tensor must match",
        (
            r"boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input "
            r"value tensor must "
            r"match",
        ),
        fixed(
            "searchsorted takes either one row of borders for all values, or one row for each row of values.",
            Usual(
                "One row of borders is meant",
                "Then it has a single axis.",
                "Write torch.searchsorted(borders.flatten(), values).",
            ),
        ),
    ),
    "spectrum": kind(
        "A spectrum that is not complex",
        "istft requires a complex-valued input tensor matching the output from stft with return_complex=True.",
        (r"istft requires a complex-valued input tensor matching the output from stft with return_complex=True",),
        fixed(
            "torch.istft turns a complex spectrum back into sound, and this one has real numbers.",
            Usual(
                "Only the magnitude is there",
                "The phase is needed too.",
                "Write torch.polar(magnitude, phase), or go on with the spectrum that torch.stft gave.",
            ),
            Usual(
                "Real and imaginary parts on the last axis",
                "Older versions of torch gave them so.",
                "Write torch.view_as_complex(spectrum).",
            ),
        ),
    ),
    "no-limits": kind(
        "clamp without a limit",
        "torch.clamp: At least one of 'min' or 'max' must not be None",
        (r"torch\.clamp: At least one of '?min'? or '?max'? must not be None",),
        fixed(
            "clamp cuts values off at a smallest or largest one, and neither is given.",
            Usual(
                "A limit is missing",
                "It may come from an argument that was left out.",
                "Write x.clamp(min=0), or x.clamp(0, 1).",
            ),
        ),
    ),
    "layer-index": kind(
        "A layer that a container does not have",
        "index 3 is out of range",
        (rf"(?<!\w)index {signed('index')} is out of range(?! for)",),
        fixed(
            "The nn.Sequential or nn.ModuleList has no layer of number {index}: they are counted from 0.",
            Usual(
                "One layer too far",
                "The last of n layers has the number n − 1.",
                "Print len(net), and write net[-1] for the last one.",
            ),
            pieces={"index": "the number"},
        ),
    ),
    "nested-rank": kind(
        "Nested tensors with different axes",
        "All Tensors given to nested_tensor must have the same dimension. Found dimension 3 for Tensor at "
        "index 1 and dimension 2 for Tensor at index 0.",
        (
            rf"All Tensors given to nested_tensor must have the same dimension\. Found dimension {number('one')} "
            rf"for Tensor at index "
            rf"\d{{1,6}} and dimension {number('other')}",
        ),
        fixed(
            "A nested tensor holds tensors of different sizes, but all with as many axes; here {one} and {other}.",
            Usual(
                "One of them has a batch axis",
                "Such as an axis of 1 in front.",
                "Write x.squeeze(0) for that one, and print the shapes: [x.shape for x in tensors].",
            ),
            pieces={"one": "the axes of one", "other": "the axes of another"},
        ),
    ),
    "unpool-index": kind(
        "Places that are not in the output",
        "Found an invalid max index: 99 (output volumes are of size 4x4)",
        (
            rf"(?:Found an )?invalid max index:? {signed('index')} \(output volumes are of size "
            rf"(?P<size>[\dx]{{1,40}})\)",
        ),
        fixed(
            "MaxUnpool puts values back at the places that MaxPool remembered, and place {index} is not in {size}.",
            Usual(
                "Indices of another pooling",
                "Each unpooling needs the indices of the pooling of the same size.",
                "Hand them on in reverse order, and pass output_size: unpool(x, indices, output_size=before.shape).",
            ),
            pieces={"index": "the place", "size": "the output's size"},
        ),
    ),
    "text-as-index": kind(
        "Text instead of a position",
        "'str' object cannot be interpreted as an integer",
        (r"'(?P<given>str|float|Tensor|list|tuple|NoneType)' object cannot be interpreted as an integer",),
        fixed(
            "A whole number is expected, such as for range or a position in a list, but {given} is given.",
            Usual(
                "A number is still text, or has a fraction",
                "input, argparse and / give other types than int.",
                "Write int(n); for 10 / 2 write 10 // 2.",
            ),
            Usual(
                "A name for a list of layers",
                "nn.ModuleList and nn.ParameterList are read by number, nn.ModuleDict and nn.ParameterDict by name.",
                "Use nn.ParameterDict, whose entries have names.",
                lambda found: found["given"] == "str",
            ),
            pieces={"given": "the type it got"},
        ),
    ),
}
