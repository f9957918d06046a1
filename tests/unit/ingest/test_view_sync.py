"""Sync keeps the other views of every document in step with it, and embeds equal texts once."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.core.roles import Extracted
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.sources import FolderSettings, FolderSource
from surefoot.ingest.sync import Tools, make_plan, run
from surefoot.ingest.views.questions import QuestionsSettings, QuestionsViewer
from surefoot.ingest.views.sentences import SentencesSettings, SentencesViewer
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.memory_index import FakeIndex

TEXT = {
    "en": "Where is my card? It comes by post. The post takes five days.",
    "zh": "我的卡在哪里？它会寄到家里。邮寄需要五天。",
}
MORE = {"en": " Who pays for it?", "zh": "谁来付钱？"}


class Counting(HashEncoder):
    def __init__(self):
        super().__init__(HashSettings(dimensions=64))
        self.seen = []

    def embed_passages(self, texts):
        self.seen += [("passage", text) for text in texts]
        return super().embed_passages(texts)

    def embed_queries(self, texts):
        self.seen += [("query", text) for text in texts]
        return HashEncoder.embed_passages(self, texts)


class House:
    def __init__(self, root):
        self.root, self.index, self.encoder = root, FakeIndex(), Counting()
        self.docs = root / "docs"
        self.docs.mkdir()
        self.viewers = [
            SentencesViewer(SentencesSettings(), self.encoder),
            QuestionsViewer(QuestionsSettings(), self.encoder),
        ]
        self.shown = []

    def sync(self):
        self.encoder.seen = []
        chunker = StructureChunker(StructureSettings(max_tokens=64), self.encoder)
        sources = [FolderSource(FolderSettings(path="docs"), self.root)]
        read = lambda paths: ((p, Extracted(p.read_text(encoding="utf-8"))) for p in paths)  # noqa: E731
        tools = Tools(self.index, chunker, self.encoder, read, viewers=self.viewers)
        show = lambda done, total, what: self.shown.append(what)  # noqa: E731
        return run(make_plan(sources, self.index.states()), tools, progress=show)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_views_are_kept_in_step(house, lang):
    file = house.docs / "a.md"
    file.write_text(TEXT[lang], encoding="utf-8")
    first = house.sync()
    held = house.index.views("docs/a.md")
    assert {view.view for view in held} == {"sentences", "questions"}
    assert first.chunks == house.index.count() == 1
    assert (first.views, first.embedded) == (len(held), len(house.encoder.seen))
    assert f"and {len(held)} other views" in first.summary()
    assert f"and {len(held)} other views" in house.shown[-1]
    for view in held:
        embed = house.encoder.embed_queries if view.view == "questions" else None
        vector = (embed or house.encoder.embed_passages)([view.indexed_text])[0]
        np.testing.assert_allclose(view.vector, vector, atol=1e-6)
    file.write_text(TEXT[lang] + MORE[lang], encoding="utf-8")
    house.sync()
    kept = {view.indexed_text for view in held}
    assert not kept.intersection(text for _, text in house.encoder.seen)
    assert any(MORE[lang].strip() in text for _, text in house.encoder.seen)
    file.unlink()
    assert house.sync().removed == 1
    assert house.index.views("docs/a.md") == []


def test_equal_texts_are_embedded_once_and_own_texts_not_again(house):
    (house.docs / "a.md").write_text("Same here. Same here. Same here.", encoding="utf-8")
    house.sync()
    texts = [text for _, text in house.encoder.seen]
    assert len(texts) == len(set(texts))
    assert len(house.index.views("docs/a.md")) == 3


def test_a_corpus_without_views_embeds_its_chunks_alone(house):
    house.viewers = []
    (house.docs / "a.md").write_text(TEXT["en"], encoding="utf-8")
    report = house.sync()
    assert (report.views, report.embedded) == (0, report.chunks)
    assert "views" not in report.summary() + house.shown[-1]
