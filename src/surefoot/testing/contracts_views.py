"""What an index must keep of other views of a chunk: inherit the class, give the fixture, and pytest runs it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from surefoot.core.filters import parse_filter
from surefoot.core.roles import PASSAGE, Index, Scope
from surefoot.core.types import Acl, Asker
from surefoot.testing.index_samples import sample, vector_of, with_views

OpenIndex = Callable[[], Index]

CARD = with_views(
    sample(
        "card",
        "The card comes by post.",
        "银行卡会寄到家里。",
        meta={"year": 2020},
    ),
    questions=((0, "where is my card"), (0, "when will my card arrive"), (1, "我的卡在哪里")),
    summary=((0, "delivery of cards"), (1, "寄送")),
)
SECRET = with_views(
    sample("secret", "The vault opens at nine.", acl=Acl(public=False, users=("ann",))),
    questions=((0, "where is my card kept"), (0, "when does the vault open")),
)
PLAIN = sample("plain", "My card has no other view.", meta={"year": 2023})


class ViewsContract:
    """Give a fixture `open_index` that opens one index with room for views again and again, empty at first."""

    def test_a_chunk_is_found_by_its_view(self, open_index: OpenIndex) -> None:
        """The hit is the chunk itself, once, with the score of its best text; other views are not searched."""
        index = open_index()
        index.replace([CARD, PLAIN])
        for question, number in (("arrive", 0), ("我的卡", 1)):
            found = index.keyword(question, limit=5, view="questions")
            assert [hit.chunk for hit in found] == [CARD.passages[number].chunk]
            assert index.keyword(question, limit=5, view="summary") == []
        nearest = index.vector(vector_of("where is my card"), limit=5, view="questions")
        assert nearest[0].chunk.id == CARD.passages[0].chunk.id
        assert nearest[0].signals["cosine"] == pytest.approx(1, abs=1e-5)
        assert len(nearest) == 2
        assert index.vector(vector_of("x"), limit=5, view="nobody made it") == []
        assert index.keyword("card", limit=5, view="nobody made it") == []

    def test_views_change_no_search_of_passages(self, open_index: OpenIndex) -> None:
        """The same hits with the same scores as without them, and the same counts."""
        index = open_index()
        index.replace([sample("card", *(p.chunk.text for p in CARD.passages)), PLAIN])
        before = _passages_found(index)
        index.replace([CARD])
        for _ in range(2):
            assert _passages_found(index) == pytest.approx(before)
            assert index.frequencies(["card", "arriv"]) == ([2, 0], 3)
            assert index.count() == 3
            assert {s.id: s.chunks for s in index.states()} == {"card": 2, "plain": 1}
            assert index.chunks("card") == [p.chunk for p in CARD.passages]
            index.maintain()

    def test_every_chunk_is_found_though_one_has_many_texts(self, open_index: OpenIndex) -> None:
        """A limit counts chunks, not texts."""
        index = open_index()
        many = [(0, f"card {number} 卡片") for number in range(60)]
        item = sample("many", "first", "second", "第三")
        index.replace([with_views(item, lines=[*many, (1, "card 卡片"), (2, "卡片 card")])])
        assert len(index.keyword("card 卡片", limit=3, view="lines")) == 3
        assert len(index.vector(vector_of("card 1 卡片"), limit=3, view="lines")) == 3
        assert len(index.vector(vector_of("card 1 卡片"), limit=2, view="lines")) == 2

    def test_rights_and_filters_hold_for_views(self, open_index: OpenIndex) -> None:
        """They are applied before the search, so a limit of 1 finds what may be read."""
        index = open_index()
        index.replace([CARD, SECRET])
        text = "where is my card kept"
        anyone = Scope(asker=Asker(trusted=False))
        for scope, expected in ((Scope(asker=Asker("ann")), "secret"), (anyone, "card")):
            nearest = index.vector(vector_of(text), limit=1, scope=scope, view="questions")
            assert [hit.chunk.document_id for hit in nearest] == [expected]
            found = index.keyword("card kept", limit=9, scope=scope, view="questions")
            assert ("secret" in {hit.chunk.document_id for hit in found}) is (expected == "secret")
        old = Scope(parse_filter({"type": "eq", "key": "year", "value": 2020}))
        found = index.vector(vector_of(text), limit=9, scope=old, view="questions")
        assert {hit.chunk.document_id for hit in found} == {"card"}

    def test_given_chunks_are_scored(self, open_index: OpenIndex) -> None:
        """Each by its nearest text; a chunk without one is left out, an unknown one too."""
        index = open_index()
        index.replace([CARD, PLAIN])
        chunks = [p.chunk.id for p in (*CARD.passages, *PLAIN.passages)]
        vector = vector_of("when will my card arrive")
        best: dict[str, float] = {}
        for text in CARD.views:
            if text.view == "questions":
                cosine = float(np.dot(np.asarray(text.vector), vector))
                best[text.chunk.id] = max(cosine, best.get(text.chunk.id, cosine))
        both = index.cosines(vector, [*chunks, "unknown"], [PASSAGE, "questions"])
        scored = both["questions"]
        assert scored == {name: pytest.approx(score, abs=1e-5) for name, score in best.items()}
        own = index.cosines(vector, chunks)[PASSAGE]
        assert own == pytest.approx(both[PASSAGE])
        assert set(own) == set(chunks)
        hits = index.vector(vector, limit=9)
        assert {hit.chunk.id: pytest.approx(hit.score, abs=1e-5) for hit in hits} == own
        assert index.cosines(vector, [], ["questions"]) == {"questions": {}}

    def test_the_views_of_a_document_are_listed(self, open_index: OpenIndex) -> None:
        """With chunk, text and vector, so that equal texts need not be embedded again."""
        index = open_index()
        index.replace([CARD, PLAIN])
        listed = index.views("card")
        assert [(v.chunk, v.view, v.indexed_text) for v in listed] == [
            (v.chunk, v.view, v.indexed_text) for v in CARD.views
        ]
        np.testing.assert_allclose(
            np.asarray([v.vector for v in listed], np.float32),
            np.asarray([v.vector for v in CARD.views], np.float32),
            atol=1e-6,
        )
        assert index.views("plain") == index.views("unknown") == []

    def test_views_go_with_their_document(self, open_index: OpenIndex) -> None:
        """Replaced and removed in the same commit; nothing of the former ones is found."""
        index, reader = open_index(), open_index()
        index.replace([CARD, SECRET])
        index.replace([with_views(sample("card", "新的 new"), questions=((0, "what is new 新"),))])
        assert reader.keyword("arrive 我的卡", limit=9, view="questions") == []
        assert len(reader.vector(vector_of("x"), limit=9, view="questions")) == 2
        assert reader.vector(vector_of("x"), limit=9, view="summary") == []
        index.replace([sample("card", "none")])
        assert len(reader.vector(vector_of("x"), limit=9, view="questions")) == 1
        index.remove(["secret"])
        assert reader.vector(vector_of("x"), limit=9, view="questions") == []


def _passages_found(index: Index) -> dict[tuple[str, str], float]:
    found = index.keyword("card 银行卡", limit=9) + index.vector(vector_of("card"), limit=9)
    return {(hit.by, hit.chunk.id): hit.score for hit in found}
