"""Conditions on a sweep: what they find, and that nothing else than a condition reaches pandas."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layerscope import limits
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.condition import plain
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
        ("conv1.kernel_size\n != 2", lambda r: r["conv1.kernel_size"] != 2),
        ("parameters < 0.05M", lambda r: r["parameters"] < 50_000),
        ("parameters < 50k and MACs >= 200 k", lambda r: r["parameters"] < 50_000 and r["macs"] >= 200_000),
        (
            "activation_bytes < 40 kB or parameters<33,000",
            lambda r: r["activation_bytes"] < 4e4 or r["parameters"] < 33e3,
        ),
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
        ("7", "A number alone is not a condition"),
        ("1 < 2", "names no value"),
        ("parameters = 3", "Write == to say"),
        ("parameters < 3 & macs < 4", "A comparison compares numbers"),
        ("parameters < 3 &", "instead of & and |"),
        ("parameters <", "is incomplete"),
        ("(parameters < 3", "is incomplete"),
        ("parameters < 3 or", "is incomplete"),
        ("reason == 3", "reason holds words"),
        ("parameters < 'a'", "There is no value called “a”"),
        ("parameters in (1, 2)", "is not allowed in a condition"),
        ("parameters is 3", "is not allowed in a condition"),
        ("parameters < (macs < 3)", "A comparison compares numbers"),
        ("parameters ** 2 < 3", "A comparison compares numbers"),
        ("parameters // 2 < 3", "A comparison compares numbers"),
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
        ("parameters < ''", "A comparison compares numbers"),
        ("[parameters] < 3", "A comparison compares numbers"),
        ("runs + runs", "A number alone"),
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
def test_any_text_gives_rows_or_a_sentence(kernels, text):
    said = "."
    try:
        kernels.where(text)
    except ConditionError as error:
        said = str(error)
    assert said.endswith((".", "?"))
