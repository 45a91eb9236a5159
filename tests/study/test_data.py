"""The sets of images: what scikit-learn ships, what Fashion-MNIST's files hold, and how an image gets to an input."""

import gzip
import struct

import pytest
import torch
from sklearn.datasets import load_digits, load_sample_image

from layerscope import limits
from layerscope.study import data
from layerscope.study.data import FASHION_FOLDER, PHOTOGRAPHS, fit, load, photograph
from layerscope.study.sets import CLOTHES, DataError


def idx(count=20, side=28, labels=None):
    """The two files of a small set: images whose first cell holds their number."""
    images = torch.zeros(count, side, side, dtype=torch.uint8)
    images[:, 0, 0] = torch.arange(count)
    named = bytes(n % 10 for n in range(count)) if labels is None else bytes(labels)
    return {
        "images-idx3-ubyte": struct.pack(">4i", 0x0803, count, side, side) + images.numpy().tobytes(),
        "labels-idx1-ubyte": struct.pack(">2i", 0x0801, len(named)) + named,
    }


def folder(tmp_path, files, start="train-", packed=True):
    for name, raw in files.items():
        ending = ".gz" if packed else ""
        (tmp_path / f"{start}{name}{ending}").write_bytes(gzip.compress(raw) if packed else raw)
    return tmp_path


def test_the_digits_are_scikit_learns():
    digits, theirs = load("digits"), load_digits()
    assert len(digits) == 1_797
    assert tuple(digits.images.shape) == (1_797, 1, 8, 8)
    assert digits.images[:, 0].tolist() == theirs.images.astype(int).tolist()
    assert digits.labels.tolist() == theirs.target.tolist()
    assert digits.label(3) == "3"
    assert digits.picture(0).max() <= 1 == digits.images.max() / digits.white


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_is_the_middle_square(name):
    square, whole = photograph(name), load_sample_image(f"{name}.jpg")
    assert tuple(square.shape) == (3, 427, 427)
    left = (whole.shape[1] - 427) // 2
    assert (square[:, 5, 7] * 255).round().tolist() == whole[5, left + 7].tolist()


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((1, 28, 28), "8×8 digit, enlarged to 28×28"), ((1, 8, 8), "8×8 digit"),
        ((1, 5, 6), "8×8 digit, reduced to 5×6"),
        ((3, 32, 32), "8×8 digit, enlarged to 32×32, its gray in all 3 channels"), ((64,), "8×8 digit, as 64 values"),
        ((784,), "8×8 digit, enlarged to 28×28, as 784 values"), ((28, 28), "8×8 digit, enlarged to 28×28"),
        ((1, 4, 8, 8), "8×8 digit"),
    ],
)  # fmt: skip
def test_how_an_image_gets_to_an_input_is_said_and_done(shape, said):
    digits = load("digits")
    assert digits.fit(shape) == said
    batch = digits.batch([0, 5, 9], shape)
    assert tuple(batch.shape) == (3, *shape)
    assert 0 <= batch.min() < batch.max() <= 1
    assert torch.equal(digits.batch(slice(5, 6), shape)[0], batch[1])


def test_a_vector_is_the_image_row_by_row():
    digits = load("digits")
    hundredths = (digits.images[7, 0].float() / 16 * 100).round() / 100
    assert torch.allclose(digits.batch([7], (64,))[0], hundredths.flatten())
    assert torch.allclose(digits.batch([7], (8, 8))[0], hundredths)
    assert tuple(digits.batch([7], (50,)).shape) == (1, 50)
    assert fit("photograph", (3, 427, 427), (1, 28, 28)) == "427×427 photograph, reduced to 28×28, in gray"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("start", ["train-", ""])
def test_fashion_mnists_files_are_read(tmp_path, start, packed):
    found = load(folder(tmp_path, idx(), start, packed))
    assert found.images.shape == (20, 1, 28, 28)
    assert found.images[:, 0, 0, 0].tolist() == list(range(20))
    assert found.labels.tolist() == [n % 10 for n in range(20)]
    assert found.classes == CLOTHES
    assert found.label(19) == "Ankle boot"


def test_an_operator_names_the_folder_of_fashion_mnist(tmp_path, monkeypatch):
    monkeypatch.delenv(FASHION_FOLDER, raising=False)
    assert not data.has_fashion()
    with pytest.raises(DataError, match="is not on this computer"):
        load("fashion-mnist")
    monkeypatch.setenv(FASHION_FOLDER, str(folder(tmp_path, idx(30))))
    assert data.has_fashion()
    assert len(load("fashion-mnist")) == 30


BROKEN = {
    "short": (lambda raw: raw[:-1], "a part of it is missing"),
    "long": (lambda raw: raw + b"\0", "a part of it is missing"),
    "magic": (lambda raw: b"\0\0\x09\x01" + raw[4:], "not in the IDX form"),
    "empty": (lambda raw: b"", "not in the IDX form"),
    "negative": (lambda raw: raw[:4] + struct.pack(">i", -1) + raw[8:], "not in the IDX form"),
}


@pytest.mark.parametrize("which", ["images-idx3-ubyte", "labels-idx1-ubyte"])
@pytest.mark.parametrize("how", BROKEN)
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, how, which):
    damage, said = BROKEN[how]
    files = idx()
    files[which] = damage(files[which])
    with pytest.raises(DataError, match=said):
        load(folder(tmp_path, files))


def test_what_does_not_belong_together_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"20 images, but .* 19 labels"):
        load(folder(tmp_path, idx(labels=[1] * 19)))
    with pytest.raises(DataError, match="a label 10"):
        load(folder(tmp_path, idx(labels=[10] * 20)))
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"no gzip")
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError, match="has no train-images"):
        load(tmp_path)
    with pytest.raises(DataError, match="no folder of that name"):
        load(tmp_path / "nowhere")


def test_a_set_is_bounded_before_it_is_unpacked(tmp_path):
    bomb = idx() | {"images-idx3-ubyte": bytes(limits.SET_BYTES.most + 2)}
    with pytest.raises(DataError) as refused:
        load(folder(tmp_path, bomb))
    assert str(refused.value) == limits.SET_BYTES.sentence(name="train-images-idx3-ubyte.gz")
    many = limits.SET_IMAGES.most + 1
    with pytest.raises(DataError) as refused:
        load(folder(tmp_path, idx(20) | {"images-idx3-ubyte": struct.pack(">4i", 0x0803, many, 1, 1) + bytes(many)}))
    assert str(refused.value) == limits.SET_IMAGES.sentence(name="train-images-idx3-ubyte.gz", found=many)
