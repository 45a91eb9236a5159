"""What torch's functions that rearrange and add axes mean in rows."""

from typing import Any

from layerscope.modules.draft import ABOVE, Case, Draft, Drafts
from layerscope.modules.record import Ref, Shape


def view(case: Case) -> Drafts | None:
    return _viewed(case, case.call.args[0])


def _viewed(case: Case, part: Any) -> Drafts | None:
    """Whatever rearranged sizes without moving a value."""
    old, new = case.shape(part), case.made.shape
    if old == new:
        return []
    flat = _flattened(old, new)
    if flat is not None:
        return [Draft("Flatten", flat, (part.value,))]
    return [Draft("Reshape", {"shape": new}, (part.value,))]


def _flattened(old: Shape, new: Shape) -> dict[str, Any] | None:
    """The arguments of the Flatten that makes one shape of the other, if one does."""
    for start in range(len(old) - 1):
        end = len(old) - (len(new) - start - 1)
        product = 1
        for size in old[start:end]:
            product *= size
        if end - start > 1 and (*old[:start], product, *old[end:]) == new:
            usual = {} if start == 0 else {"start_dim": start + 1}
            return usual if end == len(old) else {"start_dim": start + 1, "end_dim": end}
    return None


def permute(case: Case) -> Drafts | None:
    part = case.call.args[0]
    given = case.call.kwargs.get("dims", case.call.args[1:])
    order = given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else given
    return _ordered(case, part, tuple(dim % case.seen(part).rank for dim in order))


def transpose(case: Case) -> Drafts | None:
    given = case.bound("input", "dim0", "dim1")
    part = given["input"]
    rank = case.seen(part).rank
    order = list(range(rank))
    one, other = (given.get(f"dim{i}", given.get(f"axis{i}", 0)) % rank for i in (0, 1))
    order[one], order[other] = order[other], order[one]
    return _ordered(case, part, tuple(order))


def turned(case: Case) -> Drafts | None:
    """x.T and x.mT: the last two axes change places."""
    part = case.call.args[0]
    rank = case.seen(part).rank
    if case.call.name == "T" and rank != 2:
        return _ordered(case, part, tuple(reversed(range(rank))))
    return _ordered(case, part, (*range(rank - 2), rank - 1, rank - 2))


def _ordered(case: Case, part: Ref, order: tuple[int, ...]) -> Drafts | None:
    """The axes in another order, the batch taken out, which a row leaves in front."""
    seen, made = case.seen(part), case.made
    if seen.axis is None or made.axis is None or seen.times != made.times:
        return None
    counted = [1 if dim == seen.axis else seen.dim(dim) for dim in order if dim != seen.axis or seen.times > 1]
    if seen.times > 1:  # the part of the batch's axis that belongs to one sample stays in front
        counted = [1, *(dim for dim in counted if dim != 1)]
    places = tuple(dim for dim in counted if dim is not None)
    if places == tuple(range(1, len(places) + 1)):
        return []
    moved = [place for place, dim in enumerate(places, 1) if place != dim]
    if len(moved) == 2:
        return [Draft("Transpose", {"dim0": moved[0], "dim1": moved[1]}, (part.value,))]
    return [Draft("Permute", {"order": (0, *places)}, (part.value,))]


def squeeze(case: Case) -> Drafts | None:
    return _sized(case, "Squeeze")


def _sized(case: Case, kind: str) -> Drafts | None:
    given = case.bound("input", "dim")
    part = given["input"]
    if case.shape(part) == case.made.shape:
        return []
    if "dim" not in given:
        taken = tuple(axis for axis, size in enumerate(case.shape(part), 1) if size == 1)
    else:
        taken = case.dims(part, given["dim"]) or ()
    return [Draft(kind, {"dim": taken[0] if len(taken) == 1 else taken}, (part.value,))] if taken else None


def unsqueeze(case: Case) -> Drafts | None:
    given = case.bound("input", "dim")
    dim = case.made.dim(given["dim"])  # where the axis stands that the call adds
    return None if dim is None else [Draft("Unsqueeze", {"dim": dim}, (given["input"].value,))]


def expand(case: Case) -> Drafts | None:
    part = case.call.args[0]
    old, new = case.shape(part), case.made.shape
    if old == new:
        return []
    first = (
        [] if len(old) == len(new) else [Draft("Reshape", {"shape": (1,) * (len(new) - len(old)) + old}, (part.value,))]
    )
    return [*first, Draft("Expand", {"shape": new}, (ABOVE,) if first else (part.value,))]
