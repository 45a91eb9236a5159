"""What torch's functions that cut tensors, and what they do at the edges, mean in rows."""

from typing import Any

from layerscope.modules.draft import ABOVE, Case, Draft, Drafts


def item(case: Case) -> Drafts | None:
    """x[...]: one row for each axis that is cut."""
    part, key = case.call.args
    keys = key if isinstance(key, tuple) else (key,)
    if any(not (k is None or k is Ellipsis or type(k) in (int, slice)) for k in keys):
        return None
    seen = case.seen(part)
    taking = sum(k is not None and k is not Ellipsis for k in keys)
    spread = tuple(slice(None) for _ in range(seen.rank - taking))
    keys = tuple(k for one in keys for k in (spread if one is Ellipsis else (one,)))
    if Ellipsis not in (key if isinstance(key, tuple) else (key,)):
        keys += spread
    drafts: Drafts = []
    source, gone, added, old_axis = part.value, 0, 0, -1
    for k in keys:
        if k is None:
            drafts.append(
                Draft("Unsqueeze", {"dim": old_axis + 1 - gone + added + 1 - _before(seen, old_axis)}, (source,))
            )
            added, source = added + 1, ABOVE
            continue
        old_axis += 1
        if k == slice(None):
            continue
        dim = seen.dim(old_axis)
        if dim is None:
            if isinstance(k, slice) and k.start in (None, 0) and k.stop is None:
                continue
            return None
        dim += added - gone
        if type(k) is int:
            drafts.append(Draft("Select", {"dim": dim, "index": k}, (source,)))
            gone += 1
        else:
            size = seen.value.shape[old_axis]
            if len(range(*k.indices(size))) == size and (k.step or 1) == 1:
                continue
            step = {} if k.step in (None, 1) else {"step": k.step}
            drafts.append(Draft("Slice", {"dim": dim, "start": k.start or 0, "stop": k.stop, **step}, (source,)))
        source = ABOVE
    return drafts


def _before(seen: Any, axis: int) -> int:
    """1 where the batch's axis is among those up to `axis`, and has been counted."""
    return 1 if seen.axis is not None and seen.axis <= axis else 0


def select(case: Case) -> Drafts | None:
    given = case.bound("input", "dim", "index")
    dims = case.dims(given["input"], given["dim"])
    return (
        None if dims is None else [Draft("Select", {"dim": dims[0], "index": given["index"]}, (given["input"].value,))]
    )


def narrow(case: Case) -> Drafts | None:
    given = case.bound("input", "dim", "start", "length")
    dims = case.dims(given["input"], given["dim"])
    if dims is None or type(given["start"]) is not int:
        return None
    cut = {"dim": dims[0], "start": given["start"], "stop": given["start"] + given["length"]}
    return [Draft("Slice", cut, (given["input"].value,))]


def parts(case: Case) -> Drafts | None:
    """chunk, split, tensor_split: as many outputs as there are parts."""
    given = case.bound("input", "size", "dim")
    part = given["input"]
    dims = case.dims(part, given.get("dim", 0))
    if dims is None:
        return None
    sizes = tuple(case.sample.values[made].shape[dims[0] - 1] for made in case.call.makes)
    return [Draft("Split", {"split_size": sizes, "dim": dims[0]}, (part.value,))]


def unbind(case: Case) -> Drafts | None:
    """Each entry of an axis is an output of its own."""
    given = case.bound("input", "dim")
    dims = case.dims(given["input"], given.get("dim", 0))
    if dims is None:
        return None
    return [
        Draft("Select", {"dim": dims[0], "index": index}, (given["input"].value,), makes=index)
        for index in range(len(case.call.makes))
    ]


def roll(case: Case) -> Drafts | None:
    given = case.bound("input", "shifts", "dims")
    dims = case.dims(given["input"], given["dims"]) if given.get("dims") is not None else None
    if dims is None:
        return None
    shifts = given["shifts"]
    shifts = tuple(shifts) if isinstance(shifts, list | tuple) else (shifts,)
    alone = len(dims) == 1
    return [
        Draft(
            "Roll",
            {"shifts": shifts[0] if alone else shifts, "dim": dims[0] if alone else dims},
            (given["input"].value,),
        )
    ]


def pad(case: Case) -> Drafts | None:
    given = case.bound("input", "pad", "mode", "value")
    part, pads = given["input"], tuple(given["pad"])
    if given.get("mode", "constant") != "constant":
        return None
    if not any(pads):
        return []
    seen = case.seen(part)
    if seen.axis is None or len(pads) // 2 > seen.rank:
        return None
    by_axis = {seen.dim(seen.rank - 1 - i): pads[2 * i : 2 * i + 2] for i in range(len(pads) // 2)}
    if any(by_axis.pop(None, ())):
        return None
    axes = len(seen.shape)
    cells = tuple(n for dim in range(axes, 0, -1) for n in by_axis.get(dim, (0, 0)))
    while cells[-2:] == (0, 0):
        cells = cells[:-2]
    value = given.get("value") or 0.0
    return [Draft("Pad", {"pad": cells, **({"value": float(value)} if value else {})}, (part.value,))]
