"""Slips of the pen in pasted code: each is told, each correction that is offered makes code that torch runs."""

import pytest

from layerscope.ui import understanding
from layerscope.ui.pasted import Pasted
from tests.ui.test_pasted_torch import HEAD, corrected, net, told, words_of_torch

MOST_CLICKS = 4


def mended(source: str) -> str:
    """The code after one correction after the other, as somebody would click them."""
    for _ in range(MOST_CLICKS):
        if not any(action["key"].startswith("correct:") for action in told(source)["actions"]):
            return source
        source = corrected(source)
    raise AssertionError(f"still to be corrected:\n{source}")


def is_calm(source: str) -> bool:
    """Whether torch runs the code and the page has nothing against it."""
    message = told(source)
    assert words_of_torch(source) == "", source
    assert message["tone"] == "calm", message
    return True


TWO = "self.one = nn.Linear(12, 8); self.two = nn.Linear(8, 8); self.out = nn.Linear(8, 2)"
ROWS = "out = Net()(torch.randn(5, 12))"
IMAGES = "out = Net()(torch.randn(5, 3, 16, 16))"
LAYERS = "self.a = nn.Conv2d(3, 6, 3); self.b = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2)); self.c = nn.Linear(294, 4)"
PARTS = "x = self.b(self.a(x)); x = torch.flatten(x, 1); return self.c(x)"

SUPER = net(TWO, "return self.out(self.two(self.one(x)))", ROWS)
SUPERS = {
    "super()._init_()": "super().__init__() of Net is misspelled",
    "super(Net, self)._init_()": "super().__init__() of Net is misspelled",
    "super().__int__()": "super().__init__() of Net is misspelled",
    "super().init()": "super().__init__() of Net is misspelled",
    "super().__init__": "super().__init__() of Net is misspelled",
    "super.__init__()": "super().__init__() of Net is misspelled",
}


@pytest.mark.parametrize("written", SUPERS)
def test_a_misspelled_super_call_is_put_right_in_its_place(written: str) -> None:
    source = SUPER.replace("super().__init__()", written)
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", SUPERS[written])
    assert message["quote"] == words_of_torch(source) != ""
    right = corrected(source)
    assert len(right.splitlines()) == len(source.splitlines())  # no second line beside the broken one
    assert is_calm(right)


def test_both_misspelled_names_are_found_one_after_the_other() -> None:
    source = SUPER.replace("__init__", "_init_")
    assert told(source)["title"] == "__init__ of Net is misspelled"
    assert is_calm(mended(source))


UNCALLED = [
    (net(TWO, "x = torch.relu(self.one(x)); x = self.two; return self.out(x)", ROWS), "self.two is not called"),
    (net(TWO, "h = self.one(x); h = self.two; return self.out(h)", ROWS), "self.two is not called"),
    (net(TWO, "x = self.one(x); return self.out(self.two)", ROWS), "self.two is not called"),
    (net(TWO, "x = self.one(x); y = self.two; return self.out(y)", ROWS), "self.two is not called"),
    (net(LAYERS, "x = self.a(x); x = self.b; x = torch.flatten(x, 1); return self.c(x)", IMAGES),
     "self.b is not called"),
    (net(LAYERS, "x = F.max_pool2d(self.a, 2); return self.c(x.flatten(1))", IMAGES), "self.a is not called"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "title"), UNCALLED)
def test_a_layer_that_is_not_called(source: str, title: str) -> None:
    assert words_of_torch(source)
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", title)
    assert is_calm(mended(source))


def test_a_layer_that_is_returned() -> None:
    source = net(TWO, "x = self.two(self.one(x)); return self.out", ROWS)
    assert told(source)["title"] == "self.out is not called"
    right = corrected(source)
    assert "return self.out(x)" in right
    assert is_calm(right)


def test_a_layer_that_gets_a_name_and_is_called_by_it_is_no_slip() -> None:
    assert is_calm(net(TWO, "x = self.one(x); layer = self.two; x = layer(x); return self.out(x)", ROWS))


BRACKETS = ["nn.ReLU(x)", "nn.Dropout(x, 0.5)", "nn.LogSoftmax(x)", "nn.Softmax(x, dim=1)", "nn.ReLU(nn.Tanh(x))"]


@pytest.mark.parametrize("call", BRACKETS)
def test_a_class_that_is_called_on_the_tensor(call: str) -> None:
    source = net(TWO, f"x = self.one(x); x = {call}; return self.out(self.two(x))", ROWS)
    assert words_of_torch(source)
    assert " is a class here; call it: nn." in told(source)["title"]
    assert is_calm(mended(source))


MEANT = [
    net(LAYERS, "x = self.b(self.a(x)); x = torch.flatten(x, 1); x - self.c(x); return x", IMAGES),
    net(LAYERS, "x = self.b(self.a(x)); x == torch.flatten(x, 1); return self.c(x)", IMAGES),
    net(LAYERS, "x == self.a(x); x = self.b(x); return self.c(x.flatten(1))", IMAGES),
    net(LAYERS, "x: self.a(x); x = self.b(x); return self.c(x.flatten(1))", IMAGES),
    net(LAYERS.replace("self.c =", "self.c =="), PARTS, IMAGES),
    net(LAYERS.replace("self.c =", "self.c -"), PARTS, IMAGES),
]


@pytest.mark.parametrize("source", MEANT)
def test_a_statement_that_was_meant_to_assign(source: str) -> None:
    message = told(source)
    assert message["tone"] == "error"
    assert message["title"].endswith("does not assign")
    assert is_calm(mended(source))


def test_a_sum_that_is_not_kept() -> None:
    source = net(TWO, "x = self.one(x); x + self.two(x); return self.out(x)", ROWS)
    assert told(source)["title"] == "The result of x + self.two(x) is lost"
    assert is_calm(mended(source))


CLASS = "class Block(nn.Module):\n    def __init__(self, width, hidden=4):\n        super().__init__()\n"
CLASS += "        self.a = nn.Linear(width, hidden); self.b = nn.Linear(hidden, width)\n"
CLASS += "    def forward(self, x):\n        return x + self.b(self.a(x))\n\n"


@pytest.mark.parametrize(
    ("made", "label"),
    [
        ("Block(12, stride=2)", "remove stride"),
        ("Block(12, bias=False, hidden=5)", "remove bias"),
        ("Block(bias=False, width=12)", "remove bias"),
        ("Block(12, hiden=5)", "write hidden"),
        ("Block(widht=12)", "write width"),
    ],
)
def test_an_argument_that_a_class_of_the_paste_has_not(made: str, label: str) -> None:
    source = net(f"self.block = {made}; self.out = nn.Linear(12, 2)", "return self.out(self.block(x))", ROWS)
    source = HEAD + CLASS + source.removeprefix(HEAD)
    message = told(source)
    assert message["quote"] == words_of_torch(source) != ""
    assert message["title"].startswith("Block.__init__ has no argument")
    assert message["actions"][0]["label"].endswith(label)
    assert is_calm(mended(source))


TWICE = [
    ("self.one = nn.Linear(12, 8); self.one = nn.Linear(8, 4); self.two = nn.Linear(8, 2)",
     "return self.two(self.one(x))", "one2"),
    ("self.fc1 = nn.Linear(12, 8); self.fc1 = nn.Linear(8, 4); self.out = nn.Linear(4, 2)",
     "return self.out(self.fc2(self.fc1(x)))", "fc2"),
    ("self.c1 = nn.Linear(12, 9); self.c2 = nn.Linear(9, 8); self.c2 = nn.Linear(8, 7)",
     "return self.c2(self.c1(x))", "c3"),
]  # fmt: skip


@pytest.mark.parametrize(("init", "forward", "name"), TWICE)
def test_a_layer_that_takes_the_place_of_another(init: str, forward: str, name: str) -> None:
    source = net(init, forward, ROWS)
    assert words_of_torch(source)
    message = told(source)
    assert (message["tone"], message["title"].endswith("is set twice")) == ("error", True)
    assert message["actions"][0]["label"].endswith(f"write self.{name}")
    assert is_calm(corrected(source))


def test_a_layer_that_is_set_twice_and_fits_is_lost_all_the_same() -> None:
    source = net("self.one = nn.Linear(12, 8); self.one = nn.Linear(12, 2)", "return self.one(x)", ROWS)
    message = told(source)
    assert words_of_torch(source) == ""
    assert (message["tone"], message["title"]) == ("warning", "self.one is set twice")
    right = corrected(source)
    assert "nn.Linear(12, 8)" not in right
    assert is_calm(right)


@pytest.mark.parametrize(
    "init",
    [
        "self.one = nn.Linear(12, 2); self.one = nn.utils.weight_norm(self.one)",
        "wide = True; self.one = nn.Linear(12, 2)\n        if wide:\n            self.one = nn.Linear(12, 2)",
    ],
)
def test_a_layer_that_is_changed_is_no_slip(init: str) -> None:
    assert "set twice" not in told(net(init, "return self.one(x)", ROWS))["title"]


# forward


FORWARDS = [
    ("self.out = nn.Linear(12, 2)", "pass", ROWS, "is empty"),
    ("self.out = nn.Linear(12, 2)", "...", ROWS, "is empty"),
    ("self.out = nn.Linear(12, 2)", "return x", ROWS, "calls no layer"),
    ("self.one = nn.Linear(12, 5); self.act = nn.ReLU(); self.out = nn.Linear(5, 2)", "'''To do.'''; pass", ROWS,
     "is empty"),
    (LAYERS, "pass", IMAGES, "is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("init", "forward", "call", "what"), FORWARDS)
def test_a_forward_that_calls_nothing(init: str, forward: str, call: str, what: str) -> None:
    source = net(init, forward, call)
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", f"forward of Net {what}")
    assert "runs" not in message["text"]
    assert is_calm(mended(source))


MISSING = [
    ("self.look = nn.Conv2d(3, 8, 3); self.calm = nn.Dropout(0.3); self.out = nn.Linear(392, 2)", True),
    ("self.c1 = nn.Conv2d(3, 8, 3, padding=1); self.c2 = nn.Conv2d(8, 6, 3, padding=1); self.out = nn.Linear(96, 2)",
     True),
    ("self.c1 = nn.Conv2d(3, 8, 3, padding=1); self.c2 = nn.Conv2d(8, 6, 3, padding=1); self.pool = nn.MaxPool2d(2); "
     "self.out = nn.Linear(96, 2)", True),
    ("self.c1 = nn.Conv2d(3, 8, 3); self.out = nn.Linear(777, 2)", False),
]  # fmt: skip


@pytest.mark.parametrize(("init", "fits"), MISSING)
def test_without_forward_no_number_is_called_wrong(init: str, fits: bool) -> None:
    source = net(init, "pass", IMAGES)
    source = source[: source.index("    def forward")] + IMAGES + "\n"
    message = told(source)
    assert (message["title"], message["quote"]) == ("Net has no forward", words_of_torch(source))
    assert "You wrote" not in message["text"]
    labels = [action["label"] for action in message["actions"] if action["key"].startswith("correct:")]
    assert labels == (["Add a forward that calls the layers in order"] if fits else [])
    if fits:
        assert is_calm(corrected(source))


@pytest.mark.parametrize("by", [-4, 4])
def test_a_forward_that_is_indented_otherwise(by: int) -> None:
    source = net(LAYERS, PARTS, IMAGES)
    start, end = source.index("    def forward"), source.index(IMAGES)
    rows = source[start:end].splitlines(keepends=True)
    moved = "".join(row[-by:] if by < 0 else " " * by + row for row in rows)
    wrong = source[:start] + moved + source[end:]
    message = told(wrong)
    assert (message["title"], message["quote"]) == ("forward is not part of Net", words_of_torch(wrong))
    assert corrected(wrong) == source
    assert is_calm(source)


FLAT = [
    net("self.a = nn.Conv2d(3, 6, 3); self.b = nn.MaxPool2d(2); self.c = nn.Linear(150, 4)",
        "x = self.b(torch.relu(self.a(x))); return self.c(x)", IMAGES),
    net("self.a = nn.Conv2d(3, 6, 3); self.n = nn.BatchNorm2d(6); self.c = nn.Linear(10, 4); self.d = nn.Linear(4, 2)",
        "x = self.n(self.a(x)); return self.d(torch.relu(self.c(x)))", IMAGES),
    net("self.a = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Linear(100, 4))", "return self.a(x)", IMAGES),
    HEAD + "from collections import OrderedDict\nnet = nn.Sequential(OrderedDict([\n    ('a', nn.Conv2d(3, 6, 3)),\n"
    "    ('c', nn.Linear(99, 4)),\n]))\nnet(torch.randn(2, 3, 9, 9))\n",
    net("self.a = nn.Conv1d(3, 6, 3); self.c = nn.Linear(50, 4)", "return self.c(self.a(x))",
        "Net()(torch.randn(2, 3, 10))"),
]  # fmt: skip


@pytest.mark.parametrize("source", FLAT)
def test_a_linear_after_feature_maps_wants_a_flatten_first(source: str) -> None:
    message = told(source)
    assert message["quote"] == words_of_torch(source) != ""
    assert "A Flatten is missing before" in message["text"]
    label = message["actions"][0]["label"]
    assert "flatten before" in label or "nn.Flatten()" in label
    assert is_calm(corrected(source))


def test_a_linear_after_a_sequence_keeps_its_axes() -> None:
    source = net("self.a = nn.Linear(12, 8); self.b = nn.Linear(9, 2)", "return self.b(self.a(x))",
                 "Net()(torch.randn(2, 5, 12))")  # fmt: skip
    assert "Flatten" not in told(source)["text"]
    assert is_calm(mended(source))


# What is not there


BARE = (
    "    def __init__(self, n_in=12):\n        super(Counter, self).__init__()\n        self.a = nn.Linear(n_in, 3)\n"
)
BARE += "\n    def forward(self, x):\n        return torch.relu(self.a(x))\n"


@pytest.mark.parametrize(
    "methods",
    [BARE, BARE.replace("\n    ", "\n").removeprefix("    "), f"import torch\nimport torch.nn as nn\n\n{BARE}"],
)
def test_methods_without_their_class_get_one(methods: str) -> None:
    message = told(methods)
    assert message["title"] == "The first line of the class is missing"
    right = corrected(methods)
    assert "class Counter(nn.Module):\n    def __init__" in right
    assert words_of_torch(right if "import" in right else HEAD + right) == ""
    assert told(right)["tone"] == "calm"


GUESSED = [
    ("widths", "nn.Linear(widths[0], widths[1])", "[784, 64, 10]"),
    ("sizes", "nn.Sequential(*[nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])", "[784, 64, 10]"),
    ("chans", "nn.Sequential(*[nn.Conv2d(chans[i], chans[i + 1], 3) for i in range(len(chans) - 1)])", "[3, 16, 32]"),
    ("widths", "nn.Sequential(nn.Linear(widths[0], widths[3]))", "[784, 64, 64, 10]"),
    ("drops", "nn.Sequential(*[nn.Dropout(p) for p in drops])", "[0.5, 0.5, 0.5]"),
    ("kernels", "nn.Sequential(*[nn.Conv2d(3, 3, k) for k in kernels])", "[3, 3, 3]"),
]


@pytest.mark.parametrize(("name", "layer", "guess"), GUESSED)
def test_a_list_that_nothing_gives_a_value_is_guessed(name: str, layer: str, guess: str) -> None:
    source = net(f"self.a = {layer}", "return self.a(x)", "").replace("(self)", f"(self, {name})", 1)
    message = told(source)
    assert message["title"] == "A value is missing"
    assert message["actions"][0]["label"] == f"Add net = Net({name}={guess})"
    assert words_of_torch(corrected(source)) == ""


def test_what_is_counted_and_what_is_a_device_is_guessed_by_its_use() -> None:
    source = net("self.a = nn.Linear(12, n)", "return self.a(x)", "model = Net(n=len(labels)).to(device)")
    source = source.replace("(self)", "(self, n)", 1) + "model(torch.randn(2, 12).to(device))\n"
    assert words_of_torch(source) == "name 'labels' is not defined"
    right = corrected(source)
    assert "labels = range(10)\ndevice = 'cpu'\n" in right
    assert is_calm(right)


@pytest.mark.parametrize("use", ["config['width']", "config.width", "config(3)", "config[0].width", "config[0](3)"])
def test_no_list_is_guessed_for_objects(use: str) -> None:
    source = net(f"self.a = nn.Linear(3, {use})", "return self.a(x)", "").replace("(self)", "(self, config)", 1)
    assert not told(source)["actions"]


# Names that torch does not have


INVENTED = {
    "nn.GlobalPool2d()": "nn.AdaptiveAvgPool2d(1)",
    "nn.GlobalAvgPool2d()": "nn.AdaptiveAvgPool2d(1)",
    "nn.GlobalAveragePooling2D()": "nn.AdaptiveAvgPool2d(1)",
    "nn.GlobalMaxPooling2d()": "nn.AdaptiveMaxPool2d(1)",
    "nn.MaxPooling2D(2)": "nn.MaxPool2d(2)",
    "nn.AveragePooling2D(2)": "nn.AvgPool2d(2)",
    "nn.BatchNormalization(8)": "nn.BatchNorm2d(8)",
    "nn.Swish()": "nn.SiLU()",
    "nn.Relu()": "nn.ReLU()",
    "nn.Conv2D(8, 8, 3)": "nn.Conv2d(8, 8, 3)",
    "nn.Convolution2d(8, 8, 3)": "nn.Conv2d(8, 8, 3)",
}


@pytest.mark.parametrize("written", INVENTED)
def test_a_layer_that_torch_does_not_have(written: str) -> None:
    source = HEAD + f"net = nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    {written},\n    nn.Conv2d(8, 2, 1),\n)\n"
    source += "net(torch.randn(2, 3, 12, 12))\n"
    message = told(source)
    assert (message["tone"], message["quote"]) == ("error", words_of_torch(source))
    assert corrected(source) == source.replace(written, INVENTED[written])
    assert is_calm(corrected(source))


@pytest.mark.parametrize("name", ["Concatenate", "Lambda", "Reshape", "Zorp", "Input", "AttentionPool2d"])
def test_a_layer_that_nothing_stands_for_is_told_to_be_none_of_torch(name: str) -> None:
    source = HEAD + f"net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.{name}(), nn.Flatten())\nnet(torch.ones(1, 3, 8, 8))\n"
    message = told(source)
    assert (message["title"], message["quote"]) == (f"PyTorch has no nn.{name}", words_of_torch(source))
    assert "Layerscope's layers" not in message["text"]
    assert not [action for action in message["actions"] if action["key"].startswith("correct:")]


def test_a_function_that_is_asked_of_nn() -> None:
    source = net(TWO, "x = nn.relu(self.one(x)); return self.out(self.two(x))", ROWS)
    assert told(source)["quote"] == words_of_torch(source) == "module 'torch.nn' has no attribute 'relu'"
    assert is_calm(corrected(source))


@pytest.mark.parametrize("name", ["swish2", "my_gelu", "hard_swish", "activation", "leaky"])
def test_an_activation_that_nothing_defines(name: str) -> None:
    source = net(TWO, f"x = {name}(self.one(x)); return self.out(self.two(x))", ROWS)
    message = told(source)
    assert message["quote"] == words_of_torch(source) == f"name '{name}' is not defined"
    assert is_calm(corrected(source))


@pytest.mark.parametrize("made", ["Swish()", "MishActivation()"])
def test_a_class_of_an_activation_that_nothing_defines(made: str) -> None:
    source = net(f"{TWO}; self.act = {made}", "x = self.act(self.one(x)); return self.out(self.two(x))", ROWS)
    assert told(source)["quote"] == words_of_torch(source) != ""
    assert is_calm(corrected(source))


def test_an_activation_that_torch_has_under_that_name() -> None:
    source = net(TWO, "x = mish(self.one(x)); return self.out(self.two(x))", ROWS)
    message = told(source)
    assert message["tone"] == "calm"
    assert "from torch.nn.functional import mish is missing; we assumed it." in message["text"]


@pytest.mark.parametrize("name", ["helper", "extract", "factor"])
def test_a_function_of_which_nothing_is_known_ends_the_reading(name: str) -> None:
    source = net(TWO, f"x = {name}(self.one(x)); return self.out(self.two(x))", ROWS)
    assert f"{name} is not defined in the code." in told(source)["text"]


# Code without a class, parts, and what stands around code


def test_layers_that_are_called_one_in_another_are_one_network() -> None:
    source = HEAD + "t = torch.randint(0, 40, (4, 9))\nwords = nn.Embedding(40, 16)\nhead = nn.Linear(16, 6)\n"
    for call in (
        "head(words(t))",
        "print(head(words(t)).shape)",
        "e = words(t)\nout = head(e)",
        "head(words(input=t))",
    ):
        seen = understanding.understood(Pasted(text=f"{source}{call}\n"))
        assert seen is not None
        if "input=" in call:
            continue
        assert seen.network is not None
        assert seen.network.names == ("words", "head")
        assert seen.network.input_shape == (9,)
        assert seen.trace is not None
        assert seen.trace.steps[-1].output_shape == (9, 6)
        assert is_calm(f"{source}{call}\n")
    wrong = told(source.replace("nn.Linear(16", "nn.Linear(12") + "head(words(t))\n")
    assert wrong["title"] == "head does not fit"


@pytest.mark.parametrize("part", ["nn.Sequential(nn.Linear(512, 32), nn.ReLU(), nn.Linear(32, 7))"])
@pytest.mark.parametrize("place", ["net.fc", "net.model.head", "self.features"])
def test_a_part_of_what_nobody_sees_is_called_a_part(part: str, place: str) -> None:
    whole = "" if place.startswith("self") else "from zoo import backbone\nnet = backbone()\n"
    message = told(f"{HEAD}{whole}{place} = {part}\n")
    assert message["tone"] == "warning"
    assert message["title"].startswith(("Only a part", "Analysis stopped at line"))
    assert "only" in message["text"].lower()
    assert "runs" not in message["text"]


def test_an_error_below_the_code_is_kept_for_the_decoder() -> None:
    code = net(TWO.replace("nn.Linear(8, 2)", "nn.Linear(9, 2)"), "return self.out(self.two(self.one(x)))", ROWS)
    error = f'Traceback (most recent call last):\n  File "a.py", line 17, in <module>\n    {ROWS}\n'
    error += f"RuntimeError: {words_of_torch(code)}\n"
    seen = understanding.understood(Pasted(text=f"{code}\n{error}"))
    assert seen is not None
    assert seen.reading is not None
    assert seen.reading.error.strip() == error.strip()
    assert seen.wrong
    assert told(f"{code}\n{error}")["title"] == "out does not fit"
