"""What a paste may be before any work is done on it, and Python's own parser run where it cannot do harm.

CPython's parser takes quadratic time for long dotted names and recurses once for each operator in a chain; on a thread
with a small stack, a few hundred characters can end the process. So a scan of the tokens comes first, and parsing and
reading happen on a thread with a stack of known size.
"""

import ast
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from layerscope import limits
from layerscope.source.reading import SourceError
from layerscope.text import is_whole

STACK = 32 * 2**20

T = TypeVar("T")
_STACK_SIZE = threading.Lock()
_WARNINGS = threading.Lock()

STRING = (
    r'[rRbBuUfF]{0,2}+(?:"""(?:[^"\\]++|\\.|"(?!""))*+(?:"""|\\?)'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+(?:'''|\\?)"
    r'|"(?:[^"\\\n]++|\\.)*+"?+'
    r"|'(?:[^'\\\n]++|\\.)*+'?+)"
)
"""A string in quotes, even one that is never closed."""
TOKEN = re.compile(
    rf"[ \t]*+(?:(?P<text>{STRING})|(?P<word>\w++)|(?P<line>\n)|(?P<skip>\#[^\n]*+|\\\n|\Z)|(?P<sign>.))", re.DOTALL
)
"""One token with the blanks before it.

It is linear: it matches at every place, the end included, so nothing is tried twice; and within a token each letter
fits one alternative only and is never given back. With no match at the end, blanks there would be tried from each.
"""
_SIGNS = frozenset(".+-*/%@&|^~<>!")
_WORDS = frozenset({"not", "if", "and", "or", "await", "in", "is", "lambda"})


def too_long(source: str) -> str:
    """The sentence for a text that is not even looked at; "" where it may be read."""
    if len(source) > limits.CODE.most:
        return limits.CODE.sentence(found=len(source))
    lines = source.count("\n") + source.count("\r") - source.count("\r\n") + 1
    return limits.CODE_LINES.sentence(found=lines) if lines > limits.CODE_LINES.most else ""


def check_size(source: str) -> None:
    """Raise SourceError where the text itself is too much; nothing of it is looked at before."""
    if not isinstance(source, str):
        raise SourceError("This is not text, so it cannot be code.")
    if sentence := too_long(source):
        raise SourceError(sentence)
    if not is_whole(source):
        raise SourceError(limits.HALF_A_CHARACTER)
    if "\0" in source:
        line = source[: source.index("\0")].count("\n") + 1
        raise SourceError("The code has a NUL character, which Python does not allow. Copy it again as text.", line)


def check_tokens(text: str) -> None:
    """Raise SourceError where the parser would have to go too deep or too far.

    Operators are counted along the way down into brackets: a comma goes back to where its bracket opened.
    """
    line, count, links, lambdas = 1, 0, 0, 0
    opened: list[int] = []
    deepest, most_links, most_lambdas = limits.BRACKETS.most, limits.OPERATORS.most, limits.LAMBDAS.most
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "skip":
            line += match[0].endswith("\n")
            continue
        if kind == "line":
            line += 1
            if not opened:
                links = lambdas = 0
            continue
        count += 1
        if count > limits.WORDS.most:
            raise SourceError(limits.WORDS.sentence())
        token = match[kind or 0]
        if kind == "word":
            if token not in _WORDS:
                continue
            links += token != "lambda"
            lambdas += token == "lambda"
        elif kind == "text":
            line += token.count("\n")
            continue
        elif token in _SIGNS:
            links += 1
        elif token in "([{":
            links += token != "{"
            opened.append(links)
        elif token in ")]}":
            links = opened.pop() if opened else links
        elif token == "," or token == ";":
            links = opened[-1] if opened else 0
        if len(opened) > deepest:
            raise SourceError(limits.BRACKETS.sentence(found=len(opened)), line)
        if links > most_links:
            raise SourceError(limits.OPERATORS.sentence(), line)
        if lambdas > most_lambdas:
            raise SourceError(limits.LAMBDAS.sentence(), line)
    _check_indentation(text)


def _check_indentation(text: str) -> None:
    levels = [0]
    for number, row in enumerate(text.split("\n"), 1):
        rest = row.lstrip(" \t")
        if not rest or rest.isspace():
            continue
        width = len(row) - len(rest)
        while width < levels[-1]:
            levels.pop()
        if width > levels[-1]:
            levels.append(width)
        if len(levels) - 1 > limits.INDENTATION.most:
            raise SourceError(limits.INDENTATION.sentence(found=len(levels) - 1), number)


_NO_NODES = frozenset({"ctx", "id", "attr", "arg", "type_comment", "kind", "level", "module", "asname"})


_MIXED = frozenset({"keys", "kw_defaults", "names", "kwd_attrs"})
"""Fields whose lists may hold something else than nodes."""
_FIELDS: dict[type, tuple[str, ...]] = {ast.Constant: ()}
"""The fields of each kind of node in which nodes may stand."""


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below; ast's own marks of reading and writing (Load, Store) are not nodes here."""
    found: list[ast.AST] = []
    _gather(node, found)
    return found


def _gather(node: ast.AST, found: list[ast.AST]) -> None:
    """Put the nodes right below to others."""
    names = _FIELDS.get(type(node))
    if names is None:
        names = _FIELDS[type(node)] = tuple(name for name in node._fields if name not in _NO_NODES)
    for name in names:
        value = getattr(node, name, None)
        if type(value) is list:
            found += [part for part in value if isinstance(part, ast.AST)] if name in _MIXED else value
        elif isinstance(value, ast.AST):
            found.append(value)


def walk(node: ast.AST) -> list[ast.AST]:
    """A node and all nodes below it."""
    found = [node]
    for part in found:
        _gather(part, found)
    return found


def check_tree(tree: ast.AST) -> list[ast.AST]:
    """All nodes, level by level. Raises SourceError where they are too many or too deep to be walked."""
    level, found = [tree], []
    for _ in range(limits.NESTING.most):
        found += level
        if len(found) > limits.NODES.most:
            raise SourceError(limits.NODES.sentence())
        below: list[ast.AST] = []
        for node in level:
            _gather(node, below)
        level = below
        if not level:
            return found
    line = next((node.lineno for node in level if hasattr(node, "lineno")), None)
    raise SourceError(limits.NESTING.sentence(), line)


def parse(text: str) -> ast.Module:
    """The syntax tree. Raises what `ast.parse` raises; call it inside `deep`."""
    with quiet():  # remarks about "\d" in a text are for its author
        return ast.parse(text)


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings; one thread at a time, as Python's list of what is ignored is one for the whole process."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def deep(work: Callable[[], T]) -> T:
    """Do `work` on a thread with a stack of 32 MiB, whatever the stack of this one is; its exception comes back."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # it is raised again on the caller's thread
            errors.append(error)

    with _STACK_SIZE:  # the size is one for the whole process
        before = threading.stack_size(STACK)
        try:
            thread = threading.Thread(target=run, name="reader", daemon=True)
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
