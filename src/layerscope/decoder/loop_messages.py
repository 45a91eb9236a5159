"""What torch and Python say in a training loop: of losses, gradients, optimizers, the card, and missing imports."""

from layerscope.decoder.kind import NUMBER, Kind, kind

OF_LOOP: dict[str, Kind] = {
    "probabilities": kind(
        "Labels taken for probabilities",
        "Expected floating point type for target with class probabilities, got Long",
        r"Expected floating point type for target with class probabilities, got (\w{1,20})",
    ),
    "loss-type": kind(
        "Labels of another type than the outputs",
        "Found dtype Long but expected Float",
        r"Found dtype (\w{1,20}) but expected (\w{1,20})",
        r"result type (\w{1,20}) can't be cast to the desired output type (\w{1,20})",
    ),
    "between": kind(
        "Numbers that are no probabilities",
        "all elements of input should be between 0 and 1",
        r"all elements of (input|target) should be between 0 and 1",
    ),
    "spatial": kind(
        "Label maps with too many or too few axes",
        "only batches of spatial targets supported (3D tensors) but got targets of dimension: 4",
        rf"only batches of spatial targets supported \((?:non-empty )?3D tensors\) but got targets of dimension: "
        rf"({NUMBER})",
        r"only batches of spatial targets supported \((?:non-empty )?3D tensors\)",
    ),
    "in-place": kind(
        "A value that was overwritten before backward",
        "one of the variables needed for gradient computation has been modified by an inplace operation",
        r"one of the variables needed for gradient computation has been modified by an inplace operation"
        rf"(?:: \[[\w.]{{1,40}} \[[\d, ]{{0,60}}\]\], which is output {NUMBER} of (\w{{1,40}}), is at version "
        rf"({NUMBER}); expected version ({NUMBER}))?",
        r"a (?:view of a )?(leaf) Variable that requires grad is being used in an in-place operation",
    ),
    "numpy": kind(
        "A tensor that cannot become an array",
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
        r"Can't call numpy\(\) on (?:Tensor|Variable) that requires grad",
        r"can't convert ([\w:]{1,20}) (?:device type )?tensor to numpy",
    ),
    "embedding": kind(
        "A number that an Embedding does not have",
        "index out of range in self",
        r"index out of range in self",
    ),
    "parameters": kind(
        "An optimizer that got something else than weights",
        "optimizer can only optimize Tensors, but one of the params is torch.nn.modules.linear.Linear",
        r"optimizer can only optimize Tensors, but one of the params is ([\w.]{1,80})",
        r"params argument given to the optimizer should be an iterable of Tensors or dicts, but got ([\w.]{1,80})",
    ),
    "no-cuda": kind(
        "No graphics card",
        "Torch not compiled with CUDA enabled",
        r"Torch not compiled with CUDA enabled",
        r"Found no NVIDIA driver on your system",
    ),
    "device-assert": kind(
        "A check on the graphics card failed",
        "CUDA error: device-side assert triggered",
        r"CUDA error: device-side assert triggered",
    ),
    "undefined": kind(
        "A name that was never defined",
        "name 'nn' is not defined",
        r"\bname '(\w{1,60})' is not defined",
    ),
}
