"""What Python says of imports, of unpacking, and of things that are called or indexed and cannot be."""

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, word
from layerscope.decoder.known_names import MODULES, nearest
from layerscope.network import Network

PACKAGES = {
    "torch": "torch", "torchvision": "torchvision", "torchaudio": "torchaudio", "torchtext": "torchtext",
    "torchinfo": "torchinfo", "torchsummary": "torchsummary", "torchmetrics": "torchmetrics", "numpy": "numpy",
    "pandas": "pandas", "matplotlib": "matplotlib", "sklearn": "scikit-learn", "cv2": "opencv-python", "PIL": "pillow",
    "skimage": "scikit-image", "tqdm": "tqdm", "scipy": "scipy", "transformers": "transformers", "timm": "timm",
    "onnx": "onnx", "onnxscript": "onnxscript", "yaml": "pyyaml", "tensorboard": "tensorboard",
    "safetensors": "safetensors", "datasets": "datasets", "einops": "einops", "seaborn": "seaborn",
}  # fmt: skip
"""What is imported, and what pip calls it."""
HOMES = {"DataLoader": "torch.utils.data", "Dataset": "torch.utils.data", "TensorDataset": "torch.utils.data",
         "random_split": "torch.utils.data", "transforms": "torchvision", "datasets": "torchvision",
         "models": "torchvision", "nn": "torch", "optim": "torch"}  # fmt: skip
GONE = {
    "torchtext": "torchtext is no longer made since 2024 and fits old versions of torch only.",
    "torch._six": "torch._six went with torch 2.0; a package that imports it is too old for this torch.",
    "torchvision.models.utils": "It went with torchvision 0.13.",
}


def explain_module(found: Found, _network: Network | None) -> Explanation:
    """No module named 'torchvison'."""
    name = found["name"]
    top = name.partition(".")[0]
    causes = []
    if name in GONE:
        causes.append(Cause(f"{name} is gone", GONE[name], "Install a newer version of the package that imports it."))
    near = nearest(top, PACKAGES) if top not in PACKAGES else None
    if near:
        causes.append(Cause(f"It is spelled {near}", "Every letter counts.", f"Write import {near}."))
    elif top in PACKAGES and "." not in name:
        why = f"Python looks in the environment that runs the program, and {name} is not there."
        remedy = f"Run python -m pip install {PACKAGES[top]} with the same Python; in a notebook, %pip install "
        causes.append(Cause(f"{name} is not installed", why, f"{remedy}{PACKAGES[top]}."))
    elif top in PACKAGES and name not in GONE:
        why = f"{top} has no part of that name in this version, or a file of yours is called {top}.py."
        causes.append(Cause(f"{name} is not in {top}", why, f"Print {top}.__version__ and {top}.__file__."))
    causes += [
        Cause(
            "The program runs in another environment",
            "A notebook's kernel and an editor each choose a Python of their own.",
            "Print sys.executable in the program, and install the package there.",
        ),
        Cause(
            "A file of your own in another folder",
            "Python finds modules beside the program and in its search path only.",
            "Start the program from the project's folder, or write python -m package.module.",
        ),
    ]
    return Explanation(f"Python finds no module {name}.", ((f"'{name}'", "what is to be imported"),), tuple(causes))


def explain_name(found: Found, _network: Network | None) -> Explanation:
    """cannot import name 'Dataloader' from 'torch.utils.data'."""
    name, module = found["name"], found["module"]
    meanings = ((f"'{name}'", "the name"), (f"'{module}'", "where it is looked for"))
    names = [*MODULES.get(module, ("", ()))[1], *(known for known, home in HOMES.items() if home == module)]
    near = nearest(name, names)
    causes = []
    if name in HOMES and HOMES[name] != module:
        why = f"{module} does not have it."
        causes.append(Cause(f"{name} is in {HOMES[name]}", why, f"Write from {HOMES[name]} import {name}."))
    elif near:
        why = "Every letter and capital counts."
        causes.append(Cause(f"It is spelled {near}", why, f"Write from {module} import {near}."))
    if "circular" in found.after[:200] or "partially initialized" in found.after[:200] + found.message:
        why = "Two files import each other, or a file of yours has the name of the package."
        causes.append(Cause("A circular import", why, "Rename your file, or move what both need into a third."))
    causes += [
        Cause(
            "Another version of the package",
            "Names come and go: torch, torchvision and what uses them must be of the same time.",
            f"Print {module.partition('.')[0]}.__version__, and compare it with the tutorial's.",
        ),
        Cause(
            "A file of your own has the package's name",
            "Python takes the file beside the program first.",
            f"Rename a file called {module.partition('.')[0]}.py.",
        ),
    ]
    return Explanation(f"{module} has nothing that is called {name}.", meanings, in_order(causes))


def _given(*names: str) -> object:
    return lambda found: found["given"].rpartition(".")[2] in names


KINDS: dict[str, Kind] = {
    "no-module": kind(
        "A module that is not found",
        "No module named 'torchvison'",
        (r"No module named '?(?P<name>\w{1,60}(?:\.\w{1,60}){0,6})",),
        explain_module,
    ),
    "no-name": kind(
        "A name that a module does not have",
        "cannot import name 'Dataloader' from 'torch.utils.data'",
        (
            r"cannot import name '(?P<name>\w{1,60})' from (?:partially initialized module )?"
            r"'(?P<module>\w{1,60}(?:\.\w{1,60}){0,6})'",
        ),
        explain_name,
    ),
    "unpack": kind(
        "More or fewer values than names",
        "too many values to unpack (expected 2)",
        (
            rf"(?P<many>too many) values to unpack \(expected {number('wanted')}(?:, got \d{{1,9}})?\)",
            rf"not enough values to unpack \(expected {number('wanted')}, got {number('got')}\)",
            rf"need more than {number('got')} values? to unpack",
        ),
        fixed(
            "The names on the left are not as many as the values on the right.",
            Usual(
                "A batch with another number of parts",
                "for x, y in loader wants two parts; a data set may give three, or images alone.",
                "Print len(batch) in for batch in loader, and write a name for each part.",
                lambda found: found["wanted"] in ("2", "3"),
            ),
            Usual(
                "A shape with another number of axes",
                "b, c, h, w = x.shape wants four axes; x has more, or fewer since a flatten or a missing batch axis.",
                "Print x.shape before the line; the last two alone are h, w = x.shape[-2:].",
                lambda found: found["wanted"] == "4",
            ),
            Usual(
                "A layer with another number of results",
                "An LSTM gives two: out, (h, c) = lstm(x). A GRU gives out, h. Most layers give one tensor, which "
                "unpacks along its batch.",
                "Write out, (h, c) = lstm(x) for an LSTM.",
            ),
            pieces={"wanted": "the names on the left", "got": "the values on the right"},
        ),
    ),
    "unpack-nothing": kind(
        "Something that has no parts",
        "cannot unpack non-iterable NoneType object",
        (
            rf"cannot unpack non-(?:iterable|sequence) {word('given')} object",
            rf"'{word('given')}' object is not iterable",
            r"(?P<given>iteration over a 0-d tensor)",
            r"(?P<given>len\(\) of a 0-d tensor)",
        ),
        fixed(
            "Several parts are wanted, and there is one thing that has none.",
            Usual(
                "A function returns nothing",
                "Without return a function gives Python's empty value.",
                "Write return out, state as its last line.",
                lambda found: found["given"] == "NoneType",
            ),
            Usual(
                "A tensor that holds one number",
                "A loss, a sum or one label has no axis to walk along.",
                "Write x.item() for the number, or x.unsqueeze(0) for a row of one.",
                lambda found: "0-d" in found["given"],
            ),
            Usual(
                "A list was wanted",
                "transforms.Compose, nn.ModuleList and optimizers take a list, of one thing too.",
                "Write brackets around it: transforms.Compose([transforms.ToTensor()]).",
                lambda found: found["given"] not in ("NoneType",) and "0-d" not in found["given"],
            ),
            pieces={"given": "what is there"},
            alone=True,
        ),
    ),
    "not-callable": kind(
        "Something that cannot be called",
        "'Tensor' object is not callable",
        (r"'(?!NoneType')(?P<given>[\w.]{1,60})' object is not callable",),
        fixed(
            "{given} stands before parentheses, and cannot be called.",
            Usual(
                "A list of layers is no layer",
                "A list, a tuple or a dict holds layers, and does not know in which order to call them.",
                "Write nn.Sequential(*layers), or a loop: for layer in self.layers: x = layer(x).",
                lambda found: found["given"] in ("list", "tuple", "dict"),
            ),
            Usual(
                "A state_dict in place of a network",
                "torch.load gave the saved weights, which are names and tensors.",
                "Write net = Net(), then net.load_state_dict(state).",
                lambda found: found["given"].endswith("OrderedDict"),
            ),
            Usual(
                "A tensor, or its shape, is no function",
                "A name was used twice, such as loss for the function and for its value; x.shape has no parentheses.",
                "Give them two names: loss = criterion(out, labels).",
                lambda found: found["given"] in ("Tensor", "torch.Size", "Size", "float", "int", "str", "bool"),
            ),
            Usual(
                "A module in place of what is in it",
                "tqdm, time and torch.nn.functional are modules.",
                "Import the function: from tqdm import tqdm.",
                lambda found: found["given"] == "module",
            ),
            Usual(
                "A comma or an operator is missing",
                "Two brackets after each other are a call: [a] (b).",
                "Look for the end of the line before.",
            ),
            pieces={"given": "what was called"},
        ),
    ),
    "not-module": kind(
        "Something in a Sequential that is no layer",
        "torch.nn.functional.relu is not a Module subclass",
        (
            rf"{first_word('given', 80)} is not a Module subclass",
            rf"Module(?:List|Dict)\.\w{{1,20}} should be called with an iterable,? but got {word('given', 80)}",
            rf"cannot assign '{word('given', 80)}' as child module",
        ),
        fixed(
            "{given} is no layer that is made, and only those can stand here.",
            Usual(
                "A list in place of layers",
                "nn.Sequential takes layers one by one; nn.ModuleList takes a list.",
                "Write nn.Sequential(*layers), with the star; nn.ModuleList([layer]), with brackets.",
                lambda found: found["given"] in ("list", "tuple", "Linear", "Conv2d", "Sequential"),
            ),
            Usual(
                "A function in place of a layer",
                "F.relu and torch.relu are functions; a Sequential wants objects.",
                "Write nn.ReLU(), nn.Flatten(), nn.MaxPool2d(2).",
                lambda found: "functional" in found["given"] or "." not in found["given"],
            ),
            Usual(
                "The parentheses are missing",
                "nn.ReLU is the class; nn.ReLU() makes a layer of it.",
                "Write nn.ReLU().",
                lambda found: "torch.nn.modules" in found["given"],
            ),
            pieces={"given": "what was given"},
        ),
    ),
    "tuple-index": kind(
        "A tuple where a tensor was wanted",
        "tuple indices must be integers or slices, not tuple",
        (r"(?P<given>tuple|list) indices must be integers or slices, not (?P<index>\w{1,20})",),
        fixed(
            "{given} has no axes: it cannot be indexed like a tensor.",
            Usual(
                "A layer with two results",
                "LSTM, GRU and MultiheadAttention give a tuple: the output first, then the state or the weights.",
                "Write out, state = lstm(x), then out[:, -1].",
                lambda found: found["given"] == "tuple",
            ),
            Usual(
                "A list in place of a tensor or an array",
                "Several indices at once are for tensors.",
                "Write torch.tensor(values) or torch.stack(tensors) first.",
            ),
            pieces={"given": "what was indexed", "index": "the index"},
        ),
    ),
    "not-subscriptable": kind(
        "Something that cannot be indexed",
        "'DataLoader' object is not subscriptable",
        (
            rf"'{word('given', 60)}' object is not subscriptable",
            r"'(?P<given>type|method|function)' object is not subscriptable",
        ),
        fixed(
            "{given} cannot be indexed with brackets.",
            Usual(
                "A DataLoader has no index",
                "It gives batch after batch; the data set behind it has an index.",
                "Write next(iter(loader)) for one batch, loader.dataset[0] for one sample.",
                lambda found: found["given"] == "DataLoader",
            ),
            Usual(
                "Parentheses were meant",
                "A function or method is called with parentheses: x.size(0); x.shape[0] has brackets.",
                "Write x.size(0) or x.shape[0].",
                lambda found: "method" in found["given"] or "function" in found["given"],
            ),
            Usual(
                "Nothing was returned",
                "A function without return gives Python's empty value.",
                "Print the value before the line.",
                lambda found: found["given"] == "NoneType",
            ),
            Usual(
                "Another value than was meant",
                "A single number, a layer or an iterator has no index.",
                "Print type(x) before the line.",
            ),
            pieces={"given": "what was indexed"},
        ),
    ),
}
