"""All benchmarks in one run: `make bench`. Writes docs/performance.md; exits with 1 when a target is missed."""

import io
import os
import platform
import sys
from contextlib import redirect_stdout
from importlib.metadata import version

from bench import engine, feel, graphs, memory, screen, source, start, sweeps, train_page, trials
from scripts.live import ROOT

REPORT = ROOT / "docs" / "performance.md"
TITLES = {
    engine: "The engine beside its peers",
    graphs: "Networks that branch beside their peers",
    sweeps: "Sweeps beside building and running the modules",
    memory: "Memory",
    trials: "Training, and trials on workers",
    train_page: "The Train page",
    screen: "From a key press to the picture",
    start: "The start",
    feel: "The feel",
    source: "Reading and writing code",
}
INTRODUCTION = """# Performance

Written by `make bench`, which prints the same. Every figure is a ratio of two things measured in one run, as machines
differ and drift; run it to see yours. `make load` measures many visitors at once and prints its own figures.
"""


class Tee(io.StringIO):
    """What is printed is kept, and seen at once."""

    def write(self, text: str) -> int:
        sys.__stdout__ and sys.__stdout__.write(text)
        return super().write(text)


def main() -> int:
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "streamlit", "plotly", "playwright"))
    system = f"This run: {platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}."
    pages, met = [INTRODUCTION, system, ""], []
    for benchmark, title in TITLES.items():
        said = Tee()
        with redirect_stdout(said):
            met.append(benchmark.main())
        print(flush=True)
        pages += [f"## {title}", "", (benchmark.__doc__ or "").strip(), "", "```", said.getvalue().strip(), "```", ""]
    REPORT.write_text("\n".join(pages), encoding="utf-8")
    return 0 if all(met) else 1


sys.exit(main())
