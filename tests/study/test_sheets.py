"""Sheets of maps and of weights: every value is where its words say, on one scale; large ones are cut or averaged."""

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch.nn import functional

from layerscope import limits
from layerscope.study.sheets import A_LINE, maps, weights


def counted(*shape):
    return torch.arange(1.0, 1 + torch.Size(shape).numel()).reshape(shape)


def test_maps_lie_beside_each_other():
    made = counted(6, 4, 5)
    sheet = maps(made)
    assert torch.equal(sheet.tiles[0], made)
    assert sheet.words.format(across=2, row=1, column=3, down=0, place=8) == "map 2, row 1, column 3"
    assert (sheet.most, sheet.ends) == (120, (1, 120))
    assert sheet.told == "6×4×5"


def test_a_filter_is_a_line_of_kernels():
    weight = counted(8, 3, 5, 7)
    sheet = weights(weight)
    assert torch.equal(sheet.tiles, weight)
    assert sheet.words.startswith("filter {down}, kernel {across}")
    assert torch.equal(weights(counted(4, 2, 9)).tiles, counted(4, 2, 9)[:, :, None])
    assert torch.equal(weights(counted(2, 3, 2, 4, 5)).tiles, counted(2, 6, 4, 5))
    assert "slice" in weights(counted(2, 3, 2, 4, 5)).words


def test_a_linears_weight_is_a_matrix_and_a_bias_a_vector():
    assert torch.equal(weights(counted(120, 192)).tiles[0, 0], counted(120, 192))
    assert torch.equal(maps(counted(12, 7)).tiles[0, 0], counted(12, 7))
    vector = weights(counted(70)).tiles[0, 0]
    assert vector.shape == (3, A_LINE)
    assert torch.equal(vector.flatten()[:70], counted(70))
    assert vector.isnan().sum() == 3 * A_LINE - 70
    assert maps(torch.tensor(3.0)).tiles.tolist() == [[[[3.0]]]]


def test_what_is_too_much_is_cut_and_that_is_said():
    assert maps(counted(512, 4, 4)).told == "512×4×4, the first 64 of 512 maps"
    sheet = weights(torch.zeros(256, 128, 3, 3))
    assert sheet.tiles.shape[:2] == (limits.INSIDE_MAPS.most, limits.INSIDE_KERNELS.most)
    assert sheet.cut == "the first 64 of 256 filters and the first 32 of 128 kernels of each"
    assert weights(torch.zeros(300, 4_096)).cut == "the first 256 of 300 rows and the first 256 of 4,096 columns"
    most = A_LINE * limits.INSIDE_MATRIX.most
    assert maps(torch.zeros(most + 1)).cut == f"the first {most:,} of {most + 1:,} values"


@pytest.mark.parametrize(
    ("shape", "side"), [((64, 32, 32), 1), ((64, 33, 32), 2), ((64, 224, 224), 7), ((3, 401, 1), 1)]
)
def test_large_maps_are_means_of_their_cells(shape, side):
    made = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    sheet = maps(made)
    assert sheet.shrunk == side
    assert sheet.tiles.numel() <= limits.INSIDE_SHEET.most
    rows, columns = shape[1] - shape[1] % side, shape[2] - shape[2] % side
    wanted = functional.avg_pool2d(made[None, :, :rows, :columns], side)[0]
    assert torch.allclose(sheet.tiles[0, :, : rows // side, : columns // side], wanted, atol=1e-5)
    if shape[1] % side:  # what is left at the end is the mean of fewer cells
        assert torch.allclose(sheet.tiles[0, 0, -1, 0], made[0, rows:, :side].mean(), atol=1e-5)


def test_a_kernel_larger_than_a_sheet_is_means_of_its_cells():
    made = torch.randn((1, 2, 300, 200), generator=torch.Generator().manual_seed(1))
    sheet = weights(made)
    assert sheet.shrunk == 2
    assert sheet.told == "1×2×300×200, each cell is the mean of 2×2"
    assert torch.allclose(sheet.tiles, functional.avg_pool2d(made, 2), atol=1e-5)


@given(st.lists(st.sampled_from([1, 2, 3, 5, 40, 80, 300]), min_size=0, max_size=5), st.booleans())
@example([1, 1, 300, 300], True)
def test_any_tensor_has_a_bounded_sheet(shape, is_weight):
    if torch.Size(shape).numel() > 2**23:
        return
    sheet = (weights if is_weight else maps)(torch.ones(shape))
    assert sheet.tiles.ndim == 4
    assert 0 < sheet.tiles.numel() <= limits.INSIDE_SHEET.most
    assert sheet.most == 1
    sheet.words.format(down=0, across=0, row=0, column=0, place=0)


def test_what_is_not_finite_has_no_part_in_the_scale():
    made = torch.tensor([[[1.0, torch.inf, torch.nan, -3.0]]])
    assert maps(made).most == 3
    assert maps(made).ends == (-3, 1)
    assert maps(torch.full((1, 2, 2), torch.nan)).ends == (0, 0)


@given(st.integers(1, 300), st.integers(1, 70), st.integers(0, 400), st.integers(0, 90))
def test_any_filter_and_kernel_is_on_some_sheet(filters, kernels, filter_, kernel):
    weight = counted(filters, kernels, 1, 2)
    sheet = weights(weight, (filter_, kernel))
    chosen = min(filter_, filters - 1), min(kernel, kernels - 1)
    down, across = (at - sheet.first.get(axis, 0) for at, axis in zip(chosen, ("down", "across"), strict=True))
    assert torch.equal(sheet.tiles[down, across], weight[chosen])
    assert sheet.tiles.shape[0] <= limits.INSIDE_MAPS.most
    assert sheet.tiles.shape[1] <= limits.INSIDE_KERNELS.most
    most = limits.INSIDE_MAPS.most, limits.INSIDE_KERNELS.most
    assert sheet.beyond == tuple(
        size if size > limit else 0 for size, limit in zip((filters, kernels), most, strict=True)
    )


@pytest.mark.parametrize(
    ("shape", "at", "first", "cut"),
    [
        ((512, 4, 4), (511, 0), {"across": 448}, "maps 448 to 511 of 512"),
        ((130, 4, 4), (129, 7), {"across": 128}, "maps 128 to 129 of 130"),
        ((65, 33, 2, 2), (64, 32), {"down": 64, "across": 32}, "maps 64 to 64 of 65 and slices 32 to 32 of 33 of each"),
        (
            (300, 4_096),
            (260, 600),
            {"row": 256, "column": 512},
            "rows 256 to 299 of 300 and columns 512 to 767 of 4,096",
        ),
        ((9_000,), (8_999, 0), {"place": 8_192}, "values 8,192 to 8,999 of 9,000"),
    ],
)
def test_a_number_leads_to_the_part_that_holds_it(shape, at, first, cut):
    made = counted(*shape)
    sheet = maps(made, at)
    assert (dict(sheet.first), sheet.cut) == (first, cut)
    places = [first.get(axis, 0) for axis in ("down", "across", "row", "column", "place")]
    wanted = {3: (places[1], 0, 0), 4: (places[0], places[1], 0, 0), 2: (places[2], places[3]), 1: (places[4],)}
    assert float(sheet.tiles.flatten()[0]) == float(made[wanted[len(shape)]])
