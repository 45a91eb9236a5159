"""Parts of a tensor: x[:, -1], x[:, :, 2:4], x[..., 0]. Each place that is not a bare colon is a row, as written."""

from typing import TYPE_CHECKING, Any

from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call
from layerscope.source.record import BATCH, whole
from layerscope.source.torch import applying
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import unnamed, world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def part(run: "Evaluator", call: Call) -> Any:
    """tensor[place], where the batch stands in front and stays whole; torch is asked about anything else."""
    of: Tensor = call.args[0]
    place = call.args[1]
    places = list(place) if isinstance(place, tuple) else [place]
    plain_places = [plain(each) for each in places]
    if type(plain_places[0]) is int and len(plain_places) == 1 and _is_of_steps(run, of):
        return _row(run, of.changed(shape=whole(of.sample)), "Select", call, dim=1, index=plain_places[0])
    known = all(each is None or each is Ellipsis or type(each) in (int, slice) for each in plain_places)
    keeps = world_of(run).exact or _keeps_batch(plain_places, len(of.shape))
    if not known or of.axis != 0 or of.shape[0] != BATCH or not keeps:
        return NotImplemented
    return _cut(run, of, plain_places, call)


def _is_of_steps(run: "Evaluator", of: Tensor) -> bool:
    """Whether the first axis holds the steps of a batch of one: lstm_out.view(len(x), -1)[-1]."""
    return world_of(run).is_one_by_one and of.axis == 0 and of.shape[0] > BATCH


def _keeps_batch(places: list[Any], rank: int) -> bool:
    """Whether the first axis is passed over whole."""
    taken = sum(each is not None and each is not Ellipsis for each in places)
    if places[:1] == [Ellipsis]:
        return taken < rank
    return bool(places) and places[0] == slice(None) and taken <= rank


def _cut(run: "Evaluator", of: Tensor, places: list[Any], call: Call) -> Any:
    front, axis = True, 0
    for n, place in enumerate(places):
        if place is Ellipsis:
            front = False
            axis = -len([each for each in places[n + 1 :] if each is not None])
        elif place is None:
            of = _row(run, of, "Unsqueeze", call, dim=axis if front else axis - 1)
            axis += front
        elif isinstance(place, slice):
            if place != slice(None):
                values = {"start": plain(place.start) or 0, "stop": plain(place.stop), "step": plain(place.step) or 1}
                of = _row(run, of, "Slice", call, dim=axis, **values)
            axis += 1
        else:
            of = _row(run, of, "Select", call, dim=axis, index=place)
            axis += 0 if front else 1
    return of


def _row(run: "Evaluator", of: Tensor, kind: str, call: Call, **values: Any) -> Any:
    return applying.apply(run, unnamed(kind, **values), [of], call.node)
