"""Fixed words for mistakes in a class or in the handling of a tensor."""

Row = tuple[tuple[str, ...], str, tuple[tuple[str, str, str], ...]]
"""What each group of the message is, what torch complains about, and the causes as (title, why, remedy). {0} is the
first group."""

OF_CODE: dict[str, Row] = {
    "view-stride": (
        (),
        "A view needs its values one behind another in memory; after permute or transpose they are not.",
        (
            (
                "A view behind permute or transpose",
                "permute and transpose change only how the memory is read; a view cannot follow.",
                "Write x.flatten(start_dim=1), or reshape in place of view: they copy where they must.",
            ),
        ),
    ),
    "super-init": (
        (),
        "A layer is assigned before nn.Module was set up to register it.",
        (
            (
                "super().__init__() is missing",
                "nn.Module keeps its layers in a register, which its own __init__ makes.",
                "Write super().__init__() as the first line of your class's __init__.",
            ),
        ),
    ),
    "no-forward": (
        ("the class",),
        "nn.Module calls forward, and your class has none.",
        (
            (
                "forward is indented too far or not enough",
                "Inside __init__, or outside the class, it is no method of the class.",
                "Put def forward(self, x): at the same depth as def __init__.",
            ),
            ("forward is spelled otherwise", "Python calls exactly forward.", "Name the method forward."),
        ),
    ),
    "forward-arguments": (
        (),
        "The network is called with another number of arguments than its forward has.",
        (
            ("Called without the batch", "net() has nothing to work on.", "Write net(x)."),
            (
                "A loss that got one of its two",
                "A loss compares outputs with labels.",
                "Make it first, then call it with both: criterion(out, labels).",
            ),
            (
                "self is missing",
                "The first parameter of a method is the network itself.",
                "Write def forward(self, x):",
            ),
            (
                "The class was called in place of its network",
                "Net(x) makes a network.",
                "Write net = Net(), then net(x).",
            ),
        ),
    ),
    "none": (
        (),
        "There is nothing (None) where a tensor or a layer is wanted.",
        (
            (
                "forward returns nothing",
                "A function without return gives None.",
                "Write return x as the last line of forward.",
            ),
            (
                "A layer that was set to None",
                "self.pool = None, or the result of a print, is not callable.",
                "Assign a layer: self.pool = nn.MaxPool2d(2).",
            ),
            (
                "No gradient yet",
                "weight.grad is None until backward was called.",
                "Call loss.backward() before you read weight.grad.",
            ),
        ),
    ),
    "not-tensor": (
        ("what was given",),
        "A layer works on tensors; {0} was given.",
        (
            (
                "An array or a list",
                "NumPy arrays and lists are not converted.",
                "Write torch.as_tensor(x, dtype=torch.float32).",
            ),
            ("A picture", "A PIL image has to be converted.", "Use transforms.ToTensor()."),
            (
                "Several values",
                "Some layers return a tuple, such as LSTM: (output, state).",
                "Take its first part: x, _ = layer(x).",
            ),
        ),
    ),
    "dimension": (
        ("the first axis there is, counted from the end", "the last axis there is", "the axis that was asked for"),
        "Axis {2} was asked for; the axes that there are go from {0} to {1}.",
        (
            (
                "An axis is missing",
                "Without a batch axis an image has one axis less, and flat vectors have only axis 1.",
                "Print x.shape before the line; a batch of one is x.unsqueeze(0).",
            ),
            (
                "Flattened before",
                "After flatten there are two axes: 0 and 1.",
                "Do it before the flatten, or write dim=1.",
            ),
        ),
    ),
    "index": (
        ("the index asked for", "the axis", "how many there are"),
        "Index {0} was asked for; axis {1} has {2} values, counted from 0.",
        (
            ("Counted from 1", "The last index is one less than the size.", "Subtract 1."),
            (
                "Another axis was meant",
                "The batch is axis 0, the channels are axis 1.",
                "Print x.shape before the line.",
            ),
        ),
    ),
}
