from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.config.base import PartSettings
from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution
from surefoot.core.errors import ConfigError
from surefoot.core.filters import Comparison, Compound
from surefoot.core.lang import detect
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Answer, Chunk, Document, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.arrange.neighbours import NeighboursSettings
from surefoot.retrieve.question.route import Route, RouteSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.memory_index import FakeIndex

BILLING = {
    "en": [
        "How is an invoice paid?",
        "Where is my invoice?",
        "Can the invoice be sent again?",
        "Is the invoice late?",
    ],
    "zh": ["发票怎么付款？", "我的发票在哪里？", "发票可以重寄吗？", "发票逾期了吗？"],
}
ASKED = {"en": "When is the invoice paid?", "zh": "发票什么时候付款？"}
STRANGE = {"en": "Which bird sings at dawn?", "zh": "哪种鸟在黎明歌唱？"}


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def parts(tmp_path):
    encoder, index = HashEncoder(HashSettings(), ModelEnv(tmp_path)), FakeIndex()
    for name, text in (
        ("bill", "Invoices are paid in May. 发票五月付款。"),
        ("bird", "A bird sings. 鸟歌唱。"),
    ):
        chunk = Chunk(f"{name}-0", name, text, 0, len(text))
        vector = encoder.embed_passages([text])[0]
        state = DocumentState(name, name, name, "ok")
        index.replace(
            [
                IndexedDocument(
                    Document(name, name, name, text), state, (Passage(chunk, text, vector),)
                )
            ]
        )
    made = Parts(lambda: index, lambda: encoder, None, None, None)
    return replace(made, stage=lambda settings: Search(settings, made))


def route(parts, **settings):
    return Route(RouteSettings.model_validate(settings), parts)


def asked(stage, text, **query):
    return stage(Turn(Query(text, detect(text), **query)), Call())


def way(lang, **more):
    return {"name": "billing", "examples": BILLING[lang], **more}


class TestRouteContract(StageContract):
    @pytest.fixture
    def stage(self, parts, lang):
        return route(parts, ways=[way(lang)])

    @pytest.fixture
    def turn(self, lang):
        return Turn(Query(ASKED[lang], lang))


def test_examples_tell_the_way_and_the_note_says_so(parts, lang):
    narrow = {"type": "eq", "key": "topic", "value": "billing"}
    stage = route(parts, ways=[way(lang, filter=narrow)], keep=0.5)
    after = asked(stage, ASKED[lang])
    assert after.query.filter == Comparison("eq", "topic", "billing")
    assert after.notes[0].message.startswith("billing: it is like its examples")
    other = asked(stage, STRANGE[lang])
    assert other.query.filter is None
    assert other.notes[0].message.startswith("none of the ways")
    assert other.hits


def test_a_filter_is_added_to_the_users_own(parts, lang):
    stage = route(
        parts, ways=[way(lang, patterns=["."], filter={"type": "eq", "key": "a", "value": 1})]
    )
    own = Comparison("eq", "year", 2024)
    after = asked(stage, ASKED[lang], filter=own)
    assert after.query.filter == Compound("and", (own, Comparison("eq", "a", 1)))


def test_strangers_are_refused_in_their_language(parts, lang):
    stage = route(parts, ways=[way(lang)], refuse_others=True, keep=0.5)
    assert asked(stage, ASKED[lang]).answer is None
    refused = asked(stage, STRANGE[lang]).answer
    assert refused.refused
    assert ("文档" in refused.text) == (lang == "zh")


def test_small_talk_gets_a_reply_and_no_search(parts, lang):
    reply = {"en": "Hello! Ask me about invoices.", "zh": "你好！请问发票的问题。"}
    stage = route(parts, ways=[{"name": "talk", "like": ["small-talk"], "reply": reply}], keep=0.5)
    hello = {"en": "Hi there, how are you?", "zh": "早上好，最近怎么样？"}[lang]
    after = asked(stage, hello)
    assert (after.answer.text, after.hits) == (reply[lang], ())
    plain = {"en": "What does the warranty cover?", "zh": "保修包括哪些内容？"}
    assert asked(stage, plain[lang]).answer is None


def test_a_pattern_goes_before_the_examples(parts, lang):
    ways = [way(lang), {"name": "dates", "like": ["date-bound"]}]
    text = {"en": "Which invoice came yesterday?", "zh": "昨天来了哪张发票？"}[lang]
    assert asked(route(parts, ways=ways), text).notes[0].message.startswith("dates: it holds")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"name": "a"}, "needs like, examples or patterns"),
        ({"name": "a", "patterns": ["("]}, "is not a regular expression"),
        ({"name": "a", "like": ["talk"]}, "small-talk"),
        ({"name": "a", "examples": ["x"], "reply": {"en": "y"}, "filter": {}}, "would do nothing"),
    ],
)
def test_a_way_that_cannot_work_is_named_with_its_place(raw, said):
    stages = [{"kind": "route", "ways": [raw]}]
    with pytest.raises(ConfigError, match=r"stages\.0\.ways\.0") as caught:
        parse_solution({"stages": stages}, Registry())
    assert said in str(caught.value)


def test_nested_stages_are_read_with_their_own_settings():
    stages = [{"kind": "search", "keep": 3}]
    raw = {
        "stages": [{"kind": "route", "ways": [{"name": "a", "examples": ["x"], "stages": stages}]}]
    }
    (settings,) = parse_solution(raw, Registry()).stages
    assert settings.ways[0].stages == (SearchSettings(keep=3),)
    stages[0]["keeep"] = 1
    with pytest.raises(ConfigError, match=r"stages\.0\.ways\.0\.stages\.0\.keeep"):
        parse_solution(raw, Registry())


def test_a_way_must_search(parts):
    with pytest.raises(ConfigError, match="must search and not answer"):
        route(
            replace(parts, stage=lambda _: Neighbour()),
            ways=[{"name": "a", "examples": ["x"], "stages": [NeighboursSettings()]}],
        )


class Neighbour:
    takes = "hits"
    produces = "hits"


class Saying:
    """Answers, and says what it was given."""

    takes = "query"
    produces = "answer"

    def __call__(self, turn, call, /):
        return replace(turn, answer=Answer(f"said over {len(turn.hits)} hits"))


def answering(parts, lang, stages, *, keep=0.5):
    made = replace(
        parts,
        stage=lambda settings: Saying() if settings.kind == "answer" else parts.stage(settings),
    )
    return route(made, ways=[way(lang, stages=stages)], keep=keep)


@pytest.mark.parametrize("searching", [False, True])
def test_a_way_may_answer_with_stages_of_its_own(parts, lang, searching):
    search = [SearchSettings()] if searching else []
    stage = answering(parts, lang, [*search, PartSettings(kind="answer")])
    after = asked(stage, ASKED[lang])
    assert after.answer.text == f"said over {len(after.hits)} hits"
    assert bool(after.hits) == searching
    strange = asked(stage, STRANGE[lang])
    assert strange.answer is None
    assert strange.hits


@pytest.mark.parametrize("searching", [False, True])
def test_where_hits_alone_are_wanted_every_way_searches(parts, lang, searching):
    search = [SearchSettings()] if searching else []
    stage = answering(parts, lang, [*search, PartSettings(kind="answer")])
    after = stage(Turn(Query(ASKED[lang], lang)), Call(answer=False))
    assert after.answer is None
    assert after.hits


def test_nothing_may_follow_an_answer(parts):
    with pytest.raises(ConfigError, match="go on after an answer"):
        answering(parts, "en", [PartSettings(kind="answer"), SearchSettings()])


def test_what_goes_none_of_the_ways_must_search(parts):
    made = replace(parts, stage=lambda _: Saying())
    with pytest.raises(ConfigError, match="must search and not answer"):
        route(made, ways=[way("en")], otherwise=[PartSettings(kind="answer")])


def test_one_example_is_too_few(parts, lang):
    stage = route(parts, ways=[{"name": "billing", "examples": BILLING[lang][:1]}])
    with pytest.raises(ConfigError, match="too few"):
        asked(stage, ASKED[lang])
