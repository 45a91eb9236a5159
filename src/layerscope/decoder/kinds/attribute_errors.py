"""Causes of names that a module, a tensor, a network or a value of Python does not have."""

import re
from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.import_errors import GONE
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.decoder.known_names import FUNCTIONS, LAYERS, METHODS, MODULES, OF_TORCH, nearest
from layerscope.network import Network

REGISTER = (
    "_modules",
    "_parameters",
    "_buffers",
    "_backward_hooks",
    "_forward_hooks",
    "_forward_pre_hooks",
    "training",
)
"""What nn.Module's own __init__ makes."""

TO_TENSOR = "Write torch.as_tensor(x, dtype=torch.float32)."
NETWORK_METHODS = ("eval", "train", "to", "cuda", "cpu", "parameters", "state_dict", "forward", "half", "float",
                   "children", "modules", "named_parameters")  # fmt: skip
HEADS = {"ResNet": "fc", "GoogLeNet": "fc", "Inception3": "fc", "ShuffleNetV2": "fc", "RegNet": "fc",
         "VGG": "classifier", "AlexNet": "classifier", "DenseNet": "classifier", "MobileNetV2": "classifier",
         "MobileNetV3": "classifier", "EfficientNet": "classifier", "ConvNeXt": "classifier",
         "SqueezeNet": "classifier",
         "MNASNet": "classifier", "VisionTransformer": "heads", "SwinTransformer": "head"}  # fmt: skip
"""What torchvision calls the last layers of its networks."""
OTHER_CLASSES = frozenset({
    "Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "LBFGS", "StepLR", "MultiStepLR", "ExponentialLR",
    "LambdaLR", "OneCycleLR",
    "CosineAnnealingLR", "ReduceLROnPlateau", "Parameter", "Size", "Generator", "GradScaler", "PackedSequence",
    "Compose", "ToTensor", "Normalize", "Resize", "Dataset", "IterableDataset", "ImageFolder", "MNIST", "FashionMNIST",
    "CIFAR10", "CIFAR100", "Image", "PngImageFile", "JpegImageFile", "DataFrame", "Series", "SummaryWriter", "Axes",
    "Figure", "Namespace", "Path", "PosixPath", "Trainer", "Tokenizer", "BatchEncoding", "ParameterList",
    "ParameterDict",
    "Module", "Function", "Storage", "UntypedStorage", "Logger", "Tensor",
})  # fmt: skip
"""Classes of torch and related libraries, which no learner writes."""
VALUES = {
    "list": TO_TENSOR,
    "tuple": "Take its first part: x, _ = layer(x).",
    "dict": TO_TENSOR,
    "str": TO_TENSOR,
    "int": TO_TENSOR,
    "float": TO_TENSOR,
    "ndarray": TO_TENSOR,
    "numpy.ndarray": TO_TENSOR,
    "function": "Call it: write parentheses after its name.",
    "method": "Call it: write parentheses after its name.",
    "builtin_function_or_method": "Call it: write parentheses after its name.",
    "Image": "Use transforms.ToTensor().",
}
"""Values that people have where a tensor is expected, and what turns them into one."""


OF_VARIABLE = Cause(
    "PyTorch is older than the code",
    "Before version 0.4 tensors in a graph were Variables, which had fewer methods.",
    "Update it: python -m pip install --upgrade torch, then restart. In the old version, loss.data[0] is loss.item().",
)


def explain(found: Found, network: Network | None) -> Explanation:
    """'Net' object has no attribute 'fc3'; module 'torch.nn' has no attribute 'Conv2D'."""
    owner, name = found["owner"] or found["module"], found["name"]
    meanings = ((f"'{owner}'", "the object"), (f"'{name}'", "the name it does not have"))
    if found["module"]:
        causes = of_module(owner, name)
    elif owner == "Tensor":
        causes = of_tensor(name)
    elif owner == "Variable":
        causes = iter((OF_VARIABLE,))
    elif owner in VALUES and not (owner == "dict" and name in NETWORK_METHODS):
        causes = of_value(owner, name, found)
    elif "type object" in found.message and _may_be_ones_own(owner):
        causes = of_type(owner, name)
    elif known := tuple(of_known(owner, name)):
        causes = iter(known)
    elif not _may_be_ones_own(owner):
        causes = of_foreign(owner, name)
    else:
        causes = of_class(owner, name, network)
    return Explanation(f"{owner} has nothing called {name}.", meanings, in_order(causes))


def of_module(owner: str, name: str) -> Iterator[Cause]:
    """module 'torch.nn' has no attribute 'Conv2D'."""
    short, names = MODULES.get(owner, (owner, ()))
    if gone := next((gone for gone in GONE if f"{owner}.{name}".startswith(gone)), ""):
        yield Cause(f"{gone} is gone", GONE[gone], "Install a newer version of the package that uses it.")
    if owner == "numpy" and name in ("int", "float", "bool", "object", "str"):
        why = f"np.{name} was only another name for Python's {name}, and NumPy 1.24 removed it."
        yield Cause(
            f"np.{name} is gone",
            why,
            f"Write {name}, or np.{name}64 for an array." if name in ("int", "float") else f"Write {name}.",
        )
        return
    for other, (written, there) in MODULES.items():
        if name in there and other != owner:
            yield Cause(f"{name} is in {other}", f"{owner} does not have it.", f"Write {written}.{name}.")
    # Images are what most people mean where one letter is missing that says how many axes there are.
    if near := f"{name}2d" if f"{name}2d" in names else nearest(name, names):
        why = f"Spelling and capitals matter: {owner} has {near}."
        yield Cause(f"It is spelled {near}", why, f"Write {short}.{near}.")
    yield Cause(
        "A different version of PyTorch",
        "The name may be newer, or may have been removed.",
        "Compare torch.__version__ with the tutorial's.",
    )


def of_tensor(name: str) -> Iterator[Cause]:
    """'Tensor' object has no attribute 'rehsape'."""
    written = f"F.{name}(x)" if name in FUNCTIONS else f"torch.{name}(x)" if name in OF_TORCH else ""
    if written:
        yield Cause(f"{name} is a function", "A tensor has no method of that name.", f"Write {written}.")
    if near := nearest(name, METHODS):
        yield Cause(f"It is spelled {near}", f"A tensor has {near}.", f"Write x.{near}.")
    yield Cause(
        "A tensor instead of a layer or an array",
        "NumPy or a layer may have this name.",
        "Print type(x) before this line.",
    )


def of_known(owner: str, name: str) -> Iterator[Cause]:
    """Classes of torch, Python and torchvision that are asked for something that belongs to a network."""
    short = owner.rpartition(".")[2]
    if owner.startswith("torch.return_types."):
        why = f"x.{short}(dim) gives two tensors, values and indices."
        yield Cause(
            "A function with two results",
            why,
            f"Write x.{short}(1).values.{name}; the places are x.{short}(1).indices.",
        )
        return
    call = "()" if name in NETWORK_METHODS else ""
    if short in ("OrderedDict", "dict"):
        yield Cause(
            "The saved weights instead of a network",
            f"torch.load gave a state_dict: names and tensors, which have no {name}.",
            f"Make the network and load them into it: net = Net(), net.load_state_dict(state), then net.{name}{call}.",
        )
    elif short in ("InceptionOutputs", "GoogLeNetOutputs"):
        yield Cause(
            "Two heads while training",
            f"While it trains, this network returns the outputs of its helping heads too, so {short} has no {name}.",
            "Write out = net(x), then loss = criterion(out.logits, labels) + 0.3 * criterion(out.aux_logits, labels); "
            "after net.eval() it returns one tensor.",
        )
    elif short.endswith(("Output", "Outputs")) and name in METHODS:
        yield Cause(
            "An object that contains tensors",
            f"The model returns several named outputs; each of them is a tensor, which has {name}.",
            "Take one of them: out.logits, out.last_hidden_state; print(out.keys()) shows all.",
        )
    elif short in ("DataParallel", "DistributedDataParallel"):
        why = f"{short} wraps the network, which is its attribute module."
        yield Cause(f"{name} belongs to the network inside", why, f"Write net.module.{name}.")
    elif short.endswith(("DataLoaderIter", "iterator", "generator")) and name == "next":
        why = "PyTorch 1.13 removed the method next; Python's function does the same."
        yield Cause("next is a function", why, "Write images, labels = next(iterator).")
    elif short == "DataLoader" or short.endswith("DataLoaderIter"):
        why = "A DataLoader yields batches; the samples are in its data set."
        yield Cause(f"A DataLoader has no {name}", why, "Write for x, y in loader, or loader.dataset for the data set.")
    elif short in ("Subset", "ConcatDataset", "TensorDataset"):
        why = f"{short} wraps the data set and does not pass on its attributes."
        yield Cause(
            f"{name} belongs to the data set inside", why, f"Write subset.dataset.{name}, or tensors[0] and [1]."
        )
    elif short.endswith("Loss") and name in METHODS:
        why = f"nn.{short}() only makes the loss; calling it returns the tensor that has {name}."
        yield Cause(
            "The loss was made but not called", why, f"Write loss = nn.{short}()(out, labels), then loss.{name}."
        )
    elif short in HEADS and name in ("fc", "classifier", "head", "heads", "avgpool", "features"):
        why = f"torchvision calls the last layers of {short} {HEADS[short]}."
        yield Cause(f"The head is called {HEADS[short]}", why, f"Write net.{HEADS[short]}; print(net) shows all names.")
    elif short == "Sequential":
        why = "Layers of a Sequential have numbers unless an OrderedDict names them."
        yield Cause(f"The Sequential has no {name}", why, "Write net[0] for its first layer; print(net) shows them.")
    elif short in ("ModuleList", "ModuleDict") and name in METHODS:
        why = f"{short} only holds layers; it computes nothing."
        yield Cause(
            "A list of layers instead of a tensor", why, "Write a loop: for layer in self.layers: x = layer(x)."
        )


def of_foreign(owner: str, name: str) -> Iterator[Cause]:
    """A class that the learner did not write: nothing is missing in an __init__."""
    yield Cause(
        f"{name} belongs to a different class",
        f"{owner} comes from Python or a package, and has no {name} in this version.",
        "Print type(x) and dir(x) before this line: is it what you expect?",
    )
    yield Cause(
        "A different version of the package",
        "Names change between versions.",
        "Compare the package's __version__ with the tutorial's.",
    )


def _may_be_ones_own(owner: str) -> bool:
    """Whether the learner probably wrote a class of that name: Net, but not collections.deque or generator."""
    return "." not in owner and owner[:1].isupper() and owner not in OTHER_CLASSES


def of_type(owner: str, name: str) -> Iterator[Cause]:
    """type object 'Net' has no attribute 'fc1'."""
    yield Cause(
        "The class instead of an object of it",
        f"{owner} without parentheses is the class; layers are made only when an object is made, in __init__.",
        f"Write net = {owner}(), with its arguments, then net.{name}.",
    )
    yield Cause(
        f"{name} is spelled differently, or indented too far",
        "A method belongs to the class only if def stands one step inside it.",
        f"Compare {name} with the names in the class.",
    )


_OF_FILES = ("read", "readline", "seek", "tell", "write", "close")
"""What open files have."""


def of_value(owner: str, name: str, found: Found) -> Iterator[Cause]:
    """A list, an array and so on where a tensor is expected."""
    if owner == "tuple" and "torchsummary" in found.before:
        why = "It expects one tensor from each layer, but an LSTM or an attention returns a tuple."
        remedy = "Use torchinfo: from torchinfo import summary, then summary(net, input_size=(1, 3, 224, 224))."
        yield Cause("torchsummary cannot follow layers with two results", why, remedy)
    if owner == "tuple" and "loss" in found.line_calls:
        why = "Its forward has several values after return, and all of them reached the loss."
        yield Cause(
            "The network returns a tuple", why, "Take the part that the labels are for: criterion(out[0], labels)."
        )
    if owner == "str" and name in _OF_FILES:
        why = f"The function reads an open file, which has {name}; the text is only its path."
        yield Cause("A path instead of an open file", why, 'Write with open(path, "rb") as file: pickle.load(file).')
        return
    if owner in ("int", "float") and name in ("backward", "item"):
        why = (
            "A Python number has no gradients and needs no item(); item() was called earlier, or the sum began with 0."
        )
        yield Cause("The loss is a plain number", why, "Call loss.backward() first, and loss.item() only for printing.")
        return
    why = "Some layers return a tuple, such as LSTM." if owner == "tuple" else "Only tensors have PyTorch's methods."
    what = owner.rpartition(".")[2]
    article = "An" if what[0] in "aeiouAEIOU" or what == "ndarray" else "A"
    yield Cause(f"{article} {what} instead of a tensor", why, VALUES[owner])
    if owner in ("list", "dict"):
        yield Cause(
            "Layers in a plain Python list or dict",
            "A list cannot be called, or moved to a device, like a layer.",
            "Use nn.Sequential, nn.ModuleList or nn.ModuleDict.",
        )


def of_class(owner: str, name: str, network: Network | None) -> Iterator[Cause]:
    """A network's class, or a layer of torch."""
    if name in REGISTER:
        why = f"nn.Module's own __init__ makes {name}, but it was not called."
        yield Cause("super().__init__() is missing", why, "Write super().__init__() as the first line of __init__.")
    elif owner in LAYERS and name in METHODS:
        why = f"nn.{owner} makes a layer; only the layer's output has {name}."
        remedy = f"Make it in __init__, self.layer = nn.{owner}(), and call it in forward: self.layer(x)."
        yield Cause("A layer was made where it should be called", why, remedy)
    elif owner in LAYERS:
        yield Cause(f"nn.{owner} has no {name}", "A different layer may have this name.", "Print the layer.")
    else:
        yield from _of_network(name, network)


def _of_network(name: str, network: Network | None) -> Iterator[Cause]:
    near = nearest(name, network.names) if network else None
    near = None if near and _without_digits(near) == _without_digits(name) else near  # fc3 is not a misspelled fc2
    if network and name in network.names:
        why = f"The network here has {name}, but the class that ran does not make it."
        yield Cause(f"{name} is not made in __init__", why, f"Assign self.{name} in __init__.", True, name)
    elif near:
        why = f"The network here has {near} but no {name}."
        yield Cause(f"It may be {near}", why, f"Write self.{near} in forward.", True, near)
    yield Cause(
        f"{name} was never made",
        "A layer used in forward must be assigned in __init__, with self. before its name.",
        f"Write a line that begins with self.{name} = in __init__.",
    )
    yield Cause(
        f"{name} is spelled differently in __init__",
        "Capitals, digits and underscores matter.",
        "Compare the names in __init__ and in forward.",
    )
    yield Cause(
        "__init__ is misspelled",
        "With one underscore on each side, Python does not call it, and no layer is made.",
        "Write def __init__(self): with two on each side.",
    )


def _without_digits(name: str) -> str:
    return re.sub(r"\d", "", name)


KINDS: dict[str, Kind] = {
    "attribute": kind(
        "A name that does not exist",
        "'Net' object has no attribute 'fc3'",
        (
            r"type object '(?P<owner>[\w.]{1,60})' has no attribute '(?P<name>\w{1,60})'",
            r"'(?!NoneType')(?P<owner>[\w.]{1,60})' object has no attribute '(?P<name>\w{1,60})'",
            r"module '(?P<module>(?:torch|numpy|PIL|cv2|pandas)[\w.]{0,40})' has no attribute '(?P<name>\w{1,60})'",
        ),
        explain,
    ),
}
