"""One network of a paste, followed in one way after the other."""

import ast
from collections.abc import Sequence
from typing import Any

from layerscope.inputs import Input
from layerscope.source.docstrings import Documented
from layerscope.source.followed import Followed
from layerscope.source.following import follow
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.world import TorchWorld
from layerscope.source.ways import Way

Meant = tuple[str | None, Any, ast.AST]
"""A network's name, the network, and its node."""


class Attempts:
    """Follows one network in one way after the other.

    Each attempt begins with the remarks that stood before the first one; what it remarks on itself holds while it is
    the last one, or once it is kept.
    """

    def __init__(self, run: Evaluator, world: TorchWorld, meant: Meant) -> None:
        self.run = run
        self.world = world
        self.name, self.network, self.node = meant
        self._before = dict(run.remarks.notes)

    def follow(
        self, inputs: Sequence[Input | str], axis: int = 0, way: Way | None = None,
        documented: Documented | None = None,
    ) -> Followed:  # fmt: skip
        """Follow it on these inputs, those with the batch on that axis of which the way says nothing else."""
        self.run.remarks.notes = dict(self._before)
        self.world.way = way or Way()
        return follow(self.run, self.world, self.name, self.network, self.node, inputs, axis, documented)

    def again(self, found: Followed, inputs: Sequence[Input], way: Way | None = None) -> Followed:
        """Follow it on inputs of other shapes, with its steps before the samples where it runs further so."""
        way, axis = way or found.way, found.entries[0].axis
        other = self.follow(inputs, axis, way, found.documented)
        if axis or other.fault is None:
            return other
        is_told = "batch on axis" in other.fault.reason
        if not is_told and not reads_steps_first(other):
            return other
        turned = self.follow(inputs, 1, way, found.documented)
        return turned if is_told or turned.score > other.score else self.keep(other)

    def turned(self, found: Followed) -> Followed:
        """Follow it on the same inputs with its steps before the samples."""
        inputs = [entry.given if entry.is_met else entry.given.name for entry in found.entries]
        return self.follow(inputs, 1, found.way, found.documented)

    def keep(self, found: Followed) -> Followed:
        """Let the remarks of an attempt be those that hold."""
        self.run.remarks.notes = dict(found.notes)
        return found


def reads_steps_first(found: Followed) -> bool:
    """Whether some layer of the network expects (length, batch, features), so that the input may be turned so too."""
    inside = [each for _, each in walked(found.instance)] if isinstance(found.instance, Module) else []
    inside += [each.group for each in inside if isinstance(each, ModuleObject) and isinstance(each.group, LayerModule)]
    return any(isinstance(each, LayerModule) and each.layer is not None and each.layer.batch_axis for each in inside)
