"""Every kind of view that a chat model writes keeps the contract, in English and Chinese."""

from __future__ import annotations

import pytest

from surefoot.config.prompts import Prompts
from surefoot.config.registry import Registry
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.contracts_writing import WritingViewerContract

ENCODER = HashEncoder(HashSettings())
PROSE = {
    "en": "Summary: A card is a piece of plastic that comes by post within five days.",
    "zh": "摘要：银行卡是一种塑料卡片，会寄到家里，需要五天时间。",
}
QUESTIONS = {
    "en": "1. How does the card come?\n2. What is a card made of?",
    "zh": "1. 银行卡寄到家里需要几天时间？\n2. 银行卡是什么卡片？",
}
OPTIONS = [
    ({"kind": "model-summary"}, PROSE),
    ({"kind": "model-summary", "scope": "section", "sentences": 1, "title": False}, PROSE),
    ({"kind": "model-questions", "count": 2}, QUESTIONS),
    ({"kind": "model-context"}, PROSE),
    ({"kind": "model-context", "reads": 200, "headings": False}, PROSE),
]


@pytest.fixture(params=OPTIONS, ids=lambda case: str(case[0]))
def case(request):
    return request.param


class TestWritingViewers(WritingViewerContract):
    @pytest.fixture
    def chunker(self):
        return StructureChunker(StructureSettings(max_tokens=64, pack_tokens=0), ENCODER)

    @pytest.fixture
    def viewer(self, case):
        part = Registry().part_class("view", case[0]["kind"])
        return part(part.Settings(**case[0]), ENCODER, Prompts().get)

    @pytest.fixture
    def replies(self, case):
        return case[1]
