"""Stages that let a chat model decide, with real ones: the packaged one in English, a given one in Chinese."""

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.filters import Comparison
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Chunk, Document, Hit, Query, Turn
from surefoot.retrieve.filters.infer_filters import InferFilters, InferFiltersSettings
from surefoot.retrieve.question.route import Route, RouteSettings
from surefoot.retrieve.question.sub_questions import SubQuestions, SubQuestionsSettings
from surefoot.retrieve.rerank.chat_judge import ChatJudge, ChatJudgeSettings
from surefoot.retrieve.rerank.chat_list import ChatList, ChatListSettings
from surefoot.retrieve.rerank.rerank import Rerank, RerankSettings
from surefoot.testing.memory_index import FakeIndex

pytestmark = pytest.mark.slow

TEXTS = {
    "en": [
        "Bananas ripen faster in a paper bag than in the open air.",
        "The harbour of Alder has three cranes and a long pier.",
        "The ferry to Wen island leaves every forty minutes. A ticket costs 12 crowns.",
        "The library of Alder opens at nine in the morning.",
    ],
    "zh": [
        "香蕉放在纸袋里比放在外面熟得更快。",
        "桦林港有三台起重机和一座长码头。",
        "前往文岛的渡轮每四十分钟一班。船票的价格是十二元。",
        "桦林镇图书馆上午九点开门。",
    ],
}
ASKED = {
    "en": "How much is a ticket for the ferry to Wen island?",
    "zh": "前往文岛的渡轮船票多少钱？",
}
BOTH = {
    "en": "What does the ferry to Wen cost and when does the library of Alder open?",
    "zh": "前往文岛的渡轮多少钱，桦林镇图书馆几点开门？",
}


def hits(lang):
    return tuple(
        Hit(Chunk(f"c{i}", f"d{i}", text, 0, len(text)), 1 - i / 10, "search")
        for i, text in enumerate(TEXTS[lang])
    )


class Finds:
    """A search that finds all texts of a language, whatever is asked."""

    takes, produces = "query", "hits"

    def __call__(self, turn, call):
        return Turn(turn.query, hits(turn.query.lang), notes=turn.notes)


def given(model, **more):
    return Parts(more.get("index"), None, lambda n, a="": model, Prompts().get, lambda raw: Finds())


def reranked(scorer, model, lang):
    parts = Parts(
        None,
        None,
        lambda n, a="": model,
        Prompts().get,
        None,
        reranker=lambda settings: scorer,
    )
    call = Call()
    stage = Rerank(RerankSettings(by=scorer._settings, share=1.0), parts)
    return stage(Turn(Query(ASKED[lang], lang), hits(lang)), call), call


def judge():
    return ChatJudge(ChatJudgeSettings(model="m"), None)


def lister():
    return ChatList(ChatListSettings(model="m"), None)


def test_the_small_model_tells_the_chance_of_each_passage(small):
    turn, call = reranked(judge(), small, "en")
    assert not turn.notes
    assert all(0 < hit.signals["yes"] < 1 for hit in turn.hits)
    assert len({hit.signals["rerank"] for hit in turn.hits}) == 4
    assert call.meter.usage.calls == 4


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_chinese_model_puts_the_passage_that_answers_first(chinese, lang):
    turn, _ = reranked(judge(), chinese, lang)
    assert turn.hits[0].chunk.id == "c2"


def test_the_small_model_orders_a_window_or_says_why_not(small):
    turn, call = reranked(lister(), small, "en")
    assert {hit.chunk.id for hit in turn.hits} == {"c0", "c1", "c2", "c3"}
    assert call.meter.usage.calls == 1
    assert turn.hits[0].by == "rerank" or turn.notes


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_chinese_model_orders_a_window(chinese, lang):
    turn, _ = reranked(lister(), chinese, lang)
    assert turn.hits[0].by == "rerank", turn.notes
    assert {hit.chunk.id for hit in turn.hits} == {"c0", "c1", "c2", "c3"}


@pytest.mark.parametrize("follow", [False, True])
def test_the_small_model_costs_no_hits(small, follow):
    stage = SubQuestions(SubQuestionsSettings(model="m", follow=follow), given(small))
    turn = stage(Turn(Query(BOTH["en"], "en")), Call())
    assert {hit.chunk.id for hit in turn.hits} == {"c0", "c1", "c2", "c3"}
    assert turn.notes


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_chinese_model_divides_a_question(chinese, lang):
    stage = SubQuestions(SubQuestionsSettings(model="m"), given(chinese))
    turn = stage(Turn(Query(BOTH[lang], lang)), Call())
    said = [note.message for note in turn.notes]
    assert {hit.chunk.id for hit in turn.hits} == {"c0", "c1", "c2", "c3"}
    assert said and "gave no answer" not in said[0]
    if lang == "zh":
        assert said[0].startswith("part 1"), said


ROUTES = RouteSettings(
    model="m",
    ways=[
        {"name": "billing", "description": "invoices, payments and refunds; 发票、付款和退款"},
        {"name": "animals", "description": "birds, fish and other animals; 鸟、鱼等动物"},
    ],
)


@pytest.mark.parametrize(
    ("lang", "question", "way"),
    [
        ("en", "Which bird sings at dawn?", "animals"),
        ("zh", "发票怎么付款？", "billing"),
    ],
)
def test_a_chinese_model_sorts_questions(chinese, lang, question, way):
    turn = Route(ROUTES, given(chinese))(Turn(Query(question, lang)), Call())
    assert turn.notes[0].message.startswith(way)


def test_the_small_model_chooses_a_way_that_there_is(small):
    turn = Route(ROUTES, given(small))(Turn(Query("Which bird sings at dawn?", "en")), Call())
    assert turn.notes[0].message.split(":")[0] in ("billing", "animals", "none of the ways")
    assert "not of the form" not in turn.notes[0].message


def companies():
    index = FakeIndex()
    for name in ("Apple", "Microsoft", "Toyota"):
        chunk = Chunk(name, name, "report", 0, 6, lang="en", meta={"company": name})
        document = Document(name, name, name, "report", lang="en", meta={"company": name})
        passage = Passage(chunk, "report", [1.0, 1.0])
        index.replace(
            [IndexedDocument(document, DocumentState(name, name, name, "ok"), (passage,))]
        )
    return index


def filtered(model, lang, question):
    index = companies()
    stage = InferFilters(InferFiltersSettings(model="m"), given(model, index=lambda: index))
    return stage(Turn(Query(question, lang)), Call())


@pytest.mark.parametrize(
    ("lang", "question"),
    [
        ("en", "What did the company that makes the iPhone earn?"),
        ("zh", "苹果公司赚了多少钱？"),
    ],
)
def test_a_chinese_model_reads_a_filter_within_the_list(chinese, lang, question):
    turn = filtered(chinese, lang, question)
    assert not any("in vain" in note.message for note in turn.notes)
    assert turn.query.filter in (None, Comparison("eq", "company", "Apple"))


def test_the_small_model_stays_within_the_list(small):
    turn = filtered(small, "en", "What did the company that makes the iPhone earn?")
    assert not turn.notes or "not of the form" not in turn.notes[0].message
