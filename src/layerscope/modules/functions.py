"""What torch's functions mean in rows: one rule for each, found by the function's name.

A rule may be careless about what torch would refuse, as the model ran; and each row is tried before it is believed.
"""

from typing import Any

from layerscope.modules.draft import ABOVE, Case, Draft, Drafts, Rule
from layerscope.modules.record import Ref, Shape
from layerscope.source.functions import FUNCTIONS as LAYERS_OF_FUNCTIONS
from layerscope.source.functions import IGNORED

NOTHING = {
    "contiguous", "clone", "detach", "to", "type", "type_as", "float", "double", "half", "bfloat16", "cpu", "cuda",
    "data", "alias", "requires_grad_", "view_as_real", "lift_fresh", "positive",
}  # fmt: skip
"""Functions that give what they get, as far as shapes and costs go."""

_NUMBERS = (int, float)


def same(case: Case) -> Drafts | None:
    """Gives what it gets."""
    return []


def _join(kind: str, alone: str = "", argument: str = "") -> Rule:
    """Two tensors are joined; a tensor and a number become a row with that number."""

    def rule(case: Case) -> Drafts | None:
        given = case.bound("input", "other")
        one, other = given["input"], given["other"]
        if given.get("alpha", 1) != 1 or given.get("rounding_mode"):
            return None
        if isinstance(one, Ref) and isinstance(other, Ref):
            return [Draft(kind, {}, (one.value, other.value))]
        tensor, number = (one, other) if isinstance(one, Ref) else (other, one)
        if not alone or type(number) not in _NUMBERS or (tensor is other and kind in ("Subtract", "Divide")):
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
    dim = _new_axis(case, given.get("dim", 0))
    return None if dim is None else [Draft("Stack", {"dim": dim}, tuple(part.value for part in given["tensors"]))]


def _new_axis(case: Case, dim: int) -> int | None:
    """Where an axis that the call adds stands in what it gives."""
    return case.made.dim(dim)


def flatten(case: Case) -> Drafts | None:
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


def view(case: Case) -> Drafts | None:
    return _viewed(case, case.call.args[0])


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


def unsqueeze(case: Case) -> Drafts | None:
    given = case.bound("input", "dim")
    dim = _new_axis(case, given["dim"])
    return None if dim is None else [Draft("Unsqueeze", {"dim": dim}, (given["input"].value,))]


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


def expand(case: Case) -> Drafts | None:
    part = case.call.args[0]
    old, new = case.shape(part), case.made.shape
    if old == new:
        return []
    first = (
        [] if len(old) == len(new) else [Draft("Reshape", {"shape": (1,) * (len(new) - len(old)) + old}, (part.value,))]
    )
    return [*first, Draft("Expand", {"shape": new}, (ABOVE,) if first else (part.value,))]


def item(case: Case) -> Drafts | None:
    """x[...]: one row for each axis that is cut."""
    part, key = case.call.args
    keys = key if isinstance(key, tuple) else (key,)
    if any(not (k is None or k is Ellipsis or type(k) in (int, slice)) for k in keys):
        return None
    seen = case.seen(part)
    taking = sum(k is not None and k is not Ellipsis for k in keys)
    spread = tuple(slice(None) for _ in range(seen.rank - taking))
    keys = tuple(k for one in keys for k in (spread if one is Ellipsis else (one,)))
    if Ellipsis not in (key if isinstance(key, tuple) else (key,)):
        keys += spread
    drafts: Drafts = []
    source, gone, added, old_axis = part.value, 0, 0, -1
    for k in keys:
        if k is None:
            drafts.append(
                Draft("Unsqueeze", {"dim": old_axis + 1 - gone + added + 1 - _before(seen, old_axis)}, (source,))
            )
            added, source = added + 1, ABOVE
            continue
        old_axis += 1
        if k == slice(None):
            continue
        dim = seen.dim(old_axis)
        if dim is None:
            if isinstance(k, slice) and k.start in (None, 0) and k.stop is None:
                continue
            return None
        dim += added - gone
        if type(k) is int:
            drafts.append(Draft("Select", {"dim": dim, "index": k}, (source,)))
            gone += 1
        else:
            size = seen.value.shape[old_axis]
            if len(range(*k.indices(size))) == size and (k.step or 1) == 1:
                continue
            step = {} if k.step in (None, 1) else {"step": k.step}
            drafts.append(Draft("Slice", {"dim": dim, "start": k.start or 0, "stop": k.stop, **step}, (source,)))
        source = ABOVE
    return drafts


def _before(seen: Any, axis: int) -> int:
    """1 where the batch's axis is among those up to `axis`, and has been counted."""
    return 1 if seen.axis is not None and seen.axis <= axis else 0


def select(case: Case) -> Drafts | None:
    given = case.bound("input", "dim", "index")
    dims = case.dims(given["input"], given["dim"])
    return (
        None if dims is None else [Draft("Select", {"dim": dims[0], "index": given["index"]}, (given["input"].value,))]
    )


def narrow(case: Case) -> Drafts | None:
    given = case.bound("input", "dim", "start", "length")
    dims = case.dims(given["input"], given["dim"])
    if dims is None or type(given["start"]) is not int:
        return None
    cut = {"dim": dims[0], "start": given["start"], "stop": given["start"] + given["length"]}
    return [Draft("Slice", cut, (given["input"].value,))]


def parts(case: Case) -> Drafts | None:
    """chunk, split, tensor_split: as many outputs as there are parts."""
    given = case.bound("input", "size", "dim")
    part = given["input"]
    dims = case.dims(part, given.get("dim", 0))
    if dims is None:
        return None
    sizes = tuple(case.sample.values[made].shape[dims[0] - 1] for made in case.call.makes)
    return [Draft("Split", {"split_size": sizes, "dim": dims[0]}, (part.value,))]


def unbind(case: Case) -> Drafts | None:
    """Each entry of an axis is an output of its own."""
    given = case.bound("input", "dim")
    dims = case.dims(given["input"], given.get("dim", 0))
    if dims is None:
        return None
    return [
        Draft("Select", {"dim": dims[0], "index": index}, (given["input"].value,), makes=index)
        for index in range(len(case.call.makes))
    ]


def reduce(kind: str) -> Rule:
    """mean, sum and the like over axes."""

    def rule(case: Case) -> Drafts | None:
        given = case.bound("input", "dim", "keepdim")
        part, dim = given["input"], given.get("dim", given.get("axis"))
        if not isinstance(part, Ref) or isinstance(dim, Ref):
            return None
        if dim is None:
            return None
        dims = case.dims(part, dim)
        if dims is None:
            return None
        arguments: dict[str, Any] = {"dim": dims[0] if len(dims) == 1 else dims}
        if given.get("keepdim"):
            arguments["keepdim"] = True
        return [Draft(kind, arguments, (part.value,))]

    return rule


def roll(case: Case) -> Drafts | None:
    given = case.bound("input", "shifts", "dims")
    dims = case.dims(given["input"], given["dims"]) if given.get("dims") is not None else None
    if dims is None:
        return None
    shifts = given["shifts"]
    shifts = tuple(shifts) if isinstance(shifts, list | tuple) else (shifts,)
    alone = len(dims) == 1
    return [
        Draft(
            "Roll",
            {"shifts": shifts[0] if alone else shifts, "dim": dims[0] if alone else dims},
            (given["input"].value,),
        )
    ]


def pad(case: Case) -> Drafts | None:
    given = case.bound("input", "pad", "mode", "value")
    part, pads = given["input"], tuple(given["pad"])
    if given.get("mode", "constant") != "constant":
        return None
    if not any(pads):
        return []
    seen = case.seen(part)
    if seen.axis is None or len(pads) // 2 > seen.rank:
        return None
    by_axis = {seen.dim(seen.rank - 1 - i): pads[2 * i : 2 * i + 2] for i in range(len(pads) // 2)}
    if any(by_axis.pop(None, ())):
        return None
    axes = len(seen.shape)
    cells = tuple(n for dim in range(axes, 0, -1) for n in by_axis.get(dim, (0, 0)))
    while cells[-2:] == (0, 0):
        cells = cells[:-2]
    value = given.get("value") or 0.0
    return [Draft("Pad", {"pad": cells, **({"value": float(value)} if value else {})}, (part.value,))]


def power(case: Case) -> Drafts | None:
    given = case.bound("input", "exponent")
    if not isinstance(given["input"], Ref) or type(given["exponent"]) not in _NUMBERS:
        return None
    return [Draft("Power", {"exponent": given["exponent"]}, (given["input"].value,))]


def clamp(case: Case) -> Drafts | None:
    given = case.bound("input", "min", "max")
    bounds = {name: given[name] for name in ("min", "max") if type(given.get(name)) in _NUMBERS}
    return [Draft("Clamp", bounds, (given["input"].value,))] if bounds else None


def of_each_value(case: Case) -> Drafts | None:
    return [Draft("Function", {"function": case.call.name.rstrip("_")}, (case.call.args[0].value,))]


def normalize(case: Case) -> Drafts | None:
    given = case.bound("input", "p", "dim")
    dims = case.dims(given["input"], given.get("dim", 1))
    return (
        None if dims is None else [Draft("Along", {"function": "normalize", "dim": dims[0]}, (given["input"].value,))]
    )


def attention(case: Case) -> Drafts | None:
    given = case.bound("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale", "enable_gqa")
    if given.get("attn_mask") is not None:
        return None
    arguments = {name: given[name] for name in ("is_causal", "scale", "enable_gqa") if given.get(name)}
    return [
        Draft("ScaledDotProductAttention", arguments, tuple(given[name].value for name in ("query", "key", "value")))
    ]


def interpolate(case: Case) -> Drafts | None:
    given = case.bound("input", "size", "scale_factor", "mode", "align_corners")
    arguments = {name: given[name] for name in ("scale_factor", "mode", "align_corners") if given.get(name) is not None}
    if given.get("size") is not None:
        sizes = case.made.shape[1:]
        arguments["size"] = sizes[0] if len(set(sizes)) == 1 else sizes
    if isinstance(arguments.get("scale_factor"), list):
        arguments["scale_factor"] = tuple(arguments["scale_factor"])
    return [Draft("Upsample", arguments, (given["input"].value,))]


def as_layer(case: Case) -> Drafts | None:
    """A function that does what a layer does: relu, max_pool2d, dropout."""
    name = case.call.name.lstrip("_").removeprefix("boolean_dispatch")
    known = next(
        (
            LAYERS_OF_FUNCTIONS[f"{home}.{name}"]
            for home in ("F", "torch", "x")
            if f"{home}.{name}" in LAYERS_OF_FUNCTIONS
        ),
        None,
    )
    if known is None or not case.call.args or not isinstance(case.call.args[0], Ref):
        return None
    part, *given = case.call.args
    named = dict(zip(known.arguments, given, strict=False)) | case.call.kwargs
    arguments = {**known.fixed}
    for name, value in named.items():
        if name in IGNORED or value is None or name == "input":
            continue
        arguments[known.parameter(name)] = tuple(value) if isinstance(value, list) else value
    if "dim" in arguments:
        dims = case.dims(part, arguments["dim"])
        if dims is None:
            return None
        arguments["dim"] = dims[0]
    return [Draft(known.type, arguments, (part.value,))]


_WITH_WEIGHTS = {
    "linear": ("Linear", ("input", "weight", "bias")),
    "conv1d": ("Conv1d", ("input", "weight", "bias", "stride", "padding", "dilation", "groups")),
    "conv2d": ("Conv2d", ("input", "weight", "bias", "stride", "padding", "dilation", "groups")),
    "conv3d": ("Conv3d", ("input", "weight", "bias", "stride", "padding", "dilation", "groups")),
    "layer_norm": ("LayerNorm", ("input", "normalized_shape", "weight", "bias", "eps")),
    "batch_norm": ("", ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")),
    "group_norm": ("GroupNorm", ("input", "num_groups", "weight", "bias", "eps")),
    "embedding": ("Embedding", ("input", "weight", "padding_idx")),
    "prelu": ("PReLU", ("input", "weight")),
    "rms_norm": ("RMSNorm", ("input", "normalized_shape", "weight", "eps")),
}


def with_weights(case: Case) -> Drafts | None:
    """A function that is given the weights of a layer: the row is that layer, under the name of their owner."""
    kind, names = _WITH_WEIGHTS[case.call.name]
    given = case.bound(*names)
    part, weight, bias = given["input"], given.get("weight"), given.get("bias")
    if case.is_live(weight) or case.is_live(bias) or not case.is_live(part):
        return None
    sizes = case.seen(weight).value.shape if weight is not None else ()
    arguments: dict[str, Any] = {}
    match case.call.name:
        case "linear":
            arguments = {"out_features": sizes[0], "bias": bias is not None}
        case "conv1d" | "conv2d" | "conv3d":
            arguments = {"out_channels": sizes[0], "kernel_size": sizes[2:], "bias": bias is not None}
            arguments |= {n: _row(given[n]) for n in ("stride", "padding", "dilation", "groups") if n in given}
        case "layer_norm" | "rms_norm":
            shape = tuple(given["normalized_shape"])
            arguments = {"normalized_shape": shape, "elementwise_affine": weight is not None}
            if case.call.name == "layer_norm" and weight is not None and bias is None:
                arguments["bias"] = False
        case "batch_norm":
            kind = {1: "BatchNorm1d", 2: "BatchNorm1d", 3: "BatchNorm2d", 4: "BatchNorm3d"}.get(
                len(case.shape(part)), ""
            )
            arguments = {"affine": weight is not None}
            if not kind:
                return None
        case "group_norm":
            arguments = {"num_groups": given["num_groups"], "affine": weight is not None}
        case "embedding":
            arguments = {"num_embeddings": sizes[0], "embedding_dim": sizes[1]}
        case "prelu":
            arguments = {"num_parameters": sizes[0]}
    if given.get("eps") is not None and "norm" in case.call.name:
        arguments["eps"] = given["eps"]
    held = tuple(part.value for part in (weight, bias) if part is not None)
    return [Draft(kind, arguments, (part.value,), held, _owner(case, held))]


def _row(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _owner(case: Case, held: tuple[int, ...]) -> str:
    """The module that the weights belong to."""
    paths = [case.sample.values[number].value.path for number in held]
    return paths[0].rpartition(".")[0] if paths and all(paths) else ""


RULES: dict[str, Rule] = {
    **dict.fromkeys(NOTHING, same),
    **dict.fromkeys(("add", "add_", "__add__", "__radd__", "__iadd__"), _join("Add", "Shift", "amount")),
    **dict.fromkeys(("sub", "sub_", "subtract", "__sub__", "__isub__"), _join("Subtract", "Shift", "amount")),
    **dict.fromkeys(
        ("mul", "mul_", "multiply", "__mul__", "__rmul__", "__imul__"), _join("Multiply", "Scale", "factor")
    ),
    **dict.fromkeys(
        ("div", "div_", "divide", "true_divide", "__truediv__", "__itruediv__"), _join("Divide", "Scale", "factor")
    ),
    **dict.fromkeys(("maximum",), _join("Maximum")),
    **dict.fromkeys(("minimum",), _join("Minimum")),
    **dict.fromkeys(("matmul", "bmm", "__matmul__", "mm"), matmul),
    **dict.fromkeys(("cat", "concat", "concatenate"), cat),
    "stack": stack,
    **dict.fromkeys(("flatten", "view", "reshape", "unflatten", "view_as", "reshape_as"), view),
    "permute": permute,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims", "movedim_"), transpose),
    **dict.fromkeys(("T", "mT"), turned),
    "squeeze": squeeze,
    "unsqueeze": unsqueeze,
    **dict.fromkeys(("expand", "expand_as"), expand),
    "__getitem__": item,
    "select": select,
    "narrow": narrow,
    **dict.fromkeys(("chunk", "split", "tensor_split", "split_with_sizes"), parts),
    "unbind": unbind,
    "mean": reduce("Mean"),
    "sum": reduce("Sum"),
    "amax": reduce("Max"),
    "amin": reduce("Min"),
    "roll": roll,
    **dict.fromkeys(("pad", "_pad"), pad),
    **dict.fromkeys(("pow", "__pow__"), power),
    **dict.fromkeys(("clamp", "clamp_", "clip", "clamp_min", "clamp_max"), clamp),
    **dict.fromkeys(
        (
            "exp",
            "log",
            "sqrt",
            "rsqrt",
            "sin",
            "cos",
            "abs",
            "neg",
            "reciprocal",
            "square",
            "erf",
            "sign",
            "floor",
            "round",
        ),
        of_each_value,
    ),
    "normalize": normalize,
    "scaled_dot_product_attention": attention,
    "interpolate": interpolate,
    **dict.fromkeys(_WITH_WEIGHTS, with_weights),
}


def rows_of(case: Case) -> Drafts | None:
    """The rows that do what a function did, as far as its name tells; None where there are none."""
    rule = RULES.get(case.call.name, as_layer)
    try:
        return rule(case)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        return None  # arguments of a form that the rule does not know: torch took them, so the call is sound
