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
    "combination": (
        ("torch's function", "the types that it was given, in order"),
        "{0} cannot be called with these types; somewhere a value is of another kind than it should be.",
        (
            (
                "A division made a float",
                "In Python / gives a float, even where the result is whole: 10 / 2 is 5.0.",
                "Write // between whole numbers, and no point in sizes: kernel_size=5.",
            ),
            (
                "Text in the place of a number",
                "What comes from input(), a file or the command line is text.",
                "Write int(text).",
            ),
            (
                "A shape beside other numbers",
                "A shape is one argument, or its numbers are several; not both.",
                "Write torch.randn(*shape, 4), with the star, or torch.randn(2, 3, 4).",
            ),
            (
                "Something else than a tensor",
                "Lists, arrays and pictures are not converted.",
                "Write torch.as_tensor(x, dtype=torch.float32).",
            ),
        ),
    ),
    "not-whole": (
        ("torch's function", "its argument", "the type that was given"),
        "A whole number is wanted for {1}, and a {2} was given. A layer hands the sizes of its weight to torch.empty.",
        (
            (
                "A division made a float",
                "In Python / gives a float, even where the result is whole: 32 / 2 is 16.0.",
                "Write // between whole numbers: nn.Linear(12 * 32 // 8, 10).",
            ),
            (
                "Text in the place of a number",
                "What comes from input(), a file or the command line is text.",
                "Write int(text).",
            ),
            (
                "A shape in the place of one number",
                "in_features and out_features are one number each.",
                "Multiply the sizes: 12 * 4 * 4, or x[0].numel() for a batch x.",
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
