"""Layers that forward never uses, and layers that torch does not find."""

from layerscope.source.followed import Followed
from layerscope.source.python.values import Unknown
from layerscope.source.torch.modules import LayerModule, ModuleObject


def remarks(followed: Followed, network: object) -> None:
    """Remarks about what forward never uses, and about layers that torch does not find."""
    if not isinstance(network, ModuleObject) or followed.fault is not None:
        return
    run = followed.run
    for name, value in network.attributes.items():
        row = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
        if any(isinstance(part, LayerModule) and part.uses and part.owner is None for part in row):
            run.watch.plain_list(run, network, name)
    idle = {
        name: value for name, value in network.attributes.items() if isinstance(value, LayerModule) and not value.uses
    }
    others = [
        name for name, value in network.attributes.items() if isinstance(value, Unknown) and "nn." in value.reason
    ]
    if idle:
        count = sum(map(_parameters, idle.values()))
        torch_counts = f"; torch counts their {count:,} parameters all the same" if count else ""
        run.remarks.note(f"Layers that forward never uses: {', '.join([*idle][:20])}{torch_counts}.")
    if others:
        run.remarks.note(f"Left out, because forward never uses it: {', '.join(others[:20])}.")


def _parameters(made: LayerModule) -> int:
    """The learnable values of a layer by its in-values; 0 where they do not say."""
    if made.layer is None or len(made.in_values) != 1 or type(made.in_values[0].value) is not int:
        return 0
    try:
        formula = made.layer.parameter_formula((made.in_values[0].value, *(1,) * made.layer.dims))
        return max(int(formula.value), 0) if formula is not None else 0
    except (TypeError, ValueError, ArithmeticError):  # the layer could not even be built
        return 0
