"""The app's English: phrases that readers stumbled over do not come back, in no string, page or document."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "layerscope"

# As they are written, with what says the same. Words inside braces are our own names and no text.
PHRASES = {
    "laid in a row": "flattened",
    "puts out": "outputs",
    "put out": "outputs",
    "what arrives": "the input",
    "that arrives": "its input",
    "arrives at": "reaches",
    "arrive at": "reach",
    "behind it": "after it",
    "behind the": "after the",
    "has a say": "decides",
    "chosen anew": "changed by hand",
    "moves most": "changes most",
    "; right is": "the answer is",
    "upright edges": "vertical edge",
    "flat edges": "horizontal edge",
    "of one grey": "of uniform grey",
    "turning it over": "flipping it",
    "Move a slider": "Try it: drag ...",
    "Formulas and torch": "checked against PyTorch",
    "What came of it": "See my results",
    "Start anew": "Start over",
    "Take away": "Export",
    "An error of torch": "A PyTorch error message",
    "Fill the screen": "Show full screen",
    "Not read to the end": "Analysis stopped at line ...",
    "Images of another size": "Your images have a different size",
    "that is no parameter": "that is not a parameter",
    "torch is meant": "we assumed it",
    "cannot be told": "the code does not say",
    "One that would do": "for example",
    "would do.": "would work.",
    "only images went in": "name the tensors",
    "parameters only": "only ... parameters",
    "Its seal": "Check words",
    "Yours to move": "You can change",
    "cannot be done": "Locked by your teacher",
    "Layerscope itself": "Layerscope",
    "stands twice": "appears twice",
    "is no list": "is not a list",
    "is no number": "is not a number",
    "is no layer.": "is not a layer.",
    "The parameter's value is": "Where each value comes from",
}
_PATTERN = re.compile("|".join(rf"(?<!\w){re.escape(phrase)}(?!\w)" for phrase in PHRASES), re.IGNORECASE)


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


def stumbles(text: str) -> list[str]:
    return [f"{found[0]!r} (rather: {PHRASES.get(found[0], '...')})" for found in _PATTERN.finditer(text)]


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_string_has_words_that_nobody_would_say(path):
    found = [(line, told) for line, text in texts(path.read_text()) for told in stumbles(text)]
    assert found == []


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.js")), ids=lambda path: path.name)
def test_no_text_of_the_stage_has_them(path):
    quoted = re.findall(r"\"[^\"\n]*\"|`[^`]*`", re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE))
    assert [told for text in quoted for told in stumbles(text)] == []


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name)
def test_no_document_has_them(path):
    assert stumbles(path.read_text()) == []


def test_a_phrase_is_found_wherever_it_stands():
    code = 'def f(x):\n    """Puts out nothing."""\n    return f"conv1 puts out {x}" + "What arrives"\n'
    assert [line for line, text in texts(code) if stumbles(text)] == [3, 3]
    assert stumbles("fc1 gets 192 values") == []
