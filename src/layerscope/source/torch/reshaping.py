"""view, reshape and flatten: what is meant by them is a Flatten far more often than a rearrangement of numbers.

A number in a view that does not fit the actual input is a mistake to be told, so torch is not asked here: the
arithmetic is ours.
"""

import ast
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope.layers.base import Shape
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source.python.constants import Size, plain
from layerscope.source.python.values import Call, Fault, Unknown
from layerscope.source.record import BATCH, InValue, batch_axis, sample, whole
from layerscope.source.torch import applying
from layerscope.source.torch.axis_moves import flipped, permuted, squeezed, transposed, turned_over, unsqueezed
from layerscope.source.torch.batch_of_one import is_one, of_one, says_input, says_one, shows_several
from layerscope.source.torch.batch_places import for_fixed_batch, keeps_apart
from layerscope.source.torch.layers import argument
from layerscope.source.torch.open_input import OpenInput
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import unnamed, world_of
from layerscope.torch_functions import FUNCTIONS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

MOST_SIZES = 8


class OneValueFault(Fault):
    """A view(-1) of more than one value for each sample: on an input of another size there may be just one."""


def reshaped(run: "Evaluator", call: Call) -> Any:
    """x.view(...), x.reshape(...), torch.reshape(x, ...). Raises Fault."""
    of: Tensor = call.args[0]
    rest = call.after_first()
    sizes = list(rest.args) or [rest.kwargs.get("shape", rest.kwargs.get("size"))]
    nodes = [rest.nodes.get(n, call.node) for n in range(len(sizes))]
    if len(sizes) == 1 and isinstance(sizes[0], list | tuple):
        inner = getattr(nodes[0], "elts", None)
        sizes = list(sizes[0])
        nodes = list(inner) if inner is not None and len(inner) == len(sizes) else [call.node] * len(sizes)
    text = run.paste.quote(call.node)
    for size in sizes:
        if isinstance(size, Unknown):
            raise Fault(size.reason, size.node or call.node)
    if [plain(size) for size in sizes] == [-1, -1]:
        raise Fault(f"PyTorch cannot compute the sizes in {text}; x.size(0), -1 would work.", call.node)
    if not sizes or len(sizes) > MOST_SIZES or not all(isinstance(size, int) and size >= -1 for size in sizes):
        raise Fault(f"The code does not say the shape in {text}.", call.node)
    if [plain(size) for size in sizes].count(-1) > 1:
        raise Fault(f"PyTorch cannot compute two sizes in {text}; only one may be -1.", call.node)
    if not of.carries:
        return NotImplemented
    told = tuple(map(plain, sizes[1:]))
    if isinstance(of, OpenInput) and of.is_open and len(told) > 1 and all(0 < n <= LARGEST_WIDTH for n in told):
        of.settle((told, 0, "values"))
    if len(sizes) == 1:
        return _one_axis(run, of, sizes[0], call)
    is_steps = plain(sizes[0]) != 1 and of_one(run, of, tuple(map(plain, sizes))) is not None
    if of.shape[0] == BATCH and len(sizes) == 2 and len(of.shape) > 1 and not (world_of(run).exact or is_steps):
        flat = _to_one_row(run, of, sizes, nodes, call)
        if flat is not None:
            return flat
    return _general(run, of, sizes, nodes, call)


def _one_axis(run: "Evaluator", of: Tensor, size: Any, call: Call) -> Tensor:
    """x.view(-1) at the end takes axes of size 1 away; anywhere else it loses the batch."""
    text = run.paste.quote(call.node)
    if plain(size) == -1 and prod(of.sample) == 1:
        run.remarks.note(f"{text} at the end is not shown: it removes axes, even a batch axis of 1.", call.node)
        return of.changed(ended=f"{text} before this is not shown.")
    words = f"{text} does not keep the batch axis; flatten(start_dim=1) would."
    raise (OneValueFault if plain(size) == -1 else Fault)(words, call.node)


def _to_one_row(run: "Evaluator", of: Tensor, sizes: list[Any], nodes: list[Any], call: Call) -> Any:
    """view(batch, n): a Flatten, whatever number stands there; None where something else is meant."""
    batch, size = sizes
    count, text = prod(of.sample), run.paste.quote(call.node)
    whole = plain(batch)
    trailing = {prod(of.shape[axis:]) for axis in range(1, len(of.shape))}
    if plain(size) == 0 or whole == 0:
        raise Fault(f"PyTorch cannot compute the sizes in {text}; x.size(0), -1 would work.", call.node)
    if isinstance(batch, Size) and whole % BATCH:
        raise Fault(f"The first size in {text} is not the batch's, x.size(0).", call.node)
    if whole > 0 and whole % BATCH == 0 and whole != BATCH:
        return None
    if whole == -1 and plain(size) != count and plain(size) in trailing:
        return None  # samples and rows of them become one axis, on purpose
    if whole == BATCH and isinstance(size, Size) and plain(size) != count:
        return None
    written: tuple[InValue, ...] = ()
    is_fixed = 0 < whole < BATCH
    if plain(size) != -1 and not isinstance(size, Size):
        written = (InValue("features", plain(size), nodes[1], whole if is_fixed or whole == -1 else None),)
        if whole == -1:
            run.remarks.note(f"{text} is shown as a flatten.", call.node)
    slip = InValue("rows", whole, nodes[0]) if is_fixed and not isinstance(batch, Size) else None
    if of.sample == (count,) and not written and slip is None:
        return of
    return applying.apply(run, unnamed("Flatten"), [of], call.node, in_values=written, slip=slip)


def _general(run: "Evaluator", of: Tensor, sizes: list[Any], nodes: list[Any], call: Call) -> Any:
    """Any other shape: worked out as torch does, with the batch where it then stands."""
    text, row = run.paste.quote(call.node), [plain(size) for size in sizes]
    if not world_of(run).exact and (fixed := for_fixed_batch(of.shape, tuple(row))) is not None:
        run.remarks.note(f"{text} fixes the batch size; the network is shown for any.", call.node)
        world_of(run).says_batch = world_of(run).makes_batch = True
        world_of(run).is_one_by_one |= fixed[0] % BATCH == 0
        row = list(fixed)
    slip = None
    if (one := of_one(run, of, tuple(row))) is not None:
        if is_one(run) or (one == of.shape and says_input(of) and not shows_several(run, len(one))):
            says_one(run, call)
        else:
            slip = InValue("rows", 1, nodes[0])
        row = list(one)
    total, known = prod(of.shape), prod(size for size in row if size != -1)
    fits = known > 0 and (total % known == 0 if -1 in row else total == known)
    new = tuple(total // known if size == -1 else size for size in row) if fits else ()
    if fits and (sum(size % BATCH == 0 for size in new) != 1 or not keeps_apart(of.shape, new)):
        raise Fault(f"{text} does not keep the samples of a batch separate.", call.node)
    if fits and len(new) > 1 and new[-1] % BATCH == 0 and new[-1] > BATCH:
        raise Fault(f"{text} puts samples and their values into one axis; give the batch one of its own.", call.node)
    if not fits:
        first, *rest = row
        if first not in (-1, BATCH) or of.axis != 0 or not rest or any(size % BATCH == 0 for size in rest if size > 0):
            raise Fault(f"{text} does not fit {'×'.join(map(str, of.sample))} values.", call.node)
        shape = tuple(rest)
        return applying.apply(run, unnamed("Reshape", shape=shape), [of], call.node, gives=_without_open(shape, of))
    if says_input(of) and new[0] == BATCH and all(type(size) is not Size for size in sizes[1:]):
        world_of(run).reshaped_input(new[1:])
    if new == of.shape and slip is None and not world_of(run).exact:
        return of
    made = Tensor(new, of.dtype, node=call.node)
    one = sample(new)
    if one == of.sample and slip is None and not world_of(run).exact:
        made.origin = of.origin
        return made
    start = _flattened(of, new) if _has_sizes(sizes) and not world_of(run).exact else 0
    if start:
        made.origin = applying.apply(run, unnamed("Flatten", start_dim=start), [of], call.node).origin
        return made
    shape = (
        tuple(row[1:]) if row[0] in (-1, BATCH) and of.axis == 0 and new[0] == BATCH and not _has_sizes(sizes) else one
    )
    if world_of(run).exact:
        shape = tuple(row[1:])
    front = of if of.axis == 0 or new[batch_axis(new) or 0] != BATCH else of.changed(shape=whole(of.sample))
    made.origin = applying.apply(run, unnamed("Reshape", shape=shape), [front], call.node, slip=slip).origin
    return made


def _flattened(of: Tensor, new: Shape) -> int:
    """From which axis on a new shape has all axes as one: x.view(b, c, h * w); 0 where it is not such a shape."""
    start = len(new) - 1
    flat = of.shape[0] == BATCH and start > 1 and len(of.shape) > len(new)
    return start if flat and new == (*of.shape[:start], prod(of.shape[start:])) else 0


def _has_sizes(sizes: list[Any]) -> bool:
    """Whether a size other than the batch was worked out from those of a tensor."""
    return any(isinstance(size, Size) for size in sizes[1:])


def _without_open(shape: Shape, of: Tensor) -> Shape:
    """A shape as it would be if it fitted: what is left open takes what is left."""
    known = prod(size for size in shape if size != -1) or 1
    return tuple(max(prod(of.sample) // known, 1) if size == -1 else size for size in shape)


def flattened(run: "Evaluator", call: Call) -> Any:
    """x.flatten(...), torch.flatten(x, ...): from axis 0 on unless told otherwise. Raises Fault."""
    of: Tensor = call.args[0]
    if not of.carries or (of.axis != 0 and not world_of(run).exact):
        return NotImplemented
    function = FUNCTIONS["torch.flatten"]
    values = call.after_first().bound(*function.arguments)
    if unknown := values.keys() - set(function.arguments):
        raise Fault(f"flatten has no argument {min(unknown)[:40]}.", call.node)
    if (merged := _merged(run, of, values, call)) is not None:
        return merged
    whole = values.get("start_dim", 0) == 0 and values.get("end_dim", -1) == -1
    if whole and len(of.shape) == 2 and not world_of(run).exact and not says_input(of):
        text = run.paste.quote(call.node)
        run.remarks.note(f"{text} at the end is not shown: it removes axes, even a batch axis of 1.", call.node)
        return of.changed(ended=f"{text} before this is not shown.")
    chosen = dict(function.fixed) | {key: argument(run, value, key, call.node) for key, value in values.items()}
    slip = None
    if "start_dim" not in values and values.get("end_dim", -1) == -1 and isinstance(call.node, ast.Call):
        chosen["start_dim"] = 1  # what is meant; the slip is told
        slip = InValue("from 0", 0, call.node)
    return applying.apply(run, unnamed("Flatten", **chosen), [of], call.node, slip=slip)


def _merged(run: "Evaluator", of: Tensor, values: dict[str, Any], call: Call) -> Tensor | None:
    """x.flatten(0, 1): the samples and their parts as one axis, as in x.view(batch * parts, ...); None for others."""
    end = plain(values.get("end_dim", -1))
    end = end + len(of.shape) if type(end) is int and end < 0 else end
    if plain(values.get("start_dim", 0)) != 0 or type(end) is not int or not 0 < end < len(of.shape) - 1:
        return None
    if world_of(run).exact or (isinstance(of, OpenInput) and of.is_open):
        return None
    sizes = [Size(prod(of.shape[: end + 1])), *map(Size, of.shape[end + 1 :])]
    found: Tensor = _general(run, of, sizes, [call.node] * len(sizes), call)
    return found


def unflattened(run: "Evaluator", of: Tensor, call: Call) -> Any:
    """x.unflatten(0, (batch, parts)): the samples and their parts as two axes again."""
    given = call.bound("input", "dim", "sizes")
    sizes = given.get("sizes", given.get("unflattened_size"))
    if plain(given.get("dim")) not in (0, -len(of.shape)) or not isinstance(sizes, list | tuple):
        return NotImplemented
    row = [*sizes, *map(Size, of.shape[1:])]
    is_told = all(isinstance(size, int) for size in row) and any(size % BATCH == 0 for size in sizes)
    if world_of(run).exact or not is_told:
        return NotImplemented
    return _general(run, of, row, [call.node] * len(row), call)


RESHAPING = {
    "unsqueeze": unsqueezed, "squeeze": squeezed,
    "view": reshaped, "reshape": reshaped, "flatten": flattened, "transpose": transposed, "swapaxes": transposed,
    "swapdims": transposed, "permute": permuted, "t": flipped, "T": flipped, "mT": turned_over,
}  # fmt: skip
