"""The server's addresses as the guard tells them apart: names without the path that the app is served below."""

import streamlit as st
from starlette.types import Scope

CORE = "_stcore/"
STREAM = "_stcore/stream"
UPLOADS = "_stcore/upload_file/"


def below() -> str:
    """The path that the app is served below, without slashes at its ends; "" where it has the whole host."""
    return str(st.get_option("server.baseUrlPath")).strip("/")


def name(scope: Scope) -> str:
    """What is asked for, such as `code` or `_stcore/health`."""
    return within(str(scope["path"]), below())


def within(path: str, base: str) -> str:
    """What an address names below that path; one that lies elsewhere stays whole."""
    rest = path.removeprefix("/")
    return rest[len(base) :].removeprefix("/") if base and f"{rest}/".startswith(f"{base}/") else rest


def header(scope: Scope, key: bytes) -> str | None:
    """The first header of that name (lower case); None where the request has none."""
    return next((value.decode("latin-1") for found, value in scope["headers"] if found == key), None)


def session_wanted(scope: Scope) -> str:
    """The session that a page comes back for: the third of what it puts in the place of subprotocols."""
    return next(iter(scope.get("subprotocols", [])[2:3]), "")
