"""What torch says where a part is computed again, or exported, and comes out another way."""

import re

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind


def _types_differ(found: Found) -> bool:
    """saved metadata: {..., 'dtype': torch.float32, ...} recomputed metadata: {..., 'dtype': torch.bfloat16, ...}."""
    return len(set(re.findall(r"'dtype': torch\.(\w{1,20})", found.after[:600])[:2])) == 2


KINDS: dict[str, Kind] = {
    "recomputed": kind(
        "A checkpointed part that computes something else the second time",
        "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the "
        "forward pass.",
        (
            r"torch\.utils\.checkpoint: (?P<what>Recomputed values for the following tensors have different metadata)",
            r"torch\.utils\.checkpoint: (?P<what>A different number of tensors was saved during the original forward)",
        ),
        fixed(
            "checkpoint runs the part again for the gradients, and that run differs from the first.",
            Usual(
                "The types differ",
                "The second run is no longer under the same autocast, or a cast happened only once.",
                "Put autocast inside the part, around what it computes.",
                _types_differ,
                only=True,
            ),
            Usual(
                "The part depends on something that changes",
                "A counter, a cache or a random choice in forward is another one the second time.",
                "Pass such values in as arguments, and switch a cache off: use_cache=False.",
            ),
            Usual(
                "Frozen weights or changed modes",
                "train, eval or requires_grad was switched between forward and backward.",
                "Switch them only before forward or after backward.",
            ),
        ),
    ),
    "export-sizes": kind(
        "A size that export fixes although it should vary",
        'Constraints violated (batch)! For more information, run with TORCH_LOGS="+dynamic".',
        (r"Constraints violated \((?P<axis>[\w, .\[\]']{1,80})\)!",),
        fixed(
            "torch.export was told that {axis} varies, but the network's code works for one value only.",
            Usual(
                "The code or a layer fixes it",
                "view(8, -1), a Linear layer after flatten, or an if about a size needs one value.",
                "Write x.size(0) in forward instead of a number, or leave that axis out of dynamic_shapes.",
            ),
            Usual(
                "The example has size 1",
                "Sizes 0 and 1 are always taken as fixed.",
                "Export with an example of two or more: torch.rand(2, 3, 224, 224).",
            ),
            pieces={"axis": "what should vary"},
        ),
    ),
}
