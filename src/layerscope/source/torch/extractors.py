"""create_feature_extractor and IntermediateLayerGetter: what a known network gives at some of its parts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerscope.formatting import joined
from layerscope.source.python.values import Call, Fault
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.parts import Part
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

MOST_OFFERED = 8


@dataclass(eq=False, repr=False)
class Extractor(Part):
    """A known network that returns a table of what some of its parts give. `nodes` are these parts, and their names."""

    nodes: tuple[tuple[str, str], ...] = ()

    def call(self, run: "Evaluator", call: Call) -> Any:
        world = world_of(run)
        if world.is_example(run, call):
            return Part.call(self, run, call)
        before, world.seen_inside = world.seen_inside, {}
        try:
            Part.call(self, run, call)
            seen = world.seen_inside
        finally:
            world.seen_inside = before
        missing = [node for node, _ in self.nodes if f"{self.path}.{node}" not in seen]
        if missing:
            parts = [name for name, child in self.held.items() if not isinstance(child, LayerModule)]
            words = f"{self.path} has no {joined(missing[:MOST_OFFERED])}"
            raise Fault(f"{words}; it has {joined(parts[:MOST_OFFERED])}.", self.node)
        return {name: seen[f"{self.path}.{node}"] for node, name in self.nodes}


def extractor(run: "Evaluator", call: Call) -> Any:
    """create_feature_extractor(model, return_nodes=["layer3", "layer4"]). Raises Fault."""
    given = call.bound("model", "return_nodes")
    model = given.get("model")
    nodes = given.get("return_nodes", given.get("return_layers", given.get("train_return_nodes")))
    if not isinstance(model, Part):
        words = f"{run.paste.quote(call.node)} works here only for torchvision models. In your own class, return the "
        raise Fault(f"{words}features in forward.", call.node)
    row = nodes if isinstance(nodes, dict) else {node: node for node in run.items(nodes, call.node) or ()}
    pairs = list(row.items())
    if not pairs or not all(isinstance(part, str) for pair in pairs for part in pair):
        raise Fault(f"The code does not say the nodes in {run.paste.quote(call.node)}.", call.node)
    run.tick(call.node, len(pairs))
    made = Extractor(model.plan, model.path, call.node, model.held, nodes=tuple(pairs))
    if not run.asides and not run.making:
        world_of(run).built(made)
    return made
