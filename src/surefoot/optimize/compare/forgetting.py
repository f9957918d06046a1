"""What a trained model lost: sixty small tasks in English and Chinese that have nothing to do with what it learnt.

Base and trained models are asked them alike, without documents, examples or form, so that whatever differs is the
weights. A task that the base cannot do cannot be forgotten: where it can do few, that is said, and how alike the
replies are is the only thing that is left to measure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from surefoot.core.types import EvalCase, EvalSet, Score
from surefoot.evaluate.evalsets import load_evalset
from surefoot.evaluate.metrics import answer_lang, contains_gold, numeric_match, rouge_l
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import mean_score, paired_difference

GENERAL: Final = "general"
"""The share of the general tasks that are done right; the suites are `general-en` and `general-zh`."""
FORGETTING: Final = "forgetting"
"""That share of the base minus that of the arm, task by task: above 0 is what was lost."""
BASE_GENERAL: Final = "general_base"
"""What the base does of them, by language: `general_base_en`, `general_base_zh`."""
AGREEMENT: Final = "reply_agreement"
"""How much of the base's replies the arm gives too: ROUGE-L, words in English, characters in Chinese."""

GeneralLang = Literal["en", "zh"]
LANGS: tuple[GeneralLang, ...] = ("en", "zh")
FLOOR: Final = 0.2
_MAX_TOKENS = 32


@cache
def general_tasks(lang: GeneralLang) -> EvalSet:
    """The thirty tasks of a language: facts, arithmetic, forms, translation, words, plain chat."""
    file = resources.files("surefoot.optimize.compare") / "data" / f"general-{lang}.jsonl"
    with resources.as_file(file) as path:
        return load_evalset(path)


def general_solution(model: str, adapter: str = "") -> dict[str, Any]:
    """The solution that asks a model nothing but the task itself."""
    answer: dict[str, Any] = {
        "kind": "answer",
        "model": model,
        "reply": "plain",
        "plain": "answer/direct",
        "max_tokens": _MAX_TOKENS,
        "temperature": 0.0,
    }
    if adapter:
        answer["adapter"] = adapter
    return {"schema": 1, "name": GENERAL, "stages": [answer]}


def task_done(case: EvalCase, text: str | None) -> float:
    """1 where a reply does the task: its answer stands in it, or the whole of it has the form asked for."""
    if not text:
        return 0.0
    if "pattern" in case.meta:
        pattern = re.compile(str(case.meta["pattern"]), re.DOTALL | re.IGNORECASE)
        return float(pattern.fullmatch(text.strip()) is not None)
    lang = answer_lang(case)
    return max(contains_gold(text, case.answers, lang), numeric_match(text, case.answers))


def forgot(
    base: Mapping[GeneralLang, Sequence[Row]],
    arm: Mapping[GeneralLang, Sequence[Row]],
    *,
    seed: int = 0,
) -> dict[str, Score]:
    """What the arm lost over the tasks that both were asked, in all and by language, and what the base can do."""
    scores: dict[str, Score] = {}
    was: list[float] = []
    now: list[float] = []
    alike: list[float] = []
    for lang in LANGS:
        done = _done(lang, base.get(lang, ()), arm.get(lang, ()))
        if not done:
            continue
        before, after, same = (list(column) for column in zip(*done, strict=True))
        named = paired_difference(f"{FORGETTING}_{lang}", after, before, seed=seed)
        scores[named.metric] = named
        held = f"{BASE_GENERAL}_{lang}"
        scores[held] = mean_score(held, before, seed=seed)
        was, now, alike = [*was, *before], [*now, *after], [*alike, *same]
    if was:
        scores[FORGETTING] = paired_difference(FORGETTING, now, was, seed=seed)
        scores[GENERAL] = mean_score(GENERAL, now, seed=seed)
        scores[AGREEMENT] = mean_score(AGREEMENT, alike, seed=seed)
    return scores


def floored(scores: Mapping[str, Score]) -> tuple[GeneralLang, ...]:
    """The languages in which the base does fewer than one in five of the tasks: there is too little to lose."""
    return tuple(
        lang
        for lang in LANGS
        if (held := scores.get(f"{BASE_GENERAL}_{lang}")) is not None and held.value < FLOOR
    )


def general_score(rows: Mapping[GeneralLang, Sequence[Row]], *, seed: int = 0) -> Score:
    """The share of the tasks that a model does; also of the base, which has nothing to be held against."""
    done = [
        task_done(case, row.answer)
        for lang in LANGS
        for row in rows.get(lang, ())
        if (case := _cases(lang).get(row.id)) is not None
    ]
    return mean_score(GENERAL, done, seed=seed)


def _done(
    lang: GeneralLang, base: Sequence[Row], arm: Sequence[Row]
) -> list[tuple[float, float, float]]:
    """Task by task: done by the base, done by the arm, likeness of the replies."""
    known = {row.id: row for row in base}
    cases = _cases(lang)
    return [
        (
            task_done(cases[row.id], known[row.id].answer),
            task_done(cases[row.id], row.answer),
            rouge_l(row.answer or "", [known[row.id].answer or ""], lang),
        )
        for row in arm
        if row.id in known and row.id in cases
    ]


@cache
def _cases(lang: GeneralLang) -> Mapping[str, EvalCase]:
    return {case.id: case for case in general_tasks(lang).cases}
