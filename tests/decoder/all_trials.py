"""Every mistake that is made in torch, of all three files."""

from tests.decoder.later_trials import LATER
from tests.decoder.more_trials import MORE
from tests.decoder.trials import TRIALS as FIRST

TRIALS = [*FIRST, *LATER, *MORE]
