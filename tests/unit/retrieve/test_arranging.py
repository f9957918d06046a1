"""What happens to hits after the search: each stage changes what a question gets, in two languages, and says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.core.errors import MissingError
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Acl, Asker, Chunk, Document, Hit, Query, Turn
from surefoot.ingest.chunkers.sentence import SentenceChunker, SentenceSettings
from surefoot.ingest.chunkers.window import WindowChunker, WindowSettings
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.arrange.arrange import Arrange, ArrangeSettings
from surefoot.retrieve.arrange.budget import Budget, BudgetSettings
from surefoot.retrieve.arrange.distinct import Distinct, DistinctSettings
from surefoot.retrieve.arrange.diversify import Diversify, DiversifySettings
from surefoot.retrieve.arrange.neighbours import Neighbours, NeighboursSettings
from surefoot.retrieve.arrange.parents import Parents, ParentsSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.fakes import FakeChat
from surefoot.testing.memory_index import FakeIndex

MANUAL = {
    "en": "# Manual\n\n## Pump\n\nThe pump is red. It starts at six. It stops at nine. Oil it in May. "
    "Ask Ann for oil. Wipe it dry.\n\n## Valve\n\nThe valve is blue. Turn it left. Turn it once a week. "
    "Never turn it twice.",
    "zh": "# 手册\n\n## 水泵\n\n水泵是红色的。它六点启动。它九点停止。五月要加油。请向小王领油。请擦干。\n\n"
    "## 阀门\n\n阀门是蓝色的。向左转动。每周转动一次。不要转两次。",
}
OTHER = {
    "en": "The pump is red. It starts at six. Tea is served at four.",
    "zh": "水泵是红色的。它六点启动。四点供应茶水。",
}


class StrictIndex(FakeIndex):
    """Says as the real one what it does not have."""

    def vectors(self, chunk_ids):
        try:
            return super().vectors(chunk_ids)
        except KeyError as problem:
            raise MissingError(f"there is no chunk {problem}") from problem


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def encoder(tmp_path):
    return HashEncoder(HashSettings(), ModelEnv(tmp_path))


def index_of(encoder, chunker, texts, acl=Acl()):
    index = StrictIndex()
    for name, text in texts.items():
        document = Document(name, name, name, text, acl=acl)
        chunks = chunker.chunk(document)
        shown = [chunker.indexed_text(chunk) for chunk in chunks]
        vectors = encoder.embed_passages(shown)
        passages = [Passage(*made) for made in zip(chunks, shown, vectors, strict=True)]
        state = DocumentState(name, name, name, "ok", acl=acl)
        index.replace([IndexedDocument(document, state, tuple(passages))])
    return index


@pytest.fixture
def index(encoder, lang):
    cut = SentenceChunker(SentenceSettings(sentences=2), encoder)
    return index_of(encoder, cut, {"manual": MANUAL[lang], "other": OTHER[lang]})


@pytest.fixture
def windows(encoder, lang):
    cut = WindowChunker(WindowSettings(sentences=4, stride=2), encoder)
    return index_of(encoder, cut, {"manual": MANUAL[lang]})


def parts(index, encoder, chat=None):
    return Parts(lambda: index, lambda: encoder, lambda name: chat, None, None)


def hits_of(index, document, *places):
    chunks = index.chunks(document)
    return tuple(
        Hit(chunks[place], 1.0 - rank / 10, "search", {"bm25": 9.0 - rank})
        for rank, place in enumerate(places)
    )


def asked(*hits):
    return Turn(Query("pump? 水泵?"), tuple(hits))


def texts(turn):
    return [hit.chunk.text for hit in turn.hits]


def said(turn):
    return " ".join(note.message for note in turn.notes)


# ── arrange ─────────────────────────────────────────────────────────────────────────────────────


def test_the_best_stand_at_both_ends(index, encoder):
    before = hits_of(index, "manual", 0, 1, 2, 3, 4)
    stage = Arrange(ArrangeSettings(), parts(index, encoder))
    assert [before.index(hit) for hit in stage(asked(*before), Call()).hits] == [0, 2, 4, 3, 1]
    few = Arrange(ArrangeSettings(best=3), parts(index, encoder))
    assert [before.index(hit) for hit in few(asked(*before), Call()).hits] == [0, 2, 1, 3, 4]


def test_hits_are_read_as_their_documents_are(index, encoder):
    before = (
        *hits_of(index, "manual", 3),
        *hits_of(index, "other", 0),
        *hits_of(index, "manual", 1, 4),
    )
    after = Arrange(ArrangeSettings(order="document"), parts(index, encoder))(
        asked(*before), Call()
    )
    assert [(h.chunk.document_id, h.chunk.index) for h in after.hits] == [
        ("manual", 1), ("manual", 3), ("manual", 4), ("other", 0),
    ]  # fmt: skip


def test_by_score_the_first_ranking_comes_back(index, encoder):
    before = hits_of(index, "manual", 4, 1, 2)
    mixed = Arrange(ArrangeSettings(order="document"), parts(index, encoder))(
        asked(*before), Call()
    )
    assert mixed.hits != before
    assert (
        Arrange(ArrangeSettings(order="score"), parts(index, encoder))(mixed, Call()).hits == before
    )


# ── diversify ───────────────────────────────────────────────────────────────────────────────────


def test_a_hit_like_a_better_one_falls_behind_one_that_says_something_new(index, encoder):
    copy, new = hits_of(index, "other", 0)[0], hits_of(index, "manual", 3)[0]
    best = hits_of(index, "manual", 0)[0]
    before = [
        replace(hit, score=s)
        for hit, s in (
            (best, 1.0),
            (copy, 0.9),
            (new, 0.8),
        )
    ]
    last = replace(hits_of(index, "manual", 4)[0], score=0.1)
    after = Diversify(DiversifySettings(relevance=0.5), parts(index, encoder))(
        asked(*before, last), Call()
    )
    assert [h.chunk.id for h in after.hits][:2] == [best.chunk.id, new.chunk.id]
    by_id = {hit.chunk.id: hit for hit in after.hits}
    assert by_id[copy.chunk.id].signals["likeness"] > by_id[new.chunk.id].signals["likeness"]
    assert by_id[copy.chunk.id].signals["bm25"] == 9.0
    assert [h.score for h in after.hits] == sorted((h.score for h in after.hits), reverse=True)
    same = Diversify(DiversifySettings(relevance=1), parts(index, encoder))(
        asked(*before, last), Call()
    )
    assert [h.chunk.id for h in same.hits] == [h.chunk.id for h in (*before, last)]


def test_what_diversify_leaves_out_is_said(index, encoder):
    before = hits_of(index, "manual", 0, 1, 2, 3)
    after = Diversify(DiversifySettings(keep=2), parts(index, encoder))(asked(*before), Call())
    gone = {hit.chunk.id for hit in before} - {hit.chunk.id for hit in after.hits}
    assert len(after.hits) == 2
    assert all(name in said(after) for name in gone)
    assert (
        len(
            Diversify(DiversifySettings(keep=2), parts(index, encoder))(
                asked(*before), Call(limit=3)
            ).hits
        )
        == 3
    )


def test_sections_that_the_index_does_not_have_are_embedded(index, encoder):
    before = hits_of(index, "manual", 0, 4)
    sections = Parents(ParentsSettings(), parts(index, encoder))(asked(*before), Call())
    after = Diversify(DiversifySettings(), parts(index, encoder))(sections, Call())
    assert sorted(texts(after)) == sorted(texts(sections))


# ── budget ──────────────────────────────────────────────────────────────────────────────────────


def test_hits_are_kept_while_they_fit(index, encoder):
    before = hits_of(index, "manual", 0, 1, 2, 3, 4)
    full = Budget(BudgetSettings(), parts(index, encoder))(asked(*before), Call())
    assert texts(full) == [hit.chunk.text for hit in before]
    sizes = [hit.signals["tokens"] for hit in full.hits]
    limit = int(sum(sizes[:3]))
    after = Budget(BudgetSettings(tokens=limit), parts(index, encoder))(asked(*before), Call())
    assert texts(after) == [hit.chunk.text for hit in before[:3]]
    assert before[4].chunk.id in said(after)
    assert sum(hit.signals["tokens"] for hit in after.hits) <= limit


def test_the_best_hit_stays_and_smaller_ones_may_still_fit(index, encoder):
    before = hits_of(index, "manual", 0, 1)
    small = Budget(BudgetSettings(tokens=1), parts(index, encoder))(asked(*before), Call())
    assert texts(small) == [before[0].chunk.text]
    assert "alone" in said(small)
    assert Budget(BudgetSettings(), parts(index, encoder))(asked(), Call()).hits == ()


def test_the_tokens_of_a_chat_model_can_count(index, encoder):
    before = hits_of(index, "manual", 0, 1)
    chat = FakeChat(["yes"])
    shared = parts(index, encoder, chat)
    after = Budget(BudgetSettings(model="some"), shared)(asked(*before), Call())
    path = " > ".join(before[0].chunk.headings)
    assert after.hits[0].signals["tokens"] == chat.count_tokens(f"{path}\n{before[0].chunk.text}")


# ── distinct ────────────────────────────────────────────────────────────────────────────────────


def hit(name, text):
    return Hit(Chunk(name, name, text, 0, len(text)), 1.0, "search")


@pytest.mark.parametrize(
    ("text", "copy", "fact"),
    [
        (
            "The pass is free for staff. Ask the desk for it before noon on 3 May, and bring a card.",
            "The pass is free for staff. Ask the desk for it before noon on 3 May and bring a card!",
            "The pass is free for staff. Ask the desk for it before noon on 4 May, and bring a card.",
        ),
        (
            "员工可以免费领取通行证。请在5月3日中午以前到前台领取，并带上证件。",
            "员工可以免费领取通行证。请在5月3日中午以前到前台领取并带上证件！",
            "员工可以免费领取通行证。请在5月4日中午以前到前台领取，并带上证件。",
        ),
    ],
)
def test_a_copy_is_dropped_and_one_with_another_figure_stays(text, copy, fact):
    stage = Distinct(DistinctSettings(words=0.85), None)
    after = stage(asked(hit("a", text), hit("b", copy), hit("c", fact)), Call())
    assert [h.chunk.id for h in after.hits] == ["a", "c"]
    assert "left out b" in said(after)
    assert "in a" in said(after)


@pytest.mark.parametrize(("ann", "bob"), [("Ann", "Bob"), ("Müller", "Meier")])
def test_another_name_is_another_fact(ann, bob):
    long = "For a new card in the main building of the company please call {} at the front desk before noon."
    before = asked(hit("a", long.format(ann)), hit("b", long.format(bob)))
    assert Distinct(DistinctSettings(words=0.8), None)(before, Call()).hits == before.hits


def test_what_overlapping_windows_share_is_read_once(windows):
    before = hits_of(windows, "manual", 0, 2, 1)
    first, _, middle = (h.chunk for h in before)
    assert first.end > middle.start
    after = Distinct(DistinctSettings(overlap=0.5), None)(asked(*before), Call())
    assert middle.text not in texts(after)
    assert middle.id in said(after)
    assert (
        Distinct(DistinctSettings(overlap=1), None)(asked(*before[1:]), Call()).hits == before[1:]
    )


# ── parents ─────────────────────────────────────────────────────────────────────────────────────


def test_a_hit_becomes_its_section(index, encoder, lang):
    valve = {"en": "Valve", "zh": "阀门"}[lang]
    place = next(
        c.index for c in index.chunks("manual") if c.headings[-1] == valve and "#" not in c.text
    )
    before = hits_of(index, "manual", place)
    after = Parents(ParentsSettings(), parts(index, encoder))(asked(*before), Call())
    (section,) = after.hits
    assert section.chunk.text == MANUAL[lang][MANUAL[lang].index(f"## {valve}") :]
    assert section.chunk.headings == before[0].chunk.headings
    assert (section.score, section.signals["bm25"]) == (before[0].score, before[0].signals["bm25"])
    assert section.signals["chunks"] == 2
    assert "1 hits were replaced" in said(after)
    assert section.chunk.text == MANUAL[lang][section.chunk.start : section.chunk.end]


def test_hits_of_one_section_become_one(index, encoder):
    pump = [c.index for c in index.chunks("manual") if c.headings[-1] in ("Pump", "水泵")]
    before = hits_of(index, "manual", *pump)
    after = Parents(ParentsSettings(), parts(index, encoder))(asked(*before), Call())
    assert len(after.hits) == 1
    assert f"{len(pump) - 1} stand in" in said(after)


def test_levels_say_how_much_a_section_is(index, encoder, lang):
    before = hits_of(index, "manual", 1)
    whole = Parents(ParentsSettings(levels=1), parts(index, encoder))(asked(*before), Call())
    assert texts(whole) == [MANUAL[lang]]


def test_a_section_keeps_the_budget_and_gives_no_text_twice(index, encoder):
    count = encoder.count_tokens
    pump = [c.index for c in index.chunks("manual") if c.headings[-1] in ("Pump", "水泵")]
    before = hits_of(index, "manual", pump[0], pump[-1])
    limit = count([h.chunk.text for h in hits_of(index, "manual", *pump[:2])])
    stage = Parents(ParentsSettings(max_tokens=sum(limit)), parts(index, encoder))
    after = stage(asked(*before), Call())
    assert len(after.hits) == 2
    assert max(count(texts(after))) <= sum(limit)
    spans = sorted((h.chunk.start, h.chunk.end) for h in after.hits)
    assert spans[0][1] <= spans[1][0]


def test_sections_stay_within_what_the_asker_may_read(index, encoder, lang):
    cut = SentenceChunker(SentenceSettings(sentences=2), encoder)
    closed = index_of(encoder, cut, {"manual": MANUAL[lang]}, Acl(public=False, users=("eve",)))
    before = hits_of(index, "manual", 0)
    turn = Turn(Query("?", asker=Asker(user="ann", trusted=False)), before)
    assert Parents(ParentsSettings(), parts(closed, encoder))(turn, Call()).hits == before


# ── neighbours ──────────────────────────────────────────────────────────────────────────────────


def test_a_window_between_two_hits_adds_nothing_and_is_not_added(windows, encoder):
    chunks = [c for c in windows.chunks("manual") if c.headings[-1] in ("Pump", "水泵")]
    assert len(chunks) == 2
    first = hits_of(windows, "manual", 0)
    after = Neighbours(NeighboursSettings(after=1), parts(windows, encoder))(asked(*first), Call())
    assert len(after.hits) == 2
    whole = replace(first[0], chunk=replace(chunks[0], end=chunks[1].end))
    same = Neighbours(NeighboursSettings(after=1), parts(windows, encoder))(asked(whole), Call())
    assert same.hits == (whole,)


# ── the contract ────────────────────────────────────────────────────────────────────────────────


class TestArrangingContract(StageContract):
    @pytest.fixture(
        params=[
            (Arrange, ArrangeSettings()),
            (Diversify, DiversifySettings(keep=3)),
            (Budget, BudgetSettings(tokens=30)),
            (Distinct, DistinctSettings(overlap=0.5)),
            (Parents, ParentsSettings()),
        ],
        ids=lambda pair: pair[1].kind,
    )
    def stage(self, request, windows, encoder):
        part, settings = request.param
        return part(settings, parts(windows, encoder))

    @pytest.fixture
    def turn(self, windows):
        return asked(*hits_of(windows, "manual", 1, 0, 2))
