"""Functions and classes of libraries: torch's layers and functions, and what other libraries pass on unchanged."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from layerscope.catalogue import CATALOGUE
from layerscope.source.python import constants, rows
from layerscope.source.python.callables import Partial
from layerscope.source.python.classes import Object
from layerscope.source.python.values import Call, Fault, Symbol, Unknown, Value
from layerscope.source.remarks.missing_brackets import called_on_data
from layerscope.source.torch import (
    allowed,
    arrays,
    creating,
    distributions,
    einops_calls,
    einsums,
    environments,
    extractors,
    image_functions,
    models,
    operations,
    programs,
    repeated,
)
from layerscope.source.torch.arguments import DTYPES
from layerscope.source.torch.fields import Fields, RecordType
from layerscope.source.torch.known_classes import MODEL_CLASSES
from layerscope.source.torch.layers import argument, copied, finished, layer_class
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Lengths, learned
from layerscope.source.torch.parts import Part
from layerscope.source.torch.tensor import Tensor, leaves
from layerscope.source.torch.torchvision_modules import MODULES
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_Work = Callable[["Evaluator", Call], Any]
REMEMBERED = 1_024
LONGEST_PATH = 200
"""Names of libraries that are kept looked up, and the letters of the longest."""
SAME = {
    "typing.cast": 1, "typing.assert_type": 0, "typing.reveal_type": 0, "typing_extensions.assert_type": 0,
    "typing_extensions.reveal_type": 0, "torch.jit.annotate": 1, "torch.jit.script": 0, "torch.jit.trace": 0,
    "torch.compile": 0, "torch.jit.export": 0, "torch.jit.ignore": 0, "torch.fx.wrap": 0, "torch.autograd.Variable": 0,
    "torch.nn.DataParallel": 0, "torch.nn.parallel.DataParallel": 0,
    "torch.nn.parallel.DistributedDataParallel": 0, "torch.nn.utils.spectral_norm": 0,
    "torch.nn.utils.parametrizations.spectral_norm": 0, "torch.nn.utils.parametrizations.orthogonal": 0,
    "copy.copy": 0, "torch.nn.Sequential.forward": 1, "typing.NamedTuple": 0, "WeightsEnum.verify": 0,
}  # fmt: skip
"""Functions that hand one of their arguments back as it is, and which."""
_ANSWERS = {"torch.jit.is_scripting": False, "torch.jit.is_tracing": False, "torch.overrides.has_torch_function": False,
            "torch.is_grad_enabled": True, "torch.compiler.is_compiling": False}  # fmt: skip
_RANDOM = frozenset({
    "random.random", "random.uniform", "random.randint", "random.choice", "random.randrange", "random.gauss",
    "numpy.random.rand", "numpy.random.random", "numpy.random.uniform", "numpy.random.binomial", "numpy.random.choice",
    "numpy.random.randint",
})  # fmt: skip
_OF_ARRAYS = frozenset({"tensor", "as_tensor", "from_numpy", "Tensor", "FloatTensor", "LongTensor", "IntTensor",
                        "DoubleTensor", "HalfTensor"})  # fmt: skip
"""Functions that make a tensor of an array, or of numbers."""
_DISTRIBUTIONS = "torch.distributions."
_TENSORS = frozenset({"Tensor", "FloatTensor", "LongTensor", "IntTensor", "DoubleTensor", "HalfTensor"})


def _most(symbol: Symbol, call: Call) -> int | None:
    """The largest whole number that a function may draw at random; None where the code does not say it."""
    bounds = [constants.plain(value) for value in call.args if isinstance(value, int)]
    if symbol.last not in ("randint", "randrange") or not 0 < len(bounds) < 3 or len(bounds) < len(call.args):
        return None
    return int(bounds[-1]) - (symbol.path != "random.randint")  # which alone gives its bound too


def call(run: "Evaluator", symbol: Symbol, call: Call) -> Any:
    """What a call of something imported gives. Raises Fault."""
    path = symbol.path
    where = _where(path) if len(path) <= LONGEST_PATH else _where.__wrapped__(path)
    if where.hands_back is not None and len(call.everything) > where.hands_back:
        return call.everything[where.hands_back]
    if path in _ANSWERS:
        return _ANSWERS[path]
    if where.work is not None:
        found = where.work(run, call)
        if found is not NotImplemented:
            return found
    if where.is_maker:
        return models.made(run, path, call)
    if where.module is not None:
        return where.module(run, call)
    given = list(leaves(call.everything))
    if where.is_function:
        return _function(run, symbol, call, bool(given))
    if where.is_of_nn:
        if where.is_init:
            return call.args[0] if call.args else None
        if any(tensor.carries for tensor in given):
            return called_on_data(run, symbol, call)
        return layer_class(run, where.name, call, is_direct=where.is_direct)
    if any(tensor.carries for tensor in given):
        found = distributions.made(run, symbol, call) if path.startswith(_DISTRIBUTIONS) else None
        if found is None:
            raise Fault(_not_known(symbol), call.node)
        return found
    if path in _RANDOM:
        return Unknown(partial(run.paste.quote, call.node), "", call.node, chance=True, most=_most(symbol, call))
    words = "" if where.is_harmless else _not_known(symbol)
    return run.unknown(call.node, words, call.everything if not words else ())


class _Where(NamedTuple):
    """What a full name says of the thing that it names; `name` is its last word."""

    name: str
    hands_back: int | None
    """Which of its arguments it hands back as it is."""
    work: "_Work | None"
    is_maker: bool
    """Whether it makes a model of torchvision or timm."""
    module: "_Work | None"
    is_function: bool
    """Whether it is a function of torch or of torch.nn.functional."""
    is_of_nn: bool
    is_init: bool
    is_direct: bool
    """Whether it stands right in torch.nn, not in something inside it."""
    is_harmless: bool
    """Whether it is of a library that makes no tensors of a network."""


@lru_cache(maxsize=REMEMBERED)
def _where(path: str) -> _Where:
    """Looked up once for each name: a paste calls few of them, and each many times."""
    parts = path.split(".")
    name, is_functional, in_nn = parts[-1], "functional" in parts, parts[:2] == ["torch", "nn"]
    of_nn = in_nn and not is_functional
    return _Where(
        name, SAME.get(path), SPECIAL.get(path) or SPECIAL.get(f"*.{name}"), models.is_maker(path),
        MODULES.get(name) if parts[0] != "torch" else None,
        parts[0] == "torch" and not of_nn and "distributions" not in parts,
        of_nn, "init" in parts[2:3], len(parts) == 3, parts[0] in ("builtins", "math", "numpy", ""),
    )  # fmt: skip


def _not_known(symbol: Symbol) -> str:
    """The sentence for something imported that is not known here."""
    if symbol.path.startswith(_DISTRIBUTIONS):
        return distributions.not_known(symbol.last)
    return (
        f"We do not know {symbol.shown[:80]}. Paste its code too, or write what it does with PyTorch's own layers and "
        "functions."
    )


def _function(run: "Evaluator", symbol: Symbol, call: Call, is_given: bool) -> Any:
    """A function of torch's or torch.nn.functional's."""
    call = arrays.unwrapped(symbol, run.watch.handing(run, call))
    is_given = is_given or any(leaves(call.args))
    from_array = is_given and not any(tensor.carries for tensor in leaves(call.args)) and symbol.last in _OF_ARRAYS
    if is_given and not from_array:
        return operations.function(run, symbol, call)
    if symbol.last in allowed.CREATING:
        return creating.created(run, symbol.last, call)
    if symbol.last in ("tensor", "as_tensor", "from_numpy"):
        return creating.literal(run, call)
    if symbol.last in _TENSORS:
        sizes = call.args if all(isinstance(size, int) for size in call.args) else None
        return creating.created(run, "empty", Call(call.node, list(sizes))) if sizes else creating.literal(run, call)
    if symbol.last in ("cat", "stack", "concat"):
        rows = next(iter(call.args), None)
        unknown = [part for part in rows if isinstance(part, Unknown)] if isinstance(rows, list | tuple) else []
        return run.unknown(call.node, among=unknown)
    return run.unknown(call.node, among=call.everything)


def _ordered(run: "Evaluator", call: Call) -> Any:
    only = call.args[0] if call.args else {}
    if isinstance(only, dict):
        return only | call.kwargs
    pairs = run.items(only, call.node) or []
    if any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in pairs) or isinstance(only, Unknown):
        return run.unknown(call.node, among=[only])
    named = {str(pair[0]): pair[1] for pair in pairs if isinstance(pair[0], str | int)}
    return named | call.kwargs if len(named) == len(pairs) else run.unknown(call.node)


def _partial(run: "Evaluator", call: Call) -> Any:
    if not call.args:
        return NotImplemented
    function, rest = call.args[0], call.after_first()
    if not isinstance(function, Partial):
        return Partial(function, rest)
    given, shift = function.given, len(function.given.args)  # Python makes one of both
    nodes = {key + shift if isinstance(key, int) else key: node for key, node in rest.nodes.items()}
    both = Call(call.node, [*given.args, *rest.args], given.kwargs | rest.kwargs, given.nodes | nodes)
    return Partial(function.function, both)


def _copied(run: "Evaluator", call: Call) -> Any:
    if len(call.everything) != 1:
        return NotImplemented
    copy = copied(run, call.args[0], call.node)
    if isinstance(copy, Part):
        world_of(run).built(copy)
    return copy


def _parameter(run: "Evaluator", call: Call) -> Any:
    """nn.Parameter(tensor)."""
    tensor = next(iter(call.everything), None)
    if not isinstance(tensor, Tensor) or tensor.carries:
        reason = tensor.reason if isinstance(tensor, Unknown) and tensor.why else ""
        return run.unknown(call.node, reason or f"The code does not say the sizes of {run.paste.quote(call.node)}.")
    return learned(call.node, tensor)


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


def _packed(run: "Evaluator", call: Call) -> Any:
    """pack_padded_sequence(x, lengths): torch wants a length for each sample, so it refuses a batch elsewhere."""
    given = call.bound("input", "lengths", "batch_first")
    of = given.get("input")
    if isinstance(of, Tensor) and of.axis == 1 and not given.get("batch_first", False):
        world_of(run).says_batch = True
    return of if "input" in given else NotImplemented


def _unpacked(run: "Evaluator", call: Call) -> Any:
    return (call.args[0], run.unknown(call.node)) if call.args else NotImplemented


def _checkpointed(run: "Evaluator", call: Call) -> Any:
    """checkpoint(function, x): torch forgets what is between and works it out again."""
    if not call.args:
        return NotImplemented
    rest = call.after_first()
    kwargs = {name: value for name, value in rest.kwargs.items() if name not in ("use_reentrant", "preserve_rng_state")}
    return run.call(call.args[0], Call(call.node, rest.args, kwargs, rest.nodes))


def _begun(run: "Evaluator", call: Call) -> Any:
    """nn.Module.__init__(self)."""
    if call.args and isinstance(call.args[0], ModuleObject):
        call.args[0].initialised = True
        return None
    return NotImplemented


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


def _sizes(run: "Evaluator", call: Call) -> Any:
    return tuple(call.args[0]) if call.args and isinstance(call.args[0], list | tuple) else NotImplemented


def _field(run: "Evaluator", call: Call) -> Any:
    """dataclasses.field(default=..., default_factory=...)."""
    if "default" in call.kwargs:
        return call.kwargs["default"]
    factory = call.kwargs.get("default_factory")
    return run.call(factory, Call(call.node)) if isinstance(factory, Value) else NotImplemented


def _namespace(run: "Evaluator", call: Call) -> Any:
    return Fields(dict(call.kwargs))


def _replaced(run: "Evaluator", call: Call) -> Any:
    """dataclasses.replace(config, width=64): another object with some other values."""
    of = call.args[0] if call.args else None
    return Object(of.cls, call.node, of.attributes | call.kwargs) if isinstance(of, Object) else NotImplemented


def _as_table(run: "Evaluator", call: Call) -> Any:
    """dataclasses.asdict(config), vars(config)."""
    of = next(iter(call.everything), None)
    return dict(of.attributes) if type(of) is Object else NotImplemented


def _calculated(run: "Evaluator", call: Call) -> Any:
    """torch.nn.init._calculate_fan_in_and_fan_out(weight): both come from the sizes alone."""
    of = next(iter(call.everything), None)
    if not isinstance(of, Tensor) or len(of.shape) < 2:
        return NotImplemented
    return nn.init._calculate_fan_in_and_fan_out(of.meta)


def _fan(run: "Evaluator", call: Call) -> Any:
    """torch.nn.init._calculate_correct_fan(weight, "fan_in")."""
    given = call.bound("tensor", "mode")
    of, mode = given.get("tensor"), given.get("mode")
    if not isinstance(of, Tensor) or len(of.shape) < 2 or mode not in ("fan_in", "fan_out"):
        return NotImplemented
    return nn.init._calculate_correct_fan(of.meta, mode)


def _gain(run: "Evaluator", call: Call) -> Any:
    """torch.nn.init.calculate_gain("relu")."""
    values = [constants.plain(value) for value in call.everything]
    if not all(isinstance(value, str | int | float | None) for value in values):
        return NotImplemented
    try:
        return nn.init.calculate_gain(*values)
    except ValueError as error:
        return run.unknown(call.node, f"{run.paste.quote(call.node)} cannot be computed: {error}")


def _limits(run: "Evaluator", call: Call) -> Any:
    """torch.finfo(torch.float32), torch.iinfo(torch.int64): the smallest and largest numbers of a type."""
    of = next(iter(call.everything), Symbol("torch.float32"))
    dtype = DTYPES.get(of.last) if isinstance(of, Symbol) else None
    if dtype is None:
        return NotImplemented
    is_fraction = dtype.is_floating_point
    known = torch.finfo(dtype) if is_fraction else torch.iinfo(dtype)
    names = ("min", "max", "bits", "eps", "tiny", "smallest_normal") if is_fraction else ("min", "max", "bits")
    return Fields({name: getattr(known, name) for name in names})


def _named_tuple(run: "Evaluator", call: Call) -> Any:
    """collections.namedtuple("Outputs", ["logits", "aux"])."""
    names = call.args[1] if len(call.args) > 1 else call.kwargs.get("field_names")
    names = names.replace(",", " ").split() if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        return NotImplemented
    return RecordType(tuple(names))


def _divisible(run: "Evaluator", call: Call) -> Any:
    """make_divisible(channels, 8): the nearest multiple that is not more than a tenth below."""
    values = call.bound("v", "divisor", "min_value")
    width, divisor = values.get("v"), values.get("divisor", 8)
    if not isinstance(width, int | float) or not isinstance(divisor, int) or divisor < 1:
        return NotImplemented
    least = values.get("min_value") or divisor
    if not isinstance(least, int):
        return NotImplemented
    near = max(int(least), int(width + divisor / 2) // int(divisor) * int(divisor))
    return near + int(divisor) if near < 0.9 * width else near


def _overwritten(run: "Evaluator", call: Call) -> Any:
    """torchvision's helper that puts one value into the keywords of a model's function."""
    values = call.bound("kwargs", "param", "new_value")
    table, name = values.get("kwargs"), values.get("param")
    if isinstance(table, dict) and isinstance(name, str) and "new_value" in values:
        table[name] = values["new_value"]
        return None
    return NotImplemented


def _is_tensor(run: "Evaluator", call: Call) -> Any:
    return isinstance(call.args[0], Tensor) if call.args else NotImplemented


def _empty_module(run: "Evaluator", call: Call) -> Any:
    return layer_class(run, "Module", call) if not call.everything else NotImplemented


SPECIAL: dict[str, _Work] = {
    "collections.OrderedDict": _ordered,
    "functools.partial": _partial,
    "copy.deepcopy": _copied,
    "torch.nn.Parameter": _parameter,
    "torch.nn.parameter.Parameter": _parameter,
    "torch.nn.Module": _empty_module,
    "*.StochasticDepth": _dropping,
    "*.DropPath": _dropping,
    "*.pack_padded_sequence": _packed,
    "*.pad_packed_sequence": _unpacked,
    "*.checkpoint": _checkpointed,
    "*.__init__": _begun,
    "torch.Size": _sizes,
    "torch.nn.utils.weight_norm": _with_lengths,
    "torch.nn.utils.parametrizations.weight_norm": _with_lengths,
    "typing.NewType": lambda run, call: Symbol("typing.reveal_type"),
    "dataclasses.field": _field,
    "torch.finfo": _limits,
    "torch.iinfo": _limits,
    "torch.get_default_dtype": lambda run, call: Symbol("torch.float32"),
    "dataclasses.replace": _replaced,
    "copy.replace": _replaced,
    "dataclasses.asdict": _as_table,
    "torch.nn.init._calculate_fan_in_and_fan_out": _calculated,
    "torch.nn.init._calculate_correct_fan": _fan,
    "torch.nn.init.calculate_gain": _gain,
    "collections.namedtuple": _named_tuple,
    "*._ovewrite_named_param": _overwritten,
    "*._make_divisible": _divisible,
    "*.make_divisible": _divisible,
    **rows.OF_LIBRARIES,
    "types.SimpleNamespace": _namespace,
    "argparse.Namespace": _namespace,
    "torch.is_tensor": _is_tensor,
    "torch.einsum": einsums.product,
    **arrays.CALLS,
    **einops_calls.CALLS,
    **environments.CALLS,
    **programs.CALLS,
    **repeated.CALLS,
    **image_functions.CALLS,
    **dict.fromkeys(MODEL_CLASSES, models.resnet_of),
    "torchvision.models.feature_extraction.create_feature_extractor": extractors.extractor,
    "torchvision.models._utils.IntermediateLayerGetter": extractors.extractor,
}
