"""A quiz to print: as plain Markdown, and as a page of HTML that needs nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from string import ascii_uppercase

from layerscope.explain import value_text, written_count
from layerscope.formatting import joined
from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.study.quiz.question import Option, Question
from layerscope.text import in_markdown

STYLE = """
body { font: 11pt/1.45 system-ui, sans-serif; color: #000; background: #fff; max-width: 46em; margin: 2em auto;
  padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin: 1.6em 0 .4em; break-after: avoid; }
h2 + p { break-after: avoid; }
pre { font: 9.5pt/1.4 ui-monospace, monospace; border: 1px solid #767676; padding: .6em .8em; white-space: pre-wrap;
  overflow-wrap: anywhere; break-inside: avoid; }
li { margin: .9em 0; break-inside: avoid; } li p { margin: .2em 0; overflow-wrap: anywhere; }
ol.options { list-style: upper-alpha; margin: .3em 0; } ol.options li { margin: .15em 0; }
.name { margin: 1em 0 1.5em; }
section.key { break-before: page; border-top: 2px solid #000; margin-top: 3em; }
@page { margin: 2cm; }
@media print { body { margin: 0; max-width: none; padding: 0; } section.key { border: 0; margin-top: 0; } }
"""
NAME = "Name: ________________________    Date: ______________"
KEY = "Answer key"


def sheet(questions: Sequence[Question], title: str = "Quiz", answers: bool = False) -> str:
    """The questions as Markdown, the networks that they are about first; with `answers` a key on a page of its own."""
    networks = _networks(questions)
    lines = [f"# {in_markdown(title)}", "", NAME, ""]
    for place, network in enumerate(networks):
        lines += [
            f"## {_heading(networks, place)}",
            "",
            in_markdown(facts(network)),
            "",
            "```",
            *layer_lines(network),
            "```",
            "",
        ]
    lines += ["## Questions", ""]
    for n, question in enumerate(questions, 1):
        lines += [f"{n}. {in_markdown(_asked(networks, question))}", ""]
        lines += [f"    - {letter}: {in_markdown(option.text)}" for letter, option in _lettered(question)]
        lines.append("")
    if answers:
        lines += ['<div style="break-before: page"></div>', "", f"## {KEY}", ""]
        for n, question in enumerate(questions, 1):
            lines += [f"{n}. **{_right(question)}** {in_markdown(question.explanation)}", ""]
    return "\n".join(lines)


def sheet_html(questions: Sequence[Question], title: str = "Quiz", answers: bool = False) -> str:
    """The same as a whole HTML document with a style of its own for the printer. Nothing is fetched."""
    networks = _networks(questions)
    parts = [f"<h1>{escape(title)}</h1>", f'<p class="name">{escape(NAME)}</p>']
    for place, network in enumerate(networks):
        parts.append(f"<h2>{escape(_heading(networks, place))}</h2><p>{escape(facts(network))}</p>")
        parts.append(f"<pre>{escape(chr(10).join(layer_lines(network)))}</pre>")
    parts.append(f"<h2>Questions</h2><ol>{''.join(_items(networks, questions))}</ol>")
    if answers:
        rows = (f"<li><strong>{_right(q)}</strong> {escape(q.explanation)}</li>" for q in questions)
        parts.append(f'<section class="key"><h2>{KEY}</h2><ol>{"".join(rows)}</ol></section>')
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'
    )


def _items(networks: Sequence[Network], questions: Iterable[Question]) -> Iterator[str]:
    for question in questions:
        options = "".join(f"<li>{escape(option.text)}</li>" for option in question.options)
        yield f'<li><p>{escape(_asked(networks, question))}</p><ol class="options">{options}</ol></li>'


def _networks(questions: Iterable[Question]) -> list[Network]:
    """Each network once, in the order of the questions."""
    return list(dict.fromkeys(question.network for question in questions))


def _heading(networks: Sequence[Network], place: int) -> str:
    return "The network" if len(networks) == 1 else f"Network {place + 1}"


def facts(network: Network) -> str:
    """What is given about a network, as the line above its layers."""
    classes = (
        "" if network.classes is None else f"; {written_count(network.classes, 'class')}".replace("classs", "classes")
    )
    given = value_text(network.input_shape)
    if len(network.inputs) > 1:
        given = joined([f"{each.name} {value_text(each.shape)}" for each in network.inputs])
    reads = "" if network.is_chain else "; each reads the one before it, unless it says what it reads"
    return f"Input: {given} per sample{classes}. Layers in the order of the forward pass{reads}:"


def layer_lines(network: Network) -> list[str]:
    """One line a layer, with what was chosen: what follows from it is for the learner to find."""
    return [f"{layer.name}: {_call(layer)}{_reads(layer)}" for layer in network.resolved]


def _call(layer: Layer) -> str:
    return f"{layer.of} again" if layer.of else f"{layer.type}({', '.join(_chosen(layer))})"


def _reads(layer: Layer) -> str:
    return f", reads {joined(layer.inputs)}" if layer.inputs else ""


def _chosen(layer: Layer) -> Iterator[str]:
    for name, value in layer.chosen.items():
        default = type(layer).__dataclass_fields__[name].default
        if value != default or type(value) is not type(default):
            yield f"{name}={value_text(value)}"


def _asked(networks: Sequence[Network], question: Question) -> str:
    if len(networks) < 2:
        return question.text
    return f"(Network {networks.index(question.network) + 1}) {question.text}"


def _lettered(question: Question) -> Iterator[tuple[str, Option]]:
    return zip(ascii_uppercase, question.options, strict=False)


def _right(question: Question) -> str:
    return ascii_uppercase[question.answer]
