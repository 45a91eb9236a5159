"""Sheets of maps and of weights: every value is where its words say, on one scale; large ones are cut or averaged."""

import pytest
import torch
from hypothesis import given
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


@given(st.lists(st.sampled_from([1, 2, 3, 5, 40, 80, 300]), min_size=0, max_size=5), st.booleans())
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
