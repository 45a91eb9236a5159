"""What torch's functions that are given a layer's weights mean in rows."""

from typing import Any

from layerscope.modules.draft import Case, Draft, Drafts

WITH_WEIGHTS = {
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
    kind, names = WITH_WEIGHTS[case.call.name]
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
