"""Which visitor a socket beside Streamlit's belongs to: each session gets a ticket that nobody can guess.

The tickets stand in this module and in no cache of Streamlit's, which any visitor can have emptied.
"""

import secrets
from collections import OrderedDict
from threading import Lock

from streamlit import runtime

from layerscope import limits

_sessions: OrderedDict[str, str] = OrderedDict()  # Streamlit's session by ticket, the one used last at the end
_lock = Lock()


def renewed(ticket: str, session: str) -> str:
    """The session's ticket, or a new one where it has none or its own was forgotten. Call it at each run."""
    with _lock:
        if _sessions.get(ticket) != session:
            ticket = secrets.token_urlsafe(16)
            _sessions[ticket] = session
        _sessions.move_to_end(ticket)
        while len(_sessions) > limits.TICKETS.most:
            _sessions.popitem(last=False)
    return ticket


def is_living(ticket: str) -> bool:
    """Whether the ticket's session is connected now."""
    session = _sessions.get(ticket)
    return session is not None and runtime.exists() and runtime.get_instance().is_active_session(session)
