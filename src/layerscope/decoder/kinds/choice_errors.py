"""What torch and Python say of arguments with a value that is not among those allowed, and of operators and files."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, word


def _named(name: str) -> Sign:
    return lambda found: name in (found["one"], found["other"])


def _of_rate(found: Found) -> bool:
    return bool(found["rate"])


KINDS: dict[str, Kind] = {
    "choice": kind(
        "An argument with a value that is not allowed",
        "Invalid padding string 'full', should be one of {'valid', 'same'}",
        (
            r"Invalid padding string '(?P<given>\w{1,30})', should be one of",
            r"padding_mode must be one of \{['\w, ]{1,80}\}, but got padding_mode='(?P<given>\w{1,30})'",
            r"Unknown nonlinearity '(?P<given>\w{1,30})'\. Select from 'tanh' or 'relu'",
            r"Invalid (?:learning rate|momentum value|weight_decay value): (?P<rate>-?[\d.e-]{1,20})",
            r"align_corners option can only be set with the interpolating modes",
            r"(?:either|only one of) size or scale_factor should be defined",
            r"proj_size has to be smaller than hidden_size",
        ),
        fixed(
            "Torch knows a few values only for this argument; the message names them.",
            Usual(
                "A number below 0",
                "lr, momentum and weight_decay are 0 or more.",
                "Write lr=0.01, without a minus.",
                _of_rate,
                only=True,
            ),
            Usual(
                "A word of another library",
                "Keras and SciPy call some of them otherwise: 'full' padding is padding=kernel_size - 1.",
                "Take one of the values in the message, such as padding='same'.",
                lambda found: bool(found["given"]),
            ),
            Usual(
                "Two arguments that exclude each other",
                "size and scale_factor say the same; align_corners is for linear, bilinear and bicubic only.",
                "Leave one of them out.",
                lambda found: not found["given"] and not _of_rate(found),
            ),
            pieces={"given": "the value that was given", "rate": "the value that was given"},
            alone=True,
        ),
    ),
    "tuple-length": kind(
        "An argument with too many or too few numbers",
        "max_pool2d: kernel_size must either be a single int, or a tuple of two ints",
        (
            r"(?P<name>kernel_size|stride|padding|dilation) must (?:either )?be (?:omitted, )?(?:either )?a "
            r"single int, or a "
            r"tuple of (?P<axes>one|two|three) ints?",
            r"expected (?P<name>stride|padding|dilation) to be a single integer value or a list of \d values to "
            r"match the "
            r"convolution dimensions",
            r"pool\dd: (?P<name>output_size) must be \d",
        ),
        fixed(
            "{name} takes one number for all axes, or one for each axis of the maps.",
            Usual(
                "A tuple of another length",
                "Images have two axes, sequences one, volumes three; channels and batch are not counted.",
                "Write kernel_size=3, or (3, 5) for height and width.",
            ),
            pieces={"name": "the argument"},
        ),
    ),
    "operand": kind(
        "An operator between things that do not fit",
        "unsupported operand type(s) for +: 'Tensor' and 'NoneType'",
        (
            rf"unsupported operand type\(s\) for (?P<sign>[^\s:]{{1,4}}|\w{{1,6}}): '{word('one')}' and "
            rf"'{word('other')}'",
        ),
        fixed(
            "{sign} cannot combine {one} and {other}.",
            Usual(
                "A function returns nothing",
                "Without return a function gives Python's empty value.",
                "Write return x as the last line of forward.",
                _named("NoneType"),
                only=True,
            ),
            Usual(
                "A layer with several results",
                "LSTM and others give a tuple.",
                "Take its first part: x, _ = layer(x).",
                _named("tuple"),
                only=True,
            ),
            Usual(
                "A list or an array beside a tensor",
                "Lists and arrays are not converted.",
                "Write torch.as_tensor(values) first.",
                lambda found: any(_named(name)(found) for name in ("list", "numpy.ndarray", "ndarray")),
                only=True,
            ),
            Usual(
                "Text in place of a number",
                "What comes from input(), a file or the command line is text.",
                "Write float(text).",
                _named("str"),
                only=True,
            ),
            Usual(
                "One of the two is not what it seems",
                "A layer in place of what it gives, or a name that was used twice.",
                "Print type(x) and type(y) before the line.",
            ),
            pieces={"one": "what stands on the left", "other": "what stands on the right"},
            alone=True,
        ),
    ),
    "empty-reduction": kind(
        "A maximum of an empty tensor",
        "max(): Expected reduction dim to be specified for input.numel() == 0.",
        (r"\b(?P<function>\w{1,20})\(\): Expected reduction dim to be specified for input\.numel\(\) == 0",),
        fixed(
            "The tensor is empty, so it has no largest value.",
            Usual(
                "A filter or a slice left nothing",
                "No sample meets the condition, or the batch has none.",
                "Print x.shape before the line, and leave out what is empty: if x.numel() > 0.",
            ),
            pieces={"function": "torch's function"},
        ),
    ),
    "view-sizes": kind(
        "A view with sizes that cannot be",
        "only one dimension can be inferred",
        (
            r"only one dimension can be inferred",
            rf"invalid shape dimension -{number('size')} at index \d{{1,3}} of shape",
        ),
        fixed(
            "In a shape -1 stands for what is left, and may stand there once.",
            Usual(
                "-1 more than once, or another negative number",
                "From one product only one unknown number follows.",
                "Name all axes but one: x.view(x.size(0), -1).",
            ),
        ),
    ),
    "not-leaf": kind(
        "A tensor that was computed in place of a weight",
        "can't optimize a non-leaf Tensor",
        (
            r"can't optimize a non-leaf Tensor",
            r"Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy protocol",
        ),
        fixed(
            "Only tensors that begin the computation can be trained or copied with their gradients.",
            Usual(
                "A calculation after requires_grad",
                "torch.rand(3, requires_grad=True) * 2 gives a new tensor, which was computed; so does x.to(device).",
                "Write w = (torch.rand(3) * 2).requires_grad_(), or nn.Parameter(w.detach()).",
                lambda found: "optimize" in found.message,
            ),
            Usual(
                "Outputs that are kept in the network",
                "A tensor that forward stored in self carries its history.",
                "Store a copy without it: self.last = x.detach().",
                lambda found: "deepcopy" in found.message,
            ),
            alone=True,
        ),
    ),
    "not-optimizer": kind(
        "A scheduler without its optimizer",
        "Linear is not an Optimizer",
        (rf"{first_word('given')} is not an Optimizer",),
        fixed(
            "A scheduler changes the lr of an optimizer; {given} was given.",
            Usual(
                "The network in place of the optimizer",
                "The optimizer has the weights, the scheduler has the optimizer.",
                "Write torch.optim.lr_scheduler.StepLR(optimizer, step_size=10).",
            ),
            pieces={"given": "what was given"},
        ),
    ),
    "list-element": kind(
        "A list that holds something else than tensors",
        "expected Tensor as element 1 in argument 0, but got list",
        (rf"expected Tensor as element {number('place')} in argument \d{{1,2}}, but got {word('given')}",),
        fixed(
            "torch.cat and torch.stack take tensors only; element {place} is {given}.",
            Usual(
                "Numbers, lists or arrays among the tensors",
                "They are not converted.",
                "Write torch.stack([torch.as_tensor(value) for value in values]).",
            ),
            pieces={"place": "its place in the list, counted from 0", "given": "what stands there"},
        ),
    ),
    "data-set-methods": kind(
        "A data set without a method",
        "Subclasses of Dataset should implement __getitem__.",
        (
            r"Subclasses of Dataset should implement (?P<method>__\w{1,20}__)",
            r"object of type '(?P<owner>[A-Z]\w{1,60})' has no len\(\)",
        ),
        fixed(
            "A data set needs __len__ and __getitem__, and one of them is not there.",
            Usual(
                "The method is missing, misspelled or indented too far",
                "Two underscores stand on each side, and both methods stand in the class.",
                "Write def __len__(self): return len(self.images), and def __getitem__(self, index): with a return.",
            ),
            pieces={"method": "the method that is missing", "owner": "the class"},
        ),
    ),
    "no-file": kind(
        "A file that is not there",
        "[Errno 2] No such file or directory: 'net.pt'",
        (r"No such file or directory: '(?P<path>[^']{1,200})'",),
        fixed(
            "Python finds no file of that name.",
            Usual(
                "The path begins in another folder",
                "A path without a beginning counts from the folder in which Python was started, not from the "
                "program's.",
                "Print os.getcwd() and os.listdir('.'), or write the whole path.",
            ),
            Usual(
                "Backslashes in a path of Windows",
                "In a text of Python \\n and \\t are signs of their own.",
                "Write r'C:\\data\\net.pt', with r in front, or slashes.",
            ),
            pieces={"path": "the path"},
        ),
    ),
    "bias-size": kind(
        "A weight or bias of another shape",
        "expected bias to be 1-dimensional with 6 elements, but got bias of size [5] instead",
        (
            rf"expected bias to be 1-dimensional with {number('wanted')} elements, but got bias of size "
            rf"\[{number('given')}\]",
            r"expected weight to be at least 1 at dimension 0",
        ),
        fixed(
            "Each filter needs one number of the bias, and there must be one filter at least.",
            Usual(
                "A weight made by hand",
                "F.conv2d takes the weight and the bias as they are.",
                "Make both for the same out_channels: torch.zeros(weight.size(0)) for the bias.",
            ),
            pieces={"wanted": "the filters", "given": "the numbers of the bias"},
        ),
    ),
}
