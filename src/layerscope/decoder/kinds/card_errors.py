"""CUDA error: device-side assert triggered: a number out of range, on the card, where torch cannot say which."""

import re

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds import class_number_errors, index_errors
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.network import Network

SAYS = "A number is out of range. The card reports it late, so the traceback may name the wrong line."
LABELS = Cause(
    "A label that is not a class",
    "With n outputs the labels must be 0 to n - 1. This is the most common cause.",
    "Print labels.min() and labels.max(), and compare with the out_features of the last layer.",
)
INDEX = Cause(
    "An index that is too large or negative",
    "An Embedding or tensor with n rows has the indices 0 to n - 1.",
    "Print x.min() and x.max() before the layer.",
)
PROBABILITIES = Cause(
    "BCELoss without a sigmoid",
    "It compares probabilities, from 0 to 1.",
    "Use nn.BCEWithLogitsLoss(), which includes the sigmoid.",
)
PROCESSOR = Cause(
    "The processor gives a clearer message",
    "On the processor, the same batch fails at the right line and the message names the number.",
    "Restart the notebook (needed after this error), and run one batch with device='cpu'.",
)


def explain(found: Found, network: Network | None) -> Explanation:
    """The lines before, where the paste has them, say which check failed."""
    before = f"{found.before} {found.message}"
    if "n_classes" in before:
        labels = class_number_errors.explain_target_range(Found("target-range", found.message), network)
        return Explanation(f"{labels.says} {SAYS}", (), (*labels.causes, PROCESSOR))
    if "srcSelectDimSize" in before or "index out of bounds" in before:
        of_table = index_errors.KINDS["embedding"].explain(found, network)
        return Explanation(SAYS, (), (INDEX, *of_table.causes, PROCESSOR))
    if "input_val" in before or "target_val" in before:
        return Explanation(SAYS, (), (PROBABILITIES, LABELS, PROCESSOR))
    return Explanation(SAYS, (), (LABELS, INDEX, PROBABILITIES, PROCESSOR))


def explain_library(found: Found, network: Network | None) -> Explanation:
    """A library of the card failed; where a check on the card failed before, that is why."""
    if _ASSERTION.search(found.before[-LONGEST_LOG:]):
        return explain(found, network)
    return _OF_LIBRARY(found, network)


_ASSERTION = re.compile(r"block: \[\d{1,9}, ?\d{1,9}, ?\d{1,9}\],? thread: [^\n]{1,60}Assertion")
LONGEST_LOG = 4_000
"""Characters before an error in which a check of the card is looked for."""
_OF_LIBRARY = fixed(
    "The card reports {code}; the traceback may name the wrong line.",
    Usual(
        "Too little memory is left on the card",
        "The library needs some memory when it starts.",
        "Halve batch_size; nvidia-smi shows what else uses memory.",
        lambda found: any(
            part in found["code"]
            for part in ("ALLOC", "NOT_INITIALIZED", "INTERNAL", "valid cuDNN", "CUDNN_STATUS_EXECUTION", "MAPPING")
        ),
        only=True,
    ),
    Usual(
        "The values are not in order in memory, or are too many",
        "cuDNN refuses some tensors after permute or an index, and tensors beyond 2**31 values.",
        "Write x = x.contiguous() before the layer; if that fails, split the batch: "
        "torch.cat([layer(part) for part in x.split(16)]).",
        lambda found: "NOT_SUPPORTED" in found["code"],
        only=True,
    ),
    Usual(
        "A number is out of range",
        "A label that is not a class, or an index that an Embedding does not have, can cause this error.",
        "Run one batch on the processor, net.cpu()(x.cpu()): there the message names the number.",
        lambda found: "CUDNN" not in found["code"] and "cuDNN" not in found["code"],
        only=True,
    ),
    Usual(
        "Shapes or types that only the card rejects",
        "On the processor, the same batch gives a clearer message.",
        "Set CUDA_LAUNCH_BLOCKING=1 before Python starts: then the traceback names the right line.",
    ),
    Usual(
        "Driver, CUDA and PyTorch do not match",
        "Likely if the same network runs on another machine.",
        "Print torch.version.cuda, and use the install command that pytorch.org gives for your driver.",
    ),
    pieces={"code": "what the card reports"},
)


KINDS: dict[str, Kind] = {
    "device-assert": kind(
        "A check on the graphics card failed",
        "CUDA error: device-side assert triggered",
        (
            r"(?:CUDA error|cuda runtime error \(\d{1,3}\) ?): device-side assert triggered",
            r"Assertion [`'\"]?srcIndex < srcSelectDimSize[`'\"]? failed",
            r"Assertion [`'\"]?[\w.\[\] <>=&|()-]{1,80}(?:&&|\|\|) [`'\"]{0,2}index out of bounds[`'\"]{1,3} failed",
        ),
        explain,
    ),
    "no-cuda": kind(
        "No graphics card",
        "Torch not compiled with CUDA enabled",
        (
            r"Torch not compiled with CUDA enabled",
            r"Found no NVIDIA driver on your system",
            r"No CUDA GPUs are available",
        ),
        fixed(
            "The code uses a graphics card (cuda), but this build of PyTorch cannot use one.",
            Usual(
                "cuda is written into the code",
                "net.cuda() and device='cuda' need an NVIDIA card and a PyTorch build for it.",
                'Write device = torch.device("cuda" if torch.cuda.is_available() else "cpu"), and net.to(device).',
            ),
            Usual(
                "The CPU version of PyTorch is installed",
                "It cannot use the card; on Windows, plain pip install torch installs this version.",
                "Use the install command that pytorch.org gives for your CUDA, then restart.",
            ),
            Usual(
                "A Mac, or a notebook without a card",
                "A Mac has mps instead of cuda; Colab gives you a card only if you ask for one.",
                "Use torch.device('mps'); in Colab, Runtime, Change runtime type, T4 GPU.",
            ),
        ),
    ),
    "cublas": kind(
        "A library of the graphics card failed",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        (
            r"(?P<code>CUBLAS_STATUS_\w{1,40})",
            r"(?P<code>CUDNN_STATUS_\w{1,40})",
            r"cuDNN error: (?P<code>CUDNN_\w{1,50})",
            r"CUDA error: (?P<code>an illegal memory access was encountered|unspecified launch failure)",
            r"CUDA error: (?P<code>misaligned address|too many resources requested for launch)",
            r"(?P<code>(?:GET|FIND) was unable to find an engine to execute this computation)",
            r"(?P<code>Unable to find a valid cuDNN algorithm to run convolution)",
        ),
        explain_library,
    ),
    "launch": kind(
        "A calculation of a size that the card cannot start",
        "CUDA error: invalid configuration argument",
        (r"(?:CUDA error|cuda runtime error \(9\) ?): invalid configuration argument",),
        fixed(
            "The card cannot start a calculation of this size: the tensor has no values, or far too many.",
            Usual(
                "A tensor without values",
                "A mask that picks nothing, or an empty last batch, gives a tensor with an axis of 0.",
                "Print x.shape before the line, and leave such a batch out: if x.numel() == 0: continue.",
            ),
            Usual(
                "Too many sequences at once",
                "Some calculations start one block for each sample and head, and a card starts at most 65,535.",
                "Compute parts: torch.cat([layer(part) for part in x.split(1024)]).",
            ),
            Usual(
                "The line may be another one",
                "The card reports errors late.",
                "Set CUDA_LAUNCH_BLOCKING=1 before Python starts: then the traceback names the right line.",
            ),
        ),
    ),
    "card-busy": kind(
        "A graphics card that cannot be used now",
        "CUDA error: all CUDA-capable devices are busy or unavailable",
        (
            r"CUDA error: (?P<code>all CUDA-capable devices are busy or unavailable)",
            r"CUDA error: (?P<code>unknown error|initialization error)",
            r"(?P<code>Unexpected error from cudaGetDeviceCount\(\))",
            r"(?P<code>CUDA unknown error) - this may be due to an incorrectly set up environment",
        ),
        fixed(
            "PyTorch finds the card but cannot start on it. The network is not the cause.",
            Usual(
                "Another program holds the card",
                "Some machines give a card to one program only, and a program that crashed may still hold it.",
                "Look at nvidia-smi, end what still runs there, and restart the notebook.",
            ),
            Usual(
                "The driver needs a restart",
                "After a computer slept, or the driver was updated, CUDA starts again only after a restart.",
                "Restart the computer. If nvidia-smi fails too, install the driver again.",
            ),
            pieces={"code": "what the card reports"},
        ),
    ),
    "kernel-image": kind(
        "A PyTorch build for other cards",
        "CUDA error: no kernel image is available for execution on the device",
        (
            r"no kernel image is available for execution on the device",
            r"with CUDA capability (?P<capability>sm_\d{2,3}) is not compatible with the current PyTorch installation",
        ),
        fixed(
            "This build of PyTorch has no code for this graphics card.",
            Usual(
                "A different build of PyTorch is needed",
                "A new card needs a build for a new CUDA; very old cards are no longer supported.",
                "Compare torch.cuda.get_arch_list() with torch.cuda.get_device_capability(), and use the command that "
                "pytorch.org gives for your card.",
            ),
            Usual(
                "A package with its own CUDA code",
                "Extensions such as flash-attn are compiled only for some cards.",
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
            "The card's driver is older than the CUDA that PyTorch was built with.",
            Usual(
                "The driver is older than PyTorch",
                "A PyTorch build for an older CUDA runs with an older driver.",
                "Update the driver, or use the pytorch.org command for the CUDA that nvidia-smi shows.",
            ),
            pieces={"version": "the CUDA version that the driver supports"},
        ),
    ),
    "fork": kind(
        "CUDA in a forked process",
        "Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the "
        "'spawn' start "
        "method",
        (r"Cannot re-initialize CUDA in forked subprocess",),
        fixed(
            "A DataLoader worker is a copy of the program, and a copy cannot use the card.",
            Usual(
                "The Dataset makes tensors on the card",
                "__getitem__, or a transform, calls x.to(device).",
                "Keep the samples on the processor and move each batch in the loop: x = x.to(device).",
            ),
            Usual(
                "Workers are not needed",
                "Data that is already on the card needs no workers.",
                "Write num_workers=0 in the DataLoader.",
            ),
        ),
    ),
}
