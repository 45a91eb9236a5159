"""Stacks of Transformer layers, each as one row.

torch's stacks take a finished layer and copy it. The rows here take that layer's arguments instead, and their modules
build each layer anew: names, shapes and counts are the same, only the copies' equal first weights are not.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from torch import nn

from layerscope.layers.base import Shape
from layerscope.layers.transformer import AnyTransformer, Decoding, heads
from layerscope.parameter import MOST_REPEATS, Kind, chosen

NORM = "A LayerNorm after the last layer: 2·d_model more parameters."


class _Stack(nn.Module):
    """One of torch's stacks, from the arguments of its layers."""

    part: ClassVar[type[nn.Module]]
    fixed: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        d_model: int,
        nhead: int,
        num_layers: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        norm: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        where = {"device": device, "dtype": dtype}
        super().__init__(
            nn.Identity(),
            num_layers,
            norm=nn.LayerNorm(d_model, layer_norm_eps, bias=bias, **where) if norm else None,
            **self.fixed,
        )
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        self.layers = nn.ModuleList(self.part(*layer, **where) for _ in range(num_layers))


class _TransformerEncoder(_Stack, nn.TransformerEncoder):
    part = nn.TransformerEncoderLayer
    fixed: ClassVar[dict[str, Any]] = {"enable_nested_tensor": False}  # it serves masks of padding, which no row has


class _TransformerDecoder(_Stack, nn.TransformerDecoder):
    part = nn.TransformerDecoderLayer


class _Transformer(nn.Transformer):
    """torch's encoder and decoder, without copies of a first layer."""

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        inside = (dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        layer = (*inside, True, device, dtype)  # with a last LayerNorm
        encoder = _TransformerEncoder(d_model, nhead, num_encoder_layers, *layer)
        decoder = _TransformerDecoder(d_model, nhead, num_decoder_layers, *layer)
        super().__init__(d_model, nhead, batch_first=batch_first, custom_encoder=encoder, custom_decoder=decoder)


def _repeats(what: str, *default: int) -> Any:
    return chosen(
        *default, help=f"How many {what} there are: parameters = their number · those of one.",
        low=1, high=MOST_REPEATS, comfortable=(1, 12), everyday=True, starter=None if default else 2,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TransformerEncoder(AnyTransformer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html"""

    torch_class: ClassVar[type[nn.Module]] = _TransformerEncoder
    repeats: ClassVar[dict[str, str]] = {"num_layers": "layers"}

    nhead: int = heads()
    num_layers: int = _repeats("encoder layers")
    norm: bool = chosen(False, help=NORM, kind=Kind.SWITCH)

    @property
    def encoders(self) -> int:
        return self.num_layers

    @property
    def norms(self) -> int:
        return int(self.norm)


@dataclass(frozen=True, kw_only=True)
class TransformerDecoder(Decoding):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html"""

    torch_class: ClassVar[type[nn.Module]] = _TransformerDecoder
    repeats: ClassVar[dict[str, str]] = {"num_layers": "layers"}

    nhead: int = heads()
    num_layers: int = _repeats("decoder layers")
    norm: bool = chosen(False, help=NORM, kind=Kind.SWITCH)

    @property
    def decoders(self) -> int:
        return self.num_layers

    @property
    def norms(self) -> int:
        return int(self.norm)


@dataclass(frozen=True, kw_only=True)
class Transformer(AnyTransformer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Transformer.html"""

    torch_class: ClassVar[type[nn.Module]] = _Transformer
    repeats: ClassVar[dict[str, str]] = {
        "num_encoder_layers": "encoder.layers",
        "num_decoder_layers": "decoder.layers",
    }
    takes: ClassVar[tuple[int, int]] = (2, 2)

    nhead: int = heads(8)
    num_encoder_layers: int = _repeats("encoder layers", 6)
    num_decoder_layers: int = _repeats("decoder layers", 6)

    @property
    def encoders(self) -> int:
        return self.num_encoder_layers

    @property
    def decoders(self) -> int:
        return self.num_decoder_layers

    @property
    def norms(self) -> int:
        return 2

    def _target(self, *shapes: Shape) -> Shape:
        return shapes[-1]
