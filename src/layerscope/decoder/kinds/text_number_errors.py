"""Text where a number belongs, and other values that are neither: what Python and torch say of them."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, word

FROM_TEXT = "What comes from argparse without type=float, from a YAML or JSON file, or from input(), is text."


def _got(*types: str) -> Sign:
    return lambda found: found["got"] in types


def _is_text(found: Found) -> bool:
    return "str" in (found["one"], found["other"])


KINDS: dict[str, Kind] = {
    "number-type": kind(
        "A number is expected",
        "add(): argument 'alpha' must be Number, not str",
        (
            rf"{first_word('function')}\(\): argument '{word('argument', 30)}' (?:\(position \d{{1,9}}\) )?must be "
            rf"(?P<wanted>Number|float|bool), not {word('got', 30)}",
            rf"must be real number, not {word('got', 30)}",
        ),
        fixed(
            "A number is expected, but a value of type {got} was given.",
            Usual("Text instead of a number", FROM_TEXT, "Write float(text).", _got("str")),
            Usual(
                "Nothing was given",
                "A setting without a value, or a function without a return, gives nothing.",
                "Print the value before this line, and give it a number.",
                _got("NoneType"),
            ),
            Usual(
                "Several values instead of one",
                "A tuple, a list or a tensor with several values is not one number.",
                "Take one of them, values[0]; of a tensor with a single value, x.item().",
                lambda found: found["got"] not in ("str", "NoneType"),
            ),
            pieces={"argument": "the argument", "got": "the type of what was given"},
            alone=True,
        ),
    ),
    "text-order": kind(
        "Text that is compared with a number",
        "'<' not supported between instances of 'str' and 'float'",
        (
            rf"'(?P<sign>[<>]=?)' not supported between instances of '{word('one')}' and '{word('other')}'",
            rf"bad operand type for unary (?P<sign>[-+~]): '{word('one')}'",
        ),
        fixed(
            "Only numbers have an order and a sign, and one of these is a {one}.",
            Usual(
                "Text instead of a number", FROM_TEXT, "Write lr=float(text), or give argparse type=float.", _is_text
            ),
            Usual(
                "Nothing was given",
                "A setting without a value, or a function without a return, gives nothing.",
                "Print the value before this line, and give it a number.",
                lambda found: "NoneType" in (found["one"], found["other"]),
            ),
            Usual(
                "A list, a tuple or a function",
                "It holds values, or gives one, but is none itself.",
                "Print type(x) of both sides; take one value, values[0], or call the function.",
                lambda found: not _is_text(found) and "NoneType" not in (found["one"], found["other"]),
            ),
            pieces={"one": "one type", "other": "the other type"},
            alone=True,
        ),
    ),
    "tuple-sum": kind(
        "A tuple or list is added to something else",
        'can only concatenate tuple (not "int") to tuple',
        (r"can only concatenate (?P<one>tuple|list|str) \(not \"(?P<other>[\w.]{1,40})\"\) to (?:tuple|list|str)",),
        fixed(
            "A plus after a {one} joins two of them, and this is a {other}.",
            Usual(
                "A function with two results",
                "x.max(1), x.min(1), x.sort() and x.topk(k) give values and indices; an LSTM gives output and states.",
                "Take the values: x.max(1).values, or values, indices = x.max(1).",
                lambda found: found["one"] == "tuple",
            ),
            Usual(
                "A list instead of a tensor",
                "Lists are joined by +, not added value by value.",
                "Write torch.tensor(values) + 1.",
                lambda found: found["one"] == "list",
            ),
            Usual("Text instead of a number", FROM_TEXT, "Write float(text) + 1.", lambda found: found["one"] == "str"),
            pieces={"one": "what stands before the plus", "other": "what stands after it"},
            alone=True,
        ),
    ),
}
