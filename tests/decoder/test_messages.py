"""Messages: torch really raises each of them here, and the very text is recognised."""

import ast
import inspect
import re
import time
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.decoder import known_names
from layerscope.decoder.decoding import decode
from layerscope.decoder.kinds.all_kinds import KINDS
from layerscope.decoder.kinds.undefined_errors import IMPORTS
from layerscope.decoder.recognising import recognise, tidy
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.steps import walk
from tests.decoder.all_trials import TRIALS
from tests.decoder.mistakes import torch_words
from tests.decoder.scripted import SCRIPTED
from tests.decoder.wordings import OLD, WRITTEN
from tests.legal import legal_network
from tests.oracle import random_network
from tests.sentences import faults

F = nn.functional
SEED = PRESETS["fashion-mnist-cnn"]
R = torch.rand
NOTHING: Any = None
SOME_KINDS = 60
"""Of all kinds, those that are tried with one random network."""


def anything(value: Any) -> Any:
    """The value, whose type a checker of types then does not know: what it would find is provoked here."""
    return value


class Named(nn.Module):
    """One Linear layer, for the messages that name a class."""

    def __init__(self, features: int = 3) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, 120)


class WithoutSuper(nn.Module):
    def __init__(self) -> None:
        self.conv1 = nn.Conv2d(1, 1, 1)


class Listed(nn.Module):
    """Layers where nn.Module does not look."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(3, 3)]


class Misspelled(nn.Module):
    def _init_(self) -> None:
        self.conv1 = nn.Conv2d(1, 1, 1)

    def forward(self, x: Any) -> Any:
        return self.conv1(x)


class WithoutSuperAtAll(nn.Module):
    def __init__(self) -> None:
        pass

    def forward(self, x: Any) -> Any:
        return x


class Returning(nn.Module):
    def forward(self, x: Any, y: Any) -> None:
        pass


def backward_twice() -> None:
    x = R(3, requires_grad=True)
    y = (x * x).sum()
    y.backward()
    y.backward()


def stepped_between() -> None:
    """Two losses of one forward pass, with a step of the optimizer between their backwards."""
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    loss = net(R(2, 3)).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    loss.backward()


def changed_in_place() -> None:
    x = R(3, requires_grad=True).exp()
    x += 1
    x.sum().backward()


def changed_by_hand() -> None:
    weight = R(3, requires_grad=True)
    weight -= 0.1


def named(code: str) -> Callable[[], Any]:
    """A line of code in which only `x` is known."""
    return lambda: eval(code, {"x": R(3)})


PROVOKED: list[tuple[str, Callable[[], Any]]] = [
    ("matrix", lambda: nn.Linear(192, 120)(R(1, 300))),
    ("matrix", lambda: nn.Linear(192, 120, bias=False)(R(2, 12, 4, 4))),
    ("channels", lambda: nn.Conv2d(1, 6, 5)(R(2, 3, 28, 28))),
    ("channels", lambda: nn.Conv1d(1, 6, 5)(R(2, 3, 28))),
    ("channels", lambda: nn.Conv2d(4, 6, 5, groups=2)(R(2, 3, 28, 28))),
    ("channels", lambda: nn.ConvTranspose2d(4, 6, 5)(R(2, 3, 28, 28))),
    ("kernel", lambda: nn.Conv2d(1, 6, 5)(R(2, 1, 3, 3))),
    ("kernel", lambda: nn.Conv1d(1, 6, 5, padding=1)(R(2, 1, 2))),
    ("output", lambda: nn.MaxPool2d(2)(R(2, 12, 1, 1))),
    ("output", lambda: nn.AvgPool2d(2)(R(2, 12, 1, 1))),
    ("output", lambda: nn.MaxPool3d(2)(R(2, 12, 1, 1, 1))),
    ("one-value", lambda: nn.BatchNorm1d(4)(R(1, 4))),
    ("one-value", lambda: nn.BatchNorm2d(4)(R(1, 4, 1, 1))),
    ("axes", lambda: nn.Conv2d(1, 6, 5)(R(28, 28))),
    ("axes", lambda: nn.Conv1d(1, 6, 5)(R(1, 1, 28, 28))),
    ("axes", lambda: nn.ConvTranspose2d(1, 6, 5)(R(28, 28))),
    ("norm-axes", lambda: nn.BatchNorm2d(4)(R(2, 4, 4))),
    ("norm-axes", lambda: nn.BatchNorm1d(4)(R(2, 4, 4, 4))),
    ("pool-padding", lambda: nn.MaxPool2d(2, padding=2)(R(2, 4, 8, 8))),
    ("pool-padding", lambda: nn.AvgPool2d(2, padding=2)(R(2, 4, 8, 8))),
    ("pool-padding", lambda: nn.MaxPool1d(2, padding=2)(R(2, 4, 8))),
    ("running-mean", lambda: nn.BatchNorm2d(4)(R(2, 6, 3, 3))),
    ("view", lambda: R(8, 300).view(-1, 192)),
    ("view", lambda: R(8, 300).reshape(8, 192)),
    ("view-stride", lambda: R(8, 30, 4).transpose(1, 2).view(-1, 120)),
    ("groups", lambda: nn.Conv2d(3, 6, 3, groups=2)),
    ("groups", lambda: nn.Conv2d(4, 6, 3, groups=4)),
    ("group-norm", lambda: nn.GroupNorm(4, 6)),
    ("norm-weight", lambda: nn.GroupNorm(2, 6)(R(2, 4, 3, 3))),
    ("normalized-shape", lambda: nn.LayerNorm([6, 4])(R(2, 4))),
    ("super-init", WithoutSuper),
    ("same-stride", lambda: nn.Conv2d(1, 1, 3, padding="same", stride=2)),
    ("dtype", lambda: nn.Conv2d(1, 1, 3)(torch.zeros(1, 1, 8, 8, dtype=torch.uint8))),
    ("dtype", lambda: nn.Linear(3, 3)(torch.zeros(1, 3, dtype=torch.float64))),
    ("device", lambda: nn.Linear(3, 3)(torch.zeros(1, 3, device="meta"))),
    ("device", lambda: nn.Linear(3, 3, device="meta")(torch.zeros(1, 3))),
    ("device", lambda: nn.Linear(3, 3, device="meta").to("cpu")),
    ("batch-size", lambda: F.cross_entropy(R(6, 10), torch.zeros(8, dtype=torch.long))),
    ("target-range", lambda: F.cross_entropy(R(6, 10), torch.full((6,), 10))),
    ("target-range", lambda: F.cross_entropy(R(6, 10), torch.full((6,), -1))),
    ("target-axes", lambda: F.cross_entropy(R(6, 10), torch.zeros(6, 1, dtype=torch.long))),
    ("target-type", lambda: F.cross_entropy(R(6, 10), torch.zeros(6, dtype=torch.int32))),
    ("checkpoint", lambda: Named(300).load_state_dict(Named(192).state_dict())),
    ("checkpoint", lambda: Named(3).load_state_dict({"module.fc1.weight": R(1)})),
    ("no-forward", lambda: Named()(R(1))),
    ("forward-arguments", lambda: Returning()(R(1))),
    ("forward-arguments", lambda: Returning()(R(1), R(1), R(1))),
    ("none", lambda: nn.Linear(3, 3)(Returning()(R(1), R(1)))),
    ("none", lambda: Returning()(R(1), R(1)).shape),
    ("none", lambda: NOTHING(R(1))),
    ("none", lambda: nn.Conv2d(1, 6, 5)(Returning()(R(1), R(1)))),
    ("not-tensor", lambda: nn.Linear(3, 3)(np.zeros((1, 3)))),
    ("not-tensor", lambda: anything(nn.Conv2d(1, 6, 5))(np.zeros((1, 1, 28, 28)))),
    ("not-tensor", lambda: anything(nn.Conv2d(1, 6, 5))([[1.0]])),
    ("combination", lambda: anything(R(2, 3)).view(2.0, 3)),
    ("combination", lambda: anything(torch.randn)((2, 3), 4)),
    ("combination", lambda: anything(torch.max)(R(2, 3), "1")),
    ("combination", lambda: anything(nn.Conv2d)(1, 6, 5, stride=2.0)(R(1, 1, 28, 28))),
    ("combination", lambda: anything(nn.Conv2d)(1, 6, 5, padding=5 / 2)(R(1, 1, 28, 28))),
    ("not-whole", lambda: anything(nn.Linear)(10 / 2, 5)),
    ("not-whole", lambda: anything(nn.Linear)((5, 5), 5)),
    ("not-whole", lambda: anything(nn.Linear)(5, "10")),
    ("not-whole", lambda: anything(nn.Conv2d)(1, 6.0, 5)),
    ("not-whole", lambda: anything(nn.Conv2d)(1, 6, 5.0)),
    ("not-whole", lambda: anything(nn.MaxPool2d)(2.0)(R(1, 1, 28, 28))),
    ("not-whole", lambda: anything(torch.flatten)(R(2, 3), "1")),
    ("not-whole", lambda: anything(nn.BatchNorm2d)(6.0)),
    ("no-grad", lambda: R(1).sum().backward()),
    ("backward-twice", backward_twice),
    ("not-scalar", lambda: (R(3, requires_grad=True) * 2).backward()),
    ("dimension", lambda: torch.flatten(R(3), start_dim=1)),
    ("index", lambda: R(3)[3]),
    ("sizes", lambda: R(3, 4) + R(3, 5)),
    ("cat", lambda: torch.cat([R(1, 2, 14, 14), R(1, 2, 7, 7)], 1)),
    ("stack", lambda: next(iter(DataLoader([R(3, 32, 32), R(3, 28, 28)], batch_size=2)))),  # type: ignore[arg-type]
    ("stack", lambda: torch.stack([R(8), R(9)])),
    ("no-parameters", lambda: torch.optim.SGD(Listed().parameters(), lr=0.1)),
    ("attribute", lambda: Named().fc3),
    ("attribute", lambda: Misspelled()(R(3))),
    ("attribute", lambda: anything(nn).Conv2D),
    ("attribute", lambda: anything(F).Relu),
    ("attribute", lambda: anything(R(3)).rehsape),
    ("attribute", lambda: anything([R(3)]).shape),
    ("attribute", lambda: anything(np.zeros(3)).unsqueeze),
    ("attribute", lambda: anything(nn.ReLU()).shape),
    ("unexpected", lambda: nn.Conv2d(1, 6, kernal_size=5)),  # type: ignore[call-arg]
    ("unexpected", lambda: nn.MaxPool2d(kernel=2)),  # type: ignore[call-arg]
    ("unexpected", lambda: Named(width=3)),  # type: ignore[call-arg]
    ("unexpected", lambda: anything(F.max_pool2d)(R(1, 1, 4, 4), 2, strid=2)),
    ("missing", lambda: nn.Conv2d(1, 6)),  # type: ignore[call-arg]
    ("missing", lambda: nn.Conv2d(1)),  # type: ignore[call-arg]
    ("missing", lambda: anything(F.max_pool2d)(R(1, 1, 4, 4))),
    ("missing", lambda: check_sentences("")),  # type: ignore[call-arg]
    ("too-many", lambda: Named(1, 2, 3)),  # type: ignore[call-arg]
    ("too-many", lambda: nn.Linear(3, 3, True, None, None, None)),  # type: ignore[call-arg]
    ("scalar", lambda: R(3).item()),
    ("scalar", lambda: float(R(3))),
    ("reflect", lambda: nn.ReflectionPad2d(3)(R(1, 1, 2, 2))),
    ("reflect", lambda: nn.Conv2d(1, 1, 7, padding=3, padding_mode="reflect")(R(1, 1, 3, 3))),
    ("output-1d", lambda: nn.MaxPool1d(3)(R(1, 1, 2))),
    ("memory", lambda: torch.empty(1 << 50)),
    ("probabilities", lambda: F.cross_entropy(R(6, 10), torch.zeros(6, 10, dtype=torch.long))),
    ("probabilities", lambda: F.cross_entropy(R(6), torch.zeros(6, dtype=torch.long))),
    ("probabilities", lambda: F.cross_entropy(R(2, 5, 4, 4), torch.zeros(2, 5, 4, 4, dtype=torch.uint8))),
    ("loss-type", lambda: F.binary_cross_entropy(R(6), torch.zeros(6, dtype=torch.long))),
    ("loss-type", lambda: F.binary_cross_entropy(R(6), torch.zeros(6, dtype=torch.double))),
    ("loss-type", lambda: F.binary_cross_entropy_with_logits(R(6), torch.zeros(6, dtype=torch.long))),
    ("between", lambda: F.binary_cross_entropy(R(6) + 2, R(6))),
    ("between", lambda: F.binary_cross_entropy(R(6), R(6) + 2)),
    ("between", lambda: F.binary_cross_entropy(R(6) * torch.nan, R(6))),
    ("spatial", lambda: F.cross_entropy(R(2, 5, 4, 4), torch.zeros(2, 1, 4, 4, dtype=torch.long))),
    ("spatial", lambda: F.cross_entropy(R(2, 5, 4, 4), torch.zeros(2, dtype=torch.long))),
    ("in-place", changed_in_place),
    ("in-place", stepped_between),
    ("in-place", changed_by_hand),
    ("numpy", lambda: R(3, requires_grad=True).numpy()),
    ("numpy", lambda: np.array(Named().fc1.weight)),
    ("embedding", lambda: nn.Embedding(10, 3)(torch.tensor([10]))),
    ("embedding", lambda: nn.Embedding(10, 3)(torch.tensor([-1]))),
    ("parameters", lambda: anything(torch.optim.SGD)([nn.Linear(3, 3)], lr=0.1)),
    ("parameters", lambda: anything(torch.optim.SGD)([nn.Linear(3, 3).parameters()], lr=0.1)),
    ("parameters", lambda: anything(torch.optim.SGD)(nn.Linear(3, 3).state_dict(), lr=0.1)),
    ("parameters", lambda: anything(torch.optim.SGD)(nn.Linear(3, 3).weight, lr=0.1)),
    *([("no-cuda", lambda: nn.Linear(3, 3).to("cuda"))] if torch.version.cuda is None else []),
    ("undefined", named("nn.Linear(3, 3)")),
    ("undefined", named("F.relu(x)")),
    ("undefined", named("conv1(x)")),
    ("undefined", named("Conv2d(1, 6, 5)")),
    ("undefined", named("lables")),
    ("target-size", lambda: F.binary_cross_entropy(R(6, 1), R(6))),
    ("target-size", lambda: F.binary_cross_entropy_with_logits(R(6, 1), R(6))),
    *SCRIPTED,
]  # fmt: skip


def check_sentences(text: str, network: Any) -> None:
    decoded = decode(text, network)
    assert decoded is not None
    said = [decoded.says, *(f"{cause.title}. {cause.why} {cause.remedy}" for cause in decoded.causes)]
    said += [f"{piece}: {what}." for piece, what in decoded.meanings]
    if decoded.kind == "none":  # these sentences are about None
        said = [sentence.replace("None", "nothing") for sentence in said]
    said = [re.sub(r"\b\w+\(\)", "a call", sentence) for sentence in said]
    for cause in decoded.causes:
        for words in (cause.title, cause.why, cause.remedy):
            assert not re.search(r": (?:Keep|Write|Give|Call|Make|Put|Take|Use|Load|Resize|And)\b", words), words
        assert re.search(r"[.?:]$", cause.why), cause.why
        assert re.search(r"[.:]$", cause.remedy), cause.remedy
    assert [(sentence, wrong) for sentence in said if (wrong := faults(sentence))] == []
    for piece, _ in decoded.meanings:
        assert piece in tidy(text) or piece in decoded.message, f"{piece} is not in {text}"


@pytest.mark.parametrize(
    ("place", "kind", "provoke"),
    [(place, *each) for place, each in enumerate(PROVOKED)],
    ids=[kind for kind, _ in PROVOKED],
)
def test_what_torch_says_is_known(place, kind, provoke, thorough):
    """About no network, about one that the numbers may fit, and about three others in turn."""
    words = torch_words(provoke)
    found = recognise(words)
    assert found is not None, words
    assert found.kind == kind, words
    others = list(PRESETS.values())
    networks = others if thorough else [SEED, *(others + others)[3 * place % len(others) :][:3]]
    for network in (None, *networks):
        decoded = decode(words, network)
        assert decoded is not None
        assert decoded.kind == kind
        assert decoded.causes
        assert decoded.says
        check_sentences(words, network)


def test_every_kind_is_provoked_and_explained():
    made = {kind for kind, _ in PROVOKED} | {trial.kind for trial in TRIALS}
    assert set(KINDS) - made == WRITTEN
    assert {kind for kind, _ in OLD} >= WRITTEN


@pytest.mark.parametrize("key", KINDS)
def test_the_example_is_of_its_kind(key):
    found = recognise(KINDS[key].example)
    assert found is not None
    assert found.kind == key
    assert KINDS[key].name


@pytest.mark.parametrize(("kind", "text"), OLD)
def test_older_wordings_are_known(kind, text):
    decoded = decode(text, SEED)
    assert decoded is not None
    assert decoded.kind == kind
    check_sentences(text, SEED)


TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 30, in <module>
    out = net(x)  # mat1 and mat2 shapes cannot be multiplied (9x9 and 8x8)
  File "net.py", line 17, in forward
    x = F.relu(self.fc1(x))
RuntimeError: {}
"""


@pytest.mark.parametrize(
    "wrap",
    [
        TRACEBACK,
        "{}",
        "RuntimeError: {}",
        "\x1b[31mRuntimeError\x1b[0m: {}",
        "During handling:\nmat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)\nRuntimeError: {}\n\n[1] exit 1",
        "x" * (2 * limits.ERROR.most) + " RuntimeError: {}",
    ],
)
def test_a_paste_is_found_wherever_it_stands(wrap):
    message = "mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)"
    for words in (message, message.replace(" ", "\n"), message.replace("x", "×"), message.replace(" ", "   ")):
        decoded = decode(wrap.format(words), SEED)
        assert decoded is not None
        assert decoded.message == message
        assert decoded.fitting[0].title.startswith("Images of 32×32")


@pytest.mark.parametrize(
    "text", ["", " ", "RuntimeError", "mat1 and mat2", "hello", "SyntaxError: invalid syntax", "\0"]
)
def test_no_torch_error_is_none(text):
    assert decode(text) is None
    assert decode(text, SEED) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Input type (unsigned char) and bias type (float) should be the same", "Images as bytes"),
        ("mat1 and mat2 must have the same dtype, but got Double and Float", "Numbers from NumPy"),
        ("expected scalar type Long but found Float", "Labels of a different type"),
        (
            "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same",
            "The network was not moved",
        ),
        (
            "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same",
            "The batch was not moved",
        ),
        (
            "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
            "The batch was not moved",
        ),
        ("mat1 and mat2 must have the same dtype, but got Long and Float", "Whole numbers as inputs"),
        ("mat1 and mat2 must have the same dtype, but got Float and Half", "Only a part is in"),
        (torch_words(lambda: anything(nn.Linear)(5, "10")), "Text instead"),
        (
            "Expected object of type torch.LongTensor but found type torch.FloatTensor for argument #2 'target'",
            "Labels of a different type",
        ),
        (
            "Expected object of type torch.cuda.LongTensor but found type torch.cuda.FloatTensor for argument #3 "
            "'index'",
            "Floats for an Embedding",
        ),
        (
            "Expected object of type torch.FloatTensor but found type torch.DoubleTensor for argument #4 'mat1'",
            "Numbers from NumPy",
        ),
        (
            "Tensor for argument #2 'mat1' is on CPU, but expected it to be on GPU (while checking",
            "The batch was not moved",
        ),
        (
            "Tensor for argument #3 'mat2' is on CPU, but expected it to be on GPU (while checking",
            "The network was not moved",
        ),
        ("tensors are on different GPUs at /pytorch/aten/src/THC/generic/THC.cu:236", "A tensor is tied to one card"),
        (
            "torch.addmm received an invalid combination of arguments - got (int, torch.FloatTensor, int, "
            "torch.DoubleTensor, torch.FloatTensor, out=torch.FloatTensor)",
            "Numbers of different types",
        ),
        (
            "addmm_ received an invalid combination of arguments - got (int, int, torch.cuda.FloatTensor, "
            "torch.FloatTensor)",
            "Tensors on different devices",
        ),
        (
            "empty() received an invalid combination of arguments - got (tuple, dtype=NoneType, device=NoneType)",
            "A size of a layer",
        ),
        ("resnet18() got an unexpected keyword argument 'weights'", "weights came with torchvision 0.13"),
        ("ResNet.__init__() got an unexpected keyword argument 'weights'", "weights came with torchvision 0.13"),
        ("__init__() got an unexpected keyword argument 'weights'", "weights came with torchvision 0.13"),
        ("Net.__init__() got an unexpected keyword argument 'weights'", "Your own __init__"),
        (torch_words(lambda: anything(nn.Linear)((5, 5), 10)), "A shape instead"),
        (torch_words(lambda: anything(nn.Linear)(25 / 5, 10)), "A division"),
        (torch_words(lambda: anything(torch.randn)((2, 3), 4)), "A shape next to"),
        (torch_words(lambda: anything(nn.Conv2d)(1, 6, 5, padding=2.5)(R(1, 1, 28, 28))), "A division"),
    ],
)
def test_types_point_at_their_cause(text, title):
    decoded = decode(text)
    assert decoded is not None
    assert decoded.causes[0].title.startswith(title)


GOT = "Expected all tensors to be on the same device, but got {} is on {}, different from other tensors on {} "
GOT += "(when checking argument in method wrapper_CUDA_addmm)"
TWO = "Expected all tensors to be on the same device, but found at least two devices, {1} and {0}! "
TWO += "(when checking argument for argument {2} in method wrapper_CUDA_addmm)"


@pytest.mark.parametrize(
    ("argument", "here", "others", "title"),
    [
        ("mat1", "cuda:0", "cpu", "The network was not moved"),
        ("mat1", "cpu", "cuda:0", "The batch was not moved"),
        ("weight", "cuda:0", "cpu", "The batch was not moved"),
        ("weight", "cpu", "cuda:0", "The network was not moved"),
        ("index", "cpu", "cuda:0", "The batch was not moved"),
        ("target", "cpu", "cuda:0", "The labels were not moved"),
        ("target", "cuda:0", "cpu", "The network was not moved"),
        ("tensors", "cpu", "cuda:0", "The batch was not moved"),
    ],
)
def test_the_tensor_that_torch_names_says_what_was_not_moved(argument, here, others, title):
    for text in (GOT.format(argument, here, others), TWO.format(here, others, argument)):
        decoded = decode(f"RuntimeError: {text}")
        assert decoded is not None
        assert decoded.message == text
        assert decoded.causes[0].title == title
        assert decoded.meanings[0][0] == argument
        assert {piece for piece, _ in decoded.meanings} == {argument, here, others}
        check_sentences(text, None)


def test_the_meta_device_is_no_graphics_card():
    on_meta: dict[str, Any] = {"device": "meta"}
    for make, title in (
        (lambda: nn.Linear(3, 3)(torch.zeros(1, 3, **on_meta)), "The input was made on the meta device"),
        (lambda: nn.BatchNorm2d(3)(torch.zeros(1, 3, 8, 8, **on_meta)), "The input was made on the meta device"),
        (lambda: nn.Linear(3, 3, **on_meta)(torch.zeros(1, 3)), "The network was made on the meta device"),
        (lambda: nn.Linear(3, 3, **on_meta).to("cpu"), "The network was made on the meta device"),
    ):
        decoded = decode(torch_words(make))
        assert decoded is not None
        assert decoded.causes[0].title == title
        assert "meta device" in decoded.says
        assert not any("moved" in cause.title for cause in decoded.causes)


@pytest.mark.parametrize(
    ("make", "title"),
    [
        (lambda: anything(nn.Conv2d)(1, 6, kernal_size=5), "It is called kernel_size"),
        (lambda: anything(nn.Conv2d)(1, 6, 3, strides=2), "It is called stride"),
        (lambda: anything(nn.MaxPool2d)(kernel=2), "It is called kernel_size"),
        (lambda: anything(nn.Dropout)(prob=0.1), "It is called p"),
        (lambda: anything(nn.Linear)(3, 3, colour=1), "nn.Linear has no colour"),
        (lambda: anything(F.relu)(R(1), inplac=True), "It is called inplace"),
        (lambda: anything(F.max_pool2d)(R(1, 1, 4, 4), 2, strid=2), "It is called stride"),
        (lambda: anything(torch.flatten)(R(2, 3), start=1), "It is called start_dim"),
        (lambda: anything(torch.optim.Adam)(Named().parameters(), learning_rate=0.1), "It is called lr"),
        (lambda: anything(DataLoader)([1], batchsize=3), "It is called batch_size"),
        (lambda: anything(Named)(width=3), "Your own __init__ or function has no such parameter"),
        (lambda: anything(nn.Conv2d)(1, 6), "nn.Conv2d needs kernel_size"),
        (lambda: anything(nn.Conv2d)(1), "nn.Conv2d needs out_channels and kernel_size"),
        (lambda: anything(nn.Linear)(3), "nn.Linear needs out_features"),
        (lambda: anything(F.max_pool2d)(R(1, 1, 4, 4)), "F.max_pool2d needs kernel_size"),
        (lambda: anything(torch.optim.SGD)(), "optim.SGD needs params"),
        (lambda: anything(nn).Conv2D, "It is spelled Conv2d"),
        (lambda: anything(nn).max_pool2d, "max_pool2d is in torch.nn.functional"),
        (lambda: anything(nn).CrossEntropyloss, "It is spelled CrossEntropyLoss"),
        (lambda: anything(F).Relu, "It is spelled relu"),
        (lambda: anything(R(3)).rehsape, "It is spelled reshape"),
        (lambda: anything(R(3)).leaky_relu, "leaky_relu is a function"),
        (lambda: nn.ReLU(R(3)).shape, "A layer was made where it should be called"),  # type: ignore[arg-type]
        (lambda: anything(np.zeros(3)).unsqueeze, "An ndarray instead of a tensor"),
        (lambda: WithoutSuperAtAll()(R(1)), "super().__init__() is missing"),
        (lambda: anything(Named()).fc7, "fc7 was never made"),
    ],
)
def test_names_point_at_the_nearest(make, title):
    decoded = decode(torch_words(make))
    assert decoded is not None
    assert decoded.causes[0].title == title
    near = title.rpartition(" ")[2]
    if title.startswith("It is") or " needs " in title:
        assert near in decoded.causes[0].remedy


def test_what_is_missing_stands_in_the_line_to_write():
    line = decode(torch_words(lambda: anything(F.max_pool2d)(R(1, 1, 4, 4))))
    assert line is not None
    assert line.causes[0].remedy == "Write F.max_pool2d(input, kernel_size), with your numbers."
    line = decode(torch_words(lambda: anything(nn.Conv2d)(1, 6)))
    assert line is not None
    assert line.causes[0].remedy == "Write nn.Conv2d(in_channels, out_channels, kernel_size), with your numbers."


def test_another_number_is_no_misspelled_name():
    decoded = decode(torch_words(lambda: anything(Named()).fc7), SEED)
    assert decoded is not None
    assert decoded.causes[0].title == "fc7 was never made"
    assert not decoded.fitting


def test_a_name_of_the_network_here():
    words = torch_words(lambda: anything(Named()).fc2)
    first = decode(words, SEED)
    assert first is not None
    assert (first.causes[0].title, first.causes[0].layer) == ("fc2 is not made in __init__", "fc2")
    words = torch_words(lambda: anything(Named()).Conv_2)
    near = decode(words, SEED)
    assert near is not None
    assert (near.causes[0].title, near.causes[0].layer, near.causes[0].fits) == ("It may be conv2", "conv2", True)


def test_the_names_are_torch_s():
    spaces = {"torch": torch, "torch.nn": nn, "torch.nn.functional": F, "torch.optim": torch.optim}
    for module, (_, names) in known_names.MODULES.items():
        assert [name for name in names if not hasattr(spaces[module], name)] == []
    assert [name for name in known_names.METHODS if not hasattr(R(1), name)] == []
    for name, arguments in known_names.FUNCTIONS.items():
        try:
            real = inspect.signature(getattr(F, name)).parameters
        except ValueError:  # written in C
            continue
        if "args" not in real:
            assert set(arguments) <= set(real), name
    for name, arguments in known_names.CLASSES.items():
        made = DataLoader if name == "DataLoader" else getattr(torch.optim, name.partition(".")[2])
        assert set(arguments) <= set(inspect.signature(made).parameters), name


@pytest.mark.parametrize(
    ("make", "title"),
    [
        (lambda: F.binary_cross_entropy(R(6), torch.zeros(6, dtype=torch.long)), "Labels as whole numbers"),
        (lambda: F.binary_cross_entropy(R(6), torch.zeros(6, dtype=torch.double)), "Numbers from NumPy"),
        (lambda: F.binary_cross_entropy(R(6) + 2, R(6)), "The sigmoid is missing"),
        (lambda: F.binary_cross_entropy(R(6), R(6) + 2), "Labels that are not probabilities"),
        (lambda: F.cross_entropy(R(2, 5, 4, 4), torch.zeros(2, 1, 4, 4).long()), "Masks with a channel axis"),
        (lambda: F.cross_entropy(R(2, 5, 4, 4), torch.zeros(2).long()), "One label per image"),
        (changed_in_place, "A value changed in place"),
        (stepped_between, "The weights changed before backward"),
        (changed_by_hand, "A weight changed by hand"),
        (lambda: R(3, requires_grad=True).numpy(), "The outputs or the loss still record gradients"),
        (lambda: anything(torch.optim.SGD)([Named()], lr=0.1), "Layers instead of their weights"),
        (lambda: anything(torch.optim.SGD)([Named().parameters()], lr=0.1), "A list around net.parameters()"),
        (lambda: anything(torch.optim.SGD)(Named().state_dict(), lr=0.1), "Names instead of weights"),
        (lambda: anything(torch.optim.SGD)(Named().fc1.weight, lr=0.1), "A single tensor"),
        (named("nn.Linear(3, 3)"), "An import is missing"),
        (named("Conv2d(1, 6, 5)"), "nn. is missing before Conv2d"),
        (named("relu(x)"), "F. is missing before relu"),
        (named("Adam(x)"), "optim. is missing before Adam"),
        (named("dataloader"), "It may be DataLoader"),
        (named("device"), "device was never made"),
        (named("self.conv1"), "self is missing among the parameters"),
        (named("lables"), "The line that makes it has not run"),
        (named("true"), "Python writes it with a capital"),
    ],
)
def test_a_training_loop_s_messages_point_at_their_cause(make, title):
    words = torch_words(make)
    decoded = decode(words)
    assert decoded is not None
    assert decoded.causes[0].title.startswith(title)
    check_sentences(words, SEED)


@pytest.mark.parametrize("name", IMPORTS)
def test_the_import_that_is_missing_is_the_line_to_write(name):
    decoded = decode(torch_words(named(f"{name}.x")))
    assert decoded is not None
    line = decoded.causes[0].remedy.removeprefix("Write ").removesuffix(" at the top of the file.")
    assert ast.parse(line).body
    assert line.split()[-1] == name


def test_a_layer_without_self():
    decoded = decode(torch_words(named("conv1(x)")), SEED)
    assert decoded is not None
    assert [(cause.title, cause.layer) for cause in decoded.fitting] == [("self is missing", "conv1")]


@pytest.mark.parametrize(
    ("before", "title"),
    [
        ("", "A label that is not a class"),
        ("nll_loss_forward: Assertion `t >= 0 && t < n_classes` failed.", "Labels that count from 1"),
        ("indexSelectSmallIndex: Assertion `srcIndex < srcSelectDimSize` failed.", "An index that is too large"),
        ("Assertion `input_val >= zero && input_val <= one` failed.", "BCELoss without a sigmoid"),
    ],
)
def test_what_the_card_says_before_tells_which_check_failed(before, title):
    text = f"../aten/src/ATen/native/cuda: {before}\nRuntimeError: CUDA error: device-side assert triggered\n"
    decoded = decode(text)
    assert decoded is not None
    assert (decoded.kind, decoded.causes[0].title[: len(title)]) == ("device-assert", title)
    check_sentences(text, SEED)


@pytest.mark.parametrize(
    ("make", "first", "second"),
    [
        (lambda: R(1, 8, 14, 14) + R(1, 8, 7, 7), "One side was halved", "A skip connection bet"),
        (lambda: torch.cat([R(1, 2, 58, 58), R(1, 2, 50, 50)], 1), "Several convolutions", "A convolution without"),
        (lambda: torch.cat([R(1, 2, 568, 568), R(1, 2, 392, 392)], 1), "Several convolutions", "Maps of different"),
        (lambda: R(1, 8, 14, 14) + R(1, 8, 10, 10), "A convolution without padding", "A skip connection bet"),
        (lambda: torch.cat([R(1, 2, 15, 15), R(1, 2, 7, 7)], 1), "One side was halved", "Maps of different sizes"),
        (lambda: torch.cat([R(1, 2, 7, 7), R(1, 9, 7, 7)], 0), "Sequences of different", "A different axis was meant"),
        (lambda: F.mse_loss(R(64, 10), R(64)), "Outputs and labels", "A skip connection bet"),
        (lambda: R(4, 9, 9) - R(3, 1, 1), "Images with transparency", "Outputs and labels"),
        (lambda: torch.stack([R(3, 32, 32), R(1, 28, 28)]), "Images of different kinds", "Images of different sizes"),
        (lambda: torch.stack([R(3, 32, 32), R(3, 28, 28)]), "Images of different sizes", "A transform"),
        (lambda: torch.stack([R(30), R(28)]), "Sequences of different lengths", "A transform"),
    ],
)
def test_sizes_that_are_combined_point_at_their_cause(make, first, second):
    decoded = decode(torch_words(make))
    assert decoded is not None
    assert [cause.title[: len(text)] for cause, text in zip(decoded.causes, (first, second), strict=False)] == [
        first,
        second,
    ]


def test_the_layer_that_lies_on_one_way_only():
    words = torch_words(lambda: R(1, 6, 24, 24) + R(1, 6, 12, 12))
    decoded = decode(words, SEED)
    assert decoded is not None
    assert [(cause.title, cause.layer) for cause in decoded.fitting] == [
        ("pool1 is on only one of the two branches", "pool1")
    ]
    decoded = decode(torch_words(lambda: torch.stack([R(1, 32, 32), R(1, 28, 28)])), SEED)
    assert decoded is not None
    assert "transforms.Resize((28, 28))" in decoded.fitting[0].remedy
    decoded = decode(torch_words(lambda: torch.empty(1 << 50)), PRESETS["vgg16"])
    assert decoded is not None
    assert "102,764,544" in decoded.causes[-1].why
    assert decoded.causes[-1].title == "Most weights are in fc1"


def test_a_pooled_sequence_that_is_too_short():
    network = Network((1, 8), tuple(CATALOGUE["MaxPool1d"].fresh(f"pool{n}") for n in (1, 2, 3, 4)))
    pools = nn.Sequential(*(nn.MaxPool1d(2) for _ in range(4)))
    decoded = decode(torch_words(lambda: pools(R(2, 1, 8))), network)
    assert decoded is not None
    assert (decoded.kind, decoded.causes[0].layer, decoded.causes[0].mends) == ("output-1d", "pool4", True)


@pytest.mark.parametrize("text", [text for kind, text in OLD if kind in ("device", "dtype")])
def test_bytes_only_where_the_types_say_so(text):
    for message in (text, text.replace("FloatTensor", "ByteTensor", 1)):
        decoded = decode(message)
        assert decoded is not None
        told = [cause.title for cause in decoded.causes]
        assert ("Images as bytes" in told) == ("Byte" in message), message
        assert decoded.kind != "device" or "Images as bytes" not in told[:2]


def test_of_two_errors_the_last_counts():
    one, two = KINDS["matrix"].example, KINDS["channels"].example
    for first, last, kind in ((one, two, "channels"), (two, one, "matrix")):
        decoded = decode(f"{first}\n{last}")
        assert decoded is not None
        assert decoded.kind == kind


def mutated(rng: Random, text: str) -> str:
    """The text with a few places changed: numbers; in half of them also pieces cut, doubled, of other messages."""
    words = rng.random() < 0.5
    for _ in range(rng.randint(1, 3)):
        at, length = rng.randrange(len(text) + 1), rng.randint(0, 12)
        what = rng.random() if words else 0.0
        if what < 0.7:
            digits = [i for i, c in enumerate(text) if c.isdigit()] or [len(text)]
            at = rng.choice(digits)
            number = rng.choice(
                ("0", "1", "3", "9" * 8, "192", str(rng.randint(0, 5000))) if not words else ("-1", "9" * 40, "x", "")
            )
            text = text[:at] + number + text[at + 1 :]
        elif what < 0.77:
            text = text[:at] + text[at + length :]
        elif what < 0.86:
            text = text[:at] + text[at : at + length] * rng.randint(1, 40) + text[at:]
        elif what < 0.95:
            other = rng.choice(list(KINDS.values())).example
            text = text[:at] + other[rng.randrange(len(other)) :] + text[at:]
        else:
            text = text[:at] + rng.choice(("\0", "\n", "[", "(", "²", "٣", "\ud800", "😀", "{0}", "%s")) + text[at:]
    return text


def test_hostile_pastes(thorough):
    rng = Random(7)
    examples = [kind.example for kind in KINDS.values()]
    networks = [None, SEED, PRESETS["vgg11"], PRESETS["decoder"], PRESETS["depthwise-separable"]]
    known = 0
    slowest = (0.0, "")
    for number in range(15_000 if thorough else 2_500):
        text = mutated(rng, rng.choice(examples))
        network = networks[number % 2] if number % 20 else rng.choice(networks)
        start = time.process_time()
        known += decode(text, network) is not None
        slowest = max(slowest, (time.process_time() - start, text))
    assert known > 1_000, "many of them are still messages"
    assert slowest[0] < 0.25, slowest


def test_networks_of_any_kind(thorough):
    """Networks that a link may hold, most of which do not run, and messages with numbers of theirs."""
    rng = Random(11)
    slowest = (0.0, "")
    for _ in range(3_000 if thorough else 40):
        network = legal_network(rng, longest=8) if rng.random() < 0.5 else random_network(rng)
        sizes = [size for step in walk(network).steps for size in step.input_shape] or [1]
        for kind in KINDS.values() if thorough else rng.sample(list(KINDS.values()), SOME_KINDS):
            pieces = re.split(r"(\d+)", kind.example)
            pieces[1::2] = [str(rng.choice((piece, rng.choice(sizes)))) for piece in pieces[1::2]]
            text = "".join(pieces)
            start = time.process_time()
            decode(text, network)
            slowest = max(slowest, (time.process_time() - start, f"{text} {network}"))
    assert slowest[0] < 0.5, slowest


@pytest.mark.parametrize(
    "piece",
    ["size mismatch for fc1.weight: copying a param with shape ", "Given groups=1, weight of size [", "(1x", "0, ", "[",
     "mat1 and mat2 shapes cannot be multiplied (", "Error(s) in loading state_dict for Net: ", "Missing key(s) in "
     'state_dict: "a", ', "Expected ", "\x1b[", "argument '", "shape '[-1, "],
)  # fmt: skip
def test_repeated_pieces_cost_no_more_than_their_length(piece, benchmark_seconds):
    text = piece * (200_000 // len(piece))
    assert benchmark_seconds(lambda: decode(text, SEED)) < 0.25
