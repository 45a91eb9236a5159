"""All benchmarks in one run: `make bench`. Exits with 1 when a target is missed."""

import sys

from bench import engine, memory, screen


def main() -> int:
    met = []
    for benchmark in (engine, memory, screen):
        met.append(benchmark.main())
        print(flush=True)
    return 0 if all(met) else 1


sys.exit(main())
