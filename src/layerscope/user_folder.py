"""Where files of ours lie that outlive the process: trials, fetched sets of images, the first page."""

import os
from pathlib import Path


def user_folder(variable: str) -> Path:
    """The folder that this word of the environment names, else that of the app in the user's cache."""
    if named := os.environ.get(variable, ""):
        return Path(named)
    from platformdirs import user_cache_path  # here, as it is asked where nothing is named

    return user_cache_path("layerscope", appauthor=False)
