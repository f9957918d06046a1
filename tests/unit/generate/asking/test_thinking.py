from __future__ import annotations

import pytest

from surefoot.generate.asking.thinking import Concluded, conclude


@pytest.mark.parametrize(
    ("reply", "thoughts", "answer"),
    [
        ("It is noon on Saturday.\nAnswer: at noon", "It is noon on Saturday.", "at noon"),
        ("周六是中午。\n答案：中午十二点", "周六是中午。", "中午十二点"),
        ("a\n**Answer:** at noon", "a", "at noon"),
        ("a\n**Answer: at noon**", "a", "at noon"),
        ("a\nFinal answer: at **noon**", "a", "at **noon**"),
        ("a\n> ### 最终答案: name[林海]", "a", "name[林海]"),
        ("Answer: first\nNo, wait.\nAnswer: second", "Answer: first\nNo, wait.", "second"),
        ("a\nAnswer:\nname[X]\narea[Y]", "a", "name[X]\narea[Y]"),
        ("a\nAnswer: b\nAnswer:", "a", "b\nAnswer:"),
        ("So the final answer is: 42", "So", "42"),
        ("所以最终答案是：42", "所以", "42"),
    ],
)
def test_the_answer_stands_behind_the_last_marker(reply, thoughts, answer):
    assert conclude(reply, last_line=True) == Concluded(thoughts, answer, marked=True)


@pytest.mark.parametrize(
    "reply", ["I think.\n\nname[X], area[Y]\n", "想一想。\n\nname[X], area[Y]\n"]
)
def test_without_a_marker_it_is_the_last_line(reply):
    found = conclude(reply, last_line=True)
    assert (found.answer, found.marked) == ("name[X], area[Y]", False)
    assert found.thoughts == reply.splitlines()[0]


def test_without_a_marker_it_may_be_all_of_it():
    assert conclude(" One.\nTwo. ", last_line=False) == Concluded("", "One.\nTwo.", marked=False)


@pytest.mark.parametrize("reply", ["", "  \n", "Answer:", "答案："])
def test_a_marker_with_nothing_behind_it_parts_nothing(reply):
    assert not conclude(reply, last_line=True).marked


def test_a_question_that_speaks_of_answers_is_no_marker():
    found = conclude("The answer depends: it may rain.\nIt closes at noon.", last_line=False)
    assert not found.marked
