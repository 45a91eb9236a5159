"""The editor of the Code page: what stands in it, which of its lines are pointed out, and which layer is where."""

from layerscope import limits
from layerscope.ui.pasted import Pasted
from layerscope.ui.understood import Part, Understood

MEGABYTE = 2**20

HINT = "Ctrl+Enter checks the code. Tab indents; to leave the box, press Escape, then Tab."
TITLE = "PyTorch code"


def editor(here: Pasted, seen: Understood | None, selected: str) -> Part:
    """What the stage's editor takes: see `editor.js`."""
    return {
        "title": TITLE,
        "text": here.text,
        "origin": here.origin,
        "revision": here.revision,
        "hint": HINT,
        "placeholder": "class Net(nn.Module): ...",
        "most": limits.EDITED.most,
        "too_long": limits.EDITED.sentence(found="{found}"),
        "file": limits.FILE.most * MEGABYTE,
        "too_large": limits.FILE.sentence(),
        "drawn": {"characters": limits.CODE.most, "lines": limits.DRAWN.most},
        "selected": selected,
        "lit": sorted(_lit(seen, selected)),
        "tones": _tones(seen),
        "places": _places(seen),
    }


def _lit(seen: Understood | None, selected: str) -> set[int]:
    """The lines of a layer, where it is made and called; and the one that tells the input's size."""
    if seen is None or seen.reading is None:
        return set()
    told = seen.reading.size.span
    spans = [*seen.reading.spans.get(selected, ()), *([told] if told else [])]
    return {line for span in spans for line in range(span.line, min(span.end_line, span.line + 12) + 1)}


def _tones(seen: Understood | None) -> dict[str, str]:
    """By line number, as JSON has it: whether something is wrong there, or only worth a remark."""
    if seen is None or seen.is_too_long:
        return {}
    tones = {str(flaw.line): flaw.tone for flaw in seen.flaws[::-1] if flaw.line}
    tones |= {str(line): "error" for line in _failing(seen)}
    tones |= {str(mismatch.place.line): "error" for mismatch in seen.wrong}
    stopped = str(seen.problem_line)
    if not seen.problem_line:
        return tones
    return tones | {stopped: "error"} if seen.is_refused else {stopped: "warning"} | tones


def _failing(seen: Understood) -> set[int]:
    """The lines of the layer that does not run, and those of the first correction."""
    if seen.trace is None or seen.trace.error is None or seen.reading is None:
        return set()
    spans = seen.reading.spans.get(seen.trace.steps[-1].name, ())
    return {span.line for span in spans[-1:]} | {line for each in seen.repaired[:1] for line in each.lines}


def _places(seen: Understood | None) -> list[tuple[int, int, int, int, str]]:
    """Each stretch of the code in which a layer is made or called."""
    if seen is None or seen.reading is None or seen.network is None:
        return []
    names = set(seen.network.names)
    found = [
        (span.line, span.column, span.end_line, span.end_column, layer)
        for layer, spans in seen.reading.spans.items()
        if layer in names
        for span in spans
    ]
    return found[: limits.PLACES.most]
