"""Modules of torchvision.ops and timm that model files import: what they are made of, in torch's own layers."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Fault, Symbol, Unknown
from layerscope.source.torch.containers import Group
from layerscope.source.torch.modules import Module, adopt
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def _layer(run: "Evaluator", kind: Any, call: Call, *args: Any, **kwargs: Any) -> Any:
    """A layer of torch's, or of what the code gives for it."""
    maker = Symbol(f"torch.nn.{kind}") if isinstance(kind, str) else kind
    return run.call(maker, Call(call.node, list(args), kwargs))


def _convolution(dims: int) -> Callable[["Evaluator", Call], Any]:
    """Conv2dNormActivation and its like: a convolution that keeps the size, a norm, an activation."""
    names = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "groups", "norm_layer",
             "activation_layer", "dilation", "inplace", "bias")  # fmt: skip

    def make(run: "Evaluator", call: Call) -> Any:
        given: dict[str, Any] = {
            "kernel_size": 3, "stride": 1, "padding": None, "groups": 1, "norm_layer": f"BatchNorm{dims}d",
            "activation_layer": "ReLU", "dilation": 1, "inplace": True, "bias": None,
        }  # fmt: skip
        given |= call.bound(*names)
        kernel, dilation, padding = given["kernel_size"], given["dilation"], given["padding"]
        if padding is None and isinstance(kernel, int) and isinstance(dilation, int):
            padding = (kernel - 1) // 2 * dilation
        elif padding is None and isinstance(kernel, list | tuple):
            each = dilation if isinstance(dilation, list | tuple) else (dilation,) * len(kernel)
            padding = tuple((k - 1) // 2 * d for k, d in zip(kernel, each, strict=True))
        norm, activation = given["norm_layer"], given["activation_layer"]
        bias = norm is None if given["bias"] is None else given["bias"]
        group = Group("Sequential", call.node)
        first = call.nodes.get("in_channels", call.nodes.get(0))
        inner = Call(call.node, [], {
            "in_channels": given.get("in_channels"), "out_channels": given.get("out_channels"), "kernel_size": kernel,
            "stride": given["stride"], "padding": padding, "dilation": dilation, "groups": given["groups"],
            "bias": bias,
        }, {} if first is None else {"in_channels": first})  # fmt: skip
        group.add(run.call(Symbol(f"torch.nn.Conv{dims}d"), inner))
        if norm is not None:
            group.add(_layer(run, norm, call, given.get("out_channels")))
        if activation is not None:
            extra = {} if given["inplace"] is None else {"inplace": given["inplace"]}
            group.add(_layer(run, activation, call, **extra))
        return group

    return make


def _perceptron(run: "Evaluator", call: Call) -> Any:
    """MLP: linear layers with a norm, an activation and dropout after each but the last."""
    names = ("in_channels", "hidden_channels", "norm_layer", "activation_layer", "inplace", "bias", "dropout")
    given = {"norm_layer": None, "activation_layer": "ReLU", "inplace": None, "bias": True, "dropout": 0.0}
    given |= call.bound(*names)
    widths = run.items(given.get("hidden_channels"), call.node)
    if not widths:
        return run.unknown(call.node, among=[given.get("hidden_channels")])
    extra = {} if given["inplace"] is None else {"inplace": given["inplace"]}
    group, width = Group("Sequential", call.node), given.get("in_channels")
    for place, wide in enumerate(widths):
        group.add(_layer(run, "Linear", call, width, wide, bias=given["bias"]))
        if place < len(widths) - 1:
            if given["norm_layer"] is not None:
                group.add(_layer(run, given["norm_layer"], call, wide))
            if given["activation_layer"] is not None:
                group.add(_layer(run, given["activation_layer"], call, **extra))
        group.add(_layer(run, "Dropout", call, given["dropout"], **extra))
        width = wide
    return group


@dataclass(eq=False, repr=False)
class Made(Module):
    """A module whose forward is known here: `work` is given the evaluator, the children and the call."""

    node: ast.AST
    work: Callable[["Evaluator", dict[str, Any], Call], Any]
    held: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    owner: Module | None = None

    def children(self) -> dict[str, Any]:
        return self.held

    def keep(self, name: str, child: Any) -> None:
        """One child more."""
        self.held[name] = child
        adopt(self, name, child)

    def call(self, run: "Evaluator", call: Call) -> Any:
        return self.work(run, self.held, call)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        return self.held[name] if name in self.held else self.method(run, name, node)


def _squeeze_excitation(run: "Evaluator", call: Call) -> Any:
    """SqueezeExcitation: what is left of each channel is learned from the means of all."""
    names = ("input_channels", "squeeze_channels", "activation", "scale_activation")
    given = {"activation": "ReLU", "scale_activation": "Sigmoid"} | call.bound(*names)
    made = Made(call.node, _excited)
    wide, narrow = given.get("input_channels"), given.get("squeeze_channels")
    made.keep("avgpool", _layer(run, "AdaptiveAvgPool2d", call, 1))
    made.keep("fc1", _layer(run, "Conv2d", call, wide, narrow, 1))
    made.keep("fc2", _layer(run, "Conv2d", call, narrow, wide, 1))
    made.keep("activation", _layer(run, given["activation"], call))
    made.keep("scale_activation", _layer(run, given["scale_activation"], call))
    return made


def _excited(run: "Evaluator", held: dict[str, Any], call: Call) -> Any:
    value = call.args[0]
    for name in ("avgpool", "fc1", "activation", "fc2", "scale_activation"):
        value = run.call(held[name], Call(call.node, [value]))
    return world_of(run).operation(run, "mul", Call(call.node, [value, call.args[0]]))


def _permute(run: "Evaluator", call: Call) -> Any:
    """Permute(dims): the axes in another order, as a module."""
    dims = call.bound("dims").get("dims")
    if isinstance(dims, Unknown) or not isinstance(dims, list | tuple):
        return run.unknown(call.node, among=[dims])
    order = tuple(map(plain, dims))

    def work(run: "Evaluator", held: dict[str, Any], call: Call) -> Any:
        return world_of(run).method(run, _tensor(run, call), "permute", Call(call.node, [order]))

    return Made(call.node, work)


def _channels_last_norm(run: "Evaluator", call: Call) -> Any:
    """LayerNorm2d: a LayerNorm over the channels of a map."""
    made = Made(call.node, _normed)
    made.keep("norm", _layer(run, "LayerNorm", call, *call.args, **call.kwargs))
    return made


def _normed(run: "Evaluator", held: dict[str, Any], call: Call) -> Any:
    value = world_of(run).method(run, _tensor(run, call), "permute", Call(call.node, [0, 2, 3, 1]))
    value = run.call(held["norm"], Call(call.node, [value]))
    return world_of(run).method(run, value, "permute", Call(call.node, [0, 3, 1, 2]))


def _frozen_norm(run: "Evaluator", call: Call) -> Any:
    """FrozenBatchNorm2d: a norm whose numbers are not learned."""
    kwargs = {name: value for name, value in call.kwargs.items() if name == "eps"}
    return _layer(run, "BatchNorm2d", call, *call.args[:1], affine=False, **kwargs)


def _tensor(run: "Evaluator", call: Call) -> Tensor:
    value = call.args[0] if call.args else None
    if not isinstance(value, Tensor):
        raise Fault(f"{run.paste.quote(call.node)} does not get a tensor.", call.node)
    return value


MODULES: dict[str, Callable[["Evaluator", Call], Any]] = {
    "Conv2dNormActivation": _convolution(2),
    "ConvNormActivation": _convolution(2),
    "Conv3dNormActivation": _convolution(3),
    "MLP": _perceptron,
    "SqueezeExcitation": _squeeze_excitation,
    "Permute": _permute,
    "LayerNorm2d": _channels_last_norm,
    "FrozenBatchNorm2d": _frozen_norm,
}
