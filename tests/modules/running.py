"""A network that was read from a live model, run row by row with that model's own weights.

Shapes alone would not tell a transposition from its mirror, or one of two branches from the other: the values do.
"""

import torch
from torch import Tensor, nn

from layerscope.layers.opaque import Measured
from layerscope.network import Network
from layerscope.tracing import trace


def outputs(network: Network, model: nn.Module, *inputs: Tensor) -> list[Tensor]:
    """What the network gives for these inputs. Raises AssertionError for a row that was only measured."""
    found = trace(network)
    assert found.error is None, found.error
    values = {one.name: tensor for one, tensor in zip(network.inputs, inputs, strict=True)}
    modules = dict(model.named_modules())
    weights = dict(model.named_parameters(remove_duplicate=False))
    with torch.no_grad():
        for step in found.steps:
            layer = step.layer
            assert not isinstance(layer, Measured), f"{layer.name} was only measured"
            read = [values[name] for name in step.sources]
            if layer.type == "Parameter":
                shape = step.output_shape
                assert shape is not None
                made: tuple[Tensor, ...] = (weights[layer.name].reshape(shape).expand(inputs[0].shape[0], *shape),)
            else:
                module = modules.get(layer.of or layer.name)
                if type(module) is not layer.torch_class:
                    module = _with_weights(layer.torch_class(**step.arguments).eval(), layer.of or layer.name, weights)
                made = layer.unpack(layer.call(module, *read))
            for port, tensor in zip(layer.ports or ("",), made, strict=False):
                values[f"{layer.name}:{port}"] = tensor
            values[layer.name] = made[0]
    return [values[name] for name in network.output_names]


def _with_weights(module: nn.Module, path: str, weights: dict[str, nn.Parameter]) -> nn.Module:
    """A module that stands for a function, with the weights that the function was given."""
    own = dict(module.named_parameters())
    for name, weight in own.items():
        weight.data = weights[f"{path}.{name}"].data
    return module
