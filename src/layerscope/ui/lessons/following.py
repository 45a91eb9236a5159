"""Lesson 4: following the shape from the image to the classes, one prediction a layer."""

from math import prod

from layerscope.explain import fits, product_text
from layerscope.figures import flow
from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.tracing import trace
from layerscope.ui.lessons.page import BRANCHES, Page

MOST_LAYERS = 4


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    if not network.is_chain:
        return BRANCHES
    steps = trace(network).steps
    sliding = [step for step in steps if _height(step)]
    flattens = any(step.type == "Flatten" for step in steps)
    return "" if sliding and flattens else "it has no layer that slides over an image, or no Flatten layer"


def body(page: Page) -> None:
    """Each layer that changes the height in turn; then the flattened length. The picture shows what was reached."""
    page.say(
        "An image goes in, and numbers come out. On the way, the layers change the **shape**: channels × height × "
        "width. Follow the height: ask how many times the window fits. One formula works for convolutions and "
        "pooling:\n\n`floor((i + 2p - d(k-1) - 1) / s) + 1`\n\nwith input size i, kernel_size k, stride s, padding p "
        "and dilation d."
    )
    flatten = next(step for step in page.trace.steps if step.type == "Flatten")
    reached, all_known = _heights(page, flatten)
    if all_known and _length(page, flatten, reached):
        page.figures("flow", [_flow(page.trace, "Tensor flow", page.width)])
    else:
        page.figures("flow", [_flow(trace(page.network.first(reached)), "Tensor flow so far", page.width)])


def _heights(page: Page, flatten: Step) -> tuple[int, bool]:
    """Ask for one height after the other; how many layers may be shown, and whether every question was answered."""
    sliding = [step for step in page.trace.steps[: page.network.index(flatten.name)] if _height(step)][:MOST_LAYERS]
    reached = 0
    for place, step in enumerate(sliding):
        formula = step.checks[1].formula
        why = f"{fits(step) or f'{formula.symbols} = {formula.filled} = {formula.value}'}."
        question = (
            f"{step.name} ({_words(step)}) gets {shape_text(step.input_shape)}. What is the height of its output?"
        )
        if not page.predict(f"h{place}", question, str(_height(step)), why):
            return reached, False
        reached = page.network.index(step.name) + 1
    return reached, True


def _length(page: Page, flatten: Step, reached: int) -> bool:
    """Ask how many values flatten makes."""
    _rest(page, reached, page.network.index(flatten.name))
    sizes = flatten.input_shape
    question = f"{flatten.name} gets {shape_text(sizes)}. How many values does each image become?"
    why = f"Flattening keeps every value: {product_text(sizes)} = {prod(sizes):,}{_taken_by(page.trace, flatten)}."
    return page.predict("length", question, str(prod(sizes)), why)


def _taken_by(seen: Trace, flatten: Step) -> str:
    """Which Linear layer takes the values; "" where none does."""
    behind = seen.steps[seen.steps.index(flatten) + 1 :]
    taker = next((step for step in behind if step.type == "Linear"), None)
    if taker is None or taker.input_shape != flatten.output_shape:
        return ""
    return f". That is {taker.name}.in_features"


def _rest(page: Page, first: int, flatten: int) -> None:
    """What the layers do that are not asked for, so that the way to the flatten has no gap."""
    rest = [step for step in page.trace.steps[first:flatten] if step.output_shape and len(step.output_shape) == 3]
    same = [f"{step.name} {_height(step)}" for step in rest if _height(step)]
    if same:
        page.tell(f"The same formula gives the height after each of the next layers: {', '.join(same)}.")
    for step in rest:
        if step.type.startswith("Adaptive") and step.output_shape:
            leaves = shape_text(step.output_shape[1:])
            page.tell(f"{step.name} ({step.type}) always outputs {leaves}, whatever the size of its input.")


def _height(step: Step) -> int | None:
    """The height that leaves a layer which slides over an image; None for others."""
    names = [check.formula.quantity for check in step.checks]
    if step.output_shape is None or len(step.output_shape) != 3 or "k" not in dict(_numbers(step)):
        return None
    return step.output_shape[1] if "output height" in names[:2] else None


def _numbers(step: Step) -> tuple[tuple[str, int], ...]:
    return step.checks[1].formula.numbers if len(step.checks) > 1 else ()


def _words(step: Step) -> str:
    wanted = ("kernel_size", "stride", "padding", "dilation")
    usual = {"stride": 1, "padding": 0, "dilation": 1}
    chosen = {name: step.arguments[name] for name in wanted if name in step.arguments}
    if "stride" in chosen and chosen["stride"] is None:
        chosen["stride"] = "kernel_size"  # as torch's pooling takes it
    return ", ".join(f"{name}={value}" for name, value in chosen.items() if value not in (usual.get(name), None))


def _flow(seen: Trace, title: str, width: float) -> dict[str, object]:
    return {
        "key": "flow", "title": title, "description": flow.description(seen), "height": 300, "marks": True,
        **flow.flow(seen, None, width=width),
    }  # fmt: skip
