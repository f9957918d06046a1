"""Late interaction over token vectors that a test can read."""

import numpy as np
import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.lang import detect
from surefoot.core.roles import Call, Parts, TokenVectors
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.rerank.late_interaction import LateInteraction, LateInteractionSettings
from surefoot.retrieve.rerank.rerank import Rerank, RerankSettings
from surefoot.testing.contracts_models import HitScorerContract
from surefoot.testing.contracts_stage import StageContract


class Letters:
    """A token a character, and for each character a direction of its own; counts what it reads."""

    def __init__(self):
        self.read = []

    def embed_tokens(self, texts, side):
        self.read += texts
        return [self._vectors(text.lower()[:500]) for text in texts]

    def _vectors(self, text):
        rows = np.zeros((len(text), 997), np.float32)
        rows[np.arange(len(text)), [ord(char) % 997 for char in text]] = 1
        return TokenVectors(tuple((i, i + 1) for i in range(len(text))), rows)


def parts(encoder, scorer):
    return Parts(None, lambda: encoder, None, None, None, reranker=lambda settings: scorer)


def made(**settings):
    return LateInteraction(LateInteractionSettings(**settings), None)


def hits(*texts):
    return tuple(
        Hit(Chunk(f"c{i}", "d", text, 0, len(text), index=i), 1 - i / 10, "search")
        for i, text in enumerate(texts)
    )


def scores(scorer, question, *texts, encoder=None):
    found = scorer.score_hits(Query(question), hits(*texts), parts(encoder or Letters(), scorer))
    return [said["rerank"] for said in found]


class TestLateInteractionContract(HitScorerContract):
    @pytest.fixture
    def scorer(self, tmp_path):
        return LateInteraction(LateInteractionSettings(), ModelEnv(tmp_path))

    @pytest.fixture
    def parts(self, scorer):
        return parts(Letters(), scorer)


class TestStageContract(StageContract):
    @pytest.fixture(params=["en", "zh"])
    def turn(self, request):
        question = {"en": "reset password", "zh": "重置密码"}[request.param]
        return Turn(Query(question, detect(question)), hits("lunch 午餐", question))

    @pytest.fixture
    def stage(self):
        scorer = made()
        return Rerank(RerankSettings(), parts(Letters(), scorer))


def test_each_token_counts_by_its_nearest():
    assert scores(made(weigh="equal"), "ab", "xxb", "ba", "x") == [0.5, 1.0, 0.0]
    assert scores(made(weigh="equal"), "密码", "码头", "密码") == [0.5, 1.0]


def test_punctuation_counts_nothing():
    assert scores(made(), "a?！。", "?！。", "a") == [0.0, 1.0]


def test_tokens_in_which_one_passage_stands_out_can_count_more():
    texts = ("ab", "a", "a", "a")
    assert scores(made(weigh="equal"), "ab", *texts)[1] == pytest.approx(0.5)
    assert scores(made(), "ab", *texts)[:2] == [1.0, 0.0]


@pytest.mark.parametrize("question", ["reset password", "重置密码"])
def test_the_stage_puts_the_nearer_passage_first(question):
    scorer = made()
    stage = Rerank(RerankSettings(share=1), parts(Letters(), scorer))
    before = Turn(Query(question), hits("lunch 午餐", question))
    assert [hit.chunk.id for hit in stage(before, Call()).hits] == ["c1", "c0"]


def test_a_passage_that_is_remembered_is_not_read_again():
    encoder, scorer = Letters(), made(remember=1)
    first = scores(scorer, "ab", "xb", "ab", encoder=encoder)
    assert scores(scorer, "ab", "xb", "ab", encoder=encoder) == first
    assert encoder.read == ["ab", "xb", "ab", "ab", "xb"]
    scorer.close()
    scores(scorer, "ab", "ab", encoder=encoder)
    assert encoder.read[5:] == ["ab", "ab"]


def test_an_encoder_without_token_vectors_is_named(tmp_path):
    encoder = HashEncoder(HashSettings(), ModelEnv(tmp_path))
    with pytest.raises(ConfigError, match="HashEncoder"):
        scores(made(), "a", "b", encoder=encoder)
