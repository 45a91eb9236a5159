"""Layers that forward never uses, and layers that torch does not find."""

from layerscope.source.followed import Followed
from layerscope.source.interpreter.made import Instance, Made
from layerscope.source.interpreter.values import Unknown


def remarks(followed: Followed, network: object) -> None:
    """Remarks about what forward never uses, and about layers that torch does not find."""
    if not isinstance(network, Instance) or followed.fault is not None:
        return
    machine = followed.machine
    for name, value in network.attributes.items():
        row = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
        if any(isinstance(part, Made) and part.uses and part.owner is None for part in row):
            machine.plain_list(network, name)
    idle = {name: value for name, value in network.attributes.items() if isinstance(value, Made) and not value.uses}
    others = [
        name for name, value in network.attributes.items() if isinstance(value, Unknown) and "nn." in value.reason
    ]
    if idle:
        count = sum(map(_parameters, idle.values()))
        torch_counts = f"; torch counts their {count:,} parameters all the same" if count else ""
        machine.note(f"Layers that forward never uses: {', '.join([*idle][:20])}{torch_counts}.")
    if others:
        machine.note(f"Left out, because forward never uses it: {', '.join(others[:20])}.")


def _parameters(made: Made) -> int:
    """The learnable values of a layer by its in-values; 0 where they do not say."""
    if made.layer is None or len(made.in_values) != 1 or type(made.in_values[0].value) is not int:
        return 0
    try:
        formula = made.layer.parameter_formula((made.in_values[0].value, *(1,) * made.layer.dims))
        return max(int(formula.value), 0) if formula is not None else 0
    except (TypeError, ValueError, ArithmeticError):  # the layer could not even be built
        return 0
