"""Every kind of view keeps the contract, in English and Chinese."""

from __future__ import annotations

import pytest

from surefoot.config.registry import Registry
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.contracts_viewer import ViewerContract

ENCODER = HashEncoder(HashSettings())
OPTIONS = [
    {"kind": "summary"},
    {"kind": "summary", "scope": "section", "by": "meaning", "sentences": 1},
    {"kind": "questions"},
    {"kind": "sentences"},
    {"kind": "sentences", "window": 3, "title": False},
    {"kind": "context"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
class TestViewers(ViewerContract):
    @pytest.fixture
    def chunker(self):
        return StructureChunker(StructureSettings(max_tokens=64, pack_tokens=0), ENCODER)

    @pytest.fixture
    def viewer(self, options):
        part = Registry().part_class("view", options["kind"])
        return part(part.Settings(**options), ENCODER)
