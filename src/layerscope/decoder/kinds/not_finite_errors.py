"""What torch says of values that are not numbers any more (nan), and of matrices that have no inverse."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _backward(found: Found) -> bool:
    return bool(found["function"])


KINDS: dict[str, Kind] = {
    "nan": kind(
        "Values that are not numbers any more",
        "probability tensor contains either `inf`, `nan` or element < 0",
        (
            r"probability tensor contains either `inf`, `nan` or element < 0",
            r"invalid multinomial distribution \((?:encountering probability entry < 0|sum of probabilities <= 0)\)",
            r"Expected parameter \w{1,20} \(Tensor of shape \([\d, ]{0,60}\)\) of distribution "
            rf"{word('distribution', 40)}\(",
            rf"Function '{word('function', 60)}' returned nan values in its \d{{1,3}}th output",
        ),
        fixed(
            "Somewhere a value became infinite, or is not a number at all, and neither is anything after it.",
            Usual(
                "The slope of a root, a logarithm or a norm at 0",
                "The derivative of sqrt(x) at 0 is infinite, and infinity times 0 is not a number.",
                "Keep away from 0: torch.sqrt(x + 1e-8), torch.log(x.clamp(min=1e-8)).",
                _backward,
                only=True,
            ),
            Usual(
                "Steps that were too large",
                "With a learning rate that is too high the weights grow until they are infinite.",
                "Use a smaller lr, and torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0) before optimizer.step().",
            ),
            Usual(
                "Gaps in the data",
                "An empty cell of a table, or a division by a standard deviation of 0, is not a number from the start.",
                "Print torch.isfinite(x).all() for a batch before the network.",
            ),
            Usual(
                "Numbers in place of probabilities",
                "A network's outputs may be negative; torch.multinomial and Categorical want probabilities.",
                "Write torch.softmax(out, dim=-1), or Categorical(logits=out).",
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
            "The matrix cannot be inverted or taken apart: some of its rows say the same, or it is not positive.",
            Usual(
                "A covariance of too few samples",
                "A covariance of n features needs more than n samples.",
                "Add a little to the diagonal: matrix + 1e-4 * torch.eye(n).",
            ),
            Usual(
                "A least-squares problem",
                "The inverse is seldom needed.",
                "Write torch.linalg.lstsq(a, b).solution, or torch.linalg.pinv(a).",
            ),
        ),
    ),
    "overflow": kind(
        "A number that a type cannot hold",
        "value cannot be converted to type uint8_t without overflow",
        (rf"value cannot be converted to type {word('type', 30)} without overflow",),
        fixed(
            "The type {type} is too short for this number.",
            Usual(
                "Bytes hold 0 to 255",
                "uint8 ends at 255, int8 at 127, float16 at 65,504.",
                "Write dtype=torch.int64 or dtype=torch.float32.",
            ),
            Usual(
                "A mask with -1e9 in half precision",
                "float16 has no number that far below 0.",
                "Write scores.masked_fill(mask, torch.finfo(scores.dtype).min).",
            ),
            pieces={"type": "the type"},
        ),
    ),
}
