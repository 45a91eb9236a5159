"""What torch says where it has no code for a type of numbers."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, word


def _whole(found: Found) -> bool:
    return found["type"] in ("Long", "Int", "Short", "Char", "Byte", "Bool") and not _labels(found)


def _labels(found: Found) -> bool:
    return "nll_loss" in found["function"] and found["type"] != "Long"


def _half(found: Found) -> bool:
    return found["type"] in ("Half", "BFloat16") and "_amp_" not in found["function"]


KINDS: dict[str, Kind] = {
    "not-implemented": kind(
        "Not implemented for a type of numbers",
        "\"softmax_lastdim_kernel_impl\" not implemented for 'Long'",
        (
            r"\"(?P<function>[\w ()]{1,80})\" not implemented for '(?P<type>\w{1,20})'",
            r"_th_\w{1,40} (?:is )?not supported on \w{1,20} (?:for )?(?P<type>\w{1,20})",
            rf"(?P<function>mean)\(\): (?:could not infer output dtype|input dtype should be either floating "
            rf"point).{{0,90}}?[Gg]ot:? "
            rf"{word('type', 20)}",
            r"Can only calculate the (?P<function>mean) of floating types\. Got (?P<type>\w{1,20}) instead",
            rf"{first_word('function', 20)} only supports? floating[- ]point (?:and complex )?dtypes"
            r"(?:[\w ]{0,20}, (?:X1 )?got: "
            r"(?P<type>\w{1,20}))?",
        ),
        fixed(
            "PyTorch cannot compute this with numbers of this type.",
            Usual(
                "Class numbers of a different type",
                "Classification losses expect int64 (Long).",
                "Write labels.long().",
                _labels,
                only=True,
            ),
            Usual(
                "Whole numbers where fractions are needed",
                "Means, softmax, losses and layers compute fractions, so they need float32.",
                "Write x.float().",
                _whole,
            ),
            Usual(
                "A GradScaler with bfloat16",
                "bfloat16 has the range of float32, so its gradients need no scaling; a GradScaler is for float16.",
                "Leave the scaler out: loss.backward(), then optimizer.step().",
                lambda found: "_amp_" in found["function"] and found["type"] == "BFloat16",
                only=True,
            ),
            Usual(
                "Half precision on the processor",
                "net.half() is for graphics cards; on the processor, many functions exist only for float32.",
                "Write net.float() and x.float(); a half-size type that works on the processor is bfloat16.",
                _half,
            ),
            Usual(
                "A type that this function does not support",
                "The usual type is float32.",
                "Write x.float(), and print x.dtype before this line.",
            ),
            pieces={"function": "PyTorch's function", "type": "the type it got"},
            alone=True,
        ),
    ),
    "whole-gradient": kind(
        "Whole numbers cannot be trained",
        "Only Tensors of floating point and complex dtype can require gradients",
        (r"[Oo]nly Tensors of floating point (?:and complex )?dtype can require gradients",),
        fixed(
            "Gradients are small steps, which whole numbers cannot take.",
            Usual(
                "A tensor of whole numbers",
                "torch.tensor([1, 2]) is int64; with decimal points it is float32.",
                "Write torch.tensor([1.0, 2.0], requires_grad=True), or x.float() before requires_grad.",
            ),
        ),
    ),
    "index-device": kind(
        "An index on another device",
        "indices should be either on cpu or on the same device as the indexed tensor (cpu)",
        (r"indices should be either on \w{1,8} or on the same device as the indexed tensor \((?P<here>[\w:]{1,12})\)",),
        fixed(
            "The tensor is on {here}, and its index or mask is on another device.",
            Usual(
                "The data set is in memory, the index on the card",
                "What the network computed is on its device; data and labels that were not moved are on cpu.",
                "Write values[index.to(values.device)].",
            ),
            Usual(
                "A table of the network that is not a buffer",
                "net.to(device) moves parameters and buffers only.",
                'Write self.register_buffer("table", table) in __init__.',
            ),
            pieces={"here": "the device of the tensor"},
        ),
    ),
    "index-type": kind(
        "Indices that are not whole numbers",
        "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
        "torch.FloatTensor instead (while checking arguments for embedding)",
        (
            r"Expected tensor for argument #1 'indices' to have (?:one of the following )?scalar types?:? "
            r"Long(?:, Int)?; but "
            rf"got {word('type', 60)} instead",
            r"tensors used as indices must be long,(?: int,)? byte or bool tensors",
            r"only integers, slices \(`:`\), ellipsis \(`\.\.\.`\), (?:None|\w{4}) and long or byte Variables "
            r"are valid indices "
            r"\(got (?P<type>\w{1,30})\)",
        ),
        fixed(
            "Indices, such as the input of an Embedding, must be whole numbers.",
            Usual(
                "Floats for an Embedding",
                "An Embedding looks up rows by number, so it expects int64 (Long).",
                "Write x.long() before the Embedding.",
                lambda found: "'indices'" in found.message or "embedding" in found.after[:200],
                only=True,
            ),
            Usual(
                "The numbers are floats",
                "Data from NumPy, tables and torch.zeros are floats, and a division always gives a float.",
                "Write x.long() for a tensor, int(i) or // for a single number.",
            ),
            Usual(
                "Values instead of indices",
                "An Embedding looks up words; measured values go into a Linear layer.",
                "Use nn.Linear for measured values.",
            ),
            pieces={"type": "the type you gave"},
        ),
    ),
    "bool-minus": kind(
        "Subtraction of Boolean masks",
        "Subtraction, the `-` operator, with two bool tensors is not supported.",
        (
            r"Subtraction, the `-` operator, with (?:two|a) bool tensors? is not supported",
            r"Negation, the `-` operator, on a bool tensor is not supported",
        ),
        fixed(
            "Masks hold yes or no, which cannot be subtracted.",
            Usual(
                "Inverting a mask",
                "1 - mask works only for numbers.",
                "Write ~mask; to count, mask.float().",
            ),
        ),
    ),
}
