"""The one component that draws controls, figures and tables in the browser.

It knows nothing about networks: `data` says what to draw (plain JSON, see `stage.js`), and each
thing the hand did comes back as an `Event`. Mount it inside an `st.fragment`, so that an event
runs nothing but the fragment:

    @st.fragment
    def explorer() -> None:
        stage(describe(state), key="explorer", on_event=state.apply)

`on_event` runs before the fragment does, so the fragment draws what the event changed.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypedDict

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from layerscope import limits
from layerscope.text import is_whole
from layerscope.ui.stage import reading
from layerscope.ui.stage.assets import publish
from layerscope.ui.written_parts import write


class Event(TypedDict):
    """What the hand did.

    `phase` is "input" while a slider is being moved and "commit" once for each finished
    movement; everything but a slider only commits. `sequence` grows with each event.
    """

    key: str
    value: Any
    phase: Literal["input", "commit"]
    sequence: int


NONE_LONG: Mapping[str, int] = {}

# The module runs from a blob: relative addresses mean nothing there. The front end's own script
# tells where the app lives, also under a base path and behind a proxy.
_LOADER = """
let turns = 0;
const script = document.querySelector('script[type="module"][src*="static/js/"]');
const base = script ? script.src.split("static/js/")[0] : new URL("./", document.baseURI).href;
export default async function (component) {
  // Taken before anything is awaited: while the modules load, a later call may be ready before an earlier one.
  const turn = (turns += 1);
  const data = JSON.parse(new TextDecoder().decode(component.data));
  const { draw } = await import(new URL(data.module, base).href);
  return draw({ ...component, data }, base, turn);
}
"""

reading.plainly()
# No shadow root: Plotly adds its style rules to the page's head, where they would not reach it, and
# the layers of a figure would lie below each other instead of on top (measured with plotly.js 4.1).
_component = st.components.v2.component("layerscope.stage", js=_LOADER, isolate_styles=False)


def stage(
    data: Mapping[str, Any],
    *,
    key: str,
    on_event: Callable[[Event], object],
    on_message: Callable[[], object] = lambda: None,
    long: Mapping[str, int] = NONE_LONG,
    folder: Path | None = None,
) -> None:
    """Draw `data` and report what the hand does.

    Args:
        data: the parts to draw; `sequence`, `plotly` and `module` are filled in here.
        key: names this stage within the page; the browser keeps its nodes between runs.
        on_event: called once for each event, in order; also for those that arrived together.
        on_message: called before that for each message of the browser, also for one that holds no new event:
            the browser sends again what was answered late.
        long: how many characters the text of an event may have, by its key; others are cut at `limits.EVENT_TEXT`.
        folder: the app's static folder; `static/` beside the main script unless given.
    """
    answered = f"{key}.answered"

    def report() -> None:
        on_message()
        payload = (st.session_state.get(key) or {}).get("event")
        for event in _new_events(payload, _answered(answered), long):
            # First the note, then the work: an event that fails must not be tried again.
            st.session_state[answered] = event["sequence"]
            on_event(event)
        # Nor must one that is none: the browser sends again what was not answered.
        st.session_state[answered] = max(_answered(answered), _sequence(payload))

    assets = publish(folder or _static_folder())
    filled = {
        "plotly": assets.plotly,
        **data,
        "module": assets.module,
        "sequence": _answered(answered),
    }
    # Streamlit writes a mapping twice, with Python's own encoder: a tenth of what a server does for a class.
    _component(key=key, data=write(filled), on_event_change=report)


def _answered(name: str) -> int:
    answered = st.session_state.get(name, 0)
    return answered if isinstance(answered, int) else 0


def _new_events(payload: object, answered: int, long: Mapping[str, int] = NONE_LONG) -> list[Event]:
    """Read what the browser sent: the newest event, and earlier commits not yet answered.

    Streamlit may fold two waiting reruns into one and keep the newer event only; the earlier
    commits travel along so that none is lost, and are told apart by their sequence. Of too many
    the newest count.
    """
    if not isinstance(payload, Mapping):
        return []
    earlier = payload.get("earlier")
    newest = earlier[-limits.EARLIER.most :] if isinstance(earlier, list) else []
    events: list[Event] = []
    for event in filter(None, (_event(raw, long) for raw in [*newest, payload])):
        if event["sequence"] > (events[-1]["sequence"] if events else answered):
            events.append(event)
    return events


def _sequence(payload: object) -> int:
    match payload:
        case {"sequence": int(sequence)}:
            return sequence
    return 0


def _event(raw: object, long: Mapping[str, int]) -> Event | None:
    match raw:
        case {
            "key": str(key),
            "value": str() | bool() | int() | float() | None as value,
            "phase": ("input" | "commit") as phase,
            "sequence": int(sequence),
        } if len(key) <= limits.EVENT_KEY.most and is_whole(key):
            if isinstance(value, str):
                value = value[: long.get(key, limits.EVENT_TEXT.most)]
                if not is_whole(value):
                    return None
            elif isinstance(value, int) and abs(value) >= 10**limits.EVENT_TEXT.most:
                return None
            return Event(key=key, value=value, phase=phase, sequence=sequence)
    return None


def _static_folder() -> Path:
    context = get_script_run_ctx()
    return Path(context.main_script_path).parent / "static" if context else Path("static")
