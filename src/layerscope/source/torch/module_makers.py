"""Functions that make, copy or wrap modules, and how sequences are packed for them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from layerscope.catalogue import CATALOGUE
from layerscope.source.python import constants
from layerscope.source.python.values import Call, Fault, Unknown
from layerscope.source.torch.layers import argument, copied, finished, layer_class
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Lengths, learned
from layerscope.source.torch.parts import Part
from layerscope.source.torch.tensor import Tensor, leaves
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def _empty_module(run: "Evaluator", call: Call) -> Any:
    return layer_class(run, "Module", call) if not call.everything else NotImplemented


def _parameter(run: "Evaluator", call: Call) -> Any:
    """nn.Parameter(tensor)."""
    tensor = next(iter(call.everything), None)
    if not isinstance(tensor, Tensor) or tensor.carries:
        reason = tensor.reason if isinstance(tensor, Unknown) and tensor.why else ""
        return run.unknown(call.node, reason or f"The code does not say the sizes of {run.paste.quote(call.node)}.")
    return learned(call.node, tensor)


def _copied(run: "Evaluator", call: Call) -> Any:
    if len(call.everything) != 1:
        return NotImplemented
    copy = copied(run, call.args[0], call.node)
    if isinstance(copy, Part):
        world_of(run).built(copy)
    return copy


def _dropping(run: "Evaluator", call: Call) -> Any:
    """torchvision's StochasticDepth(0.1, "row"), timm's DropPath(0.1)."""
    if any(leaves(call.everything)):
        return NotImplemented
    values = call.bound("p", "mode")
    made = LayerModule("StochasticDepth", call.node)
    try:
        probability = values.get("p", values.get("drop_prob", 0.0))
        chosen = {"p": argument(run, probability, "p", call.node), "mode": values.get("mode", "row")}
        made.layer = finished(CATALOGUE["StochasticDepth"], chosen, call.node, "StochasticDepth")
    except Fault as fault:
        made.fault = fault
    return made


def _with_lengths(run: "Evaluator", call: Call) -> Any:
    """weight_norm(layer, name="weight", dim=0)."""
    given = call.bound("module", "name", "dim")
    module = given.get("module")
    if isinstance(module, LayerModule):
        weight = module.attribute(run, str(given.get("name", "weight")), call.node)
        axis = constants.plain(given.get("dim", 0))
        sizes = weight.shape if isinstance(weight, Tensor) else ()
        count = sizes[axis] if type(axis) is int and 0 <= axis < len(sizes) else 1 if axis in (None, -1) else None
        module.lengths = Lengths(count)
    return NotImplemented if module is None else module


def _begun(run: "Evaluator", call: Call) -> Any:
    """nn.Module.__init__(self)."""
    if call.args and isinstance(call.args[0], ModuleObject):
        call.args[0].initialised = True
        return None
    return NotImplemented


def _checkpointed(run: "Evaluator", call: Call) -> Any:
    """checkpoint(function, x): torch forgets what is between and works it out again."""
    if not call.args:
        return NotImplemented
    rest = call.after_first()
    kwargs = {name: value for name, value in rest.kwargs.items() if name not in ("use_reentrant", "preserve_rng_state")}
    return run.call(call.args[0], Call(call.node, rest.args, kwargs, rest.nodes))


def _checkpointed_row(run: "Evaluator", call: Call) -> Any:
    """checkpoint_sequential(layers, segments, x): the layers one after the other."""
    given = call.bound("functions", "segments", "input")
    functions, value = given.get("functions"), given.get("input")
    row = run.items(functions, call.node) if functions is not None else None
    if row is None or value is None:
        return NotImplemented
    for function in row:
        value = run.call(function, Call(call.node, [value]))
    return value


def _packed(run: "Evaluator", call: Call) -> Any:
    """pack_padded_sequence(x, lengths): torch wants a length for each sample, so it refuses a batch elsewhere."""
    given = call.bound("input", "lengths", "batch_first")
    of = given.get("input")
    if isinstance(of, Tensor) and of.axis == 1 and not given.get("batch_first", False):
        world_of(run).says_batch = True
    return of if "input" in given else NotImplemented


def _unpacked(run: "Evaluator", call: Call) -> Any:
    return (call.args[0], run.unknown(call.node)) if call.args else NotImplemented


CALLS: dict[str, Callable[["Evaluator", Call], Any]] = {
    "torch.nn.Module": _empty_module,
    "torch.nn.Parameter": _parameter,
    "torch.nn.parameter.Parameter": _parameter,
    "torch.nn.utils.weight_norm": _with_lengths,
    "torch.nn.utils.parametrizations.weight_norm": _with_lengths,
    "copy.deepcopy": _copied,
    "*.StochasticDepth": _dropping,
    "*.DropPath": _dropping,
    "*.__init__": _begun,
    "*.checkpoint": _checkpointed,
    "*.checkpoint_sequential": _checkpointed_row,
    "*.pack_padded_sequence": _packed,
    "*.pad_packed_sequence": _unpacked,
}
