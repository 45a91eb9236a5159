"""What losses for classes say of label maps, sequences, class weights and one-hot labels; a loss that is misused."""

from layerscope.decoder.answer import Cause, Explanation
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes
from layerscope.formatting import shape_text
from layerscope.network import Network


def explain_sequence(found: Found, _network: Network | None) -> Explanation:
    """Expected target size [6, 40], got [6, 11]: the outputs without axis 1, beside the labels."""
    wanted, got = found.sizes("wanted"), found.sizes("got")
    meanings = (
        (found["wanted"], "the shape the labels need: the outputs without axis 1"),
        (found["got"], "the labels"),
    )
    classes = Cause(
        "The classes are not on axis 1",
        f"Cross entropy expects outputs of shape (N, classes, length). Here the {wanted[-1]} classes seem to "
        f"be last: "
        f"(N, {got[-1]}, {wanted[-1]}).",
        f"Write loss(out.transpose(1, 2), labels), or loss(out.reshape(-1, {wanted[-1]}), labels.reshape(-1)).",
    )
    length = Cause(
        "Outputs and labels of different lengths",
        f"With the classes on axis 1, the other axes must match, but are {shape_text(wanted)} and {shape_text(got)}.",
        "Cut both to one length; to predict the next word, use out[:, :, :-1] and labels[:, 1:].",
    )
    says = f"For these outputs, the labels must be {shape_text(wanted)} but are {shape_text(got)}."
    if len(got) < len(wanted):
        one = Cause(
            "One label per sample, but scores for each step",
            f"The outputs are (N, classes, {shape_text(wanted[1:])}): one row of scores for each step or place.",
            "Use one step, loss(out[:, :, -1], labels), or the mean of all: loss(out.flatten(2).mean(dim=2), labels).",
        )
        return Explanation(says, meanings, (one,))
    return Explanation(says, meanings, (classes, length))


def explain_maps(found: Found, _network: Network | None) -> Explanation:
    """size mismatch (got input: [2, 5, 32, 32] , target: [2, 16, 16]."""
    outputs, labels = found.sizes("outputs"), found.sizes("labels")
    meanings = ((f"[{found['outputs']}]", "the outputs"), (f"[{found['labels']}]", "the label maps"))
    size = Cause(
        "Maps and masks of different sizes",
        f"The outputs are {shape_text(outputs[2:])}, the masks {shape_text(labels[1:])}.",
        "Enlarge the outputs: F.interpolate(out, size=masks.shape[-2:]); or resize the masks with "
        "transforms.InterpolationMode.NEAREST, which adds no new class numbers.",
    )
    batch = Cause(
        "Outputs and labels of different batches",
        f"There are {outputs[0]} outputs and {labels[0]} label maps.",
        "Take both from the same step, for x, y in loader.",
    )
    says = "The loss expects one class number for each cell of the outputs."
    return Explanation(says, meanings, (batch, size) if outputs[:1] != labels[:1] else (size,))


KINDS: dict[str, Kind] = {
    "label-sequence": kind(
        "Labels of sequences or maps with the wrong shape",
        "Expected target size [6, 40], got [6, 11]",
        (
            r"Expected target size (?P<wanted>[\[(]\d{1,9}(?:, \d{1,9}){1,4}[\])]), got (?:torch\.Size\()?"
            r"(?P<got>[\[(]\d{1,9}(?:, \d{1,9}){0,4}[\])])",
        ),
        explain_sequence,
    ),
    "label-maps": kind(
        "Label maps and outputs of different sizes",
        "size mismatch (got input: [2, 5, 32, 32] , target: [2, 16, 16]",
        (
            rf"size mismatch \(got input: (?:torch\.Size\()?{sizes('outputs')}\)? ?, target: "
            rf"(?:torch\.Size\()?{sizes('labels')}",
            rf"input and target batch or spatial sizes don't match: target {sizes('labels')}, input {sizes('outputs')}",
            r"input and target batch or spatial sizes don't match: target \[(?P<labels>\d{1,9}(?: x \d{1,9}){1,4})\], "
            r"input \[(?P<outputs>\d{1,9}(?: x \d{1,9}){1,4})\]",
        ),
        explain_maps,
    ),
    "class-weights": kind(
        "Class weights for a different number of classes",
        "weight tensor should be defined either for all 7 classes or no classes but got weight tensor of shape: [5]",
        (
            rf"weight tensor should be defined either for all (?:(?P<classes>\d{{1,9}}) )?(?:or no )?classes"
            rf"(?: or no classes)?(?:,? but got weight tensor of shape:? {sizes('given')})?",
        ),
        fixed(
            "The loss expects one weight per output of the network.",
            Usual(
                "The weights have an axis too many",
                "weight must be a vector, one number per class.",
                "Write weight.flatten() where you make the loss.",
                lambda found: len(found.sizes("given")) > 1,
                only=True,
            ),
            Usual(
                "Classes that do not occur were left out",
                "Counting the labels gives weights only for the classes that occur.",
                "Count all of them: torch.bincount(labels, minlength=classes), with as many classes as outputs.",
            ),
            Usual(
                "The network does not have one output per class",
                "out_features of the last layer must be the number of classes.",
                "Compare it with len(weight).",
            ),
            pieces={"classes": "the outputs of the network", "given": "the shape of weight"},
        ),
    ),
    "truth-value": kind(
        "A tensor where one yes or no is needed",
        "Boolean value of Tensor with more than one value is ambiguous",
        (
            r"[Bb]ool(?:ean)? value of Tensor with (?P<many>more than one value|no values) is ambiguous",
            r"bool value of Variable objects containing non-empty",
            r"The truth value of an array with more than one element is ambiguous",
        ),
        fixed(
            "if, and, or and not need one yes or no, but a tensor has one for each value.",
            Usual(
                "The loss class got the batch",
                "nn.CrossEntropyLoss(out, labels) makes a loss and reads the tensors as options.",
                "Make it, then call it: nn.CrossEntropyLoss()(out, labels), or F.cross_entropy(out, labels).",
                at=("loss",),
            ),
            Usual(
                "The network's class got the batch",
                "Net(x) makes a network and reads the tensor as an option.",
                "Make it, then call it: net = Net(), then net(x).",
                only=True,
                at=("class",),
            ),
            Usual(
                "A search for a tensor in a list",
                "in compares with ==, and that gives a whole tensor.",
                "Write any(x is other for other in tensors).",
                only=True,
                at=("membership",),
            ),
            Usual(
                "A check whether there is a tensor at all",
                "if mask asks for the value of the mask, not whether there is one.",
                "Write if torch.is_tensor(mask):",
                only=True,
                at=("condition", "connective"),
            ),
            Usual(
                "A comparison of whole tensors",
                "out == labels compares value by value.",
                "Write torch.equal(x, y), (x == y).all() or (x > 0).any().",
            ),
            Usual(
                "and, or, not between masks",
                "Python's words need one truth value; masks have their own operators.",
                "Write mask & other, mask | other, ~mask.",
                at=("connective",),
            ),
            pieces={"many": "how many values the tensor has"},
        ),
    ),
    "one-hot": kind(
        "Labels that one_hot cannot use",
        "Class values must be smaller than num_classes.",
        (
            r"Class values must be (?P<rule>smaller than num_classes|non-negative)",
            r"one_hot is only applicable to (?P<rule>index tensor)",
        ),
        fixed(
            "one_hot expects class numbers from 0 to num_classes - 1, as int64.",
            Usual(
                "num_classes is too small",
                "It must be the largest label plus 1.",
                "Print labels.max(), and write F.one_hot(labels, num_classes=int(labels.max()) + 1).",
                lambda found: found["rule"].startswith("smaller"),
            ),
            Usual(
                "A label below 0",
                "-1 often means that there is no label.",
                "Leave them out: labels[labels >= 0].",
                lambda found: found["rule"].startswith("non"),
            ),
            Usual(
                "Labels of a different type",
                "Class numbers are int64.",
                "Write F.one_hot(labels.long()).",
                lambda found: found["rule"].startswith("index"),
            ),
            alone=True,
        ),
    ),
    "label-vector": kind(
        "A label for a single row of outputs",
        "For 1D input, 1D target must have size 1, but got target size: 4",
        (rf"For 1D input, 1D target must have size 1, but got target size: {number('labels')}",),
        fixed(
            "One row of outputs needs one class number but gets {labels} labels.",
            Usual(
                "The axis of the classes, or of the batch, is missing",
                "squeeze, argmax or out[:, 0] left one number per sample.",
                "Give the loss the outputs unchanged, of shape (N, classes).",
            ),
            pieces={"labels": "the number of labels"},
        ),
    ),
}
