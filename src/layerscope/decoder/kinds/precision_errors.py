"""What torch says of mixed precision, and of tensors made in inference mode."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _no_checks(found: Found) -> bool:
    return "inf checks" in found.message


KINDS: dict[str, Kind] = {
    "grad-scaler": kind(
        "GradScaler called out of order",
        "No inf checks were recorded for this optimizer.",
        (
            r"No inf checks were recorded (?:for this optimizer|prior to update)",
            r"unscale_\(\) has already been called on this optimizer since the last update\(\)",
            r"step\(\) has already been called since the last update\(\)",
            r"unscale_\(\) is being called after step\(\)",
            r"Attempted \w{1,10} but _scale is None",
        ),
        fixed(
            "A GradScaler needs the same calls for each batch: scale, step, update.",
            Usual(
                "There was no gradient",
                "scaler.step(optimizer) checks the gradients of the optimizer's weights and found none.",
                "Write scaler.scale(loss).backward() before it, and give the optimizer net.parameters().",
                _no_checks,
                only=True,
            ),
            Usual(
                "scaler.update() is missing",
                "update ends a batch; without it, the next batch counts as the same one.",
                "Write scaler.scale(loss).backward(), scaler.step(optimizer), scaler.update() for each batch.",
            ),
            Usual(
                "unscale_ was called twice",
                "Call it once, before clipping gradients and scaler.step(optimizer).",
                "Remove one of the two calls.",
            ),
        ),
    ),
    "half-weights": kind(
        "GradScaler with weights in float16",
        "Attempting to unscale FP16 gradients.",
        (r"Attempting to unscale FP16 gradients\.",),
        fixed(
            "In mixed precision the weights stay float32; only what is computed from them is float16.",
            Usual(
                "The network was converted with half()",
                "net.half(), or a model loaded in float16, makes the weights float16 themselves.",
                "Leave out half(), or write net.float(); torch.autocast converts what can be float16.",
            ),
            Usual(
                "Only a part is trained",
                "With an adapter the frozen weights may be float16, but those that are trained may not.",
                "Convert only those: for weight in net.parameters(): weight.data = weight.data.float() if "
                "weight.requires_grad else weight.data.",
            ),
        ),
    ),
    "autocast-loss": kind(
        "A loss that half precision cannot hold",
        "torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast.",
        (r"binary_cross_entropy and torch\.nn\.BCELoss are unsafe to autocast",),
        fixed(
            "The logarithm of a probability in float16 can become infinite.",
            Usual(
                "BCELoss after a sigmoid",
                "BCEWithLogitsLoss computes both in one safe step.",
                "Remove the sigmoid and use nn.BCEWithLogitsLoss().",
            ),
        ),
    ),
    "array-type": kind(
        "A type that NumPy does not have",
        "Got unsupported ScalarType BFloat16",
        (rf"Got unsupported ScalarType {word('type', 30)}",),
        fixed(
            "NumPy has no type {type}.",
            Usual(
                "An output of mixed precision",
                "Under torch.autocast, outputs may be bfloat16.",
                "Write out.float().numpy().",
            ),
            pieces={"type": "the type of the tensor"},
        ),
    ),
    "inference-mode": kind(
        "A tensor that was made in inference mode",
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
        "computation tracked by autograd.",
        (
            r"Inference tensors cannot be saved for backward",
            r"Inplace update to inference tensor outside InferenceMode is not allowed",
        ),
        fixed(
            "Tensors made under torch.inference_mode() cannot be used in training.",
            Usual(
                "Features computed once, then trained on",
                "inference_mode also drops what a tensor needs for training later.",
                "Write with torch.no_grad(): instead, or x = x.clone() afterwards.",
            ),
        ),
    ),
    "uninitialized": kind(
        "A lazy layer that has seen no data",
        "Attempted to use an uninitialized parameter in <method 'numel' of 'torch._C.TensorBase' objects>.",
        (
            r"Attempted to use an uninitialized parameter in",
            r"Can't access the shape of an uninitialized parameter or buffer",
        ),
        fixed(
            "A lazy layer makes its weights when the first batch goes through it.",
            Usual(
                "No batch has gone through the network yet",
                "Until then there are no weights to count, initialize, save or train.",
                "First run it once on a batch of the right shape: net(torch.zeros(1, 3, 32, 32)).",
            ),
        ),
    ),
}
