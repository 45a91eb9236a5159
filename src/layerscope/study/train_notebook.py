"""A training as a Jupyter notebook: the script's sections as cells."""

import json
from typing import Any

from layerscope.study.outcome import Run
from layerscope.study.train_script import introduction, parts

_MAIN = 'if __name__ == "__main__":\n    main()\n'


def notebook(run: Run) -> str:
    """The run as the text of an .ipynb file (nbformat 4.5). The last cell trains."""
    cells = [_cell("markdown", 0, introduction(run))]
    for section in parts(run):
        cells.append(_cell("markdown", len(cells), f"## {section.title}"))
        cells.append(_cell("code", len(cells), section.code.replace(_MAIN, "").strip("\n")))
    cells.append(_cell("code", len(cells), "main()"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    found = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(found, indent=1) + "\n"


def _cell(kind: str, number: int, text: str) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {
        "cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text.splitlines(keepends=True), **code,
    }  # fmt: skip
