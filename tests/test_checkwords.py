"""Check words: other texts have other words, in a time that a forger has not and a visitor does not notice."""

import time
from itertools import combinations, pairwise
from threading import Thread

import pytest

from layerscope import checkwords, limits
from layerscope.checkwords import COUNT, WORDS, BusyError, check_words


def distance(one: str, other: str) -> int:
    """How many letters must be changed, put in or left out."""
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        last, row[0] = row[0], n
        for place, its in enumerate(other, 1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (letter != its))
    return row[-1]


def test_the_words_are_as_many_as_a_byte_has_values_and_none_is_nearly_another():
    assert len(WORDS) == len(set(WORDS)) == 256
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 10 for word in WORDS)
    assert [pair for pair in combinations(WORDS, 2) if distance(*pair) < 2] == []
    assert all(one < other for one, other in pairwise(WORDS))


def test_a_text_has_always_the_same_words_and_another_text_has_others():
    rows = {check_words(f"text {n}") for n in range(12)}
    assert len(rows) == 12
    assert check_words("text 3") in rows
    assert all(len(row.split()) == COUNT and set(row.split()) <= set(WORDS) for row in rows)
    assert check_words("fixed") == "tulip diamond rainbow walrus pony"


def test_no_word_comes_twice():
    """Of the bytes that stand for this text's words, the first five hold one twice."""
    words = check_words("text 20").split()
    assert len(set(words)) == len(words) == COUNT


def test_there_are_too_many_to_be_tried():
    start = time.process_time()
    for n in range(5):
        check_words(f"tried {n}")
    each = (time.process_time() - start) / 5
    years = len(WORDS) ** COUNT * each / 8 / (365.25 * 24 * 3600)
    assert each > 0.01
    assert years > 30  # on eight cores


def test_those_who_wait_too_long_are_told_so_and_the_words_that_are_known_need_no_waiting(monkeypatch):
    monkeypatch.setattr(checkwords, "_PATIENCE", 0.01)
    known = check_words("known")
    for _ in range(limits.CHECKS.most):
        checkwords._working.acquire()
    try:
        with pytest.raises(BusyError, match="reload the page"):
            check_words("unknown")
        assert check_words("known") == known
    finally:
        checkwords._working.release(limits.CHECKS.most)
    assert check_words("unknown")


def test_only_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(checkwords, "_words", lambda text: text)
    monkeypatch.setattr(checkwords, "_kept", {})
    for n in range(2 * limits.CHECKS_KEPT.most):
        check_words(f"many {n}")
    assert len(checkwords._kept) == limits.CHECKS_KEPT.most


def test_others_go_on_meanwhile():
    """The interpreter is free while words are worked out: a thread that only counts is hardly held up."""
    worst, stop = 0.0, False

    def count() -> None:
        nonlocal worst
        last = time.perf_counter()
        while not stop:
            time.sleep(0.001)
            now = time.perf_counter()
            worst, last = max(worst, now - last), now

    counting = Thread(target=count)
    counting.start()
    start = time.perf_counter()
    check_words("long" * 5_000)
    took = time.perf_counter() - start
    stop = True
    counting.join()
    assert worst < max(took * 0.7, 0.03)
