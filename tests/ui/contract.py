"""The contract between Python and the stage, as a check: see the top of stage.js."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from math import prod
from typing import Any

TONES = {"ok", "ask", "soon", "calm", "rest", "changed", "right", "wrong", "unsure", "warning", "error", "unreached"}
KINDS = {"range", "readonly", "choice", "switch", "text"}


def check_control(control: dict[str, Any]) -> None:
    """Fail unless this is a control that the stage can draw."""
    assert control["kind"] in KINDS
    assert control["key"]
    assert control["label"]
    assert isinstance(control.get("more", False), bool)
    for name in ("help", "lit", "error"):
        assert control.get(name) is None or (isinstance(control[name], str) and control[name])
    check_more_help(control.get("more_help"))
    assert control.get("typed") is None or (isinstance(control["typed"], str) and control["error"])
    for toggle in control.get("toggles", []):
        assert toggle["key"]
        assert toggle["label"]
        assert isinstance(toggle["pressed"], bool)
    value = control["value"]
    if control["kind"] == "range":
        assert type(value) in (int, float)
        assert control["low"] <= value <= control["high"]
        assert control["low"] < control["high"]
        assert control["step"] > 0
    elif control["kind"] == "readonly":
        assert isinstance(value, str)
        assert value or control["why"]
        assert control["why"]
        assert control["tag"] or control["key"] == "locked"
    elif control["kind"] == "choice":
        assert value in [option["value"] for option in control["options"]]
        assert all(option["label"] for option in control["options"])
    elif control["kind"] == "switch":
        assert isinstance(value, bool)
    else:
        assert isinstance(value, str)


def check_more_help(more: dict[str, str] | None) -> None:
    """Fail unless this is a link for a help, within the app."""
    assert more is None or (more["label"] and more["address"].startswith("glossary?term="))


def check_stage(data: dict[str, Any]) -> None:
    """Fail unless this is what the stage can draw: plain JSON, every part as the contract says."""
    json.loads(json.dumps(data, allow_nan=False, default=dict))
    for total in data["totals"]:
        assert total["key"]
        assert total["label"]
        assert total["value"]
        check_more_help(total.get("more_help"))
    message = data["message"]
    assert message["tone"] in TONES
    assert message["title"]
    assert message["text"]
    assert message["tone"] == "error" or "None" not in message["text"]
    assert message["quote"] is None or message["quote"]
    task, lead = message.get("task"), message.get("lead")
    assert task is None or (
        task["text"] and isinstance(task["done"], bool) and message["tone"] in ("changed", "right", "wrong")
    )
    assert lead is None or (all(lead.values()) and message["tone"] == "rest")
    for chip in message["changes"]:
        assert chip["old"] != chip["new"] or chip["key"] == "more"
    items = data["outline"]["items"]
    assert len({item["key"] for item in items}) == len(items)
    assert {item["tone"] for item in items} <= TONES
    assert data["outline"]["selected"] in {item["key"] for item in items} | {""}
    assert {step["step"] for step in data["outline"]["steps"]} == {-1, 1}
    if data["against"] is not None:  # on a page that compares with something else
        check_options(data["against"])
    panel = data["panel"]
    assert (panel is None) == (not items)
    if panel:
        assert panel["title"] == data["outline"]["selected"] or panel["title"] not in {item["key"] for item in items}
        keys = [control["key"] for control in panel["controls"]]
        assert len(set(keys)) == len(keys)
        for control in [*panel["controls"], *([panel["rename"]["control"]] if "rename" in panel else [])]:
            check_control(control)
    for figure in data["figures"]:
        assert figure["title"]
        if "code" in figure:
            check_code(figure)
        elif "inside" in figure:
            check_inside(figure)
        else:
            assert figure["description"]
            assert isinstance(figure["data"], list)
            assert isinstance(figure["layout"], dict)
            for entry in (figure.get("guide") or {"entries": []})["entries"]:
                assert entry["label"]
                assert entry["color"] or entry["key"] == "window"
            if figure.get("marks"):
                check_marks(figure)
        for choice in figure.get("choices", []):
            check_options(choice)
    check_options(data["view"])
    for table in data["tables"]:
        assert table["caption"]
        assert {len(row["cells"]) for row in table["rows"]} <= {len(table["columns"])}
        assert not table["foot"] or len(table["foot"]) == len(table["columns"])


def check_marks(figure: dict[str, Any]) -> None:
    """Fail unless the stage's painting.js knows every mark, and Plotly keeps what answers to the pointer."""
    layout = figure["layout"]
    for axis in (layout["xaxis"], layout["yaxis"]):
        assert len(axis["range"]) == 2
        assert axis.get("type", "linear") in ("linear", "log")
    for shape in layout["shapes"]:
        assert shape["type"] in ("path", "rect")
        assert {"xref", "yref"}.isdisjoint(shape)
        assert re.fullmatch(r"(M[-\d.e+]+,[-\d.e+]+(L[-\d.e+]+,[-\d.e+]+)*Z?)*", shape.get("path", ""))
        assert shape["line"].get("dash", "solid") in ("solid", "dot", "dash")
    for trace in figure["data"]:
        if trace["type"] == "bar":
            assert len(trace["x"]) == len(trace["y"]) == len(trace["width"]) == len(trace["base"])
            continue
        assert trace["hoverinfo"] == "skip"
        assert (trace["mode"] == "lines" and trace["fill"] == "toself") or trace["marker"]["symbol"] == "circle"
        assert trace.get("fillpattern", {"shape": "/"})["shape"] in ("/", "\\", "x", ".")


def check_code(figure: dict[str, Any]) -> None:
    """Fail unless the lines' pieces are the source."""
    assert figure["file"].endswith(".py")
    lines = ["".join(words for _, words in line["pieces"]) for line in figure["code"]]
    assert "\n".join(lines) == figure["source"].removesuffix("\n")


def check_inside(figure: dict[str, Any]) -> None:
    """Fail unless there is a window to move, or a sentence that says why not; arrays are as long as they say."""
    scene = figure["inside"]
    assert bool(scene) is not bool(figure["absent"]) or figure.get("waits") is True
    if not scene or "sheet" in scene:  # of sheets, which may show all there is: test_inside_views.py
        return

    def count(name: str) -> int:
        return len(b64decode(scene[name])) // 4

    assert 0 <= scene["filter"] < scene["filters"]
    assert 0 <= scene["channel"] < scene["depth"]
    assert len(scene["labels"]) == 2
    if scene["image"] is not None:  # a network of indices gets no image
        check_options(scene["image"])
    if "view" in scene:
        {"row": check_row, "cell": check_cell}[scene["view"]](scene)
        return
    rows, columns = scene["size"]
    assert count("cells") % (rows * columns) == 0
    assert count("sums") == scene["map"][0] * scene["map"][1]
    assert len(scene["channels"]) == scene["depth"]
    if scene["kind"] == "sum":
        if not scene["turned"]:
            check_options(scene["hand"])
        assert count("weights") * rows * columns == count("cells") * scene["kernel"][0] * scene["kernel"][1]
        assert scene["rest"] is None or count("rest") == count("sums")


def check_row(scene: dict[str, Any]) -> None:
    """Fail unless a Linear's products are there, and the chosen value lies on the part that is shown."""
    for part in (scene["given"], scene["made"]):
        rows, columns = part["size"]
        assert len(b64decode(part["cells"])) == 4 * rows * columns
    assert 0 < len(scene["terms"]) <= scene["in_features"]
    assert len(scene["terms"]) + scene["others"] == scene["in_features"]
    rows, columns = scene["made"]["size"]
    assert 0 <= scene["filter"] - scene["made"]["first"] < rows * columns


def check_cell(scene: dict[str, Any]) -> None:
    """Fail unless each cell of the map has a formula, and for each input a cell or none."""
    cells = prod(scene["shown"]["map"])
    assert len(b64decode(scene["sums"])) == 4 * cells
    for sent in (scene["which"], *(one for one in scene["numbers"].values() if isinstance(one, dict))):
        assert len(b64decode(sent["cells"])) == 4 * prod(sent["sizes"])
        assert all(size in (1, full) for size, full in zip(sent["sizes"], scene["shown"]["map"], strict=True))
    for read in scene["reads"]:
        plane = read["map"][1] * read["map"][2]
        assert not read["is_few"] or len(b64decode(read["cells"])) == 4 * plane * len(read["maps"])
        assert read["at"] is None or [len(b64decode(part)) for part in read["at"]] == [4 * cells] * 2
    assert all(formula["text"] for formula in scene["formulas"])


def check_options(choice: dict[str, Any]) -> None:
    """Fail unless the present value is one of those that can be chosen."""
    assert choice["value"] in [option["value"] for option in choice["options"]]


def emitted(data: dict[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Every event that the stage can send while it shows `data`: key, value, phase."""
    yield from ((action["key"], None, "commit") for action in data["message"]["actions"])
    yield from (("select", item["key"], "commit") for item in data["outline"]["items"])
    yield from (
        (action["key"], None, "commit") for action in data["outline"].get("actions", []) if not action["disabled"]
    )
    steps = {step["key"] for step in data["outline"]["steps"]}  # these the browser does alone
    yield from ((key, None, "commit") for key in data["shortcuts"].values() if key not in steps)
    choices = [choice for figure in data["figures"] for choice in figure.get("choices", [])]
    for figure in data["figures"]:
        yield from ((offer["key"], offer["value"], "commit") for offer in figure.get("offers", []))
        yield from _of_inside(figure.get("inside", {}))
    for choice in (*choices, data["view"]):
        yield from ((choice["key"], option["value"], "commit") for option in choice["options"])
    if data["panel"]:
        yield from ((a["key"], None, "commit") for a in data["panel"]["actions"] if not a["disabled"])
        yield from ((a["key"], None, "commit") for a in data["panel"].get("ways", []))
        for control in data["panel"]["controls"]:
            yield from _of_control(control)


def _of_inside(scene: dict[str, Any]) -> Iterator[tuple[str, Any, str]]:
    for name, choice in (("image", "image"), ("weights", "hand")):
        if scene.get(choice):
            yield from ((f"inside:{name}", option["value"], "commit") for option in scene[choice]["options"])
    if scene:
        yield "inside:filter", scene["filters"] - 1, "commit"
        yield "inside:channel", scene["depth"] - 1, "commit"
        yield from ((f"inside:{verb}", value, "commit") for verb, value in (("new", None), ("cell", "0,0,0.5")))


def _of_control(control: dict[str, Any]) -> Iterator[tuple[str, Any, str]]:
    key = control["key"]
    yield from ((toggle["key"], None, "commit") for toggle in control.get("toggles", []))
    if control["kind"] == "range":
        yield from ((key, control[end], phase) for end in ("low", "high") for phase in ("input", "commit"))
        yield key, "abc", "commit"
    elif control["kind"] == "choice":
        yield from ((key, option["value"], "commit") for option in control["options"])
    elif control["kind"] == "switch":
        yield key, not control["value"], "commit"
    elif control["kind"] == "text":
        yield from ((key, text, "commit") for text in ("", "2", "2, 2", "same", "nonsense"))


def check_change(source: str, action: dict[str, Any], corrected: str) -> None:
    """Fail unless a correction's edits make the corrected text, and its rows show what they change."""
    units = source.encode("utf-16-le")
    assert action["length"] == len(units) // 2
    for start, end, words, old in reversed(action["edits"]):
        assert units[2 * start : 2 * end].decode("utf-16-le") == old
        units = units[: 2 * start] + words.encode("utf-16-le") + units[2 * end :]
    assert units.decode("utf-16-le") == corrected
    lines = {"old": source.split("\n"), "new": corrected.split("\n")}
    for row in action["rows"]:
        shown = "".join(words for _, words in row["pieces"])
        assert shown.strip() in lines[row["kind"]][row["line"] - 1]
        assert shown.strip() or not lines[row["kind"]][row["line"] - 1].strip()
    every = action.get("key") == "correct:all"
    assert action["rows"] or source == corrected or every  # whose lines stand under the others
    texts = {(row["kind"], "".join(words for _, words in row["pieces"]).strip()) for row in action["rows"]}
    changed = {
        row["line"] for row in action["rows"] if row["kind"] == "old"
        and ("new", "".join(words for _, words in row["pieces"]).strip()) not in texts  # which is only moved
    }  # fmt: skip
    if len(changed) > 1 and not every and "key" in action:
        assert changed <= {*map(int, re.findall(r"\d+", action["label"]))}, (action["label"], changed)
    assert action["label"]
