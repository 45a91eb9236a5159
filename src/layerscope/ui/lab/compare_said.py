"""The totals of two networks as a table. Knows no screen."""

from layerscope.study.compare import Comparison
from layerscope.tables import Table


def totals(seen: Comparison) -> Table:
    """A row for each number of both networks, with how many times A's B's is."""
    names = {
        "parameters": "parameters",
        "macs": "MACs for one sample",
        "activation_bytes": "activations: outputs of all layers for one sample (bytes, float32)",
        "training_memory": f"training memory: the peak of one step (bytes, {seen.training.words})",
        "layers": "layers",
        "receptive_field": "receptive field (input cells)",
    }
    rows = tuple(
        (
            name,
            *("unknown" if number is None else f"{number:,}" for number in seen.totals[what]),
            "" if (ratio := seen.totals[what].ratio) is None else f"{ratio:.4g}",
        )
        for what, name in names.items()
    )
    columns = ("", "A", "B", "B / A")
    return Table("A and B in total", columns, frozenset(columns[1:]), rows, tuple(names))
