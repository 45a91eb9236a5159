"""The judge of quiz questions: real modules of torch, built and run for each question anew.

Nothing here asks `trace`, a formula or a template. What a question is about is read from its text.
"""

import ast
import inspect
import re
import warnings
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from functools import cache, lru_cache
from itertools import product
from math import prod
from typing import Any

import torch
from torch import nn

from layerscope.layers.base import Layer
from layerscope.network import Input, Network
from layerscope.parameter import Role
from layerscope.study.quiz.question import Option, Question

AXIS = {"depth": -3, "height": -2, "width": -1, "length": -1}
COUNTED = ("in_channels", "out_channels", "in_features", "out_features", "num_features")
WIDE, LARGE = 1_000, 15_000
SAMPLES = 2
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, AssertionError)
"""How torch refuses; attention asserts."""


class Real:
    """The modules of a network, and the real shapes (with a batch of 2) that went in and out of each.

    Where a row has several inputs or outputs, the first counts.
    """

    def __init__(self, network: Network) -> None:
        self.modules: dict[str, nn.Module] = {}
        self.arriving: dict[str, tuple[int, ...]] = {}
        self.leaving: dict[str, tuple[int, ...]] = {}
        self.failed = ""
        device, place = device_for(network), on_device(network)
        values = {given.name: zeros(given, device) for given in network.inputs}
        with torch.no_grad(), place, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for layer in network.resolved:
                inputs = [values[name] for name in network.before(layer.name)]
                try:
                    module = self.modules[layer.of] if layer.of else build(layer, *inputs)
                    # What reads nothing, as a Parameter, is told of how many samples it is one.
                    results = layer.unpack(layer.call(module, *inputs) if inputs else module(SAMPLES))
                except REFUSALS as error:
                    self.failed = f"{layer.name}: {error}"
                    return
                if not layer.of:
                    self.modules[layer.name] = module
                self.arriving[layer.name] = tuple(inputs[0].shape) if inputs else ()
                self.leaving[layer.name] = tuple(results[0].shape)
                values[layer.name] = results[0]
                values |= {f"{layer.name}:{port}": made for port, made in zip(layer.ports, results, strict=False)}

    def counted(self) -> dict[str, Any]:
        """What each module says of its channels and features."""
        return {
            f"{name}.{key}": value
            for name, module in self.modules.items()
            for key, value in vars(module).items()  # hasattr is slow on modules
            if key in COUNTED
        }


def zeros(given: Input, device: str = "cpu") -> torch.Tensor:
    """Samples for an input of a network."""
    dtype = torch.long if given.kind == "indices" else torch.float32
    return torch.zeros(SAMPLES, *given.shape, device=device, dtype=dtype)


def device_for(network: Network) -> str:
    """Where the modules run: "cpu", or for large networks "meta", where torch says shapes and counts only."""
    widths = [getattr(layer, name, 0) for layer in network.resolved for name in ("out_features", "out_channels")]
    return "meta" if max(widths, default=0) > WIDE or prod(network.input_shape) > LARGE else "cpu"


def on_device(network: Network) -> AbstractContextManager[Any]:
    """In it, modules are made where the network runs."""
    return torch.device("meta") if device_for(network) == "meta" else nullcontext()


def build(layer: Layer, *values: torch.Tensor, **changes: Any) -> nn.Module:
    """The module for what really arrives; its weights are not filled, which takes most of the time."""
    arguments = layer.chosen
    if isinstance(layer.torch_class, type) and issubclass(layer.torch_class, nn.Linear):
        arguments = {"in_features": values[0].shape[-1], **arguments}
    elif "in_channels" in layer.decides:
        arguments = {"in_channels": values[0].shape[1], **arguments}
    else:
        arguments = layer.arguments(*(tuple(value.shape[1:]) for value in values))
    torch_class: Any = layer.torch_class
    module: nn.Module = unfilled(torch_class)(**{**arguments, **changes})
    return module.eval()


@cache
def unfilled(torch_class: Any) -> type[nn.Module]:
    return type(torch_class.__name__, (torch_class,), {"reset_parameters": lambda self: None})


@lru_cache(maxsize=64)
def real(network: Network) -> Real:
    return Real(network)


def is_right(question: Question, option: Option) -> bool:
    """Whether torch finds this option right."""
    return JUDGES[question.key](question, option)


def _found(pattern: str, question: Question) -> tuple[str, ...]:
    found = re.search(pattern, question.text)
    assert found, f"{question.text} does not say {pattern}"
    return found.groups()


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _module(question: Question) -> Any:
    return real(question.network).modules[question.layer]


def _equal(answer: Callable[[Question], Hashable]) -> Callable[[Question, Option], bool]:
    """A judge for questions with one value as the answer."""
    return lambda question, option: option.value == answer(question)


def argument(question: Question) -> Hashable:
    type_name, inside, name = _found(r"= nn\.(\w+)\((.*)\), which argument is passed for (\w+)\?", question)
    call = ast.parse(f"f({inside})", mode="eval").body
    assert isinstance(call, ast.Call)
    bound = inspect.signature(getattr(nn, type_name).__init__).bind(
        None, *map(ast.literal_eval, call.args), **{str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
    )
    value: Hashable = bound.arguments[name]
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def who_decides(question: Question) -> Hashable:
    (name,) = _found(r"who decides the value of (\w+)\?", question)
    modules = real(question.network).modules
    weighted = [key for key, m in modules.items() if getattr(m, "weight", None) is not None and _is_counted(m)]
    if name.startswith("in_"):
        return Role.DATA if question.layer == weighted[0] else Role.LAYER
    return Role.DATA if name.startswith("out_") and question.layer == weighted[-1] else Role.YOU


def _is_counted(module: nn.Module) -> bool:
    return hasattr(module, "out_channels") or hasattr(module, "out_features")


def _changed(question: Question, after: Network) -> dict[str, Any]:
    """The arguments that are others in the other network, which must run."""
    ran = Real(after)
    assert not ran.failed, f"{question.text}: {ran.failed}"
    old = real(question.network).counted()
    return {key: value for key, value in ran.counted().items() if old[key] != value}


def other_channels(question: Question) -> Hashable:
    (channels,) = _found(r"(\d) channels? instead", question)
    shape = question.network.input_shape
    (only,) = _changed(question, question.network.with_input((int(channels), *shape[1:])))
    return str(only)


def other_classes(question: Question) -> Hashable:
    (classes,) = _found(r"data has (\d+) classes", question)
    (only,) = _changed(question, question.network.with_classes(int(classes)))
    return str(only)


def _widened(question: Question) -> tuple[dict[str, Any], Network]:
    name, width, value = _found(r"^You set ([\w.]+)\.(\w+) to ([\d,]+) and", question)
    after = question.network.with_argument(name, width, _number(value))
    changed = _changed(question, after)
    assert changed.pop(f"{name}.{width}") == _number(value)
    return changed, after


def next_argument(question: Question) -> Hashable:
    ((label, value),) = _widened(question)[0].items()
    return label, value


def next_features(question: Question) -> Hashable:
    return int(_widened(question)[0][f"{question.layer}.in_features"])


def size(question: Question) -> Hashable:
    (axis,) = _found(r"What is the (\w+) of the maps", question)
    return real(question.network).leaving[question.layer][AXIS[axis]]


def full_shape(question: Question) -> Hashable:
    return ("N", *real(question.network).leaving[question.layer][1:])


def flattened_length(question: Question) -> Hashable:
    return real(question.network).leaving[question.layer][-1]


def _through(network: Network, n: int, last: str, fixed: dict[str, nn.Module] | None = None) -> bool:
    """Whether images of n × n get through a layer; with `fixed` modules those of another network are used."""
    if n < 1:
        return False
    value = torch.zeros(1, network.input_shape[0], n, n, device=device_for(network))
    with torch.no_grad(), on_device(network), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for layer in network.resolved:
            try:
                module = fixed[layer.name] if fixed else build(layer, value)
                value = layer.unpack(layer.call(module, value))[0]
            except REFUSALS:
                return False
            if layer.name == last:
                return 0 not in value.shape
    return False


def largest_image(question: Question, option: Option) -> bool:
    assert isinstance(option.value, int)
    network, fixed = question.network, real(question.network).modules
    last = network.layers[-1].name
    fits, beyond = (_through(network, n, last, fixed) for n in (option.value, option.value + 1))
    return fits and not beyond


def smallest_image(question: Question, option: Option) -> bool:
    assert isinstance(option.value, int)
    fits, below = (_through(question.network, n, question.layer) for n in (option.value, option.value - 1))
    return fits and not below


def without_bias(question: Question) -> Hashable:
    arriving = torch.empty(real(question.network).arriving[question.layer], device="meta")
    (layer,) = [layer for layer in question.network.resolved if layer.name == question.layer]
    module = build(layer, arriving, bias=False)
    return sum(p.numel() for p in module.parameters())


def _only_largest(counts: dict[str, int]) -> str:
    most = max(counts.values())
    (name,) = [key for key, value in counts.items() if value == most]
    return name


def most_parameters(question: Question) -> Hashable:
    modules = real(question.network).modules
    return _only_largest({name: sum(p.numel() for p in m.parameters()) for name, m in modules.items()})


def most_macs(question: Question) -> Hashable:
    ran, counts = real(question.network), {}
    for name, module in ran.modules.items():
        if _is_counted(module) and isinstance(module.weight, torch.Tensor):
            transposed = type(module).__name__.startswith("ConvTranspose")  # each place that arrives has its window
            places = ran.arriving if transposed else ran.leaving
            spatial = places[name][2:] if hasattr(module, "out_channels") else places[name][1:-1]
            counts[name] = module.weight.numel() * prod(spatial)
    return _only_largest(counts)


def same_padding(question: Question, option: Option) -> bool:
    arriving = real(question.network).arriving[question.layer]
    with torch.no_grad(), torch.device("meta"):
        module = build(question.network[question.layer], torch.empty(arriving), padding=option.value)
        try:
            return bool(module(torch.zeros(arriving)).shape[2:] == arriving[2:])
        except RuntimeError:  # the kernel does not even fit
            return False


def effective_kernel(question: Question) -> Hashable:
    dilation, axis = _found(r"gets dilation=(\d+)\..* along the (\w+),", question)
    module = _module(question)
    kernel = module.kernel_size[AXIS[axis]]
    with torch.no_grad():
        left: int = nn.Conv1d(1, 1, kernel, dilation=int(dilation))(torch.zeros(1, 1, 200)).shape[-1]
    return 200 - left + 1


def receptive_field(question: Question) -> Hashable:
    """From the first to the last input cell with an influence, by the gradient of a value in the middle."""
    (axis,) = _found(r"along the (\w+) are", question)
    return _seen(question, AXIS[axis])


def sum_field(question: Question) -> Hashable:
    (axis,) = _found(r"^Along the (\w+), one value", question)
    return _seen(question, AXIS[axis])


def _seen(question: Question, place: int) -> int:
    """How many cells of a long input have an influence on one value after the question's layer."""
    network, modules = question.network, real(question.network).modules
    cells = torch.ones(1, 1, 1000, dtype=torch.double, requires_grad=True)
    values = {given.name: cells for given in network.inputs}
    for name in network.names[: network.index(question.layer) + 1]:
        if name not in {question.layer, *network.ancestors(question.layer)}:
            continue
        inputs = [values[source] for source in network.before(name)]
        value = torch.stack(inputs).sum(0)  # a Concat sees what a sum of as many channels sees
        if hasattr(modules[name], "kernel_size"):
            value = _sliding(modules[name], place)(value)
        values[name] = value
    value[0, 0, value.shape[-1] // 2].backward()
    assert cells.grad is not None
    seen = cells.grad[0, 0].nonzero()
    return int(seen[-1] - seen[0]) + 1


def _sliding(module: Any, place: int) -> nn.Module:
    """The same window along one axis, with weights of 1; a pooling takes the mean, so that every cell counts."""

    def along(value: Any) -> Any:
        return value[place] if isinstance(value, tuple) else value

    windows = (along(module.kernel_size), along(module.stride), along(module.padding))
    row = nn.Conv1d(1, 1, *windows, along(getattr(module, "dilation", 1)), bias=False)
    nn.init.ones_(row.weight)
    return row.double()


def error_cause(question: Question, option: Option) -> bool:
    (message,) = _found(r"stops with: (.*)\. What is the cause\?", question)
    return words_of(question, option.value) == message


def words_of(question: Question, mistake: Hashable) -> str:
    """What torch says when that mistake is really made; "" where it runs."""
    (batch,) = _found(r"batches of (\d+) images", question)
    network, modules = question.network, dict(real(question.network).modules)
    channels, height, width = network.input_shape
    shape: tuple[int, ...] = (int(batch), channels, height, width)
    kind, *details = mistake if isinstance(mistake, tuple) else (mistake,)
    if kind == "size":
        shape = (*shape[:2], details[0], details[0])
    elif kind == "channels":
        shape = (shape[0], details[0], *shape[2:])
    elif kind == "channels-last":
        shape = (shape[0], height, width, channels)
    elif kind == "no-batch":
        shape = shape[1:]
    elif kind == "no-pooling":
        modules = {name: m for name, m in modules.items() if "Pool" not in type(m).__name__}
    elif kind == "not-flattened":
        modules = {name: m for name, m in modules.items() if not isinstance(m, nn.Flatten)}
    elif kind == "batch-merged":
        modules |= {name: nn.Flatten(0) for name, m in modules.items() if isinstance(m, nn.Flatten)}
    elif kind == "skipped":
        del modules[str(details[0])]
    elif kind == "widened":
        arriving = torch.empty(real(network).arriving[details[0]])
        modules[details[0]] = build(network[details[0]], arriving, out_channels=details[1])
    else:
        raise AssertionError(f"{mistake} is no known mistake")
    value = torch.zeros(shape)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for module in modules.values():
                value = module(value)
        except RuntimeError as error:
            return str(error)
    return ""


def grid_runs(question: Question) -> Hashable:
    (lists,) = _found(r"\((.*)\)\. How many runs", question)
    return len(list(product(*(values.split(": ")[1].split(", ") for values in lists.split("; ")))))


def joined_channels(question: Question) -> Hashable:
    """The weight of a convolution that torch builds when it first sees the joined maps."""
    (dims,) = _found(r"in_channels of an nn\.Conv(\d)d that reads", question)
    leaving = real(question.network).leaving[question.layer]
    lazy: Any = getattr(nn, f"LazyConv{dims}d")(1, 1)
    lazy(torch.zeros(leaving))
    return int(lazy.in_channels)


def projection(question: Question, option: Option) -> bool:
    """Whether a sum of what leaves that convolution and of the main path has the main path's shape."""
    main, source = _found(r"adds the output of (\S+), \(.*\), and a skip connection from (\S+), \(", question)
    network, ran = question.network, real(question.network)
    assert ran.failed.startswith(f"{question.layer}: ")
    start = ran.leaving.get(source, (2, *network.input_shape))
    assert isinstance(option.value, tuple)
    arriving, width, kernel, stride = option.value
    convolution = getattr(nn, f"Conv{len(start) - 2}d")(arriving, width, kernel, stride=stride)
    assert f"({arriving}, {width}, kernel_size={kernel}" in option.text
    try:
        shape = (convolution(torch.zeros(start)) + torch.zeros(ran.leaving[main])).shape
    except RuntimeError:
        return False
    return tuple(shape) == ran.leaving[main]


def skip_parameters(question: Question) -> Hashable:
    """Of all ways from the source to the sum the one over the fewest rows; what its modules hold."""
    (source,) = _found(r"a skip connection from (\S+?)(?:,| with)", question)
    network = question.network
    ways: list[tuple[str, ...]] = [(question.layer,)]
    while True:
        for way in ways:
            if source in network.before(way[0]):
                modules = [real(network).modules[name] for name in way]
                return sum(p.numel() for module in modules for p in module.parameters())
        ways = [(name, *way) for way in ways for name in network.before(way[0]) if name in network.names]
        assert ways, question


def kept_for_backward(question: Question) -> Hashable:
    """Which tensors autograd's hooks see while the module trains on an input whose gradient is wanted."""
    ran, module = real(question.network), _module(question)
    values = torch.rand(ran.arriving[question.layer], device=device_for(question.network), requires_grad=True) * 1
    saved = list[torch.Tensor]()
    module.train()

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        saved.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = module(values)
    module.eval()
    weights = {each.untyped_storage()._cdata for each in module.parameters()}
    names = {values.untyped_storage()._cdata: "its input"}
    names.setdefault(result.untyped_storage()._cdata, "its output")
    found = set()
    for each in saved:
        key = each.untyped_storage()._cdata
        if key not in weights:
            found.add(names.get(key, "indices" if each.dtype == torch.long else "a mask, one factor for each value"))
    if found == {"its input", "indices"}:
        return "its input and the places of the largest values"
    assert len(found) < 2, found
    return found.pop() if found else "nothing"


def _adams(module: nn.Module) -> int:
    """The values that Adam holds after a real step, without its counters."""
    optimizer = torch.optim.Adam(module.parameters(), foreach=False)
    for each in module.parameters():
        each.grad = torch.zeros_like(each)
    optimizer.step()
    module.zero_grad()
    kept = (value for state in optimizer.state.values() for name, value in state.items() if name != "step")
    return sum(value.numel() for value in kept)


def training_bytes(question: Question) -> Hashable:
    total = 0
    for module in real(question.network).modules.values():
        parameters = list(module.parameters())
        if parameters:
            sizes = [each.numel() * each.element_size() for each in parameters]
            total += 2 * sum(sizes) + parameters[0].element_size() * _adams(module)
    return total


JUDGES: dict[str, Callable[[Question, Option], bool]] = {
    "argument": _equal(argument),
    "who-decides": _equal(who_decides),
    "other-channels": _equal(other_channels),
    "other-classes": _equal(other_classes),
    "next-argument": _equal(next_argument),
    "next-features": _equal(next_features),
    "size": _equal(size),
    "full-shape": _equal(full_shape),
    "flattened-length": _equal(flattened_length),
    "largest-image": largest_image,
    "smallest-image": smallest_image,
    "weight-shape": _equal(lambda q: tuple(_module(q).weight.shape)),
    "filters": _equal(lambda q: int(_module(q).weight.shape[0])),
    "kernels": _equal(lambda q: int(prod(_module(q).weight.shape[:2]))),
    "filter-depth": _equal(lambda q: int(_module(q).weight.shape[1])),
    "maps": _equal(lambda q: real(q.network).leaving[q.layer][1]),
    "parameters": _equal(lambda q: sum(p.numel() for p in _module(q).parameters())),
    "without-bias": _equal(without_bias),
    "most-parameters": _equal(most_parameters),
    "most-macs": _equal(most_macs),
    "kept-for-backward": _equal(kept_for_backward),
    "optimizer-values": _equal(lambda q: _adams(_module(q))),
    "training-bytes": _equal(training_bytes),
    "same-padding": same_padding,
    "effective-kernel": _equal(effective_kernel),
    "receptive-field": _equal(receptive_field),
    "joined-channels": _equal(joined_channels),
    "sum-shape": _equal(full_shape),
    "dense-channels": _equal(lambda q: real(q.network).leaving[q.layer][1]),
    "projection": projection,
    "skip-parameters": _equal(skip_parameters),
    "sum-field": _equal(sum_field),
    "error-cause": error_cause,
    "grid-runs": _equal(grid_runs),
}
