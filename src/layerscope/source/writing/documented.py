"""What the code alone does not say: the inputs, the classes, and that each row is a statement of its own."""

from layerscope.network import Input, Network
from layerscope.source.writing.variables import variable

ROW_BY_ROW = "row by row"
"""With these words the reader takes the code for what this writer wrote: names are paths and variables, no row is read
as another one that means the same."""


def docstring(network: Network) -> str:
    """Inputs, classes and the sign that says how names are to be read."""
    (first, *others) = network.inputs
    alone = not others and first.name == "input"
    words = [_sizes(first) if alone else f"{each.name} {_sizes(each)}" for each in network.inputs]
    classes = "" if network.classes is None else f", {network.classes} classes"
    return f'"""Input{"s" * bool(others)} {" and ".join(words)}{classes}, {ROW_BY_ROW}."""'


def _sizes(given: Input) -> str:
    sizes = f"({', '.join(map(str, given.shape))}{',' if len(given.shape) == 1 else ''})"
    if given.kind == "values":
        return sizes
    return f"{sizes} of indices" + ("" if given.high is None else f" below {given.high}")


def parameter_names(network: Network) -> tuple[str, ...]:
    """What forward calls the network's inputs."""
    (first, *others) = network.inputs
    if not others and first.name == "input":
        return ("x",)
    return tuple(variable(each.name) for each in network.inputs)
