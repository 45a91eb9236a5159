"""Models of torchvision and timm that a paste only names: torchvision.models.resnet18() is the preset of that name."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from layerscope.architectures import convnext, densenet, resnet
from layerscope.formatting import joined
from layerscope.layers.normalization import BatchNorm2d
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Fault, Symbol
from layerscope.source.torch.model_plans import Plan, plan_of
from layerscope.source.torch.parts import Part
from layerscope.source.torch.parts import made as made_of
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def _normed(network: Network) -> Network:
    """The chain with a BatchNorm2d after each convolution."""
    rows = []
    for layer in network.layers:
        rows.append(layer)
        if layer.type == "Conv2d":
            rows.append(BatchNorm2d(name=f"{layer.name}_norm"))
    return replace(network, layers=tuple(rows))


def _preset(*names: str) -> dict[str, Callable[[], Network]]:
    return {name: partial(PRESETS.__getitem__, name) for name in names}


MODELS: dict[str, Callable[[], Network]] = {
    **_preset("alexnet", "vgg11", "vgg13", "vgg16", "vgg19"),
    **{
        f"{name}_bn": partial(lambda name: _normed(PRESETS[name]), name)
        for name in ("vgg11", "vgg13", "vgg16", "vgg19")
    },
    **_preset("resnet18", "resnet34", "resnet50", "resnet101"),
    "resnet152": partial(resnet.resnet, resnet.bottleneck, (3, 8, 36, 3)),
    **_preset("densenet121"),
    "densenet169": partial(densenet.densenet, (6, 12, 32, 32)),
    "densenet201": partial(densenet.densenet, (6, 12, 48, 32)),
    **_preset("googlenet", "inception_v3", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0"),
    **_preset("shufflenet_v2_x1_0", "convnext_tiny", "vit_b_16"),
    "convnext_small": partial(convnext.convnext, 96, (3, 3, 27, 3), 0.4),
    "convnext_base": partial(convnext.convnext, 128, (3, 3, 27, 3), 0.5),
    "convnext_large": partial(convnext.convnext, 192, (3, 3, 27, 3), 0.5),
}
"""torchvision's models that are held here."""
IN_TIMM = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "densenet121", "densenet169", "densenet201")
"""Names that mean in timm what they mean in torchvision."""
CHANGING_NOTHING = frozenset({
    "weights", "pretrained", "progress", "weights_backbone", "zero_init_residual", "aux_logits", "transform_input",
    "init_weights", "memory_efficient", "trust_repo", "force_reload", "verbose", "skip_validation", "source",
    "checkpoint_path", "cache_dir", "drop_rate", "drop_path_rate", "dropout", "stochastic_depth_prob",
})  # fmt: skip
"""Arguments that change no shape and no count."""
DROPPING = frozenset({"drop_rate", "drop_path_rate", "dropout", "stochastic_depth_prob"})
"""Those of them that rows show."""
_CALLED = {
    "densenet": re.compile(r"relu|avgpool"), "googlenet": re.compile(r".*\.relu"),
    "inception": re.compile(r".*\.(relu|avg_pool2d|max_pool2d)"), "mobilenet_v2": re.compile(r"avgpool"),
}  # fmt: skip
"""Rows of these families that torchvision calls as functions, with no module for them."""
_BLOCKS = {"BasicBlock": resnet.basic_block, "Bottleneck": resnet.bottleneck}
STAGES = 4
MOST_BLOCKS = 60
"""Stages of a ResNet, and blocks in all of them: resnet152 has 50."""
_HEADS_FOR_TRAINING = ("googlenet", "inception_v3")
_NO_MODEL = frozenset({"get_weight", "get_model_weights", "list_models", "get_model_builder", "get_graph_node_names"})


def is_maker(path: str) -> bool:
    """Whether a full name is that of a function that makes a model."""
    start, _, last = path.rpartition(".")
    if path in ("torch.hub.load", "timm.create_model", "timm.models.create_model"):
        return True
    in_torchvision = start == "torchvision.models" or start.startswith("torchvision.models.")
    return in_torchvision and last[:1].islower() and last not in _NO_MODEL and not last.startswith("_")


def made(run: "Evaluator", path: str, call: Call) -> Any:
    """The model that a call makes; Unknown, with what would work, where it is not held here. Raises Fault."""
    name, given = _name(path, call)
    if name is None:
        return run.unknown(call.node, among=call.everything)
    library = _library(path, call)
    held = IN_TIMM if library == "timm" else tuple(MODELS)
    if name not in held or library not in ("timm", "torchvision"):
        world_of(run).not_held = unknown = run.unknown(call.node, _not_held(name, library, held))
        return unknown
    classes, channels = plain(given.pop("num_classes", None)), plain(given.pop("in_chans", 3))
    strange = [key for key, value in given.items() if key not in CHANGING_NOTHING and value not in (None, False)]
    if strange:
        world_of(run).not_held = unknown = run.unknown(call.node, f"{name} is only known without {joined(strange)}.")
        return unknown
    if any(type(number) is not int for number in (classes, channels) if number is not None):
        return run.unknown(call.node, among=[classes, channels])
    for key in DROPPING & {key for key, value in given.items() if value is not None}:
        run.remarks.note(f"{key} of {name} is not used: the rows show what {library} has by default.", call.node)
    model = made_of(run, _plan(name), name, call.node)
    assert isinstance(model, Part)
    if channels != 3:
        model.expect(channels)
    if classes:
        model.classify(classes)
    elif classes == 0:
        model.drop_head(call.node)
    if name in _HEADS_FOR_TRAINING:
        run.remarks.note(f"{name} is shown without the heads it has only for training.", call.node)
    if not run.asides:
        world_of(run).built(model)
    return model


def resnet_of(run: "Evaluator", call: Call) -> Any:
    """torchvision.models.resnet.ResNet(BasicBlock, [2, 2, 2, 2], num_classes=10). Raises Fault."""
    given = call.bound("block", "layers", "num_classes")
    block, depths, classes = given.pop("block", None), given.pop("layers", None), plain(given.pop("num_classes", 1000))
    maker = _BLOCKS.get(block.last) if isinstance(block, Symbol) else None
    counts = tuple(map(plain, depths)) if isinstance(depths, list | tuple) else ()
    strange = [name for name, value in given.items() if name not in CHANGING_NOTHING and value not in (None, False)]
    if maker is None or len(counts) != STAGES or strange or type(classes) is not int:
        words = f"{run.paste.quote(call.node)} needs BasicBlock or Bottleneck, four numbers of blocks and "
        raise Fault(f"{words}num_classes, and nothing else.", call.node)
    if not all(type(count) is int and count > 0 for count in counts) or sum(counts) > MOST_BLOCKS:
        raise Fault(f"The numbers of blocks in {run.paste.quote(call.node)} are not those of a ResNet.", call.node)
    model = made_of(run, _resnet_plan(maker, counts), "resnet", call.node)
    model.classify(classes)
    if not run.asides and not run.making:
        world_of(run).built(model)
    return model


@lru_cache(maxsize=32)
def _resnet_plan(block: Callable[..., Any], depths: tuple[int, ...]) -> Plan:
    return plan_of(resnet.resnet(block, depths))


def _library(path: str, call: Call) -> str:
    """Whose model it is: torchvision's, timm's, or that of a repository on torch.hub."""
    if path != "torch.hub.load":
        return path.partition(".")[0]
    repository = call.args[0] if call.args else call.kwargs.get("repo_or_dir")
    known = isinstance(repository, str) and repository.partition(":")[0] == "pytorch/vision"
    return "torchvision" if known else str(repository)[:60] if isinstance(repository, str) else "torch.hub"


def _name(path: str, call: Call) -> tuple[str | None, dict[str, Any]]:
    """The model's name, and the arguments by name."""
    last = path.rpartition(".")[2]
    given = dict(call.kwargs)
    if path == "torch.hub.load":
        named = call.args[1] if len(call.args) > 1 else given.pop("model", None)
        given.pop("repo_or_dir", None)
    elif last in ("create_model", "get_model"):
        named = call.args[0] if call.args else given.pop("model_name", given.pop("name", None))
    else:
        named = last
    return (named, given) if isinstance(named, str) else (None, given)


def _not_held(name: str, library: str, held: tuple[str, ...]) -> str:
    """What would work in place of a model that is not held here."""
    return (
        f"{name[:60]} of {library} is not in this code, and not one of the models that Layerscope knows: "
        f"{joined(held)}. Or paste the file that defines it, with a line that makes it."
    )


@cache
def _plan(name: str) -> Plan:
    """The modules of a model, one of `MODELS`."""
    called = next((pattern for family, pattern in _CALLED.items() if name.startswith(family)), None)
    network = _named_as_torchvision(name, MODELS[name]())
    return plan_of(network, lambda row: called is not None and called.fullmatch(row) is not None)


def _named_as_torchvision(name: str, network: Network) -> Network:
    """AlexNet and VGG with torchvision's names: features.0, ..., avgpool, flatten, classifier.0, ..."""
    if not name.startswith(("alexnet", "vgg")):
        return network
    rows, place, part = [], 0, "features"
    for layer in network.layers:
        if layer.type in ("AdaptiveAvgPool2d", "Flatten"):
            own, part, place = "flatten" if layer.type == "Flatten" else "avgpool", "classifier", -1
        else:
            own = f"{part}.{place}"
        rows.append(replace(layer, name=own))
        place += 1
    return replace(network, layers=tuple(rows))
