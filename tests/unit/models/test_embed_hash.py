"""Hashed words are near where words are shared."""

import numpy as np
import pytest

from surefoot.config.registry import Registry
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.contracts_models import EncoderContract


@pytest.fixture
def encoder():
    return HashEncoder(HashSettings(max_tokens=512))


class TestHashEncoder(EncoderContract):
    pass


@pytest.mark.parametrize(
    ("near", "far"), [("resetting passwords", "bananas ripen"), ("密码的重置方法", "香蕉成熟")]
)
def test_inflected_words_and_bigrams_meet(encoder, near, far):
    base = encoder.embed_passages(["reset a password, 重置密码"])[0]
    nearby, away = encoder.embed_queries([near, far])
    assert nearby @ base > 0.2 > abs(away @ base)


def test_vectors_do_not_depend_on_the_process(encoder):
    vector = HashEncoder(HashSettings(dimensions=8)).embed_passages(["password"])[0]
    np.testing.assert_array_equal(np.flatnonzero(vector), [1])


def test_dimensions_name_the_digest_and_the_limit_does_not(encoder):
    assert HashEncoder(HashSettings(max_tokens=99)).digest == encoder.digest
    assert HashEncoder(HashSettings(dimensions=64)).digest != encoder.digest


def test_it_is_registered():
    assert Registry().part_class("embedder", "hash") is HashEncoder
