"""Code in which there is no network, told in words that help."""

import ast
import re
from collections.abc import Iterable

from layerscope.source.reading import Flaw, Span
from layerscope.source.text.paste import Paste, between

NOTHING = "There is no network in this code: no subclass of nn.Module and no nn.Sequential."
NO_CODE = "There is no code in this text. Paste a class built on nn.Module, or an nn.Sequential."
INSIDE = (
    "This is the body of a class. Its first lines, class Net(nn.Module): and def __init__(self):, are missing. "
    "Copy them too."
)

INSIDE_SHORT = "These are the methods of a class, but its first line is missing."

_OTHERS = {
    "tensorflow": "Keras", "keras": "Keras", "jax": "JAX", "flax": "Flax", "mxnet": "MXNet", "paddle": "Paddle",
    "sklearn": "scikit-learn", "mlx": "MLX",
}  # fmt: skip
_BUILDERS = ("torchvision", "timm", "transformers", "segmentation_models_pytorch", "torchaudio")
# Linear, as each is tried at the beginnings of lines only and does not leave its line.
_COMMENTED = re.compile(r"^[ \t]*+# ?(?:class \w++\(.*\):|\w++ = nn\.Sequential\()", re.MULTILINE)
_CLASS = re.compile(r"^[ \t]*+class\b", re.MULTILINE)
_MEMBER = re.compile(r"^[ \t]++(?:self\.\w++ *+= *+nn\.|def forward\()", re.MULTILINE)
_SUPER = re.compile(r"\bsuper\(\s*([A-Za-z_]\w{0,60})\s*,\s*self\s*\)")
_INDENTED = re.compile(r"^[ \t]++def (?:__init__|forward)\(\s*self\b", re.MULTILINE)
_METHODS = ("__init__", "forward")


def is_inside_of_class(text: str) -> bool:
    """Whether the first lines of a class are missing."""
    return _CLASS.search(text) is None and _MEMBER.search(text) is not None


def lacking_head(tree: ast.Module, paste: Paste) -> Flaw | None:
    """The line that begins the class of methods which stand alone, put in; None where there are none such."""
    methods = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_method(node)]
    if not {node.name for node in methods} & {*_METHODS} or any(isinstance(node, ast.ClassDef) for node in tree.body):
        return None
    named = _SUPER.search(paste.text)
    name = named[1] if named else "Net"
    head, first, last = f"class {name}(nn.Module):", methods[0], methods[-1]
    start, end = first.lineno, last.end_lineno or last.lineno
    if any(node.decorator_list for node in methods):
        changes: tuple[tuple[Span, str], ...] = ()
    elif paste.indentation(first):
        changes = ((Span(start, 1, start, 1), f"{head}\n"),)
    else:
        whole = Span(start, 1, end + 1, 1)
        rows = between(paste.source, whole).splitlines(keepends=True)
        changes = ((whole, f"{head}\n" + "".join(f"    {row}" if row.strip() else row for row in rows)),)
    return _lacking(start, head, changes)


def lacking_head_above(paste: Paste) -> Flaw | None:
    """The same where imports stand above the methods, which are indented as they were in the class."""
    found = _INDENTED.search(paste.text)
    if found is None or _CLASS.search(paste.text):
        return None
    named = _SUPER.search(paste.text)
    head = f"class {named[1] if named else 'Net'}(nn.Module):"
    line = paste.text.count("\n", 0, found.start()) + 1
    margin = paste.margin(line)
    return None if margin is None else _lacking(line, head, ((Span(line, 1, line, 1), f"{margin}{head}\n"),))


def _lacking(line: int, head: str, changes: tuple[tuple[Span, str], ...]) -> Flaw:
    return Flaw(
        line, f"{INSIDE_SHORT} Put {head} before them.", "class", "error", "The first line of the class is missing",
        label=f"Line {line}: put {head} before it" if changes else "", changes=changes,
    )  # fmt: skip


def _is_method(node: ast.FunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "self"


def without_network(nodes: Iterable[ast.AST], text: str) -> str:
    """Why there is none: it is commented out, belongs to another library, or is built outside the code."""
    if _COMMENTED.search(text):
        return f"{NOTHING} Lines that start with # are comments; remove the #."
    modules = [name for node in nodes for name in _imported(node)]
    for module in modules:
        library = _OTHERS.get(module.partition(".")[0])
        if library is not None:
            return f"This code uses {library}, not PyTorch. {NOTHING}"
    for module in modules:
        builder = module.partition(".")[0]
        if builder in _BUILDERS:
            return f"The network is built by {builder}, which is not in this code; paste its class too. {NOTHING}"
    return NOTHING


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
