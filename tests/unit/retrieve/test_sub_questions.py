"""Questions that are divided, searched part by part, and joined fairly."""

from dataclasses import replace

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import ConfigError, DataError, TransientError
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Note, Query, Turn
from surefoot.retrieve.question.fair import Asked, fair
from surefoot.retrieve.question.sub_questions import SubQuestions, SubQuestionsSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.fakes import FakeChat

TEXTS = {
    "en": {
        "ferry": "The ferry costs 12 crowns.",
        "tram": "The tram costs 3 crowns.",
        "mill": "The mill of Wen was built by Lena Holm.",
        "born": "Lena Holm was born in Alder.",
    },
    "zh": {
        "渡轮": "渡轮票价十二元。",
        "电车": "电车票价三元。",
        "磨坊": "文岛磨坊由林海建造。",
        "林海": "林海出生在桦林。",
    },
}
BOTH = {
    "en": (
        "What do the ferry and the tram cost?",
        "What does the ferry cost?\nWhat does the tram cost?",
    ),
    "zh": ("渡轮和电车的票价是多少？", "渡轮的票价是多少？\n电车的票价是多少？"),
}
CHAIN = {
    "en": (
        "Where was the builder of the mill of Wen born?",
        "Who is the builder of the mill of Wen?\nWhere was #1 born?",
        "Lena Holm",
        "Where was Lena Holm born?",
    ),
    "zh": (
        "文岛磨坊的建造者出生在哪里？",
        "文岛磨坊的建造者是谁？\n#1出生在哪里？",
        "林海",
        "林海出生在哪里？",
    ),
}


class WordSearch:
    """Finds texts by a word that stands in the question; `asked` are the questions."""

    takes, produces = "query", "hits"

    def __init__(self):
        self.asked = []

    def __call__(self, turn, call):
        asked = turn.query.asked
        self.asked.append(asked)
        told = {**TEXTS["en"], **TEXTS["zh"]}
        found = [text for word, text in told.items() if word in asked]
        hits = tuple(
            Hit(Chunk(text, text, text, 0, len(text)), 1 - i / 10, "search", {"bm25": 1.0})
            for i, text in enumerate(found)
        )
        return replace(turn, hits=hits, notes=(*turn.notes, Note("search", "was here")))


def made(replies, **settings):
    """The stage, its model and its search."""
    model, search = FakeChat(replies), WordSearch()
    parts = Parts(None, None, lambda name, adapter="": model, Prompts().get, lambda raw: search)
    return SubQuestions(SubQuestionsSettings(model="m", **settings), parts), model, search


def turn(lang, text):
    return Turn(Query(text, lang, variants=("other words",)))


def notes(turn):
    return [note.message for note in turn.notes if note.stage == "sub-questions"]


class TestSubQuestions(StageContract):
    @pytest.fixture(params=["en", "zh"])
    def lang(self, request):
        return request.param

    @pytest.fixture
    def stage(self, lang):
        return made([BOTH[lang][1]])[0]

    @pytest.fixture
    def turn(self, lang):
        return turn(lang, BOTH[lang][0])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_whole_and_each_part_are_searched(lang):
    question, reply = BOTH[lang]
    stage, model, search = made([reply])
    after = stage(turn(lang, question), Call())
    assert search.asked == [question, *reply.split("\n")]
    assert len(model.asked) == 1
    assert question in model.asked[0][0][-1].content
    texts = [hit.chunk.text for hit in after.hits]
    assert set(texts) == set(list(TEXTS[lang].values())[:2])
    assert notes(after)[0] == f"part 1 {reply.split(chr(10))[0]!r}: 1 hits"


def test_signals_say_which_part_found_a_hit():
    question, reply = BOTH["en"]
    after = made([reply])[0](turn("en", question), Call())
    ferry, tram = (
        next(hit for hit in after.hits if word in hit.chunk.text) for word in ("ferry", "tram")
    )
    assert ferry.signals == {"bm25": 1.0, "whole_rank": 1.0, "part1_rank": 1.0}
    assert tram.signals == {"bm25": 1.0, "whole_rank": 2.0, "part2_rank": 1.0}
    assert {hit.by for hit in after.hits} == {"sub-questions"}


def test_parts_have_no_variants_and_no_guesses_of_the_whole():
    seen = []

    class Looks(WordSearch):
        def __call__(self, turn, call):
            seen.append(turn.query)
            return super().__call__(turn, call)

    parts = Parts(None, None, lambda n, a="": FakeChat([BOTH["en"][1]]), Prompts().get, None)
    stage = SubQuestions(SubQuestionsSettings(model="m"), replace(parts, stage=lambda raw: Looks()))
    given = Query(BOTH["en"][0], "en", variants=("x",), guesses=("y",))
    after = stage(Turn(given), Call())
    assert [query.variants for query in seen] == [("x",), (), ()]
    assert [query.guesses for query in seen] == [("y",), (), ()]
    assert {query.text for query in seen} == {given.text}
    assert after.query == given


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_question_that_is_not_divided_is_searched_as_a_whole(lang):
    question = BOTH[lang][0]
    stage, _, search = made([question])
    after = stage(turn(lang, question), Call())
    assert search.asked == [question]
    assert notes(after) == ["the model does not divide the question: searched as a whole"]


@pytest.mark.parametrize("problem", [TransientError("busy"), DataError("too long")])
def test_a_model_that_fails_costs_no_hits(problem):
    question = BOTH["en"][0]
    after = made([problem])[0](turn("en", question), Call())
    assert len(after.hits) == 2
    assert "searched as a whole" in notes(after)[0]


def test_what_the_model_makes_up_is_left_out():
    reply = "What does the ferry cost?\nWho is Napoleon Bonaparte?\n票价是多少？\nWhat does the tram cost?"
    stage, _, search = made([reply])
    after = stage(turn("en", BOTH["en"][0]), Call())
    assert search.asked[1:] == ["What does the ferry cost?", "What does the tram cost?"]
    assert sum("left out" in note for note in notes(after)) == 2


def test_no_more_parts_than_allowed():
    stage, model, search = made([BOTH["en"][1]], most=1)
    stage(turn("en", BOTH["en"][0]), Call())
    assert len(search.asked) == 2
    assert "At most 1 questions" in model.asked[0][0][-1].content


def test_parts_that_need_another_are_left_out_where_none_is_followed():
    question, reply, *_ = CHAIN["en"]
    after = made([reply])[0](turn("en", question), Call())
    assert any("needs the answer to another" in note for note in notes(after))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_answer_to_a_part_is_put_into_the_next(lang):
    question, reply, answer, second = CHAIN[lang]
    stage, model, search = made([reply, f"{answer}."], follow=True)
    after = stage(turn(lang, question), Call())
    assert search.asked == [question, reply.split("\n")[0], second]
    assert list(TEXTS[lang].values())[3] in [hit.chunk.text for hit in after.hits]
    assert any(f"answered by {answer!r}" in note for note in notes(after))
    assert list(TEXTS[lang].values())[2] in model.asked[1][0][-1].content


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Napoleon", "stands in none of its passages"),
        ("-", "no short answer"),
        ("word " * 40, "no short answer"),
        (TransientError("busy"), "busy"),
    ],
)
def test_an_answer_that_no_passage_holds_leads_nowhere(said, why):
    question, reply, *_ = CHAIN["en"]
    stage, _, search = made([reply, said], follow=True)
    after = stage(turn("en", question), Call())
    assert len(search.asked) == 2
    assert any(why in note for note in notes(after))
    assert any("what it needs was not found" in note for note in notes(after))


def test_a_part_that_names_a_later_answer_is_left_out():
    stage, _, search = made(["Where was #2 born?\nWho is the builder of the mill?"], follow=True)
    after = stage(turn("en", CHAIN["en"][0]), Call())
    assert any("an answer that there is not" in note for note in notes(after))
    assert len(search.asked) == 2


def test_more_hits_are_kept_where_the_caller_wants_them():
    after = made([BOTH["en"][1]], keep=1)[0](turn("en", BOTH["en"][0]), Call())
    assert len(after.hits) == 1
    assert len(made([BOTH["en"][1]], keep=1)[0](turn("en", BOTH["en"][0]), Call(limit=2)).hits) == 2


def test_stages_that_do_not_search_are_refused():
    class Filters:
        takes, produces = "query", "query"

    parts = Parts(None, None, None, Prompts().get, lambda raw: Filters())
    with pytest.raises(ConfigError, match="must search and not answer"):
        SubQuestions(SubQuestionsSettings(), parts)


def hit(name, score):
    return Hit(Chunk(name, name, name, 0, 1), score, "search")


def test_each_list_has_its_best_on_top():
    whole = Asked("whole", tuple(hit(f"w{i}", 1 - i / 20) for i in range(8)))
    parts = [Asked(f"part{n}", (hit(f"p{n}", 0.5), hit(f"q{n}", 0.4)), 0.01) for n in (1, 2)]
    names = [one.chunk.id for one in fair([whole, *parts], first=4, keep=8, by="x")]
    assert set(names[:4]) == {"w0", "w1", "p1", "p2"}
    scores = [one.score for one in fair([whole, *parts], first=4, keep=8, by="x")]
    assert scores == sorted(scores, reverse=True)


def test_what_several_lists_hold_stands_above():
    one = Asked("a", (hit("x", 1.0), hit("both", 0.9), hit("z", 0.1)))
    other = Asked("b", (hit("y", 1.0), hit("both", 0.9), hit("v", 0.1)))
    assert fair([one, other], first=3, keep=3, by="x")[0].chunk.id == "both"


def test_nothing_found_is_nothing():
    assert fair([Asked("whole", ())], first=5, keep=5, by="x") == ()
