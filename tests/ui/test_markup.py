"""Text that is not our own reaches Streamlit's Markdown through `in_streamlit`, and HTML through `escape`.

The source is read with ast. What is no constant must be one of those two calls, or stand in OWN, with the reason why no
visitor's text can be in it.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "src/layerscope/ui").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"])
SOURCES += [ROOT / "src/layerscope/study/quiz/sheet.py", ROOT / "src/layerscope/notebook/text.py"]

BODIES = {
    "badge", "button", "caption", "checkbox", "dialog", "download_button", "error", "exception", "expander",
    "feedback", "file_uploader", "form_submit_button", "header", "info", "link_button", "markdown", "metric",
    "multiselect", "number_input", "page_link", "pills", "popover", "radio", "segmented_control", "select_slider",
    "selectbox", "slider", "spinner", "status", "subheader", "success", "tabs", "text_area", "text_input", "title",
    "toast", "toggle", "warning", "write",
}  # fmt: skip
"""What takes Markdown as its first argument or as a label; all of them take it as `help`."""
LISTS = {"pills", "radio", "segmented_control", "tabs"}
"""What shows its options as Markdown."""
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")

SAID = {
    "_names()", "TITLES[FAMOUS]", "', then '.join(features)", "number", "_depth(page.trace)", "SIZE", "size",
    "_instead(page.network, size)", "size * size",
}  # fmt: skip
"""What the lessons' own Markdown is made of besides constants: numbers, sizes, presets' titles."""
OWN: dict[str, set[str]] = {
    "ahead": {"file"},  # this server's own
    "banner": {"page"},  # a page object of app.py
    "free_controls": {"_argument"},  # hands each argument's name to in_streamlit
    "choosing": {"shown"},  # a function that hands its words to in_streamlit
    "codepage": {"list(networks)"},  # the three names at the top of that file
    "frame": {  # numbers, the titles of `contents.LESSONS`, and the three names at the top of that file
        "names", "place", "done", "steps", "told", "bar", "page", "label",
        "f'{mark}{number(each.key)} {each.title}: {each.about}'",
        "_progress(place, done, len(walk))",  # numbers
    },
    "glossary": {"place", "_entry(asked, found, is_top=True)", "''.join((_entry(entry, found) for entry in found))"},
    "head": {"label"},  # a parameter of `choosing`, given constants
    "input_form": {"name.capitalize()"},  # names of axes
    "large_type": {"''.join(rules)"},  # numbers
    "memory": {
        "kind",  # of a style
        "memory_said.markup(compared)",  # looked at in that file
    },
    "memory_said": {"head", "body", "row", "side"},  # what was escaped, cell by cell; a style of our own
    "mending": {"head", "html", "_told(mistake, page.network)"},  # a heading, and what `_told` has escaped
    "page": {
        "_EMPHASIZED.sub(_linked, text)",  # `Page.say`: see SAID
        "list(options)", "label",  # `Page.pick`: presets' titles and words of our own
    },
    "popovers": {"help_text", "label"},  # parameters of `popover`, given constants
    "quiz": {"place", "place + 1", "count", "_bar(place, len(questions))"},  # numbers
    "quiz_end": {
        "place", "rows",  # numbers; what `_review` has escaped under its number
        "f'Lesson {place}, {lesson.title} ({questions_} missed) →'",  # the titles of `contents.LESSONS`
    },
    "sheet": {"_right(q)", "''.join(rows)", "''.join(_items(networks, questions))"},  # letters; rows of escaped texts
    "summary": {"head", "right", "rows", "_cells(each.question, each.given, each.answer, each.why)"},
    "saying": {"kind", "spoken"},  # a style of our own; an ARIA role
    "sweep_form": {"label", "title"},  # parameters of `_range`, given constants; from, to and step
    "takeaway": {"help_text or None", "title"},  # parameters of `_button`, given constants
    "teacher": {"picture", "number", "label"},  # base64; the number of a step; `_one_of`, given constants
    "number_field": {
        "label", "works",  # parameters of `number_input`, given constants, limits
        "meanwhile", "_NO_CLASS.sub('-', key)",  # a number; no more than letters and dashes
    },
    "train_begin": {  # a number; ours
        "f'Train further, to {train_said.further(done, epochs, planned)}'", "train_said.FURTHER"
    },
    "train_end": {
        "title",  # names of files' forms, and lists' labels
        "train_said.gallery(data, places, captions, title)",  # looked at in that file
        "train_said.gallery(data, worst['place'].tolist(), captions, 'Worst mistakes')",
    },
    "train_said": {"place", "source"},  # a number; base64
    "text": {"body", "row(columns, 'th')", "row(totals, 'th')", "''.join(written)"},  # what `row` has escaped
    "switching": {"help_text or None", "label"},  # parameters of `switch`, given constants
    "trials": {"f'Run {order.size:,} trials'"},  # a number
    "trials_form": {"label"},  # a parameter of `_choice` and `_number`, given constants
    "trials_results": {"trial.number"},  # a number
}  # fmt: skip
"""What no visitor's text can be in, by file."""


Scope = dict[str, list[ast.expr]]
"""What is assigned to each name of a function, or of the file's top level."""


class Source:
    """A file, and what of it is made of our own words, numbers, and what was escaped."""

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.functions: dict[str, tuple[list[ast.expr], Scope]] = {}
        self._asked: set[tuple[str, str]] = set()
        outer = [node for node in self.tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
        inner = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]
        self.scopes: list[tuple[Sequence[ast.AST], Scope]] = [
            (outer, _scope(outer)),
            *(([node], _scope([node])) for node in inner),
        ]
        for node in inner:
            returns = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value is not None]
            self.functions[node.name] = (returns, _scope([node]))

    def is_own(self, node: ast.expr | None, escape: str, scope: Scope) -> bool:
        """Whether an expression is our own."""

        def all_own(parts: list[ast.expr]) -> bool:
            return all(self.is_own(part, escape, scope) for part in parts)

        def holds(name: str, values: list[ast.expr], where: Scope) -> bool:
            if (name, escape) in self._asked or not values:
                return False
            self._asked.add((name, escape))
            own = all(self.is_own(value, escape, where) for value in values)
            self._asked.discard((name, escape))
            return own

        match node:
            case None | ast.Constant():
                return True
            case ast.Call(func=ast.Name(id="list"), args=args):
                return all_own(args)
            case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id=name), _]) | ast.Call(func=ast.Name(id=name)):
                return name in (escape, "len") or holds(name, *self.functions.get(name, ([], {})))
            case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant()), args=args):
                return all_own(args)
            case ast.Name(id=name):
                known = bool(CONSTANT.fullmatch(name)) or name == escape
                return known or holds(name, scope.get(name, []), scope)
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                return self.is_own(value, escape, scope)
            case ast.JoinedStr(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.BoolOp(values=parts):
                return all_own(parts)
            case ast.Dict(values=parts):
                return all_own(parts)
            case ast.GeneratorExp(elt=part) | ast.ListComp(elt=part) | ast.FormattedValue(value=part):
                return self.is_own(part, escape, scope)
            case ast.IfExp(body=body, orelse=other) | ast.BinOp(left=body, right=other):
                return all_own([body, other])
        return False

    def foreign(self) -> set[str]:
        """The expressions that are read as Markdown or HTML, and are not known to be our own."""
        return {
            ast.unparse(part)
            for nodes, scope in self.scopes
            for node in nodes
            for part in (*self._markdown(node, scope), *self._html(node, scope))
        }

    def _markdown(self, inside: ast.AST, scope: Scope) -> Iterator[ast.expr]:
        for node in ast.walk(inside):
            if not isinstance(node, ast.Call):
                continue
            # `remembered.shown(st.text_input, label, ...)` calls st.text_input with what follows it.
            is_handed = ast.unparse(node.func) == "remembered.shown" and self._is_widget(node.args[0])
            called, args = (node.args[0], node.args[1:]) if is_handed else (node.func, node.args)
            if not isinstance(called, ast.Attribute) or called.attr not in BODIES:
                continue
            if not self._is_widget(called) and called.attr not in ("markdown", "caption"):
                continue
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            looked = [*args[:1], *(named.get(name) for name in ("label", "body", "help", "captions"))]
            if called.attr in LISTS:
                looked.append(named.get("format_func") or named.get("options") or next(iter(args[1:]), None))
            yield from (part for part in looked if part is not None and not self.is_own(part, "in_streamlit", scope))

    @staticmethod
    def _is_widget(node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and ast.unparse(node.value).split(".")[0] in (
            "st", "number_field"
        )  # fmt: skip

    def _html(self, inside: ast.AST, scope: Scope) -> Iterator[ast.expr]:
        parts: list[ast.expr]
        for node in ast.walk(inside):
            match node:
                case ast.JoinedStr(values=values):
                    tagged = any(has_tag(part) for part in values)
                    parts = [part.value for part in values if isinstance(part, ast.FormattedValue) and tagged]
                case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right) if has_tag(left) or has_tag(right):
                    parts = [left, right]
                case ast.Call(func=ast.Attribute(attr="format", value=text), args=args, keywords=more) if has_tag(text):
                    parts = [*args, *(keyword.value for keyword in more)]
                case ast.Call(func=ast.Attribute(attr="html"), args=args):
                    parts = [part for whole in args for part in added(whole) if not isinstance(part, ast.JoinedStr)]
                case _:
                    continue
            yield from (part for part in parts if not self.is_own(part, "escape", scope))


def has_tag(node: ast.AST) -> bool:
    """Whether it is a text of ours with HTML in it."""
    return isinstance(node, ast.Constant) and re.search(r"</?[a-z]", str(node.value)) is not None


def added(node: ast.expr) -> list[ast.expr]:
    """What stands on both sides of each +."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*added(left), *added(right)]
    return [node]


def _scope(nodes: Sequence[ast.AST]) -> Scope:
    scope: Scope = {}

    def assign(target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, its in zip(target.elts, value.elts, strict=True):
                assign(one, its)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.IfExp):
            assign(target, value.body)
            assign(target, value.orelse)
        else:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    scope.setdefault(name.id, []).append(value)

    given: set[str] = set()
    for node in (part for whole in nodes for part in ast.walk(whole)):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    assign(target, value)
            case ast.NamedExpr(target=target, value=value):
                assign(target, value)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                assign(target, value)
            case ast.FunctionDef(args=ast.arguments(args=arguments, kwonlyargs=more)):
                given |= {argument.arg for argument in (*arguments, *more)}
    return {name: values for name, values in scope.items() if name not in given}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_what_is_not_our_own_is_escaped(path: Path) -> None:
    foreign = Source(path.read_text(encoding="utf-8")).foreign()
    assert foreign - OWN.get(path.stem, set()) == set(), "in_streamlit for Markdown, escape for HTML; or say why in OWN"


def test_nothing_is_allowed_that_is_not_there() -> None:
    foreign: dict[str, set[str]] = {}
    for path in SOURCES:
        foreign[path.stem] = foreign.get(path.stem, set()) | Source(path.read_text(encoding="utf-8")).foreign()
    assert {name: parts - foreign[name] for name, parts in OWN.items() if parts - foreign[name]} == {}


def test_lessons_say_only_what_is_their_own() -> None:
    """`Page.say` takes Markdown: no layer's name, question or answer goes in."""
    texts = [
        part
        for path in (ROOT / "src/layerscope/ui/lessons").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say"
        for part in ast.walk(node.args[0])
        if isinstance(part, ast.FormattedValue)
    ]
    assert {ast.unparse(text.value) for text in texts} <= SAID


UNSAFE = re.compile(r"unsafe_allow_\w+")
PARSED = re.compile(
    r"\.(innerHTML|outerHTML|srcdoc)\b|\b(insertAdjacentHTML|setHTML\w*|createContextualFragment|parseFromString)\("
    r"|\bdocument\.write|\bnew Function\b|(?<![\w.])eval\("
)
"""Where a browser reads text as HTML or as code."""


def test_nothing_is_let_into_a_page_unsafely() -> None:
    """Streamlit cleans HTML of scripts unless it is told not to; our own scripts write text, and never HTML."""
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    scripts = [*(ROOT / "src").rglob("*.js"), *(ROOT / "src/layerscope/ui").rglob("*.py")]
    assert [(path.name, found) for path in sources for found in UNSAFE.findall(path.read_text(encoding="utf-8"))] == []
    assert [(path.name, found) for path in scripts for found in PARSED.findall(path.read_text(encoding="utf-8"))] == []


def test_what_a_browser_reads_as_html_or_code_is_seen() -> None:
    seen = [
        "x.innerHTML = y",
        "x.insertAdjacentHTML('beforeend', y)",
        "document.write(y)",
        "new Function(y)",
        "eval(y)",
    ]
    assert [line for line in seen if not PARSED.search(line)] == []
    assert not PARSED.search("module.eval() x.textContent = y; retrieval(x)")


@pytest.mark.parametrize(
    "line",
    [
        "st.markdown(said)", "st.error(str(error))", "st.button('x', help=why)", "st.radio('x', options)",
        "st.html(f'<p>{said}</p>')", "page.text.markdown(said)", "st.info(f'no {name}')", "x = f'<b>{a + b}</b>'",
        "def f(a):\n return f'<b>{a}</b>'", "for name in names:\n st.html(f'<b>{name}</b>')",
        "st.radio('x', list(A), format_func=str)", "st.write(told)", "st.html(f'<p>{in_streamlit(a)}</p>')",
        "st.html(said)", "here.html(str(a))", "st.html(STYLE + said)", "x = '<p>' + said", "x = '<b>%s</b>' % name",
        "x = '<b>{}</b>'.format(name)",
    ],
)  # fmt: skip
def test_the_check_sees(line: str) -> None:
    assert Source(line).foreign()


@pytest.mark.parametrize(
    "line",
    [
        "st.markdown('**x**')", "st.error(in_streamlit(str(error)))", "st.radio('x', a, format_func=in_streamlit)",
        "st.html(f'<p>{escape(said)}</p>')", "st.button('x', help=HELP if a else None)", "st.info(f'{len(a)} of 3')",
        "a = escape(b)\nst.html(f'<p>{a}</p>')", "st.html(STYLE + f'<p>{escape(a)}</p>')", "x = '<p>' + escape(a)",
        "re.sub('a', b, c).title(d)",
    ],
)  # fmt: skip
def test_the_check_lets_pass(line: str) -> None:
    assert Source(line).foreign() == set()
