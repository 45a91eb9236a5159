"""Classifiers of texts, whose words arrive as indices into a vocabulary."""

from layerscope.architectures.composing import CONCAT, RELU, Block, Row, chained, dropout, fc, forked, network
from layerscope.layers.adaptive import AdaptiveMaxPool1d
from layerscope.layers.axes import Permute
from layerscope.layers.convolution import Conv1d
from layerscope.layers.embedding import Embedding
from layerscope.layers.recurrent import LSTM
from layerscope.layers.reshape import Flatten
from layerscope.layers.slicing import Select
from layerscope.network import Network

VOCABULARY = 20_000


def textcnn() -> Network:
    """Convolutions over three, four and five words, and the largest answer of each (Kim 2014)."""
    words = Embedding(name="", num_embeddings=VOCABULARY, embedding_dim=300)
    convolutions = [_convolution(n, size) for n, size in enumerate((3, 4, 5))]
    rows = chained(
        {"embedding": words, "permute": Permute(name="", order=(0, 2, 1))},
        forked(convolutions, "cat", CONCAT),
        {"dropout": dropout(0.5), "fc": fc(2)},
    )
    return network((64,), rows, 2, words=VOCABULARY)


def _convolution(number: int, size: int) -> Block:
    convolution = Conv1d(name="", out_channels=100, kernel_size=size)
    largest = {f"pools.{number}": AdaptiveMaxPool1d(name="", output_size=1), f"flattens.{number}": Flatten(name="")}
    return chained({f"convs.{number}": convolution, f"relus.{number}": RELU} | largest)


def lstm_classifier() -> Network:
    """An LSTM reads the words in turn; its state after the last one is classified."""
    words = Embedding(name="", num_embeddings=VOCABULARY, embedding_dim=128)
    lstm = LSTM(name="", hidden_size=256, batch_first=True)
    last = Row(Select(name="", dim=1, index=-1), "select", ("lstm:h_n",))
    rows = chained({"embedding": words, "lstm": lstm}, (last,), {"dropout": dropout(0.5), "fc": fc(2)})
    return network((100,), rows, 2, words=VOCABULARY)
