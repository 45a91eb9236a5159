"""Functions and classes of libraries: torch's layers and functions, and what other libraries pass on unchanged."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from layerscope.source.python import constants, patterns, rows
from layerscope.source.python.callables import Partial
from layerscope.source.python.values import Call, Fault, Symbol, Unknown
from layerscope.source.remarks.missing_brackets import called_on_data
from layerscope.source.torch import (
    allowed,
    arrays,
    configurations,
    creating,
    distributions,
    einops_calls,
    einsums,
    environments,
    extractors,
    image_functions,
    models,
    module_makers,
    operations,
    programs,
    repeated,
    tensor_numbers,
)
from layerscope.source.torch.known_classes import MODEL_CLASSES
from layerscope.source.torch.layers import layer_class
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
            "torch.is_grad_enabled": True, "torch.cuda.is_available": False,
            "torch.backends.mps.is_available": False, "torch.compiler.is_compiling": False}  # fmt: skip
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
    words = "" if where.is_harmless else _not_known(symbol, world_of(run).shows(run))
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


_OF_NETWORKS = frozenset({"torch", "nn", "layers", "models", "modules"})
"""Parts of full names of what belongs to a network."""


def _not_known(symbol: Symbol, is_outside: bool = False) -> str:
    """The sentence for something imported that is not known here; `is_outside` of the networks, as data are."""
    if is_outside and _OF_NETWORKS.isdisjoint(symbol.path.split(".")):
        return (
            f"Only the run says what {symbol.shown[:80]} gives. Write a number in the place of each value that the "
            "network takes from it."
        )
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
        value = call.args[0] if call.args else None
        if symbol.last in _OF_ARRAYS and isinstance(value, Tensor):
            return creating.copied(run, value, symbol.last, call)
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


SPECIAL: dict[str, _Work] = {
    "functools.partial": _partial,
    "typing.NewType": lambda run, call: Symbol("typing.reveal_type"),
    "torch.einsum": einsums.product,
    "torchvision.models.feature_extraction.create_feature_extractor": extractors.extractor,
    "torchvision.models._utils.IntermediateLayerGetter": extractors.extractor,
    **module_makers.CALLS,
    **configurations.CALLS,
    **tensor_numbers.CALLS,
    **rows.OF_LIBRARIES,
    **patterns.CALLS,
    **arrays.CALLS,
    **einops_calls.CALLS,
    **environments.CALLS,
    **programs.CALLS,
    **repeated.CALLS,
    **image_functions.CALLS,
    **dict.fromkeys(MODEL_CLASSES, models.resnet_of),
}
