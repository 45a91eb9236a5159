"""How a layer without weights is written as a function, and which layers can be."""

from collections.abc import Iterable

from layerscope.layers.base import Layer
from layerscope.source.constructing import written_arguments
from layerscope.source.naming import misnamed
from layerscope.source.spelling import Argument, argument
from layerscope.torch_functions import FUNCTIONS

SPELLINGS: dict[str, str] = {
    function.type: spelling for spelling, function in reversed(FUNCTIONS.items()) if not spelling.startswith("x.")
}
"""The function for each layer type that has one: "ReLU" -> "F.relu". Methods of a tensor are not written."""


def function_call(layer: Layer) -> tuple[str, tuple[Argument, ...]]:
    """The function and the arguments after the tensor, in torch's order."""
    function = FUNCTIONS[SPELLINGS[layer.type]]
    values = {name: layer.chosen[name] for name in function.fixed} | written_arguments(layer)
    arguments = []
    for name in function.arguments:
        if name == "training":
            arguments.append(Argument("training=self.training"))
        elif function.parameter(name) in values:
            arguments.append(argument(name, values[function.parameter(name)]))
    return SPELLINGS[layer.type], tuple(arguments)


def functional(layers: Iterable[Layer]) -> frozenset[str]:
    """The names of the layers that can be functions: a function has no name, so reading must give it this one."""
    rows = tuple(layers)
    chosen = {layer.name for layer in rows if layer.type in SPELLINGS and takes_all(layer)}
    while True:
        others = {layer.name for layer in rows} - chosen
        nameless = [layer for layer in rows if layer.name in chosen]
        wrong = misnamed([layer.stem for layer in nameless], [layer.name for layer in nameless], others)
        if not wrong:
            return frozenset(chosen)
        chosen.difference_update(nameless[place].name for place in wrong)


def takes_all(layer: Layer) -> bool:
    """Whether the function can say all that the layer says."""
    function = FUNCTIONS[SPELLINGS[layer.type]]
    if layer.type == "Flatten":  # from the batch on, as a function, it reads as a slip that means something else
        return type(layer.chosen["start_dim"]) is int and layer.chosen["start_dim"] > 0
    if layer.type == "ZeroPad2d":  # F.pad knows no single number for all four sides
        padding = layer.chosen["padding"]
        return isinstance(padding, tuple) and len(padding) == 4
    return written_arguments(layer).keys() <= {function.parameter(name) for name in function.arguments}
