"""The printable sheet: nothing is lost, nothing gets in, and the key is only there when it is asked for."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from layerscope.presets import PRESETS
from layerscope.study.quiz.making import questions
from layerscope.study.quiz.question import Option
from layerscope.study.quiz.sheet import sheet, sheet_html

SEED = PRESETS["fashion-mnist-cnn"]
QUESTIONS = tuple(question for question in questions(SEED, 1, 31) if question.network == SEED)
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](z) `c` *b* __u__ \n# head & <b>"


class Reader(HTMLParser):
    """The tags and the text of a page; a tag that is not closed in order is an error."""

    def __init__(self, page):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onload", "onclick"}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def unescaped(markdown):
    return re.sub(r"\\([^\w\s])|\\(_)", lambda found: found[1] or found[2], markdown)


def test_markdown_holds_every_question():
    text = unescaped(sheet(QUESTIONS))
    assert text.startswith("# Quiz\n")
    for n, question in enumerate(QUESTIONS, 1):
        assert f"\n{n}. {question.text}\n" in text
        for letter, option in zip("ABCD", question.options, strict=False):
            assert f"\n    - {letter}: {option.text}\n" in text


def test_the_key_is_only_there_when_asked_for():
    for page in (sheet(QUESTIONS), sheet_html(QUESTIONS)):
        assert "Answer key" not in page
        assert not any(option.mistake in page for q in QUESTIONS for option in q.options if option.mistake)
    text = unescaped(sheet(QUESTIONS, answers=True))
    questions_part, key = text.split('<div style="break-before: page"></div>')
    assert "## Answer key" in key
    assert "Answer key" not in questions_part
    for n, question in enumerate(QUESTIONS, 1):
        assert f"\n{n}. **{'ABCD'[question.answer]}** {question.explanation}\n" in key


def test_the_network_is_printed_without_what_follows_from_it():
    text = sheet(QUESTIONS)
    assert text.count("```") == 2
    listing = text.split("```")[1]
    assert "\nconv1: Conv2d(out_channels=6, kernel_size=5)\n" in listing
    assert "\nrelu1: ReLU()\n" in listing
    assert "\nout: Linear(out_features=10)\n" in listing
    assert "in_channels" not in listing
    assert "192" not in listing
    assert "(1, 28, 28)" in text
    assert "10 classes" in text


def test_questions_about_several_networks_say_which():
    both = (*QUESTIONS[:2], *questions(PRESETS["lenet5"], 1, 2, ["parameters", "maps"]))
    text = unescaped(sheet(both))
    assert text.count("## Network ") == 2
    assert f"\n1. (Network 1) {both[0].text}" in text
    assert f"\n4. (Network 2) {both[3].text}" in text
    assert "(Network 2)" in sheet_html(both)


def test_a_network_that_a_question_made_for_itself_is_printed_too():
    asked = questions(SEED, 1, 31, ["parameters", "joined-channels"])
    text = unescaped(sheet(asked[:2]))
    assert text.count("## Network ") == 2
    assert "\ncat1: Concat(), reads branch1" in text


@pytest.mark.parametrize("answers", [False, True])
def test_html_is_whole_and_needs_nothing_else(answers):
    page = sheet_html(QUESTIONS, answers=answers)
    reader = Reader(page)
    assert page.startswith("<!doctype html>")
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert "http" not in page
    assert "url(" not in page
    assert "@import" not in page
    words = reader.text
    for question in QUESTIONS:
        assert question.text in words
        assert all(option.text in words for option in question.options)
        assert (f" {question.explanation}" in words) is answers
    assert ("Answer key" in words) is answers


def hostile():
    options = tuple(Option(HOSTILE + str(n), n, HOSTILE) for n in range(3))
    return (replace(QUESTIONS[0], text=HOSTILE, options=options, answer=0, explanation=HOSTILE),)


def test_nothing_gets_into_html():
    page = sheet_html(hostile(), title=HOSTILE, answers=True)
    reader = Reader(page)
    assert not {"script", "img", "b"} & set(reader.tags)
    assert any("<script>alert(1)</script>" in text for text in reader.text)


def test_nothing_gets_into_markdown():
    text = sheet(hostile(), title=HOSTILE, answers=True)
    outside = "".join(text.split("\n```")[::2]).replace('<div style="break-before: page"></div>', "")
    assert not re.search(r"(?<!\\)[<`\[!]", outside)
    assert not re.search(r"(?<!\\)\*(?!\*)(?<!\*\*)", outside.replace("**A**", ""))
    assert "\n# head" not in text
    assert [line for line in text.splitlines() if line.startswith("```")] == ["```", "```"]


def test_no_questions():
    assert sheet(()).startswith("# Quiz")
    Reader(sheet_html((), answers=True))
