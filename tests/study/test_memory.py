"""What `training_memory` says is what torch keeps: real modules really run and stepped, and torch's own tracker."""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest
import torch
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.checkpoint import checkpoint

from layerscope import limits
from layerscope.building import module, unfilled_module
from layerscope.formatting import bytes_text
from layerscope.link import decode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.torch import questions
from layerscope.study import optimizers
from layerscope.study.cards import CARDS, CONTEXT, card_bytes, room_on
from layerscope.study.estimate import EstimateError
from layerscope.study.fakes import fake_tensors
from layerscope.study.measured import beside, measure
from layerscope.study.memory import PRECISIONS, training_memory
from layerscope.study.plan import Plan
from layerscope.study.tracked import Tracked
from layerscope.tracing import trace
from tests.large import in_turns
from tests.oracle import random_network
from tests.random_graphs import random_graph
from tests.study.saved_really import inputs, kept, trained

SEED = PRESETS[DEFAULT]
SMALL = ["fashion-mnist-cnn", "lenet5", "all-convolutional", "depthwise-separable", "decoder", "textcnn"]
BRANCHING = ["resnet18", "squeezenet1_1", "unet", "vit_b_16", "transformer-classifier", "shufflenet_v2_x1_0"]
FORMULAS_ONLY = ["alexnet", "vgg16", "resnet50", "densenet121", "googlenet", "mobilenet_v2", "unet"]
RESIDUAL = decode("3x16x16~Conv2d.8.3.padding-1~BatchNorm2d~ReLU~MaxPool2d.2~Flatten~Linear.10")


SEARCH = (Phase.explicit, Phase.generate)
"""Without shrinking: a network that differs is small, and each trial is a run of torch's."""


def same_run(network: Network, batch: int, dtype: str) -> tuple[int, int]:
    """Our activations, and torch's after a real forward pass; the example is left out where torch refuses to train."""
    ours = training_memory(network, batch, dtype=dtype).activations
    try:
        given = inputs(network, batch, torch.bfloat16 if dtype == "bfloat16" else torch.float32)
        return ours, kept(trained(network, dtype), given, dtype)
    except (RuntimeError, ValueError, NotImplementedError):
        assume(False)
        raise


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", SMALL)
def test_a_chain_keeps_what_torch_really_keeps(name, dtype):
    ours, torchs = same_run(PRESETS[name], 3, dtype)
    assert ours == torchs


@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_1"])
def test_a_network_that_branches_keeps_what_torch_really_keeps(name):
    ours, torchs = same_run(PRESETS[name], 2, "float32")
    assert ours == torchs


@pytest.mark.parametrize("name", BRANCHING)
def test_larger_networks_keep_what_torch_keeps_of_tensors_without_memory(name):
    network = PRESETS[name]
    seen = trace(network)  # never under fake tensors: the answers would stay
    with fake_tensors():
        made = unfilled_module(seen).train()
        torchs = kept(made, inputs(network, 5))
    assert training_memory(network, 5).activations == torchs


@pytest.mark.parametrize("name", FORMULAS_ONLY)
def test_common_networks_are_told_by_formulas_alone(name):
    assert not any(row.is_measured for row in training_memory(PRESETS[name]).rows)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=40, deadline=None, phases=SEARCH)
@given(st.randoms(use_true_random=False), st.sampled_from(["float32", "bfloat16"]), st.integers(2, 4))
def test_any_chain_keeps_what_torch_keeps(rng, dtype, batch):
    check(random_network(rng, bad=0), dtype, batch)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=40, deadline=None, phases=SEARCH)
@given(st.randoms(use_true_random=False), st.sampled_from(["float32", "bfloat16"]), st.integers(2, 4))
def test_any_graph_keeps_what_torch_keeps(rng, dtype, batch):
    check(random_graph(rng, bad=0), dtype, batch)


def check(network: Network, dtype: str, batch: int) -> None:
    seen = trace(network)
    assume(seen.error is None and seen.steps and seen.parameters < 1_000_000 and seen.activation_bytes < 5_000_000)
    assume(seen.macs < 20_000_000 and not any(layer.has_workspace for layer in network.layers))
    ours, torchs = same_run(network, batch, dtype)
    assert ours == torchs


def test_an_lstms_workspace_is_counted():
    network = decode("50x100~LSTM.128.batch_first-t~Select.1.-1~Linear.2")
    ours, torchs = same_run(network, 32, "float32")
    assert ours == pytest.approx(torchs, rel=0.03)  # it grows in steps


@pytest.mark.parametrize("optimizer", optimizers.KINDS)
@pytest.mark.parametrize("network", [SEED, RESIDUAL], ids=["seed", "norms"])
def test_an_optimizer_keeps_what_it_is_said_to_keep(network, optimizer):
    made = module(network)
    really = optimizers.KINDS[optimizer].make(made.parameters())
    for _ in range(2):
        really.zero_grad()
        made(*inputs(network, 2)).sum().backward()
        really.step()
    ours = training_memory(network, 2, optimizer)
    tensors = [value for kept in really.state.values() for value in kept.values() if isinstance(value, torch.Tensor)]
    assert ours.optimizer == size(tensors)
    assert ours.weights == size(made.parameters())
    assert ours.gradients == size(each.grad for each in made.parameters())
    assert ours.buffers == size(made.buffers())


@pytest.mark.parametrize("network", [SEED, RESIDUAL], ids=["seed", "norms"])
def test_a_grad_scaler_leaves_weights_gradients_and_states_in_float32(network):
    made, scaler = module(network), torch.amp.GradScaler("cpu")
    really = optimizers.KINDS["Adam"].make(made.parameters())
    for _ in range(2):
        really.zero_grad()
        with torch.autocast("cpu", torch.float16):
            loss = made(*inputs(network, 2)).float().square().mean()
        scaler.scale(loss).backward()
        scaler.step(really)
        scaler.update()
    ours = training_memory(network, 2, "Adam", "autocast-float16")
    tensors = [value for kept in really.state.values() for value in kept.values() if isinstance(value, torch.Tensor)]
    assert ours.weights == size(made.parameters())
    assert ours.gradients == size(each.grad for each in made.parameters())
    assert ours.optimizer == size(tensors)
    assert size(each for each in vars(scaler).values() if isinstance(each, torch.Tensor)) <= 8
    assert ours.peak == training_memory(network, 2, "Adam", "autocast").peak


def size(tensors) -> int:
    return sum(each.numel() * each.element_size() for each in tensors if each is not None)


def test_shared_and_tied_weights_count_once():
    shared = Network(
        (8,),
        (
            decode("8~Linear.8").layers[0],
            replace(decode("8~Linear.8").layers[0], name="fc2", of="fc1"),
            replace(decode("8~Linear.8").layers[0], name="fc3", tied=("fc1:weight",)),
        ),
    )
    ours = training_memory(shared, 2)
    made = module(shared)
    assert ours.weights == size(made.parameters())
    assert ours.optimizer == 2 * ours.weights + 4 * len(list(made.parameters()))


@pytest.mark.parametrize(
    ("name", "optimizer"),
    in_turns(
        ["fashion-mnist-cnn", "alexnet", "resnet18", "decoder", "transformer-classifier"], ["SGD", "Adam"], each=1
    ),
)
def test_the_peak_is_where_torchs_tracker_has_it(name, optimizer):
    memory = training_memory(PRESETS[name], 8, optimizer)
    found = {each.name: each for each in beside(memory)}
    assert all(each.agrees for each in found.values())
    assert found["peak"].ours == pytest.approx(found["peak"].torchs, rel=0.035)
    peaks = measure(memory).peaks
    assert memory.moment.phase == max(peaks, key=lambda phase: peaks[phase])


def test_inference_keeps_nothing_and_has_the_trackers_peak():
    memory = training_memory(PRESETS["resnet18"], 8, mode="inference")
    assert memory.activations == memory.gradients == memory.optimizer == 0
    assert memory.peak == pytest.approx(measure(memory).peak, rel=0.02)
    assert memory.moment.phase == "forward"
    assert memory.peak < training_memory(PRESETS["resnet18"], 8).peak / 3


@pytest.mark.parametrize("name", ["fashion-mnist-cnn", "resnet18", "densenet121"])
def test_the_parts_of_the_peak_add_up_and_the_rows_to_the_totals(name):
    memory = training_memory(PRESETS[name], 16)
    assert sum(memory.at_peak.values()) == memory.peak
    assert sum(row.kept for row in memory.rows) == memory.activations
    assert sum(row.weights for row in memory.rows) == memory.weights
    assert sum(row.gradients for row in memory.rows) == memory.gradients
    assert sum(row.optimizer for row in memory.rows) == memory.optimizer
    assert memory.peak >= memory.weights + memory.optimizer + memory.activations


@given(st.sampled_from(["lenet5", "resnet18", "unet"]), st.integers(1, 80_000), st.sampled_from([*optimizers.KINDS]))
@settings(max_examples=40, deadline=None)
def test_the_largest_batch_fits_and_the_next_does_not(name, megabytes, optimizer):
    memory, card = training_memory(PRESETS[name], 1, optimizer), megabytes * 1_000_000
    largest = memory.largest_batch(card)
    if largest:
        assert memory.with_batch(largest).peak <= card
    if largest < limits.MEMORY_BATCH.most:
        assert memory.with_batch(largest + 1).peak > card


def checkpointed(first: int, last: int) -> Callable[[nn.Module, torch.Tensor], torch.Tensor]:
    def run(made: nn.Module, values: torch.Tensor) -> torch.Tensor:
        parts = list(made.children())
        values = nn.Sequential(*parts[:first])(values)
        values = checkpoint(nn.Sequential(*parts[first : last + 1]), values, use_reentrant=False)
        out: torch.Tensor = nn.Sequential(*parts[last + 1 :])(values)
        return out

    return run


@pytest.mark.parametrize(("first", "last"), [(0, 4), (3, 9), (6, 20), (2, 29)])
def test_a_checkpoint_saves_what_it_saves_in_torch(first, last):
    network = PRESETS["vgg11"]
    seen, batch = trace(network), 16
    with fake_tensors():
        made = unfilled_module(seen).train()
        given = [torch.empty(batch, *network.input_shape)]
        optimizer = torch.optim.SGD(made.parameters(), lr=0.1)
        tracked = Tracked(made, given)
        with tracked.phase("forward"):
            out = checkpointed(first, last)(made, *given)
        with tracked.phase("backward"):
            out.backward(torch.empty_like(out))
        optimizer.zero_grad()
    names = network.names[first : last + 1]
    ours = training_memory(network, batch, "SGD", checkpoint=names)
    torchs = max(found["Total"] for found in tracked.peaks.values())
    assert ours.peak == pytest.approx(torchs, rel=0.03)
    assert ours.activations < training_memory(network, batch, "SGD").activations


def test_a_block_of_a_network_that_branches_is_checkpointed_by_its_path():
    plain, ours = (training_memory(PRESETS["resnet18"], 64, checkpoint=block) for block in ("", "layer1"))
    assert ours.activations < plain.activations
    assert ours.peak < plain.peak
    assert ours.weights == plain.weights


def test_precision_changes_what_it_changes():
    full, half, mixed, other = (training_memory(SEED, 64, dtype=dtype) for dtype in PRECISIONS)
    assert (other.peak, other.activations) == (mixed.peak, mixed.activations)
    assert half.weights * 2 == full.weights == mixed.weights
    assert half.optimizer < full.optimizer == mixed.optimizer
    assert half.activations < mixed.activations < full.activations
    assert training_memory(SEED, 64, dtype=torch.bfloat16).peak == half.peak


def test_in_place_activations_save_memory_only_where_they_do():
    plain = decode("3x8x8~Conv2d.8.3~SiLU~Conv2d.8.3")
    relu = decode("3x8x8~Conv2d.8.3~LeakyReLU~Conv2d.8.3")
    for network, saves in ((plain, False), (relu, True)):
        over = network.with_argument(network.names[1], "inplace", True)
        assert (training_memory(over, 4).activations < training_memory(network, 4).activations) is saves
        assert same_run(over, 4, "float32")[0] == same_run(over, 4, "float32")[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"optimizer": "Lion"}, "There is no optimizer Lion here; SGD"),
        ({"dtype": "int8"}, "There is no precision int8 here; float32"),
        ({"mode": "fast"}, "There is no mode fast here; training, inference would work."),
        ({"batch": 0}, "The batch is 0; a whole number from 1"),
        ({"batch": limits.MEMORY_BATCH.most + 1}, "The batch is 1048577"),
        ({"batch": 2.5}, "The batch is 2.5"),
        ({"checkpoint": "layer9"}, "There is no block layer9"),
        ({"checkpoint": ("conv1", "fc1")}, "have to follow each other"),
        ({"checkpoint": ("nothing",)}, "There is no layer nothing"),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_sentence(change, words):
    with pytest.raises(EstimateError, match=words):
        training_memory(SEED, **change)


def test_a_network_that_does_not_run_is_refused():
    with pytest.raises(EstimateError, match="conv2 does not run"):
        training_memory(SEED.with_argument("conv1", "kernel_size", 27))
    with pytest.raises(EstimateError, match="no layer yet"):
        training_memory(Network((4,), ()))


def test_names_are_taken_as_people_spell_them():
    assert training_memory(SEED, optimizer="adamw").kind.name == "AdamW"
    assert training_memory(SEED, optimizer="momentum").kind.name == "SGD with momentum"
    assert training_memory(SEED, dtype="mixed").dtype == "autocast"


def test_a_network_too_large_to_be_stepped_is_not_stepped(monkeypatch):
    monkeypatch.setattr(limits, "MEMORY_STEPPED", replace(limits.MEMORY_STEPPED, most=11))
    with pytest.raises(EstimateError, match="12 rows; this server trains at most 11"):
        measure(training_memory(SEED))


def test_asking_torch_has_an_end(monkeypatch):
    monkeypatch.setattr(limits, "MEMORY_ASKED", replace(limits.MEMORY_ASKED, most=2))
    network = decode("8~Linear.9~LogSigmoid~LogSigmoid~LogSigmoid")
    with pytest.raises(EstimateError, match="more than 2 layers"):
        training_memory(network)


def test_the_sentence_says_how_much_when_and_why():
    words = training_memory(PRESETS["resnet18"], 64).sentence
    assert words.startswith("Training needs 1.")
    assert "the peak is in the backward pass of layer4.1.conv2." in words
    assert "Activations kept for the backward pass are" in words
    assert training_memory(SEED, mode="inference").sentence.startswith("Inference needs")


def test_tracking_leaves_the_process_as_it_was():
    hooks = dict(torch.nn.modules.module._global_forward_pre_hooks), torch.UntypedStorage.resize_
    measure(training_memory(SEED, 7))
    assert (dict(torch.nn.modules.module._global_forward_pre_hooks), torch.UntypedStorage.resize_) == hooks
    assert trace(SEED).parameters == 32_998


def test_an_lstm_that_costs_too_much_is_not_really_run(monkeypatch):
    network = decode("9x10~LSTM.11.batch_first-t")
    plain = training_memory(network, 4).activations
    monkeypatch.setattr(limits, "MEMORY_REAL", replace(limits.MEMORY_REAL, most=100))
    longer = network.with_argument("lstm1", "hidden_size", 12)
    assert training_memory(longer, 4).activations < plain


def test_cards_have_a_little_less_than_they_are_sold_with():
    for name, size in CARDS.items():
        sold = int(name.rpartition(", ")[2].removesuffix(" GB"))
        assert 0.9 * sold < size < sold
        assert card_bytes(size) == int(size * 2**30)
    assert [*CARDS.values()] == sorted(CARDS.values())
    for wrong in (0, -1, limits.MEMORY_CARD.most + 1, float("nan"), "8", True):
        with pytest.raises(EstimateError, match=r"A card of .* GiB; a number above 0"):
            card_bytes(wrong)


def test_a_card_has_less_room_than_memory():
    assert room_on(16 * 2**30) == 16 * 2**30 - CONTEXT
    assert room_on(CONTEXT // 2) == 0
    assert 300 * 2**20 <= CONTEXT <= 600 * 2**20
    memory = training_memory(PRESETS["resnet18"])
    largest = memory.largest_batch(room_on(8 * 2**30))
    assert memory.with_batch(largest).peak + CONTEXT <= 8 * 2**30 < memory.with_batch(largest + 1).peak + CONTEXT


UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def test_sizes_are_written_in_units_of_1024():
    for size in (3 * 2**10, 5 * 2**20, 7 * 2**30):
        number, unit = bytes_text(size).split()
        assert float(number) * UNITS[unit] == size


@pytest.mark.thorough
def test_these_are_the_units_of_torchs_own_tracker():
    from torch.distributed._tools import mem_tracker  # two seconds for three numbers

    assert {unit: mem_tracker._get_mem_divisor(unit) for unit in UNITS} == UNITS


@pytest.mark.parametrize("kind", ["BatchNorm2d", "SyncBatchNorm", "InstanceNorm2d"])
@pytest.mark.parametrize("tracks", [True, False])
def test_the_buffers_of_a_normalization_are_counted(kind, tracks):
    network = decode(f"3x8x8~{kind}").with_argument("in1" if kind[0] == "I" else "bn1", "track_running_stats", tracks)
    assert training_memory(network, 2).buffers == size(module(network).buffers())


def fake_tensor() -> None:
    with fake_tensors():
        torch.zeros(1)


@pytest.mark.parametrize(
    "work",
    [
        fake_tensor,
        lambda: measure(training_memory(SEED, 3)),
        lambda: Plan().make([nn.Parameter(torch.zeros(1))]),
    ],
    ids=["fakes", "tracked", "optimizer"],
)  # fmt: skip
def test_torch_is_asked_once_a_server_has_warmed_up(work):
    """Both have torch import modules that import each other in circles: of two threads one would get half a module."""
    beginning = Thread(target=work)
    with questions._loading:
        beginning.start()
        beginning.join(0.3)
        assert beginning.is_alive()
    beginning.join(60)
    assert not beginning.is_alive()
