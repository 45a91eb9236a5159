"""What `import layerscope` gives a notebook, and what it costs."""

import subprocess
import sys

import pytest

import layerscope


def test_importing_it_loads_neither_torch_nor_streamlit():
    large = "{'torch', 'streamlit', 'pandas', 'plotly'}"
    loads = f"import sys, layerscope; dir(layerscope); print(sorted({large} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_is_there():
    for name in layerscope.__all__:
        assert name in dir(layerscope)
        assert getattr(layerscope, name) is not None
    assert layerscope.PRESETS
    network = layerscope.read("from torch import nn\nnet = nn.Sequential(nn.Linear(4, 2))\n", (4,))
    assert layerscope.trace(network).parameters == 10
    assert "nn.Linear" in layerscope.write(network)
    assert isinstance(network, layerscope.Network)


def test_a_name_that_is_not_there_says_which_are():
    with pytest.raises(AttributeError, match=r"no attribute 'sumary'; it has Network, PRESETS"):
        layerscope.sumary  # noqa: B018
