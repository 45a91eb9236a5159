"""What the user did, in words: "conv1.kernel_size 5 → 3"."""

import re
from collections.abc import Iterable
from dataclasses import replace
from posixpath import commonpath

from layerscope import blocks, wiring
from layerscope.changes import Change, Ripple
from layerscope.explain import value_text, written_count
from layerscope.formatting import shape_text


def title(ripple: Ripple) -> str:
    """What the user did, such as "conv1.kernel_size 5 → 3"."""
    if ripple.is_far:
        old, new = (len(one.network.layers) for one in (ripple.before, ripple.after))
        return f"Another network: {written_count(new, 'layer')} instead of {old:,}"
    parts = titles(ripple)
    return " · ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def titles(ripple: Ripple) -> list[str]:
    """What the user did, one by one: a whole block is one, and so is the same edit of many layers."""
    old, new = ripple.before.network, ripple.after.network
    values = alike(edit for edit in ripple.edits if edit.what not in ("inputs", "tied"))
    parts = [
        f"{edit.label} {_shown(edit, edit.old)} → {_shown(edit, edit.new)}"
        + (f" in {len(others) + 1} layers" if others else "")
        for edit, *others in values
    ]
    parts += [f"added {name}" for name in blocks.gathered(new, ripple.added)]
    parts += [f"renamed {was} to {name}" for was, name in _renamed(ripple)]
    parts += [f"removed {name}" for name in blocks.gathered(old, ripple.removed)]
    parts += [f"moved {name}" for name in blocks.gathered(new, ripple.moved)]
    parts += [f"{edit.layer} reads {', '.join(edit.new) or 'nothing'}" for edit in rewired(ripple)]
    parts += [tied(edit) for edit in ripple.edits if edit.what == "tied"]
    return parts


def _renamed(ripple: Ripple) -> list[tuple[str, str]]:
    """The rows that have other names, with those; a block that has another path is one."""
    found: dict[tuple[str, str], None] = {}
    for old, new in ripple.renamed.items():
        was, now = old.split("."), new.split(".")
        while len(was) > 1 and len(now) > 1 and was[-1] == now[-1]:
            was, now = was[:-1], now[:-1]
        found[".".join(was), ".".join(now)] = None
    return list(found)


def alike(changes: Iterable[Change]) -> list[list[Change]]:
    """The changes, those together that do the same to rows in the same place of several blocks."""
    found: dict[object, list[Change]] = {}
    for change in changes:
        path, _, name = change.layer.rpartition(".")
        found.setdefault((re.sub(r"\d+", "#", path), name, change.what, repr(change.old), repr(change.new)), []).append(
            change
        )
    return list(found.values())


def rewired(ripple: Ripple) -> list[Change]:
    """The rows that read something else now; rows of one block that read the same are one, by the block's name."""
    rows: dict[tuple[object, object, str], list[Change]] = {}
    for edit in ripple.edits:
        if edit.what == "inputs":
            top = edit.layer.partition(".")[0]
            rows.setdefault((edit.old, edit.new, top), []).append(edit)
    return [edit if not others else replace(edit, layer=_block([edit, *others])) for edit, *others in rows.values()]


def _block(edits: Iterable[Change]) -> str:
    """The innermost block that all these rows are in: "layer1.0"."""
    return commonpath([edit.layer.replace(".", "/") for edit in edits]).replace("/", ".")


def tied(edit: Change) -> str:
    """What a row holds now that another one holds too, or holds no more."""
    come, gone = (wiring.parts(next((tie for tie in one if tie not in other), ""))
                  for one, other in ((edit.new, edit.old), (edit.old, edit.new)))  # fmt: skip
    if come[0]:
        return f"{edit.layer} shares its {come[1]} with {come[0]}"
    return f"{edit.layer} has a {gone[1]} of its own"


def _shown(edit: Change, value: object) -> str:
    return shape_text(value) if edit.what == "input" and isinstance(value, tuple) else value_text(value)
