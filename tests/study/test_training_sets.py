"""Images to train on: CIFAR-10's binary version, MNIST, fetched sets, and a ZIP of one's own."""

import gzip
import hashlib
import io
import struct
import tarfile
import time
import zipfile
import zlib
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import torch
from PIL import Image

from layerscope import limits
from layerscope.link import decode
from layerscope.study import own_images, sets
from layerscope.study.cifar import ARCHIVE, FILES, RECORD
from layerscope.study.data import load
from layerscope.study.fetching import UnwantedError, fetch
from layerscope.study.own_images import SIDE, read_zip
from layerscope.study.sets import CIFAR10, KNOWN, MNIST, DataError, kept_in
from layerscope.study.training import train


@pytest.fixture(autouse=True)
def _nothing_is_known(monkeypatch, tmp_path):
    for known in KNOWN.values():
        monkeypatch.delenv(known.folder, raising=False)
    monkeypatch.setenv(sets.CACHE, str(tmp_path / "kept"))


def records(count, first=0):
    """So many images of CIFAR-10: the class, then 3,072 bytes that tell red, green and blue apart."""
    return b"".join(
        bytes([(first + n) % 10]) + bytes([n % 256]) * 1024 + bytes([100]) * 1024 + bytes([200]) * 1024
        for n in range(count)
    )


def archive(path, files):
    with tarfile.open(path, "w:gz") as packed:
        for name, raw in files.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            entry.size = len(raw)
            packed.addfile(entry, io.BytesIO(raw))


@pytest.mark.parametrize("packed", [False, True])
def test_cifars_binary_version_is_read(tmp_path, packed):
    files = {FILES[0]: records(20), FILES[1]: records(10, 5), "readme.html": b"no", "test_batch.bin": records(99)}
    if packed:
        archive(tmp_path / ARCHIVE, files)
    else:
        for name, raw in files.items():
            (tmp_path / name).write_bytes(raw)
    found = load(tmp_path)
    assert found.images.shape == (30, 3, 32, 32)
    assert found.labels.tolist() == [n % 10 for n in range(20)] + [(5 + n) % 10 for n in range(10)]
    assert found.images[7, :, 31, 0].tolist() == [7, 100, 200]
    assert found.label(0) == "airplane"
    assert found.mirrors


def test_as_much_of_cifar_is_read_as_the_limit_allows(tmp_path, monkeypatch):
    for name in FILES:
        (tmp_path / name).write_bytes(records(10))
    monkeypatch.setattr(limits, "SET_BYTES", replace(limits.SET_BYTES, most=25 * RECORD))
    assert len(load(tmp_path)) == 20
    monkeypatch.setattr(limits, "SET_BYTES", replace(limits.SET_BYTES, most=5 * RECORD))
    with pytest.raises(DataError, match=r"data_batch_1\.bin has more than"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        (FILES[0], records(2)[:-1], "not CIFAR-10's binary version"), (FILES[0], b"", "not CIFAR-10's binary version"),
        (FILES[0], bytes([10]) + bytes(3072), "has a label 10"), (ARCHIVE, b"no archive", "cannot be read"),
        (ARCHIVE, gzip.compress(b"no tar", mtime=0), "cannot be read"),
    ],
)  # fmt: skip
def test_damaged_files_of_cifar_are_refused(tmp_path, name, raw, said):
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(DataError, match=said):
        load(tmp_path)


def idx(count=20, side=28):
    pixels = bytes(range(256)) * (count * side * side // 256) + bytes(count * side * side % 256)
    return {
        "train-images-idx3-ubyte.gz": gzip.compress(struct.pack(">4i", 0x0803, count, side, side) + pixels),
        "train-labels-idx1-ubyte.gz": gzip.compress(
            struct.pack(">2i", 0x0801, count) + bytes(n % 10 for n in range(count))
        ),
    }


def test_an_operator_names_the_folders(tmp_path, monkeypatch):
    for name, raw in idx().items():
        (tmp_path / name).write_bytes(raw)
    monkeypatch.setenv(KNOWN[MNIST].folder, str(tmp_path))
    found = load(MNIST)
    assert (found.name, found.label(3), found.mirrors) == (MNIST, "3", False)
    with pytest.raises(DataError, match=r"CIFAR-10 is not on this computer\. .* LAYERSCOPE_CIFAR10"):
        load(CIFAR10)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A server on this computer that has MNIST's files, in small."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name, raw in idx().items():
        (shelf / name).write_bytes(raw)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(shelf)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    sums = {name: hashlib.sha256(raw).hexdigest() for name, raw in idx().items()}
    mnist = replace(KNOWN[MNIST], host=f"http://127.0.0.1:{server.server_port}/", files=sums)
    monkeypatch.setitem(KNOWN, MNIST, mnist)
    yield shelf
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_set_is_fetched_once_with_progress(published):
    seen: list[float] = []
    folder = fetch(MNIST, seen.append)
    assert folder == kept_in(KNOWN[MNIST])
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert 0 <= seen[0] < 1
    assert len(load(MNIST)) == 20
    for name in KNOWN[MNIST].files:
        (published / name).unlink()
    assert fetch(MNIST) == folder


def test_a_file_with_another_content_is_not_kept(published):
    (published / "train-images-idx3-ubyte.gz").write_bytes(b"somebody else's")
    with pytest.raises(DataError, match=r"not the file we expected.* LAYERSCOPE_MNIST"):
        fetch(MNIST)
    assert not list(kept_in(KNOWN[MNIST]).iterdir())
    with pytest.raises(DataError, match="not on this computer"):
        load(MNIST)


def test_without_a_connection_a_sentence_names_the_other_way(published, monkeypatch):
    for name in KNOWN[MNIST].files:
        (published / name).unlink()
    with pytest.raises(
        DataError, match=r"MNIST cannot be fetched: 127\.0\.0\.1 answers with error 404.* LAYERSCOPE_MNI"
    ):
        fetch(MNIST)
    monkeypatch.setitem(KNOWN, MNIST, replace(KNOWN[MNIST], host="http://127.0.0.1:1/"))
    with pytest.raises(DataError, match="does not answer"):
        fetch(MNIST)
    with pytest.raises(DataError, match="no set imagenet to fetch; fashion-mnist, mnist, cifar10 would work"):
        fetch("imagenet")


def test_a_set_that_is_too_large_or_takes_too_long_is_given_up_while_it_arrives(published, monkeypatch):
    (published / "train-images-idx3-ubyte.gz").write_bytes(bytes(300_000))
    monkeypatch.setattr(limits, "FETCH_BYTES", replace(limits.FETCH_BYTES, most=100_000))
    seen: list[float] = []
    with pytest.raises(DataError, match=r"MNIST was stopped, as it has more than 100,000 bytes.* LAYERSCOPE_MNIST"):
        fetch(MNIST, seen.append)
    assert max(seen) <= 0.01, "it did not arrive as a whole"
    monkeypatch.setattr(limits, "FETCH_BYTES", replace(limits.FETCH_BYTES, most=300_000))
    monkeypatch.setattr(limits, "FETCH_SECONDS", replace(limits.FETCH_SECONDS, most=-1))
    with pytest.raises(DataError, match=r"MNIST was stopped after -1 seconds, which is the limit.* LAYERSCOPE_MNIST"):
        fetch(MNIST)
    assert not list(kept_in(KNOWN[MNIST]).iterdir())


def test_a_set_that_nobody_wants_is_given_up(published):
    answers = iter([False])
    with pytest.raises(UnwantedError):
        fetch(MNIST, is_wanted=lambda: next(answers))
    assert not list(kept_in(KNOWN[MNIST]).glob("*"))
    assert fetch(MNIST).is_dir(), "and the turn is free again"


def picture(color=(200, 30, 60), size=(80, 60), kind="PNG", **more):
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, kind, **more)
    return file.getvalue()


def zipped(files, way=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", way) as packed:
        for name, raw in files.items():
            packed.writestr(name, raw)
    return file.getvalue()


def pets(count=5, **more):
    red = {f"pets/cat/{n}.png": picture((200, 40, 40), **more) for n in range(count)}
    return red | {f"pets/dog/{n}.jpg": picture((40, 40, 200), kind="JPEG") for n in range(count)}


def test_a_zip_of_folders_is_a_set():
    found = read_zip(zipped({**pets(), "pets/.DS_Store": b"", "__MACOSX/pets/cat/._0.png": b"x"}))
    assert found.classes == ("cat", "dog")
    assert found.images.shape == (10, 3, SIDE, SIDE)
    assert found.labels.tolist() == [0] * 5 + [1] * 5
    assert found.images[0, :, 9, 9].tolist() == [200, 40, 40]
    assert found.name == read_zip(zipped({**pets(), "pets/.DS_Store": b"", "__MACOSX/pets/cat/._0.png": b"x"})).name
    run = train(decode("3x16x16~Conv2d.4.3~ReLU~Flatten~Linear.2"), found, batch=4, epochs=10)
    assert run.accuracy == 1


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([(40, 30)], "Your images are 40 pixels wide and 30 high. The middle square of each is cut out, not stretched, "
         "and scaled to 64×64."),
        ([(64, 64)], ""),
        ([(30, 30)], "Your images are 30 pixels wide and 30 high. Each is scaled to 64×64."),
        ([(30, 30), (40, 30)], "Your images are of 2 sizes. The middle square of each is cut out, not stretched, and "
         "scaled to 64×64."),
    ],
)  # fmt: skip
def test_how_images_become_squares_is_said_and_done(sizes, said):
    files = {}
    for n in range(6):
        image = Image.new("RGB", sizes[n % len(sizes)], (0, 0, 200))
        if image.width > image.height:  # what is not in the middle square is red
            image.paste((200, 0, 0), (0, 0, (image.width - image.height) // 2, image.height))
        file = io.BytesIO()
        image.save(file, "PNG")
        files[f"all/{'ab'[n // 3]}/{n}.png"] = file.getvalue()
    found = read_zip(zipped(files))
    assert found.prepared == said
    assert int(found.images[:, 0, :, 4:].max()) == 0


def test_an_image_that_is_stored_turned_has_the_size_that_it_shows():
    turned = Image.Exif()
    turned[0x0112] = 6
    file = io.BytesIO()
    Image.new("RGB", (200, 100), (9, 9, 200)).save(file, "JPEG", exif=turned)
    found = read_zip(zipped({f"all/{'ab'[n // 2]}/{n}.jpg": file.getvalue() for n in range(4)}))
    assert found.prepared.startswith("Your images are 100 pixels wide and 200 high.")


def test_what_lies_beside_images_is_left_out_and_images_of_another_kind_are_not():
    notes = {"readme.txt": b"x", "pets/labels.csv": b"x", "pets/cat/Thumbs.db": b"x", "pets/desktop.ini": b"x"}
    assert read_zip(zipped({**pets(), **notes})).classes == ("cat", "dog")
    with pytest.raises(DataError, match=r"pets/cat/9\.gif is not an image of a supported type"):
        read_zip(zipped({**pets(), "pets/cat/9.gif": picture(kind="GIF")}))


def test_zips_are_decoded_one_at_a_time(monkeypatch):
    inside, most = [0], [0]
    decoded = own_images._decoded

    def counted(unpacked):
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.05)
        yield from decoded(unpacked)
        inside[0] -= 1

    monkeypatch.setattr(own_images, "_decoded", counted)
    threads = [Thread(target=read_zip, args=(zipped(pets()),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_gray_images_have_one_channel_and_turned_photographs_stand_upright():
    gray = read_zip(zipped({name: picture((9, 9, 9)) for name in ("a/1.png", "a/2.png", "b/1.png", "b/2.png")}))
    assert gray.images.shape == (4, 1, SIDE, SIDE)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    half = Image.new("RGB", (64, 64))
    half.paste((255, 255, 255), (0, 0, 64, 32))
    file = io.BytesIO()
    half.save(file, "JPEG", exif=exif)
    files = {"a/1.jpg": file.getvalue(), "a/2.png": picture(), "b/1.png": picture(), "b/2.png": picture()}
    turned = read_zip(zipped(files)).images[0, 0].float()
    assert turned[:, 40:].mean() > 250
    assert turned[:, :24].mean() < 5


def part(name, raw):
    """A chunk of a PNG file."""
    return struct.pack(">I", len(raw)) + name + raw + struct.pack(">I", zlib.crc32(name + raw))


def bomb():
    """An image of 2,000,000,000 pixels in a few bytes."""
    head = struct.pack(">IIBBBBB", 50_000, 40_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", bytes(9))


def locked():
    raw = bytearray(zipped(pets()))
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        raw[at + 8] |= 1
        at += 4
    return bytes(raw)


def lying():
    """An archive whose list says that an entry is small."""
    raw = bytearray(zipped({"cat/1.png": bytes(limits.OWN_BYTES.most + 9), **pets()}))
    raw[raw.find(b"PK\x01\x02") + 24 : raw.find(b"PK\x01\x02") + 28] = struct.pack("<I", 100)
    return bytes(raw)


REFUSED = {
    "no zip": (b"no zip", "cannot be read as a ZIP"),
    "empty": (b"", "cannot be read as a ZIP"),
    "a cut head": (zipped(pets())[60:], "cannot be read as a ZIP"),
    "a list of entries alone": (b"PK\x01\x02" * 5_000, "has 5,000 entries; the limit is 4,000"),
    "cut": (zipped(pets())[:-30], "cannot be read as a ZIP"),
    "nothing": (zipped({}), "images of 0 classes"),
    "one class": (zipped({"a/1.png": picture(), "a/2.png": picture()}), "images of 1 class"),
    "no folder": (zipped({"1.png": picture(), **pets()}), "1.png is not in a folder"),
    "one image": (zipped({"fox/1.png": picture(), **pets()}), "fox has 1 image; each class needs 2"),
    "a film": (zipped({"cat/a.mp4": b"hello", **pets()}), "cat/a.mp4 is not an image of a supported type"),
    "no image": (zipped({"cat/9.png": b"hello", **pets()}), "cat/9.png cannot be read as an image"),
    "another kind": (zipped({"cat/9.png": picture(kind="GIF"), **pets()}), "cannot be read as an image"),
    "half an image": (zipped({"cat/9.png": picture()[:60], **pets()}), "cannot be read as an image"),
    "outside": (zipped({"../../cat/9.png": picture(), **pets()}), "points outside the ZIP"),
    "absolute": (zipped({"/etc/cat/9.png": picture(), **pets()}), "points outside the ZIP"),
    "backslash": (zipped({"cat/..\\9.png": picture(), **pets()}), "points outside the ZIP"),
    "pixels": (zipped({"cat/9.png": bomb(), **pets()}), "cat/9.png has far too many pixels; the limit is 16,777,216"),
    "password": (locked(), "is encrypted"),
    "lzma": (zipped(pets(), zipfile.ZIP_LZMA), "uses a compression method that is not supported"),
    "unpacked": (
        zipped({"cat/8.png": bytes(limits.OWN_BYTES.most + 1), **pets()}), limits.OWN_BYTES.sentence(),
    ),
    "lying": (lying(), "cannot be read as a ZIP|Unpacked, the images have"),
    "a long name": (zipped({f"{'a' * 41}/{n}.png": picture() for n in (1, 2)} | pets()), "The name of a class"),
    "a hidden sign": (zipped({f"a\u202eb/{n}.png": picture() for n in (1, 2)} | pets()), "The name of a class"),
    "classes": (
        zipped({f"c{n}/{m}.png": b"" for n in range(limits.OWN_CLASSES.most + 1) for m in (1, 2)}),
        "The ZIP has 101 classes; the limit is 100",
    ),
    "entries": (
        zipped({f"a/{n}.png": b"" for n in range(limits.OWN_ENTRIES.most + 1)}), "has 4,001 entries; the limit is 4,000"
    ),
    "large": (bytes(limits.OWN_FILE.most + 1), "The ZIP has 16,777,217 bytes; the limit is 16,777,216"),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_a_zip_is_refused_with_a_sentence(why, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    raw, said = REFUSED[why]
    with pytest.raises(DataError, match=said):
        read_zip(raw)
    assert not list(tmp_path.iterdir()), "nothing is unpacked onto the disk"


def test_the_limit_of_pixels_is_known_before_an_image_is_decoded(monkeypatch):
    monkeypatch.setattr(limits, "OWN_PIXELS", replace(limits.OWN_PIXELS, most=4_799))
    decoded = []
    monkeypatch.setattr(Image.Image, "convert", lambda *_: decoded.append(1))
    with pytest.raises(DataError, match="has 4,800 pixels"):
        read_zip(zipped(pets()))
    assert not decoded


def test_the_pixels_of_all_images_and_the_declared_sizes_are_bounded_too(monkeypatch):
    monkeypatch.setattr(limits, "OWN_ALL_PIXELS", replace(limits.OWN_ALL_PIXELS, most=4_800 * 9))
    with pytest.raises(DataError, match=r"more than 43,200 pixels, .* reduces each to 64×64 anyway"):
        read_zip(zipped(pets()))
    opened = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: opened.append(1))
    with pytest.raises(DataError, match="Unpacked, the images have more than"):
        read_zip(REFUSED["unpacked"][0])
    assert not opened, "nothing was unpacked"


def test_fetched_files_are_those_of_the_real_sets():
    assert {name: len(known.files) for name, known in KNOWN.items()} == {"fashion-mnist": 2, "mnist": 2, "cifar10": 1}
    assert all(known.host.endswith("/") for known in KNOWN.values())
    assert all(len(checksum) == 64 for known in KNOWN.values() for checksum in known.files.values())
    assert own_images.SIDE * own_images.SIDE * 3 * limits.OWN_ENTRIES.most <= 2**26
    assert torch.equal(load("digits").labels, load("digits").labels)
