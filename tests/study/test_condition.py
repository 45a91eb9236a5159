"""Conditions on a sweep: what they find, and that nothing else than a condition reaches pandas."""

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layerscope import limits
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.condition_text import plain
from layerscope.study.sweep import ConditionError, Sweep, sweep


@pytest.fixture(scope="module")
def kernels() -> Sweep:
    return sweep(PRESETS[DEFAULT], {"conv1.kernel_size": range(1, 12), "conv2.kernel_size": (1, 5, 13)})


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (
            "fc1.in_features <= 200 and parameters <= 50_000",
            lambda r: r["fc1.in_features"] <= 200 and r["parameters"] <= 5e4,
        ),
        (
            "not (macs > 200_000) or conv1.kernel_size == 3",
            lambda r: r["macs"] <= 200_000 or r["conv1.kernel_size"] == 3,
        ),
        ("3 <= conv1.kernel_size < 6", lambda r: 3 <= r["conv1.kernel_size"] < 6),
        ("conv1.kernel_size + conv2.kernel_size == 6", lambda r: r["conv1.kernel_size"] + r["conv2.kernel_size"] == 6),
        ("-conv1.kernel_size < -3 * 2", lambda r: r["conv1.kernel_size"] > 6),
        ("parameters / macs > 0.1", lambda r: r["parameters"] / r["macs"] > 0.1),
        ("conv1.kernel_size % 2 == 1", lambda r: r["conv1.kernel_size"] % 2 == 1),
        ("parameters // 1000 % 3 != -7 % 3", lambda r: r["parameters"] // 1000 % 3 != 2),
        ("conv1.kernel_size\n != 2", lambda r: r["conv1.kernel_size"] != 2),
        ("parameters < 0.05M", lambda r: r["parameters"] < 50_000),
        ("parameters < 50k and MACs >= 200 k", lambda r: r["parameters"] < 50_000 and r["macs"] >= 200_000),
        (
            "activation_bytes < 40 kB or parameters<33,000",
            lambda r: r["activation_bytes"] < 4e4 or r["parameters"] < 33e3,
        ),
        ("activation_bytes < 38.5 KiB", lambda r: r["activation_bytes"] < 38.5 * 1024),
        (
            "parameters ≤ 33_000 and macs ≥ 200_000 and conv1.kernel_size ≠ 3",
            lambda r: r["parameters"] <= 33_000 and r["macs"] >= 200_000 and r["conv1.kernel_size"] != 3,
        ),
        ("activation_bytes < 0.04MiB", lambda r: r["activation_bytes"] < 0.04 * 2**20),
        ("(((parameters))) <= 5e4", lambda r: r["parameters"] <= 5e4),
    ],
)
def test_the_rows_that_run_and_meet_the_condition(kernels, condition, said):
    found = kernels.where(condition)
    expected = [n for n, row in enumerate(kernels.frame().to_dict("records")) if row["runs"] and said(row)]
    assert list(found.index) == expected
    assert expected


def test_networks_that_do_not_run_are_found_by_asking_for_them(kernels):
    frame = kernels.frame()
    assert list(kernels.where("not runs").index) == list(frame.index[~frame["runs"]])
    assert len(kernels.where("not runs")) > 0
    assert list(kernels.where("runs == True and parameters > 0").index) == list(frame.index[frame["runs"]])


def test_names_with_numbers_in_them():
    result = sweep(PRESETS["resnet18"], {"layer1.0.conv1.kernel_size": (1, 3)})
    assert len(result.where("layer1.0.conv1.kernel_size == 3 and layer1.0.conv1.in_channels == 64")) == 1


def test_nothing_is_left_over_when_divided_by_nothing(kernels):
    assert len(kernels.where("parameters % 0 == 0 or parameters // 0 == 0")) == 0


def test_large_products_do_not_overflow():
    result = sweep(PRESETS["vgg16"], {"input": (224,)})
    assert len(result.where("macs * macs * macs > 0")) == 1


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("", "Write a condition"),
        ("fc1.in_feature <= 3", "Did you mean fc1.in_features"),
        ("parameters", "A number alone is not a condition"),
        ("parameters + 3", "A number alone is not a condition"),
        ("parameters % 3", "A number alone is not a condition"),
        ("parameters ** 3 > 1", "A comparison compares numbers"),
        ("7", "A number alone is not a condition"),
        ("1 < 2", "names no value"),
        ("parameters = 3", "Write == to say"),
        ("parameters => 3", "Write >= instead of =>."),
        ("parameters =< 3", "Write <= instead of =<."),
        ("parameters < 3 & macs < 4", "A comparison compares numbers"),
        ("parameters < 3 &", "instead of & and |"),
        ("parameters <", "is incomplete"),
        ("(parameters < 3", "is incomplete"),
        ("parameters < 3 or", "is incomplete"),
        ("reason == 3", "reason holds words"),
        ("parameters < 'a'", "parameters holds numbers; compare it with a number"),
        ("parameters in (1, 2)", "is not allowed in a condition"),
        ("parameters is 3", "is not allowed in a condition"),
        ("parameters < (macs < 3)", "A comparison compares numbers"),
        ("parameters ** 2 < 3", "A comparison compares numbers"),
        ("parameters < 10**99", "A comparison compares numbers"),
        ("parameters < 9999999999999999999", "too large a number"),
        ("parameters < 1e999", "too large a number"),
        ("parameters < 1j", "A comparison compares numbers"),
        ("abs(parameters) < 3", "There is no value called “abs”"),
        ("__import__('os') < 3", "There is no value called “__import__”"),
        ("parameters.__class__ < 3", "There is no value called “parameters.__class__”"),
        ("(parameters).size < 3", "There is no|cannot be read|compares numbers"),
        ("@parameters < 3", "cannot be read"),
        ("parameters < `a`", "There is no value called “a”"),
        ("lambda: parameters < 3", "lambda is not allowed"),
        ("parameters if runs else macs", "if is not allowed"),
        ("value_0 < 3", "There is no value called “value_0”"),
        ("parameters < ''", "parameters holds numbers; compare it with a number"),
        ("[parameters] < 3", "A comparison compares numbers"),
        ("runs + runs", "A number alone"),
        ("runs == 'True'", "runs is True or False, without quotes: write runs == True"),
        ("'a'", "A word alone is not a condition"),
        ("'a' == 'a'", "A word is compared with a value that has a name"),
        ("fails", "fails holds words; compare it with == or !="),
    ],
)
def test_what_is_no_condition_is_refused_with_a_sentence(kernels, condition, said):
    with pytest.raises(ConditionError, match=said):
        kernels.where(condition)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("parameters < 5M", "parameters < 5_000_000"),
        ("macs>1.5 G and layer1.0.conv1.kernel_size < 3k", "macs>1_500_000_000 and layer1.0.conv1.kernel_size < 3_000"),
        ("parameters < 5,000,000", "parameters < 5_000_000"),
        ("0.0015k < macs / 1e6 < 1.5", "1.5000 < macs / 1e6 < 1.5"),
        ("parameters < 5Mx or m5k < 3", "parameters < 5Mx or m5k < 3"),
    ],
)
def test_numbers_as_people_write_them(text, read):
    assert plain(text) == read
    assert plain(read) == read


@pytest.fixture(scope="module")
def words() -> Sweep:
    modes, kernels = ("zeros", "reflect"), (3, (3, 5), 13)
    grid = {"conv1.padding_mode": modes, "conv1.bias": (True, False), "conv2.kernel_size": kernels}
    return sweep(PRESETS[DEFAULT], grid)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('conv1.padding_mode == "zeros"', lambda r: r["conv1.padding_mode"] == "zeros"),
        ("'zeros' != conv1.padding_mode", lambda r: r["conv1.padding_mode"] != "zeros"),
        ("conv1.bias == True and parameters > 32k", lambda r: r["conv1.bias"] and r["parameters"] > 32_000),
        ("not conv1.bias", lambda r: not r["conv1.bias"]),
        ("conv1.bias and parameters + 1 > 3", lambda r: r["conv1.bias"]),
        (
            "conv1.padding_mode == 'zeros' or parameters * 2 < 60_000",
            lambda r: r["conv1.padding_mode"] == "zeros" or r["parameters"] < 30_000,
        ),
        ("not conv1.padding_mode == 'zeros'", lambda r: r["conv1.padding_mode"] == "reflect"),
        ("'zeros' == conv1.padding_mode != 'x'", lambda r: r["conv1.padding_mode"] == "zeros"),
        ("conv2.kernel_size == '(3, 5)'", lambda r: r["conv2.kernel_size"] == "(3, 5)"),
        ("conv2.kernel_size == 3", lambda r: r["conv2.kernel_size"] == "3"),
        ("conv1.padding_mode != conv2.kernel_size", lambda r: True),
        ("conv1.padding_mode != '5k, 1,000 @x `y` ); import os'", lambda r: True),
        (plain("conv1.padding_mode == “reflect”"), lambda r: r["conv1.padding_mode"] == "reflect"),
    ],
)
def test_words_and_switches_are_compared_too(words, condition, said):
    expected = [n for n, row in enumerate(words.frame().to_dict("records")) if row["runs"] and said(row)]
    assert list(words.where(condition).index) == expected
    assert expected


def test_a_word_that_no_setting_has_is_found_nowhere(words):
    assert words.where("conv1.padding_mode == 'circular'").empty


def test_why_a_network_does_not_run_can_be_asked_for(words):
    frame = words.frame()
    assert list(words.where("fails == 'conv2'").index) == list(frame.index[~frame["runs"]])
    assert len(words.where("reason != ''")) == 4


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("conv1.padding_mode == zeros", 'Words need quotes: write "zeros"'),
        ("conv1.padding_mode == zero", "There is no value called “zero”"),
        (
            "conv1.padding_mode < 'zeros'",
            'holds words; compare it with == or !=, as in conv1.padding_mode == "zeros"',
        ),
        ("conv1.padding_mode", "conv1.padding_mode holds words"),
        ("conv1.padding_mode == 3", "conv1.padding_mode holds words"),
        ("conv1.padding_mode == parameters", "conv1.padding_mode holds words, parameters does not"),
        ("conv1.padding_mode + 1 > 3", "conv1.padding_mode holds words"),
        ("conv1.padding_mode == 'a' + 'b'", "conv1.padding_mode holds words"),
        ("conv1.padding_mode == ('zeros')['x']", "conv1.padding_mode holds words"),
        ("conv1.padding_mode == 'zeros'.upper", "cannot be read|compares|no value|holds words"),
        ("conv1.padding_mode == 'ze' 'ros'", "cannot be read"),
        ('conv1.padding_mode == """zeros"""', "cannot be read"),
        ("conv1.padding_mode == b'zeros'", "There is no value called “b”"),
        ("conv1.padding_mode == f'{runs}'", "There is no value called “f”"),
        ("conv1.padding_mode == 'zer\\'os'", "There is no value called|cannot be read"),
        ("conv1.padding_mode in 'zeros'", "is not allowed"),
        ("conv1.padding_mode == 'zeros", "There is no value called|need quotes|cannot be read"),
        ("word_0 == 'zeros'", "There is no value called “word_0”"),
        ("'zeros' == conv1.padding_mode == told_0", "There is no value called “told_0”"),
        ("conv1.bias == 'True'", "conv1.bias is True or False"),
    ],
)
def test_words_where_none_belong_are_refused_with_a_sentence(words, condition, said):
    with pytest.raises(ConditionError, match=said):
        words.where(condition)


def test_pandas_is_handed_no_word(words, monkeypatch):
    asked, query = [], pd.DataFrame.query

    def noted(self, text, **more):
        asked.append(text)
        return query(self, text, **more)

    monkeypatch.setattr(pd.DataFrame, "query", noted)
    words.where("conv1.padding_mode == '@pd.io' and conv1.bias or 'x`y' != conv1.padding_mode")
    assert asked == ["told_0 and value_1 == True or told_1"]


def test_long_and_deep_conditions_are_refused(kernels):
    with pytest.raises(ConditionError, match="301 characters; the limit is 300"):
        kernels.where("parameters < 3".ljust(301))
    for deep in ("(" * 21 + "parameters" + ")" * 21 + " < 3", "not " * 21 + "runs", "-" * 25 + "macs < 3"):
        with pytest.raises(ConditionError, match=f"deep|{limits.CONDITION_DEPTH.most}"):
            kernels.where(deep)


@given(st.text("()<>=+-*/ ._10aeinorstdfcpm&|!~@'\"[]{}:,#", max_size=40) | st.text(max_size=30))
@example("\x00")
@example("\ud800")
@example("parameters < 1_")
@example("parameters < 0x_f and \\\n runs")
@example("fails == '")
@example("fails == 'a' 'b'")
@example("'' == fails != runs")
def test_any_text_gives_rows_or_a_sentence(kernels, text):
    said = "."
    for condition in (text, f"fails != '{text}'", f"fails == {text}"):
        try:
            kernels.where(condition)
        except ConditionError as error:
            said = str(error)
        assert said.endswith((".", "?"))
