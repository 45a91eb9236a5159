"""Layers that forward never uses, and layers that torch does not find."""

from collections.abc import Container, Iterator

from layerscope.source.python.values import Unknown
from layerscope.source.reading import Note
from layerscope.source.remarks.case import Case
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, walked
from layerscope.source.torch.worlds import world_of


def remark(case: Case) -> Iterator[Note]:
    """Remarks about what forward never uses, and about layers that torch does not find."""
    run, network = case.run, case.followed.instance
    if not isinstance(network, ModuleObject) or case.followed.fault is not None:
        return
    rows = world_of(run).record.rows  # a layer called on constants alone, such as places, is the row of a constant
    called = {*world_of(run).record.calls, *(id(row.module) for row in rows if row.module is not None)}
    for name, value in network.attributes.items():
        row = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
        if any(isinstance(part, LayerModule) and id(part) in called and part.owner is None for part in row):
            run.watch.plain_list(run, network, name)
    idle = {name: layers for name, value in network.attributes.items() if (layers := _idle(value, called))}
    others = [
        name for name, value in network.attributes.items() if isinstance(value, Unknown) and "nn." in value.reason
    ]
    if idle:
        count = sum(_parameters(layer) for layers in idle.values() for layer in layers)
        torch_counts = f"; PyTorch still counts their {count:,} parameters" if count else ""
        yield case.note(f"Layers that forward never uses: {', '.join([*idle][:20])}{torch_counts}.")
    if others:
        yield case.note(f"Not shown, because forward never uses it: {', '.join(others[:20])}.")


def _idle(value: object, called: Container[int]) -> list[LayerModule]:
    """The layers in a module of which none is ever used; [] where one is, or where there are none."""
    if isinstance(value, LayerModule):
        return [] if id(value) in called else [value]
    if not isinstance(value, ModuleObject):
        return []
    layers = [layer for _, layer in walked(value) if isinstance(layer, LayerModule)]
    return [] if any(id(layer) in called for layer in layers) else layers


def _parameters(made: LayerModule) -> int:
    """The learnable values of a layer by its in-values; 0 where they do not say."""
    if made.layer is None or len(made.in_values) != 1 or type(made.in_values[0].value) is not int:
        return 0
    try:
        formula = made.layer.parameter_formula((made.in_values[0].value, *(1,) * made.layer.dims))
        return max(int(formula.value), 0) if formula is not None else 0
    except (TypeError, ValueError, ArithmeticError):  # the layer could not even be built
        return 0
