"""A small app for tests: it tells its settings, and has a page that stops the event loop."""

import time

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from streamlit import config

from layerscope.ui import log
from layerscope.ui.watch import Health, Standstill

BLOCK_SECONDS = 6.2


async def settings(request):
    return JSONResponse({name: option.value for name, option in config.get_config_options().items()})


async def block(request):
    time.sleep(BLOCK_SECONDS)
    return PlainTextResponse("done")


log.bound()
app = st.App(
    __file__,
    routes=[Route("/settings", settings), Route("/block", block)],
    middleware=[Middleware(Health, standstill=Standstill(since=lambda: 0.0))],
)
