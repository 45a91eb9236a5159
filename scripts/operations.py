"""Write the table of limits in docs/operations.md from `layerscope.limits`: `python -m scripts.operations`."""

from itertools import groupby
from pathlib import Path

from layerscope import limits

PAGE = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
BEGIN, END = "<!-- limits: written by scripts/operations.py -->", "<!-- end of limits -->"
SHOWN_IN_PART = "nothing is refused"


def table() -> str:
    """All limits as a Markdown table, in the order in which they stand in the code."""
    rows = ["| where | at most | of what | what is read there |", "|---|---:|---|---|"]
    for where, group in groupby(limits.table().values(), key=lambda limit: limit.where):
        for number, limit in enumerate(group):
            told = limit.says.replace("|", "\\|") or SHOWN_IN_PART
            rows.append(f"| {where if not number else ''} | {limit.most:,} | {limit.bounds} | {told} |")
    return "\n".join(rows)


def with_table(page: str) -> str:
    """The page with today's table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
