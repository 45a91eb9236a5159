"""The order of a sequence's axes in words: # x: (seq_len, batch, features), torch.randn(seq_len, batch_size, 6)."""

import ast
import re
from collections.abc import Iterator, Sequence

from layerscope.once import latest
from layerscope.source.text.paste import Paste
from layerscope.source.text.scan import TOKEN
from layerscope.source.torch.showing import Showing

_WHOSE = r"(?:seq|sequence|sent|sentence|src|tgt|trg|source|target|input|max|num|n|time|bptt)"
_STEPS = rf"{_WHOSE}?[_ ]?(?:len|length|steps?|time)"
_STEPS_FIRST = re.compile(
    rf"[(\[] ?(?:{_STEPS}|seq|sequence|timesteps|[tls]), ?(?:(?:n_|num_)?batch(?:[_ ]?size)?|bsz?|n)\b", re.IGNORECASE
)
"""A row that names the steps, and the samples after them. Letters are torch's own: (L, N, H), (T, B, C), (S, N, E)."""


def says_steps_first(paste: Paste, nodes: Sequence[ast.AST], showing: Showing) -> bool:
    """Whether a comment, a docstring or the sizes of an example name the steps before the samples."""
    examples = (paste.segment(tensor.made.node) for tensor in showing.made if tensor.made is not None)
    return _in_words(paste, nodes) or any(map(_STEPS_FIRST.search, examples))


@latest
def _in_words(paste: Paste, nodes: Sequence[ast.AST]) -> bool:
    """Whether a comment or a docstring does; asked several times for one paste, which does not change."""
    return any(map(_STEPS_FIRST.search, _texts(paste, nodes)))


def _texts(paste: Paste, nodes: Sequence[ast.AST]) -> Iterator[str]:
    if not any(map(_STEPS_FIRST.search, paste.lines)):  # telling comments and docstrings apart takes longer
        return
    for node in nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node, clean=False) or ""
    found = (match["skip"] for match in TOKEN.finditer(paste.text) if match.lastgroup == "skip")
    yield from (token for token in found if token.startswith("#"))
