"""What a correction changes, as rows for the eye and edits for the editor."""

import random

import pytest

from layerscope import limits
from layerscope.ui.changing import change
from tests.ui.contract import check_change

CODE = "".join(f"    line_{n} = {n}\n" for n in range(40))


def changed(old: str, new: str):
    found = {"label": "so", **change(old, new)}
    check_change(old, found, new)
    return found


def shown(found):
    return [(row["line"], row["kind"], "".join(words for _, words in row["pieces"])) for row in found["rows"]]


def test_one_line_is_shown_as_it_is_and_as_it_would_be():
    found = changed(CODE, CODE.replace("line_7 = 7", "line_7 = 8"))
    assert shown(found) == [(8, "old", "line_7 = 7"), (8, "new", "line_7 = 8")]
    assert [[words for differs, words in row["pieces"] if differs] for row in found["rows"]] == [["7"], ["8"]]


def test_several_changes_on_one_line_are_one_pair():
    old = "self.conv = nn.Conv2d(3, 6, kernel_size=5, stride=1)\n"
    found = changed(old, "self.conv = nn.Conv2d(1, 6, kernel_size=5, stride=2)\n")
    assert len(found["edits"]) == 1
    assert [row["kind"] for row in found["rows"]] == ["old", "new"]
    assert [[words for differs, words in row["pieces"] if differs] for row in found["rows"]] == [["3", "1"], ["1", "2"]]


def test_lines_far_apart_are_edits_of_their_own():
    found = changed(CODE, CODE.replace("line_2 = 2\n", "line_2 = 0\n").replace("line_30", "other"))
    assert len(found["edits"]) == 2
    assert [row["line"] for row in found["rows"]] == [3, 3, 31, 31]


def test_a_line_that_is_put_in_has_no_line_before_and_the_ones_after_count_on():
    new = CODE.replace("    line_5", "    put_in\n    line_5").replace("line_9 = 9\n", "line_9 = 0\n")
    assert shown(changed(CODE, new)) == [(6, "new", "put_in"), (10, "old", "line_9 = 9"), (11, "new", "line_9 = 0")]


@pytest.mark.parametrize(("old", "new"), [("", "a"), ("a", ""), ("a\n", "a"), ("a", "a\n"), ("\n\n", "\n"), ("a", "a")])
def test_ends_of_texts(old, new):
    changed(old, new)


def test_what_comes_after_an_emoji_is_counted_as_the_browser_counts():
    found = changed("# 😀😀\nx = 1 # 😀\ny = 2\n", "# 😀😀\nx = 1 # 😀\ny = 3\n")
    assert found["edits"] == [[18, 24, "y = 3\n", "y = 2\n"]]
    assert found["length"] == 24


def test_any_change_of_any_text_is_made_by_its_edits():
    chance = random.Random(3)
    for _ in range(200):
        old = [chance.choice(["a", "b", "", "é", "😀 c"]) for _ in range(chance.randrange(12))]
        new = [line if chance.random() < 0.7 else chance.choice(["a", "z"]) for line in old if chance.random() < 0.9]
        found = {"label": "so", **change("\n".join(old), "\n".join(new))}
        if found["rows"]:
            check_change("\n".join(old), found, "\n".join(new))


def test_of_a_long_correction_the_beginning_is_shown():
    most = limits.CHANGED.most
    found = changed(CODE, CODE.replace("line", "row"))
    assert len(found["rows"]) == most
    assert found["more"] == f"{most} of 80 changed lines are shown."


def test_of_a_long_line_the_beginning_is_shown():
    most = limits.CHANGED_LINE.most
    old = f"x = [{'1, ' * most}]"
    rows = change(old, old.replace("]", ", 2]"))["rows"]
    assert [len(row["pieces"][0][1]) for row in rows] == [most, most]
    fits = "y" * (most - 1)
    assert shown(changed(fits, f"{fits}z"))[1] == (1, "new", f"{fits}z")


def test_what_is_long_is_compared_as_one():
    most = limits.COMPARED.most
    lines = [f"line {n}" for n in range(most)]
    assert len(changed("\n".join(lines), "\n".join(["first", *lines[1:-1], "last"]))["edits"]) == 2
    lines.append("one more")
    assert len(changed("\n".join(lines), "\n".join(["first", *lines[1:-1], "last"]))["edits"]) == 1
