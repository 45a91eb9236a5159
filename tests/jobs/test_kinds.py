"""What a job may say: hostile JSON is a sentence at the way in, and again in the worker."""

import json

import pytest

from layerscope import limits
from layerscope.interchange import to_json
from layerscope.jobs import kinds, worker
from layerscope.jobs.order import Order
from layerscope.jobs.ticket import JobError
from layerscope.jobs.training import job
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.plan import Plan
from layerscope.study.space import dimensions

SEED = PRESETS[DEFAULT]
GOOD = job(SEED, Plan(epochs=1), "digits", ())
DRILL = {"steps": 1, "milliseconds": 1}


def refusal(kind, text):
    with pytest.raises(JobError) as refused:
        kinds.read(kind, text)
    assert str(refused.value).endswith(".")
    return str(refused.value)


def test_a_good_job_is_read_as_it_was_written():
    assert kinds.read("trial", kinds.written("trial", GOOD)) == GOOD
    assert kinds.read("drill", kinds.written("drill", DRILL)) == DRILL


HOSTILE = [
    ("os.system", "{}"),
    ("__class__", "{}"),
    ("drill", "[]"),
    ("drill", "null"),
    ("drill", "{"),
    ("drill", "[" * 100_000),
    ("drill", '{"steps": NaN, "milliseconds": 1}'),
    ("drill", '{"steps": 1, "steps": 2, "milliseconds": 1}'),
    ("drill", '{"steps": true, "milliseconds": 1}'),
    ("drill", '{"steps": -1, "milliseconds": 1}'),
    ("drill", '{"steps": 1e400, "milliseconds": 1}'),
    ("drill", '{"steps": "1", "milliseconds": 1}'),
    ("drill", '{"steps": 1}'),
    ("drill", '{"steps": 1, "milliseconds": 1, "run": "rm"}'),
    ("drill", '{"steps": 1, "milliseconds": 1, "\\ud800": 1}'),
    ("drill", json.dumps({"steps": limits.DRILL_STEPS.most + 1, "milliseconds": 1})),
    ("trial", "{}"),
    ("trial", json.dumps(GOOD | {"network": "{}"})),
    ("trial", json.dumps(GOOD | {"network": {"format": 1}})),
    ("trial", json.dumps(GOOD | {"plan": "[]"})),
    ("trial", json.dumps(GOOD | {"plan": '{"epochs": 1000000}'})),
    ("trial", json.dumps(GOOD | {"plan": '{"__class__": 1}'})),
    ("trial", json.dumps(GOOD | {"data": {"name": "/etc/passwd"}})),
    ("trial", json.dumps(GOOD | {"data": {"name": ["digits"]}})),
    ("trial", json.dumps(GOOD | {"data": {"name": "digits", "url": "x"}})),
    ("trial", json.dumps(GOOD | {"data": "digits"})),
    ("trial", json.dumps(GOOD | {"bars": [2]})),
    ("trial", json.dumps(GOOD | {"bars": [0.5] * 10_000})),
    ("trial", json.dumps(GOOD | {"bars": {"0": 1}})),
    ("train", json.dumps(GOOD)),  # a training has no bars
]


@pytest.mark.parametrize(("kind", "text"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_a_sentence(kind, text):
    refusal(kind, text)
    with pytest.raises(JobError):  # the worker looks again, before it does anything
        worker.run_job(kind, text, "run", "topic")


def test_a_job_that_is_too_long():
    assert refusal("drill", " " * (limits.JOB_TEXT.most + 1)) == limits.JOB_TEXT.sentence()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"x", {1, 2}])
def test_only_json_can_be_submitted(value):
    with pytest.raises(JobError):
        kinds.written("drill", DRILL | {"steps": value})


def test_an_impossible_network_is_refused_before_anything_is_allocated():
    """65,536 x 65,536 weights would be 17 GB; their Adam three times that."""
    network = SEED.with_argument("fc1", "out_features", 65_536).with_argument("fc2", "out_features", 65_536)
    said = refusal("train", json.dumps(job(network, Plan(), "digits")))
    assert "this server trains with at most" in said
    said = refusal("train", json.dumps(job(SEED.with_argument("conv1", "kernel_size", 40), Plan(), "digits")))
    assert "conv1 does not run" in said
    assert "classes" in refusal("train", json.dumps(job(SEED.with_classes(7), Plan(), "digits")))


def test_an_order_is_read_as_it_was_written():
    space = dimensions(SEED, {"conv1.kernel_size": [3, 5], "lr": [0.1, 0.01]})
    order = Order(SEED, Plan(epochs=2), space, "digits")
    assert Order.from_json(order.to_json()).to_json() == order.to_json()
    assert order.size == 4


@pytest.mark.parametrize(
    "change",
    [
        {"network": "{}"}, {"network": 1}, {"plan": 3}, {"plan": "{"}, {"space": []}, {"space": {}},
        {"space": {"conv9.kernel_size": [1]}}, {"space": {"lr": "abc"}}, {"space": {"lr": {"low": 1}}},
        {"space": {"lr": {"low": "a", "high": 2}}}, {"space": {"lr": {"low": 0.1, "high": 1e300}}},
        {"space": {"lr": [[{}]]}}, {"space": {"conv1.kernel_size": list(range(1, 300))}}, {"data": "/etc"},
        {"data": ["digits"]}, {"sampler": "random"}, {"sampler": []}, {"sampler": "tpe", "count": 10**9},
        {"seed": "0"}, {"seed": -1}, {"prunes": 1}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_hostile_order_is_a_sentence(change):
    order = Order(SEED, Plan(), dimensions(SEED, {"lr": [0.1]}), "digits")
    fields = json.loads(order.to_json()) | change
    with pytest.raises(JobError) as refused:
        Order.from_json(json.dumps(fields))
    assert str(refused.value).endswith(".")
    for text in ("", "[", "[]", "1", "[" * 100_000, "{}"):
        with pytest.raises(JobError):
            Order.from_json(text)


def test_network_json_fits_a_job():
    """The longest network that JSON allows is still a job, unless it is close to the bound itself."""
    longest = max(PRESETS.values(), key=lambda network: len(to_json(network)))
    assert len(to_json(longest)) < limits.JOB_TEXT.most / 2
