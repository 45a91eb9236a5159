"""Every mistake that is made in torch, of both files."""

from tests.decoder.later_trials import LATER
from tests.decoder.trials import TRIALS as FIRST

TRIALS = [*FIRST, *LATER]
