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
    "cublas": kind(
        "A library of the graphics card failed",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        (
            r"(?P<code>CUBLAS_STATUS_\w{1,40})",
            r"cuDNN error: (?P<code>CUDNN_\w{1,50})",
            r"CUDA error: (?P<code>an illegal memory access was encountered|unspecified launch failure)",
            r"(?P<code>Unable to find a valid cuDNN algorithm to run convolution)",
        ),
        fixed(
            "The card reports {code}; the line of the traceback may be an innocent one.",
            Usual(
                "Too little memory is left on the card",
                "The library needs memory of its own when it starts.",
                "Halve batch_size; nvidia-smi shows what else holds memory.",
                lambda found: any(
                    part in found["code"] for part in ("ALLOC", "NOT_INITIALIZED", "INTERNAL", "valid cuDNN")
                ),
            ),
            Usual(
                "A number is out of range",
                "A label that is no class, or an index that an Embedding does not have, breaks the card's state first.",
                "Run one batch on the processor, net.cpu()(x.cpu()): there the message names the number.",
            ),
            Usual(
                "Shapes or types that only the card refuses",
                "The same batch on the processor has a clearer message.",
                "Set CUDA_LAUNCH_BLOCKING=1 before Python starts: then the traceback names the right line.",
            ),
            Usual(
                "Driver, CUDA and torch do not fit",
                "It happens in a network that runs elsewhere.",
                "Print torch.version.cuda, and take the command that pytorch.org gives for your driver.",
            ),
            pieces={"code": "what the card reports"},
        ),
    ),
    "kernel-image": kind(
        "A torch that was not built for this card",
        "CUDA error: no kernel image is available for execution on the device",
        (
            r"no kernel image is available for execution on the device",
            r"with CUDA capability (?P<capability>sm_\d{2,3}) is not compatible with the current PyTorch installation",
        ),
        fixed(
            "This torch has no code for this graphics card.",
            Usual(
                "Another build of torch is needed",
                "A new card needs a build for a new CUDA; support for very old cards ends.",
                "Compare torch.cuda.get_arch_list() with torch.cuda.get_device_capability(), and take the command that "
                "pytorch.org gives for your card.",
            ),
            Usual(
                "A package of its own code",
                "Extensions such as flash-attn are compiled for some cards only.",
                "Build it again on this machine.",
            ),
            pieces={"capability": "the card's generation"},
        ),
    ),
    "old-driver": kind(
        "A driver that is too old",
        "The NVIDIA driver on your system is too old (found version 11040).",
        (
            r"The NVIDIA driver on your system is too old(?: \(found version (?P<version>\d{1,7})\))?",
            r"CUDA driver version is insufficient for CUDA runtime version",
            r"CUDA (?:driver )?initialization(?: error)?: (?:CUDA )?(?:unknown error|driver)",
        ),
        fixed(
            "The card's driver is older than the CUDA that this torch was built with.",
            Usual(
                "Driver and torch are of different times",
                "A torch for an older CUDA runs with an older driver.",
                "Update the driver, or take the command of pytorch.org for the CUDA that nvidia-smi shows.",
            ),
            pieces={"version": "the CUDA that the driver knows"},
        ),
    ),
    "fork": kind(
        "CUDA in a forked process",
        "Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the "
        "'spawn' start "
        "method",
        (r"Cannot re-initialize CUDA in forked subprocess",),
        fixed(
            "A worker of the DataLoader is a copy of the program, and the card cannot be used in a copy.",
            Usual(
                "The Dataset makes tensors on the card",
                "__getitem__, or a transform, calls x.to(device).",
                "Keep the samples on the processor, and move the batch in the loop: x = x.to(device).",
            ),
            Usual(
                "Workers are not needed",
                "Data that is on the card already needs no workers.",
                "Write num_workers=0 in the DataLoader.",
            ),
        ),
    ),
}
