"""Telling the input shape: from the docstring, from an example, from the layers; and asking where nothing tells it."""

import pytest

from layerscope.layers.base import Shape
from layerscope.source.reader import SourceError, mismatches, read, read_all
from layerscope.tracing import trace
from tests.source.test_reader_ways import net

CONV = "self.conv = nn.Conv2d({channels}, 4, 3)\nself.fc = nn.Linear({features}, 5)"
FORWARD = "return self.fc(F.max_pool2d(self.conv(x), 2).flatten(1))"


def small(features: int | str, channels: int = 3) -> str:
    return net(CONV.format(channels=channels, features=features), FORWARD)


@pytest.mark.parametrize("size", [28, 32, 64, 96, 128, 224, 227, 256, 299, 5, 40, 100, 333, 511])
def test_from_the_layers(size: int) -> None:
    reading = read_all(small(4 * ((size - 2) // 2) ** 2))
    assert reading.shape_told == "layers"
    assert reading.network is not None
    shape = reading.network.input_shape
    assert shape[1] == shape[2]
    assert (shape[1] - 2) // 2 == (size - 2) // 2
    assert size not in (28, 32, 64, 96, 128, 224, 256) or shape == (3, size, size)


def test_in_one_and_three_dimensions() -> None:
    source = net(
        "self.conv = nn.Conv1d(2, 4, 3)\nself.fc = nn.Linear(4 * 998, 5)", "return self.fc(self.conv(x).flatten(1))"
    )
    assert read(source).input_shape == (2, 1000)
    source = net(
        "self.conv = nn.Conv3d(2, 4, 3)\nself.fc = nn.Linear(4 * 6**3, 5)", "return self.fc(self.conv(x).flatten(1))"
    )
    assert read(source).input_shape == (2, 8, 8, 8)


def test_where_no_size_fits() -> None:
    reading = read_all(small(1001))
    assert reading.network is not None
    assert reading.network.input_shape == (3, 32, 32)  # 900 values, the nearest
    assert reading.doubt.startswith("No square input gives the 1,001 in line 13. Shown here: 32×32;")
    assert [layer.type for layer in reading.layers] == ["Conv2d", "MaxPool2d", "Flatten", "Linear"]
    assert mismatches(reading, trace(reading.network))
    assert read(small(1001), (3, 40, 32)).input_shape == (3, 40, 32)


@pytest.mark.parametrize(
    ("init", "forward", "shape", "words"),
    [
        ("self.a = nn.Conv2d(3, 4, 3)", "return self.a(x)", (3, 224, 224), "No layer says how large the input is"),
        ("self.a = nn.Conv2d(3, 4, 255)", "return self.a(x)", (3, 256, 256), "No layer says how large the input is"),
        ("self.a = nn.ConvTranspose2d(100, 4, 3)", "return self.a(x)", (100, 1, 1), "No layer says"),
        ("self.a = nn.Conv1d(2, 4, 3)", "return self.a(x)", (2, 224), "No layer says how large the input is"),
        ("self.a = nn.LazyConv2d(4, 3)", "return self.a(x)", (1, 224, 224),
         "The code does not say how many channels a gets."),
        ("self.a = nn.LazyLinear(4)", "return self.a(x.flatten(1))", (1, 28, 28),
         "The network starts with a flatten, and no in_features says how many values it gives."),
        ("self.a = nn.ReLU()", "return self.a(x)", (1, 28, 28), "No layer says its input size."),
        ("self.a = nn.LSTM(8, 4, batch_first=True)", "return self.a(x)[0]", (16, 8),
         "a accepts sequences of any length"),
    ],
)  # fmt: skip
def test_where_nothing_tells_it_one_that_would_do_is_shown(init: str, forward: str, shape: Shape, words: str) -> None:
    reading = read_all(net(init, forward))
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.network.input_shape == shape
    assert reading.shape_told == "guess"
    assert reading.doubt.startswith(words)
    assert trace(reading.network).error is None


def test_where_nothing_would_do_it_is_asked_for() -> None:
    refusal = read_all(net("self.a = nn.Linear(10**12, 4)", "return self.a(x)")).refusal
    assert str(refusal) == (
        "The code does not say the input shape. The sizes in the code are too large for an input. "
        "Type one, for example (784,)."
    )


@pytest.mark.parametrize(
    ("example", "shape"),
    [
        ("x = torch.randn(8, 3, 40, 50)", (3, 40, 50)),
        ("x = torch.rand((8, 3, 40, 50))", (3, 40, 50)),
        ("y = Net()(torch.zeros(batch_size, 3, 40, 50))", (3, 40, 50)),
        ("B = 4\nx = torch.ones(size=(B, 3, 40, 50)).to(device)", (3, 40, 50)),
        ("summary(Net(), (3, 40, 50))", (3, 40, 50)),
        ("summary(Net(), input_size=(1, 3, 40, 50))", (3, 40, 50)),
        ("summary(Net(), input_size=(3, 40, 50), device='cpu')", (3, 40, 50)),
        ("def test():\n    x = torch.randn(2, 3, 40, 50)\n    print(Net()(x).shape)", (3, 40, 50)),
        ("if __name__ == '__main__':\n    x = torch.randn(2, 3, 40, 50)", (3, 40, 50)),
        ("labels = torch.randint(0, 10, (4,))\nx = torch.randn(2, 3, 40, 50)", (3, 40, 50)),
        ("noise = torch.randn(2, 1, 9, 9)\nx = torch.randn(2, 3, 40, 50)", (3, 40, 50)),
        ("labels = torch.zeros(10, 5)", (3, 28, 28)),
    ],
)
def test_from_an_example(example: str, shape: Shape) -> None:
    assert read(f"{small(4 * 13 * 13)}\n{example}").input_shape == shape


def test_from_the_docstring() -> None:
    source = small(4 * 13 * 13)
    documented = source.replace(
        "class Net(nn.Module):", 'class Net(nn.Module):\n    """Input (3, 40, 50), 7 classes."""'
    )
    reading = read_all(f"{documented}\nx = torch.randn(1, 3, 9, 9)")
    assert reading.shape_told == "docstring"
    assert reading.network is not None
    assert (reading.network.input_shape, reading.network.classes) == ((3, 40, 50), 7)
    assert read(documented, (3, 28, 28)).input_shape == (3, 28, 28)
    assert read(documented.replace(", 7 classes", "")).classes is None
    assert read(f'"""A net.\n\nInput (3, 40, 50)."""\n{source}').input_shape == (3, 40, 50)


def test_classes_are_the_width_of_the_head() -> None:
    assert read(small(4 * 13 * 13)).classes == 5
    assert read(net("self.a = nn.Linear(4, 3)\nself.b = nn.ReLU()", "return self.b(self.a(x))")).classes == 3
    assert read(net("self.a = nn.Conv2d(1, 3, 3)", "return self.a(x)"), (1, 8, 8)).classes is None


def test_given_against_what_is_written() -> None:
    assert read(small(4 * 13 * 13), (1, 28, 28)).input_shape == (1, 28, 28)
    with pytest.raises(SourceError, match="An input size is 0; from 1 to 65,536 would work"):
        read(small(676), (0, 28, 28))


def test_where_the_code_reshapes_its_input() -> None:
    source = net("self.conv = nn.Conv2d(1, 4, 3)", "x = x.view(-1, 1, 28, 28)\nreturn self.conv(x)")
    assert read_all(source).shape_told == "code"
    assert read(source).names == ("conv",)
    flat = read(source, (784,))
    assert [layer.type for layer in flat.layers] == ["Unflatten", "Conv2d"]
    assert flat.layers[0].chosen == {"dim": 1, "unflattened_size": (1, 28, 28)}
    assert [layer.type for layer in read(source, (4, 14, 14)).layers] == ["Flatten", "Unflatten", "Conv2d"]
