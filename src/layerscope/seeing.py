"""What one output cell of a layer sees of the network's input."""

from layerscope.asking import Answer
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.once import once
from layerscope.receptive import OneAfterAnother, ReceptiveField


class Seeing:
    """A layer on its inputs, as far as its receptive field depends on it; `Step` is one."""

    layer: Layer
    input_shapes: tuple[Shape, ...]
    answer: Answer
    network: Network
    parents: tuple["Seeing | None", ...]
    error: object | None

    @property
    def receptive_field(self) -> ReceptiveField | None:
        """What one output cell sees of the network's input.

        None where the layer does not run, where the maps are too large to follow their cells, where places are not
        followed (after a Permute, and of indices), and where several inputs of different sizes meet.
        """
        view = self._view
        return None if view is None or view.lost else view

    @once
    def _view(self) -> ReceptiveField | None:
        """The receptive field, also where only what all values see together is known."""
        for above in self.parents:
            if above is not None and "_view" not in above.__dict__:
                self._look_back()
                break
        return self._seen_through()

    def _look_back(self) -> None:
        """Find the views of all steps before this one, without a call for each: there may be a thousand."""
        unknown: list[Seeing] = [self]
        while unknown:
            step = unknown[-1]
            waiting = [above for above in step.parents if above and "_view" not in vars(above)]
            if waiting:
                unknown.extend(waiting)
                continue
            unknown.pop()
            if step is not self and "_view" not in vars(step):
                vars(step)["_view"] = step._seen_through()

    def _seen_through(self) -> ReceptiveField | None:
        """The view, once those of the steps that made the inputs are known."""
        if self.error is not None or not self.answer.output_shapes:
            return None
        leaving = self.answer.output_shapes[0][1:]
        if not self.parents:
            return ReceptiveField.of_nothing(self.network.input_shape[1:], leaving)
        reach = self.layer.reach(*self.input_shapes)
        if len(self.parents) == 1:
            above = self.parents[0]
            view = above._view if above else self._view_of_input(0)
            return None if view is None else view.after(reach, self.input_shapes[0][1:], leaving)
        views = [above._view if above else self._view_of_input(i) for i, above in enumerate(self.parents)]
        view = ReceptiveField.union(views, reach.axis if isinstance(reach, OneAfterAnother) else None)
        sizes = [shape[1:] for shape in self.input_shapes]
        arriving = tuple(map(max, *sizes)) if len(set(map(len, sizes))) == 1 else sizes[0]
        return None if view is None else view.after(reach, arriving, leaving)

    def _view_of_input(self, place: int) -> ReceptiveField:
        """What the values of the network's input see that the layer reads there: themselves."""
        row = self.network.wiring[self.network.index(self.layer.name)][place].row
        given = self.network.inputs[-1 - row]
        return ReceptiveField.of_input(given.shape[1:], lost=given.kind == "indices")
