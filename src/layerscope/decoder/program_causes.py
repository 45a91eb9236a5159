"""Fixed words for mistakes in names, arguments, data and memory."""

from layerscope.decoder.code_causes import Row

OF_PROGRAM: dict[str, Row] = {
    "no-parameters": (
        (),
        "The network has no weights that the optimizer could change: none were registered.",
        (
            (
                "Layers in a plain Python list",
                "A network finds layers that are its attributes; it does not look into lists and dicts.",
                "Write self.layers = nn.ModuleList(layers), or nn.Sequential(*layers).",
            ),
            (
                "__init__ never ran",
                "With a single underscore on each side, or another spelling, Python does not call it.",
                "Write def __init__(self): and, as its first line, super().__init__().",
            ),
            (
                "net.parameters() was used up",
                "It can be walked once: after a loop over it nothing is left.",
                "Hand net.parameters() to the optimizer anew, or keep list(net.parameters()).",
            ),
            (
                "Everything is frozen",
                "A filter on requires_grad leaves nothing when all weights are frozen.",
                "Leave the last layer free: requires_grad=True.",
            ),
        ),
    ),
    "too-many": (
        ("the class", "the arguments it takes, self included", "the arguments it got, self included"),
        "More values were handed to __init__ than it has parameters.",
        (
            (
                "__init__ has no such parameters",
                "def __init__(self): takes nothing from outside.",
                "Write the parameters behind self: def __init__(self, classes):",
            ),
            (
                "The batch was given to the class",
                "Net(x) and nn.ReLU(x) make a layer; they do not run one.",
                "Make it first, then call it: net = Net(), then net(x).",
            ),
            (
                "Arguments without their names",
                "Behind the first few, torch's layers want names.",
                "Write them with names: nn.Conv2d(1, 6, kernel_size=5, padding=2).",
            ),
        ),
    ),
    "scalar": (
        ("the values of the tensor",),
        "One number is wanted; a tensor of several values was given.",
        (
            (
                "A loss for each sample",
                "reduction='none' keeps the loss of every sample, and item works on one number only.",
                "Write loss.mean().item().",
            ),
            (
                "The outputs in the place of the loss",
                "The network's outputs are one row for each sample.",
                "Take one value, out[0, 3].item(), or all of them as a list, out.tolist().",
            ),
            (
                "A list of tensors",
                "torch.tensor and NumPy make one number of each entry.",
                "Write torch.stack(tensors).",
            ),
        ),
    ),
    "reflect": (
        ("the padding on the two sides of that axis", "the axis, counted from 0", "what arrives, the batch axis first"),
        "Padding that mirrors the maps needs more cells than it adds: axis {1} has too few for ({0}).",
        (
            (
                "The images are too small",
                "By then convolutions and poolings have shrunk the maps.",
                "Use larger images or less pooling.",
            ),
            (
                "The padding is too large",
                "padding_mode='reflect' and ReflectionPad2d mirror what is there; zeros can always be added.",
                "Use a smaller padding, or padding_mode='zeros'.",
            ),
        ),
    ),
}
