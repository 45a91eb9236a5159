"""The server's own addresses, beside Streamlit's."""

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.runtime.scriptrunner import get_script_run_ctx

from layerscope.ui.preview import ADDRESS, LARGEST_REQUEST, PreviewError, answer


async def _preview(request: Request) -> Response:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_REQUEST:
            return JSONResponse({"error": f"The request is longer than {LARGEST_REQUEST:,} bytes."}, 413)
    try:
        asked = json.loads(body)
        return JSONResponse(await run_in_threadpool(answer, asked))
    except (PreviewError, ValueError, RecursionError) as error:
        return JSONResponse({"error": str(error)[:200]}, 400)


ROUTES = [Route(f"/{ADDRESS}", _preview, methods=["POST"])]


def is_page_run() -> bool:
    """Whether the main script runs for a visitor, and not because the server loads it for its addresses."""
    return get_script_run_ctx(suppress_warning=True) is not None
