"""Sweeps: every row of the frame is what a trace of that network says, and what torch's module is and does."""

from itertools import product
from math import isnan, prod
from random import Random
from typing import Any

import pandas as pd
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layerscope import building, limits
from layerscope.layers.base import axis_names
from layerscope.network import Network, NetworkError
from layerscope.parameter import Kind
from layerscope.presets import DEFAULT, PRESETS
from layerscope.steps import Trace
from layerscope.study.sweep import Sweep, SweepError, size_of, sweep
from layerscope.tracing import trace
from tests.branching import two_branches, two_inputs
from tests.legal import legal_value
from tests.oracle import random_network
from tests.random_graphs import random_graph
from tests.tying import with_random_ties

SEED = PRESETS[DEFAULT]
SMALL = ("fashion-mnist-cnn", "lenet5", "all-convolutional", "depthwise-separable", "decoder", "textcnn",
         "lstm-classifier", "transformer-classifier", "unet", "resnet18", "squeezenet1_1")  # fmt: skip


def decided(traced: Trace) -> dict[str, int]:
    """The arguments that are not the user's, where they are one whole number."""
    found = {}
    for step in traced.steps:
        for name, decision in step.decisions.items():
            value = step.arguments.get(name)
            value = value[0] if isinstance(value, tuple) and len(value) == 1 else value
            if decision.role.value in ("the data", "a layer") and type(value) is int:
                found[f"{step.name}.{name}"] = value
    return found


def field_of(traced: Trace) -> int | None:
    maps = [step for step in traced.steps if len(step.output_shape or ()) > 1]
    fields = [step.receptive_field for step in reversed(maps)]
    return next((field.size[0] for field in fields if field is not None and not field.everywhere and field.size), None)


def traced_at(result: Sweep, number: int) -> Trace | str:
    """The trace of a combination, or why no network can hold its values."""
    try:
        return trace(result.at(number))
    except NetworkError as error:
        return str(error)


def check(result: Sweep) -> int:
    """Compare every row with the trace of its network; how many run."""
    frame = result.frame()
    assert len(frame) == prod(len(axis.values) for axis in result.axes)
    keys = {target for axis in result.axes for target in axis.targets}
    for number, row in enumerate(frame.to_dict("records")):
        traced = traced_at(result, number)
        if isinstance(traced, str):
            assert (row["runs"], row["reason"]) == (False, traced)
            continue
        assert row["runs"] == (traced.error is None)
        if traced.error is not None:
            assert (row["fails"], row["reason"]) == (traced.steps[-1].name, traced.error.message)
            assert isnan(row["parameters"])
            continue
        assert row["reason"] == ""
        for name in ("parameters", "macs", "activation_bytes"):
            assert row[name] == getattr(traced, name), (name, number)
        field = field_of(traced)
        assert isnan(row["receptive_field"]) if field is None else row["receptive_field"] == field, number
        shape = traced.output_shape or ()
        for name, size in zip(axis_names(shape) if shape else (), shape, strict=True):
            assert row[f"output.{name}"] == size
        for name, value in decided(traced).items():
            assert name in keys or row[name] == value, (name, number)
    return int(frame["runs"].sum())


def random_grid(rng: Random, network: Network, most: int = 4) -> dict[str, list[Any]]:
    """One or two arguments, or axes of inputs, each with some values, now and then ones that it cannot take."""
    grid: dict[str, list[Any]] = {}
    for _ in range(rng.choice((1, 2, 2))):
        rows = [row for row in network.layers if row.parameters() and not row.of]
        if not rows or rng.random() < 0.15:
            given = rng.choice(network.inputs)
            axis = rng.randrange(len(given.shape))
            size = given.shape[axis]
            name = f"{given.name}.{axis_names(given.shape)[axis]}"
            grid[name] = [max(0, size + rng.randint(-3, 3)) for _ in range(most)]
            continue
        row = rng.choice(rows)
        parameter = rng.choice(tuple(row.parameters()))
        if row.name == network.head and parameter == row.head:
            grid["classes"] = [1, 3, 0, 10]
            continue
        known, current = row.parameters()[parameter], getattr(row, parameter)
        values = [legal_value(rng, known, row.dims or 2) for _ in range(most - 1)]
        if type(current) is int and known.kind is Kind.INTEGER:
            values = [max(0, current + rng.randint(-2, 2)) for _ in range(most - 1)]
        grid[f"{row.name}.{parameter}"] = [*values, rng.choice((current, -1, None, "same", 2.5, (2, 2)))]
    return grid


def swept(network: Network, grid: dict[str, Any]) -> Sweep | None:
    said = ""
    try:
        return sweep(network, grid)
    except SweepError as error:
        said = str(error)
    assert "both change" in said
    return None


def test_the_courses_network_over_its_first_kernel():
    frame = sweep(SEED, {"conv1.kernel_size": range(1, 12)}).frame()
    assert list(frame["conv1.kernel_size"]) == list(range(1, 12))
    assert list(frame["fc1.in_features"]) == [300, 192, 192, 192, 192, 108, 108, 108, 108, 48, 48]
    assert frame["parameters"][4] == 32_998
    assert frame["macs"][4] == 232_440
    assert frame["receptive_field"][4] == 16
    assert frame["last_map.height"][4] == 4
    assert frame["runs"].all()
    numbers = frame.drop(columns=["fails", "reason"])
    assert all(pd.api.types.is_numeric_dtype(dtype) for dtype in numbers.dtypes)


def test_what_does_not_run_stays_with_its_reason():
    frame = sweep(SEED, {"conv2.kernel_size": (5, 13)}).frame()
    assert list(frame["runs"]) == [True, False]
    assert frame["fails"][1] == "conv2"
    assert frame["reason"][1] == "kernel_size 13 is larger than its input's height of 12."
    assert isnan(frame["parameters"][1])
    assert frame["parameters"][0] == 32_998


def test_a_value_that_no_argument_takes_is_a_row_that_does_not_run():
    frame = sweep(SEED, {"conv1.kernel_size": [5, 0, -1, "large", {1: 2}, None, 2**70]}).frame()
    assert list(frame["runs"]) == [True] + [False] * 6
    assert all(frame["reason"][1:])


@pytest.mark.parametrize("name", SMALL)
def test_presets_are_swept_as_they_are_traced(name):
    network = PRESETS[name]
    runs = sum(check(result) for n in range(6) if (result := swept(network, random_grid(Random(n), network, 3))))
    assert runs > 3


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from((random_network, random_graph)))
def test_random_networks_are_swept_as_they_are_traced(number, make):
    rng = Random(number)
    network = make(rng, bad=0)
    if make is random_graph and rng.random() < 0.5:
        network = with_random_ties(rng, network)
    if (result := swept(network, random_grid(rng, network))) is not None:
        check(result)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(("fashion-mnist-cnn", "lenet5", "all-convolutional", "decoder")))
def test_the_module_that_is_built_has_these_parameters_and_runs_or_does_not(number, name):
    network = PRESETS[name]
    result = swept(network, random_grid(Random(number), network, 3))
    assume(result is not None)
    assert result is not None
    frame = result.frame()
    for place in range(len(frame)):
        if not frame["runs"][place]:
            with pytest.raises((building.BuildError, NetworkError)):
                building.module(result.at(place))
            continue
        built = building.module(result.at(place)).eval()
        assert sum(weight.numel() for weight in built.parameters()) == frame["parameters"][place]
        with torch.no_grad():
            made = built(torch.zeros(1, *result.at(place).input_shape))
        assert prod(made.shape[1:]) == prod(frame.filter(like="output.").iloc[place].dropna())


@pytest.mark.parametrize("make", [two_branches, two_inputs])
def test_networks_that_branch_or_have_several_inputs(make):
    network = make()
    first = network.inputs[-1]
    grid = {f"{first.name}.{axis_names(first.shape)[-1]}": range(1, first.shape[-1] + 3)}
    assert check(sweep(network, grid)) > 0
    widths = [f"{row.name}.{width}" for row in network.layers for width in row.parameters() if width.startswith("out_")]
    check(sweep(network, {widths[0]: range(1, 5), **grid}))


def test_several_layers_take_one_value():
    for key in ("conv1,conv2.kernel_size", "conv*.kernel_size", "conv1, conv2.kernel_size", "Conv2d.kernel_size"):
        result = sweep(SEED, {key: range(1, 8)})
        assert check(result) == 7
        assert [result.at(2)[name].chosen["kernel_size"] for name in ("conv1", "conv2")] == [3, 3]
        assert len(result.where("conv1.kernel_size == 3")) == 1


def test_inputs_classes_and_words():
    assert check(sweep(SEED, {"input": range(10, 40), "classes": (2, 10)})) > 10
    assert check(sweep(SEED, {"input.channels": (1, 3), "conv1.padding": ("same", "valid", 0, 2)})) == 8
    frame = sweep(SEED, {"conv1.padding": ("same", 0)}).frame()
    assert list(frame["conv1.padding"]) == ["same", "0"]
    assert check(sweep(SEED, {"conv1.bias": (True, False)})) == 2
    frame = sweep(SEED, {"Linear.out_features": (10, 20)}).frame()
    assert list(frame["out.out_features"]) == [10, 10]  # that is the number of classes
    assert list(frame["out.in_features"]) == [10, 20]


def test_a_pool_that_decides_which_layer_is_the_head_is_swept_with_the_classes():
    network = PRESETS["all-convolutional"]
    pool = next(row for row in network.layers if "output_size" in row.parameters())
    grid = {f"{pool.name}.output_size": (1, 2, 7), "classes": (3, 10)}
    for start in (network, network.with_argument(pool.name, "output_size", 7)):
        assert check(sweep(start, grid)) > 0


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({}, "Name at least one thing to sweep"),
        ({"conv9.kernel_size": (1, 2)}, "There is nothing called conv9.kernel_size to sweep"),
        ({"conv1.kernel": (1, 2)}, "Conv2d has no parameter kernel"),
        ({"conv1.in_channels": (1, 2)}, "conv1.in_channels is decided by the input of conv1."),
        ({"out.out_features": (1, 2)}, "change the classes instead"),
        ({"input.depth": (1, 2)}, "input has no depth; it has channels, height, width."),
        ({"conv1.kernel_size": ()}, "conv1.kernel_size has no values"),
        ({"conv1.kernel_size": range(5, 1)}, "conv1.kernel_size has no values from 5 to 0; give the smaller number"),
        ({"conv1.kernel_size": 3}, "conv1.kernel_size needs several values"),
        ({"conv1.kernel_size": "3"}, "conv1.kernel_size needs several values"),
        ({"conv1.kernel_size": range(10**30)}, "the limit is 10,000"),
        ({"conv1.kernel_size": (1,), "conv*.kernel_size": (1,)}, "both change conv1.kernel_size"),
        ({"input": (28,), "input.width": (28,)}, "both change input.width"),
        ({3: (1, 2)}, "There is nothing called"),
        ({"conv1," * limits.SWEEP_KEY.most: (1, 2)}, "There is nothing called"),
    ],
)
def test_what_cannot_be_swept_is_refused_with_a_sentence(grid, said):
    with pytest.raises(SweepError, match=said.replace("*", r"\*").replace(".", r"\.")):
        sweep(SEED, grid)


def test_too_much_is_refused_before_anything_is_asked():
    assert size_of(SEED, {"conv1.out_channels": range(1, 101), "conv2.out_channels": range(1, 101)}) == 10_000
    with pytest.raises(SweepError, match=r"10,100 networks; the limit is 10,000"):
        sweep(SEED, {"conv1.out_channels": range(1, 102), "conv2.out_channels": range(1, 101)})
    with pytest.raises(SweepError, match=r"layers in all; the limit is 1,000,000"):
        sweep(PRESETS["densenet121"], {"features.conv0.out_channels": range(1, 5_000)})


def test_progress_is_told_and_can_end_the_sweep():
    told: list[tuple[int, int]] = []
    sweep(SEED, {"conv1.kernel_size": (1, 2, 3)}, lambda done, total: told.append((done, total)))
    assert [at for at in told if at[0]] == [(1, 3), (2, 3), (3, 3)]

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(SEED, {"conv1.kernel_size": (1, 2, 3)}, stop)


def test_answers_that_were_dropped_are_asked_for_again(monkeypatch):
    from layerscope.study import rowwise

    grid = {"conv2.kernel_size": range(1, 14), "conv1.kernel_size": range(1, 8)}
    whole = sweep(SEED, grid).frame()
    assert limits.SWEEP_KEPT.most == rowwise.MOST_KEPT
    monkeypatch.setattr(rowwise, "MOST_KEPT", 30)
    pd.testing.assert_frame_equal(sweep(SEED, grid).frame(), whole)


def test_a_sweep_leaves_the_memory_of_its_frame_alone():
    result = sweep(SEED, {"conv1.kernel_size": (1, 2)})
    mine = result.frame()
    mine["parameters"] = 0
    assert result.frame()["parameters"][0] > 0


def test_combinations_are_in_the_order_of_product():
    grid = {"conv1.kernel_size": (3, 5), "fc1.out_features": (10, 20, 30)}
    result = sweep(SEED, grid)
    for number, values in enumerate(product(*grid.values())):
        assert tuple(result.chosen(number).values()) == values
        assert result.at(number)["fc1"].chosen["out_features"] == values[1]


def test_progress_is_told_while_networks_are_prepared_and_can_end_it():
    told = []
    sweep(
        PRESETS[DEFAULT],
        grid := {"conv1.kernel_size": (1, 3), "conv1.out_channels": (4, 8)},
        lambda *at: told.append(at),
    )
    done = [at for at, _ in told]
    assert done == sorted(done)
    assert done.count(0) >= 8
    assert done[-4:] == [1, 2, 3, 4]
    assert {total for _, total in told} == {4}

    def stop(done: int, total: int) -> None:
        raise InterruptedError(f"{done} of {total}")

    with pytest.raises(InterruptedError, match="0 of 4"):
        sweep(PRESETS[DEFAULT], grid, stop)
