"""The server's addresses as the guard tells them apart: names without the path that the app is served below."""

import streamlit as st
from starlette.types import Scope

from layerscope.ui.server import ADDRESS as LANE

CORE = "_stcore/"
STREAM = "_stcore/stream"
UPLOADS = "_stcore/upload_file/"
SOCKETS = (STREAM, LANE)


def name(scope: Scope) -> str:
    """What is asked for, such as `code` or `_stcore/health`."""
    path = str(scope["path"]).removeprefix("/")
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return path.removeprefix(f"{base}/") if base else path


def header(scope: Scope, key: bytes) -> str | None:
    """The first header of that name (lower case); None where the request has none."""
    return next((value.decode("latin-1") for found, value in scope["headers"] if found == key), None)
