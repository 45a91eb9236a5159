"""How a network takes its inputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Way:
    """How a network takes its inputs, where that is not one tensor for each, with the batch first."""

    axes: Mapping[str, int] = field(default_factory=dict)
    """Where the batch stands in inputs of which the code shows it, by their names."""
    single_numbers: frozenset[str] = frozenset()
    """The inputs that are one number for each sample, which is less than the input of a network may be."""
    is_bare: bool = False
    """Whether it takes one sequence, without a batch, of which its code makes a batch of one."""
    is_combined: bool = False
    """Whether the shapes of several inputs are those with which alone the network was found to run."""
