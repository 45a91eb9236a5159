"""A small picture to convolve, drawn by rules of our own: grey values from 0 (nothing) to 9 (darkest)."""

SIZE = 28
_MIDDLE = (SIZE - 1) / 2

Image = tuple[tuple[int, ...], ...]


def t_shirt() -> Image:
    """28 rows of 28 cells: a T-shirt with a stripe."""
    return tuple(tuple(_grey(row, abs(column - _MIDDLE)) for column in range(SIZE)) for row in range(SIZE))


def _grey(row: int, aside: float) -> int:
    """The value in a row, so many cells aside from the middle: the shirt's halves are alike."""
    in_neck = row < 8 and aside < 5.5 - 0.8 * (row - 3)
    in_body = 4 <= row <= 25 and aside < 7
    in_sleeve = aside < min(13, 6 + 1.6 * (row - 2)) and 4 <= row < 9 + 0.7 * (aside - 6)
    if in_neck or not (in_body or in_sleeve):
        return 0
    if not in_body:
        return 6
    if 14 <= row <= 17:
        return 2
    return 5 if row == 25 else 7 if aside > 5 else 8
