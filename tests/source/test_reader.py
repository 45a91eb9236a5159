"""Reading: what people really paste, compared with what torch makes of it."""

import threading
from typing import Any

import pytest

from layerscope.layers.base import Shape
from layerscope.network import Network
from layerscope.source.reader import SourceError, read, read_all
from layerscope.tracing import trace
from tests.source.pastes_oracle import PASTES, facts

Row = tuple[Shape, str, int | None, str]
"""Input shape, how it was told, classes, the layers' names."""

EXPECTED: dict[str, Row] = {
    "add_module": ((3, 32, 32), "layers", 5, "conv1 relu1 pool1 flat fc0 act0 fc1 act1 fc2"),
    "autoencoder": ((1, 28, 28), "docstring", None,
                    "conv1 relu1 conv2 relu2 conv3 deconv1 relu3 deconv2 relu4 deconv3 sigmoid1"),
    "bare_sequential": ((1, 28, 28), "example call", 10,
                        "conv1 sigmoid1 pool1 conv2 sigmoid2 pool2 flatten fc1 sigmoid3 fc2 sigmoid4 fc3"),
    "blocks": ((3, 64, 64), "example call", 100,
               "block1_conv block1_bn relu1 block2_conv block2_bn relu2 conv1 bn1 relu3 drop1 pool1 flatten fc"),
    "chained": ((1, 28, 28), "layers", 10, "conv relu1 pool flatten lin softmax1"),
    "cifar_tutorial": ((3, 32, 32), "layers", 10, "conv1 relu1 pool conv2 relu2 pool1 flatten fc1 relu3 fc2 relu4 fc3"),
    "conv1d_audio": ((1, 4000), "example call", 35,
                     "conv1 bn1 relu1 pool1 conv2 bn2 relu2 pool2 pool3 flatten fc1 softmax1"),
    "conv3d": ((3, 8, 16, 16), "example call", 5, "conv1 relu pool1 conv2 relu1 pool2 flatten fc"),
    "conv_bn_relu_helper": ((3, 32, 32), "layers", 10,
                            "conv1 bn1 relu1 conv2 bn2 relu2 conv3 bn3 relu3 conv4 bn4 relu4 conv5 bn5 relu5 pool1 "
                            "flatten fc"),
    "course": ((1, 28, 28), "layers", 10, "conv1 relu1 pool1 conv2 relu2 pool2 flatten fc1 relu3 fc2 relu4 out"),
    "decoder": ((100,), "docstring", None, "fc unflatten deconv1 bn1 relu1 deconv2 tanh1"),
    "deepcopy_partial": ((3, 224, 224), "layers", 2, "stem act conv1 relu1 conv2 relu2 pool1 flatten fc1"),
    "dummy_input": ((1, 50, 50), "example call", 2,
                    "conv1 relu1 pool1 conv2 relu2 pool2 flatten fc1 relu3 fc2 softmax1"),
    "expression": ((784,), "layers", 10, "fc1 relu1 fc2 softmax1"),
    "factory": ((4,), "layers", 3, "fc1 relu1 fc2"),
    "fashion_flatten": ((1, 28, 28), "layers", 10, "flatten fc1 relu1 fc2 relu2 fc3"),
    "features_classifier": ((3, 224, 224), "layers", 1000,
                            "conv1 relu1 pool1 conv2 relu2 pool2 avgpool flatten drop1 fc1 relu3 fc2"),
    "flatten_first": ((3, 32, 32), "layers", 10, "flatten fc1 relu1 fc2"),
    "functional_all": ((3, 224, 224), "layers", 4,
                       "pad1 c1 relu1 pool1 lrn1 c2 elu1 up1 shuffle1 hardswish1 drop1 c3 gelu1 silu1 pool2 flatten l1 "
                       "tanh1 drop2 l2 relu2 sigmoid1 softmax1"),
    "global_pool_size": ((3, 224, 224), "layers", 4, "conv relu1 pool1 flatten fc"),
    "helper_methods": ((1, 224, 224), "layers", 10, "conv1 bn1 relu1 pool1 conv2 bn2 relu2 pool2 flatten fc"),
    "indented": ((6,), "layers", 2, "fc"),
    "inherit": ((1, 224, 224), "layers", 6, "conv1 gn1 prelu1 in1 pool1 flatten fc1"),
    "layernorm": ((32,), "layers", 16, "fc1 norm act fc2 norm2"),
    "lazy": ((3, 30, 30), "example call", 10, "conv bn relu1 flatten fc"),
    "lightning": ((1, 28, 28), "layers", 10, "conv1 relu1 flatten fc1"),
    "logits_probas": ((784,), "layers", None, "linear_1 relu1 linear_out softmax1"),
    "make_layers_function": ((3, 224, 224), "layers", 7,
                             "conv1 bn1 relu1 pool1 conv2 bn2 relu2 pool2 conv3 bn3 relu3 pool3 conv4 bn4 relu4 pool4 "
                             "conv5 bn5 relu5 pool5 avgpool flatten fc1 relu6 drop1 fc2"),
    "markdown": ((6,), "layers", 2, "fc"),
    "mean_mean": ((3, 40, 60), "example call", 4, "conv relu1 pool1 flatten fc"),
    "mlp_loop": ((784,), "layers", 10, "fc1 relu1 drop1 fc2 relu2 drop2 fc3"),
    "mnist_example": ((1, 28, 28), "layers", 10,
                      "conv1 relu1 conv2 relu2 pool1 dropout1 flatten fc1 relu3 dropout2 fc2 softmax1"),
    "module_dict": ((3, 32, 32), "layers", 2, "conv lrelu pool flatten fc"),
    "module_list": ((20,), "layers", 3, "fc1 bn1 leaky1 fc2 bn2 leaky2 head"),
    "no_super": ((4,), "layers", 3, "fc1"),
    "num_flat_features": ((1, 32, 32), "layers", 10,
                          "conv1 relu1 pool1 conv2 relu2 pool2 flatten fc1 relu3 fc2 relu4 fc3"),
    "old_mnist": ((1, 28, 28), "layers", 10,
                  "conv1 pool1 relu1 conv2 conv2_drop pool2 relu2 flatten fc1 relu3 drop1 fc2 softmax1"),
    "ordered_dict": ((1, 224, 224), "layers", 4, "conv1 relu1 conv2 relu2 gap flatten head"),
    "ordered_dict_in_class": ((1, 32, 32), "layers", 10, "c1 t1 s2 c3 t3 s4 flatten f6 tanh6 f7 soft"),
    "positional_full": ((1, 28, 28), "layers", 10, "conv pool up pad id flatten fc"),
    "prompts": ((6,), "example call", 2, "fc"),
    "reshape_class": ((1, 28, 28), "code", 10, "conv1 relu1 pool1 flatten fc1"),
    "sequential_subclass": ((3, 16, 16), "layers", 10, "conv1 bn1 relu1 pool1 conv2 bn2 relu2 flatten fc1"),
    "setattr": ((12,), "layers", 3, "fc1 tanh1 fc2 tanh2 fc3 tanh3 out"),
    "sizes_unpacked": ((3, 32, 32), "layers", 7, "conv relu1 pool1 flatten fc"),
    "squeeze_end": ((8,), "layers", 1, "l1 relu1 drop l2"),
    "training_script": ((784,), "layers", 10, "l1 relu l2"),
    "two_classes": ((13,), "layers", 1, "a relu1 b"),
    "two_returns": ((1, 28, 28), "comment", None, "conv1 relu1 pool1 conv2 relu2 pool2 flatten out"),
    "vgg_cfg": ((3, 32, 32), "example call", 10,
                "conv1 bn1 relu1 pool1 conv2 bn2 relu2 pool2 conv3 bn3 relu3 conv4 bn4 relu4 pool3 pool4 flatten "
                "classifier"),
}  # fmt: skip

NOT_RUN = {"indented", "markdown", "no_super", "prompts"}
"""Pastes that Python cannot run as they are; what is in them is run in other tests."""
DIFFERENT: dict[str, tuple[Shape | None, int]] = {"squeeze_end": ((), 0), "module_dict": (None, 1)}
"""Declared differences: an output shape that a last squeeze makes, weights that forward never uses."""


def test_every_paste_is_expected() -> None:
    assert set(PASTES) == set(EXPECTED)
    assert len(PASTES) >= 40


@pytest.mark.parametrize("name", PASTES)
def test_a_paste_is_read(name: str) -> None:
    reading = read_all(PASTES[name])
    assert reading.refusal is None
    assert reading.network is not None
    shape, told, classes, names = EXPECTED[name]
    assert reading.network.input_shape == shape
    assert reading.shape_told == told
    assert reading.network.classes == classes
    assert " ".join(reading.network.names) == names
    assert trace(reading.network).error is None
    assert reading.network == read(PASTES[name])


@pytest.mark.parametrize("name", sorted(set(PASTES) - NOT_RUN))
def test_torch_agrees(name: str) -> None:
    reading = read_all(PASTES[name])
    assert reading.network is not None
    result = trace(reading.network)
    output, parameters = facts(PASTES[name], reading.class_name, reading.network.input_shape)
    other_output, unused = DIFFERENT.get(name, (None, 0))
    assert output == (result.output_shape if other_output is None else other_output)
    assert parameters == result.parameters + unused


def test_every_argument_is_kept() -> None:
    network = read(PASTES["functional_all"], (3, 16, 16))
    chosen = {layer.name: layer.chosen for layer in network.layers}
    assert chosen["elu1"]["alpha"] == 0.5
    assert chosen["up1"] == {"size": None, "scale_factor": 2, "mode": "bilinear", "align_corners": False}
    assert chosen["drop1"]["p"] == 0.1
    assert chosen["pad1"]["padding"] == (1, 1, 1, 1)
    assert chosen["softmax1"]["dim"] == -1
    assert read(PASTES["positional_full"])["conv"].chosen["bias"] is False
    assert read(PASTES["positional_full"])["pool"].chosen["ceil_mode"] is True
    assert read(PASTES["blocks"])["relu1"].chosen["inplace"] is True


def test_places_in_the_code() -> None:
    source = PASTES["cifar_tutorial"]
    rows = source.split("\n")
    spans = read_all(source).spans
    constructed, called = spans["conv1"]
    assert rows[constructed.line - 1][constructed.column - 1 : constructed.end_column - 1] == "nn.Conv2d(3, 6, 5)"
    assert rows[called.line - 1][called.column - 1 : called.end_column - 1] == "self.conv1(x)"
    (function,) = spans["relu1"]
    assert rows[function.line - 1][function.column - 1 : function.end_column - 1] == "F.relu(self.conv1(x))"


@pytest.mark.parametrize("name", ["prompts", "markdown", "indented"])
def test_places_count_in_what_was_pasted(name: str) -> None:
    source = PASTES[name]
    rows = source.split("\n")
    constructed, called = read_all(source).spans["fc"]
    assert rows[constructed.line - 1][constructed.column - 1 : constructed.end_column - 1] == "nn.Linear(6, 2)"
    assert rows[called.line - 1][called.column - 1 : called.end_column - 1] == "self.fc(x)"


def test_places_behind_letters_of_several_bytes() -> None:
    source = 'import torch.nn as nn\nnet = nn.Sequential(nn.Dropout(len("ÄÖÜ𝟙") / 8), nn.Linear(2, 3))'
    written = read_all(source).written[0]
    assert (written.text, written.span.line, written.span.column) == ("2", 2, source.split("\n")[1].index("2, 3") + 1)


def test_what_was_written() -> None:
    rows = read_all(PASTES["cifar_tutorial"]).written
    assert [(row.layer, row.parameter, row.text, row.value) for row in rows] == [
        ("conv1", "in_channels", "3", 3),
        ("conv2", "in_channels", "6", 6),
        ("fc1", "in_features", "16 * 5 * 5", 400),
        ("fc2", "in_features", "120", 120),
        ("fc3", "in_features", "84", 84),
    ]


def test_several_classes() -> None:
    reading = read_all(PASTES["two_classes"])
    assert reading.class_names == ("First", "Second")
    assert reading.class_name == "Second"
    assert read(PASTES["two_classes"], class_name="First").input_shape == (4,)
    assert read_all(PASTES["blocks"]).class_names == ("ConvBlock", "Net")
    block = read_all(PASTES["blocks"], (3, 8, 8), "ConvBlock")
    assert block.refusal is not None
    assert block.refusal.reason.startswith("out_channels of ConvBlock.__init__ has no value here;")
    with pytest.raises(SourceError, match=r"The code has no class of that name; it has First, Second\."):
        read(PASTES["two_classes"], class_name="Third")


def test_a_class_that_is_a_chain_is_preferred() -> None:
    residual = "class R(nn.Module):\n    def forward(self, x):\n        return x + x\n"
    assert read_all(PASTES["two_classes"] + residual).class_name == "Second"


@pytest.mark.parametrize(
    ("name", "line", "beginning"),
    [
        (
            "no_super",
            1,
            "Network.__init__ never calls super().__init__(): PyTorch raises AttributeError: cannot assign",
        ),
        ("indented", None, "import torch.nn as nn is missing; we assumed it."),
        ("lightning", None, "Not shown, because forward never uses it: loss."),
        ("old_mnist", 13, "x.view(-1, 320) is shown as a flatten."),
        ("squeeze_end", 13, "x.squeeze() at the end is not shown"),
        ("helper_methods", None, "nn.functional.adaptive_avg_pool2d(x, 1) accepts any size. Shown here: 224×224;"),
    ],
)
def test_notes(name: str, line: int | None, beginning: str) -> None:
    notes = read_all(PASTES[name]).notes
    assert [note.line for note in notes if note.sentence.startswith(beginning)] == [line]


def test_unused_layers_are_noted() -> None:
    source = PASTES["cifar_tutorial"].replace("x = self.fc3(x)", "pass")
    sentence = "Layers that forward never uses: fc3; PyTorch still counts their 850 parameters."
    assert sentence in [note.sentence for note in read_all(source).notes]


def test_nothing_is_executed(tmp_path: Any) -> None:
    trap = tmp_path / "trap"
    source = f"open({str(trap)!r}, 'w').write('x')\n__import__('os').system('touch {trap}')\n" + PASTES["mlp_loop"]
    assert read(source).input_shape == (784,)
    assert not trap.exists()


def test_a_network_without_forward_is_read_in_order() -> None:
    source = PASTES["training_script"]
    start, end = source.index("    def forward"), source.index("model = ")
    reading = read_all(source[:start] + source[end:])
    assert reading.network is not None
    assert reading.network.names == ("l1", "relu", "l2")
    assert [flaw.title for flaw in reading.flaws] == ["FeedForward has no forward"]


def test_the_stack_size_of_other_threads_stays() -> None:
    before = threading.stack_size()
    read(PASTES["vgg_cfg"])
    assert threading.stack_size() == before


def test_on_a_thread_with_a_small_stack() -> None:
    results: list[Network] = []
    before = threading.stack_size(128 * 1024)
    try:
        thread = threading.Thread(target=lambda: results.append(read(PASTES["vgg_cfg"])))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert results == [read(PASTES["vgg_cfg"])]


MAKER = """
class Net(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.a = nn.Linear(4, 4)
        for width in widths:
            setattr(self, f"fc{width}", nn.Linear(4, width))
    def forward(self, x):
        return self.fc3(self.a(x))
"""


def test_a_class_that_only_a_function_constructs() -> None:
    assert read(f"{MAKER}\ndef small():\n    return Net([3, 5])\n").names == ("a", "fc3")
    assert read(f"{MAKER}\ndef main():\n    net = Net(widths=(3,))\n").names == ("a", "fc3")
    refusal = read_all(MAKER).refusal
    assert refusal is not None
    assert (refusal.line, refusal.column) == (3, 24)
    assert refusal.reason.startswith("widths of Net.__init__ has no value here;")


def test_an_attribute_that_is_set_twice() -> None:
    source = MAKER.replace(
        "self.a = nn.Linear(4, 4)", "self.a = nn.Linear(4, 4)\n        old, self.a = self.a, nn.ReLU()"
    )
    source = source.replace("self.a(x)", "self.a(self.b(x))").replace("nn.ReLU()", "nn.ReLU()\n        self.b = old")
    assert read(f"{source}\nnet = Net([3])").names == ("b", "a", "fc3")
