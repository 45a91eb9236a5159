"""Functions of torchvision for images that are called on feature maps: TF.resize(x, size=skip.shape[2:])."""

from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants
from layerscope.source.python.values import Call, Fault, Symbol
from layerscope.source.torch.layer_functions import layer_function
from layerscope.source.torch.tensor import Tensor

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_MODES = {"NEAREST": "nearest", "NEAREST_EXACT": "nearest-exact", "BILINEAR": "bilinear", "BICUBIC": "bicubic"}


def resized(run: "Evaluator", call: Call) -> Any:
    """resize(image, size, interpolation): F.interpolate to that height and width. Raises Fault."""
    given = call.bound("img", "size", "interpolation", "max_size", "antialias")
    image = given.get("img", given.get("inpt"))
    if not isinstance(image, Tensor) or not image.carries:
        return NotImplemented
    size, way = given.get("size"), given.get("interpolation")
    row: list[Any] = list(size) if isinstance(size, list | tuple) else [size]
    if given.get("max_size") is not None or not all(isinstance(part, int) for part in row) or len(image.shape) != 4:
        raise Fault(
            f"{run.paste.quote(call.node)} is read only for a height and a width; write F.interpolate(x, size=(height, "
            "width)).", call.node,
        )  # fmt: skip
    if len(row) == 1:  # the smaller side gets that size, the other one keeps its share
        height, width = image.shape[2:]
        wanted = int(row[0])
        row = [wanted, int(wanted * width / height)] if height <= width else [int(wanted * height / width), wanted]
    mode = _MODES.get(way.last, "bilinear") if isinstance(way, Symbol) else "bilinear"
    target = Call(call.node, [image], {"size": tuple(map(constants.plain, row)), "mode": mode}, dict(call.nodes))
    return layer_function(run, "F.interpolate", target)


CALLS: dict[str, Any] = {
    "torchvision.transforms.functional.resize": resized,
    "torchvision.transforms.v2.functional.resize": resized,
}
