"""What torch and Python say of operators between the wrong types, of empty tensors, of files and of data sets."""

from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, word


def _named(name: str) -> Sign:
    return lambda found: name in (found["one"], found["other"])


KINDS: dict[str, Kind] = {
    "operand": kind(
        "An operator between the wrong types",
        "unsupported operand type(s) for +: 'Tensor' and 'NoneType'",
        (
            rf"unsupported operand type\(s\) for (?P<sign>[^\s:]{{1,4}}|\w{{1,6}}): '{word('one')}' and "
            rf"'{word('other')}'",
        ),
        fixed(
            "{sign} cannot combine {one} and {other}.",
            Usual(
                "A function returns nothing",
                "A function without a return statement returns nothing.",
                "Write return x as the last line of forward.",
                _named("NoneType"),
                only=True,
            ),
            Usual(
                "A layer with several results",
                "LSTM and some others return a tuple.",
                "Take its first part: x, _ = layer(x).",
                _named("tuple"),
                only=True,
            ),
            Usual(
                "A list or an array with a tensor",
                "Lists and arrays are not converted automatically.",
                "Write torch.as_tensor(values) first.",
                lambda found: any(_named(name)(found) for name in ("list", "numpy.ndarray", "ndarray")),
                only=True,
            ),
            Usual(
                "Text instead of a number",
                "What comes from input(), a file or the command line is text.",
                "Write float(text).",
                _named("str"),
                only=True,
            ),
            Usual(
                "One of the two is not what it seems",
                "A layer instead of its output, or a name used twice.",
                "Print type(x) and type(y) before this line.",
            ),
            pieces={"one": "the type on the left", "other": "the type on the right"},
            alone=True,
        ),
    ),
    "empty-reduction": kind(
        "A maximum of an empty tensor",
        "max(): Expected reduction dim to be specified for input.numel() == 0.",
        (
            r"\b(?P<function>\w{1,20})\(\): Expected reduction dim to be specified for input\.numel\(\) == 0",
            r"cannot perform reduction function (?P<function>\w{1,20}) on (?:a )?tensor with no elements",
        ),
        fixed(
            "The tensor is empty, so it has no largest value.",
            Usual(
                "A filter or a slice leaves nothing",
                "No sample meets the condition, or the batch is empty.",
                "Print x.shape before this line, and skip empty tensors: if x.numel() > 0.",
            ),
            pieces={"function": "PyTorch's function"},
        ),
    ),
    "softmax-axis": kind(
        "A softmax that is not told its axis",
        "Implicit dimension choice for softmax has been deprecated. Change the call to include dim=X as an argument.",
        (r"Implicit dimension choice for (?P<function>(?:log_)?soft(?:max|min)) has been deprecated",),
        fixed(
            "{function} makes numbers along one axis add up to 1, and the call does not say along which.",
            Usual(
                "dim is missing",
                "The classes are the last axis of a network's outputs, axis 1 of its maps.",
                "Write F.{function}(out, dim=-1), or dim=1 for maps.",
                lambda found: True,
            ),
            Usual(
                "The loss has a softmax of its own",
                "nn.CrossEntropyLoss takes the outputs as they are; a second softmax slows training down.",
                "Leave the softmax out of forward while you train.",
                lambda found: found["function"] == "softmax",
            ),
            pieces={"function": "PyTorch's function"},
        ),
    ),
    "view-sizes": kind(
        "A view with impossible sizes",
        "only one dimension can be inferred",
        (
            r"only one dimension can be inferred",
            rf"invalid shape dimension -{number('size')}(?: at index \d{{1,3}})?\b",
        ),
        fixed(
            "In a shape, -1 means whatever is left, so only one -1 is allowed.",
            Usual(
                "-1 more than once, or another negative number",
                "PyTorch can work out only one unknown size.",
                "Give all sizes but one: x.view(x.size(0), -1).",
            ),
        ),
    ),
    "not-leaf": kind(
        "A computed tensor instead of a weight",
        "can't optimize a non-leaf Tensor",
        (
            r"can't optimize a non-leaf Tensor",
            r"Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy protocol",
            r"you can only change requires_grad flags of leaf variables",
        ),
        fixed(
            "Only tensors that you create, not computed ones, can be trained, frozen or deep-copied.",
            Usual(
                "A calculation after requires_grad",
                "torch.rand(3, requires_grad=True) * 2 gives a new, computed tensor; so does x.to(device).",
                "Write w = (torch.rand(3) * 2).requires_grad_(), or nn.Parameter(w.detach()).",
                lambda found: "optimize" in found.message,
            ),
            Usual(
                "Outputs kept in the network",
                "A tensor that forward stores in self carries its history.",
                "Store a copy without it: self.last = x.detach().",
                lambda found: "deepcopy" in found.message,
            ),
            Usual(
                "A computed tensor is to be frozen",
                "It has a history of its own; only weights have a switch.",
                "Write x = x.detach(), or compute it inside with torch.no_grad():.",
                lambda found: "flags" in found.message,
            ),
            alone=True,
        ),
    ),
    "not-optimizer": kind(
        "A scheduler without its optimizer",
        "Linear is not an Optimizer",
        (rf"{first_word('given')} is not an Optimizer",),
        fixed(
            "A scheduler needs an optimizer, whose lr it changes, but gets {given}.",
            Usual(
                "The network instead of the optimizer",
                "The optimizer gets the weights, the scheduler gets the optimizer.",
                "Write torch.optim.lr_scheduler.StepLR(optimizer, step_size=10).",
            ),
            pieces={"given": "what was given"},
        ),
    ),
    "list-element": kind(
        "A list with something other than tensors",
        "expected Tensor as element 1 in argument 0, but got list",
        (rf"expected Tensor as element {number('place')} in argument \d{{1,2}}, but got {word('given')}",),
        fixed(
            "torch.cat and torch.stack take only tensors; element {place} has type {given}.",
            Usual(
                "A layer with two results",
                "LSTM, GRU and MultiheadAttention return a tuple: first the output, then the state or the weights.",
                "Take the output alone: torch.cat([x, gru(y)[0]], dim=-1).",
                lambda found: found["given"] == "tuple",
                only=True,
                at=("recurrent",),
            ),
            Usual(
                "A function returns nothing",
                "A function without a return statement returns nothing.",
                "Write return x as its last line.",
                lambda found: found["given"] == "NoneType",
                only=True,
            ),
            Usual(
                "Numbers, lists or arrays among the tensors",
                "They are not converted automatically.",
                "Convert each of them first: values = [torch.as_tensor(value) for value in values].",
            ),
            alone=True,
            pieces={"place": "its position in the list, counted from 0", "given": "its type"},
        ),
    ),
    "data-set-methods": kind(
        "A data set that lacks a method",
        "Subclasses of Dataset should implement __getitem__.",
        (
            r"Subclasses of Dataset should implement (?P<method>__\w{1,20}__)",
            r"object of type '(?P<owner>[A-Z]\w{0,60})' has no len\(\)",
        ),
        fixed(
            "A data set needs __len__ and __getitem__, and one of them is missing.",
            Usual(
                "The method is missing, misspelled or indented too far",
                "Both names need two underscores on each side, and both methods belong inside the class.",
                "Write def __len__(self): return len(self.images), and def __getitem__(self, index): with a return.",
            ),
            pieces={"method": "the method that is missing", "owner": "the class"},
        ),
    ),
    "no-file": kind(
        "A file that does not exist",
        "[Errno 2] No such file or directory: 'net.pt'",
        (
            r"No such file or directory: '(?P<path>[^']{1,200})'",
            r"Parent directory (?P<folder>\S{1,200}) does not exist",
        ),
        fixed(
            "Python cannot find a file of that name.",
            Usual(
                "The path starts in a different folder",
                "A relative path starts from the folder in which Python was started, not from the program's folder.",
                "Print os.getcwd() and os.listdir('.'), or write the full path.",
            ),
            Usual(
                "Backslashes in a Windows path",
                "In a Python string, \\n and \\t are special characters.",
                "Write r'C:\\data\\net.pt', with r in front, or use forward slashes.",
            ),
            Usual(
                "The folder must be made first",
                "torch.save makes the file, but not the folder it is to be in.",
                "Write os.makedirs(folder, exist_ok=True) before torch.save.",
                lambda found: bool(found["folder"]),
                only=True,
            ),
            pieces={"path": "the path", "folder": "the folder"},
        ),
    ),
    "bias-size": kind(
        "A weight or bias of a different shape",
        "expected bias to be 1-dimensional with 6 elements, but got bias of size [5] instead",
        (
            rf"expected bias to be 1-dimensional with {number('wanted')} elements, but got bias of size "
            rf"\[{number('given')}\]",
            r"expected weight to be at least 1 at dimension 0",
        ),
        fixed(
            "The bias needs one number per filter, and there must be at least one filter.",
            Usual(
                "A weight made by hand",
                "F.conv2d uses the weight and the bias as they are.",
                "Make both for the same out_channels: torch.zeros(weight.size(0)) for the bias.",
            ),
            pieces={"wanted": "the number of filters", "given": "the size of the bias"},
        ),
    ),
}
