"""Numbers as people read them."""

import pytest

from layerscope.formatting import (
    bytes_apart,
    bytes_text,
    cells_text,
    compact,
    ending,
    lost_cells,
    never_read,
    percent,
    runs,
    shape_text,
    signed,
    unbroken,
)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (610, "610"), (999, "999"), (1000, "1k"), (1812, "1.81k"), (23160, "23.2k"), (99_950, "100k"),
     (999_499, "999k"), (999_500, "1M"), (138_357_544, "138M"), (2 * 10**9, "2G")],
)  # fmt: skip
def test_compact(count, text):
    assert compact(count) == text


def test_a_megabyte_is_a_million_bytes():
    assert [bytes_text(n) for n in (40, 1_023, 1_024, 13_824, 2**20)] == [
        "40 B",
        "1023 B",
        "1 KiB",
        "13.5 KiB",
        "1 MiB",
    ]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (1, "100%"), (0.7, "70%"), (0.0549, "5.5%"), (0.0001, "<0.1%"), (0.9999, ">99%")],
)
def test_percent_says_nothing_and_everything_only_of_those(share, text):
    assert percent(share) == text


def test_shapes_and_runs():
    assert shape_text((6, 24, 24)) == "6×24×24"
    assert runs((3, 4, 5, 9)) == [(3, 5), (9, 9)]
    assert runs(()) == []


def test_cells():
    assert cells_text("row", (24,), 25) == "the last row"
    assert cells_text("row", (23, 24), 25) == "the last 2 rows"
    assert cells_text("row", (22, 23), 25) == "rows 22 to 23 of 25"
    assert cells_text("column", (1, 3, 5, 7), 8) == "columns 1, 3, 5, ... (4 of 8)"


def test_what_is_never_read():
    assert never_read([("row", (), 24), ("column", (), 24)]) == ""
    assert never_read([("row", (24,), 25), ("column", (), 25)], "pool1") == "the last row is never read by pool1"
    both = [("row", (24,), 25), ("column", (23, 24), 25)]
    assert never_read(both) == "the last row and the last 2 columns are never read"
    assert never_read([("cell", (3,), 9)]) == "cell 3 of 9 is never read"


def test_what_rows_and_columns_have_in_common_is_said_once():
    def square(numbers: tuple[int, ...], size: int) -> str:
        return never_read([("row", numbers, size), ("column", numbers, size)])

    assert square((24,), 25) == "the last row and column are never read"
    assert square((23, 24), 25) == "the last 2 rows and columns are never read"
    assert square((1, 3, 5, 7), 8) == "rows and columns 1, 3, 5, ... (4 of 8) are never read"
    assert square((3,), 9) == "row and column 3 of 9 are never read"


def test_where_there_is_little_room_scattered_rows_and_columns_are_counted():
    def brief(numbers: tuple[int, ...], size: int) -> str:
        return lost_cells([("row", numbers, size), ("column", numbers, size)], is_brief=True)

    assert brief((23, 24), 25) == "the last 2 rows and columns"
    assert brief((1, 3, 5, 7), 8) == "4 of 8 rows and columns"
    assert lost_cells([("row", (1, 3), 5), ("column", (8,), 9)], is_brief=True) == "2 of 5 rows and the last column"


@pytest.mark.parametrize(("count", "text"), [(12960, "+12,960"), (-96, "−96"), (0, "+0")])
def test_a_difference_has_a_sign(count, text):
    assert signed(count) == text


def test_a_long_name_is_told_by_its_end():
    assert ending("layer2.0.add", 12) == "layer2.0.add"
    assert ending("encoder.layers.encoder_layer_0.add", 20) == "… encoder_layer_0.add"
    assert ending("a.much_longer_name_than_there_is_room", 8) == "… much_longer_name_than_there_is_room"


def test_two_memory_sizes_that_differ_read_differently():
    assert bytes_apart(584_000, 612_000) == ("570 KiB", "598 KiB")
    assert bytes_apart(583_800, 584_000) == ("583,800 B", "584,000 B")
    assert bytes_apart(40, 40) == ("40 B", "40 B")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("that is 6 × 4 × 4 = 96.", ["that", "is", "6\u00a0×\u00a04\u00a0×\u00a04", "=\u00a096."]),
        ("floor((24 − 2) / 2) + 1 = 12", ["floor((24\u00a0−\u00a02)\u00a0/\u00a02)\u00a0+\u00a01", "=\u00a012"]),
        ("28 - 5 + 1 = 24, well-known", ["28\u00a0-\u00a05\u00a0+\u00a01", "=\u00a024,", "well-known"]),
    ],
)
def test_a_line_ends_in_no_product_or_sum(text, parts):
    assert unbroken(text).split(" ") == parts
    assert unbroken(text).replace("\u00a0", " ") == text
