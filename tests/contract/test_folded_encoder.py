"""An encoder that reads both Chinese scripts as one keeps the contract of the encoder that it holds."""

import numpy as np
import pytest

from surefoot.core.roles import TokenEncoder, TokenVectors
from surefoot.models.embed_folded import folded
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.contracts_models import EncoderContract

PAIRS = [("知識產權受法律保護", "知识产权受法律保护"), ("圖書館", "图书馆")]


class ByCharacter(HashEncoder):
    """Gives one vector for each character."""

    def embed_tokens(self, texts, side):
        del side
        spans = [tuple((i, i + 1) for i in range(len(text))) for text in texts]
        return [
            TokenVectors(its, self.embed_queries(list(text)))
            for its, text in zip(spans, texts, strict=True)
        ]


class TestFoldedEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self):
        return folded(HashEncoder(HashSettings()))


@pytest.mark.parametrize("traditional, simplified", PAIRS)
def test_either_script_has_the_same_vector(traditional, simplified):
    plain = HashEncoder(HashSettings())
    both = folded(plain)
    for embed in (both.embed_passages, both.embed_queries):
        np.testing.assert_array_equal(*embed([traditional, simplified]))
    assert both.count_tokens([traditional]) == plain.count_tokens([simplified])
    assert not np.array_equal(*plain.embed_queries([traditional, simplified]))


def test_other_text_is_read_as_it_is():
    plain, texts = HashEncoder(HashSettings()), ["Intellectual property", "知识产权"]
    np.testing.assert_array_equal(folded(plain).embed_queries(texts), plain.embed_queries(texts))


def test_another_digest_names_another_index():
    plain = HashEncoder(HashSettings())
    assert folded(plain).digest != plain.digest
    assert folded(plain).max_tokens == plain.max_tokens


def test_tokens_are_embedded_where_the_encoder_can():
    assert not isinstance(folded(HashEncoder(HashSettings())), TokenEncoder)
    both = folded(ByCharacter(HashSettings()))
    assert isinstance(both, TokenEncoder)
    one, other = both.embed_tokens(["國際", "国际"], "query")
    assert one.spans == other.spans
    np.testing.assert_array_equal(one.vectors, other.vectors)
