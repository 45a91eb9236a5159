"""What one argument may be, and the sentences about what it may not be."""

import pytest

from layerscope.parameter import Kind, Parameter

NUMBER = Parameter("", low=1, high=64)
EACH = Parameter("", low=0, high=64, per_axis=True, words=("same", "valid"))
SIZES = Parameter("", kind=Kind.SHAPE, low=1)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (NUMBER, 1),
        (NUMBER, 64),
        (EACH, 0),
        (EACH, (3, 5)),
        (EACH, "same"),
        (SIZES, (3,)),
        (SIZES, (3, 4, 5)),
        (Parameter("", kind=Kind.SHAPE, bare=True), 5),
        (Parameter("", kind=Kind.NUMBER, high=1), 0.5),
        (Parameter("", kind=Kind.NUMBER, high=1), 1),
        (Parameter("", kind=Kind.SWITCH), False),
        (Parameter("", kind=Kind.CHOICE, words=("a", "b")), "b"),
        (Parameter("", optional=True), None),
        (Parameter("", per_axis=True, keeps_size=True), (None, 3)),
    ],
)
def test_what_is_allowed(parameter, value):
    assert parameter.complaint("it", value, axes=2) is None


@pytest.mark.parametrize(
    ("parameter", "value", "sentence"),
    [
        (NUMBER, 0, "it is 0; the smallest allowed is 1."),
        (NUMBER, -3, "it is -3; the smallest allowed is 1."),
        (NUMBER, 65, "it is 65; the largest allowed is 64."),
        (NUMBER, None, "it is missing; a whole number from 1 to 64 would work."),
        (NUMBER, True, "it is True; a whole number from 1 to 64 would work."),
        (NUMBER, 2.0, "it is 2.0; a whole number from 1 to 64 would work."),
        (NUMBER, "3", "it is '3'; a whole number from 1 to 64 would work."),
        (NUMBER, (1, 2), "it is (1, 2); it takes one value, not one for each axis."),
        (NUMBER, (1,), "it is (1,); it takes one value, not one for each axis."),
        (NUMBER, {}, "it is {}; a whole number from 1 to 64 would work."),
        (NUMBER, 10**400, "it is a number with more than 38 digits; the largest allowed is 64."),
        (NUMBER, -(10**400), "it is a number with more than 38 digits; the smallest allowed is 1."),
        (EACH, (1, 2, 3), "it has 3 values; here it takes one value or 2."),
        (EACH, (1, True), "it is True; a whole number from 0 to 64 or 'same' or 'valid' would work."),
        (EACH, (1, -1), "it is -1; the smallest allowed is 0."),
        (EACH, (1, None), "it is None; a whole number from 0 to 64 or 'same' or 'valid' would work."),
        (EACH, "sam", "it is 'sam'; a whole number from 0 to 64 or 'same' or 'valid' would work."),
        (EACH, ("same", 1), "it is 'same'; a whole number from 0 to 64 or 'same' or 'valid' would work."),
        (SIZES, (), "it is (); whole numbers such as 12, 4, 4 would work."),
        (SIZES, 5, "it is 5; whole numbers such as 12, 4, 4 would work."),
        (SIZES, (5, 1.0), "it is (5, 1.0); whole numbers such as 12, 4, 4 would work."),
        (SIZES, (5, (1, 2)), "it is (5, (...)); whole numbers such as 12, 4, 4 would work."),
        (SIZES, (5, 0), "it is 0; the smallest allowed is 1."),
        (SIZES, (1,) * 1_000, "it has 1,000 values; the limit is 16."),
        (Parameter("", kind=Kind.NUMBER, high=1), float("nan"), "it is nan; the largest allowed is 1."),
        (Parameter("", kind=Kind.NUMBER, high=1), float("inf"), "it is inf; the largest allowed is 1."),
        (Parameter("", kind=Kind.NUMBER, high=1), float("-inf"), "it is -inf; the smallest allowed is 0."),
        (Parameter("", kind=Kind.NUMBER, high=1), 10**400, "it is a number with more than 38 digits; "
         "the largest allowed is 1."),
        (Parameter("", kind=Kind.SWITCH), 1, "it is 1; True or False would work."),
        (Parameter("", kind=Kind.CHOICE, words=("a", "b")), "c", "it is 'c'; 'a' or 'b' would work."),
        (Parameter("", kind=Kind.CHOICE, words=("a", "b")), 3, "it is 3; 'a' or 'b' would work."),
    ],
)  # fmt: skip
def test_what_is_not(parameter, value, sentence):
    assert parameter.complaint("it", value, axes=2) == sentence


ENDLESS = ("x" * 10**6, (10**5000, 2), (3,) * 10**5, [1] * 10**5, 10**100_000, ((((1,),),),))


@pytest.mark.parametrize("value", ENDLESS, ids=range(len(ENDLESS)))
def test_a_sentence_stays_short(value):
    sentence = NUMBER.complaint("it", value)
    assert sentence is not None
    assert len(sentence) < 900
