"""A set of images on its way: a thread of the server's own, which no click ends, and that every page sees."""

import gzip
import hashlib
import random
import struct
from dataclasses import replace

import pytest

from layerscope import limits
from layerscope.link import decode
from layerscope.study.sets import CACHE, FASHION, KNOWN, MNIST, folder_of, kept_in
from layerscope.ui.lab import fetches
from tests.publishing import publisher
from tests.test_pages import at_page, page_words, press, rerun
from tests.test_train_page import wait

NET = decode("1x8x8-10~Conv2d.4.3~ReLU~Flatten~Linear.10")
FETCH = "Fetch MNIST (1 MB)"
IMAGES, LABELS = KNOWN[MNIST].files
COUNT = 500


def small():
    """MNIST's two files, of fewer images, which are noise: 0.4 MB."""
    pixels = random.Random(0).randbytes(COUNT * 28 * 28)
    labels = bytes(n % 10 for n in range(COUNT))
    return {
        IMAGES: gzip.compress(struct.pack(">4i", 0x0803, COUNT, 28, 28) + pixels),
        LABELS: gzip.compress(struct.pack(">2i", 0x0801, COUNT) + labels),
    }


@pytest.fixture
def made(monkeypatch, tmp_path):
    """A server that sends half of MNIST's images and waits; the app knows MNIST as what is there."""
    monkeypatch.setenv(CACHE, str(tmp_path / "kept"))
    for known in KNOWN.values():
        monkeypatch.delenv(known.folder, raising=False)
    monkeypatch.setattr(fetches, "_fetches", {})
    with publisher(small()) as one:
        sums = {name: hashlib.sha256(raw).hexdigest() for name, raw in one.files.items()}
        for name in (MNIST, FASHION):
            known = replace(KNOWN[name], host=one.address, files=sums, megabytes=1)
            monkeypatch.setitem(KNOWN, name, known)
        yield one
        for each in fetches._fetches.values():
            each.is_unwanted = True
        one.goes_on.set()
        fetches._end()


def buttons(app):
    return {button.label for button in app.button}


def share(name=MNIST):
    return fetches._fetches[name].share or 0.0


def begun():
    """The page with a download that is half done."""
    app = press(at_page("train", NET, data="mnist"), FETCH)
    wait(lambda: share() > 0.15)
    return rerun(app)


def over(name=MNIST):
    wait(lambda: fetches._fetches[name].is_over)


def arrived():
    """The page once the set is there. AppTest cannot run the old one again, as a menu's entry has another name now."""
    over()
    return at_page("train", NET, data="mnist")


def pressed(app):
    """What the page says from the press on, until the set is there: that may be before the press's own run ends."""
    return page_words(press(app, FETCH)) + page_words(arrived())


def test_a_click_meanwhile_ends_nothing_and_the_end_is_told_once(made):
    app = begun()
    thread = fetches._fetches[MNIST]
    assert {"Stop"} == buttons(app) & {"Stop", FETCH, "Start"}
    app.selectbox(key="train.optimizer").set_value("SGD")  # any click
    app = rerun(app)
    assert app.slider(key="train.momentum")
    again = at_page("train", NET, data="mnist")  # a reload
    assert "Stop" in buttons(again)
    assert fetches._fetches[MNIST] is thread
    assert not thread.is_over
    assert made.asked == [IMAGES], "it was asked for once"
    made.goes_on.set()
    app = arrived()
    assert "MNIST was fetched." in page_words(app)
    assert "500 images of 10 classes: 400 to learn from, 100 held out." in page_words(app)
    assert "Start" in buttons(app)
    assert "MNIST was fetched." not in page_words(rerun(app))


def test_visitors_share_a_download_and_it_ends_once_nobody_wants_it(made, monkeypatch):
    fetches.begin(MNIST, "a")
    wait(lambda: share() > 0.15)
    thread = fetches._fetches[MNIST]
    fetches.begin(MNIST, "b")
    assert fetches._fetches[MNIST] is thread
    fetches.stop(MNIST, "a")
    assert fetches.look(MNIST, "a") is None
    seen = fetches.look(MNIST, "b")
    assert seen is not None
    assert not seen.is_over
    assert not thread.is_unwanted
    assert fetches.look(MNIST, "c"), "a visitor who only looks sees it too"
    monkeypatch.setattr(limits, "FETCH_LEFT", replace(limits.FETCH_LEFT, most=0))  # "c" has closed the page
    fetches.stop(MNIST, "b")
    assert thread.is_unwanted
    fetches.begin(MNIST, "b")  # changed their mind: it begins anew
    assert fetches._fetches[MNIST] is not thread
    made.goes_on.set()
    over()
    assert not thread.is_alive()
    assert folder_of(KNOWN[MNIST])
    assert fetches.look(MNIST, "stranger") is None


def test_stop_on_the_page_gives_the_download_up(made):
    app = press(begun(), "Stop")
    assert FETCH in buttons(app)
    made.goes_on.set()
    over()
    assert not folder_of(KNOWN[MNIST])
    assert not list(kept_in(KNOWN[MNIST]).iterdir()), "what had arrived was thrown away"
    assert "MNIST was fetched." in pressed(app)


def test_one_set_at_a_time(made):
    fetches.begin(MNIST, "a")
    wait(lambda: share() > 0.15)
    app = press(at_page("train", NET, data=FASHION), "Fetch Fashion-MNIST (1 MB)")
    seen = fetches.look(FASHION, "a")
    assert seen is not None
    assert seen.share is None
    bar = next(one for one in app.get("progress"))
    assert bar.proto.text == "Fashion-MNIST waits until another download is done."
    assert made.asked == [IMAGES]
    made.goes_on.set()
    over()
    over(FASHION)
    assert all(folder_of(KNOWN[name]) for name in (MNIST, FASHION))


def failed(app):
    over()
    app = rerun(app)
    assert FETCH in buttons(app)
    assert "Start" not in buttons(app)
    assert "files can be read from a folder that LAYERSCOPE" in app.error[0].value
    return app.error[0].value.replace("\\", "")


def test_a_wrong_checksum_is_a_sentence_with_another_way(made):
    made.files[IMAGES] += b"!"
    app = begun()
    made.goes_on.set()
    assert f"{IMAGES} is not the file we expected (wrong checksum)" in failed(app)


def test_a_set_that_is_too_large_is_a_sentence_with_another_way(made, monkeypatch):
    monkeypatch.setattr(limits, "FETCH_BYTES", replace(limits.FETCH_BYTES, most=100_000))
    app = press(at_page("train", NET, data="mnist"), FETCH)
    assert "stopped, as it has more than 100,000 bytes" in failed(app)
    assert not made.goes_on.is_set(), "while it arrived"


def test_a_server_that_goes_away_is_a_sentence_with_another_way(made):
    app = begun()
    made.dies = True
    made.goes_on.set()
    assert "MNIST cannot be fetched: 127.0.0.1 does not answer." in failed(app)
    made.dies = False
    assert "MNIST was fetched." in pressed(app)


def test_a_fault_of_ours_is_said_and_logged(made, monkeypatch, caplog):
    monkeypatch.setattr(fetches, "fetch", None)
    fetches.begin(MNIST, "a")
    over()
    seen = fetches.look(MNIST, "a")
    assert seen is not None
    assert seen.said == fetches.FAULT
    assert "A download failed" in caplog.text


def test_a_server_that_ends_throws_away_what_has_arrived(made, monkeypatch):
    fetches.begin(MNIST, "a")
    wait(lambda: share() > 0.15)
    made.goes_on.set()
    fetches._end()
    assert not fetches._fetches[MNIST].is_alive()
