"""What torch's functions mean in rows: one rule for each, found by the function's name.

A rule may be careless about what torch would refuse, as the model ran; and each row is tried before it is believed.
"""

from typing import Any

from layerscope.modules.axis_rules import expand, permute, squeeze, transpose, turned, unsqueeze, view
from layerscope.modules.cut_rules import item, narrow, pad, parts, roll, select, unbind
from layerscope.modules.draft import Case, Draft, Drafts, Rule
from layerscope.modules.join_rules import NUMBERS, cat, join, matmul, stack
from layerscope.modules.record import Ref, refs
from layerscope.modules.weight_rules import WITH_WEIGHTS, with_weights
from layerscope.torch_functions import FUNCTIONS as LAYERS_OF_FUNCTIONS
from layerscope.torch_functions import IGNORED

NOTHING = {
    "contiguous", "clone", "detach", "to", "type", "type_as", "float", "double", "half", "bfloat16", "cpu", "cuda",
    "data", "alias", "requires_grad_", "view_as_real", "lift_fresh", "positive",
}  # fmt: skip
"""Functions that give what they get, as far as shapes and costs go."""


def same(case: Case) -> Drafts | None:
    """Gives what it gets."""
    return []


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


def power(case: Case) -> Drafts | None:
    given = case.bound("input", "exponent")
    if not isinstance(given["input"], Ref) or type(given["exponent"]) not in NUMBERS:
        return None
    return [Draft("Power", {"exponent": given["exponent"]}, (given["input"].value,))]


def clamp(case: Case) -> Drafts | None:
    given = case.bound("input", *{"clamp_max": ("max",)}.get(case.call.name, ("min", "max")))
    bounds = {name: given[name] for name in ("min", "max") if type(given.get(name)) in NUMBERS}
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
    arguments = {name: given[name] for name in ("is_causal", "scale", "enable_gqa") if given.get(name)}
    reads = tuple(given[name].value for name in ("query", "key", "value"))
    masks = tuple(ref.value for ref in refs(given.get("attn_mask")))
    return [Draft("ScaledDotProductAttention", arguments, reads, masks=masks)]


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


RULES: dict[str, Rule] = {
    **dict.fromkeys(NOTHING, same),
    **dict.fromkeys(("add", "add_", "__add__", "__radd__", "__iadd__"), join("Add", "Shift", "amount")),
    **dict.fromkeys(("sub", "sub_", "subtract", "__sub__", "__isub__"), join("Subtract", "Shift", "amount")),
    **dict.fromkeys(
        ("mul", "mul_", "multiply", "__mul__", "__rmul__", "__imul__"), join("Multiply", "Scale", "factor")
    ),
    **dict.fromkeys(
        ("div", "div_", "divide", "true_divide", "__truediv__", "__itruediv__"), join("Divide", "Scale", "factor")
    ),
    **dict.fromkeys(("maximum",), join("Maximum")),
    **dict.fromkeys(("minimum",), join("Minimum")),
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
    **dict.fromkeys(WITH_WEIGHTS, with_weights),
}


def rows_of(case: Case) -> Drafts | None:
    """The rows that do what a function did, as far as its name tells; None where there are none."""
    rule = RULES.get(case.call.name, as_layer)
    try:
        return rule(case)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        return None  # arguments of a form that the rule does not know: torch took them, so the call is sound
