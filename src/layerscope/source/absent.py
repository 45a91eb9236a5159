"""Code in which there is no network, told in words that help."""

import ast
import re
from collections.abc import Iterable

NOTHING = "There is no network in this code: no class built on nn.Module and no nn.Sequential."
INSIDE = (
    "This is the inside of a class: its first lines, class Net(nn.Module): and def __init__(self):, are missing. "
    "Copy them too."
)

_OTHERS = {
    "tensorflow": "Keras", "keras": "Keras", "jax": "JAX", "flax": "Flax", "mxnet": "MXNet", "paddle": "Paddle",
    "sklearn": "scikit-learn", "mlx": "MLX",
}  # fmt: skip
_BUILDERS = ("torchvision", "timm", "transformers", "segmentation_models_pytorch", "torchaudio")
# Linear, as each is tried at the beginnings of lines only and does not leave its line.
_COMMENTED = re.compile(r"^[ \t]*+# ?(?:class \w++\(.*\):|\w++ = nn\.Sequential\()", re.MULTILINE)
_CLASS = re.compile(r"^[ \t]*+class\b", re.MULTILINE)
_MEMBER = re.compile(r"^[ \t]++(?:self\.\w++ *+= *+nn\.|def forward\()", re.MULTILINE)


def is_inside_of_class(text: str) -> bool:
    """Whether the first lines of a class are missing."""
    return _CLASS.search(text) is None and _MEMBER.search(text) is not None


def without_network(nodes: Iterable[ast.AST], text: str) -> str:
    """Why there is none: it stands in comments, is another library's, or is built outside the code."""
    if _COMMENTED.search(text):
        return f"{NOTHING} Lines that begin with # are comments; take the # away."
    modules = [name for node in nodes for name in _imported(node)]
    for module in modules:
        library = _OTHERS.get(module.partition(".")[0])
        if library is not None:
            return f"This code uses {library}, not PyTorch. {NOTHING}"
    for module in modules:
        builder = module.partition(".")[0]
        if builder in _BUILDERS:
            return f"The network is built inside {builder}, which is not part of this code; paste its class. {NOTHING}"
    return NOTHING


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
