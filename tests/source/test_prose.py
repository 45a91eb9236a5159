"""Input sizes in the sentences around code: read where they say what the input is, and only there."""

import pytest

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.source.reader import read_all
from tests.source.test_reader_ways import net
from tests.source.test_sizes import anywhere, small

TOLD: list[tuple[str, int, Shape]] = [
    ("I'm training a CNN on my own 3 x 150 x 150 images and it fails.", 3, (3, 150, 150)),
    ("My images are 3x48x64, what should the layers be?", 3, (3, 48, 64)),
    ("The data are RGB images of 64x64.", 3, (3, 64, 64)),
    ("I have grayscale 48x48 images.", 1, (1, 48, 48)),
    ("It gets a batch of 16 spectrograms 1x128x431 each.", 1, (1, 128, 431)),
    ("The inputs are images of size 64 by 96 pixels.", 3, (3, 64, 96)),
    ("The pictures are 512x512, which I resize to 224x224.", 3, (3, 224, 224)),
    ("I use 5x5 kernels on 64x64 images.", 3, (3, 64, 64)),
    ("My input shape is (16, 3, 64, 64).", 3, (3, 64, 64)),
    ("The input has the shape [batch, 1, 28, 28].", 1, (1, 28, 28)),
    ("Each photo is 128*128 (grayscale).", 1, (1, 128, 128)),
    ("I have 5-channel 64x64 satellite images.", 5, (5, 64, 64)),
    ("Each image is 100x120x3.", 3, (3, 100, 120)),
    ("The images are 64x64px.\nThey are 64 x 64 photos of cats.", 3, (3, 64, 64)),
]


@pytest.mark.parametrize(("text", "channels", "shape"), TOLD)
@pytest.mark.parametrize("form", ["{text}\n\n{code}", "{code}\n\n{text}\n", "{text}\n```python\n{code}\n```"])
def test_sentences_tell_the_size(text: str, channels: int, shape: Shape, form: str) -> None:
    paste = form.format(text=text, code=anywhere(channels))
    reading = read_all(paste)
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.network.input_shape == shape
    assert not reading.doubt
    assert reading.shape_told == "text"
    lines = [n for n, row in enumerate(paste.split("\n"), 1) if row and row in text]
    assert reading.size.words in {f"as your text in line {line} says" for line in lines}


@pytest.mark.parametrize("text", [
    "The images are 64x64. Some images are 32x32.",
    "I get an output of 16x24x24 for my images.",
    "I train for 10 x 50 epochs on these images.",
    "My 3x3 filters do not work with these images.",
    "With 2 x 3090 cards these images take an hour.",
    "mat1 and mat2 shapes cannot be multiplied (8x512 and 256x40)",
    "The weights are 64x32x30x30.",
    "It is about images, version 2.10.",
])  # fmt: skip
def test_sentences_about_something_else_tell_nothing(text: str) -> None:
    reading = read_all(f"{text}\n\n{anywhere(3)}")
    assert reading.network is not None
    assert reading.shape_told != "text"
    assert reading.doubt


def test_what_the_code_itself_says_counts_for_more() -> None:
    code = f"tf = transforms.Resize((96, 96))\n{anywhere(3)}"
    reading = read_all(f"I have 64x64 images.\n\n{code}")
    assert reading.network is not None
    assert (reading.network.input_shape, reading.shape_told) == ((3, 96, 96), "transform")


def test_layers_that_are_written_for_another_size_are_told() -> None:
    reading = read_all(f"I have 64x64 images.\n\n{small(96)}")
    assert reading.network is not None
    assert reading.network.input_shape == (3, 64, 64)
    assert reading.size.against.startswith("Line 1 says 64×64, but the layers fit 96×96")


def test_images_that_a_network_makes_are_not_its_input() -> None:
    code = net("self.up = nn.ConvTranspose2d(100, 3, 64)", "return self.up(x)")
    reading = read_all(f"I want to make 64x64 images of cats.\n\n{code}")
    assert reading.network is not None
    assert reading.network.input_shape[1:] == (1, 1)


def test_no_line_takes_long() -> None:
    long = "my images are " + "3 x 150 x " * 3_000
    assert len(long) > limits.PROSE.most
    assert read_all(f"{long}\n\n{anywhere(3)}").network is not None
