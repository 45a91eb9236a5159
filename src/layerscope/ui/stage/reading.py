"""A component's value as Streamlit shows it, without a new class for each look at it.

Streamlit 1.67 makes a class each time, so that the value can be written to, and looks ten times with each event. Nobody
here writes to it, and classes end only with a full collection: they were four fifths of the garbage, and a fifth of
what 300 open pages hold.
"""

from collections.abc import Callable
from typing import Any

from streamlit.components.v2.bidi_component import main

Shown = Callable[[Any, Any], Any]


def plainly() -> None:
    """From now on, for every component of this process."""
    if hasattr(main, "make_bidi_component_presenter"):
        main.make_bidi_component_presenter = present


def present(events: str, *_: object) -> Shown:
    """What makes of a component's value, and of the session's state, what is shown: the value and the run's events.

    `events` is the name under which Streamlit collects them. Where this fails, Streamlit shows the value itself.
    """

    def shown(value: Any, state: Any) -> Any:
        sent = state._new_widget_state.get(events)
        if not isinstance(value, dict):
            return value
        came = [sent] if isinstance(sent, dict) else sent or ()
        return {one["event"]: one.get("value") for one in came if isinstance(one, dict) and "event" in one} | value

    return shown
