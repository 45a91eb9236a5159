"""Each mistake is made in torch, and the remedies of all its causes are tried."""

import re

import pytest

from layerscope.decoder.decoding import decode
from layerscope.presets import PRESETS
from tests.decoder.all_trials import TRIALS
from tests.decoder.mistakes import torch_words
from tests.decoder.remedies import NOT_TRIED, REMEDIES
from tests.decoder.test_messages import check_sentences
from tests.decoder.trials import Trial, run

SEED = PRESETS["fashion-mnist-cnn"]
CODE = re.compile(r"[\w\]]\(|\w\[|\w=|~\w|@ ")
"""What makes a remedy code that can be tried."""
FIRST = {(trial.kind, trial.title) for trial in TRIALS if trial.right}


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.kind}: {trial.title}")
def test_a_mistake_is_known_and_its_remedy_runs(trial: Trial) -> None:
    words = torch_words(lambda: run(trial.wrong))
    decoded = decode(words)
    assert decoded is not None, words
    assert (decoded.kind, decoded.causes[0].title) == (trial.kind, trial.title), words
    assert trial.piece in decoded.causes[0].remedy
    assert trial.piece in trial.right or not trial.right
    run(trial.right)
    check_sentences(words, None)
    check_sentences(words, SEED)
    about_another = decode(words, SEED)
    assert about_another is not None
    assert not about_another.fitting
    for cause in decoded.causes:
        key = (decoded.kind, cause.title)
        if CODE.search(cause.remedy):
            assert key in FIRST or key in REMEDIES or key in NOT_TRIED, f"{key} is tried nowhere: {cause.remedy}"
        if key in REMEDIES:
            assert REMEDIES[key][0] in cause.remedy, f"{key}: {cause.remedy}"


@pytest.mark.parametrize("key", REMEDIES, ids=": ".join)
def test_the_remedy_of_a_later_cause_runs(key: tuple[str, str]) -> None:
    piece, right = REMEDIES[key]
    assert piece in right
    run(right)


def test_no_remedy_is_left_out_that_is_tried() -> None:
    assert NOT_TRIED.isdisjoint({*FIRST, *REMEDIES})
