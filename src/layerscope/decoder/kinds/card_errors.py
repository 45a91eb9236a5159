"""CUDA error: device-side assert triggered: a number out of range, on the card, where torch cannot say which."""

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds import class_number_errors, index_errors
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind
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
        labels = class_number_errors.explain_target_range(Found("target-range", found.message), network)
        return Explanation(f"{labels.says} {SAYS}", (), (*labels.causes, PROCESSOR))
    if "srcSelectDimSize" in before or "index out of bounds" in before:
        of_table = index_errors.KINDS["embedding"].explain(found, network)
        return Explanation(SAYS, (), (INDEX, *of_table.causes, PROCESSOR))
    if "input_val" in before or "target_val" in before:
        return Explanation(SAYS, (), (PROBABILITIES, LABELS, PROCESSOR))
    return Explanation(SAYS, (), (LABELS, INDEX, PROBABILITIES, PROCESSOR))


KINDS: dict[str, Kind] = {
    "device-assert": kind(
        "A check on the graphics card failed",
        "CUDA error: device-side assert triggered",
        (r"CUDA error: device-side assert triggered",),
        explain,
    ),
    "no-cuda": kind(
        "No graphics card",
        "Torch not compiled with CUDA enabled",
        (
            r"Torch not compiled with CUDA enabled",
            r"Found no NVIDIA driver on your system",
        ),
        fixed(
            "Something is to go to a graphics card (cuda), and this torch can use none.",
            Usual(
                "cuda is written into the code",
                "net.cuda() and device='cuda' work only where there is a card of NVIDIA and a torch for it.",
                'Write device = torch.device("cuda" if torch.cuda.is_available() else "cpu"), and net.to(device).',
            ),
            Usual(
                "A torch for the processor was installed",
                "There is a card, but the package has nothing for it; pip on Windows installs that one.",
                "Take the command that pytorch.org gives for your CUDA, then restart.",
            ),
            Usual(
                "A Mac, or a notebook without a card",
                "A Mac has mps in place of cuda; Colab gives a card only if it is asked for.",
                "Use torch.device('mps'), or Runtime, Change runtime type, T4 GPU.",
            ),
        ),
    ),
}
