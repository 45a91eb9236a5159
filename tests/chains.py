"""The presets without branches, for tests of what knows chains only."""

from layerscope.presets import PRESETS

CHAINS = {key: network for key, network in PRESETS.items() if network.is_chain}
