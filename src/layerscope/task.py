"""One task that invites a visitor to move something: a value that the network decides, and one control that changes it.

It is found by trying: a control is moved, torch says what follows, and what followed becomes the goal. So a task can
always be done.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from layerscope import limits
from layerscope.changes import Ripple, ripple
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network, NetworkError
from layerscope.parameter import Role
from layerscope.steps import Step, Trace
from layerscope.text import is_whole
from layerscope.tracing import trace

OUTPUT = "output"
WIDTHS = ("out_features", "out_channels", "hidden_size")


@dataclass(frozen=True)
class Task:
    """Make `what` of `layer` become `value`. Moving `parameter` of the layer `lever` does it, or other ways."""

    layer: str
    what: str
    value: int | Shape
    lever: str
    parameter: str

    @property
    def goal(self) -> str:
        """Such as "get fc1.in_features to 300"."""
        return f"get {self._target} to {self._written}"

    @property
    def watch(self) -> str:
        """The same without a goal: "drag kernel_size of conv2 and watch fc1.in_features"."""
        return f"drag {self.parameter} of {self.lever} and watch {self._target}"

    @property
    def result(self) -> str:
        """Such as "fc1.in_features is 300"."""
        return f"{self._target} is {self._written}"

    def following(self, names: Mapping[str, str]) -> "Task":
        """The task where layers have other names now, by their old ones."""
        return replace(self, layer=names.get(self.layer, self.layer), lever=names.get(self.lever, self.lever))

    def is_done(self, now: Trace) -> bool:
        """Whether the network has that value, and runs."""
        step = now.by_name.get(self.layer)
        return step is not None and now.error is None and _value(step, self.what) == self.value

    @property
    def _target(self) -> str:
        return f"the output shape of {self.layer}" if self.what == OUTPUT else f"{self.layer}.{self.what}"

    @property
    def _written(self) -> str:
        return f"{self.value:,}" if isinstance(self.value, int) else shape_text(self.value)


def read_task(raw: object) -> Task | None:
    """A task that comes back from a browser as a list of its fields; None where it is none."""
    match raw:
        case [str(layer), str(what), int() | list() as value, str(lever), str(parameter)]:
            words = (layer, what, lever, parameter)
            sizes = tuple(value) if isinstance(value, list) else value
            are_sizes = all(type(size) is int for size in (sizes if isinstance(sizes, tuple) else (sizes,)))
            if are_sizes and all(len(word) <= limits.NAME.most and is_whole(word) for word in words):
                return Task(layer, what, sizes, lever, parameter)
    return None


@lru_cache(maxsize=64)
def task_for(network: Network) -> Task | None:
    """A task for a network as it was loaded; None where no move that was tried leads to one.

    The first that is about a layer outside all blocks, as those inside may be folded; otherwise the least deep. What a
    norm takes from the row right before it is hardly worth a task.
    """
    now = trace(network)
    if now.error is not None:
        return None
    others: list[Task] = []
    for step, parameter, value in islice(_moves(now), limits.TASK_STEPS.most // max(len(network.layers), 1)):
        try:
            seen = ripple(now, trace(network.with_argument(step.name, parameter, value)))
        except NetworkError:
            continue
        if seen.after.error is not None or any(one.warning for one in seen.after.steps):
            continue
        found = _decided(seen, step.name, parameter) or _shaped(seen, step.name, parameter)
        if found is not None and "." not in found.layer and not _is_norm(network, found.layer):
            return found
        others += [found] if found is not None else []
    ranks = {task: (_is_norm(network, task.layer), task.layer.count("."), len(task.layer)) for task in others}
    return min(others, key=ranks.__getitem__, default=None)


def _is_norm(network: Network, name: str) -> bool:
    return "Norm" in network[name].type


def _moves(now: Trace) -> Iterator[tuple[Step, str, int]]:
    """Moves of controls, those that teach most first: the last windows, the last widths, then the first window."""
    steps = [step for step in now.steps if not step.layer.of]
    for parameter, moved in (("kernel_size", _smaller), *((width, _half) for width in WIDTHS)):
        yield from islice(_moved(reversed(steps), parameter, moved), 2)
    yield from islice(_moved(steps, "stride", _usual_stride), 2)


def _moved(steps: Iterable[Step], parameter: str, moved: Callable[[int], int]) -> Iterator[tuple[Step, str, int]]:
    for step in steps:
        value = step.layer.chosen.get(parameter)
        is_free = parameter in step.decisions and step.decisions[parameter].role is Role.YOU
        if is_free and type(value) is int and (new := moved(value)) != value:
            yield step, parameter, new


def _smaller(value: int) -> int:
    return value - 2 if value > 2 else value


def _usual_stride(value: int) -> int:
    """Another stride that people use: half of it, and 2 for 1."""
    return value // 2 if value > 1 else 2


def _half(value: int) -> int:
    return value // 2 if value > 1 else value


def _decided(seen: Ripple, lever: str, parameter: str) -> Task | None:
    """What another layer's argument became by the move: the first one's, that of a norm where there is no other."""
    changes = [change for change in seen.decided if change.layer != lever and type(change.new) is int]
    changes.sort(key=lambda change: _is_norm(seen.after.network, change.layer))
    return next((Task(one.layer, one.what, one.new, lever, parameter) for one in changes), None)


def _shaped(seen: Ripple, lever: str, parameter: str) -> Task | None:
    """What the moved layer's own output became, where its stride was moved: a size that has to be worked out."""
    if parameter != "stride":
        return None
    change = seen.of(lever, OUTPUT)
    is_map = change is not None and isinstance(change.new, tuple) and len(change.new) > 1
    return Task(lever, OUTPUT, change.new, lever, parameter) if change is not None and is_map else None


def _value(step: Step, what: str) -> object:
    return step.output_shape if what == OUTPUT else step.arguments.get(what)
