"""What losses say of outputs and labels that do not fit each other."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes, word


def _double(found: Found) -> bool:
    return "Double" in (found["one"], found["other"])


def _whole(found: Found) -> bool:
    return not _double(found)


def _of_labels(found: Found) -> bool:
    return found["side"] == "target"


def _of_outputs(found: Found) -> bool:
    return not _of_labels(found)


def _axes(found: Found) -> int:
    """How many axes the labels have; 0 where the message does not say it."""
    return found.number("axes") if found["axes"] else len(found.sizes("given"))


def _masks(found: Found) -> bool:
    return not _axes(found) or _axes(found) > 3


def _no_masks(found: Found) -> bool:
    return not _axes(found) or _axes(found) <= 3


def _colors_last(found: Found) -> bool:
    return found.sizes("given")[-1:] in ((3,), (4,))


def _one_channel(found: Found) -> bool:
    """Whether axis 1 may be that of a mask's only channel."""
    return _masks(found) and found.sizes("given")[1:2] in ((), (1,))


def _other_batch(found: Found) -> bool:
    """Whether outputs and labels have the same axes but another number of samples."""
    outputs, labels = found.sizes("outputs"), found.sizes("labels")
    return len(outputs) == len(labels) > 1 and outputs[0] != labels[0] and outputs[1:] == labels[1:]


KINDS: dict[str, Kind] = {
    "probabilities": kind(
        "Labels taken for probabilities",
        "Expected floating point type for target with class probabilities, got Long",
        (rf"Expected floating point type for target with class probabilities, got {word('given', 20)}",),
        fixed(
            (
                "Labels of the same shape as the outputs count as probabilities, which must be float, "
                "but they are {given}."
            ),
            Usual(
                "One-hot labels",
                "In a row of zeros, a single 1 marks the class.",
                "Write labels.argmax(dim=1), one class number per image; or labels.float().",
            ),
            Usual(
                "Outputs without a class axis",
                "After squeeze, argmax or out[:, 0] there is only one number per image.",
                "Give cross entropy the rows unchanged, of shape (N, classes).",
            ),
            Usual(
                "The wrong loss",
                "Use another loss if an image can have several labels, or if the answer is yes or no.",
                "Use nn.BCEWithLogitsLoss() with labels.float().",
            ),
            pieces={"given": "the type of the labels"},
        ),
    ),
    "loss-type": kind(
        "Labels of a different type than the outputs",
        "Found dtype Long but expected Float",
        (
            rf"Found dtype {word('one', 20)} but expected {word('other', 20)}",
            rf"result type {word('one', 20)} can't be cast to the desired output type {word('other', 20)}",
        ),
        fixed(
            "This loss does arithmetic with the labels, so outputs and labels must be float32 (Float).",
            Usual(
                "Labels as whole numbers",
                "A Dataset often gives int64 (Long), but MSELoss, L1Loss and BCELoss expect float32.",
                "Write labels.float().",
                _whole,
            ),
            Usual(
                "Class numbers with the wrong loss",
                "To pick one of several classes, use cross entropy, which expects whole numbers.",
                "Use nn.CrossEntropyLoss().",
                _whole,
            ),
            Usual(
                "Numbers from NumPy",
                "NumPy and pandas use float64 (Double), PyTorch's layers float32.",
                "Write labels.float(), or torch.from_numpy(a.astype('float32')).",
                _double,
            ),
            pieces={"one": "the type on one side", "other": "the type on the other"},
        ),
    ),
    "between": kind(
        "Numbers that are not probabilities",
        "all elements of input should be between 0 and 1",
        (
            r"all elements of (?P<side>input|target) should be between 0 and 1",
            r"(?P<side>input) value should be between 0~1",
            r"Assertion `(?P<side>input)_val(?:ue)? >= (?:zero|0) && input_val(?:ue)? <= (?:one|1)` failed",
        ),
        fixed(
            "Binary cross entropy compares probabilities, from 0 to 1; some values of {side} are outside.",
            Usual(
                "The sigmoid is missing",
                "A Linear layer outputs any number; only a sigmoid makes it a probability.",
                "Use nn.BCEWithLogitsLoss(), which includes the sigmoid; or write torch.sigmoid(out).",
                _of_outputs,
            ),
            Usual(
                "The outputs are no longer numbers",
                "If training steps are too large, the weights overflow and stop being numbers.",
                "Print out before the loss, and use a smaller lr.",
                _of_outputs,
            ),
            Usual(
                "Labels that are not probabilities",
                "They may be class numbers such as 2, labels of -1 and 1, or masks from 0 to 255.",
                "Rescale them to 0 and 1: masks / 255, (labels + 1) / 2; or use nn.CrossEntropyLoss() for classes.",
                _of_labels,
            ),
            pieces={"side": "the tensor that is out of range"},
        ),
    ),
    "spatial": kind(
        "Label maps with too many or too few axes",
        "only batches of spatial targets supported (3D tensors) but got targets of dimension: 4",
        (
            rf"only batches of spatial targets supported \((?:non-empty )?3D tensors\) but got targets of dimension: "
            rf"{number('axes')}",
            r"only batches of spatial targets supported \((?:non-empty )?3D tensors\)(?: but got targets of size: : "
            rf"{sizes('given')})?",
        ),
        fixed(
            ("The outputs are maps, one per class, so the labels must be maps of class numbers: (N, height, width)."),
            Usual(
                "Masks with a channel axis",
                "ToTensor and a Dataset give masks as (N, 1, height, width).",
                "Write masks.squeeze(1).long().",
                _one_channel,
            ),
            Usual(
                "Masks as color pictures, their colors last",
                "The last axis holds the colors of each pixel where one class number is expected.",
                "Open them as numbers of classes, Image.open(path).convert('L') or mode 'P'; where each class has a "
                "color: (masks == color).all(dim=-1).long() for each of them.",
                _colors_last,
                only=True,
            ),
            Usual(
                "Masks as color pictures or one-hot",
                "They have a channel per color or class instead of class numbers.",
                "Write masks.argmax(dim=1) for one-hot masks; give each color a class number.",
                lambda found: _masks(found) and not _colors_last(found),
            ),
            Usual(
                "One label per image, but outputs that are maps",
                "A classifier outputs (N, classes); here height and width are left.",
                "Flatten and add a Linear layer, or take the mean of the maps: x.mean(dim=(2, 3)).",
                _no_masks,
            ),
            pieces={"axes": "the axes that the labels have, the batch included"},
        ),
    ),
    "target-axes": kind(
        "Labels with one axis too many",
        "0D or 1D target tensor expected, multi-target not supported",
        (
            r"(?:0D or )?1D target tensor expected, multi-target not supported",
            r"multi-target not supported at",
        ),
        fixed(
            "Cross entropy expects one class number per image: a vector of labels.",
            Usual("Labels of shape (N, 1)", "Each label is in its own row.", "Write labels.squeeze(1)."),
            Usual(
                "One-hot labels",
                "In a row of zeros, a single 1 marks the class.",
                "Write labels.argmax(dim=1); or labels.float(), which cross_entropy takes as probabilities.",
            ),
            Usual(
                "Several answers per sample",
                "Labels of shape (N, 10) are ten class numbers per sample: time steps, segments, questions.",
                "Make the network output (N, classes, 10), such as out.view(-1, classes, 10); or use a loss for "
                "each column.",
            ),
        ),
    ),
    "target-type": kind(
        "Labels of a different type",
        "expected target dtype to be Long or Byte, but got Float",
        (
            rf"expected target dtype to be Long or Byte, but got {word('given', 20)}",
            rf"expected scalar type Long but found {word('given', 20)}",
        ),
        fixed(
            "Class numbers are whole numbers: int64, which PyTorch calls Long.",
            Usual("Labels read as {given}", "Tables and NumPy often give float or int32.", "Write labels.long()."),
            Usual(
                "The wrong loss",
                "Class numbers are for cross entropy; measured values need another loss.",
                "Use nn.MSELoss() for regression, nn.BCEWithLogitsLoss() for yes or no.",
            ),
            pieces={"given": "the type of the labels"},
        ),
    ),
    "target-size": kind(
        "Outputs and labels of different shapes",
        "Target size (torch.Size([6])) must be the same as input size (torch.Size([6, 1]))",
        (
            rf"Target size \(torch\.Size\({sizes('labels')}\)\) must be the same as input size "
            rf"\(torch\.Size\({sizes('outputs')}\)\)",
            rf"Using a target size \(torch\.Size\({sizes('labels')}\)\) that is different to the input size "
            rf"\(torch\.Size\({sizes('outputs')}\)\)",
            r"input and target shapes do not match: input \[(?P<outputs>\d{1,9}(?: x \d{1,9}){0,5})\], target "
            r"\[(?P<labels>\d{1,9}(?: x \d{1,9}){0,5})\]",
            r"Target and input must have the same number of elements\. target nelement \((?P<labels>\d{1,12})\) "
            r"!= input "
            r"nelement \((?P<outputs>\d{1,12})\)",
        ),
        fixed(
            "This loss compares outputs and labels value by value, so both need the same shape.",
            Usual(
                "The number of samples changed on the way",
                "The outputs have {outputs}, the labels {labels}: a view(-1, n) with another n makes rows that are not "
                "samples.",
                "Write x = torch.flatten(x, start_dim=1) instead of the view.",
                _other_batch,
                only=True,
            ),
            Usual(
                "One output per sample",
                "The outputs are (N, 1), the labels (N).",
                "Write out.squeeze(1), or labels.unsqueeze(1).float().",
                lambda found: not _other_batch(found),
                only=True,
            ),
            Usual(
                "Several outputs per sample, but one label",
                "BCELoss compares as many labels as outputs. In torch 0.4 and 1, BCELoss says how many values "
                "each has.",
                "Give the last layer one output, nn.Linear(in_features, 1), and write out.squeeze(1).",
                lambda found: "nelement" in found.message,
                only=True,
            ),
            Usual(
                "Classes instead of yes or no",
                "This is the wrong loss to pick one of several classes.",
                "Use nn.CrossEntropyLoss().",
            ),
            pieces={"labels": "the shape of the labels", "outputs": "the shape of the outputs"},
        ),
    ),
}
