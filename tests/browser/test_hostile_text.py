"""Text that would do something if a page took it for more than text, in every field that takes any.

The `visitor` fixture fails a test whose page asked another host or logged an error. Here, besides, no dialog may open,
no node may be made of the text, and no page may show its error box.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from layerscope.assignment import assigned, encode_assignment
from layerscope.packing import pack
from layerscope.presets import DEFAULT, PRESETS
from layerscope.text import JOINER, on_one_line
from scripts.live import ROOT, served
from tests.browser.hostile import HOST, HOSTILE

SEED = PRESETS[DEFAULT]
IMAGE, TAG = HOSTILE[0], HOSTILE[2]
MADE = f"""() => [...document.querySelectorAll("body *, head script, head style, head link")].filter((node) =>
  [...node.attributes].some(({{ name, value }}) => /^on[a-z]+$/.test(name)
    || (/^(src|srcset|href|xlink:href|action|formaction|data)$/.test(name)
      && (/^\\s*javascript:/i.test(value) || /^(https?:)?\\/\\/[^/]*{HOST}/i.test(value))))
  || (/^(script|style)$/i.test(node.tagName) && node.textContent.includes("{HOST}"))
).map((node) => node.outerHTML.slice(0, 200))"""
MARKUP = (
    ":is(a, img, code, pre, strong, em, del, h1, h2, ul, ol, blockquote, .katex, [style*=color], "
    "[data-testid=stIconMaterial])"
)


@pytest.fixture(scope="module")
def demo_address() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
        with served(Path(__file__).parent / "markdown_demo.py") as address:
            yield address


@pytest.fixture
def watched(visitor) -> Iterator[list[Page]]:
    """The tab, once there is one; at the end it is looked over."""
    pages: list[Page] = []
    yield pages
    assert pages
    for page in pages:
        look_over(page)
        page.remove_listener("dialog", _refuse)


def opened(visitor, watched: list[Page], path: str) -> Page:
    """The page in the tab, once the one before it was looked over."""
    if watched:
        look_over(watched[0])
        visitor.go(watched[0], path)
        return watched[0]
    page: Page = visitor.open(path)
    page.on("dialog", _refuse)
    watched.append(page)
    return page


def _refuse(dialog: Dialog) -> None:
    message = dialog.message
    dialog.dismiss()
    raise AssertionError(f"a dialog opened: {message}")


def look_over(page: Page) -> None:
    """Nothing on the page is made of hostile text, and it shows no error box."""
    assert page.evaluate(MADE) == []
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Something went wrong")).to_have_count(0)


def batches(texts: list[str], most: int) -> list[str]:
    """The texts, joined as long as they fit."""
    joined = [texts[0]]
    for text in texts[1:]:
        if len(joined[-1]) + len(text) < most:
            joined[-1] += f" {text}"
        else:
            joined.append(text)
    return joined


def test_streamlit_shows_escaped_text_sign_by_sign(browser: Browser, demo_address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", _refuse)
    page.goto(demo_address)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning] [data-testid=stTooltipHoverTarget]")
    for n, text in enumerate(HOSTILE):
        wanted = " ".join(on_one_line(text).split())
        for box in page.locator(f".st-key-body-{n} [data-testid=stMarkdownContainer]").all():
            assert " ".join(box.inner_text().replace(JOINER, "").split()) == wanted
            assert box.locator(MARKUP).count() == 0, text
    page.get_by_role("button", name="Hover").hover()
    tip = page.get_by_test_id("stTooltipContent")
    expect(tip).to_be_visible()
    said = " ".join(tip.inner_text().replace(JOINER, "").split())
    assert said == " ".join(on_one_line(" ".join(HOSTILE)).split())
    for place in (tip, page.locator(".st-key-options")):
        assert place.locator(MARKUP).count() == 0
    assert page.evaluate(MADE) == []
    assert [url for url in asked if HOST in url] == []
    page.close()


def test_class_links(visitor, watched) -> None:
    questions = batches([text for text in HOSTILE if "\u202e" not in text], 290)
    for question, where in zip(questions, ["", "quiz", "kernel", "code"], strict=False):
        code = encode_assignment(assigned(SEED, question=question, rest="locked", free=("conv1.kernel_size",)))
        page = opened(visitor, watched, f"{where}?class={code}")
        shown = page.locator(".from-teacher .question")
        expect(shown).to_have_text(" ".join(question.split()))
        expect(shown.locator("*")).to_have_count(0)
    assert len(questions) <= 4


@pytest.mark.parametrize(("where", "values"), [("", {"question": "\ud800"}), ("quiz", {"about": TAG, TAG: 1})])
def test_class_links_that_hold_what_none_should(visitor, watched, where, values) -> None:
    code = pack(json.dumps({"net": "1x28x28-10~Conv2d.6.5~Flatten~Linear.10", **values}))
    page = opened(visitor, watched, f"{where}?class={code}")
    expect(page.locator(".from-teacher.is-refused")).to_contain_text("This class link is damaged or was changed")


def test_addresses(visitor, watched) -> None:
    every = quote(" ".join(HOSTILE[:8]), safe="")
    page = opened(visitor, watched, f"?net={every}&view=selected-{every}.chart-{every}")
    expect(page.locator(".stage-message")).to_contain_text("This link is damaged or too large")
    page = opened(visitor, watched, f"quiz?about={every}&seed={every}&answers={every}")
    expect(page.get_by_text("Question 1 of 10")).to_be_visible()
    page = opened(visitor, watched, f"kernel?answers={every}&on={every}")
    expect(page.locator(".lesson-question").first).to_be_visible()
    page = opened(visitor, watched, f"glossary?term={quote(TAG, safe='')}")
    expect(page.get_by_text("The glossary has no entry")).to_contain_text("<img src=http://evil")
    page = opened(visitor, watched, quote(TAG.replace(".", "").replace("/", ""), safe=""))
    expect(page.locator(".st-key-missing")).to_contain_text("There is no page “<img")


def test_names_in_tooltips_and_options_are_text(visitor, watched) -> None:
    """Layers' names may begin and end with what Markdown takes for emphasis."""
    page = opened(visitor, watched, "?net=1x28x28-10~Conv2d.6.50.as-__bold__")
    page.get_by_role("button", name="Export").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Weights").hover(force=True)
    tip = page.get_by_test_id("stTooltipContent")
    expect(tip).to_contain_text("__bold__ does not run")
    expect(tip.locator("strong, em, img, a")).to_have_count(0)


PASTES = (
    "import torch.nn as nn\nnet = nn.Sequential(nn.Conv2d(1, 6, 5, padding_mode={}))  # {}",
    "nn.Sequential(nn.Conv2d(1, 6, 5, **{{{}: 3}}))",
    "nn.Sequential({}, nn.ReLU())",
    "nn.ModuleDict({{{}: nn.ReLU()}})\nclass A(nn.Module):\n  def __init__(self):\n    super().__init__()\n"
    "    setattr(self, {}, nn.ReLU())\n  def forward(self, x):\n    return getattr(self, {})(x)",
    "assert {}\nraise {}\nnn.Foo({})(x)[{}]",
    '{{"format": "layerscope-network", "version": 1, "input_shape": [1, 8, 8], "layers": [\n'
    '{{"name": "a", "type": "Conv2d", "out_channels": 1, "kernel_size": 3, "padding_mode": {}}}]}}',
    '{{"format": "layerscope-network", "version": 1,\n"input_shape": [8], "layers": [{{"name": {}, "type": "ReLU"}}]}}',
    '{{"format": "layerscope-network", "version": 1, "input_shape": [8],\n "layers": [{{"name": "a", "type": {}}}]}}',
    "{{{}: {}}}",
    "# {}\n{}",
)
ERRORS = (
    "Traceback (most recent call last):\n  File {}, line 3\nRuntimeError: {}",
    "AttributeError: 'Net' object has no attribute '{}'",
    "NameError: name {} is not defined",
    "KeyError: {}",
    "RuntimeError: Error(s) in loading state_dict for {}:\n\tMissing key(s) in state_dict: {}.",
    "ModuleNotFoundError: No module named {}",
)


def test_pastes(visitor, watched) -> None:
    page = opened(visitor, watched, "code")
    box = page.get_by_role("textbox", name="PyTorch code")
    for n, text in enumerate([*HOSTILE, IMAGE, "\ud800"]):
        paste = PASTES[n % len(PASTES)]
        paste = paste.format(*[json.dumps(text)] * paste.replace("{{", "").count("{"))
        box.fill(paste)
        box.press("Control+Enter")
        expect(page.locator(".stage-editor-lines")).to_contain_text(paste.split("\n")[-1].strip()[:30])
        look_over(page)


def test_errors(visitor, watched) -> None:
    page = opened(visitor, watched, "code")
    page.get_by_text("A PyTorch error message", exact=False).first.click()
    box = page.get_by_role("textbox", name="A PyTorch error message")
    for n, text in enumerate(HOSTILE):
        error = ERRORS[n % len(ERRORS)]
        box.fill(error.format(*[text] * error.count("{")))
        box.press("Control+Enter")
        expect(page.locator(".explained")).to_be_visible()
        look_over(page)


def test_files(visitor, watched, tmp_path) -> None:
    page = opened(visitor, watched, "code")
    rows = [{"name": "a", "type": "Conv2d", "out_channels": 1, "kernel_size": 3, "padding_mode": IMAGE}]
    network = {"format": "layerscope-network", "version": 1, "input_shape": [1, 8, 8], "layers": rows}
    page.get_by_role("button", name="Open a file").click()
    name = "<img src=x onerror=alert(1)>.json"
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": json.dumps(network).encode()}
    )
    expect(page.locator(".stage-message")).to_contain_text("Line 1: padding_mode is '![](http://evil.example/a.png)'")
    look_over(page)


def test_typed_texts(visitor, watched) -> None:
    page = opened(visitor, watched, "?view=predict-on")
    page.get_by_role("button", name="Input", exact=True).click()
    page.get_by_test_id("stForm").get_by_label("channels").fill(IMAGE)
    page.get_by_role("button", name="Use this input").click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("![](http:")
    look_over(page)
    page.keyboard.press("Escape")
    number = page.locator(".stage-number").first
    for text in (TAG, IMAGE, "\u202e<b>"):
        number.fill(text)
        number.press("Enter")
        expect(page.locator(".stage-panel")).to_contain_text("out_channels is")
        look_over(page)
    number.fill("3")
    number.press("Enter")
    guess = page.get_by_role("textbox", name="Your guess")
    guess.fill("<b>x</b>")
    guess.press("Enter")
    expect(page.locator(".stage-message")).to_contain_text("is not a guess yet")
    guess.fill(f"1 {IMAGE}")
    guess.press("Enter")
    expect(page.locator(".stage-message")).to_contain_text("You said 1 ![](http://evil.example")


def test_answers_searches_and_questions(visitor, watched) -> None:
    page = opened(visitor, watched, "following")
    box = page.locator("[class*=st-key-lesson] input").first
    box.fill(f"{TAG}")
    box.press("Enter")
    look_over(page)
    box.fill("24 <b>x</b>")
    box.press("Enter")
    page = opened(visitor, watched, "glossary")
    search = page.get_by_role("textbox", name="Search")
    search.fill(" ".join(HOSTILE[:4]))
    search.press("Enter")
    expect(page.get_by_text("No entry fits")).to_be_visible()
    page = opened(visitor, watched, "teacher")
    question = page.get_by_role("textbox", name="Your question")
    question.fill(f"{IMAGE} {TAG} \u202e$x$")
    question.press("Control+Enter")
    expect(page.get_by_text("If a student's screen shows other words")).to_be_visible()
