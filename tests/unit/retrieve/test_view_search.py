"""Search weighs other views of a passage with it, and scores what one list lacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surefoot.core.errors import TransientError
from surefoot.core.roles import Call, Parts, Passage, Scope
from surefoot.core.types import Query, Turn
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.found import Aim, Found
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.retrieve.views import ViewSearch, with_views
from surefoot.testing.index_samples import sample
from surefoot.testing.memory_index import FakeIndex

ENCODER = HashEncoder(HashSettings(dimensions=4096))
DOCUMENTS = {
    "en": {
        "arrival": ("delivery takes five days by post", "where is my new card"),
        "pay": ("my card can pay in shops and my card is new", "how to pay"),
    },
    "zh": {
        "arrival": ("邮寄需要五天时间", "我的新卡在哪里"),
        "pay": ("我的新卡可以付款，新卡很好", "怎么付款"),
    },
}
QUESTION = {"en": "where is my new card", "zh": "我的新卡在哪里"}


def index_of(lang):
    index = FakeIndex()
    for name, (text, question) in DOCUMENTS[lang].items():
        item = sample(name, text)
        chunk = item.passages[0].chunk
        passage = Passage(chunk, text, ENCODER.embed_passages([text])[0])
        view = Passage(chunk, question, ENCODER.embed_queries([question])[0], "questions")
        index.replace([replace(item, passages=(passage,), views=(view,))])
    plain = sample("plain", "new shoes 新鞋")
    own = Passage(
        plain.passages[0].chunk, "new shoes 新鞋", ENCODER.embed_passages(["new 新鞋"])[0]
    )
    index.replace([replace(plain, passages=(own,))])
    return index


def searched(index, lang, **settings):
    parts = Parts(lambda: index, lambda: ENCODER, None, None, None)
    stage = Search(SearchSettings(**settings), parts)
    return stage(Turn(Query(QUESTION[lang], lang)), Call())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_view_brings_its_passage_up(lang):
    index = index_of(lang)
    assert searched(index, lang, keyword=0).hits[0].chunk.document_id == "pay"
    turn = searched(index, lang, keyword=0, views={"questions": 0.5})
    best = turn.hits[0]
    assert best.chunk.document_id == "arrival"
    signals = best.signals
    assert signals["cosine_questions"] == pytest.approx(1, abs=1e-5)
    assert signals["mixed"] == pytest.approx(
        (signals["cosine"] + signals["cosine_questions"]) / 2, abs=1e-6
    )
    assert signals["vector_rank"] == 1
    assert turn.notes == ()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_passage_without_the_view_stands_in_for_it(lang):
    turn = searched(index_of(lang), lang, keyword=0, views={"questions": 0.5})
    plain = next(hit for hit in turn.hits if hit.chunk.document_id == "plain")
    assert plain.signals["mixed"] == plain.signals["cosine"]
    assert "cosine_questions" not in plain.signals


def test_every_hit_has_its_real_score_though_lists_are_short():
    index = index_of("en")
    turn = searched(index, "en", keyword=0, vector=1, keep=1, views={"questions": 0.5})
    long = searched(index, "en", keyword=0, vector=9, views={"questions": 0.5})
    assert turn.hits[0].signals == long.hits[0].signals


def test_chunks_of_other_lists_are_scored_where_it_is_asked_for():
    index = index_of("en")
    vector = ENCODER.embed_queries([QUESTION["en"]])[0]
    aim = Aim(QUESTION["en"], vector=vector)
    keyword = Found("keyword", aim, tuple(index.keyword("new", limit=9)))
    near = Found("vector", aim, tuple(index.vector(vector, limit=1)))
    search = ViewSearch(index, {"questions": 1.0}, 1, Scope())
    assert with_views([keyword, near], search, exact=False)[1].others == ()
    first, second = with_views([keyword, near], search, exact=True)
    assert first == keyword
    assert [hit.chunk.document_id for hit in second.hits] == ["arrival"]
    others = dict(second.others)
    plain = next(hit for hit in keyword.hits if hit.chunk.document_id == "plain").chunk.id
    assert others[plain] == pytest.approx(index.cosines(vector, [plain])["passage"][plain])


def test_a_view_that_nothing_has_changes_nothing():
    index = index_of("en")
    index.cosines = None  # nothing is looked up either
    with_it = searched(index, "en", views={"summary": 0.3}, view_gain={"summary": 0.5})
    assert with_it == searched(index, "en")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_more_hits_have_a_view_the_more_vectors_count(lang):
    def weights(**settings):
        hits = searched(index_of(lang), lang, **settings).hits
        return {hit.chunk.document_id: hit.score for hit in hits}

    before = weights(views={"questions": 0.5}, weight=0.4)
    part = weights(views={"questions": 0.5}, weight=0.4, view_gain={"questions": 0.75})
    moved = 0.4 + 0.6 * 0.75 * 2 / 3  # of three hits, two have the view
    assert part == pytest.approx(weights(views={"questions": 0.5}, weight=moved))
    assert part != pytest.approx(before)
    with pytest.raises(ValueError, match="view_gain"):
        SearchSettings(view_gain={"questions": 0.75})


def test_a_view_that_cannot_be_searched_leaves_the_vectors_out():
    class Broken(FakeIndex):
        def vector(self, vector, *, limit, scope=None, view="passage"):
            if view != "passage":
                raise TransientError("away")
            return super().vector(vector, limit=limit)

    index = Broken()
    index.held = index_of("en").held
    turn = searched(index, "en", views={"questions": 0.3})
    assert "vector_rank" not in turn.hits[0].signals
    assert "the vector search was left out: away" in turn.notes[0].message


def test_shares_over_one_are_refused():
    with pytest.raises(ValueError, match="more than 1"):
        SearchSettings(views={"a": 0.6, "b": 0.6})
    assert np.isclose(sum(SearchSettings(views={"a": 0.6}).views.values()), 0.6)
