"""The guard in front of Streamlit: what one visitor sends must not harm the others. Each concern has its file here."""

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from layerscope.ui.guard.connections import watch
from layerscope.ui.guard.doors import OpenDoors
from layerscope.ui.guard.headers import SafeHeaders, frames_of_operator, scripts_of_streamlit
from layerscope.ui.guard.hosts import OwnHosts, with_own
from layerscope.ui.guard.memory import give_back_large_pieces
from layerscope.ui.guard.messages import KnownMessages
from layerscope.ui.guard.uploads import BoundedUploads
from layerscope.ui.guard.visits import BoundedVisits


def guard() -> list[Middleware]:
    """The middleware, the outermost first, and a watch over the process's connections."""
    give_back_large_pieces()
    watch()
    allowed = with_own(list(st.get_option("server.allowedHosts")))
    config.set_option("server.allowedHosts", allowed)  # Streamlit looks at the Host of its own web socket again
    return [
        Middleware(SafeHeaders, frames=frames_of_operator(), scripts=scripts_of_streamlit()),
        Middleware(OwnHosts, allowed=allowed),
        Middleware(OpenDoors),
        Middleware(BoundedVisits),
        Middleware(KnownMessages),
        Middleware(BoundedUploads),
    ]
