"""A written in-value beside what its step really holds."""

from typing import Any

from layerscope.layers.base import per_axis
from layerscope.source.reading import Written
from layerscope.steps import Step


def arriving(row: Written, step: Step) -> Any:
    """What the written value should be; None where the trace does not say."""
    if row.parameter == "features":
        output = step.output_shape
        return output[0] if output is not None and len(output) == 1 else None
    return step.arguments.get(row.parameter)


def comparable(value: Any) -> tuple[Any, ...]:
    """A value as one for each axis: 3 is (3,)."""
    return per_axis(value, 1)


def differs(row: Written, step: Step) -> bool:
    """Whether the written value is not what its step holds."""
    arrives = arriving(row, step)
    return arrives is not None and comparable(arrives) != comparable(row.value)
