"""Publish the stage's files where Streamlit serves them.

Streamlit serves `static/` beside the main script when `server.enableStaticServing` is on. Names carry a hash of the
content. Plotly is published compressed, too; `ui/packed.py` tells the browser what it gets.
"""

import errno
import gzip
import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from layerscope.ui.faults import StartError

MODULES = Path(__file__).parent
ROUTE = "app/static"
PACKED = ".gz"
"""At the end of a compressed copy's name."""

HELPS = {
    errno.ENOSPC: "Free some space on that disk",
    getattr(errno, "EDQUOT", errno.ENOSPC): "Free some space on that disk",
    errno.EROFS: "Start Layerscope once while that disk can be written",
}


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
        StartError: the folder cannot be written, and the files are not there already.
    """
    try:
        return _publish(folder)
    except OSError as error:
        raise StartError(_sentence(folder, error)) from error


def _sentence(folder: Path, error: OSError) -> str:
    """What is wrong with the folder, and what would help."""
    if folder.exists() and not folder.is_dir():
        return f"{folder} must be a folder, but it is a file. Move it away, and start Layerscope again."
    helps = HELPS.get(error.errno or 0, "Give this user the right to write there")
    reason = error.strerror or type(error).__name__
    return f"Cannot write to {folder}, which holds the files for the browser: {reason}. {helps}, then start again."


def _publish(folder: Path) -> Assets:
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted([*MODULES.glob("*.js"), *MODULES.glob("*.css")])
    contents = {source.name: source.read_bytes() for source in sources}
    stage = f"stage-{_digest(*contents.keys(), *contents.values())}"
    _publish_folder(folder / stage, contents)

    plotly = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    name = f"plotly-{_digest(plotly)}.min.js"
    _publish_file(folder / name, plotly)
    if not (folder / f"{name}{PACKED}").exists():
        _publish_file(folder / f"{name}{PACKED}", gzip.compress(plotly, mtime=0))
    return Assets(folder=f"{ROUTE}/{stage}", plotly=f"{ROUTE}/{name}")


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()[:12]


def _publish_file(target: Path, content: bytes) -> None:
    if target.exists():
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        os.replace(name, target)
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise


def _publish_folder(target: Path, contents: dict[str, bytes]) -> None:
    """Rename a complete folder into place, so that no reader meets half of it."""
    if target.exists():
        return
    new = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        new.chmod(0o755)
        for name, content in contents.items():
            (new / name).write_bytes(content)
            (new / name).chmod(0o644)
        new.rename(target)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        if not target.exists():  # otherwise another process was faster; its folder holds the same bytes
            raise
