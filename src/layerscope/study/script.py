"""A sweep as a script that needs nothing but torch: the network's code, the values, and a loop that measures.

The network is built on the meta device, where no weight is stored. Layers whose inputs differ from one combination to
the next are torch's lazy classes, which take their sizes from the input.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from torch import nn

from layerscope.layers.base import Layer, axis_names
from layerscope.network import Network
from layerscope.parameter import written as as_typed
from layerscope.source.attributes import attribute
from layerscope.source.writer import Style, written
from layerscope.study.grid import CLASSES, Axis, SweepError
from layerscope.study.script_condition import Span, filter_of
from layerscope.study.sweep import Sweep
from layerscope.tracing import trace

_TAKEN = ("net", "nn", "torch", "inputs", "counter", "found", "math", "fits")
_LITERALS = (int, float, bool, str, type(None))

_HEAD = '''"""A sweep of {title}: every combination of the values below, built and run by PyTorch.

Run it with Python: it prints {prints} as CSV. It needs torch only, and no memory for weights, as all is on
the meta device.
"""
'''
_TAIL = '''

def measure({parameters}):
    """What becomes of one combination: whether it runs, and the numbers that follow from it."""
    try:
        with torch.device("meta"):
            net = Network()
{replacements}            inputs = [{inputs}]
        net(*inputs)
    except Exception as error:
        return {{"runs": False, "reason": str(error).splitlines()[0]}}
    with FlopCounterMode(display=False) as counter:
        net(*inputs)
    found = {{name: getattr(net.get_submodule(path), argument) for name, path, argument in DECIDED}}
    return {{
        "runs": True,
        "reason": "",
        "parameters": sum(weight.numel() for weight in net.parameters()),
        "macs": counter.get_total_flops() // (2 * BATCH),
        **found,
    }}
{fits}

def main():
    columns = [*VALUES, "runs", "reason", "parameters", "macs", *(name for name, _, _ in DECIDED)]
    table = csv.DictWriter(sys.stdout, columns, restval="")
    table.writeheader()
    for combination in itertools.product(*VALUES.values()):
        row = dict(zip(VALUES, combination)) | measure(*combination)
        {write}


if __name__ == "__main__":
    main()
'''
_WRITE, _WRITE_FITTING = "table.writerow(row)", "if fits(row):\n            table.writerow(row)"
_IMPORTS = ("import csv", "import itertools", "import sys", "import torch", "from torch import nn",
            "from torch.utils.flop_counter import FlopCounterMode")  # fmt: skip


def script(
    result: Sweep, title: str = "a network", where: str = "", spans: Mapping[str, Span] | None = None
) -> str:  # fmt: skip
    """The sweep as Python code, which prints the settings that meet a condition and lie within the spans.

    Raises SweepError where plain torch cannot follow it: UntoldError where that is because of the condition.
    """
    number = next((n for n, one in enumerate(result.measured) if not one.reason), None)
    if number is None:
        raise SweepError("None of these networks runs, so there is nothing to write as a script.")
    network = result.at(number)
    names = _names(result.axes)
    given = {target: names[axis.key] for axis in result.axes for target in axis.targets}
    code, imports = without_imports(written(network, Style.MODULES).text)
    found = sorted({*_IMPORTS, *imports}, key=_place)
    decided = [*_decided(result, network)]
    known = ["runs", "parameters", "macs", *(name for name, _, _ in decided)]
    fits = filter_of(result, known, where, spans or {})
    if fits:
        found = sorted([*found, "import math"], key=_place)
    first = [line for line in found if "torch" not in line]
    parts = [
        _HEAD.format(
            title=" ".join(title.split()), prints="the settings that fit (see `fits`)" if fits else "a table"
        ), *(f"{line}\n" for line in first), "\n",
        *(f"{line}\n" for line in found if line not in first), "\n", "BATCH = 2\nVALUES = {\n",
        *(f"    {_text(axis.key)}: {_values(axis)},\n" for axis in result.axes), "}\n",
        "DECIDED = [\n", *(f"    ({', '.join(map(_text, entry))}),\n" for entry in decided), "]\n",
        '"""What the data decides: its name here, the module, and the attribute."""\n', "\n\n", code.strip("\n"), "\n",
        _TAIL.format(
            parameters=", ".join(names.values()),
            replacements="".join(f"            {line}\n" for line in _replacements(result, network, given)),
            inputs=", ".join(_tensors(network, given)), fits=fits,
            write=_WRITE_FITTING if fits else _WRITE,
        ),
    ]  # fmt: skip
    return "".join(parts)


def _place(line: str) -> tuple[bool, str]:
    """Where an import stands among the others."""
    return line.startswith("from"), line


def _names(axes: Sequence[Axis]) -> dict[str, str]:
    """A variable for each key: conv1_kernel_size."""
    names: dict[str, str] = {}
    for axis in axes:
        name = re.sub(r"\W+", "_", axis.key).strip("_") or "value"
        names[axis.key] = name if name not in (*names.values(), *_TAKEN) else f"{name}_{len(names)}"
    return names


def _text(name: str) -> str:
    """A name of ours as a string of Python; it holds no quotes."""
    return f'"{name}"'


def without_imports(code: str) -> tuple[str, list[str]]:
    """Code without its imports, and those."""
    lines = code.splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    return "\n".join(line for line in lines if line not in imports), imports


def _values(axis: Axis) -> str:
    for value in axis.values:
        parts = value if isinstance(value, tuple) else (value,)
        if not all(type(part) in _LITERALS for part in parts):
            raise SweepError(f"{as_typed(value)} of {axis.key} cannot be written into a script.")
    numbers = axis.values
    step = numbers[1] - numbers[0] if len(numbers) > 2 and all(type(value) is int for value in numbers) else 0
    if step > 0 and numbers == tuple(range(numbers[0], numbers[-1] + 1, step)):
        return f"range({numbers[0]}, {numbers[-1] + 1}{f', {step}' if step > 1 else ''})"
    return repr(list(numbers))


def _path(name: str) -> str:
    return ".".join(map(attribute, name.split(".")))


def _modules(network: Network) -> list[Layer]:
    """The rows that the written code holds as modules of torch's own."""
    return [row for row in network.resolved if not row.of and getattr(nn, row.type, None) is row.torch_class]


def _decided(result: Sweep, network: Network) -> Iterator[tuple[str, str, str]]:
    rows = {row.name for row in _modules(network)}
    for name in result.frame().columns:
        row, _, argument = name.rpartition(".")
        if row in rows and argument in (*network[row].decides, network[row].head) and name not in result.aliases:
            yield name, _path(row), argument


def _replacements(result: Sweep, network: Network, given: dict[str, str]) -> Iterator[str]:
    """A line for each layer that is not the same in every combination."""
    frame, modules = result.frame(), _modules(network)
    frame, steps = frame[frame["runs"]], trace(network).by_name
    known = {row.name for row in modules}
    for target in given:
        owner = target.rpartition(".")[0]
        if owner in network.names and owner not in known:
            raise SweepError(f"{owner} is not a module in PyTorch's code, so the script cannot change {target}.")
    for row in modules:
        chosen = {name: given.get(f"{row.name}.{name}") for name in row.parameters()}
        if row.name == network.head and row.head is not None and CLASSES in given:
            chosen[row.head] = given[CLASSES]
        columns = [f"{row.name}.{name}" for name in row.decides]
        differs = any(column in frame and frame[column].nunique() > 1 for column in columns)
        if not any(chosen.values()) and not differs:
            continue
        if row.tied:
            raise SweepError(f"{row.name} holds tensors of other layers, which the script cannot keep.")
        if differs and not hasattr(nn, f"Lazy{row.type}"):
            raise SweepError(f"PyTorch has no lazy {row.type}, so the script cannot follow {columns[0]}.")
        decided = {} if differs else {name: steps[row.name].arguments[name] for name in row.decides}
        usual = {name: field.default for name, field in type(row).__dataclass_fields__.items()}
        arguments = [
            *(f"{name}={value!r}" for name, value in decided.items()),
            *(
                f"{name}={chosen[name] or repr(value)}"
                for name, value in row.chosen.items()
                if chosen[name] or value != usual[name]
            ),
        ]
        kind = f"Lazy{row.type}" if differs else row.type
        yield f"net.set_submodule({_text(_path(row.name))}, nn.{kind}({', '.join(arguments)}))"


def _tensors(network: Network, given: dict[str, str]) -> Iterator[str]:
    for each in network.inputs:
        names = axis_names(each.shape)
        sizes = [given.get(f"{each.name}.{axis}", str(size)) for axis, size in zip(names, each.shape, strict=True)]
        if each.kind == "indices":
            yield f"torch.zeros(BATCH, {', '.join(sizes)}, dtype=torch.int64)"
        else:
            yield f"torch.empty(BATCH, {', '.join(sizes)})"
