"""An example of one sample on a BatchNorm: while training, torch wants more than one value for each channel."""

import ast
from collections.abc import Iterator
from functools import partial
from math import prod

from layerscope.layers.base import Layer, Shape
from layerscope.source import walking
from layerscope.source.examples import Example, Form
from layerscope.source.reading import Asked, Flaw
from layerscope.source.remarks.case import Case
from layerscope.source.torch.worlds import world_of

_SETTING = ("eval", "train")
MOST_EXAMPLES = 20
"""Calls that are looked at."""


def remark(case: Case) -> Iterator[Flaw]:
    """A remark where a BatchNorm is called on too little, with two samples in place of one."""
    if not any(layer.type.startswith("BatchNorm") for layer in case.layers):
        return
    for example in case.shown[:MOST_EXAMPLES]:
        if example.batch > 1 or not example.called:
            continue
        if example.channels_last or example.form not in (Form.BATCH, Form.UNBATCHED):
            continue
        starved = _starved(case, example.shape)
        if starved and example.batch == 0 and len(starved[0][1]) == 1 and len(example.shape) == 1:
            yield _about_no_batch(case, example, *starved[0])
            return
        is_one = bool(starved) and example.batch == 1
        found = _about_one(case, example, starved, list(_modes(case, example))) if is_one else None
        if found is not None:
            yield found
            return


def _modes(case: Case, example: Example) -> Iterator[bool | None]:
    """Whether the network trains at each call; None where some other call of train() or eval() may decide that."""
    known = world_of(case.run).showing.modes
    is_sure = all(map(partial(_is_followed, known), case.code.nodes))
    return (mode if is_sure else None for mode in example.modes)


def _is_followed(known: set[int], node: ast.AST) -> bool:
    """Whether a node sets no mode, or one that was followed."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr not in _SETTING or id(node) in known
    if isinstance(node, ast.FunctionDef):
        return node.name not in _SETTING or not node.args.args or node.args.args[0].arg != "self"
    return not (isinstance(node, ast.Attribute) and node.attr == "training" and isinstance(node.ctx, ast.Store))


def _starved(case: Case, shape: Shape) -> list[tuple[Layer, Shape]]:
    """The BatchNorms at which one value for each channel arrives."""
    known = case.followed.arrivals if shape == case.shape else None
    arrivals = known or [(layer, arriving) for layer, arriving, _ in walking.walk(case.layers, shape)]
    return [
        (layer, arriving)
        for layer, arriving in arrivals
        if layer.type.startswith("BatchNorm") and prod(arriving[1:]) == 1
    ]


def _about_no_batch(case: Case, example: Example, layer: Layer, shape: Shape) -> Flaw:
    paste, node = case.paste, example.node
    only = example.sizes[0] if len(example.sizes) == 1 and isinstance(example.sizes[0], ast.Constant) else None
    return case.flaw(
        f"{paste.quote(node)} has no batch axis; {layer.name} expects (batch, features). Use two samples or "
        f"more: 2, {example.shape[0]}.", node,
        kind="batch", tone="error", title="The example has no batch axis",
        asks=Asked(layer.name, shape, 0), label=f"Line {paste.place(node)[0]}: put 2, in front" if only else "",
        changes=((paste.before(only), "2, "),) if only else (),
    )  # fmt: skip


def _about_one(
    case: Case, example: Example, starved: list[tuple[Layer, Shape]], training: list[bool | None]
) -> Flaw | None:
    """What there is to say, if anything. `training` holds for each call whether the network trains, None: unsure."""
    always = [each for each in starved if not each[0].chosen["track_running_stats"]]
    if not always and not {True, None} & set(training):
        return None
    is_sure = bool(always) or True in training
    layer, shape = starved[0] if True in training or not always else always[0]
    paste, node, name = case.paste, example.node, layer.name
    first = example.rows[0]
    simple = isinstance(first, ast.Constant) and first.value == 1
    size = f"[{', '.join(map(str, (1, *shape)))}]"
    quote = f"Expected more than 1 value per channel when training, got input size torch.Size({size})"
    found = f"{paste.quote(node)} is one sample, so {name} gets only one value per channel."
    title = f"One sample is too few for {name}"
    if always:
        words = f"{always[0][0].name} keeps no running averages, so even after net.eval() it needs a mean over the "
        words += "batch. Use two samples or more."
    elif is_sure:
        words = "In training mode, a mean over the batch needs more. Use two samples or more, or call net.eval() "
        words += "before."
    else:
        words = "The code does not say for certain whether the network is in training mode: if it is, this fails; "
        words += "after net.eval() it runs. Two samples or more always work."
        title = f"In training mode, one sample is too few for {name}"
    return case.flaw(
        f"{found} {words}", node, kind="batch", tone="error" if is_sure else "warning", title=title,
        quote=quote if is_sure else "",
        label=f"Line {paste.place(node)[0]}: write 2 for the batch" if simple else "",
        changes=((paste.span(first), "2"),) if simple else (),
    )  # fmt: skip
