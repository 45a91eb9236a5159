"""The Train page: the open network learns from real images while one watches, pauses, and looks at the result.

The address holds the id of the training that is shown: a reload, "back" and another tab find it again.
"""

from dataclasses import replace

import streamlit as st

from layerscope.network import Network
from layerscope.text import in_streamlit
from layerscope.ui import address, remembered, state, unlinked
from layerscope.ui.lab import head, runner, train_begin, train_data, train_end, train_form, train_live, train_said
from layerscope.ui.lab.runner import Seen
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.train_view import OWN, TRAINING, View, begun_with, read
from layerscope.ui.lab.whose import here

_TOLD = "train.told"
"""At which arrival on this page its address last had words of the page's own."""
_STYLE = """<style>
.stElementContainer.st-key-focus-train { position: absolute; } /* nothing to see */
.train-end { margin: 0; font-size: 1.05rem; }
ul.train-gallery { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; margin: 0; padding: 0; list-style: none; }
.train-gallery li { display: flex; flex-direction: column; gap: 0.2rem; max-width: 9rem; margin: 0; }
.train-gallery img { image-rendering: pixelated; object-fit: contain; }
.train-gallery span { font-size: 0.85rem; overflow-wrap: anywhere; }
:is(.st-key-train-live, .st-key-train-end) .stage .stage-main { height: auto; }
:is(.st-key-train-live, .st-key-train-end) .stage .stage-figure { flex: none; height: var(--height, 250px); }
:is(.st-key-train-live, .st-key-train-end) .stage .stage-figures {
  display: grid; grid-template-columns: minmax(0, 1fr); align-items: start;
}
@media (min-width: 900px) {
  .st-key-train-end .stage .stage-figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .st-key-train-live .stage .stage-figures { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .st-key-train-live .stage .stage-figure:first-child { grid-column: 1 / -1; }
  /* Pictures in one row begin at one height: a note has a line of its own below the title, whether it fits beside or
     not. */
  :is(.st-key-train-end .stage-figure, .st-key-train-live .stage-figure:not(:first-child))
    .stage-bar > .stage-said { flex: 1 1 100%; order: 1; }
}
</style>"""


def draw() -> None:
    """Draw the page."""
    head.begin("train")
    view = _view()
    head.open_network(missing=[unlinked.OWN_IMAGES] if view.data == OWN else [])
    network = state.session().network
    runner.warm()
    st.html(_STYLE)
    seen = runner.look(view.training, here())
    if seen is not None and seen.state != runner.ENDED:
        say(f"{train_said.settings(seen)} {train_said.whose()}", role="")
        _tell_what_differs(network, view, seen)
        train_live.draw(view.training, seen)
        return
    if view.training and seen is None:
        st.warning(in_streamlit(train_said.gone(view.training)))
    run = runner.result(view.training)
    if seen is not None:  # where the run was paused and stopped: on a phone the settings take the whole screen
        _tell_what_differs(network, view, seen)
        train_end.tell(seen, run)
        train_begin.draw_further(view.training, seen)
    train_live.follow(view.training, is_stopped=run is not None and run.stopped)
    data = train_data.chosen(view)
    train_form.draw(view)
    train_begin.tell_problem()
    if data is not None:
        train_begin.draw(network, data, view, seen)
    if seen is None:
        return
    train_live.draw(view.training, seen)
    train_end.draw(seen, run)


def _view() -> View:
    """What the address asks for.

    Where it asks for nothing and the visitor comes from another page, what was there on the last visit, until the
    browser's address says so too; where it names no training, as after "back" to before its start, the one that still
    runs.
    """
    words = train_form.words()
    last = train_form.last()
    if any(words.values()):
        remembered.remember(_TOLD, state.arrivals())
    elif remembered.kept(_TOLD, 0) != state.arrivals():
        words = last.words()
        address.put({name: word for name, word in words.items() if word})
    view = read(words)
    if not view.training and (seen := runner.look(last.training)) and seen.state != runner.ENDED:
        view = replace(view, training=last.training)
        address.put({TRAINING: last.training})
    train_form.note(view)
    return view


def _tell_what_differs(network: Network, view: View, seen: Seen) -> None:
    """Say where what is shown is not of what stands above it."""
    if seen.network != network:
        head.other(seen.network, "This training run is", "train")
    if seen.state == runner.ENDED and begun_with(seen.data.name, seen.plan, view.training) != view:
        say(train_said.settings(seen), role="")
