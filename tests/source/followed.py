"""What a name of a paste stands for once its lines are followed."""

import ast
from typing import Any

from layerscope.source.python.evaluator import Evaluator
from layerscope.source.remarks.remarks import Remarks
from layerscope.source.text.paste import Paste
from layerscope.source.torch.world import TorchWorld


def followed_value(code: str, name: str) -> Any:
    """The value of that name at module level."""
    paste, world = Paste.of(code), TorchWorld()
    tree = ast.parse(code)
    world.nodes = list(ast.walk(tree))
    run = Evaluator(paste, world, Remarks(paste))
    run.module(tree, loops=True)
    return run.globals.names[name]
