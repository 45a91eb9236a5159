"""What torch.ao.quantization says: the wrong mode, the wrong type, layers that cannot be fused."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, word


def _combines(found: Found) -> bool:
    """Whether the function puts two tensors together."""
    return found["plain"].removeprefix("aten::").partition(".")[0].rstrip("_") in ("add", "mul", "cat", "sub")


KINDS: dict[str, Kind] = {
    "quantize-mode": kind(
        "Quantization in the wrong mode",
        "prepare_qat only works on models in training mode",
        (
            r"prepare_qat only works on models in training mode",
            r"(?P<eval>Fusion only for eval)",
        ),
        fixed(
            "torch.ao.quantization asks for training mode in some steps and for evaluation mode in others.",
            Usual(
                "eval() is missing",
                "Fusing folds the BatchNorm into the convolution, which holds for fixed statistics only.",
                "Write net.eval() before torch.ao.quantization.fuse_modules; for training use fuse_modules_qat.",
                lambda found: bool(found["eval"]),
                only=True,
            ),
            Usual(
                "train() is missing",
                "Quantization-aware training puts fake rounding into a network that trains.",
                "Write net.train() before torch.ao.quantization.prepare_qat.",
                lambda found: not found["eval"],
                only=True,
            ),
            alone=True,
        ),
    ),
    "fuse-layers": kind(
        "Layers that cannot be fused",
        "did not find fuser method for: (<class 'torch.nn.modules.conv.Conv2d'>, <class "
        "'torch.nn.modules.activation.Sigmoid'>)",
        (
            r"did not find fuser method for: \([^()]{1,300}\)",
            r"Cannot fuse (?:train|eval) modules: \([^()]{1,300}\)",
        ),
        fixed(
            "PyTorch fuses only some rows of layers: Conv, BatchNorm and ReLU, in this order, and Linear with ReLU.",
            Usual(
                "Another layer among them",
                "Only ReLU is fused; other activations stay layers of their own.",
                "Name only layers that fuse: torch.ao.quantization.fuse_modules(net, [['conv', 'bn', 'relu']]).",
            ),
        ),
    ),
    "quantize-type": kind(
        "Quantized numbers and others together",
        "Quantize only works on Float Tensor, got Int",
        (
            rf"Quantize only works on Float Tensor, got {word('type', 20)}",
            r"promoteTypes with quantized numbers is not handled yet",
            r"Could not run 'quantized::(?P<operator>[\w.]{1,40})' with arguments from the 'CPU' backend",
            r"Could not run '(?P<plain>aten::[\w.]{1,40})' with arguments from the 'QuantizedCPU(?:TensorId)?' backend",
        ),
        fixed(
            "A quantized tensor holds bytes and a scale; quantized layers take only those, and other layers only "
            "floats.",
            Usual(
                "The input is not quantized",
                "After convert, the first layer expects a quantized tensor.",
                "Put torch.ao.quantization.QuantStub() before the first layer and torch.ao.quantization.DeQuantStub()"
                " after the last.",
                lambda found: bool(found["operator"]),
                only=True,
            ),
            Usual(
                "Quantized tensors are added, multiplied or joined",
                "A skip connection adds two of them, and the sum needs a scale of its own, which a module keeps.",
                "Write self.add = torch.ao.nn.quantized.FloatFunctional() in __init__, and self.add.add(x, y) in "
                "forward; it has mul and cat too.",
                _combines,
                only=True,
            ),
            Usual(
                "A layer without a quantized form",
                "What PyTorch cannot quantize must get floats again.",
                "Put a DeQuantStub before that layer and a QuantStub after it.",
                lambda found: bool(found["plain"]) and not _combines(found),
                only=True,
            ),
            Usual(
                "A quantized tensor meets floats",
                "The two are added or multiplied as they are.",
                "Write x.dequantize() before that line.",
                lambda found: "promoteTypes" in found.message,
                only=True,
            ),
            Usual(
                "Whole numbers are quantized",
                "Quantizing rounds floats.",
                "Write x.float() first.",
                lambda found: bool(found["type"]),
                only=True,
            ),
            pieces={"type": "the type", "operator": "the quantized layer", "plain": "the function"},
            alone=True,
        ),
    ),
    "quantize-engine": kind(
        "An engine that this build does not have",
        "nope is not a valid value for quantized engine",
        (
            rf"{first_word('engine')} is not a valid value for quantized engine",
            rf"quantized engine {word('engine')} is not supported",
        ),
        fixed(
            "PyTorch computes quantized layers with fbgemm or x86 on PCs and with qnnpack on phones and Apple chips.",
            Usual(
                "The engine of another machine",
                "Which ones this build has is listed.",
                "Print torch.backends.quantized.supported_engines, and set torch.backends.quantized.engine to one of "
                "them.",
            ),
            pieces={"engine": "the engine"},
        ),
    ),
}
