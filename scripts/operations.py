"""Write the tables in docs/operations.md (settings, limits, capacity) from the code: `python -m scripts.operations`."""

from itertools import groupby
from pathlib import Path

from layerscope import limits
from layerscope.ui.profiles import Setting, Visited, home, served
from scripts import capacity

PAGE = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
MARKS = "<!-- {name}: written by scripts/operations.py -->", "<!-- end of {name} -->"
HOSTS = "(what visitors type)"
SHOWN_IN_PART = "nothing is refused"


def table_of_limits() -> str:
    """All limits as a Markdown table, in the order in which they stand in the code."""
    rows = ["| where | at most | of what | what is read there |", "|---|---:|---|---|"]
    for where, group in groupby(limits.table().values(), key=lambda limit: limit.where):
        for number, limit in enumerate(group):
            told = limit.says.replace("|", "\\|") or SHOWN_IN_PART
            rows.append(f"| {where if not number else ''} | {limit.most:,} | {limit.bounds} | {told} |")
    return "\n".join(rows)


def table_of_settings() -> str:
    """Streamlit's options in both profiles as a Markdown table."""
    at_home = {setting.option: setting for setting in home(8501)}
    for_others = {setting.option: setting for setting in served(Visited((HOSTS,), "0.0.0.0", 8501))}
    rows = ["| option | home | served | why |", "|---|---|---|---|"]
    for option in for_others | at_home:
        values = [_written(known.get(option)) for known in (at_home, for_others)]
        why = dict.fromkeys(known[option].why for known in (at_home, for_others) if option in known)
        rows.append(f"| {option} | {values[0]} | {values[1]} | {' '.join(why)} |")
    return "\n".join(rows)


def _written(setting: Setting | None) -> str:
    if setting is None:
        return "Streamlit's own"
    value = setting.value
    return ", ".join(value) if isinstance(value, tuple) else str(value)


TABLES = {"settings": table_of_settings, "limits": table_of_limits, "capacity": capacity.table}


def with_tables(page: str) -> str:
    """The page with today's tables between their marks."""
    for name, table in TABLES.items():
        begin, end = (mark.format(name=name) for mark in MARKS)
        if begin in page:
            before, _, rest = page.partition(begin)
            page = f"{before}{begin}\n{table()}\n{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
