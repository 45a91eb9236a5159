"""Which rows have other names in another network, and are the same rows nevertheless."""

from layerscope.network import Network


def renames(before: Network, after: Network) -> dict[str, str]:
    """The new names by the old ones; empty unless rows stand at the same places with the same types.

    Where a name is in both networks, but at another place, rows were moved and not renamed.
    """
    if before.names == after.names or len(before.names) != len(after.names):
        return {}
    pairs = [(old, new) for old, new in zip(before.layers, after.layers, strict=True) if old.name != new.name]
    names = {old.name: new.name for old, new in pairs}
    if any(type(old) is not type(new) for old, new in pairs) or {*before.names}.intersection(names.values()):
        return {}
    return names


def renamed_as(before: Network, after: Network) -> Network:
    """The first network with the names that its rows have in the second."""
    names = renames(before, after)
    return before.with_names(names) if names else before
