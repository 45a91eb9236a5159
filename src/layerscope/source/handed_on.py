"""What one network of a paste gives to another: netD(netG(noise)) is an example call for both."""

from layerscope.source import walking
from layerscope.source.assembly import assembled
from layerscope.source.followed import Code
from layerscope.source.input_list import Given
from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.torch.known_classes import is_module_class
from layerscope.source.torch.modules import Module
from layerscope.source.torch.showing import Shown
from layerscope.source.torch.world import TorchWorld

MOST_IN_A_ROW = 4
"""Networks that are called on each other's results."""
NOT_TOLD: Given = ()


def look(code: Code, run: Evaluator, world: TorchWorld, network: object, left: int = MOST_IN_A_ROW) -> None:
    """Find how large the results of other networks are on which a network is called."""
    for shown in list(world.showing.shown):
        result = shown.passed
        if shown.network is not network or result is None or result.of is None or result.of.network is network:
            continue
        shape = _output(code, run, world, result.of, left) if left else None
        if shape is not None:
            world.showing.hands(shown, shape)
            return


def _output(code: Code, run: Evaluator, world: TorchWorld, shown: Shown, left: int) -> tuple[int, ...] | None:
    """The shape of the batch that a network gives, with the batch; None where that is not certain."""
    network = shown.network
    if not isinstance(network, Module) and not (isinstance(network, UserClass) and is_module_class(network)):
        return None
    look(code, run, world, network, left - 1)
    name = network.name if isinstance(network, UserClass) else None
    before = dict(run.remarks.notes)
    reading, followed = assembled(code, run, world, (name, network, network.node), (), NOT_TOLD)
    run.remarks.notes = before
    known = reading.shape_told == "example call" and reading.refusal is None and reading.network is not None
    if (
        not known
        or followed.misfits
        or not reading.batch
        or len(followed.entries) != 1
        or followed.entries[0].axis
        or followed.outputs
    ):
        return None
    output = walking.run(followed.layers, followed.entries[0].given.shape)
    return None if output is None else (reading.batch, *output)
