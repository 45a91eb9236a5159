"""What torch's functions that join tensors mean in rows."""

from layerscope.modules.draft import Case, Draft, Drafts, Rule
from layerscope.modules.record import Ref

NUMBERS = (int, float)


def join(kind: str, alone: str = "", argument: str = "") -> Rule:
    """Two tensors are joined; a tensor and a number become a row with that number."""

    def rule(case: Case) -> Drafts | None:
        given = case.bound("input", "other")
        one, other = given["input"], given["other"]
        if given.get("alpha", 1) != 1 or given.get("rounding_mode"):
            return None
        if isinstance(one, Ref) and isinstance(other, Ref):
            return [Draft(kind, {}, (one.value, other.value))]
        tensor, number = (one, other) if isinstance(one, Ref) else (other, one)
        if not alone or type(number) not in NUMBERS or (tensor is other and kind in ("Subtract", "Divide")):
            return None
        if kind == "Subtract":
            number = -number
        if kind == "Divide":
            number = 1 / number if number else None
        return None if number is None else [Draft(alone, {argument: number}, (tensor.value,))]

    return rule


def matmul(case: Case) -> Drafts | None:
    given = case.bound("input", "other")
    return [Draft("MatMul", {}, (given["input"].value, given["other"].value))]


def cat(case: Case) -> Drafts | None:
    given = case.bound("tensors", "dim")
    tensors = given["tensors"]
    if len(tensors) == 1:
        return []
    live = next((part for part in tensors if case.is_live(part)), tensors[0])
    dims = case.dims(live, given.get("dim", given.get("axis", 0)))
    return None if dims is None else [Draft("Concat", {"dim": dims[0]}, tuple(part.value for part in tensors))]


def stack(case: Case) -> Drafts | None:
    given = case.bound("tensors", "dim")
    dim = case.made.dim(given.get("dim", 0))  # where the axis stands that the call adds
    return None if dim is None else [Draft("Stack", {"dim": dim}, tuple(part.value for part in given["tensors"]))]
