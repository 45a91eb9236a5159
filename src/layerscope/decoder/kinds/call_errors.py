"""Arguments that do not exist or are missing, and the nearest name that exists."""

import re
from collections.abc import Iterable

from layerscope.catalogue import CATALOGUE
from layerscope.decoder.answer import Cause, Explanation, Meanings, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.decoder.known_names import LAYERS, SINCE, called, nearest, of_line, since
from layerscope.decoder.wording import listed
from layerscope.network import Network

MOST_NAMES = 7


def explain_unexpected(found: Found, network: Network | None) -> Explanation:
    """Conv2d.__init__() got an unexpected keyword argument 'kernal_size'."""
    owner, wrong = found["owner"], found["name"]
    meanings = ((owner, "what was called"), (f"'{wrong}'", "the argument it does not have"))
    owner = (of_line(found.line, wrong) or owner) if owner == "__init__" else owner
    shown, known, _ = called(owner)
    if wrong in _OF_TORCHVISION and (_MADE_BY_TORCHVISION.match(owner) or (owner == "__init__" and not shown)):
        return _of_old_torchvision(found, wrong, meanings)
    if version := since(wrong, owner):
        return Explanation(f"This torch is too old for {wrong}.", meanings, (_newer(shown or owner, wrong, version),))
    own = owner == "__init__" and _OWN_CLASS.search(found.line)
    near = nearest(wrong, known or (() if own else _of_all_layers(owner)))
    causes = []
    if not shown and "timm" in found.before:
        why = "create_model adds arguments such as in_chans and pretrained_cfg; which ones depends on timm's version."
        remedy = (
            "Take **kwargs in the class, or install the version that the code was written for: python -m pip install "
            "timm==0.6.13."
        )
        causes.append(Cause("timm hands its own arguments to the class", why, remedy))
    if near:
        why = f"{shown} takes {_first(known)}." if shown else f"PyTorch's layers have {near}."
        causes.append(Cause(f"It is called {near}", why, f"Write {near} instead of {wrong}."))
    elif shown:
        why = f"It takes {_first(known)}." if known else "Its page in the PyTorch documentation lists its arguments."
        causes.append(Cause(f"{shown} has no {wrong}", why, f"Leave out {wrong}."))
    if shown:
        causes.append(
            Cause(
                "A different version of PyTorch",
                "Some arguments were added in later versions.",
                "Compare torch.__version__ with the tutorial's.",
            )
        )
    else:
        causes.append(
            Cause(
                "Your own __init__ or function has no such parameter",
                "Python passes names exactly as you write them.",
                f"Add {wrong} to the parameters in the def line, or leave it out of the call.",
            )
        )
        if owner == "__init__" and wrong in SINCE:
            layer, version = next(iter(SINCE[wrong].items()))
            causes.append(_newer(f"nn.{layer}", wrong, version))
    return Explanation(f"{owner.removesuffix('.__init__')} has no argument {wrong}.", meanings, in_order(causes))


_OF_TORCHVISION = ("weights", "weights_backbone")
_MADE_BY_TORCHVISION = re.compile(
    r"(?:resnet|resnext|wide_resnet|vgg|alexnet|densenet|googlenet|inception|squeezenet|mobilenet|mnasnet|shufflenet|"
    r"efficientnet|regnet|convnext|vit_|swin|visiontransformer|fasterrcnn|maskrcnn|keypointrcnn|retinanet|fcos|ssd|fcn|"
    r"deeplab|lraspp|r3d|mc3|r2plus1d)",
    re.IGNORECASE,
)


def _of_old_torchvision(found: Found, wrong: str, meanings: Meanings) -> Explanation:
    """models.resnet18(weights=...) in a torchvision that has pretrained=True; it hands what it does not know to the
    class."""
    name = found["owner"].removesuffix(".__init__")
    made = name if name.islower() and name != "__init__" else "resnet18"
    old = "pretrained=True" if wrong == "weights" else "pretrained_backbone=True"
    cause = Cause(
        f"{wrong} came with torchvision 0.13",
        f"Older versions of torchvision take {old} in its place.",
        f"Write models.{made}({old}), without {wrong}; or update both packages: python -m pip install --upgrade torch "
        "torchvision.",
    )
    own = Cause(
        "Your own class or function has no such parameter",
        "Python passes names exactly as you write them.",
        f"Add {wrong} to the parameters in the def line, or leave it out of the call.",
    )
    if name.islower() and name != "__init__":
        return Explanation(f"This torchvision is too old for {wrong}.", meanings, (cause,))
    return Explanation(f"{name} has no argument {wrong}.", meanings, (cause, own))


_OWN_CLASS = re.compile(r"(?<![\w.])(?!(?:" + "|".join(LAYERS) + r")\()[A-Z]\w{1,60}\(")
"""A class in a line, but not one of PyTorch's layers."""


def _newer(shown: str, name: str, version: str) -> Cause:
    without = "x.transpose(0, 1) before and after the layer does the same" if name == "batch_first" else ""
    return Cause(
        f"{name} came with torch {version}",
        f"{shown} takes {name} since torch {version}; the torch that runs here is older.",
        f"Update it: python -m pip install --upgrade torch, then restart. Or leave out {name}"
        + (f"; {without}." if without else "."),
    )


_OF_STEP = {
    "metrics": Cause(
        "ReduceLROnPlateau needs the value that it watches",
        "It lowers the learning rate when that value no longer falls, so it is told it once per epoch.",
        "Write scheduler.step(validation_loss).",
    ),
    "closure": Cause(
        "LBFGS computes the loss several times in a step",
        "So it is given a function that computes it anew, with its gradients.",
        "Write def closure(): with optimizer.zero_grad(), loss = criterion(net(x), y), loss.backward(), return loss in "
        "it; then optimizer.step(closure).",
    ),
}
"""What a step of torch's own is given, by the argument that is missing."""


def explain_missing(found: Found, network: Network | None) -> Explanation:
    """Conv2d.__init__() missing 1 required positional argument: 'kernel_size'."""
    owner, names = found["owner"], tuple(re.findall(r"['\"](\w+)['\"]", found["names"]))
    shown, known, required = called(owner)
    meanings = (
        (owner, "what was called"),
        *((_quoted(found, name), "an argument without a default") for name in names[:4]),
    )
    missing = listed(names)
    says = f"The call has too few arguments: {missing} {'is' if len(names) == 1 else 'are'} missing."
    if shown:
        last = max((known.index(name) for name in names if name in known), default=-1)
        needed = required or known[: last + 1] or names
        title = f"{shown} needs {missing}"
        remedy = f"Write {shown}({', '.join(needed)}), with your numbers."
        return Explanation(says, meanings, (Cause(title, f"There is no default for {listed(needed)}.", remedy),))
    if '"' in found["names"]:  # a function of torch's own
        remedy = f"Pass {missing}, too; by name its place does not matter, as in {names[0]}=value."
        return Explanation(says, meanings, (Cause(f"torch.{owner} needs {missing}", "There is no default.", remedy),))
    if names[0] in ("task", "num_classes"):
        why = "Since torchmetrics 0.11 a metric is told the task, and for several classes their number."
        remedy = 'Write accuracy(out, labels, task="multiclass", num_classes=10), with your number of classes.'
        return Explanation(says, meanings, (Cause(f"torchmetrics needs {missing}", why, remedy),))
    if owner.endswith("step") and names[0] in _OF_STEP:
        return Explanation(says, meanings, (_OF_STEP[names[0]],))
    own = (
        Cause(
            "Called with too few values",
            f"The def line names {missing} without a default.",
            f"Pass {missing}, or set a default in the def line.",
        ),
        Cause(
            "self is missing",
            "The first parameter of a method is the object itself; without self the others shift by one.",
            "Write self as the first parameter in the def line.",
        ),
    )
    return Explanation(says, meanings, own)


def _quoted(found: Found, name: str) -> str:
    return found.shown(f"'{name}'", f'"{name}"')


def _of_all_layers(owner: str) -> tuple[str, ...]:
    """The arguments of every layer, where Python before 3.10 did not say which was made."""
    if owner != "__init__":
        return ()
    return tuple(dict.fromkeys(name for layer in CATALOGUE.values() for name in (*layer.decides, *layer.parameters())))


def _first(names: Iterable[str]) -> str:
    names = tuple(names)
    return ", ".join(names[:MOST_NAMES]) + (" and others" if len(names) > MOST_NAMES else "")


KINDS: dict[str, Kind] = {
    "unexpected": kind(
        "An unknown argument",
        "Conv2d.__init__() got an unexpected keyword argument 'kernal_size'",
        (
            r"\b(?P<owner>\w{1,60}(?:\.\w{1,60})?)\(\) got an unexpected keyword argument '(?P<name>\w{1,60})'",
            r"'(?P<name>\w{1,60})' is an invalid keyword argument for (?P<owner>\w{1,60})\(\)",
        ),
        explain_unexpected,
    ),
    "missing": kind(
        "A missing argument",
        "Conv2d.__init__() missing 1 required positional argument: 'kernel_size'",
        (
            r"\b(?!(?:\w{1,60}\.)?forward\()(?P<owner>\w{1,60}(?:\.\w{1,60})?)\(\) missing \d{1,9} required "
            r"(?:positional|keyword-only) arguments?: (?P<names>'\w{1,60}'(?:,? (?:and )?'\w{1,60}'){0,9})",
            r"\b(?P<owner>\w{1,60})\(\) missing \d{1,9} required positional arguments?: "
            r"(?P<names>\"\w{1,60}\"(?:, \"\w{1,60}\"){0,9})",
        ),
        explain_missing,
    ),
}
