"""What scikit-learn and torchmetrics say of outputs and labels that they cannot compare."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, sizes


def _scores(found: Found) -> bool:
    return "continuous" in f"{found['one']} {found['other']}"


KINDS: dict[str, Kind] = {
    "metric-mix": kind(
        "A metric that gets scores where it expects classes",
        "Classification metrics can't handle a mix of multiclass and continuous targets",
        (
            r"Classification metrics can't handle a mix of (?P<one>[a-z-]{1,40}) and (?P<other>[a-z-]{1,40}) targets",
            r"(?P<other>multiclass|multilabel-indicator|continuous|unknown)(?:-multioutput)? format is not supported",
        ),
        fixed(
            "This metric of scikit-learn compares class numbers with class numbers, or a yes with its probability.",
            Usual(
                "The network's outputs instead of its classes",
                "Accuracy and F1 expect one class number per sample; a network gives one score per class.",
                "Write out.argmax(dim=1) for several classes, out > 0 for one output without a sigmoid.",
                _scores,
                only=True,
            ),
            Usual(
                "More than two classes for a metric of yes or no",
                "roc_auc_score and average_precision_score expect labels 0 and 1 with one probability each.",
                "Print the labels that occur: set(labels). For several classes, write roc_auc_score(labels, "
                'probabilities, multi_class="ovr").',
                lambda found: not _scores(found),
                only=True,
            ),
            Usual(
                "Labels as one row per sample",
                "One-hot labels are one row of zeros and a one for each sample.",
                "Write labels.argmax(dim=1).",
                lambda found: "multilabel" in found["one"],
                only=True,
            ),
            pieces={"one": "what the labels are", "other": "what it was given"},
        ),
    ),
    "metric-average": kind(
        "A metric for two classes with more of them",
        "Target is multiclass but average='binary'. Please choose another average setting, one of [None, 'micro', "
        "'macro', 'weighted'].",
        (r"Target is (?P<kind>[a-z-]{1,40}) but average='binary'", r"multi_class must be in \('ovo', 'ovr'\)"),
        fixed(
            "With more than two classes there is one value for each class, and they have to be averaged.",
            Usual(
                "More than two classes",
                "macro counts every class alike; weighted counts each by its samples.",
                'Write f1_score(labels, predicted, average="macro").',
                lambda found: bool(found["kind"]),
            ),
            Usual(
                "A curve for each class",
                "The area is computed for each class against the rest.",
                'Write roc_auc_score(labels, probabilities, multi_class="ovr"), with a row of probabilities per '
                "sample.",
                lambda found: not found["kind"],
            ),
            alone=True,
        ),
    ),
    "metric-lengths": kind(
        "A metric with different numbers of labels and predictions",
        "Found input variables with inconsistent numbers of samples: [64, 60]",
        (rf"Found input variables with inconsistent numbers of samples: {sizes('numbers')}",),
        fixed(
            "Labels and predictions are compared pair by pair, but their numbers differ: {numbers}.",
            Usual(
                "Only one batch of one of them was kept",
                "A list that is made anew in the loop holds only the last batch.",
                "Make both lists before the loop, and write labels_seen.extend(y.tolist()) and "
                "predicted.extend(out.argmax(dim=1).tolist()) in it.",
            ),
            Usual(
                "One of them has a value for each step or pixel",
                "A mask or a text has many labels per sample.",
                "Flatten both: labels.flatten(), predicted.flatten().",
            ),
            pieces={"numbers": "how many there are"},
        ),
    ),
    "metric-shapes": kind(
        "torchmetrics: predictions and labels of different shapes",
        "Either `preds` and `target` both should have the (same) shape (N, ...), or `target` should be (N, ...) and "
        "`preds` should be (N, C, ...).",
        (
            r"Either `preds` and `target` both should have the \(same\) shape \(N, \.\.\.\)",
            r"The `preds` and `target` should have the same shape, got `preds` with shape=torch\.Size\("
            rf"{sizes('outputs')}\) and `target` with shape=torch\.Size\({sizes('labels')}\)",
            r"Predictions and targets are expected to have the same shape, but got torch\.Size\("
            rf"{sizes('outputs')}\) and torch\.Size\({sizes('labels')}\)",
        ),
        fixed(
            "A metric compares one label with one prediction, or with one row of scores.",
            Usual(
                "An axis of 1 is left",
                "A network with one output gives (N, 1), but the labels are (N).",
                "Write metric(out.squeeze(1), labels).",
            ),
            Usual(
                "The labels are one-hot",
                "A metric expects class numbers.",
                "Write metric(out, labels.argmax(dim=1)).",
            ),
            Usual(
                "A metric for another task",
                "Binary metrics expect (N), those of several classes (N, classes) with class numbers.",
                'Write torchmetrics.Accuracy(task="multiclass", num_classes=10), with your number of classes.',
            ),
            pieces={"outputs": "the shape of the predictions", "labels": "the shape of the labels"},
        ),
    ),
    "metric-types": kind(
        "torchmetrics: labels that are not whole numbers",
        "The `target` has to be an integer tensor.",
        (
            r"The `target` has to be an integer tensor",
            r"Expected argument `target` to be an int or long tensor(?: with ground truth labels)? but got tensor with "
            r"dtype torch\.(?P<type>\w{1,20})",
            r"Optional arg `(?P<name>num_classes|num_labels)` must be type `int` when task is \w{1,20}",
            r"The highest label in `target` should be smaller than the size of the `C` dimension of `preds`",
        ),
        fixed(
            "A metric of classes expects whole numbers as labels, and how many classes there are.",
            Usual(
                "Labels as floats",
                "BCELoss and one-hot labels are floats; a metric expects the class.",
                "Write metric(out, labels.long()).",
                lambda found: "integer" in found.message or bool(found["type"]),
                only=True,
            ),
            Usual(
                "{name} is missing",
                "Since torchmetrics 0.11 a metric is told the task and its number of classes.",
                'Write Accuracy(task="multiclass", num_classes=10), with your number of classes.',
                lambda found: bool(found["name"]),
                only=True,
            ),
            Usual(
                "More classes in the labels than outputs",
                "The labels must be 0 to classes - 1.",
                "Print labels.max(), and compare it with the outputs: out.size(1).",
                lambda found: "highest" in found.message,
                only=True,
            ),
            pieces={"type": "the type of the labels", "name": "the argument"},
            alone=True,
        ),
    ),
}
