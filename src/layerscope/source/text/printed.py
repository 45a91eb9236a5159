"""What print(model) shows, made into code: it names the layers and their arguments, not the order of forward.

Only text that torch's modules print is taken: `(name): Type(arguments)` a line, containers with theirs inside. What
torch does not print of a layer (the ceil_mode of an average pooling) is taken as torch's default.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from layerscope.source.reading import SourceError

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
MOST_LAYERS = 1_000
DEEPEST = 20

# Linear, as each is tried once a line; only the last looks along it, and gives no letters back.
_HEAD = re.compile(r"\s*+(?:Out ?\[\d{1,6}\]:\s*+)?(\w{1,80})\($")
_ENTRY = re.compile(r"\s*+\((\w{1,80}|\d{1,4}-\d{1,4})\): (?:(\d{1,4}) x )?(\w{1,80})\((.*)$")
_BARE = re.compile(r"\b(padding|padding_mode)=([a-z]++)\b")
_LAZY = re.compile(r"^(?:in_features=0, |0, )")


@dataclass
class _Group:
    """A container: names and what is called so, a group or the text of a constructor call."""

    rows: "list[tuple[str, _Group | str]]" = field(default_factory=list)


def is_printed(text: str) -> bool:
    """Whether the text contains what print(model) shows, whatever comes before it."""
    return bool(_rows(text))


def _rows(text: str) -> list[tuple[int, str]]:
    """The lines of what print(model) shows, from its first one on, with their numbers; none where there is none."""
    rows = [(n, row) for n, row in enumerate(text.split("\n"), start=1) if row.strip()]
    first = next((n for n, (one, other) in enumerate(pairwise(rows)) if _HEAD.match(one[1]) and _ENTRY.match(other[1])),
                 len(rows))  # fmt: skip
    return rows[first:]


def as_code(text: str) -> str:
    """The same layers as one nn.Sequential, in the order of the text. Raises SourceError, where it is not known."""
    rows = _rows(text)
    root = _Group()
    open_groups, count = [root], 0
    repeated = [1]  # how often each open group is written
    for n, row in rows[1:]:
        if row.strip() == ")":
            open_groups.pop()
            repeated.pop()
            if not open_groups:
                break
            continue
        entry = _ENTRY.match(row)
        if entry is None:
            raise SourceError("print(model) shows no line like this for a layer.", n)
        key, times, kind, rest = entry.groups()
        count += int(times or 1) * repeated[-1]
        if count > MOST_LAYERS or len(open_groups) > DEEPEST:
            raise SourceError(f"print(model) shows more than {MOST_LAYERS:,} layers or {DEEPEST} levels here.", n)
        inside: _Group | str
        if rest:
            inside = f"nn.{kind}({_arguments(kind, rest[:-1])})"
        elif kind not in CONTAINERS:
            words = f"{kind} has its own forward, which print(model) does not show; paste the class itself."
            raise SourceError(words, n)
        else:
            inside = _Group()
        first = int(key.split("-")[0]) if times else 0
        names = [str(first + i) for i in range(int(times))] if times else [key]
        open_groups[-1].rows += [(name, inside) for name in names]
        if isinstance(inside, _Group):
            open_groups.append(inside)
            repeated.append(int(times or 1) * repeated[-1])
    lines = _written(root, "")
    uses_names = any("OrderedDict" in line for line in lines)
    head = ["import torch.nn as nn", *(["from collections import OrderedDict"] if uses_names else []), ""]
    return "\n".join([*head, f"model = {lines[0]}", *lines[1:], ""])


def _arguments(kind: str, text: str) -> str:
    """The arguments as Python writes them: a module prints padding=same without quotes, and 0 for what is lazy.

    A norm with affine=False prints besides that it has no bias.
    """
    quoted = _BARE.sub(r'\1="\2"', text)
    if "affine=False" in quoted:
        quoted = quoted.replace(", bias=False", "")
    return _LAZY.sub("", quoted) if kind.startswith("Lazy") else quoted


def _written(group: _Group, indent: str) -> list[str]:
    numbered = all(name.isdigit() for name, _ in group.rows)
    lines = [f"{indent}nn.Sequential(" if numbered else f"{indent}nn.Sequential(OrderedDict(["]
    for name, inside in group.rows:
        if isinstance(inside, str):
            lines.append(f"{indent}    {inside}," if numbered else f'{indent}    ("{name}", {inside}),')
            continue
        first, *rest = _written(inside, f"{indent}    ")
        lines.append(first if numbered else f'{indent}    ("{name}", {first.strip()}')
        lines += [*rest[:-1], f"{rest[-1]}," if numbered else f"{rest[-1]}),"]
    return [*lines, f"{indent})" if numbered else f"{indent}]))"]
