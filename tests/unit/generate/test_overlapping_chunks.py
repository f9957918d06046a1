"""Chunks that share text, as sliding windows do, never have a sentence quoted twice."""

from __future__ import annotations

from itertools import pairwise

import pytest

from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Document, Query, Turn
from surefoot.generate.quote import Quote, QuoteSettings
from surefoot.ingest.chunkers.fixed import FixedChunker, FixedSettings
from surefoot.ingest.chunkers.window import WindowChunker, WindowSettings
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.memory_index import FakeIndex

TEXTS = {
    "en": "The garage opens at six. Bicycles stand in the yard. Visitors park on the roof. "
    "Trucks park behind the hall. Nobody may park at the gate. The gate closes at nine.",
    "zh": "车库早上六点开门。自行车放在院子里。访客把车停在楼顶。货车停在大厅后面。门口不许停车。大门九点关闭。",
}
QUESTIONS = {"en": "Where do visitors park?", "zh": "访客把车停在哪里？"}
CHUNKERS = {
    "window": lambda encoder: WindowChunker(WindowSettings(sentences=4, stride=1), encoder),
    "fixed": lambda encoder: FixedChunker(FixedSettings(size_chars=44, overlap=20), encoder),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", sorted(CHUNKERS))
def test_no_sentence_is_quoted_twice(tmp_path, kind, lang):
    encoder, text = HashEncoder(HashSettings(), ModelEnv(tmp_path)), TEXTS[lang]
    document = Document("d", "d", "d", text)
    chunks = CHUNKERS[kind](encoder).chunk(document)
    assert any(before.end > after.start for before, after in pairwise(chunks))
    vectors = encoder.embed_passages([chunk.text for chunk in chunks])
    index = FakeIndex()
    passages = tuple(Passage(c, c.text, v) for c, v in zip(chunks, vectors, strict=True))
    index.replace([IndexedDocument(document, DocumentState("d", "d", "d", "ok"), passages)])
    hits = tuple(index.vector(encoder.embed_queries([QUESTIONS[lang]])[0], limit=10))
    settings = QuoteSettings.model_validate(
        {"sentences": 10, "least": 0, "refuse": {"threshold": 0.0}}
    )
    stage = Quote(settings, Parts(lambda: index, lambda: encoder, None, None, None))
    answer = stage(Turn(Query(QUESTIONS[lang], lang), hits), Call()).answer
    spans = sorted((c.source_start, c.source_end) for c in answer.citations)
    assert len(spans) > 2
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(text[c.source_start : c.source_end] == c.quote for c in answer.citations)
