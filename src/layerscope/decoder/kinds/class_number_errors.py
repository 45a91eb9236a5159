"""Labels for which the network has no class."""

from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind, signed
from layerscope.network import Network, NetworkError
from layerscope.tracing import trace

NO_CLASS = 255
"""What masks of images hold where no class is meant; in a mask of two classes it may also be white."""
VOID = (
    Cause(
        "255 marks pixels without a class",
        "Masks such as those of Pascal VOC and Cityscapes have 255 at borders and where nothing was labeled.",
        "Leave them out of the loss: nn.CrossEntropyLoss(ignore_index=255).",
    ),
    Cause(
        "A black and white mask, with 0 and 255",
        "A picture of a mask stores white as 255, but with two classes the labels are 0 and 1.",
        "Divide it: labels = labels.long() // 255.",
    ),
)
SAYS = "A label is not one of the network's classes."


def explain_target_range(found: Found, network: Network | None) -> Explanation:
    """Target 10 is out of bounds."""
    label = found.number("label") if found["label"] else None
    classes = network.classes if network else None
    meanings = ((f"{label}", "a label of the batch; classes count from 0"),) if label is not None else ()
    fits = label is not None and classes is not None and not 0 <= label < classes
    head = (network.head if network else None) or ""
    if label == NO_CLASS and (classes is None or classes < NO_CLASS):
        return Explanation(SAYS, meanings, VOID)
    if classes and label is not None and 0 <= label < classes:
        return Explanation(SAYS, meanings, (_another_network(classes, label, head), *_in_general(label)))
    of = f"With {classes} classes the labels are 0 to {classes - 1}" if classes else "The labels are 0 to classes - 1"
    shown = f"{of}; {label} is not one of them." if label is not None and classes else f"{of}."
    causes = []
    if label is None or label >= 0:
        from_one = Cause("Labels that count from 1", shown, "Subtract 1 from the labels: labels - 1.", fits, head)
        causes.append(from_one if label is None or classes is None or label == classes else _plain(from_one))
        causes.append(_more_classes(network if fits else None, label, shown, head))
        causes.sort(key=lambda cause: not cause.fits)
        causes = [*_one_output(label, classes), *causes]
    else:
        remedy = "Give such samples a class, or ignore them: CrossEntropyLoss(ignore_index=-1)."
        causes.append(Cause("Labels that mean no class", shown, remedy, fits, head))
    return Explanation(SAYS, meanings, in_order(causes))


def _another_network(classes: int, label: int, head: str) -> Cause:
    why = (
        f"It has {classes} outputs, and {label} is one of its classes; the one that failed has at most {label} outputs."
    )
    remedy = "Compare the out_features of the last layer in your code with the number of classes."
    return Cause(
        "The network here is not the one that failed", why.replace(" 1 outputs", " 1 output"), remedy, layer=head
    )


def _in_general(label: int) -> Iterator[Cause]:
    yield from _one_output(label, None)
    yield _more_classes(None, label, "The labels are 0 to classes - 1.", "")
    yield Cause(
        "Labels that count from 1", "The labels are 0 to classes - 1.", "Subtract 1 from the labels: labels - 1."
    )


def _one_output(label: int | None, classes: int | None) -> Iterator[Cause]:
    """Class 1 is out of range only where class 0 is the only one: the network has a single output."""
    if label == 1 and classes in (None, 1):
        yield Cause(
            "A single output for yes or no",
            "The network has one output, so cross entropy knows only class 0.",
            "Use nn.BCEWithLogitsLoss() with out.squeeze(1) and labels.float(); or write out_features=2 in the "
            "last layer.",
        )


def _plain(cause: Cause) -> Cause:
    return Cause(cause.title, cause.why, cause.remedy)


def _more_classes(network: Network | None, label: int | None, why: str, head: str) -> Cause:
    width = "one more than the largest label" if label is None else f"{label + 1} or more"
    where = f" of {head}" if head else " of the last layer"
    remedy = f"Set out_features{where} to the number of classes, which is {width}."
    changed = None
    if network and label is not None:
        try:
            changed = network.with_classes(label + 1)
        except NetworkError:
            changed = None
    runs = changed is not None and trace(changed).error is None
    return Cause(
        "More classes in the data than outputs", why, remedy, runs, head, changed if runs else None, mends=runs
    )


KINDS: dict[str, Kind] = {
    "target-range": kind(
        "A label that is not a class",
        "Target 10 is out of bounds.",
        (
            rf"Target {signed('label')} is out of bounds",
            r"Assertion `t >= 0 && t < n_classes` failed",
            r"Assertion `cur_target >= 0 && cur_target < n_classes' failed",
        ),
        explain_target_range,
    ),
}
