"""The strip of figures about the whole network: what matters is large, the rest small, each with its unit."""

from typing import Any

from layerscope.changes import Ripple
from layerscope.formatting import bytes_apart, ending, shape_text
from layerscope.glossary import more
from layerscope.network import Network
from layerscope.steps import Trace

Part = dict[str, Any]

MOST_OF_NAME = 18
"""So many characters of a layer's name have room beside a figure."""
PARAMETERS_HELP = "Weights and biases: what training changes."
OUTPUT_HELP = "What the last layer outputs for one {}."
MACS_HELP = "Multiply-accumulates for one {}, biases not counted: half of what FlopCounterMode counts"
MEMORY_HELP = (
    "The outputs of all layers for one {} in float32; 1 KiB is 1,024 bytes. Training does not keep all of these, but "
    "it also keeps masks and indices: see Memory in the Lab"
)
SPOKEN = {"memory": "activations", "macs": "MACs"}
"""What a screen reader calls a figure whose words beside the number are not a name."""
CHECKS_HELP = "Formulas for sizes, parameters and MACs, compared with what PyTorch says of the real modules."
IMAGE_RANK = 3
NONE = "–"
"""In the place of a figure where no layer runs, or where there is nothing to be checked."""


def totals(ripple: Ripple) -> list[Part]:
    """The figures of the network after a change, with what they were."""
    now, old = ripple.after, ripple.before
    runs_nothing = now.error is not None and len(now.steps) == 1
    stops = f"up to {ending(now.steps[-1].name, MOST_OF_NAME)}" if now.error and not runs_nothing else None
    is_part = now.error is not None or old.error is not None  # sums of other layers: nothing to compare
    scope = ", up to the layer that fails." if now.error else "."
    sample = _sample(now.network)
    memory = bytes_apart(now.activation_bytes, old.activation_bytes)
    tiles = (
        ("parameters", "parameter" if now.parameters == 1 else "parameters", f"{now.parameters:,}",
         f"{old.parameters:,}", PARAMETERS_HELP, "learnable parameter"),
        ("output", "output", _output(now), _output(old), OUTPUT_HELP.format(sample), "shape"),
        ("macs", f"MACs per {sample}", f"{now.macs:,}", f"{old.macs:,}", MACS_HELP.format(sample) + scope, "MAC"),
        ("memory", f"activations per {sample}", *memory, MEMORY_HELP.format(sample) + scope, "activation"),
    )  # fmt: skip
    return [
        *(
            {
                "key": key, "label": label, "spoken": SPOKEN.get(key, label),
                "value": NONE if runs_nothing and key != "output" else value, "help": text,
                "more_help": more(term),
                "change": stops if is_part and key != "output" else f"was {was}" if value != was else None,
                "quiet": key in ("macs", "memory"),
            }
            for key, label, value, was, text, term in tiles
        ),
        _agreement(now),
    ]  # fmt: skip


def _sample(network: Network) -> str:
    """What one entry of the batch is called."""
    first = network.inputs[0]
    is_image = len(network.inputs) == 1 and len(first.shape) == IMAGE_RANK and first.kind == "values"
    return "image" if is_image else "sample"


def _output(trace: Trace) -> str:
    shapes = [shape_text(shape) for shape in trace.output_shapes]
    if len(shapes) != 1 or len(trace.output_shapes[0]) != 1:
        return f"{shapes[0]} and {len(shapes) - 1} more" if len(shapes) > 2 else " and ".join(shapes) or "none"
    (count,) = trace.output_shapes[0]
    one, several = ("class", "classes") if count == trace.network.classes else ("value", "values")
    return f"{count:,} {one if count == 1 else several}"


def _agreement(trace: Trace) -> Part:
    checks = [check for step in trace.steps for check in step.checks]
    wrong = sum(not check.agrees for check in checks)
    value = f"{wrong:,} of {len(checks):,} DIFFER" if wrong else f"{len(checks):,} of {len(checks):,} match"
    value = value if checks else NONE
    return {
        "key": "checks", "label": "checked against PyTorch", "spoken": "the PyTorch check", "value": value,
        "change": None, "help": CHECKS_HELP, "quiet": True,
    }  # fmt: skip
