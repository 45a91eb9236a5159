"""Every mistake that is made in torch, of all files."""

from tests.decoder.forum_trials import FORUM
from tests.decoder.later_trials import LATER
from tests.decoder.more_trials import MORE
from tests.decoder.posted_trials import POSTED
from tests.decoder.signature_trials import SIGNATURES
from tests.decoder.text_trials import TEXT_TRIALS
from tests.decoder.transform_trials import TRANSFORM_TRIALS
from tests.decoder.trials import TRIALS as FIRST
from tests.decoder.writing_trials import WRITING_TRIALS

TRIALS = [*FIRST, *FORUM, *LATER, *MORE, *POSTED, *SIGNATURES, *TEXT_TRIALS, *TRANSFORM_TRIALS, *WRITING_TRIALS]
