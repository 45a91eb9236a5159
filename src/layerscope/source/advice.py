"""What the code does otherwise than its author means, told from the layers and the example call together."""

import ast
from collections import Counter
from collections.abc import Sequence
from math import prod

from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.source import shapes
from layerscope.source.examples import Example
from layerscope.source.followed import Followed
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.values import Group, Instance, Made, Symbol, Unknown
from layerscope.source.reading import Asked, Span

MOST_EXAMPLES = 3
"""Further calls that are looked at."""

_FOR_ONE = "for one sample without a batch axis"


def flattens(followed: Followed) -> dict[str, tuple[Span, str]]:
    """For each Linear the change of the code that puts a flatten before it; none where that is no simple change."""
    calls = Counter(id(use.node) for use in followed.uses)
    seen: set[int] = set()
    found = {}
    for use, name in followed.pairs:
        first = id(use.node) not in seen
        seen.add(id(use.node))
        if use.made.type == "Linear":
            change = _flatten_before(followed, use, first, calls[id(use.node)] == 1)
            if change is not None:
                found[name] = change
    return found


def _flatten_before(followed: Followed, use: Use, first: bool, alone: bool) -> tuple[Span, str] | None:
    paste, made, call = followed.machine.paste, use.made, use.node
    group = made.owner if isinstance(made.owner, Group) and made.owner.kind == "Sequential" else None
    whole = isinstance(followed.network, Group) and call is followed.network.node
    if isinstance(call, ast.Call) and first and (alone or group) and not whole and len(call.args) == 1:
        argument = call.args[0]
        return paste.span(argument), flattened_text(followed, argument)
    built = group.node if group is not None else None
    inside = isinstance(built, ast.Call) and any(part is made.node for part in built.args)
    if inside and isinstance(made.node, ast.Call) and isinstance(made.node.func, ast.Attribute):
        return paste.before(made.node), f"{paste.segment(made.node.func.value)}.Flatten(), "
    return None


def flattened_text(followed: Followed, node: ast.expr) -> str:
    """An expression with a flatten around it."""
    text = followed.machine.paste.segment(node)
    if followed.machine.globals.names.get("torch") == Symbol("torch"):
        return f"torch.flatten({text}, 1)"
    simple = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return f"{text}.flatten(1)" if simple else f"({text}).flatten(1)"


def about_example(example: Example, followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes) -> None:
    """Remarks about an example whose axes are not those that the layers mean."""
    machine, shape = followed.machine, example.shape
    first = next((layer.name for layer in layers if layer.decides), layers[0].name)
    text = machine.paste.quote(example.node)
    if example.channels_last:
        axes = len(shape) - 1
        order = ", ".join(map(str, (0, axes + 1, *range(1, axes + 1))))
        wanted = f"{shape[0]} channel{'s' * (shape[0] > 1)}"
        machine.flaw(
            f"{text} has the channels last; torch takes them first. {first} expects {wanted} and finds {shape[1]}. "
            f"Turn the axes with permute({order}); the network is shown for {shape_text(shape)}.",
            example.node, tone="error", title="The channels come last",
            asks=Asked(first, (*shape[1:], shape[0]), example.batch or 1),
            label=f"Line {example.node.lineno}: write .permute({order}) behind it",
            changes=((machine.paste.behind(example.node), f".permute({order})"),),
        )  # fmt: skip
    if example.unbatched and not any(_slip(use, "from 0") for use in followed.uses):
        _without_batch(example, followed, layers, wishes)


def about_other_examples(
    shown: Sequence[Example], followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes
) -> None:
    """A remark about each further call that the network cannot take, though it takes the first."""
    first, machine = shown[0], followed.machine
    others = {
        each.shape: each for each in reversed(shown[1:]) if each.called and not each.unbatched and not each.channelless
    }
    others.pop(first.shape, None)
    for example in list(others.values())[::-1][:MOST_EXAMPLES]:
        refused = None if example.channels_last else refusing(layers, wishes, example.shape)
        if refused is None or refusing(layers, wishes, first.shape) is not None:
            continue
        layer, arriving = refused
        text = machine.paste.quote(example.node)
        machine.flaw(
            f"{text} does not go through the network, though {shape_text(first.shape)}, which is shown, does: "
            f"{shape_text(arriving)} arrives at {layer}.", example.node,
            tone="error", title=f"Not every call fits: {shape_text(example.shape)} does not",
            asks=Asked(layer, arriving, example.batch or 1),
        )  # fmt: skip


def refusing(layers: Sequence[Layer], wishes: shapes.Wishes, shape: Shape) -> tuple[str, Shape] | None:
    """The first layer that cannot take what arrives at it as it is written, and what arrives."""
    arriving: Shape = shape
    for layer in layers:
        wish = wishes.get(layer.name, {})
        there = {"in_features": arriving[-1], "features": prod(arriving)}
        following = shapes.run([layer], arriving)
        if following is None or any(there.get(name, arriving[0]) != value for name, value in wish.items()):
            return layer.name, arriving
        arriving = following
    return None


def _without_batch(example: Example, followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes) -> None:
    machine, shape = followed.machine, example.shape
    asked = _unbatched_question(followed, layers, wishes, shape)
    words = f"{machine.paste.quote(example.node)} has no batch axis: torch takes it {_FOR_ONE}"
    if asked is not None:
        before = next(layer.name for layer in layers if layer.type == "Flatten")
        rows = f"{asked.batch} rows of {asked.shape[0]:,}"
        words += f", {before} then leaves {rows} in place of one row, and {asked.layer} does not fit"
    start = example.node.args[0] if example.node.args else example.node
    start = start.elts[0] if isinstance(start, ast.Tuple | ast.List) and start.elts else start
    simple = isinstance(start, ast.Constant)
    machine.flaw(
        f"{words}. Put the batch in front: {', '.join(map(str, (1, *shape)))}.", example.node,
        tone="error" if asked else "warning", title="The batch axis is missing in the example", asks=asked,
        label=f"Line {example.node.lineno}: put 1, in front" if simple else "",
        changes=((machine.paste.before(start), "1, "),) if simple else (),
    )  # fmt: skip


def _unbatched_question(
    followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes, shape: Shape
) -> Asked | None:
    """What the first Linear behind a flatten is given where the channels stand in the batch's place."""
    place = next((n for n, layer in enumerate(layers) if layer.type == "Flatten"), -1)
    arriving = shapes.run(layers[:place], shape) if place >= 0 else None
    if arriving is None or len(arriving) < 2 or layers[place].chosen["start_dim"] != 1:
        return None
    if any(row.rows == -1 for row in followed.uses[place].made.in_values):
        return None  # view(-1, n) makes one row of it
    return _linear_after(layers, place, wishes, prod(arriving[1:]), arriving[0])


def _linear_after(layers: Sequence[Layer], place: int, wishes: shapes.Wishes, width: int, rows: int) -> Asked | None:
    """The question about the Linear behind a flatten, where so many rows of that width do not fit it."""
    for layer in layers[place + 1 :]:
        if layer.type == "Linear":
            wanted = wishes.get(layer.name, {}).get("in_features", width)
            return None if wanted == width else Asked(layer.name, (width,), rows)
        if layer.decides or shapes.run([layer], (width,)) != (width,):
            return None
    return None


def about_reshapes(
    followed: Followed, layers: Sequence[Layer], wishes: shapes.Wishes, shape: Shape, example: Example | None
) -> None:
    """Remarks about flattens that reach into the batch. `layers` have the order of the uses."""
    batch = 0 if example is None else example.batch
    for place, (use, layer) in enumerate(zip(followed.uses, layers, strict=False)):
        if use.made.slip is None:
            continue
        arriving = shapes.run(layers[:place], shape)
        values = 0 if arriving is None else prod(arriving)
        if _slip(use, "from 0"):
            asked = _linear_after(layers, place, wishes, batch * values, 1) if batch > 1 and values else None
            _merges(followed, use, layer, asked, batch)
        elif _slip(use, "rows"):
            _fixed(followed, use, layers, place, wishes, batch, values)


def _slip(use: Use, kind: str) -> bool:
    return use.made.slip is not None and use.made.slip.parameter == kind


def _merges(followed: Followed, use: Use, layer: Layer, asked: Asked | None, batch: int) -> None:
    machine, call = followed.machine, use.node
    text = machine.paste.quote(call)
    after = f" {asked.layer} is given {asked.shape[0]:,} values, those of {batch} samples." if asked else ""
    changes: tuple[tuple[Span, str], ...] = ()
    if isinstance(call, ast.Call) and not call.keywords and len(call.args) < 2:
        method = isinstance(call.func, ast.Attribute) and not call.args
        changes = ((_before_bracket(machine.paste.behind(call)), "1" if method else ", 1"),)
    machine.flaw(
        f"{text} begins at axis 0, the batch: flatten without start_dim=1 merges the images of the batch into one row."
        f"{after} With start_dim=1, which is shown, the images stay apart.", call,
        tone="error" if asked else "warning", title=f"{layer.name} merges the images of the batch", asks=asked,
        label=f"Line {machine.paste.place(call)[0]}: write start_dim 1" if changes else "", changes=changes,
    )  # fmt: skip


def _before_bracket(span: Span) -> Span:
    return Span(span.line, span.column - 1, span.end_line, span.end_column - 1)


def _fixed(
    followed: Followed, use: Use, layers: Sequence[Layer], place: int, wishes: shapes.Wishes, batch: int, values: int
) -> None:
    machine, slip = followed.machine, use.made.slip
    assert slip is not None
    rows, text = slip.value, machine.paste.quote(use.node)
    words, asked, tone = "", None, "warning"
    if batch and values and batch != rows:
        tone = "error"
        width, rest = divmod(batch * values, rows)
        words = f" The example has {batch}: torch cannot cut its {batch * values:,} values into {rows} rows."
        if not rest:
            asked = _linear_after(layers, place, wishes, width, rows)
            words = f" The example has {batch}: torch makes {rows} rows of {width:,} out of it."
    owner = use.node.func.value if isinstance(use.node, ast.Call) and isinstance(use.node.func, ast.Attribute) else None
    simple = isinstance(owner, ast.Name) and not isinstance(machine.globals.names.get(owner.id), Symbol)
    change = f"{owner.id}.size(0)" if simple and isinstance(owner, ast.Name) else ""
    machine.flaw(
        f"{rows} in {text} is the batch size of one call only; with another batch torch stops or mixes the images."
        f"{words} x.size(0) is right for every batch.", slip.node,
        tone=tone, title=f"{text} fits one batch size only", asks=asked,
        label=f"Line {slip.node.lineno}: write {change}" if change else "",
        changes=((machine.paste.span(slip.node), change),) if change else (),
    )  # fmt: skip


def remarks(followed: Followed, network: object) -> None:
    """Remarks about what forward never uses, and about layers that torch does not find."""
    if not isinstance(network, Instance) or followed.fault is not None:
        return
    machine = followed.machine
    for name, value in network.attributes.items():
        row = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
        if any(isinstance(part, Made) and part.uses and part.owner is None for part in row):
            machine.plain_list(network, name)
    idle = {name: value for name, value in network.attributes.items() if isinstance(value, Made) and not value.uses}
    others = [
        name for name, value in network.attributes.items() if isinstance(value, Unknown) and "nn." in value.reason
    ]
    if idle:
        count = sum(map(_parameters, idle.values()))
        torch_counts = f"; torch counts their {count:,} parameters all the same" if count else ""
        machine.note(f"Layers that forward never uses: {', '.join([*idle][:20])}{torch_counts}.")
    if others:
        machine.note(f"Left out, because forward never uses it: {', '.join(others[:20])}.")


def _parameters(made: Made) -> int:
    """The learnable values of a layer by its in-values; 0 where they do not say."""
    if made.layer is None or len(made.in_values) != 1 or type(made.in_values[0].value) is not int:
        return 0
    try:
        formula = made.layer.parameter_formula((made.in_values[0].value, *(1,) * made.layer.dims))
        return max(int(formula.value), 0) if formula is not None else 0
    except (TypeError, ValueError, ArithmeticError):  # the layer could not even be built
        return 0
