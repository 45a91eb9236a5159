"""Writing corrections into the text in the box."""

from dataclasses import replace

from layerscope.source.text.paste import replaced
from layerscope.ui.offered import ALL, Kind, all_faults, offered
from layerscope.ui.pasted import Pasted
from layerscope.ui.understanding import understood


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
        return then.repaired[0].text if then is not None and then.repaired else text
    one = next((each for each in rows if each.key == which), None)
    if one is None:
        return here.text
    return one.text or replaced(here.text, dict(one.changes))
