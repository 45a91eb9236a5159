"""Which error of a paste is explained, where it happened, and what is said of a network that is not the one."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

import layerscope
from layerscope.decoder.answer import Decoded
from layerscope.decoder.decoding import decode
from layerscope.decoder.kinds.all_kinds import KINDS
from layerscope.decoder.kinds.kind import longest_word
from layerscope.decoder.recognising import last_error
from layerscope.presets import PRESETS
from layerscope.source.reader import read_all
from tests.decoder.mistakes import torch_words
from tests.decoder.test_messages import check_sentences
from tests.decoder.wordings import OLD

F = nn.functional
SEED = PRESETS["fashion-mnist-cnn"]
MATRIX = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (4x400 and 256x120)"
HIDDEN = torch_words(lambda: nn.GRU(10, 16)(torch.rand(5, 3, 10), torch.rand(1, 16, 16)))
WARNING = (
    "loss.py:610: UserWarning: Using a target size (torch.Size([16])) that is different to the input size "
    "(torch.Size([16, 1])). This will likely lead to incorrect results.\n  return F.mse_loss(input, target)\n"
)
UNKNOWN = "TypeError: write() argument must be str, not RuntimeError"
TRACE = 'Traceback (most recent call last):\n  File "a.py", line 6, in <module>\n    log.write(e)\n'


def decoded(text: str, network: object = None, written: object = None) -> Decoded:
    found = decode(text, network, written)  # type: ignore[arg-type]
    assert found is not None, text
    return found


@pytest.mark.parametrize("before", ["", "E       ", "[rank0]: ", "\x1b[31m"])
def test_a_warning_before_an_error_is_not_the_error(before):
    assert decoded(WARNING + before + HIDDEN).kind == "rnn-hidden"
    assert decode(WARNING + before + UNKNOWN) is None
    assert last_error(WARNING + before + UNKNOWN) == UNKNOWN
    assert decoded(WARNING).kind == "target-size"


def test_an_error_that_comes_after_and_is_not_known_is_told():
    text = f"{MATRIX}\n\nDuring handling of the above exception, another exception occurred:\n\n{TRACE}{UNKNOWN}"
    found = decoded(text)
    assert (found.kind, found.then) == ("matrix", UNKNOWN)
    assert decoded(f"{TRACE}{UNKNOWN}\n\n{MATRIX}").then == ""
    assert decoded(MATRIX).then == ""
    assert decoded(f"{MATRIX}\n\n[1] exit 1").then == ""


def test_of_an_error_in_a_worker_the_inner_one_counts():
    inner = torch_words(lambda: torch.stack([torch.rand(3, 8, 8), torch.rand(3, 9, 9)]))
    text = f"RuntimeError: Caught RuntimeError in DataLoader worker process 0.\nOriginal Traceback:\n{inner}"
    assert (decoded(text).kind, decoded(text).then) == ("stack", "")


def test_blanks_that_a_terminal_lost_do_not_matter():
    words = torch_words(lambda: torch.rand(1, 1, 1, 120) + torch.rand(1, 1, 1, 128))
    for lost in (words.replace("b (128)", "b(128)"), words.replace("size of", "sizeof"), words.replace(" at ", "at ")):
        assert decoded(lost).kind == "sizes"
        check_sentences(lost, None)
    old = "Given groups=1, weight of size 6 1 5 5, expected input[2, 3, 28, 28] to have 1 channels, but got 3 channels"
    assert "with 1 input channel" in decoded(f"{old} instead").meanings[0][1], "a blank tells numbers apart"


LIBRARY = (
    '  File "/usr/lib/python3.11/site-packages/torch/nn/modules/linear.py", line 125, in forward\n    '
    "return F.linear(x)\n"
)


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        ('  File "/home/me/net.py", line 17, in forward\n    x = self.fc1(x)\n', "net.py, line 17: x = self.fc1(x)"),
        ('  File "C:\\me\\net.py", line 17, in forward\n    x = f(x)\n        ^^^^\n', "net.py, line 17: x = f(x)"),
        ("Cell In[3], line 5\n----> 5 net(x)\n", "cell 3, line 5"),
        ("<ipython-input-12-ab3> in <module>\n----> 5 net(x)\n", "cell 12"),
        ("File ~/work/net.py:17, in Net.forward(self, x)\n", "net.py, line 17"),
        ("", ""),
    ],
)
def test_the_last_line_of_ones_own_code_is_told(lines, where):
    text = f"Traceback (most recent call last):\n{lines}{LIBRARY}{MATRIX}"
    assert decoded(text).where == where
    later = f"{text}\n\nDuring handling of the above exception\n{TRACE}{UNKNOWN}"
    assert decoded(later).where == where


def test_a_view_fits_a_network_only_where_something_says_so():
    words = torch_words(lambda: torch.rand(64, 3, 30, 30).view(-1, 784))
    assert "784]' is invalid for input of size 172800" in words
    assert not decoded(words, SEED).fitting
    eight = torch_words(lambda: torch.rand(8, 192).view(-1, 500))
    assert decoded(eight, SEED).fitting
    code = read_all("net = nn.Sequential(nn.Flatten(), nn.Linear(192, 10))\nnet(torch.rand(2, 12, 4, 4))")
    assert code.network is not None
    assert not decoded(eight, code.network, code.written).fitting


def test_a_label_that_is_a_class_is_of_another_network():
    words = torch_words(lambda: F.cross_entropy(torch.rand(3, 1), torch.tensor([0, 1, 0])))
    assert decoded(words).causes[0].title == "A single output for yes or no"
    found = decoded(words, SEED)
    assert not found.fitting
    assert found.causes[0].title == "The network here is not the one that failed"
    assert "none of them" not in "".join(cause.why for cause in found.causes)


TABLE = read_all("net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 2))", (6,))
IMAGES = ("image", "pooling", "flatten", "channel")


def test_a_network_of_rows_hears_nothing_of_images():
    for value in (torch.rand(16, 5), torch.rand(6, 1), torch.rand(16, 2)):
        layer = nn.Linear(12, 2) if value.shape[1] == 2 else nn.Linear(6, 12)
        found = decoded(torch_words(partial(layer, value)), TABLE.network, TABLE.written)
        said = " ".join(f"{cause.title} {cause.why} {cause.remedy}" for cause in found.causes).lower()
        assert found.causes
        assert not any(word in said for word in IMAGES), said
        assert not any("flatten" in what for _, what in found.meanings)


def test_outputs_that_go_through_the_last_layer_again():
    words = torch_words(lambda: nn.Linear(12, 2)(torch.rand(5, 2)))
    first = decoded(words, TABLE.network, TABLE.written).causes[0]
    assert (first.title, first.fits, first.layer) == ("fc2 is applied twice", True, "fc2")


def test_nobody_is_told_to_resize_to_a_single_cell():
    code = read_all("net = nn.Sequential(nn.Flatten(), nn.Linear(3, 32))\nnet(torch.randn(7, 3, 16, 16))")
    found = decoded(torch_words(lambda: nn.Linear(3, 32)(torch.rand(7, 768))), code.network, code.written)
    assert found.causes[0].title.startswith("in_features of fc1 does not match its input")
    assert not any("1×1" in cause.title for cause in found.causes)


def test_two_graphics_cards_are_no_processor():
    text = "Expected all tensors to be on the same device, but found at least two devices, cuda:1 and cuda:0! (when "
    found = decoded(f"{text}checking argument for argument index in method wrapper_CUDA__index_select)")
    assert "two graphics cards" in found.says
    assert not any("moved" in cause.title for cause in found.causes)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("CUDA out of memory. Tried to allocate 88213.40 GiB. GPU 0 has a total capacity of 23.64 GiB of", "A shape"),
        ("CUDA out of memory. Tried to allocate 30.00 GiB (GPU 0; 7.79 GiB total capacity; 5.02 GiB", "A shape"),
        ("CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 7.79 GiB total capacity; 5.02 GiB", "The batch is"),
        (torch_words(lambda: torch.rand(400_000, 1) - torch.rand(400_000)), "A shape"),
    ],
)
def test_more_memory_than_there_is_comes_of_a_shape(text, title):
    found = decoded(text)
    assert found.causes[0].title.startswith(title)
    if "400" in text:
        assert "400,000 × 400,000 = 160,000,000,000 values" in found.causes[0].why


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Input type (MPSFloatType) and weight type (torch.FloatTensor) should be the same", "The network was not"),
        ("Input type (torch.FloatTensor) and weight type (MPSFloatType) should be the same", "The batch was not"),
        ("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 23.6 GiB of which 1.00 MiB is "
         "free. Process 4711 has 23.1 GiB memory in use.", "Something else uses"),
        ("CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 7.79 GiB total capacity; 0.50 GiB already allocated; "
         "1.00 MiB free", "Something else uses"),
        ("CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 7.79 GiB total capacity; 7.10 GiB already allocated; "
         "1.00 MiB free", "The batch is too large"),
    ],
)  # fmt: skip
def test_the_numbers_of_the_card_say_who_holds_what(text, title):
    assert decoded(text).causes[0].title.startswith(title)


def test_one_sample_for_each_card():
    inner = torch_words(lambda: nn.BatchNorm2d(4)(torch.rand(1, 4, 1, 1)))
    text = (
        f"ValueError: Caught ValueError in replica 0 on device 0.\nOriginal Traceback (most recent call last):\n{inner}"
    )
    assert decoded(text).causes[0].title == "Only one sample per card"
    assert decoded(inner).causes[0].title == "One sample while training"


def test_the_lines_before_tell_a_table_of_positions():
    words = torch_words(lambda: nn.Embedding(3, 2)(torch.tensor([7])))
    assert decoded(f"    p = self.position_embeddings(ids)\n{words}").causes[0].title.startswith("A text longer")
    assert decoded(words).causes[0].title == "num_embeddings is too small"


def test_no_name_of_the_decoder_s_files_stands_twice_in_the_package():
    package = Path(layerscope.__file__).parent
    names = [path.name for path in package.rglob("*.py") if path.name != "__init__.py"]
    own = {path.name for path in (package / "decoder").rglob("*.py")} - {"__init__.py"}
    assert [name for name in sorted(own) if names.count(name) > 1] == []


def test_no_kind_hides_another():
    for key, kind in KINDS.items():
        assert kind.name not in [other.name for name, other in KINDS.items() if name != key]
        assert decoded(kind.example).kind == key


SMALL = read_all(
    "net = nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2), nn.Conv2d(8, 8, 5), nn.MaxPool2d(2), "
    "nn.Conv2d(8, 8, 5))\n"
    "net(torch.rand(2, 1, 28, 28))"
)


def test_the_traceback_says_which_kernel_is_too_large():
    words = torch_words(lambda: nn.Conv2d(8, 8, 5)(torch.rand(2, 8, 4, 4)))
    assert SMALL.network is not None
    layers = {cause.layer for cause in decoded(words, SMALL.network).fitting}
    assert len(layers) > 1
    for name in ("conv2", "conv3"):
        line = f'  File "net.py", line 9, in forward\n    x = self.{name}(x)\n{words}'
        fitting = decoded(line, SMALL.network).fitting
        assert fitting
        assert {cause.layer for cause in fitting} == {name}


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("a size mismatch of (?P<n>\\d{1,9}) cells", "mismatch"),
        ("(?:found (?:an )?)?bad index", "index"),  # what may be missing
        ("(?P<name>\\w{1,40})\\(\\) takes", "takes"),
        ("colou?r", "colo"),
        ("\\bvalues{1,2}", "value"),
        ("[wW]rongly (?!said)", "rongly"),
        ("wrong|bad", ""),
        ("(?:wrong|bad)", ""),
    ],
)
def test_the_word_without_which_nothing_matches(pattern, word):
    assert longest_word(pattern) == word


def test_what_a_wording_matches_has_its_word():
    texts = [*(kind.example for kind in KINDS.values()), *(text for _, text in OLD)]
    flat = "\n".join(" ".join(text.split()) for text in texts)
    matched = [
        (wording, found)
        for kind in KINDS.values()
        for wording in kind.wordings
        for found in wording.pattern.finditer(flat)
    ]
    assert len(matched) > len(KINDS)
    assert [wording for wording, found in matched if wording.word not in found.group()] == []
    assert sum(not wording.word for kind in KINDS.values() for wording in kind.wordings) < 30
