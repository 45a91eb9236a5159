"""The presets without branches, for tests of what knows chains only."""

from layerscope import presets

CHAINS = {key: presets.PRESETS[key] for key in presets.CHAINS}
