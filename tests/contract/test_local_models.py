"""The encoders of the catalog, with their real weights."""

import os

import pytest

from surefoot.config.catalog import load_catalog
from surefoot.config.settings import load_settings
from surefoot.core.errors import MissingError, TransientError
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings
from surefoot.testing.contracts_models import EncoderContract

pytestmark = pytest.mark.slow
ALIASES = [c.alias for c in load_catalog().cards.values() if c.role == "embedding" and c.files]


@pytest.fixture(scope="module", params=ALIASES)
def encoder(request):
    settings = load_settings(env=os.environ).settings
    env = ModelEnv(settings.models, settings.offline, threads=1)
    try:
        encoder = LocalEncoder(LocalSettings(model=request.param), env)
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the weights are not to be had: {problem}")
    yield encoder
    encoder.close()


class TestLocalEncoder(EncoderContract):
    def test_the_catalog_tells_its_size(self, encoder, request):
        card = load_catalog().get(request.node.callspec.params["encoder"])
        assert (encoder.dimensions, encoder.max_tokens) == (card.dimensions, card.context_tokens)


def test_questions_find_answers_across_languages():
    settings = load_settings(env=os.environ).settings
    try:
        encoder = LocalEncoder(LocalSettings(), ModelEnv(settings.models, settings.offline))
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the weights are not to be had: {problem}")
    passages = encoder.embed_passages(
        [
            "Refunds are paid within five working days.",
            "退款将在五个工作日内到账。",
            "The office is closed on public holidays.",
            "公共假期办公室不开放。",
        ]
    )
    questions = ["How long does a refund take?", "退款要多久？", "假期办公室开门吗？"]
    english, chinese, holiday = encoder.embed_queries(questions) @ passages.T
    encoder.close()
    assert english.argmax() == 0
    assert chinese.argmax() == 1
    assert holiday.argmax() == 3
    assert english[1] > english[3]
    assert chinese[0] > chinese[2]
    assert holiday[2] > holiday[0]
