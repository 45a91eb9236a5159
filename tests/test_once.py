"""What is remembered is what was asked, and the oldest makes room."""

from layerscope.link import encode
from layerscope.once import recent
from layerscope.presets import DEFAULT, PRESETS


def test_the_last_answers_are_remembered_by_their_key():
    made = []

    @recent(2, lambda value: value)
    def work(value):
        made.append(value)
        return [value]

    assert work(1) is work(1)
    work(2)
    work(1)
    work(3)
    work(1)
    work(2)
    assert made == [1, 2, 3, 2]


def test_all_that_is_remembered_has_a_size():
    made = []

    @recent(10, lambda text: text, len)
    def work(text):
        made.append(text)
        return text.upper()

    for text in ("four", "fives", "four", "six"):  # with the last one these are 12
        work(text)
    work("four")
    assert made == ["four", "fives", "six"]
    work("fives")
    assert made[-1] == "fives", "the one that was not asked for made room"
    work("more than all")
    work("more than all")
    assert made[-2:] == ["more than all"] * 2


def test_what_cannot_be_hashed_is_worked_out_each_time():
    work = recent(2, lambda value: value)(lambda value: [*value])
    assert work([1]) == work([1]) == [1]


def test_networks_that_python_takes_for_equal_keep_their_own_links_and_digests():
    network = PRESETS[DEFAULT]
    whole, fraction = (network.with_argument("conv1", "kernel_size", size) for size in (2, 2.0))
    assert whole == fraction
    assert whole.digest != fraction.digest
    assert whole.digest == network.with_argument("conv1", "kernel_size", 2).digest
    assert [encode(one) for one in (whole, fraction, whole)].count(encode(whole)) == 2
