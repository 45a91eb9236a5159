"""The networks that other tests are built on: each seed gives one, however many seeds there are."""

from random import Random

import tests.random_graphs
from tests.source.graphs import random_graph


def test_every_seed_gives_a_network_that_branches(thorough):
    """Network refuses two rows of one name. Seed 2,273 once gave such rows."""
    for seed in [*range(20_000 if thorough else 250), 2_273]:
        network = random_graph(Random(seed))
        assert len({*network.names}) == len(network.layers) > 0
    for seed in range(2_000 if thorough else 150):
        assert len(random_graph(Random(seed), longest=60).layers) > 0


def test_every_seed_gives_a_network_whose_rows_may_fail(thorough):
    for seed in range(2_000 if thorough else 150):
        assert len(tests.random_graphs.random_graph(Random(seed), longest=30).layers) > 0
