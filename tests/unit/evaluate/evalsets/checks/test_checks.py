"""Each thing that spoils an eval set is found, with its cases and a remedy, in English and Chinese; sound sets pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.core.types import Chunk, Document, EvalCase, GoldSpan, Hit
from surefoot.evaluate.evalsets import make_evalset
from surefoot.evaluate.evalsets.checks import Means, check_evalset, overlap
from surefoot.evaluate.evalsets.checks.overlap import humans
from surefoot.evaluate.evalsets.library import Library

EN = "The harbour office opens at seven and closes at {n} in winter. Boats longer than {n} metres pay double."
ZH = "港口办公室冬季上午七点开门，{n}点关门。长度超过{n}米的船只须付双倍费用。"
DOCUMENTS = [
    *(Document(f"en{i}", "", "", EN.format(n=30 + i)) for i in range(40)),
    *(Document(f"zh{i}", "", "", ZH.format(n=30 + i)) for i in range(40)),
]
LIBRARY = Library.of_documents(DOCUMENTS)


def _case(i, lang="en", **more):
    question = {
        "en": f"What must a long vessel pay at quay number {i}?",
        "zh": f"第{i}号码头的大船要交多少钱？",
    }[lang]
    answer = {"en": "double", "zh": "双倍"}[lang]
    values = {"relevant": {f"{lang}{i}": 1}, "answers": (answer,), "cluster": f"{lang}{i}"} | more
    return EvalCase(f"{lang}-{i}", question, lang, **values)


def _sound():
    unanswerable = [
        EvalCase(f"no{i}", f"Who painted ship {i * 37}?", "en", answerable=False) for i in range(40)
    ]
    return [_case(i, lang) for lang in ("en", "zh") for i in range(40)] + unanswerable


def _checked(cases, **means):
    return check_evalset(make_evalset("set", cases), Means(LIBRARY, hoped=0.2, **means))


def _found(checked, check):
    return [finding for finding in checked.findings if finding.check == check]


def test_a_sound_set_is_good():
    checked = _checked(_sound())
    assert (checked.grade, checked.reasons) == ("good", ())
    assert {score.metric for score in checked.scores} == {"overlap_en", "overlap_zh", "human_share"}
    assert all(finding.weight == "note" for finding in checked.findings)


@pytest.mark.parametrize(
    ("change", "check", "weight"),
    [
        ({"relevant": {"gone.md": 1}}, "gold document", "wrong"),
        ({"gold": (GoldSpan("en0", "words that are not there"),)}, "gold quote", "wrong"),
        ({"answers": ("a bicycle made of cheese",)}, "answer not in gold", "doubtful"),
    ],
)
def test_gold_that_cannot_be_right_is_found(change, check, weight):
    cases = [replace(_case(0), **change), *_sound()[1:]]
    (finding,) = _found(_checked(cases), check)
    assert (finding.weight, finding.cases) == (weight, ("en-0",)) and finding.remedy


def test_an_answer_in_other_words_and_a_verdict_pass():
    cases = [
        replace(_case(0), answers=("Boats that are longer pay the double fee",)),
        replace(_case(1), answers=("Yes",)),
        replace(_case(2, "zh"), answers=("船只须付双倍费用",)),
        replace(_case(3, "zh"), answers=("是",)),
    ]
    assert not _found(_checked(cases), "answer not in gold")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_copies_and_contradictions_are_found(lang):
    one = _case(1, lang)
    twin = replace(one, id="twin", question=one.question.upper() + " ", relevant={f"{lang}2": 1})
    other = replace(one, id="other", answers=("nothing at all" if lang == "en" else "不用交",))
    near = replace(
        one, id="near", question=one.question.replace("a long", "the long").replace("交", "缴")
    )
    checked = _checked([*_sound(), twin])
    (finding,) = _found(checked, "duplicates")
    assert set(finding.cases) == {one.id, "twin"} and not _found(checked, "conflict")
    (finding,) = _found(_checked([*_sound(), other]), "conflict")
    assert (finding.weight, set(finding.cases)) == ("wrong", {one.id, "other"})
    (finding,) = _found(_checked([*_sound(), near]), "near duplicates")
    assert set(finding.cases) == {one.id, "near"}


def test_a_torn_cluster_breaks_a_set():
    cases = [replace(case, split="dev") for case in _sound()]
    cases.append(
        replace(_case(3), id="late", question="Opening hours there?", split="holdout", answers=())
    )
    checked = _checked(cases)
    (finding,) = _found(checked, "torn clusters")
    assert set(finding.cases) == {"en-3", "late"} and checked.grade == "broken"
    assert "--again" in finding.remedy


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_questions_copied_from_the_passage_leak(lang):
    text = {"en": "The harbour office opens at seven?", "zh": "港口办公室冬季上午七点开门？"}[lang]
    cases = [replace(_case(i, lang), question=text) for i in range(40)]
    (finding,) = _found(_checked(cases), "leakage")
    assert finding.weight == "doubtful" and "100%" in finding.message and len(finding.cases) == 40
    assert {one.lang for one in humans()} == {"en", "zh"}


def test_overlap_looks_at_a_passage_and_not_at_the_whole_document():
    far = (
        "Boats pay double. " + "Nothing to see here at all. " * 200 + "The harbour opens at seven."
    )
    library = Library.of_documents([Document("long", "", "", far)])
    case = EvalCase("a", "When does the harbour open for boats?", "en", {"long": 1})
    assert overlap(case, library.plain) == pytest.approx(2 / 3)
    spoken = replace(case, gold=(GoldSpan("long", "Boats pay double", 0, 16),))
    assert overlap(spoken, library.plain) == pytest.approx(1 / 3)
    assert overlap(replace(case, relevant={}), library.plain) is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_other_passages_that_answer_are_found(lang):
    """A copy of the gold under another name, and a passage with the answer and the question's words."""
    text = {"en": EN, "zh": ZH}[lang].format(n=99)
    question = {
        "en": "What do boats longer than 99 metres pay?",
        "zh": "长度超过99米的船只付多少费用？",
    }[lang]
    answer = {"en": "double", "zh": "双倍"}[lang]
    case = EvalCase("q", question, lang, {"gold": 1, "judged": 0}, (answer,))
    texts = {
        "gold": text, "judged": text, "copy": f"# Archive\n{text}\n", "unlike": EN[:40] + ZH[:10],
        "other": {"en": "Under the old rules boats longer than 99 metres did pay double.",
                  "zh": "旧规定里，长度超过99米的船只也付双倍费用。"}[lang],
    }  # fmt: skip
    library = Library.of_documents(Document(name, "", "", body) for name, body in texts.items())

    def find(_):
        return [
            Hit(Chunk(name, name, body, 0, len(body)), 1.0, "x") for name, body in texts.items()
        ]

    checked = check_evalset(make_evalset("set", [case]), Means(library, find))
    (finding,) = _found(checked, "false negatives")
    assert finding.cases == ("q",)
    assert [line.split()[1].partition("[")[0] for line in finding.details] == ["copy", "other"]


@pytest.mark.parametrize(
    ("question", "doubted"),
    [
        ("Which boats longer than 30 metres pay double?", True),
        ("Which boats longer than 30 metres pay nothing?", False),
        ("Boats?", False),
        ("长度超过30米的船只须付双倍费用？", True),
        ("长度超过30米的船只不用付费吗？", False),
    ],
)
def test_an_unanswerable_question_is_doubted_where_a_passage_has_all_its_words(question, doubted):
    text = (EN + ZH).format(n=30)
    case = EvalCase("q", question, "en", answerable=False)
    hits = [Hit(Chunk("c", "d", text, 0, len(text)), 1.0, "x")]
    checked = check_evalset(make_evalset("set", [case]), Means(LIBRARY, lambda _: hits))
    assert bool(_found(checked, "unanswerable")) is doubted


def test_searches_are_drawn_and_counted():
    asked = []
    checked = _checked(_sound(), find=lambda case: asked.append(case.id) or [], searches=10)
    assert len(asked) == 10 and asked == sorted(asked, key=[c.id for c in _sound()].index)
    assert "false negatives: looked for at 10 of 120 questions" in checked.left_out


def test_size_and_people_are_weighed():
    few = [replace(_case(i), source="generated:heading") for i in range(10)]
    checked = check_evalset(make_evalset("set", few), Means(LIBRARY, hoped=0.05))
    (size,) = _found(checked, "size")
    assert size.weight == "doubtful" and "5 points take 628" in size.message
    (human,) = _found(checked, "human share")
    assert human.weight == "doubtful" and checked.grade == "weak"
    assert _found(checked, "no unanswerable")
    reviewed = [replace(case, source="human-reviewed:generated:heading") for case in few]
    assert not _found(_checked(reviewed), "human share")


def test_strata_that_are_too_small_are_named():
    cases = [replace(_sound()[0], tags=("rare",)), *_sound()[1:45]]
    (finding,) = _found(_checked(cases), "strata")
    assert "tag rare (1)" in finding.message and "language zh (5)" in finding.message


def test_without_documents_the_rest_is_checked():
    checked = check_evalset(make_evalset("set", _sound()))
    assert len(checked.left_out) == 3 and [score.metric for score in checked.scores] == [
        "human_share"
    ]


def test_a_sentence_that_is_the_question_does_not_count_for_itself():
    text = "The harbour opens at seven. Boats pay double in winter."
    library = Library.of_documents([Document("d", "", "", text)])
    gold = (GoldSpan("d", "Boats pay double in winter.", 28, 55),)
    case = EvalCase("a", "The harbour opens at seven.", "en", {"d": 1}, gold=gold)
    assert overlap(case, library.plain) == 1.0
    hidden = replace(case, meta={"hidden": {"doc": "d", "start": 0, "end": 27}})
    assert overlap(hidden, library.plain) == 0.0
