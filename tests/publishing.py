"""A server on this computer that publishes a set of images: slowly, damaged, or not to the end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

PATIENCE = 20
"""Seconds after which a test that forgot to let the rest go fails."""


class Publisher:
    """Sends the first half of each file at once, and the rest when it is told to."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files, self.asked = dict(files), list[str]()
        self.goes_on, self.dies = Event(), False
        self.address = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.rpartition("/")[2]
        self.asked.append(name)
        raw = self.files[name]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw[: len(raw) // 2])
        handler.wfile.flush()
        self.goes_on.wait(PATIENCE)
        if self.dies:
            handler.close_connection = True
        else:
            handler.wfile.write(raw[len(raw) // 2 :])


@contextmanager
def publisher(files: Mapping[str, bytes]) -> Iterator[Publisher]:
    """A server that publishes these files."""
    made = Publisher(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):  # the other side no longer wants it
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_port}/"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.goes_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
