"""What may not be trained on is left out and named; nothing goes silently."""

from __future__ import annotations

import pytest

from surefoot.tune.checks import check_rows
from surefoot.tune.checks.frames import own_parts
from surefoot.tune.left_out import counted
from surefoot.tune.rows import ChatRow, ChatTurn, PairRow


def chat(name, question, completion, lang="en"):
    return ChatRow(
        id=name, prompt=(ChatTurn(role="user", content=question),), completion=completion, lang=lang
    )


def checked(rows, **more):
    return check_rows(rows, count_tokens=len, max_tokens=more.pop("max_tokens", 1000), **more)


def test_every_row_is_kept_or_left_out_by_a_reason():
    rows = [
        chat("a", "How long?", "A month."),
        chat("b", "how  LONG?", "a month"),
        chat("c", "How long?" * 200, "A month."),
        chat("d", "How long?", " "),
        chat("e", " ", "A month."),
    ]
    report = checked(rows)
    assert [row.id for row in report.rows] == ["a"]
    assert counted(report.left_out) == {
        "longer than 1000 tokens: it would be cut": 1,
        "the answer is empty": 1,
        "the question is empty": 1,
        "the same as another row": 1,
    }
    assert report.tokens == {"a": len("How long?") + len("A month.") + 16}


@pytest.mark.parametrize(
    "one, other, answer",
    [
        (
            "How many days of annual leave do I have?",
            "How many days of annual leave do I have now?",
            "24",
        ),
        (
            "第一年入职的员工在欧洲各地的办公室一共有多少天的带薪年假可以休？",
            "第一年入职的员工在欧洲各地的办公室一共有多少天的带薪年假可以休呢？",
            "24天",
        ),
    ],
)
def test_near_copies_with_one_answer_are_left_out(one, other, answer):
    report = checked([chat("a", one, answer), chat("b", other, answer)])
    assert [row.id for row in report.rows] == ["a"]
    assert counted(report.left_out) == {"nearly copies a row": 1}
    report = checked([chat("a", one, answer), chat("b", other, "nine")])
    assert len(report.rows) == 2


def test_an_instruction_before_each_text_makes_no_near_copies():
    frame = "Say whether the customer of our shop is glad or sad, in one word and no other: "
    texts = [
        "a fine day",
        "all good here",
        "thanks a lot",
        "never better",
        "lovely",
        "so kind",
        "yes",
    ]
    rows = [chat(str(i), frame + text, "glad") for i, text in enumerate(texts)]
    assert len(checked(rows).rows) == len(texts)
    assert own_parts([row.prompt[0].content for row in rows]) == texts


def test_turns_that_thank_alike_after_other_talk_are_no_copies():
    def talk(name, *said):
        roles = ["user", "assistant"] * len(said)
        turns = [ChatTurn(role=role, content=text) for role, text in zip(roles, said, strict=False)]
        return ChatRow(id=name, prompt=tuple(turns), completion="You are welcome.")

    rows = [
        talk("a", "Where is the canteen?", "In building A.", "Thanks!"),
        talk("b", "Who approves travel?", "Your team lead does.", "Thanks!"),
    ]
    assert len(checked(rows).rows) == 2


@pytest.mark.parametrize("lang, question, answers", [
    ("en", "How long?", ("a month", "a year")),
    ("zh", "多久？", ("一个月", "一年")),
])  # fmt: skip
def test_contradictions_are_left_out_together(lang, question, answers):
    rows = [chat(str(i), question, answer, lang) for i, answer in enumerate(answers)]
    rows += [chat(f"o{i}", f"Question number {i} about {i * 7}?", f"it is {i}") for i in range(9)]
    report = checked(rows)
    assert counted(report.left_out) == {"its prompt is answered otherwise too": 2}
    fuller = [
        chat("0", question, answers[0], lang),
        chat("1", question, f"{answers[0]}, {answers[1]}", lang),
    ]
    assert len(checked(fuller).rows) == 2


def test_several_answers_to_most_prompts_are_versions():
    rows = [chat(f"{i}{v}", f"Greet guest {i}", v) for i in range(4) for v in ("hello", "good day")]
    report = checked(rows)
    assert len(report.rows) == 8
    assert "several answers" in report.notes[0]


def test_pairs_are_measured_by_their_longest_text():
    rows = [
        PairRow(id="a", query="q", positive="p" * 40, negatives=("n" * 60,)),
        PairRow(id="b", query="q2", positive="p2"),
        PairRow(id="c", query="q3", positive="p3", negatives=(" ",)),
    ]
    report = checked(rows, max_tokens=50)
    assert [row.id for row in report.rows] == ["b"]
    assert counted(report.left_out) == {
        "a text of the pair is empty": 1,
        "longer than 50 tokens: it would be cut": 1,
    }
