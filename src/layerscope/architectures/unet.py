"""U-Net (Ronneberger et al. 2015), with padding, so that the size stays, and batch normalization."""

from layerscope.architectures.composing import CONCAT, NORM, RELU, Block, chained, conv, forked, network, pool
from layerscope.layers.activation import Sigmoid
from layerscope.layers.transposed import ConvTranspose2d
from layerscope.network import Network

WIDTH = 32
DEPTH = 4


def unet() -> Network:
    """From an image in color to a mask of the same size: how likely each pixel belongs to what is looked for."""
    rows = chained(_level(1), {"conv": conv(1, 1), "sigmoid": Sigmoid(name="")})
    return network((3, 256, 256), rows, None)


def _level(level: int) -> Block:
    """Down, all that is deeper, up again, and what was here before beside it; the deepest is the bottleneck."""
    width = WIDTH * 2 ** (level - 1)
    if level > DEPTH:
        return chained({"bottleneck": _double(width)})
    up = ConvTranspose2d(name="", out_channels=width, kernel_size=2, stride=2)
    deeper = chained({f"pool{level}": pool(2)}, _level(level + 1), {f"upconv{level}": up})
    return chained(
        {f"encoder{level}": _double(width)},
        forked((deeper, ()), f"cat{level}", CONCAT),
        {f"decoder{level}": _double(width)},
    )


def _double(width: int) -> Block:
    rows = {"conv1": conv(width, 3, bias=False), "norm1": NORM, "relu1": RELU}
    return chained(rows | {"conv2": conv(width, 3, bias=False), "norm2": NORM, "relu2": RELU})
