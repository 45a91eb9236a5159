"""What a paste says of its input's size beside an example call, which of it counts, and guesses, which are said so."""

import pytest
import torch

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.source.reader import read_all
from layerscope.source.reading import Reading
from layerscope.source.text.paste import replaced
from tests.source.test_reader_ways import net

FITS = {size: 4 * ((size - 2) // 2) ** 2 for size in (20, 28, 32, 48, 64, 96, 224)}
"""Values that the convolution and the pooling of `small` leave of images of that size."""


def small(size: int, channels: int = 3, before: str = "", hint: str = "") -> str:
    code = net(
        f"self.conv = nn.Conv2d({channels}, 4, 3)\nself.fc = nn.Linear({FITS[size]}, 5)",
        f"{before}return self.fc(F.max_pool2d(self.conv(x), 2).flatten(1))",
    )
    return code.replace("(self, x)", f"(self, x{hint})")


def anywhere(channels: int = 3, before: str = "", hint: str = "") -> str:
    """A network that takes images of any size."""
    code = net(f"self.conv = nn.Conv2d({channels}, 4, 3)", f"{before}return self.conv(x)")
    return code.replace("(self, x)", f"(self, x{hint})")


def told(source: str) -> tuple[Shape, str]:
    reading = read_all(source)
    assert reading.refusal is None
    assert reading.network is not None
    assert not reading.doubt
    return reading.network.input_shape, reading.shape_told


TRANSFORMS = [
    ("transforms.Resize((48, 64))", (48, 64)),
    ("transforms.Resize(size=(48, 64))", (48, 64)),
    ("transforms.Resize([48, 64])", (48, 64)),
    ("transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])", (224, 224)),
    ("T.Compose([T.RandomResizedCrop(96), T.RandomHorizontalFlip(), T.ToTensor()])", (96, 96)),
    ("T.Compose([T.RandomCrop(32, padding=4), T.ToTensor()])", (32, 32)),
    ("T.Compose([T.Resize((28, 28)), T.Pad(2), T.ToTensor()])", (32, 32)),
    ("v2.Compose([v2.RandomResizedCrop(size=(64, 64), antialias=True)])", (64, 64)),
    ("A.Compose([A.Resize(height=48, width=64), ToTensorV2()])", (48, 64)),
    ("A.Compose([A.Resize(48, 64), A.Normalize()])", (48, 64)),
    ("SIZE = 64\nprepare = transforms.Compose([transforms.Resize((SIZE, SIZE))])", (64, 64)),
    ("cfg = {'side': 64}\nprepare = transforms.Resize((cfg['side'], cfg['side']))", (64, 64)),
    ("image = cv2.resize(image, (64, 48))", (48, 64)),
    ("image = TF.resize(image, [48, 64])", (48, 64)),
]


@pytest.mark.parametrize(("code", "cells"), TRANSFORMS)
def test_transforms_tell_the_size(code: str, cells: Shape) -> None:
    assert told(f"{code}\n{anywhere()}") == ((3, *cells), "transform")


DATASETS = [
    ("train = datasets.MNIST('.', train=True, transform=ToTensor())", 1, (28, 28)),
    ("train = torchvision.datasets.FashionMNIST(root='data')", 1, (28, 28)),
    ("train = CIFAR10('data', download=True)", 3, (32, 32)),
    ("train = datasets.CIFAR100('data')", 3, (32, 32)),
    ("train = datasets.SVHN('data', split='train')", 3, (32, 32)),
    ("train = datasets.STL10('data')", 3, (96, 96)),
    ("train = load_dataset('cifar10')", 3, (32, 32)),
    ("def loaders():\n    return DataLoader(datasets.MNIST('.'), batch_size=8)", 1, (28, 28)),
]


@pytest.mark.parametrize(("code", "channels", "cells"), DATASETS)
def test_the_name_of_a_dataset_tells_the_size(code: str, channels: int, cells: Shape) -> None:
    assert told(f"{code}\n{anywhere(channels)}") == ((channels, *cells), "dataset")


def test_a_resize_counts_more_than_the_dataset() -> None:
    code = (
        "tf = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])\nx = datasets.CIFAR10('.', tf)\n"
    )
    assert told(f"{code}{anywhere()}") == ((3, 64, 64), "transform")
    gray = code.replace("transforms.ToTensor()", "transforms.Grayscale()")
    assert told(f"{gray}{anywhere(1)}") == ((1, 64, 64), "transform")


COMMENTS = [
    ("# x: (N, 3, 48, 64)", (3, 48, 64)),
    ("# [batch, 3, 48, 64]", (3, 48, 64)),
    ("# (B, C, H, W) = (8, 3, 48, 64)", (3, 48, 64)),
    ("# input: 3x48x64", (3, 48, 64)),
    ("# 48x64 RGB", (3, 48, 64)),
    ("# x.shape = (8, 3, 48, 64)", (3, 48, 64)),
    ("# Input shape: (batch_size, 3, 48, 64)", (3, 48, 64)),
    ('"""Args:\n            x (Tensor): images of shape (N, 3, 48, 64)\n        """', (3, 48, 64)),
    ('"""Input: (N, C, H, W) with C = 3, H = 48, W = 64"""', (3, 48, 64)),
]


@pytest.mark.parametrize(("comment", "shape"), COMMENTS)
def test_a_comment_or_a_docstring_at_the_input_tells_it(comment: str, shape: Shape) -> None:
    found, how = told(anywhere(before=f"{comment}\n"))
    assert found == shape
    assert how == ("docstring" if comment.startswith('"') else "comment")


def test_a_comment_before_the_class_tells_it() -> None:
    assert told(f"# images are 28x28 grayscale\n{anywhere(1)}") == ((1, 28, 28), "comment")
    assert told(f"# 64×64 RGB images\n{anywhere()}") == ((3, 64, 64), "comment")


NOT_THE_INPUT = [
    ("", "x = self.conv(x)  # (N, 4, 14, 14)\n"),
    ("", "x = self.conv(x)\n# x: (N, 4, 14, 14)\n"),
    ("# two 3x3 convolutions, then 2x2 pooling\n", ""),
    ("# images become 2 rows; it runs on 3x192x192 images\n", ""),
    ("# epochs 10, 20, 30\n", ""),
    ('# input is unknown". Elsewhere it was 3x14x14\n', ""),
    ("kernel = (64, 64)\n", ""),
    ("noise = datasets.Unheard('.')\n", ""),
]


@pytest.mark.parametrize(("above", "inside"), NOT_THE_INPUT)
def test_what_speaks_of_something_else_tells_nothing(above: str, inside: str) -> None:
    code = net("self.conv = nn.Conv2d(3, 3, 3)", f"{inside}return self.conv(x)")
    reading = read_all(f"{above}{code}")
    assert reading.shape_told == "guess"


def test_type_hints_tell_it() -> None:
    assert told(anywhere(hint=': Float[Tensor, "b 3 48 64"]')) == ((3, 48, 64), "type hint")
    assert told(anywhere(hint=': TensorType["batch", 3, 48, 64]')) == ((3, 48, 64), "type hint")
    assert read_all(anywhere(hint=': Float[Tensor, "b c h w"]')).shape_told == "guess"


@pytest.mark.parametrize("code", ["IMG_SIZE = 64", "image_size = (64, 64)", "input_shape = (3, 64, 64)"])
def test_a_name_that_says_size_tells_it(code: str) -> None:
    assert told(f"{code}\n{anywhere()}") == ((3, 64, 64), "constant")


EXAMPLES = [
    "size = (3, 20, 20)\nNet()(torch.randn(6, *size))",
    "Net()(torch.FloatTensor(6, 3, 20, 20))",
    "BATCH, SIDE = 6, 20\nNet()(torch.rand(BATCH, 3, SIDE, SIDE))",
    "shape = [3, 20, 20]\nx = torch.zeros([2, *shape])\nNet()(x)",
]


@pytest.mark.parametrize("call", EXAMPLES)
def test_starred_and_named_sizes_of_a_call_are_read(call: str) -> None:
    assert told(f"{small(20)}\n{call}") == ((3, 20, 20), "example call")


def test_the_stronger_evidence_counts() -> None:
    rest = "IMG_SIZE = 28\ntrain = datasets.CIFAR10('.')\n"
    resize = "tf = transforms.Resize((48, 48))\n"
    comment = "# x: (N, 3, 64, 64)\n"
    call = "\nNet()(torch.randn(2, 3, 96, 96))"
    assert told(rest + anywhere())[0] == (3, 32, 32)
    assert told(rest + resize + anywhere())[0] == (3, 48, 48)
    assert told(rest + resize + anywhere(before=comment))[0] == (3, 64, 64)
    assert told(rest + resize + anywhere(before=comment) + call)[0] == (3, 96, 96)


def test_images_tell_nothing_of_a_network_that_takes_no_images() -> None:
    above = "train = datasets.CIFAR10('.')\n"
    reading = read_all(above + net("self.up = nn.ConvTranspose2d(100, 3, 4)", "return self.up(x)"))
    assert reading.network is not None
    assert reading.network.input_shape == (100, 1, 1)
    reading = read_all(above + net("self.fc = nn.Linear(100, 3)", "return self.fc(x)"))
    assert (reading.network and reading.network.input_shape, reading.shape_told) == ((100,), "layers")
    flat = above.replace("CIFAR10", "MNIST") + net("self.fc = nn.Linear(784, 3)", "return self.fc(x)")
    assert told(flat) == ((784,), "dataset")


def words(source: str, shape: Shape) -> str:
    """What torch says of the network on two such samples; "" where it runs."""
    names: dict[str, object] = {}
    exec(source, names)
    try:
        names["Net"]()(torch.randn(2, *shape))  # type: ignore[operator]
    except RuntimeError as error:
        return str(error)
    return ""


def test_where_the_layers_say_otherwise_both_can_be_mended() -> None:
    code = small(64)
    above = "# from torchvision import transforms\nprepare = lambda transforms: transforms.Resize((96, 96))\n"
    reading = read_all(above + code)
    assert reading.network is not None
    assert reading.network.input_shape == (3, 96, 96)
    assert reading.size.against == "Line 2 says 96×96, but the layers fit 64×64: one of the two is wrong."
    assert words(code, (3, 96, 96))
    mended = replaced(above + code, dict(reading.size.changes))
    assert "Resize((64, 64))" in mended
    assert told(mended) == ((3, 64, 64), "transform")
    assert not words(code, (3, 64, 64))


def test_of_two_sizes_of_one_kind_the_one_that_fits_counts() -> None:
    above = "train = transforms.Resize((96, 96))\ntest = transforms.Resize((64, 64))\n"
    assert told(above + small(64)) == ((3, 64, 64), "transform")


def test_of_very_many_places_the_first_count() -> None:
    some = "\n".join(f"tf = transforms.Resize(({n}, {n}))" for n in range(100, 99 + limits.SIZES.most))
    fits = "\ntf = transforms.Resize((64, 64))\n"
    assert told(some + fits + small(64))[0] == (3, 64, 64)
    assert read_all(f"{some}\nlast = transforms.Resize((99, 99)){fits}{small(64)}").size.against


def guess(source: str) -> Reading:
    reading = read_all(source)
    assert reading.doubt
    assert reading.network is not None
    assert reading.size.choices
    assert "what do you use?" in reading.doubt
    return reading


def test_a_guess_is_said_to_be_one_and_others_are_offered() -> None:
    reading = guess(anywhere())
    assert [choice.label for choice in reading.size.choices] == ["224×224 RGB", "28×28 RGB", "32×32 RGB"]
    assert [choice.shapes for choice in reading.size.choices] == ["3, 224, 224", "3, 28, 28", "3, 32, 32"]
    labels = [choice.label for choice in guess(anywhere(1)).size.choices]
    assert labels == ["224×224 grayscale", "28×28 grayscale", "32×32 grayscale"]
    indices = net("self.e = nn.Embedding(90, 12)\nself.out = nn.Linear(12, 2)", "return self.out(self.e(x).mean(1))")
    assert [choice.shapes for choice in guess(indices).size.choices] == ["16", "64", "128", "512"]


def test_an_example_whose_sizes_cannot_be_told_leaves_a_guess() -> None:
    call = "side = int(input())\nNet()(torch.randn(6, 3, side, side))"
    reading = guess(f"{small(32)}\n{call}")
    assert reading.doubt.startswith("The code does not say the sizes of torch.randn(6, 3, side, side) in line 19.")
    assert reading.network is not None
    assert reading.network.input_shape == (3, 32, 32)


def test_a_flatten_that_is_missing_leaves_the_number_to_tell_the_size() -> None:
    code = net("self.conv = nn.Conv2d(3, 8, 3)\nself.fc = nn.Linear(8 * 12 * 12, 10)", "return self.fc(self.conv(x))")
    reading = guess(code)
    assert reading.network is not None
    assert reading.network.input_shape == (3, 14, 14)
    along = code.replace("8 * 12 * 12", "24")  # one that reads the last axis
    assert guess(along).network == read_all(along, (3, 26, 26)).network
    assert not words(along, (3, 26, 26))


def test_a_flatten_from_the_batch_on_is_told_and_mended() -> None:
    code = "import torch.nn as nn\nnet = nn.Sequential(nn.Conv1d(1, 12, 3), nn.Flatten(start_dim=0), nn.Linear(84, 2))"
    flaw = guess(code).flaws[0]
    assert flaw.title == "nn.Flatten(start_dim=0) merges the samples"
    assert flaw.quote == "mat1 and mat2 shapes cannot be multiplied (1x168 and 84x2)"
    mended = replaced(code, dict(flaw.changes))
    assert "nn.Flatten(start_dim=1)" in mended
    assert guess(mended).flaws == ()


@pytest.mark.parametrize("size", ["1, -1", "imgs.size(0), -1"])
def test_a_flattened_batch_that_is_never_used(size: str) -> None:
    code = "import torch\nimport torch.nn as nn\nnet = nn.Sequential(nn.Linear(100, 5))\n"
    loop = f"imgs = torch.randn(8, 1, 10, 10)\nflat = imgs.view({size})\nout = net(imgs)\n"
    flaw = read_all(code + loop).flaws[0]
    assert flaw.title == "flat is never used"
    mended = replaced(code + loop, dict(flaw.changes))
    assert "imgs = imgs.view(imgs.size(0), -1)" in mended
    exec(mended, {})
    assert read_all(mended).flaws == ()


def test_the_inputs_of_a_network_that_takes_two() -> None:
    code = net("self.conv, self.e = nn.Conv2d(3, 4, 3), nn.Embedding(9, 4)\nself.fc = nn.Linear(4, 5)",
               "return self.fc(self.conv(image).mean([2, 3]) + self.e(words).mean(1))")  # fmt: skip
    code = code.replace("(self, x)", "(self, image, words)")
    reading = guess(code)
    assert reading.doubt.startswith("Input image: ")
    shapes = [choice.shapes for choice in reading.size.choices]
    assert shapes[1] == "3, 28, 28; "
    comment = "# image: (N, 3, 48, 64)\n        return"
    reading = guess(code.replace("return", comment, 1))
    assert reading.doubt.startswith("Input words: ")
    assert reading.network is not None
    assert [given.shape for given in reading.network.inputs] == [(3, 48, 64), (16,)]
