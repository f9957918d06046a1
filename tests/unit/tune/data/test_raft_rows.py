"""RAFT rows: the right passage among others that the search takes for it, word for word as it will be asked."""

from __future__ import annotations

import pytest

from surefoot.core.roles import Message
from surefoot.core.types import Chunk, GoldSpan
from surefoot.tune.data import RaftParts, RaftSettings, Taught, raft_rows, taught_from
from surefoot.tune.data.asked import holds
from surefoot.tune.left_out import counted
from surefoot.tune.rows import ChatRow, ChatTurn, Origin

REFUSAL = {"en": "The documents do not answer this.", "zh": "文档没有回答。"}
TEXTS = {
    "en": ["A buoy is rented for a month.", "Maps lie in the cellar.", "The dock is dry.", "Tea is at five."],
    "zh": ["浮标按月出租。", "地图在地下室。", "船坞是干的。", "五点喝茶。"],
}  # fmt: skip
ASKED = {"en": ("How long is a buoy rented for?", "a month"), "zh": ("浮标怎样出租？", "按月")}


def chunks(lang):
    return [Chunk(f"d{i}#0", f"d{i}", text, 0, len(text)) for i, text in enumerate(TEXTS[lang])]


def say(question, shown):
    blocks = [f"[{i}] {chunk.text}" for i, chunk in enumerate(shown, 1)]
    return [Message("user", "\n".join([*blocks, question]))] if shown else []


def parts(lang, **more):
    found = chunks(lang)
    kept = {
        "search": lambda question, limit: found[:limit],
        "right": lambda taught: found[:1] if taught.gold else [],
        "say": say,
        "shows": lambda messages, chunk: chunk.text in messages[0].content,
        "refusal": REFUSAL.__getitem__,
        "cite": lambda text, numbers: text + "".join(f" [{n}]" for n in numbers),
    }
    return RaftParts(**{**kept, **more})


def taught(lang, name="q", **more):
    question, answer = ASKED[lang]
    kept = {"completion": answer, "lang": lang, "answers": (answer,), "gold": (GoldSpan("d0", ""),)}
    return Taught(name, question, **{**kept, **more})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_right_passage_stands_among_others_and_is_cited_by_its_number(lang):
    many = [taught(lang, f"q{i}") for i in range(60)]
    made = raft_rows(many, parts(lang), RaftSettings(absent=0.5))
    told = [row for row in made.rows if not row.id.endswith("-without")]
    places, sizes = set(), set()
    for row in told:
        text = row.prompt[0].content
        shown = text.split("\n")[:-1]
        place = next(i for i, line in enumerate(shown, 1) if TEXTS[lang][0] in line)
        assert row.completion == f"{ASKED[lang][1]} [{place}]"
        assert row.origin.document == "d0"
        assert row.lang == lang
        places.add(place)
        sizes.add(len(shown))
    assert places == {1, 2, 3, 4}
    assert sizes == {1, 2, 3, 4}
    without = [row for row in made.rows if row.id.endswith("-without")]
    assert 15 < len(without) < 45
    for row in without:
        assert TEXTS[lang][0] not in row.prompt[0].content
        assert row.completion == REFUSAL[lang]
        assert row.origin.generator == "raft-without"
        assert row.origin.document == "d0"
    assert made == raft_rows(many, parts(lang), RaftSettings(absent=0.5))
    assert made != raft_rows(many, parts(lang), RaftSettings(absent=0.5, seed=1))


def test_adding_questions_changes_no_row_of_others():
    few = raft_rows([taught("en", "a")], parts("en"), RaftSettings()).rows
    more = raft_rows([taught("en", "b"), taught("en", "a")], parts("en"), RaftSettings()).rows
    assert set(few) <= set(more)


def test_the_users_own_completion_is_kept():
    row = ChatRow(
        id="u",
        prompt=(ChatTurn(role="user", content="How long?"),),
        completion="answer[a month], source[{{passage}}]",
        origin=Origin(source="a.jsonl:1"),
    )
    own = taught_from(row, documents=("d0",))
    assert own.answers == ("a month",)
    made = raft_rows([own], parts("en"), RaftSettings(distractors=0, absent=0))
    assert [row.completion for row in made.rows] == ["answer[a month], source[1]"]
    assert made.rows[0].origin.source == "a.jsonl:1"
    talk = row.model_copy(update={"prompt": (*row.prompt, *row.prompt)})
    assert taught_from(talk) is None


def test_a_users_row_that_declines_has_no_right_passage():
    row = ChatRow(
        id="u", prompt=(ChatTurn(role="user", content="Who sings?"),), completion="Answer[none]"
    )
    own = taught_from(row, refusals=("answer[none]",))
    assert (own.answerable, own.answers) == (False, ())
    (made,) = raft_rows([own], parts("en"), RaftSettings()).rows
    assert made.completion == "Answer[none]"
    assert taught_from(row).answerable


def test_what_has_no_answer_here_learns_to_decline():
    unknown = taught("en", answerable=False, completion="", answers=(), gold=())
    (row,) = raft_rows([unknown], parts("en"), RaftSettings()).rows
    assert row.completion == REFUSAL["en"]
    assert row.id == "q"


def test_no_passage_that_holds_the_answer_is_a_wrong_one():
    again = Chunk("d9#0", "d9", "Rented for A MONTH, too.", 0, 24)
    found = [*chunks("en"), again]
    made = raft_rows(
        [taught("en", str(i)) for i in range(20)],
        parts("en", search=lambda _q, _n: found),
        RaftSettings(distractors=5, absent=1),
    )
    assert not any("too." in row.prompt[0].content for row in made.rows)


def test_rows_take_fewer_passages_where_all_do_not_fit():
    def fits(messages, _reply):
        return len(messages[0].content.split("\n")) <= 3

    many = [taught("en", str(i)) for i in range(20)]
    made = raft_rows(many, parts("en", fits=fits), RaftSettings(distractors=3, absent=0))
    assert max(len(row.prompt[0].content.split("\n")) for row in made.rows) == 3
    none = raft_rows(many, parts("en", fits=lambda *_: False), RaftSettings(absent=1))
    assert none.rows == ()
    assert counted(none.left_out) == {
        "its passage does not fit into the prompt": 20,
        "no other passage is found for a row without the right one": 20,
    }
    cut = raft_rows(many, parts("en", shows=lambda *_: False), RaftSettings(absent=0))
    assert len(cut.left_out) == 20


def test_a_question_whose_passage_is_not_known_is_left_out():
    made = raft_rows([taught("en", gold=())], parts("en"), RaftSettings())
    assert counted(made.left_out) == {"no passage is known to answer it": 1}


@pytest.mark.parametrize(
    "text, answer, lang, held",
    [
        ("It took 24 days.", "24 Days", "en", True),
        ("It took 240 days.", "24", "en", False),
        ("共24天的年假", "24天", "zh", True),
        ("共24天", "二十五天", "zh", False),
        ("anything", "", "en", False),
    ],
)
def test_an_answer_stands_in_a_passage_as_whole_words(text, answer, lang, held):
    assert holds(Chunk("c", "d", text, 0, len(text)), (answer,), lang) is held
