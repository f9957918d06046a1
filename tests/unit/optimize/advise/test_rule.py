from __future__ import annotations

from dataclasses import astuple

import pytest

from surefoot.optimize.advise.advice import advise
from surefoot.optimize.advise.changes import changes
from surefoot.optimize.advise.forms import form_of, path_of
from surefoot.optimize.advise.interview import Answers, interview
from surefoot.optimize.advise.rule import KEYS, Needs, combinations, rule
from surefoot.optimize.advise.table import side_by_side

YES = {
    "knowledge": True,
    "behaviour": True,
    "hallucination": "costly",
    "labelled": 300,
    "changes": "monthly",
    "traceable": True,
}
NO = {
    "knowledge": False,
    "behaviour": False,
    "hallucination": "annoying",
    "labelled": 299,
    "changes": "yearly",
    "traceable": False,
}


def answers_of(needs):
    return Answers(**{key: (YES if getattr(needs, key) else NO)[key] for key in KEYS})


def flags(needs):
    return astuple(needs)[:6]


@pytest.mark.parametrize("needs", combinations(), ids=lambda n: "".join("ny"[f] for f in flags(n)))
def test_every_combination_follows_the_rule_of_thumb(needs):
    """The rule as it was written down: RAG if outside knowledge, few hallucinations, changing data or traceability
    are needed; tuning if behaviour must change and labelled data is plentiful; both if both."""
    knowledge, behaviour, hallucination, labelled, changes, traceable = flags(needs)
    retrieval = knowledge or hallucination or changes or traceable
    tuning = behaviour and labelled
    wanted = {(1, 1): "both", (1, 0): "rag", (0, 1): "tune", (0, 0): "prompt"}
    for lang in ("en", "zh"):
        found = advise(answers_of(needs), lang)
        assert found.path == wanted[retrieval, tuning]
        assert found.title and found.summary and found.costs and found.reasons
        assert (found.next.command, found.steps[-1].command) == (
            "surefoot init",
            "surefoot advise --compare last",
        )
        assert ("rag" in found.methods) == retrieval
        assert ("lora" in found.methods) == tuning
        if retrieval and tuning:  # RAG first, then measure
            commands = [step.command for step in found.steps]
            assert commands.index("surefoot add DOCS") < next(
                place for place, one in enumerate(commands) if one.startswith("surefoot tune data")
            )


def test_the_64_combinations_are_all_different():
    assert len({flags(needs) for needs in combinations()}) == 64


@pytest.mark.parametrize("needs", combinations(), ids=lambda n: "".join("ny"[f] for f in flags(n)))
def test_every_answer_that_calls_for_the_advice_is_among_the_reasons(needs):
    found = advise(answers_of(needs))
    told = {reason.key for reason in found.reasons}
    assert {key for key in rule().rag_any if getattr(needs, key)} <= told
    if needs.behaviour:
        assert {"behaviour", "labelled"} <= told
    assert all(reason.answer for reason in found.reasons)


def test_what_would_change_the_advice_does():
    """Each change that is told leads to another advice, and each that is not told leads to the same."""
    for needs in combinations():
        told = " ".join(changes(needs, "en"))
        for key in KEYS:
            word = "no" if getattr(needs, key) else "yes"
            from surefoot.optimize.advise.words import word as said

            text = said("en", f"change.{key}.{word}", plenty=rule().plenty)
            assert (text in told) == (form_of(needs.flipped(key)) != form_of(needs))


def test_with_every_question_open_retrieval_comes_first():
    found = advise(Answers())
    assert (found.path, len(found.assumed)) == ("rag", 6)


@pytest.mark.parametrize(
    ("key", "value", "need"),
    [
        ("hallucination", "harmless", False),
        ("hallucination", "dangerous", True),
        ("changes", "never", False),
        ("changes", "daily", True),
        ("labelled", 0, False),
        ("labelled", 5000, True),
    ],
)
def test_answers_by_degree_become_yes_or_no(key, value, need):
    assert getattr(rule().needs(Answers(**{key: value})), key) is need


def test_the_four_methods_rank_as_the_rule_of_thumb_says():
    ranks = {row.key: row.ranks for row in side_by_side("en")}
    prompt, rag, peft, full = "prompt", "rag", "peft", "full"

    def rising(key, *groups):
        places = [{ranks[key][method] for method in group} for group in groups]
        assert all(len(one) == 1 for one in places), key
        assert [one.pop() for one in places] == list(range(1, len(groups) + 1)), key

    rising("cost", [prompt], [rag], [peft], [full])
    rising("complexity", [prompt], [rag], [peft, full])
    rising("terms", [prompt], [rag], [peft], [full])
    rising("freshness", [peft, full], [prompt], [rag])
    rising("traceability", [prompt, peft, full], [rag])
    rising("grounding", [prompt], [peft], [full], [rag])
    rising("flexibility", [full], [peft], [prompt], [rag])


def test_the_six_deciding_questions_are_those_of_the_rule():
    assert tuple(one.key for one in interview().questions if one.decides) == KEYS
    assert {path_of(form_of(needs)) for needs in combinations()} == {
        "prompt",
        "rag",
        "tune",
        "both",
    }
    assert isinstance(rule().needs(Answers()), Needs)
