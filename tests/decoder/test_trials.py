"""Each mistake is made in torch, and its remedy tried."""

import pytest

from layerscope.decoder.decoding import decode
from layerscope.presets import PRESETS
from tests.decoder.mistakes import torch_words
from tests.decoder.test_messages import check_sentences
from tests.decoder.trials import TRIALS, Trial, run

SEED = PRESETS["fashion-mnist-cnn"]


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
