"""What torch says of classes, types, labels, losses and saved weights."""

from layerscope.decoder.kind import NUMBER, SIZES, Kind, kind

OF_TRAINING: dict[str, Kind] = {
    "super-init": kind(
        "super().__init__() is missing",
        "cannot assign module before Module.__init__() call",
        r"cannot assign (module|parameters?) before Module\.__init__\(\) call",
    ),
    "device": kind(
        "Tensors on different devices",
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
        r"[Ee]xpected all tensors to be on the same device(?:, but (?:found at least two devices, )?"
        r"([\w:]{1,20}) and ([\w:]{1,20}))?"
        r"(?:!? \(when checking argument for argument (\w{1,30}) in method \w{1,60}\))?",
        r"[Ee]xpected all tensors to be on the same device, but got (\w{1,30}) is on ([\w:]{1,20}), "
        r"different from other tensors on ([\w:]{1,20})(?: \(when checking argument in method \w{1,60}\))?",
        r"Input type \((torch\.cuda\.\w{1,20})\) and (?:weight|bias) type \((torch\.\w{1,20})\) should be the same",
        r"Input type \((torch\.\w{1,20})\) and (?:weight|bias) type \((torch\.cuda\.\w{1,20})\) should be the same",
        r"Tensor on device ([\w:]{1,20}) is not on the expected device ([\w:]{1,20}?)!",
        r"Cannot copy out of (meta) tensor; no data!",
    ),
    "dtype": kind(
        "Numbers of different types",
        "Input type (unsigned char) and bias type (float) should be the same",
        r"Input type \(([\w. ]{1,40})\) and (?:weight|bias) type \(([\w. ]{1,40})\) should be the same",
        r"mat1 and mat2 must have the same dtype, but got (\w{1,20}) and (\w{1,20})",
        r"expected m1 and m2 to have the same dtype, but got: ([\w ]{1,20}) != ([\w ]{1,20})",
        r"[Ee]xpected (?:object of )?scalar type (\w{1,20}) but (?:found|got scalar type) (\w{1,20})",
        r"mat1 and mat2 must have the same dtype",
    ),
    "batch-size": kind(
        "As many outputs as labels",
        "Expected input batch_size (200) to match target batch_size (8).",
        rf"Expected input batch_size \(({NUMBER})\) to match target batch_size \(({NUMBER})\)",
    ),
    "target-range": kind(
        "A label that is no class",
        "Target 10 is out of bounds.",
        rf"Target (-?{NUMBER}) is out of bounds",
        r"Assertion `t >= 0 && t < n_classes` failed",
        r"Assertion `cur_target >= 0 && cur_target < n_classes' failed",
    ),
    "target-axes": kind(
        "Labels with an axis too many",
        "0D or 1D target tensor expected, multi-target not supported",
        r"(?:0D or )?1D target tensor expected, multi-target not supported",
        r"multi-target not supported at",
    ),
    "target-type": kind(
        "Labels of another type",
        "expected target dtype to be Long or Byte, but got Float",
        r"expected target dtype to be Long or Byte, but got (\w{1,20})",
        r"expected scalar type Long but found (\w{1,20})",
    ),
    "checkpoint": kind(
        "Saved weights of another network",
        "Error(s) in loading state_dict for Net: size mismatch for fc1.weight: copying a param with shape "
        "torch.Size([120, 192]) from checkpoint, the shape in current model is torch.Size([120, 300]).",
        r"Error\(s\) in loading state_dict for [\w.]{1,80}:",
        r"size mismatch for [\w.]{1,120}: copying a param with shape",
    ),
    "no-forward": kind(
        "forward is missing",
        'Module [Net] is missing the required "forward" function',
        r'Module \[(\w{1,60})\] is missing the required "forward" function',
        r"_forward_unimplemented\(\)",
    ),
    "forward-arguments": kind(
        "forward is called with too little or too much",
        "Net.forward() missing 1 required positional argument: 'x'",
        rf"forward\(\) missing ({NUMBER}) required positional arguments?: ([\w', ]{{1,80}}'?)",
        rf"forward\(\) takes ({NUMBER}) positional arguments? but ({NUMBER}) (?:was|were) given",
    ),
    "none": kind(
        "forward returns nothing",
        "linear(): argument 'input' (position 1) must be Tensor, not NoneType",
        rf"argument '\w{{1,30}}' \(position {NUMBER}\) must be Tensor, not NoneType",
        r"received an invalid combination of arguments - got \(NoneType\b",
        r"'NoneType' object is not callable",
        r"'NoneType' object has no attribute '(\w{1,40})'",
    ),
    "not-tensor": kind(
        "No tensor was given",
        "conv2d(): argument 'input' (position 1) must be Tensor, not numpy.ndarray",
        rf"argument '\w{{1,30}}' \(position {NUMBER}\) must be Tensor, not ([\w.]{{1,40}})",
        r"received an invalid combination of arguments - got \(((?!Tensor|NoneType)[\w.]{1,40}), Parameter\b",
    ),
    "no-grad": kind(
        "Nothing to train",
        "element 0 of tensors does not require grad and does not have a grad_fn",
        rf"element {NUMBER} of (?:tensors|variables) does not require grad",
    ),
    "backward-twice": kind(
        "backward called twice",
        "Trying to backward through the graph a second time",
        r"Trying to backward through the graph a second time",
    ),
    "not-scalar": kind(
        "backward of more than one number",
        "grad can be implicitly created only for scalar outputs",
        r"grad can be implicitly created only for scalar outputs",
    ),
    "dimension": kind(
        "An axis that is not there",
        "Dimension out of range (expected to be in range of [-1, 0], but got 1)",
        rf"Dimension out of range \(expected to be in range of \[(-?{NUMBER}), (-?{NUMBER})\], but got (-?{NUMBER})\)",
    ),
    "index": kind(
        "An index beyond the end",
        "index 3 is out of bounds for dimension 0 with size 3",
        rf"index (-?{NUMBER}) is out of bounds for dimension ({NUMBER}) with size ({NUMBER})",
    ),
    "sizes": kind(
        "Sizes that do not match",
        "The size of tensor a (6) must match the size of tensor b (5) at non-singleton dimension 1",
        rf"The size of tensor a \(({NUMBER})\) must match the size of tensor b \(({NUMBER})\) "
        rf"at non-singleton dimension ({NUMBER})",
    ),
    "target-size": kind(
        "Outputs and labels of different shapes",
        "Target size (torch.Size([6])) must be the same as input size (torch.Size([6, 1]))",
        rf"Target size \(torch\.Size\({SIZES}\)\) must be the same as input size \(torch\.Size\({SIZES}\)\)",
        rf"Using a target size \(torch\.Size\({SIZES}\)\) that is different to the input size "
        rf"\(torch\.Size\({SIZES}\)\)",
    ),
}
