"""Writing corrections into the text in the box."""

from dataclasses import replace

from layerscope import limits
from layerscope.source.text.paste import replaced
from layerscope.ui.offered import ALL, Kind, all_faults, offered
from layerscope.ui.pasted import Pasted
from layerscope.ui.understanding import QUICK, understood

AS_A_STEP = 4
"""Characters that take about as long to parse as a step takes to follow."""
MOST_ROUNDS = 3
"""How often corrections are made that others were needed for."""


def correct(here: Pasted, which: str) -> None:
    """Put one written value right, or all of them."""
    here.put(corrected(here, which))


def corrected(here: Pasted, which: str) -> str:
    """The text with one written value put right, or all of them."""
    seen = understood(here)
    rows = offered(seen) if seen is not None else ()
    if which == ALL:
        text = replaced(here.text, all_faults(rows))
        then = understood(replace(here, text=text)) if any(each.kind is Kind.REPAIR for each in rows) else None
        return _and_then(here, then.repaired[0].text if then is not None and then.repaired else text)
    one = next((each for each in rows if each.key == which), None)
    if one is None:
        return here.text
    return one.text or replaced(here.text, dict(one.changes))


def _and_then(here: Pasted, text: str) -> str:
    """The text with what can be corrected only once the rest is, as long as the network runs then."""
    for _ in range(MOST_ROUNDS):
        seen = understood(replace(here, text=text)) if _is_quick(here) else None
        rows = [each for each in offered(seen) if each.kind is Kind.FAULT] if seen is not None else []
        further = replaced(text, all_faults(rows)) if rows else text
        then = understood(replace(here, text=further)) if further != text else None
        if then is None or then.trace is None or then.trace.error is not None or then.problem:
            break
        text = further
    return text


def _is_quick(here: Pasted) -> bool:
    """Whether reading the code again and again costs little: what "Correct all" does is shown before it is pressed."""
    seen = understood(here)
    reading = seen.reading if seen is not None else None
    if reading is None:
        return False
    return (reading.steps + len(here.text) // AS_A_STEP) * QUICK <= limits.PROOF_STEPS.most
