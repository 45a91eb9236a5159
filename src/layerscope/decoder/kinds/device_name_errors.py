"""What torch says of devices that do not exist, or that cannot do what is asked."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind

KINDS: dict[str, Kind] = {
    "device-number": kind(
        "A graphics card number that does not exist",
        "CUDA error: invalid device ordinal",
        (r"CUDA error: invalid device ordinal", r"Invalid device id"),
        fixed(
            "Cards are numbered from 0, and no card has this number.",
            Usual(
                "Code from a machine with more cards",
                "cuda:1 is the second card; CUDA_VISIBLE_DEVICES hides some and renumbers the others.",
                "Write device = torch.device('cuda'), and print torch.cuda.device_count().",
            ),
        ),
    ),
    "device-name": kind(
        "An unknown device name",
        "Expected one of cpu, cuda, ipu, xpu, mkldnn device type at start of device string: gpu",
        (
            r"Expected one of [\w, ]{1,200} device type at start of device string: (?P<name>[\w:.]{1,30})",
            r"Invalid device string: '(?P<name>[\w:. -]{1,30})'",
        ),
        fixed(
            "{name} is not a PyTorch device.",
            Usual(
                "The graphics card is called cuda",
                "cpu is the processor, cuda an NVIDIA card (or AMD with ROCm), mps a Mac's graphics card.",
                'Write device = torch.device("cuda" if torch.cuda.is_available() else "cpu").',
            ),
            Usual(
                "A type instead of a device",
                "x.to takes both, but it reads any string as a device.",
                "Write x.float() or x.to(torch.float32).",
                lambda found: (
                    found["name"] in ("float", "float32", "float16", "half", "long", "int", "int64", "double")
                ),
            ),
            pieces={"name": "the name that was given"},
        ),
    ),
    "mps-assertion": kind(
        "A failed check inside Apple's own library",
        "failed assertion `[MPSNDArray, initWithBuffer:descriptor:] Error: buffer is not large enough. Must be 25600 "
        "bytes",
        (
            r"failed assertion `Placeholder shape mismatches",
            r"failed assertion `\[MPSNDArray,? initWithBuffer:descriptor:\] Error: (?P<what>buffer is not large enough|"
            r"[\w ]{1,60})",
            r"Placeholder (?:buffer size|tensor) is (?P<what>not large enough|empty)",
        ),
        fixed(
            "The calculation on the Mac's graphics card ended in Apple's library, which ends Python with it.",
            Usual(
                "A mistake of an older PyTorch",
                "torch 1.12 to 2.0 passed views of tensors on mps in the wrong way.",
                "Update it: python -m pip install --upgrade torch; until then, copy a part before you use it: "
                "x[:1].clone().",
            ),
            Usual(
                "The network and its input are on different devices",
                "Old versions report it like this too.",
                "Write net.to('mps') and x.to('mps').",
            ),
            Usual(
                "On the processor the same line works, or gives a clearer message",
                "Its checks come before the calculation.",
                "Run one batch with device='cpu'.",
            ),
            pieces={"what": "what the check found"},
        ),
    ),
    "mps-float64": kind(
        "float64 on a Mac",
        "Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.",
        (r"Cannot convert a MPS Tensor to float64 dtype",),
        fixed(
            "A Mac's graphics card computes with float32 and smaller types, not with float64.",
            Usual(
                "Numbers from NumPy",
                "NumPy, pandas and Python use float64.",
                "Write x.float().to('mps'): first the type, then the device.",
            ),
        ),
    ),
    "no-mps": kind(
        "No Mac's graphics card",
        "PyTorch is not linked with support for mps devices",
        (r"PyTorch is not linked with support for mps devices", r"MPS backend is supported on MacOS 12\.3\+"),
        fixed(
            "mps is the graphics card of a Mac with an Apple chip; this build of PyTorch cannot use one.",
            Usual(
                "mps is written into the code",
                "It works only on such a Mac.",
                'Write device = torch.device("mps" if torch.backends.mps.is_available() else "cpu").',
            ),
        ),
    ),
}
