"""Hits that fulfil what the question names come first, and none is lost, in English and Chinese."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Chunk, Document, Hit, Query, Turn
from surefoot.retrieve.filters.prefer_inferred import PreferInferred, PreferInferredSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.memory_index import FakeIndex

QUESTIONS = {
    "en": "How does Apple's latest quarter compare to previous quarters?",
    "zh": "苹果最新季报同比如何？",
}
COMPANY = {"en": ("Apple", "Intel"), "zh": ("苹果", "英特尔")}


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def chunks(lang):
    made = []
    for company in reversed(COMPANY[lang]):
        for year, quarter in ((2022, "Q3"), (2023, "Q1"), (2023, "Q2")):
            name = f"{company} {year} {quarter}"
            meta = {"company": company, "year": year, "quarter": quarter}
            made.append(Chunk(name, name, f"{name} 10-Q", 0, 5, lang=lang, meta=meta))
    return made


@pytest.fixture
def index(chunks):
    made = FakeIndex()
    for chunk in chunks:
        document = Document(
            chunk.id, chunk.id, chunk.id, chunk.text, lang=chunk.lang, meta=chunk.meta
        )
        state = DocumentState(chunk.id, chunk.id, chunk.id, "ok")
        passage = Passage(chunk, chunk.text, np.ones(2, np.float32))
        made.replace([IndexedDocument(document, state, (passage,))])
    return made


def built(index, **settings):
    parts = Parts(lambda: index, None, None, None, None)
    return PreferInferred(PreferInferredSettings(**settings), parts)


def turn_of(question, chunks):
    hits = tuple(
        Hit(chunk, 1.0 - i / 10, "search", {"bm25": 2.0}) for i, chunk in enumerate(chunks)
    )
    return Turn(Query(question), hits)


class TestPreferInferred(StageContract):
    @pytest.fixture
    def stage(self, index):
        return built(index)

    @pytest.fixture
    def turn(self, lang, chunks):
        return turn_of(QUESTIONS[lang], chunks)


def test_the_latest_of_the_named_company_comes_first(index, lang, chunks):
    turn = turn_of(QUESTIONS[lang], chunks)
    after = built(index)(turn, Call())
    company, _ = COMPANY[lang]
    names = [hit.chunk.id for hit in after.hits]
    assert names[0] == f"{company} 2023 Q2"
    assert names[1] == f"{company} 2023 Q1"
    assert sorted(names) == sorted(hit.chunk.id for hit in turn.hits)
    assert [hit.signals["inferred"] for hit in after.hits][:2] == [1.0, 0.75]
    assert after.hits[0].signals["bm25"] == 2.0
    assert "first those with company" in after.notes[-1].message
    assert after.query == turn.query


def test_without_weight_nothing_moves(index, lang, chunks):
    turn = turn_of(QUESTIONS[lang], chunks)
    hits = built(index, weight=0)(turn, Call()).hits
    assert [hit.chunk.id for hit in hits] == [hit.chunk.id for hit in turn.hits]


@pytest.mark.parametrize("question", ["How do I reset it?", "怎么重置？"])
def test_a_question_that_names_nothing_leaves_the_turn(index, chunks, question):
    turn = turn_of(question, chunks)
    assert built(index)(turn, Call()) == turn
