"""Fixed words for mistakes around training: types, devices, labels, losses, gradients."""

from layerscope.decoder.code_causes import Row

OF_TRAINING: dict[str, Row] = {
    "dtype": (
        ("the type on one side", "the type on the other"),
        "Inputs and weights must be numbers of the same type.",
        (
            (
                "Images as bytes",
                "Pictures hold whole numbers from 0 to 255 (unsigned char, Byte); weights are float32.",
                "Write x.float() / 255, or use transforms.ToTensor(), which does both.",
            ),
            (
                "Numbers from NumPy",
                "NumPy counts in float64 (double), torch's layers in float32.",
                "Write x.float(), or torch.from_numpy(a.astype('float32')).",
            ),
            (
                "Labels of another type",
                "Cross entropy wants class numbers as int64 (Long).",
                "Write labels.long().",
            ),
            (
                "Whole numbers as inputs",
                "Weights are float32, and whole numbers cannot be multiplied with them.",
                "Write x.float().",
            ),
            (
                "Half of it in half precision",
                "float16 (Half) and float32 (Float) cannot be mixed.",
                "Bring both to one type: x.half() or net.float(), or let torch.autocast do it.",
            ),
        ),
    ),
    "target-axes": (
        (),
        "Cross entropy wants one class number for each image: a vector of labels.",
        (
            (
                "Labels of shape (N, 1)",
                "Each label lies in a row of its own.",
                "Write labels.squeeze(1).",
            ),
            (
                "One-hot labels",
                "A row of zeros with a single 1 says the class by its place.",
                "Write labels.argmax(dim=1); or labels.float(), which cross_entropy takes as probabilities.",
            ),
        ),
    ),
    "target-type": (
        ("the type of the labels",),
        "Class numbers are whole numbers: int64, which torch calls Long.",
        (
            (
                "Labels read as {0}",
                "Tables and NumPy often give float or int32.",
                "Write labels.long().",
            ),
            (
                "The wrong loss",
                "Class numbers are for cross entropy; measured numbers want another loss.",
                "Use nn.MSELoss() for regression, nn.BCEWithLogitsLoss() for yes or no.",
            ),
        ),
    ),
    "no-grad": (
        (),
        "The loss does not depend on any weight that is to be trained.",
        (
            (
                "Computed under no_grad",
                "torch.no_grad() records nothing.",
                "Train outside of it; it is for evaluation.",
            ),
            ("Frozen weights", "requires_grad=False was set for all of them.", "Leave at least the last layer free."),
            (
                "The way was cut",
                "detach, item, numpy and argmax end the gradient's way.",
                "Compute the loss from the network's outputs themselves.",
            ),
        ),
    ),
    "backward-twice": (
        (),
        "backward throws away what it went through; a second time nothing is left.",
        (
            (
                "The same loss twice",
                "Each batch needs a forward pass of its own.",
                "Compute outputs and loss inside the loop, then call backward once.",
            ),
            (
                "A state that is carried along",
                "A tensor kept from the batch before brings its whole history.",
                "Write state = state.detach() between batches; total += loss.item() for a sum.",
            ),
        ),
    ),
    "not-scalar": (
        (),
        "backward starts from one number, the loss; here there are several.",
        (
            (
                "No mean taken",
                "A loss with reduction='none', or the outputs themselves.",
                "Write loss.mean().backward().",
            ),
        ),
    ),
    "target-size": (
        ("the shape of the labels", "the shape of the outputs"),
        "This loss compares outputs and labels value by value, so both need the same shape.",
        (
            (
                "One output for each sample",
                "The outputs are (N, 1), the labels (N).",
                "Write out.squeeze(1), or labels.unsqueeze(1).float().",
            ),
            (
                "Classes in place of yes or no",
                "For one of several classes this is the wrong loss.",
                "Use nn.CrossEntropyLoss().",
            ),
        ),
    ),
}
