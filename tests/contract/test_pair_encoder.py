"""Two encoders as one, with their real weights."""

import os

import numpy as np
import pytest

from surefoot.config.catalog import load_catalog
from surefoot.config.settings import load_settings
from surefoot.core.errors import MissingError, TransientError
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings
from surefoot.models.embed_pair import PairEncoder, PairSettings
from surefoot.testing.contracts_models import EncoderContract

pytestmark = pytest.mark.slow
BESIDE = next(
    card.alias
    for card in load_catalog().cards.values()
    if card.role == "embedding" and card.languages == ("en",)
)
TEXTS = ["Refunds are paid within five working days.", "退款将在五个工作日内到账。"]


@pytest.fixture(scope="module")
def env():
    settings = load_settings(env=os.environ).settings
    return ModelEnv(settings.models, settings.offline, threads=1)


@pytest.fixture(scope="module")
def encoder(env):
    try:
        encoder = PairEncoder(PairSettings(beside=BESIDE, share=0.2), env)
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the weights are not to be had: {problem}")
    yield encoder
    encoder.close()


class TestPairEncoder(EncoderContract):
    def test_the_cosine_is_the_weighted_mean_in_its_language(self, encoder, env):
        alone = [
            LocalEncoder(LocalSettings(model=name), env)
            for name in (PairSettings(beside=BESIDE).model, BESIDE)
        ]
        question = "How long does a refund take?"
        first, second = (
            float((one.embed_queries([question]) @ one.embed_passages(TEXTS[:1]).T)[0, 0])
            for one in alone
        )
        both = encoder.embed_queries([question]) @ encoder.embed_passages(TEXTS[:1]).T
        assert both[0, 0] == pytest.approx(0.8 * first + 0.2 * second, abs=2e-3)

    def test_another_language_is_left_to_the_first(self, encoder):
        english, chinese = encoder.embed_passages(TEXTS)
        assert np.any(english[-384:])
        assert not np.any(chinese[-384:])
