"""What torch says of values that have become nan, and of matrices that have no inverse."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _backward(found: Found) -> bool:
    return bool(found["function"])


KINDS: dict[str, Kind] = {
    "nan": kind(
        "Values that are no longer numbers",
        "probability tensor contains either `inf`, `nan` or element < 0",
        (
            r"probability tensor contains either `inf`, `nan` or element < 0",
            r"invalid multinomial distribution \((?:encountering probability entry < 0|sum of probabilities <= 0)\)",
            r"Expected parameter \w{1,20} \(Tensor of shape \([\d, ]{0,60}\)\) of distribution "
            rf"{word('distribution', 40)}\(",
            r"The parameter (?:probs|logits|loc|scale) has invalid values",
            rf"Function '{word('function', 60)}' returned nan values in its \d{{1,3}}th output",
        ),
        fixed(
            "Somewhere a value became infinite or not a number, and this spreads to everything computed from it.",
            Usual(
                "The slope of a root, a logarithm or a norm at 0",
                "The derivative of sqrt(x) at 0 is infinite, and infinity times 0 is not a number.",
                "Stay away from 0: torch.sqrt(x + 1e-8), torch.log(x.clamp(min=1e-8)).",
                _backward,
                only=True,
            ),
            Usual(
                "Training steps that are too large",
                "If the learning rate is too high, the weights grow until they are infinite.",
                "Use a smaller lr, and torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0) before optimizer.step().",
            ),
            Usual(
                "Gaps in the data",
                "An empty table cell, or a division by a standard deviation of 0, gives a value that is not a number.",
                "Print torch.isfinite(x).all() for a batch before it enters the network.",
            ),
            Usual(
                "Numbers instead of probabilities",
                "A network's outputs may be negative; torch.multinomial and Categorical expect probabilities.",
                "Write torch.softmax(out, dim=-1), or Categorical(logits=out).",
            ),
            Usual(
                "All weights are 0",
                "torch.multinomial and WeightedRandomSampler draw by weights, of which one must be larger than 0.",
                "Print weights.sum(), and count the samples of each class before dividing by it.",
                lambda found: "sum of probabilities" in found.message,
                only=True,
            ),
            Usual(
                "A scale or probability outside its range",
                "A scale must be larger than 0, and a probability lies between 0 and 1; the message ends with "
                "the values.",
                "Write F.softplus(scale) + 1e-6 for a scale, torch.sigmoid(out) for a probability.",
                lambda found: bool(found["distribution"]) and "nan" not in found.after[:1500],
                only=True,
            ),
            pieces={"function": "the step of backward in which it happened", "distribution": "the distribution"},
        ),
    ),
    "singular": kind(
        "A matrix without an inverse",
        "linalg.inv: The diagonal element 1 is zero, the inversion could not be completed because the input matrix is "
        "singular.",
        (
            r"linalg\.\w{2,20}: (?:\(Batch element \d{1,9}\): )?The (?:diagonal element \d{1,9} is zero|"
            r"factorization could not be completed|solver failed|algorithm failed)",
        ),
        fixed(
            "The matrix cannot be inverted or factored: its rows depend on each other, or it is not positive definite.",
            Usual(
                "Numbers that are not finite",
                "The matrix holds infinite or undefined values, from a training that diverged or gaps in the data.",
                "Print torch.isfinite(matrix).all() before this line.",
                lambda found: "non-finite" in found.after[:100] or "NaN" in found.after[:100],
                only=True,
            ),
            Usual(
                "A covariance from too few samples",
                "A covariance matrix of n features needs more than n samples.",
                "Add a little to the diagonal: matrix + 1e-4 * torch.eye(n).",
            ),
            Usual(
                "A least-squares problem needs no inverse",
                "Solving directly is more exact, and works for singular matrices.",
                "Write torch.linalg.lstsq(a, b).solution, or torch.linalg.pinv(a).",
            ),
        ),
    ),
    "overflow": kind(
        "A number that a type cannot hold",
        "value cannot be converted to type uint8_t without overflow",
        (
            rf"value cannot be converted to type {word('type', 30)} without overflow",
            r"Overflow when unpacking (?P<type>long(?: long)?)",
        ),
        fixed(
            "This number is too large for the type {type}.",
            Usual(
                "Bytes only hold 0 to 255",
                "uint8 ends at 255, int8 at 127, float16 at 65,504.",
                "Write dtype=torch.int64 or dtype=torch.float32.",
            ),
            Usual(
                "A mask value of -1e9 in half precision",
                "float16 has no number that far below 0.",
                "Write scores.masked_fill(mask, torch.finfo(scores.dtype).min).",
            ),
            pieces={"type": "the type"},
        ),
    ),
}
