"""The app's English: phrases that readers stumbled over do not come back in strings, comments, pages or documents."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "layerscope"

# As they are written, with what says the same. Words inside braces are our own names and no text.
PHRASES = {
    "a link that was changed has": "if a screen shows other words, the link was altered",
    "a single training does not": "one training run is not enough to",
    "alone changes by": "alone gains, alone loses",
    "another content than": "is not the file we expected",
    "An error of torch": "A PyTorch error message",
    "it has none for": "except ..., which no longer fits",
    "arrive at": "reach",
    "arrives at": "reaches",
    "as deep as what": "needs one kernel per input channel",
    "as your teacher's link has": "set by your teacher",
    "averages of Adam's": "Adam's two running averages",
    "behind it": "after it",
    "behind the": "after the",
    "by your teacher's link": "by your teacher",
    "cannot be done": "Locked by your teacher",
    "cannot be told": "the code does not say",
    "cannot stand in": "is not allowed in",
    "cause that fits these": "likely cause",
    "chosen anew": "changed by hand",
    "commonest": "most common",
    "equally likely": "the same probability",
    "Everything else still shows": "The rest of the page waits",
    "Fill the screen": "Show full screen",
    "flat edges": "horizontal edges",
    "No rule gives": "No rule determines",
    "Formulas and torch": "checked against PyTorch",
    "give the data in torch's": "in the order that the next layer wants",
    "has a say": "decides",
    "Images of another size": "Your images have a different size",
    "images went in": "name the tensors",
    "is the kernels that": "is a set of kernels that",
    "Its seal": "Check words",
    "laid in a row": "flattened",
    "Layerscope itself": "Layerscope",
    "Move a slider": "Try it: drag ...",
    "moves most": "changes most",
    "network of one's own": "custom network",
    "network that stands in": "network that is open in",
    "not said yet": "haven't yet said",
    "Nothing is trained here": "Nothing is trained on this page",
    "make of each sample": "produce from each sample",
    "as its output is the question": "because its output is what you are asked for",
    "positions_out": "H_out·W_out",
    "nobody draws them": "in a real network nobody draws these",
    "Not read to the end": "Analysis stopped at line ...",
    "of one grey": "of uniform gray",
    "of steps aside": "not counting step counters",
    "function of torch's that each": "PyTorch function that each",
    "once one can read": "once you can read",
    "one place / the other": "name the tensors",
    "one that would do": "for example",
    "parameters only": "only ... parameters",
    "put out": "outputs",
    "puts out": "outputs",
    "then read right": "classify correctly",
    "digits read right": "digits classified correctly",
    "is read right": "is classified correctly",
    "; right is": "the answer is",
    "so many parameters.": "also the parameter count",
    "stands twice": "appears twice",
    "Start anew": "Start over",
    "Take away": "Export",
    "tell what is right": "show the correct answers",
    "that arrives": "its input",
    "the course's network": "the default network",
    "The parameter's value is": "Where each value comes from",
    "The total rises": "The parameter count rises",
    "There are 1 ": "There is 1 ",
    "torch is meant": "we assumed it",
    "trainings": "training runs",
    "turning it over": "flipping it",
    "(see the README)": "see “Serving others” in the README",
    "upright edges": "vertical edges",
    "weights aside": "not counting the weights",
    "what arrives": "the input",
    "what came of it": "the result",
    "What comes before this line is": "show it only where it is",
    "where nothing is said": "by default",
    "Which in_features does": "What must in_features be",
    "with another seed": "with a different seed",
    "would do.": "would work.",
    "Your own; or": "Custom network",
    "Yours to move": "You can change",
}
IS_NO = re.compile(
    r"(?<!there )\b(is|are|was|were) no (?!longer|more|other|way|need|room|doubt|mystery|mistake\b)\w+", re.IGNORECASE
)
"""A denied noun: "is no value" for "is not a value". "There is no value" is right."""
SPELLINGS = re.compile(
    r"\b\w*(colour|neighbour|behaviour|favour|labelled|modelled|cancelled|initialis|optimis|normalis|summaris)\w*"
    r"|\b(grey|centre|licence|learnt|whilst|visualis\w+)\b",
    re.IGNORECASE,
)
"""British spellings of words in a sentence."""
TORCH = re.compile(
    r"(?<![\w.])torch(?:'s own|(?:'s)? (?:says|agrees|refuses|accepts|expects|reads|counts|has|does|cannot|takes))\b",
    re.IGNORECASE,
)
"""On the screen it is PyTorch; code and its comments say what they import."""
_PATTERN = re.compile("|".join(rf"(?<!\w){re.escape(phrase)}(?!\w)" for phrase in PHRASES), re.IGNORECASE)
_BETTER = {phrase.lower(): better for phrase, better in PHRASES.items()}
_ANY = tuple(_BETTER)


def texts(source: str) -> Iterator[tuple[int, str]]:
    """The strings of Python code with their lines: docstrings and what stands in braces are left out."""
    tree = ast.parse(source)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        for child in getattr(node, "body", []) if isinstance(getattr(node, "body", None), list) else []:
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                skipped.add(id(child.value))
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values),
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


def remarks(source: str) -> Iterator[tuple[int, str]]:
    """The docstrings and comments of Python code with their lines, each on one line."""
    for node in ast.walk(ast.parse(source)):
        for child in getattr(node, "body", []) if isinstance(getattr(node, "body", None), list) else []:
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                yield child.lineno, " ".join(str(child.value.value).split())
    # Only what stands after a # can be a comment; to read every word of Python for that takes ten times as long.
    if any(stumbles(after) for _, mark, after in (line.partition("#") for line in source.splitlines()) if mark):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def stumbles(text: str) -> list[str]:
    """The phrases in a text that readers stumbled over, with better ones."""
    lowered = text.lower()
    # A hundred searches for a text take less than one search for a hundred patterns.
    is_likely = any(phrase in lowered for phrase in _ANY)
    found = _PATTERN.finditer(text) if is_likely else ()
    phrases = [f"{one[0]!r} (rather: {_BETTER[one[0].lower()]})" for one in found]
    return phrases + [f"{found[0]!r} (rather: is not a ...)" for found in IS_NO.finditer(text)]


def british(text: str) -> list[str]:
    """Words of a sentence in British spelling; a text of one word is a name, not a sentence."""
    return [f"{found[0]!r} (rather: in American spelling)" for found in SPELLINGS.finditer(text) if " " in text]


def on_screen(text: str) -> list[str]:
    """All that is wrong with a string."""
    return stumbles(text) + british(text) + [f"{found[0]!r} (rather: PyTorch)" for found in TORCH.finditer(text)]


def wrong(
    said: Callable[[str], Iterable[tuple[int, str]]], fault: Callable[[str], list[str]], folder: Path = SOURCE
) -> list[str]:
    """What is wrong in all files: where it stands, and what would be better. Many files are one test: each test takes
    as long as to read a file."""
    return [
        f"{path.relative_to(folder)}:{line}: {told}"
        for path in sorted(folder.rglob("*.py"))
        for line, text in said(path.read_text())
        for told in fault(text)
    ]


def test_no_string_has_words_that_nobody_would_say():
    assert wrong(texts, on_screen) == []


def test_no_docstring_or_comment_has_them():
    assert wrong(remarks, stumbles) == []


def test_a_fault_is_told_with_its_place(tmp_path):
    (tmp_path / "a.py").write_text('"""Right."""\n\nb = "conv1 puts out 3"  # c\n')
    assert wrong(texts, on_screen, tmp_path) == ["a.py:3: 'puts out' (rather: outputs)"]
    assert wrong(remarks, stumbles, tmp_path) == []


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.js")), ids=lambda path: path.name)
def test_no_text_of_the_stage_has_them(path):
    quoted = re.findall(r"\"[^\"\n]*\"|`[^`]*`", re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE))
    assert [told for text in quoted for told in on_screen(text)] == []


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]), ids=lambda path: path.name
)
def test_no_document_has_them(path):
    words = " ".join(path.read_text().split())
    assert stumbles(words) + british(words) == []


def test_a_phrase_is_found_wherever_it_stands():
    code = (
        'def f(x):\n    """Puts out nothing."""\n    return f"conv1 puts out {x}" + "What arrives"  # 3 is no shape\n'
    )
    assert [line for line, text in texts(code) if stumbles(text)] == [3, 3]
    assert [line for line, text in remarks(code) if stumbles(text)] == [2, 3]
    assert stumbles("fc1 gets 192 values; there is no value yet, and it is no longer needed") == []
    assert british("a neutral colour") == ["'colour' (rather: in American spelling)"]
    assert british("colour") == []
    assert on_screen("and torch says 3") == ["'torch says' (rather: PyTorch)"]
    assert on_screen("and PyTorch says 3; write torch.cat(x)") == []
