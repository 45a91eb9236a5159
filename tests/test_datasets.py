"""Named inputs, and what they decide."""

import pytest

from layerscope.datasets import DATASETS
from layerscope.presets import PRESETS
from layerscope.tracing import trace


@pytest.mark.parametrize("key", DATASETS)
def test_the_seed_network_runs_on_every_dataset(key):
    dataset = DATASETS[key]
    network = dataset.applied_to(PRESETS["fashion-mnist-cnn"])
    traced = trace(network)
    assert traced.error is None
    assert traced.steps[0].arguments["in_channels"] == dataset.shape[0]
    assert traced.output_shape == (dataset.classes,)


def test_a_dataset_gives_no_classes_to_a_network_without():
    network = DATASETS["cifar-10"].applied_to(PRESETS["decoder"])
    assert network.classes is None
    assert network.input_shape == (3, 32, 32)
