"""CUDA error: device-side assert triggered: a number out of range, on the card, where torch cannot say which."""

from layerscope.decoder import losses
from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.general import ROWS
from layerscope.decoder.messages import Found
from layerscope.network import Network

SAYS = "A number is out of range. The card says it late, so the line of the traceback may be an innocent one."
LABELS = Cause(
    "A label that is no class",
    "With n outputs the labels must be 0 to n - 1; that is the most frequent cause.",
    "Print labels.min() and labels.max(), and compare with the out_features of the last layer.",
)
INDEX = Cause(
    "A number that an Embedding or an index does not have",
    "A table of n rows has the numbers 0 to n - 1.",
    "Print x.min() and x.max() before the layer.",
)
PROBABILITIES = Cause(
    "BCELoss without a sigmoid",
    "It compares probabilities, from 0 to 1.",
    "Use nn.BCEWithLogitsLoss(), which has the sigmoid in it.",
)
PROCESSOR = Cause(
    "What it is, the processor says",
    "The same batch on the processor fails at the right line, with the number in the message.",
    "Restart the notebook, which the card needs after this error, and run one batch with device='cpu'.",
)


def explain(found: Found, network: Network | None) -> Explanation:
    """The lines before, where the paste has them, say which check failed."""
    before = found.before
    if "n_classes" in before:
        labels = losses.explain_target_range(Found("target-range", found.message, ()), network)
        return Explanation(f"{labels.says} {SAYS}", (), (*labels.causes, PROCESSOR))
    if "srcSelectDimSize" in before or "index out of bounds" in before:
        of_table = tuple(Cause(*row) for row in ROWS["embedding"][2])
        return Explanation(SAYS, (), (INDEX, *of_table, PROCESSOR))
    if "input_val" in before or "target_val" in before:
        return Explanation(SAYS, (), (PROBABILITIES, LABELS, PROCESSOR))
    return Explanation(SAYS, (), (LABELS, INDEX, PROBABILITIES, PROCESSOR))
