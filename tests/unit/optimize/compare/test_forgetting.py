"""General tasks in two languages: what counts as done, what a trained model lost, where there is nothing to lose."""

from __future__ import annotations

import re

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution
from surefoot.evaluate.scoring import Row
from surefoot.optimize.compare.forgetting import (
    AGREEMENT,
    FORGETTING,
    GENERAL,
    LANGS,
    floored,
    forgot,
    general_score,
    general_solution,
    general_tasks,
    task_done,
)

FORMS = {
    "en-15": "READY.", "en-16": "1, 2, 3, 4, 5", "en-17": "- Apple\n- Banana\n- Cherry", "en-18": "Yes.",
    "en-19": "HOUSE", "en-20": '{"city": "Rome"}', "en-28": "Hello, and welcome to the team!",
    "en-29": "Congratulations, that is great!", "en-30": "Thank you for your help.",
    "zh-15": "准备好了。", "zh-16": "1，2，3，4，5", "zh-17": "苹果\n香蕉\n橙子", "zh-18": "是", "zh-19": "《西游记》",
    "zh-20": '{"城市": "北京"}', "zh-27": "他昨天去学校了吗？", "zh-28": "你好，欢迎加入我们！",
    "zh-29": "恭喜你！", "zh-30": "谢谢您的帮助。",
}  # fmt: skip
WRONG = {
    "en-16": "Sure! 1, 2, 3, 4, 5", "en-18": "Fire is hot because yes", "en-19": "house", "en-20": "Rome",
    "zh-15": "好的，我准备好了", "zh-17": "苹果、香蕉、橙子", "zh-18": "火是热的", "zh-19": "西游记",
}  # fmt: skip


def case_of(name):
    return next(case for lang in LANGS for case in general_tasks(lang).cases if case.id == name)


def answered(lang, *, right=30):
    """The replies of a model that does the first so many tasks."""
    return [
        Row(case.id, case.question, lang, answerable=True, answer=right_reply(case) if i < right else "?!")
        for i, case in enumerate(general_tasks(lang).cases)
    ]  # fmt: skip


def right_reply(case):
    return case.answers[0] if case.answers else FORMS[case.id]


def test_thirty_tasks_of_each_language_say_what_is_right():
    for lang in LANGS:
        tasks = general_tasks(lang).cases
        assert len(tasks) == 30 and {case.lang for case in tasks} == {lang}
        assert len({case.question for case in tasks}) == 30
        assert {tag for case in tasks for tag in case.tags} == {
            "fact", "arithmetic", "format", "translate", "language", "chat",
        }  # fmt: skip
        for case in tasks:
            assert bool(case.answers) != ("pattern" in case.meta)
            if "pattern" in case.meta:
                assert re.compile(case.meta["pattern"])
            assert task_done(case, right_reply(case)) == 1.0, case.id
            assert task_done(case, "?!") == task_done(case, None) == 0.0


@pytest.mark.parametrize(("name", "said"), WRONG.items())
def test_what_lacks_the_form_is_not_done(name, said):
    assert task_done(case_of(name), said) == 0.0


def test_numbers_count_in_words_and_in_sentences():
    assert task_done(case_of("en-10"), "9 times 6 is 54.") == 1.0
    assert task_done(case_of("zh-12"), "一共有七个苹果。") == 1.0
    assert task_done(case_of("en-10"), "540") == 0.0


def test_what_is_lost_is_the_paired_difference():
    base = {lang: answered(lang, right=24) for lang in LANGS}
    arm = {"en": answered("en", right=18), "zh": answered("zh", right=24)}
    found = forgot(base, arm)
    assert found[FORGETTING].value == pytest.approx(6 / 60)
    assert found["forgetting_en"].value == pytest.approx(6 / 30) and found["forgetting_en"].low > 0
    assert found["forgetting_zh"].value == 0.0
    assert found[GENERAL].value == pytest.approx(42 / 60)
    assert found[AGREEMENT].value == pytest.approx(54 / 60)
    assert floored(found) == ()
    assert general_score(base).value == pytest.approx(48 / 60)


def test_a_base_that_can_do_nothing_has_nothing_to_lose_and_that_is_said():
    base = {"en": answered("en", right=20), "zh": answered("zh", right=3)}
    assert floored(forgot(base, base)) == ("zh",)
    assert forgot({}, {}) == {}


def test_the_base_is_asked_the_task_and_nothing_else():
    solution = parse_solution(general_solution("some.gguf"), Registry())
    stage = solution.stages[0]
    assert (stage.plain, stage.reply, stage.temperature) == ("answer/direct", "plain", 0.0)
    assert solution.corpus is None and stage.adapter == ""
    assert general_solution("m", "house")["stages"][0]["adapter"] == "house"
