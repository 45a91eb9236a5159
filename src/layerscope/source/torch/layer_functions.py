"""Torch's functions that do what a layer does: F.relu(x) is a ReLU without an attribute of its own."""

import ast
from math import isfinite
from typing import TYPE_CHECKING, Any

from layerscope.catalogue import CATALOGUE
from layerscope.network import LONGEST_NAME
from layerscope.source.python.constants import Size, plain
from layerscope.source.python.values import Call, Fault
from layerscope.source.record import BATCH
from layerscope.source.torch import applying
from layerscope.source.torch.layers import argument, finished, named_arguments
from layerscope.source.torch.modules import Training
from layerscope.source.torch.reshaping import unflattened
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.unpooling import WITH_PLACES, gives_places, with_places
from layerscope.source.torch.worlds import unnamed, world_of
from layerscope.torch_functions import FUNCTIONS, IGNORED, Function

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def layer_function(run: "Evaluator", key: str, call: Call) -> Any:
    """What the function gives: the tensor first, then its arguments. Raises Fault."""
    function = FUNCTIONS[key]
    of = call.args[0] if call.args else call.kwargs.get("input")
    rest = call.after_first() if call.args else call
    if not isinstance(of, Tensor):
        raise Fault(f"{run.paste.quote(call.node)} does not get the tensor itself.", call.node)
    if function.type == "Unflatten" and (found := unflattened(run, of, call)) is not NotImplemented:
        return found
    if len(rest.args) > len(function.arguments):
        raise Fault(f"{key} accepts at most {len(function.arguments)} arguments after the tensor.", call.node)
    given = named_arguments(list(function.arguments), rest)
    values = {name: (value, rest.nodes.get(place, call.node)) for place, (name, value) in given.items()}
    values.pop("input", None)
    return _applied(run, key, function, values, of, call)


def _applied(
    run: "Evaluator", key: str, function: Function, values: dict[str, tuple[Any, ast.AST]], of: Tensor, call: Call
) -> Any:
    for flag in ("training", "train"):
        if flag in values and values[flag][0] is False:
            run.remarks.note(f"{key} with {flag}=False does nothing, so it is not shown.", call.node)
            return of
    if function.type.startswith("Dropout") and not {"training", "train"} & values.keys():
        run.remarks.note(f"{key} without training=self.training still drops values after model.eval().", call.node)
    kind = CATALOGUE[function.type]
    adaptive = f"Adaptive{function.type}"
    if adaptive in CATALOGUE and "kernel_size" in values and _is_global(values["kernel_size"][0], kind.dims, of):
        return applying.apply(run, unnamed(adaptive, output_size=1), [of], call.node)
    chosen = dict(function.fixed)
    if key == "F.pad":
        return _padded(run, values, of, call)
    for name, (value, node) in values.items():
        if name in IGNORED or value is None:
            continue
        parameter = function.parameter(name)
        if parameter not in kind.parameters():
            raise Fault(f"{key} has no argument {name[:LONGEST_NAME]}.", node)
        if isinstance(value, Training):
            raise Fault(f"{key} gets self.training as {name}; write training=self.training.", node)
        chosen[parameter] = argument(run, value, name, node)
    layer = finished(kind, chosen, call.node, key)
    if "kernel_size" in values and _is_of_samples(values["kernel_size"][0], kind.dims, of):
        maps = applying.apply(run, unnamed("Unsqueeze", dim=1), [of], call.node)
        pooled = applying.apply(run, layer, [maps], call.node)
        return applying.apply(run, unnamed("Squeeze", dim=1), [pooled], call.node)
    found = applying.apply(run, layer, [of], call.node)
    return with_places(found) if gives_places(values.get(WITH_PLACES, (None,))[0]) else found


def _padded(run: "Evaluator", values: dict[str, tuple[Any, ast.AST]], of: Tensor, call: Call) -> Any:
    """F.pad: zeros around height and width are a ZeroPad2d; other modes are the layers of those names."""
    mode, value = (values.get(name, (usual, None))[0] for name, usual in (("mode", "constant"), ("value", None)))
    cells = argument(run, values.get("pad", ((), call.node))[0], "pad", call.node)
    row = cells if isinstance(cells, tuple) else (cells,)
    if isinstance(value, float) and not isfinite(value):
        run.remarks.note(
            f"{run.paste.quote(call.node)} pads with {value}; its row shows 0, of the same size.", call.node
        )
        value, values = 0, {name: each for name, each in values.items() if name != "value"}
    if not any(row) and not world_of(run).exact:
        return of
    is_zeros = value in (None, 0) and len(row) in (2, 4) and len(of.shape) == 4
    if "mode" in values if world_of(run).exact else mode == "constant" and not is_zeros:
        chosen = {"pad": row} | ({"value": argument(run, value, "value", call.node)} if value is not None else {})
        return applying.apply(run, finished(CATALOGUE["Pad"], chosen, call.node, "F.pad"), [of], call.node)
    row = (*row, 0, 0) if len(row) == 2 and len(of.shape) == 4 and mode == "constant" else row
    name = {"constant": "Zero", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}.get(
        str(mode)
    )
    kind = CATALOGUE.get(f"{name}Pad{len(row) // 2}d")
    if kind is None:
        raise Fault(f"{run.paste.quote(call.node)} pads in a way that no layer here does.", call.node)
    return applying.apply(run, finished(kind, {"padding": row}, call.node, "F.pad"), [of], call.node)


def _is_global(size: Any, dims: int, of: Tensor) -> bool:
    """Whether a window is as large as the whole map: kernel_size=x.size()[2:] or x.shape[-1]."""
    row = size if isinstance(size, list | tuple) else (size,)
    if not all(isinstance(part, Size) for part in row) or len(row) not in (1, dims):
        return False
    axes = of.sample[-dims:] if dims else ()
    return tuple(map(plain, row)) in (tuple(axes), tuple(axes[:1]) if len(set(axes)) == 1 else ())


def _is_of_samples(size: Any, dims: int, of: Tensor) -> bool:
    """Whether samples without channels are pooled, over an axis as long as the window: F.avg_pool2d(x, (x.shape[1], 1))
    of a batch of sequences. Torch takes the samples for the channels of one, and pools each for itself."""
    row = size if isinstance(size, list | tuple) else ()
    return any(isinstance(part, Size) for part in row) and len(of.sample) == dims and of.shape[:1] == (BATCH,)
