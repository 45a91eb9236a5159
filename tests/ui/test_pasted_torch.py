"""Pastes that torch refuses: the page quotes torch's very words, and what it corrects runs."""

import contextlib
import io
from typing import Any

import pytest

from layerscope.ui import correcting, understanding
from layerscope.ui.pasted import Pasted
from tests.ui.test_pasted import shown

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"


def net(init: str, forward: str, call: str = "out = Net()(torch.randn(4, 1, 28, 28))") -> str:
    """A class with these statements, and what is called."""
    rows = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    rows += [f"        {line}" for line in init.split("; ")]
    rows += ["    def forward(self, x):", *(f"        {line}" for line in forward.split("; ")), call, ""]
    return HEAD + "\n".join(rows)


def words_of_torch(source: str) -> str:
    """What torch says of the code; "" where it runs."""
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, "paste", "exec"), names)
    except (RuntimeError, ValueError, TypeError, AttributeError, NotImplementedError, NameError, IndexError) as error:
        return str(error)
    return ""


def told(source: str) -> dict[str, Any]:
    message: dict[str, Any] = shown(Pasted(text=source))["message"]
    return message


def corrected(source: str) -> str:
    """The code after the first correction that is offered."""
    here = Pasted(text=source)
    action = next(action for action in told(source)["actions"] if action["key"].startswith("correct:"))
    correcting.correct(here, action["key"].partition(":")[2])
    return here.text


CONV = "self.conv = nn.Conv2d(1, 8, 3); self.fc = nn.Linear(5408, 10)"
FAILING = [
    (net("self.conv = nn.Conv2d(1, 8, 3); self.fc = nn.Linear(5000, 10)", "x = self.conv(x).view(-1, 5000); "
         "return self.fc(x)"), "The view before fc does not fit"),
    (net("self.conv = nn.Conv2d(1, 8, 3); self.fc = nn.Linear(5000, 10)", "x = self.conv(x); "
         "x = x.view(x.size(0), 5000); return self.fc(x)"), "The view before fc does not fit"),
    (net("self.fc1 = nn.Linear(784, 128); self.fc2 = nn.Linear(128, 10)", "x = F.relu(self.fc1(x)); "
         "return self.fc2(x)"), "fc1 does not fit"),
    (HEAD + "net = nn.Sequential(\n    nn.Conv2d(1, 8, 3),\n    nn.ReLU(),\n    nn.Linear(8*26*26, 10),\n)\n"
     "net(torch.randn(32, 1, 28, 28))\n", "The Linear in line 8 does not fit"),
    (net(CONV, "return self.fc(torch.flatten(self.conv(x), 1))", "Net()(torch.randn(1, 28, 28))"),
     "The example has no batch axis"),
    (net(CONV, "x = self.conv(x); return self.fc(x.view(64, -1))"), "x.view(64, -1) fits only one batch size"),
    (net(CONV, "x = torch.flatten(self.conv(x)); return self.fc(x)"), "flatten merges the images of the batch"),
    (net(CONV, "x = self.conv(x).flatten(); return self.fc(x)"), "flatten merges the images of the batch"),
    (net("self.conv = nn.Conv2d(3, 8, 3); self.fc = nn.Linear(7200, 10)", "return self.fc(self.conv(x).flatten(1))",
         "Net()(torch.randn(2, 32, 32, 3))"), "The channels come last"),
    (net("self.conv = nn.Conv2d(3, 8, 3); self.fc = nn.Linear(5408, 10)", "return self.fc(self.conv(x).flatten(1))"),
     "conv does not fit"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "title"), FAILING, ids=[f"{n} {row[1]}" for n, row in enumerate(FAILING)])
def test_what_torch_refuses(source: str, title: str) -> None:
    words = words_of_torch(source)
    assert words
    message = told(source)
    assert (message["tone"], message["title"], message["quote"]) == ("error", title, words)
    right = corrected(source)
    assert words_of_torch(right) == ""
    assert told(right)["tone"] == "calm"


@pytest.mark.parametrize(
    ("width", "words"),
    [(576, "splits each image into 4 rows of 576"), (400, "splits the 25 images of the batch into 144 rows of 400")],
)
def test_a_view_that_torch_runs_and_that_mixes_the_images(width: int, words: str) -> None:
    init = f"self.conv = nn.Conv2d(1, 16, 5); self.fc = nn.Linear({width}, 10)"
    forward = f"x = F.max_pool2d(self.conv(x), 2); x = x.view(-1, {width}); return self.fc(x)"
    source = net(init, forward, "Net()(torch.randn(25, 1, 28, 28))")
    assert words_of_torch(source) == ""
    message = told(source)
    assert message["title"] == "The view before fc mixes the images"
    assert message["quote"] is None
    assert words in message["text"]
    assert "torch.flatten(x, 1) keeps the images separate" in message["text"]
    assert told(corrected(source))["tone"] == "calm"


def test_an_example_counts_only_for_the_class_that_is_called_on_it() -> None:
    two = net("self.fc = nn.Linear(100, 784)", "return self.fc(x)", "").replace("Net", "Generator")
    two += net("self.conv = nn.Conv2d(3, 4, 3)", "return self.conv(x)", "").replace("Net", "Critic")
    calls = "G, D = Generator(), Critic()\nnoise = torch.randn(5, 100, 1, 1)\n"
    source = f"{two}{calls}print(D(G(noise)))\n"
    seen = understanding.understood(Pasted(text=source, class_name="Critic"))
    assert seen is not None
    assert seen.reading is not None
    assert seen.reading.shape_told == "guess"
    assert seen.wrong == ()
    seen = understanding.understood(Pasted(text=f"{source}D(torch.randn(2, 3, 9, 9))\n", class_name="Critic"))
    assert seen is not None
    assert seen.network is not None
    assert seen.network.input_shape == (3, 9, 9)
    seen = understanding.understood(Pasted(text=source, class_name="Generator"))
    assert seen is not None
    assert seen.network is not None
    assert seen.network.input_shape == (100, 1, 1)
    assert words_of_torch(source)


MLP = net("self.fc1 = nn.Linear(784, 64); self.fc2 = nn.Linear(64, 10)", "x = torch.flatten(x, 1); "
          "x = F.relu(self.fc1(x)); return self.fc2(x)")  # fmt: skip
SUPER = "super().__init__()"
FORWARD = MLP[MLP.index("    def forward") : MLP.index("out = ")]
SLIPS = [
    (MLP.replace(f"        {SUPER}\n", ""), "Net does not call super().__init__()"),
    (MLP.replace(SUPER, "super(Net).__init__()"), "Net does not call super().__init__()"),
    (MLP.replace(f"        {SUPER}\n", "        '''Layers.'''\n"), "Net does not call super().__init__()"),
    (MLP.replace(FORWARD, ""), "Net has no forward"),
    (MLP.replace("def __init__", "def _init_"), "__init__ of Net is misspelled"),
    (MLP.replace("x = torch.flatten(x, 1)", "torch.flatten(x, 1)"), "The result of torch.flatten(x, 1) is lost"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "title"), SLIPS, ids=[f"{n} {row[1]}" for n, row in enumerate(SLIPS)])
def test_slips_that_torch_refuses(source: str, title: str) -> None:
    words = words_of_torch(source)
    assert words
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", title)
    assert message["quote"] in (words, None)
    if message["actions"][0]["key"] != "open":
        right = corrected(source)
        assert words_of_torch(right) == ""
        assert told(right)["tone"] == "calm"


def test_a_super_call_that_comes_too_late() -> None:
    source = MLP.replace(f"        {SUPER}\n", "").replace("64, 10)\n", f"64, 10)\n        {SUPER}\n")
    message = told(source)
    assert message["title"] == "super().__init__() of Net comes too late"
    assert message["quote"] == words_of_torch(source)
    right = corrected(source)
    assert right.count(SUPER) == 1
    assert right.index(SUPER) < right.index("nn.Linear")
    assert words_of_torch(right) == ""
    assert told(right)["tone"] == "calm"


def test_a_call_that_fails_after_one_that_fits() -> None:
    fitting = net(
        "self.conv = nn.Conv2d(1, 6, 5); self.fc = nn.Linear(6 * 24 * 24, 10)",
        "x = torch.flatten(self.conv(x), 1); return self.fc(x)",
    )  # fmt: skip
    assert told(fitting)["tone"] == "calm"
    for shape, layer in (("4, 3, 28, 28", "conv"), ("4, 1, 32, 32", "fc"), ("4, 1, 3, 3", "conv")):
        source = f"{fitting}\nnet2 = Net()\nnet2(torch.randn({shape}))\n"
        message = told(source)
        assert message["title"] == f"Not every call fits: {shape[3:].replace(', ', '×')} does not"
        assert f" {layer} gets " in message["text"]
        assert message["quote"] == words_of_torch(source)
    twice = f"{fitting}\nnet2 = Net()\nnet2(torch.randn(64, 1, 28, 28))\n"
    assert told(twice)["tone"] == "calm"


def test_a_missing_forward_is_said_before_the_size_is_asked() -> None:
    source = net("self.conv = nn.Conv2d(1, 6, 5); self.fc = nn.Linear(5, 10)", "pass", "")
    source = source[: source.index("    def forward")]
    message = told(source)
    assert message["title"] == "Net has no forward"
    assert "The code does not say the input shape" in message["text"]


def test_what_torch_runs_and_hardly_anybody_means() -> None:
    no_return = MLP.replace("return self.fc2(x)", "x = self.fc2(x)")
    in_a_list = MLP.replace("self.fc1 = nn.Linear(784, 64)", "self.ls = [nn.Linear(784, 64)]")
    in_a_list = in_a_list.replace("self.fc1(x)", "self.ls[0](x)")
    for source, title in (
        (no_return, "forward returns nothing"),
        (in_a_list, "PyTorch does not see the layers in self.ls"),
    ):
        assert words_of_torch(source) == ""
        assert (told(source)["tone"], told(source)["title"]) == ("warning", title)
        names: dict[str, Any] = {}
        exec(corrected(source), names)
        assert names["out"].shape == (4, 10)
        assert sum(weight.numel() for weight in names["Net"]().parameters()) == 50_890
        assert told(corrected(source))["tone"] == "calm"
    wrapped = MLP.replace("return self.fc2(x)", "return self.seq(x)")
    wrapped = wrapped.replace("self.fc2 = nn.Linear(64, 10)", "self.ls = [nn.Linear(64, 10)]")
    assert told(wrapped.replace("nn.Linear(64, 10)]", "nn.Linear(64, 10)]; self.seq = nn.Sequential(*self.ls)"))[
        "tone"
    ] == ("calm")


def test_a_result_that_is_changed_in_place_need_not_be_kept() -> None:
    source = MLP.replace("x = F.relu(self.fc1(x))", "x = self.fc1(x)\n        F.relu(x, inplace=True)")
    assert words_of_torch(source) == ""
    assert told(source)["tone"] == "calm"
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert seen.network is not None
    assert seen.network.names == ("flatten", "fc1", "relu1", "fc2")


@pytest.mark.parametrize(
    "unused", ["nn.Linear(64, 64)", "nn.Conv2d(3, 8, 5, groups=1)", "nn.BatchNorm2d(7)", "nn.ReLU()",
               "nn.ConvTranspose2d(4, 6, 3, bias=False)"],
)  # fmt: skip
def test_layers_that_forward_never_uses_are_counted_as_torch_counts_them(unused: str) -> None:
    source = MLP.replace("self.fc2 = ", f"self.idle = {unused}; self.fc2 = ")
    names: dict[str, Any] = {}
    exec(source, names)
    count = sum(weight.numel() for weight in names["Net"]().parameters())
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert seen.trace is not None
    more = count - seen.trace.parameters
    told_count = f"; PyTorch still counts their {more:,} parameters" if more else ""
    assert f"Layers that forward never uses: idle{told_count}." in told(source)["text"]
    broken = MLP.replace("self.fc2 = ", "self.idle = nn.Conv2d(3, 8, 5, groups=0); self.fc2 = ")
    assert "never uses: idle." in told(broken)["text"]


def test_a_class_without_its_base() -> None:
    source = MLP.replace("class Net(nn.Module):", "class Net:")
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", "Net does not inherit from nn.Module")
    assert message["quote"] == words_of_torch(source)
    assert corrected(source) == MLP


def test_a_single_layer_is_a_network() -> None:
    seen = understanding.understood(Pasted(text="nn.Conv2d(3, 16, kernel_size=3)", shape="3 64 64"))
    assert seen is not None
    assert seen.trace is not None
    assert seen.trace.output_shape == (16, 62, 62)


def test_a_typed_shape_with_the_batch_axis() -> None:
    here = Pasted(text="nn.Conv2d(3, 16, kernel_size=3)", shape="(1, 3, 32, 32)")
    message = shown(here)["message"]
    assert "Leave out the batch axis: 3, 32, 32 would work." in message["text"]
    seen = understanding.understood(here)
    assert seen is not None
    assert seen.asks_shape


INSIDE = MLP[MLP.index("        self.fc1") : MLP.index("out = ")]
REFUSALS = [
    (INSIDE, "This is the body of a class"),
    (INSIDE[8:], "This is the body of a class"),
    ("import torch\n# class Net(nn.Module):\n#     pass\n", "Lines that start with # are comments"),
    ("# net = nn.Sequential(\n#     nn.ReLU(),\n# )\n", "Lines that start with # are comments"),
    ("from tensorflow import keras\nmodel = keras.Sequential([])\n", "This code uses Keras, not PyTorch."),
    ("import torchvision.models as models\nmodel = models.swin_t()\nmodel.head = nn.Linear(768, 10)\n",
     "swin_t of torchvision is not in this code"),
    ("net = nn.Sequential(nn.Linear(7, 8)，nn.ReLU())\n",
     "There is a full-width comma ， here, which Python does not accept; use a plain ,."),
    ("net = nn.Sequential（nn.ReLU())\n", "There is a full-width left parenthesis （"),
    ("net = nn.Sequential(nn.Linear(7, 8)、nn.ReLU())\n", "There is an ideographic comma 、"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "words"), REFUSALS)
def test_what_is_no_network_is_told_by_name(source: str, words: str) -> None:
    assert words in told(source)["text"]


def test_a_first_line_copied_with_its_blanks() -> None:
    source = f"    {MLP}"
    assert told(source)["tone"] == "calm"
    broken = source.replace("nn.Linear(64, 10)", "nn.Linear(63, 10)")
    assert corrected(broken) == source


GREY = "self.c = nn.Conv2d(1, 8, 3); self.fc = nn.Linear(8*26*26, 3)"
ROWS = "self.c = nn.Conv1d(1, 8, 3); self.fc = nn.Linear(8*98, 3)"
POOLED = "self.c = nn.Conv2d(1, 8, 3); self.fc = nn.Linear(8*12*12, 3)"
NORMED = "self.n = nn.BatchNorm2d(1); self.c = nn.Conv2d(1, 8, 3); self.fc = nn.Linear(8*26*26, 3)"
PLAIN = "return self.fc(self.c(x).flatten(1))"


@pytest.mark.parametrize(
    ("init", "forward", "call", "shape"),
    [
        (GREY, PLAIN, "Net()(torch.randn(64,28,28))", (1, 28, 28)),
        (GREY, PLAIN, "x = torch.rand((64, 28, 28))\nnet = Net()\nnet(x)", (1, 28, 28)),
        (GREY, PLAIN, "s = (5, 28, 28)\nNet()(torch.zeros(s))", (1, 28, 28)),
        (GREY, PLAIN, "Net()(torch.zeros(size=[28, 28, 28]))", (1, 28, 28)),
        (ROWS, PLAIN, "Net()(torch.randn(16, 100))", (1, 100)),
        (POOLED, "x = F.max_pool2d(x, 2); return self.fc(self.c(x).flatten(1))", "Net()(torch.ones(8, 28, 28))",
         (1, 28, 28)),
        (NORMED, "return self.fc(self.c(self.n(x)).flatten(1))", "Net()(torch.ones(8, 28, 28))", (1, 28, 28)),
    ],
)  # fmt: skip
def test_a_batch_without_the_channel_axis(init: str, forward: str, call: str, shape: tuple[int, ...]) -> None:
    source = net(init, forward, call)
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", "The example has no channel axis")
    assert message["quote"] == words_of_torch(source) != ""
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert seen.network is not None
    assert seen.network.input_shape == shape
    right = corrected(source)
    assert words_of_torch(right) == ""
    assert told(right)["tone"] == "calm"
    seen = understanding.understood(Pasted(text=right))
    assert seen is not None
    assert seen.reading is not None
    assert (seen.reading.shape_told, seen.network is not None) == ("example call", True)


def test_a_call_without_the_channel_axis_behind_one_that_has_it() -> None:
    source = net(GREY, PLAIN, "net = Net()\nnet(torch.randn(4, 1, 28, 28))\nnet(torch.randn(64, 28, 28))")
    assert told(source)["quote"] == words_of_torch(source) != ""
    assert words_of_torch(corrected(source)) == ""


def test_one_grey_image_without_a_batch_is_no_batch_without_channels() -> None:
    source = net(GREY, PLAIN, "Net()(torch.randn(1, 28, 28))")
    assert told(source)["title"] == "The example has no batch axis"
    added = net(GREY, PLAIN, "Net()(torch.randn(28, 28).unsqueeze(0).unsqueeze(dim=-3))")
    assert words_of_torch(added) == ""
    assert told(added)["tone"] == "calm"


@pytest.mark.parametrize("name", ["foward", "forwad", "forword", "_forward", "fowrard", "Forward", "forwards"])
def test_a_misspelled_forward(name: str) -> None:
    source = MLP.replace("def forward(", f"def {name}(")
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", "forward of Net is misspelled")
    assert message["quote"] == words_of_torch(source) != ""
    assert corrected(source) == MLP


def test_a_misspelled_forward_of_a_block() -> None:
    block = net("self.fc = nn.Linear(784, 64)", "return self.fc(x)", "").replace("Net", "Block")
    source = block.replace("def forward(", "def forwrad(") + MLP.replace("nn.Linear(784, 64)", "Block()")
    message = told(source)
    assert message["title"] == "forward of Block is misspelled"
    assert message["quote"] == words_of_torch(source) != ""
    assert words_of_torch(corrected(source)) == ""
    assert told(corrected(source))["tone"] == "calm"


def test_a_helper_is_no_misspelled_forward() -> None:
    for helper in ("backward", "forward_features", "reward"):
        source = MLP.replace("def forward(", f"def {helper}(")
        assert told(source)["title"] == "Net has no forward"
        assert told(source)["quote"] == words_of_torch(source)
    source = MLP.replace("def forward(", "def _forward(")
    source = source.replace("out = ", "    def __call__(self, x):\n        return self._forward(x)\nout = ")
    assert words_of_torch(source) == ""
    assert told(source)["tone"] == "calm"


@pytest.mark.parametrize(
    ("layers", "word"),
    [
        ("nn.Linear(784, 64), nn.ReLU, nn.Linear(64, 10)", "nn.ReLU"),
        ("*[nn.Linear(784, 64), nn.ReLU, nn.Linear(64, 9), nn.ReLU]", "nn.ReLU"),
        ("nn.Flatten, nn.Linear(784, 64)", "nn.Flatten"),
        ("nn.Linear(784, 64), nn.Sigmoid, nn.Dropout(), nn.Tanh", "nn.Sigmoid"),
    ],
)
def test_a_class_in_a_sequential(layers: str, word: str) -> None:
    source = f"{HEAD}net = nn.Sequential({layers})\nnet(torch.randn(4, 784))\n"
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", f"{word} is a class here; call it: {word}()")
    assert message["quote"] == words_of_torch(source) != ""
    assert f"write {word}()." in message["text"]
    assert "(...)(x)" not in message["text"]
    right = corrected(source)
    assert words_of_torch(right) == ""
    assert told(right)["tone"] == "calm"


def test_a_class_that_needs_arguments_in_a_sequential() -> None:
    source = f"{HEAD}net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d, nn.ReLU())\nnet(torch.randn(4, 1, 9, 9))\n"
    message = told(source)
    assert message["quote"] == words_of_torch(source)
    assert "write nn.MaxPool2d(kernel_size=...)." in message["text"]
    assert all(not action["key"].startswith("correct") for action in message["actions"])


def test_a_view_whose_number_fits_is_no_fault() -> None:
    init = "self.conv = nn.Conv2d(1, 8, 3); self.fc = nn.Linear(5408, 10)"
    source = net(init, "x = self.conv(x); x = x.view(-1, 5408); return self.fc(x)")
    assert words_of_torch(source) == ""
    message = told(source)
    assert (message["tone"], message["text"]) == ("calm", "Line 12: x.view(-1, 5408) is shown as a flatten.")


UNPADDED = (
    "self.c1 = nn.Conv2d(3, 32, 3); self.c2 = nn.Conv2d(32, 64, 3); self.fc = nn.Linear(64 * 8 * 8, 10)",
    "x = F.max_pool2d(self.c1(x), 2); x = F.max_pool2d(self.c2(x), 2); return self.fc(x.flatten(1))",
)


def test_a_size_that_is_only_worked_out_is_told_as_that() -> None:
    source = net(*UNPADDED, "")
    message = told(source)
    assert message["tone"] == "unsure"
    assert message["title"] == "Your code does not say the input size"
    assert message["text"].startswith(
        "38×38 would fit the 64 * 8 * 8 in line 10, like every size from 38 to 41; what do you use? Net runs on "
        "3×38×38: "
    )
    labels = ["38×38 RGB", "28×28 RGB", "32×32 RGB", "224×224 RGB", "Open in Explore"]
    assert [action["label"] for action in message["actions"]] == labels
    runs = [n for n in range(30, 50) if not words_of_torch(f"{source}Net()(torch.randn(2, 3, {n}, {n}))\n")]
    assert runs == [38, 39, 40, 41]
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert seen.asks_shape
    data = shown(Pasted(text=source, shape="3, 32, 32"))
    assert data["message"]["title"] == "fc does not fit"
    assert data["message"]["quote"].startswith("mat1 and mat2")
    assert "worked out" not in data["message"]["text"]


def test_a_usual_size_is_not_doubted() -> None:
    source = net("self.c = nn.Conv2d(1, 8, 3); self.fc = nn.Linear(8 * 13 * 13, 9)",
                 "return self.fc(F.max_pool2d(self.c(x), 2).flatten(1))", "")  # fmt: skip
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert told(source)["tone"] == "calm"
    note = shown(Pasted(text=source))["figures"][0]["note"]
    assert note == "input 1×28×28, from the 8 * 13 * 13 in line 9 (sizes from 28 to 29 fit)"


@pytest.mark.parametrize(
    ("init", "forward", "words"),
    [
        ("", "x = x.mean([2, 3])", "x.mean([2, 3])"),
        ("", "x = F.adaptive_avg_pool2d(x, 1).flatten(1)", "F.adaptive_avg_pool2d(x, 1)"),
        ("; self.pool = nn.AdaptiveAvgPool2d(1)", "x = self.pool(x).flatten(1)", "pool"),
        ("; self.tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())", "x = self.tail(x)",
         "nn.AdaptiveAvgPool2d(1)"),
    ],
)  # fmt: skip
def test_a_network_that_takes_any_size(init: str, forward: str, words: str) -> None:
    source = net(f"self.c = nn.Conv2d(3, 8, 3); self.fc = nn.Linear(8, 5){init}",
                 f"x = self.c(x); {forward}; return self.fc(x)", "")  # fmt: skip
    for size in (40, 224):
        assert words_of_torch(f"{source}Net()(torch.randn(2, 3, {size}, {size}))\n") == ""
    text = told(source)["text"]
    assert text.startswith(f"{words} accepts any size. Shown here: 224×224; what do you use?")
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert seen.asks_shape


@pytest.mark.parametrize("end", ["nn.Conv2d(64, 1, 4)", "nn.AdaptiveAvgPool2d(1)"])
def test_of_two_classes_the_one_whose_input_is_known_is_shown(end: str) -> None:
    make = "self.main = nn.Sequential(nn.ConvTranspose2d(100, 64, 4), nn.ReLU(True), nn.ConvTranspose2d(64, 3, 4, 2))"
    judge = f"self.main = nn.Sequential(nn.Conv2d(3, 64, 4, 2, 1), nn.LeakyReLU(0.2), {end})"
    source = net(make, "return self.main(x)", "").replace("Net", "Generator")
    source += net(judge, "return self.main(x)", "").replace("Net", "Discriminator")
    source += "netG, netD = Generator(), Discriminator()\nnoise = torch.randn(16, 100, 1, 1)\n"
    source += "fake = netG(noise)\n"
    assert words_of_torch(source) == ""
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert seen.network is not None
    assert seen.reading is not None
    assert (seen.reading.class_name, seen.network.input_shape) == ("Generator", (100, 1, 1))
    assert told(source)["tone"] == "calm"
    named = understanding.understood(Pasted(text=source, class_name="Discriminator"))
    assert named is not None
    assert named.asks_shape
    both = understanding.understood(Pasted(text=f"{source}netD(fake)\n"))  # which is an example for both
    assert words_of_torch(f"{source}netD(fake)\n") == ""
    assert both is not None
    assert both.network is not None
    assert both.reading is not None
    assert (both.reading.class_name, both.network.input_shape) == ("Discriminator", (3, 10, 10))
    assert not both.asks_shape
    without = source[: source.index("netG, netD")]
    last = understanding.understood(Pasted(text=without))
    assert last is not None
    assert last.reading is not None
    assert last.reading.class_name == "Discriminator"


def test_the_channel_axis_is_put_in_as_the_code_is_written() -> None:
    for call, right in (("64,28,28", "64,1,28,28"), ("64, 28, 28", "64, 1, 28, 28")):
        source = net(GREY, PLAIN, f"Net()(torch.randn({call}))")
        assert corrected(source) == net(GREY, PLAIN, f"Net()(torch.randn({right}))")


@pytest.mark.parametrize("length", [8000, 16000, 65_536])
def test_raw_audio_and_its_wide_kernels_are_no_errors(length: int) -> None:
    source = net("self.conv = nn.Conv1d(1, 8, 80, 16)", "return self.conv(x)", f"Net()(torch.randn(2, 1, {length}))")
    assert words_of_torch(source) == ""
    assert told(source)["tone"] == "calm"
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert seen.network is not None
    assert seen.network.input_shape == (1, length)


def test_a_bound_of_our_own_is_told_as_one() -> None:
    source = net("self.conv = nn.Conv1d(1, 8, 1200)", "return self.conv(x)", "Net()(torch.randn(2, 1, 8000))")
    assert words_of_torch(source) == ""
    assert "kernel_size is 1200; the limit is 1,024." in told(source)["text"]


def test_an_example_beyond_our_own_bounds_is_told_and_not_dropped_without_a_word() -> None:
    init = "self.conv = nn.Conv1d(1, 8, 80, 16); self.pool = nn.AdaptiveAvgPool1d(1)"
    source = net(init, "return self.pool(self.conv(x))", "Net()(torch.randn(2, 1, 70_000))")
    assert words_of_torch(source) == ""
    message = told(source)
    assert (message["tone"], message["title"]) == ("warning", "The example is too large for Layerscope")
    assert "torch.randn(2, 1, 70_000) has a size of 70000; Layerscope allows at most 65,536" in message["text"]
    assert message["text"].startswith("Line 12: ")
    wide = net("self.fc = nn.Linear(70_000, 4)", "return self.fc(x)", "Net()(torch.randn(2, 70_000))")
    assert "has a size of 70000; Layerscope" in told(wide)["text"]
    unrelated = net("self.fc = nn.Linear(7, 4)", "return self.fc(x)", "y = torch.randn(2, 70_000)")
    assert told(unrelated)["tone"] == "calm"


LINEAR = net("self.fc = nn.Linear(3, 10)", "return self.fc(x)", "Net()(torch.randn(2, 3))")
NAMED = LINEAR.replace("super()", "super(Other, self)")
REFUSED = [
    (NAMED, "super(Other, self) names another class"),
    (NAMED.replace("class Net", "class Other(nn.Module):\n    pass\n\nclass Net"),
     "super(Other, self) names another class"),
    (LINEAR.replace("Net()(torch.randn(2, 3))", "out = Net(torch.ones(1, 3))"),
     "Net.__init__ gets too many arguments"),
    (LINEAR.replace("Net()(torch.randn(2, 3))", "x = torch.ones(1, 3)\nout = Net(x)"),
     "Net.__init__ gets too many arguments"),
    (net("d = 28; self.fc = nn.Linear(4*(d/2)*(d/2), 10)", "return self.fc(x.flatten(1))"),
     "in_features is not a whole number"),
    (net("self.conv = nn.Conv2d(2/2, 10, 3)", "return self.conv(x)"), "in_channels is not a whole number"),
    (net("self.norm = nn.BatchNorm2d(1.0)", "return self.norm(x)"), "num_features is not a whole number"),
    (net("d = 784 / 1; self.fc = nn.Linear(d, 10)", "return self.fc(x.flatten(1))"),
     "in_features is not a whole number"),
    (net("self.conv = nn.Conv2d(1, 8, 3, kernel_size=5)", "return self.conv(x)"), "kernel_size is given twice"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "title"), REFUSED, ids=[f"{n} {row[1]}" for n, row in enumerate(REFUSED)])
def test_what_python_or_torch_refuses_while_the_layers_are_made(source: str, title: str) -> None:
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", title)
    assert message["quote"] == words_of_torch(source) != ""
    right = corrected(source)
    assert words_of_torch(right) == ""
    assert told(right)["tone"] == "calm"


def test_super_with_the_name_of_a_class_that_the_object_is_of() -> None:
    own = LINEAR.replace("super()", "super(Net, self)")
    above = LINEAR.replace("class Net(nn.Module)", "class Base(nn.Module):\n    pass\n\nclass Net(Base)")
    for source in (own, above.replace("super()", "super(Base, self)")):
        assert words_of_torch(source) == ""
        assert told(source)["tone"] == "calm"


def test_a_class_that_takes_what_it_is_given_and_one_that_does_not() -> None:
    sized = LINEAR.replace("__init__(self)", "__init__(self, inputs, outputs=4)").replace(
        "(3, 10)", "(inputs, outputs)"
    )
    fitting = sized.replace("Net()(", "Net(3, 10)(")
    assert words_of_torch(fitting) == ""
    assert told(fitting)["tone"] == "calm"
    more = sized.replace("Net()(", "Net(3, 10, 5)(")
    assert told(more)["quote"] == words_of_torch(more) != ""
    forward = LINEAR.replace("(self, x)", "(self)")
    assert words_of_torch(forward)
    assert told(forward)["quote"] == words_of_torch(forward)


TWO = net("self.fc = nn.Linear(3, 5); self.out = nn.Linear(5, 4)", "return self.out(self.fc(x))", "net = Net()")


@pytest.mark.parametrize("change", ["net.out = nn.Linear(3, 7)", "net.out = nn.Sequential(nn.ReLU(), nn.Linear(3, 7))"])
def test_a_layer_that_is_set_after_the_network_was_made(change: str) -> None:
    source = f"{TWO}{change}\nout = net(torch.randn(2, 3))\n"
    words = words_of_torch(source)
    assert words
    assert (told(source)["tone"], told(source)["quote"]) == ("error", words)
    right = corrected(source)
    assert words_of_torch(right) == ""
    assert told(right)["tone"] == "calm"
    assert "in_features" not in right
    assert change.replace("3, 7", "5, 7") in right


def test_a_change_of_one_of_two_networks_is_not_taken_for_both() -> None:
    source = f"{TWO}other = Net()\nother.out = nn.Linear(5, 7)\nout = net(torch.randn(2, 3))\n"
    assert words_of_torch(source) == ""
    seen = understanding.understood(Pasted(text=source))
    assert seen is not None
    assert seen.trace is not None
    assert seen.trace.output_shape == (4,)


ROWS = "[[0, 0], [0, 1], [1, 0], [1, 1]]"


def with_rows(width: int, rows: str) -> str:
    """A Linear of that width, called on rows of numbers."""
    return net(f"self.fc = nn.Linear({width}, 4)", "return self.fc(x)", f"X = {rows}\nmodel = Net()\nout = model(X)")


@pytest.mark.parametrize("rows", [f"torch.tensor({ROWS}, dtype=torch.float32)", f"torch.Tensor({ROWS})",
                                  "torch.tensor([[0., 0], [0, 1], [1, 0], [1, 1]])",
                                  f"torch.tensor({ROWS}).float()"])  # fmt: skip
def test_numbers_written_out_are_an_example(rows: str) -> None:
    assert words_of_torch(with_rows(2, rows)) == ""
    assert told(with_rows(2, rows))["tone"] == "calm"
    wrong = with_rows(3, rows)
    assert told(wrong)["quote"] == words_of_torch(wrong) == "mat1 and mat2 shapes cannot be multiplied (4x2 and 3x4)"
    assert told(corrected(wrong))["tone"] == "calm"


def test_whole_numbers_written_out_are_no_input_of_a_linear() -> None:
    source = with_rows(2, f"torch.tensor({ROWS})")
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", "The example has only whole numbers")
    assert message["quote"] == words_of_torch(source) != ""
    right = corrected(source)
    assert words_of_torch(right) == ""
    assert told(right)["tone"] == "calm"
    later = source.replace("model(X)", "model(X.float())")
    assert words_of_torch(later) == ""
    assert told(later)["tone"] == "calm"


def test_labels_written_out_are_no_example() -> None:
    source = with_rows(2, f"torch.tensor({ROWS}, dtype=torch.float32)\ny = torch.tensor([[0], [1], [1], [0]])")
    assert words_of_torch(source) == ""
    assert told(source)["tone"] == "calm"


BY_PLACE = [
    "return torch.bmm(adj, self.a(x))",
    "return self.a(torch.bmm(adj, x))",
    "return self.b(torch.relu(torch.matmul(adj, self.a(x))))",
    "return self.b(torch.relu(self.a(x)).sum(dim=1)) + adj.sum(dim=(1, 2))[:, None]",
    "return torch.logsumexp(self.a(x), dim=-2) + adj.amax(dim=(1, 2))[:, None]",
]


@pytest.mark.parametrize("forward", BY_PLACE)
def test_a_linear_for_each_node_is_meant(forward: str) -> None:
    init = "self.a = nn.Linear(9, 4); self.b = nn.Linear(4, 2)"
    init = init if "self.b" in forward else init.partition(";")[0]
    source = net(init, forward, "out = Net()(torch.rand(3, 7, 9), torch.rand(3, 7, 7))")
    source = source.replace("(self, x)", "(self, x, adj)")
    assert words_of_torch(source) == ""
    message = told(source)
    assert message["tone"] == "calm"
    assert "Flatten" not in message["title"] + message["text"]


@pytest.mark.parametrize("is_shown", [False, True])
def test_rows_that_are_not_shown_are_not_told_of(is_shown: bool) -> None:
    init = "self.look = nn.Embedding(9, 4); self.body = nn.TransformerEncoderLayer(4, 2, batch_first=True)"
    forward = "away = x == 0; h = self.body(self.look(x), src_key_padding_mask=away); "
    forward += "return h * torch.cummax(x, 1)[0].unsqueeze(-1)" if is_shown else "return h"
    source = net(init, forward, "out = Net()(torch.randint(1, 9, (3, 7)))")
    assert words_of_torch(source) == ""
    message = told(source)
    assert "x == 0" not in message["text"]
    assert ("cummax" in message["text"]) == is_shown
    assert ("only the sizes" in message["text"]) == is_shown
    assert message["title"].startswith("Net runs")


def test_a_mean_over_the_last_axis_makes_no_linear_meant() -> None:
    source = net("self.conv = nn.Conv2d(1, 6, 5); self.fc = nn.Linear(24, 10)", "return self.fc(self.conv(x)).mean(-1)")
    assert words_of_torch(source) == ""
    assert told(source)["title"] == "fc: PyTorch accepts this, but look"


def test_a_linear_on_the_last_axis_is_no_bare_success() -> None:
    source = net("self.conv = nn.Conv2d(1, 6, 5); self.fc = nn.Linear(24, 10)", "return self.fc(self.conv(x))")
    assert words_of_torch(source) == ""
    assert (told(source)["tone"], told(source)["title"]) == ("warning", "fc: PyTorch accepts this, but look")
    (label,) = (action["label"] for action in told(source)["actions"] if action["key"].startswith("correct:"))
    assert label == "Line 11: flatten before fc; line 9: write 3456"
    flat = corrected(source)
    assert "fc(torch.flatten(self.conv(x), 1))" in flat
    names: dict[str, Any] = {}
    exec(flat, names)
    assert names["out"].shape == (4, 10)
    assert told(flat)["tone"] == "calm"


def test_the_flatten_that_is_put_in_mends_what_comes_behind_it_too() -> None:
    init = "self.conv = nn.Conv2d(1, 6, 5); self.a = nn.Linear(24, 10); self.b = nn.Linear(6 * 24 * 10, 5)"
    source = net(init, "x = self.a(self.conv(x)); return self.b(x.flatten(1))")
    flat = corrected(source)
    names: dict[str, Any] = {}
    exec(flat, names)
    assert names["out"].shape == (4, 5)
    assert told(flat)["tone"] == "calm"


MAPS = "self.c1 = nn.Conv2d(1, 8, 3); self.c2 = nn.Conv2d(8, 10, 3)"


@pytest.mark.parametrize("loss", ["nn.CrossEntropyLoss()", "F.cross_entropy", "F.nll_loss"])
def test_a_loss_of_classes_on_an_output_that_is_a_map(loss: str) -> None:
    end = "F.log_softmax(self.c2(self.c1(x)), 1)" if "nll" in loss else "self.c2(self.c1(x))"
    source = net(MAPS, f"return {end}", f"loss = {loss}\nout = Net()(torch.randn(4, 1, 28, 28))\n")
    of_images = words_of_torch(source + "loss(out, torch.randint(0, 10, (4,)))\n")
    of_places = words_of_torch(source + "loss(out, torch.randint(0, 10, (4, 24, 24)))\n")
    assert of_images
    assert not of_places
    assert "labels of shape (batch, 24, 24), one class per position" in told(source)["text"]
    assert "labels" not in told(source.replace(loss, "nn.MSELoss()"))["text"]
    rows = net("self.fc = nn.Linear(784, 10)", "return self.fc(torch.flatten(x, 1))", f"loss = {loss}\n")
    assert "labels" not in told(rows)["text"]


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ("torch.rand(size=(1, 28, 28))", "torch.rand(size=(1, 1, 28, 28))"),
        ("torch.randint(0, 10, (1, 28, 28)).float()", "torch.randint(0, 10, (1, 1, 28, 28)).float()"),
    ],
)
def test_the_batch_is_put_before_the_sizes_wherever_they_stand(given: str, then: str) -> None:
    source = net(CONV, "return self.fc(torch.flatten(self.conv(x), 1))", f"Net()({given})")
    assert words_of_torch(source)
    assert then in corrected(source)
    assert words_of_torch(corrected(source)) == ""


def _conv(channels: int, call: str) -> str:
    init = f"self.conv = nn.Conv2d({channels}, 8, 3); self.fc = nn.Linear(5408, 10)"
    return net(init, "return self.fc(torch.flatten(self.conv(x), 1))", f"out = Net()({call})")


@pytest.mark.parametrize(
    ("source", "title", "rows"),
    [
        (_conv(1, "torch.randn(28, 28)"), "The example has no batch and no channel axis", 1),
        (_conv(3, "torch.rand((28, 28))"), "The example has no batch and no channel axis", 1),
        (_conv(3, "torch.randn(64, 28, 28)"), "The example has no channel axis", 64),
        (_conv(1, "torch.randn(64, 784)"), "The images are flat in the example", 64),
        (_conv(3, "torch.randn(5, 2352)"), "The images are flat in the example", 5),
    ],
)
def test_images_without_their_axes(source: str, title: str, rows: int) -> None:
    words, message = words_of_torch(source), told(source)
    assert words
    assert (message["tone"], message["title"], message["quote"]) == ("error", title, words)
    names: dict[str, Any] = {}
    exec(corrected(source), names)
    assert names["out"].shape == (rows, 10)
    assert told(corrected(source))["tone"] == "calm"


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (net("self.conv = nn.Conv2d(1, 6, 5)", "x = F.relu(F.max_pool2d(self.conv(x), 40)); return x"),
         "F.max_pool2d in line 10 does not run"),
        (HEAD + "net = nn.Sequential(nn.Flatten(),\n    nn.Linear(700, 10))\nnet(torch.randn(2, 1, 28, 28))\n",
         "The Linear in line 6 does not fit"),
        (HEAD + "net = nn.Sequential(nn.Flatten(), nn.Linear(784, 9), nn.Linear(8, 10))\n"
                "net(torch.randn(2, 1, 28, 28))\n",
         "The second Linear in line 5 does not fit"),
        (net("self.pool1 = nn.MaxPool2d(40)", "return self.pool1(x)"), "pool1 does not run"),
    ],
)  # fmt: skip
def test_layers_are_called_what_the_code_calls_them(source: str, title: str) -> None:
    assert words_of_torch(source)
    assert told(source)["title"] == title
    assert "fc1" not in told(source)["text"]


@pytest.mark.parametrize(
    ("init", "forward", "title"),
    [
        ("self.conv = nn.Conv2d(1, 8, 28); self.fc = nn.Linear(8, 10)", "return self.fc(self.conv(x).squeeze())",
         "squeeze removes every axis of size 1"),
        ("self.conv = nn.Conv2d(1, 8, 28); self.relu = nn.ReLU; self.fc = nn.Linear(8, 10)",
         "x = self.relu(self.conv(x)); return self.fc(torch.flatten(x, 1))",
         "nn.ReLU is a class here; call it: nn.ReLU()"),
        ("self.conv = nn.Conv2d(1, 8, 28); self.fc = nn.Linear(8, 10)",
         "x = nn.ReLU(self.conv(x)); return self.fc(torch.flatten(x, 1))",
         "nn.ReLU is a class here; call it: nn.ReLU()"),
    ],
)  # fmt: skip
def test_what_stops_reading_is_put_right_with_one_click(init: str, forward: str, title: str) -> None:
    call = "out = Net()(torch.randn(1, 1, 28, 28))"
    source = net(init, forward, call)
    names: dict[str, Any] = {}
    if "squeeze" in source:  # torch runs it, and the batch is gone
        exec(source, names)
        assert names["out"].shape == (10,)
    else:
        assert words_of_torch(source)
    tone = "warning" if "squeeze" in source else "error"
    assert (told(source)["tone"], told(source)["title"]) == (tone, title)
    exec(corrected(source), names)
    assert names["out"].shape == (1, 10)
    assert told(corrected(source))["tone"] == "calm"


def test_a_class_that_needs_arguments_gets_no_brackets() -> None:
    source = net("self.fc = nn.Linear(784, 10)", "x = nn.Flatten()(x); return self.fc(nn.Softmax2d(x))")
    assert not told(source)["actions"]
    source = net("self.fc = nn.Linear(784, 10)", "return nn.Linear(x)")
    assert not [action for action in told(source)["actions"] if action["key"].startswith("correct")]


def test_names_that_are_never_imported_take_one_sentence() -> None:
    source = net("self.fc = nn.Linear(784, 10)", "return F.relu(self.fc(torch.flatten(x, 1)))")
    assert "missing" not in told(source)["text"]
    without = source.removeprefix(HEAD)
    text = told(without)["text"]
    imports = "import torch.nn as nn, import torch and import torch.nn.functional as F"
    assert text.endswith(f"{imports} are missing; we assumed them.")
    first = told(without)["actions"][0]
    assert (first["key"], first["label"]) == ("correct:imports", "Add the missing imports")
    single = told(source.replace("import torch.nn as nn\n", "", 1))
    assert "import torch.nn as nn is missing; we assumed it." in single["text"]
    assert single["actions"][0]["label"] == "Add import torch.nn as nn"


@pytest.mark.parametrize(
    "start", ["", '"""A small net."""\n', "from __future__ import annotations\n\n", "import os\n\n\n"]
)
def test_missing_imports_are_added_above_the_first_statement(start: str) -> None:
    source = net("self.fc = nn.Linear(784, 10)", "return F.relu(self.fc(torch.flatten(x, 1)))").removeprefix(HEAD)
    better = correcting.corrected(Pasted(text=start + source), "imports")
    exec(better, {})
    assert better.index("import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n") >= 0
    assert told(better)["actions"][0]["key"] != "correct:imports"


def test_all_corrections_add_the_imports_too() -> None:
    source = (
        "net = nn.Sequential(nn.LSTM(10, 20, batch_first=True), nn.Linear(21, 3))\nout = net(torch.randn(4, 7, 10))\n"
    )
    better = correcting.corrected(Pasted(text=source), "all")
    names: dict[str, Any] = {}
    exec(better, names)
    assert names["out"].shape == (4, 7, 3)


def test_what_has_no_layer_takes_one_sentence() -> None:
    forward = "x = self.fc(x.flatten(1)); x = x.masked_fill(x > 0, 1.0); x = x.masked_fill(x < 0, 2.0)"
    source = net("self.fc = nn.Linear(784, 10)", f"{forward}; return x.kthvalue(2, 1)[0]")
    text = told(source)["text"]
    assert text.count("Layerscope has no layer") == 1
    assert "x > 0, x.masked_fill(x > 0, 1.0), x < 0 and 2 more operations (lines 11, 12 and 13): their rows" in text


def test_numbers_that_are_not_learned_are_said_to_be_that() -> None:
    init = "self.register_buffer('table', torch.sin(torch.arange(784.0))); self.fc = nn.Linear(784, 10)"
    text = told(net(init, "return self.fc(x.flatten(1) + self.table)"))["text"]
    assert "self.table is not learned and changes no shape, so it has no row." in text
