"""Publish the stage's files where Streamlit serves them.

Streamlit 1.67 serves `static/` beside the main script when `server.enableStaticServing` is on.
Measured: it sends no `Cache-Control`, never answers 304, and compresses plotly.min.js anew for
every request (about 0.1 s of the event loop each). Hence:

- names carry a hash of the content, and the files look old: without `Cache-Control` a browser
  may keep a file for a tenth of its age, so it asks only once;
- Plotly is published compressed, as `.gz`, which Streamlit passes on untouched; the browser
  unpacks it itself.
"""

import gzip
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

MODULES = Path(__file__).parent
ROUTE = "app/static"
LONG_AGO = 946_684_800  # 1 January 2000


@dataclass(frozen=True)
class Assets:
    """Addresses of the published files, relative to the app's base URL."""

    folder: str
    plotly: str

    @property
    def module(self) -> str:
        return f"{self.folder}/stage.js"


@lru_cache
def publish(folder: Path) -> Assets:
    """Put the stage's modules and Plotly into `folder`, unless they are there already.

    Args:
        folder: the app's static folder; it is made when missing.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted([*MODULES.glob("*.js"), *MODULES.glob("*.css")])
    contents = {source.name: source.read_bytes() for source in sources}
    stage = f"stage-{_digest(*contents.keys(), *contents.values())}"
    _publish_folder(folder / stage, contents)

    plotly = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    name = f"plotly-{_digest(plotly)}.min.js"
    _publish_file(folder / name, plotly)
    if not (folder / f"{name}.gz").exists():
        _publish_file(folder / f"{name}.gz", gzip.compress(plotly, mtime=LONG_AGO))
    return Assets(folder=f"{ROUTE}/{stage}", plotly=f"{ROUTE}/{name}.gz")


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()[:12]


def _publish_file(target: Path, content: bytes) -> None:
    if target.exists():
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    _make_public(Path(name))
    os.replace(name, target)


def _publish_folder(target: Path, contents: dict[str, bytes]) -> None:
    """Rename a complete folder into place, so that no reader meets half of it."""
    if target.exists():
        return
    new = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    new.chmod(0o755)
    for name, content in contents.items():
        (new / name).write_bytes(content)
        _make_public(new / name)
    try:
        new.rename(target)
    except OSError:
        # Another process was faster; its folder holds the same bytes.
        shutil.rmtree(new)
        if not target.exists():
            raise


def _make_public(path: Path) -> None:
    path.chmod(0o644)
    os.utime(path, (LONG_AGO, LONG_AGO))
