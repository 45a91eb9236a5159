"""The tables of a training that ended, as files: the confusion matrix, the mistakes, the curve. Knows no screen."""

from math import ceil

from layerscope import limits, tables
from layerscope.study.outcome import COLUMNS, Run
from layerscope.tables import Table

ALL = "all classes"


def confusion(run: Run) -> Table:
    """A row for each class: how many of its images were taken for which class, and how many of them are right."""
    counts, names = run.confusion.tolist(), [f"predicted {name}" for name in run.classes]
    rows = tuple(
        (name, *(f"{count:,}" for count in row), f"{sum(row):,}", _share(row[place], sum(row)))
        for place, (name, row) in enumerate(zip(run.classes, counts, strict=True))
    )
    sums = [sum(column) for column in zip(*counts, strict=True)]
    right = sum(row[place] for place, row in enumerate(counts))
    foot = (ALL, *(f"{total:,}" for total in sums), f"{sum(sums):,}", _share(right, sum(sums)))
    columns = ("class", *names, "images", "right")
    return Table(f"Confusion matrix: {run.sentence}", columns, frozenset(columns[1:]), rows, run.classes, foot)


def mistakes(run: Run) -> Table:
    """The held-out images that were mistaken, the surest first, as many as a document holds."""
    rows = tuple(
        (f"{row['place']:,}", row["label"], row["predicted"], f"{row['confidence']:.3f}")
        for row in run.mistakes.head(limits.SWEEP_FILE.most).to_dict("records")
    )
    columns, numbers = ("image", "class", "predicted", "confidence"), frozenset({"image", "confidence"})
    return Table("Mistakes, the surest first", columns, numbers, rows, tuple(row[0] for row in rows))


def curve(run: Run) -> Table:
    """Loss and accuracy of each step; of each third one, say, where a document would not hold all."""
    every = max(1, ceil(len(run.rows) / limits.SWEEP_FILE.most))
    rows = tuple(
        (f"{row.step:,}", f"{row.epoch:,}", *("" if value is None else f"{value:.4g}" for value in row[2:]))
        for row in run.rows[::every]
    )
    caption = "Learning curve" + (f", one of {every:,} steps" if every > 1 else "")
    return Table(caption, COLUMNS, frozenset(COLUMNS), rows, tuple(row[0] for row in rows))


def curve_file(run: Run, ending: str) -> str:
    """CSV has every step and all digits."""
    return run.curves.to_csv(index=False) if ending == "csv" else tables.FORMATS[ending](curve(run))


def mistakes_file(run: Run, ending: str) -> str:
    """CSV has every mistake and all digits."""
    return tables.frame_csv(run.mistakes) if ending == "csv" else tables.FORMATS[ending](mistakes(run))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""
