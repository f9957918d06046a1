"""Every kind of chunker keeps the contract, over a real encoder without a model."""

from __future__ import annotations

import pytest

from surefoot.config.registry import Registry
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.contracts_chunker import ChunkerContract

KINDS = {
    "structure": {"max_tokens": 64},
    "fixed": {"max_tokens": 64, "overlap": 8},
    "sentence": {"max_tokens": 64, "sentences": 3, "overlap": 1},
    "window": {"max_tokens": 64, "sentences": 4, "stride": 2},
    "semantic": {"max_tokens": 64, "min_tokens": 16},
}


def test_every_kind_is_here():
    assert set(Registry().kinds("chunker")) == set(KINDS)


class TestChunkers(ChunkerContract):
    @pytest.fixture
    def encoder(self, tmp_path):
        return HashEncoder(HashSettings(max_tokens=64), ModelEnv(tmp_path))

    @pytest.fixture(params=sorted(KINDS))
    def chunker(self, request, encoder):
        part = Registry().part_class("chunker", request.param)
        return part(part.Settings(**KINDS[request.param]), encoder)
