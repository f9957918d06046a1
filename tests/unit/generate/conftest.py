"""A tiny bilingual handbook, its index and the hits that a search would give."""

from dataclasses import dataclass

import pytest

from surefoot.core.roles import DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Chunk, Document, Hit, Query, Turn
from surefoot.generate.quote import Quote, QuoteSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.memory_index import FakeIndex

TEXTS = {
    "leave": (
        "Annual leave",
        "Everyone has 25 days of annual leave. Ask your team lead two weeks before. "
        "Leave that is not taken lapses on 31 March of the next year.",
    ),
    "travel": (
        "Travel",
        "Trains are booked in second class. Hotels may cost up to 140 euros a night. "
        "Anna Berger approves flights.",
    ),
    "parking": (
        "Parking",
        "The garage opens at six. Bicycles stand in the yard. Visitors park on the roof.",
    ),
    "coffee": (
        "Kitchen",
        "The coffee machine is cleaned every evening. Milk is in the fridge.",
    ),
    "safety": (
        "Safety",
        "Fire drills take place twice a year. The meeting point is the yard behind the hall.",
    ),
    "请假": (
        "年假",
        "每位员工每年有二十五天年假。请提前两周告诉组长。没有休完的年假在第二年3月31日作废。",
    ),
    "差旅": ("差旅", "火车票买二等座。酒店每晚不超过九百元。机票由王小丽批准。"),
    "停车": ("停车", "车库早上六点开门。自行车放在院子里。访客把车停在楼顶。"),
    "厨房": ("厨房", "咖啡机每天晚上清洗。牛奶在冰箱里。"),
    "安全": ("安全", "消防演习每年举行两次。集合地点在大厅后面的院子。"),
}


@dataclass
class House:
    index: FakeIndex
    encoder: HashEncoder

    def quote(self, **settings):
        return Quote(QuoteSettings.model_validate(settings), self.parts())

    def parts(self):
        def missing(*_):
            raise AssertionError("not needed")

        return Parts(lambda: self.index, lambda: self.encoder, missing, missing, missing)

    def turn(self, question, *, limit=5):
        """The question with the hits of a keyword and a vector search, fused."""
        vector = self.encoder.embed_queries([question])[0]
        cosines = {h.chunk.id: h for h in self.index.vector(vector, limit=50)}
        words = {h.chunk.id: h.score for h in self.index.keyword(question, limit=50)}
        top = max(words.values(), default=1.0)
        hits = [
            Hit(h.chunk, (h.score + words.get(name, 0.0) / top) / 2, "hybrid", h.signals)
            for name, h in cosines.items()
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.chunk.id))
        return Turn(Query(question), tuple(hits[:limit]))


@pytest.fixture(scope="session")
def house():
    encoder = HashEncoder(HashSettings(dimensions=4096))
    index = FakeIndex()
    batch = []
    for name, (title, body) in TEXTS.items():
        text = f"# {title}\n\n{body}"
        chunk = Chunk(f"{name}#0", name, body, len(text) - len(body), len(text), title=title)
        indexed = f"{title}\n{body}"
        passage = Passage(chunk, indexed, encoder.embed_passages([indexed])[0])
        document = Document(name, f"{name}.md", "0" * 64, text, title=title)
        state = DocumentState(name, document.uri, document.digest, "ok", chunks=1)
        batch.append(IndexedDocument(document, state, (passage,)))
    index.replace(batch)
    return House(index, encoder)
