"""Places and ways in networks that branch: pure plans, tried on random graphs."""

from itertools import combinations
from random import Random

import pytest

from layerscope.figures.lanes import MOST_ARCS, arrange, free_lanes
from layerscope.figures.log_lanes import log_lanes, width
from layerscope.figures.wires import readers, wires, wires_of
from layerscope.inputs import Input
from layerscope.layers.activation import ReLU
from layerscope.layers.joining import Add
from layerscope.network import Network
from layerscope.presets import PRESETS


def random_wires(rng: Random, size: int):
    """Mostly chains with forks and joins, as networks are; some rows read nothing."""
    rows: list[tuple[int, ...]] = [()]
    for place in range(1, size):
        if rng.random() < 0.04:
            rows.append(())
            continue
        count = rng.choice([1, 1, 1, 1, 2, 2, 3, 7])
        near = [place - 1 if rng.random() < 0.7 else rng.randrange(place) for _ in range(count)]
        rows.append(tuple(dict.fromkeys(near)))
    return tuple(rows)


GRAPHS = [random_wires(Random(seed), 2 + seed % 60) for seed in range(300)]


def chain(length):
    return wires([("a0", ()), *((f"a{i}", (f"a{i - 1}",)) for i in range(1, length))])


def test_names_become_places_and_ports_their_rows():
    rows = [("input", ()), ("lstm1", ("input",)), ("last", ("lstm1:h_n",)), ("add", ("last", "lstm1:output", "last"))]
    assert wires(rows) == ((), (0,), (1,), (2, 1))
    assert readers(wires(rows)) == [[1], [2, 3], [3], []]


def test_a_networks_inputs_come_first():
    assert wires_of(PRESETS["lenet5"]) == chain(1 + len(PRESETS["lenet5"].layers))
    two = Network(
        (4, 8, 8),
        (
            ReLU(name="a", inputs=("right",)),
            Add(name="b", inputs=("a", "left")),
            Add(name="c", inputs=("a", "a")),
        ),
        inputs=(Input("left", (4, 8, 8)), Input("right", (4, 8, 8))),
    )
    assert wires_of(two) == ((), (), (1,), (2, 0), (2,))


def test_a_chain_is_one_lane_without_arcs():
    plan = arrange(chain(50))
    assert plan.columns == tuple(range(50))
    assert set(plan.lanes) == {0}
    assert plan.straight == tuple((i, i + 1) for i in range(49))
    assert not plan.arcs


@pytest.mark.parametrize("graph", GRAPHS, ids=range(len(GRAPHS)))
def test_random_graphs(graph):
    plan = arrange(graph)
    bodies = list(zip(plan.columns, plan.lanes, strict=True))
    assert len(set(bodies)) == len(bodies), "two bodies in one place"
    edges = [edge for arc in plan.arcs for edge in arc.edges]
    every = sorted([*plan.straight, *edges])
    assert every == sorted((source, target) for target, row in enumerate(graph) for source in row)
    for target, row in enumerate(graph):
        assert all(plan.columns[source] < plan.columns[target] for source in row)
        assert plan.columns[target] >= 0
    trunk, *others = plan.branches
    assert len(trunk.bodies) == plan.width, "the trunk has a body in each column"
    for branch in plan.branches:
        assert all(branch.start <= plan.columns[body] <= branch.end for body in branch.bodies)
        assert all(one in graph[two] for one, two in zip(branch.bodies, branch.bodies[1:], strict=False))
    for one, two in combinations(plan.branches, 2):
        assert one.lane != two.lane or one.end < two.start or two.end < one.start
    busiest = max((sum(b.start <= c <= b.end for b in others) for c in range(plan.width)), default=0)
    assert plan.depth == 1 + busiest, "more lanes than are needed"
    for source, target in plan.straight:
        if plan.columns[target] > plan.columns[source] + 1:  # its lane is kept for it
            kept = next(branch for branch in plan.branches if source in branch.bodies)
            assert kept.end >= plan.columns[target] - 1 or target in kept.bodies


@pytest.mark.parametrize("graph", GRAPHS, ids=range(len(GRAPHS)))
def test_arcs_nest_and_many_are_a_bus(graph):
    arcs = arrange(graph).arcs
    for one, two in combinations(arcs, 2):
        if max(one.start, two.start) < min(one.end, two.end):
            assert one.level != two.level
            if two.start <= one.start and one.end <= two.end and (two.start, two.end) != (one.start, one.end):
                assert one.level < two.level
    single = [arc.edges[0] for arc in arcs if len(arc.edges) == 1]
    for side in (0, 1):
        for body in {edge[side] for edge in single}:
            assert sum(edge[side] == body for edge in single) <= MOST_ARCS
    for arc in arcs:
        assert len(arc.edges) == 1 or any(len({edge[side] for edge in arc.edges}) == 1 for side in (0, 1))


def test_a_residual_block_has_a_straight_trunk_and_an_arc():
    plan = arrange(wires([("in", ()), ("a", ("in",)), ("b", ("a",)), ("add", ("b", "in")), ("out", ("add",))]))
    assert set(plan.lanes) == {0}
    assert [(arc.edges, arc.level) for arc in plan.arcs] == [(((0, 3),), 1)]


def test_a_projection_is_one_short_lane():
    rows = [("in", ()), ("a", ("in",)), ("b", ("a",)), ("down", ("in",)), ("add", ("b", "down")), ("out", ("add",))]
    plan = arrange(wires(rows))
    assert plan.lanes == (0, 0, 0, 1, 0, 0)
    assert plan.columns[3] == 1
    assert not plan.arcs


def test_an_inception_has_four_lanes():
    rows = [("in", ()), ("a", ("in",)), ("b1", ("in",)), ("b2", ("b1",)), ("c1", ("in",)), ("c2", ("c1",))]
    rows += [("d1", ("in",)), ("d2", ("d1",)), ("cat", ("a", "b2", "c2", "d2"))]
    plan = arrange(wires(rows))
    assert plan.depth == 4
    assert plan.columns[-1] == 3
    assert not plan.arcs


def test_the_arcs_of_a_u_net_are_nested_bridges():
    down = [("in", ()), ("e1", ("in",)), ("p1", ("e1",)), ("e2", ("p1",)), ("p2", ("e2",)), ("m", ("p2",))]
    up = [("u2", ("m",)), ("c2", ("u2", "e2")), ("d2", ("c2",)), ("u1", ("d2",)), ("c1", ("u1", "e1"))]
    plan = arrange(wires([*down, *up]))
    assert set(plan.lanes) == {0}
    assert [arc.level for arc in plan.arcs] == [1, 2]


def test_a_parameter_stands_just_before_its_reader():
    rows = [("in", ()), ("a", ("in",)), ("b", ("a",)), ("token", ()), ("many", ("token",)), ("cat", ("many", "b"))]
    plan = arrange(wires(rows))
    assert plan.columns == (0, 1, 2, 1, 2, 3)
    assert plan.lanes == (0, 0, 0, 1, 1, 0)


def test_free_lanes_are_the_nearest():
    assert free_lanes([(0, 4), (1, 2), (3, 3), (2, 5)]) == [0, 1, 1, 2]
    assert free_lanes([]) == []


def test_a_wide_graph_is_arranged_in_time():
    """346 rows as ResNet-101 has, and a dense block of 300 rows that reads everything: no quadratic search."""
    dense = tuple(tuple(range(place)) for place in range(120))
    assert arrange(dense).depth == 1


@pytest.mark.parametrize("graph", GRAPHS, ids=range(len(GRAPHS)))
def test_the_logs_lines_lead_from_each_value_to_its_readers(graph):
    marks = log_lanes(graph, 1)
    wanted = readers(graph)
    for place, mark in enumerate(marks, start=1):
        assert {line.source for line in mark.reads} == {one - 1 for one in graph[place]}
        on_the_way = {source for source in range(place) if any(reader > place for reader in wanted[source])}
        assert {line.source for line in mark.passes} == {source - 1 for source in on_the_way}
        lanes = [line.lane for line in mark.passes]
        assert len(set(lanes)) == len(lanes)
        assert mark.lane not in lanes
        assert mark.goes_on == bool(wanted[place])
        for line in (*mark.reads, *mark.passes):
            assert line.source < 0 or line.lane == marks[line.source].lane


def test_a_chains_log_is_one_lane():
    marks = log_lanes(chain(20), 1)
    assert {mark.lane for mark in marks} == {0}
    assert width(marks) == 1
    assert [mark.goes_on for mark in marks] == [True] * 18 + [False]


def test_a_residual_blocks_log():
    marks = log_lanes(wires([("in", ()), ("x", ("in",)), ("a", ("x",)), ("b", ("a",)), ("add", ("b", "x"))]), 1)
    assert [mark.lane for mark in marks] == [0, 1, 1, 0]
    assert width(marks) == 2


def test_blocks_that_are_built_alike_have_the_same_lanes():
    rows = [("in", ()), ("x0", ("in",))]
    for i in range(3):
        rows += [(f"a{i}", (f"x{i}",)), (f"b{i}", (f"a{i}",)), (f"x{i + 1}", (f"b{i}", f"x{i}"))]
    assert [mark.lane for mark in log_lanes(wires(rows), 1)] == [0, *[1, 1, 0] * 3]


def test_lanes_beyond_the_most_share_the_last():
    marks = log_lanes(tuple(tuple(range(place)) for place in range(30)), 1, most=6)
    assert width(marks) == 6
