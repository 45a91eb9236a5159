"""Layer names as attributes of a module, and back.

Nearly every name is its own attribute. A few would break the class: `self.forward = nn.Linear(...)` could never be
called, `self.training` is a switch of torch's, and Python rewrites `self.__a` inside a class. Those get underscores
after them, and `layer_name` takes off exactly what `attribute` put there, so that reading gives the name again.
"""

from functools import cache

from layerscope.layers.activation import Identity

_OF_SEQUENTIAL = frozenset({"append", "extend", "insert", "pop", "_get_item_by_idx"})


@cache
def taken() -> frozenset[str]:
    """The names that every module has already, and those of nn.Sequential."""
    return frozenset(dir(Identity.torch_class())) | _OF_SEQUENTIAL


def attribute(name: str) -> str:
    """The attribute under which a layer of that name is kept: "conv1", but "forward_" for "forward"."""
    if name.startswith("__"):
        return f"{name}__"
    return f"{name}_" if _is_taken(name) else name


def layer_name(attribute: str) -> str:
    """The name of the layer kept under that attribute."""
    if attribute.startswith("__") and attribute.endswith("__") and len(attribute) > 3:
        return attribute[:-2]
    return attribute[:-1] if attribute.endswith("_") and _is_taken(attribute[:-1]) else attribute


def _is_taken(name: str) -> bool:
    """Whether torch has the name, or we would write another name that way: forward_ is what forward becomes."""
    while name.endswith("_") and name not in taken():
        name = name[:-1]
    return name in taken()
