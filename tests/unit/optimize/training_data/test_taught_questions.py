"""What eval sets and documents teach: the first answer, else the sentences of the gold that say most."""

from __future__ import annotations

import json

import pytest

from surefoot.core.errors import MissingError
from surefoot.core.types import Chunk, EvalCase, GoldSpan
from surefoot.evaluate.evalsets import make_evalset, write_evalset
from surefoot.optimize.training_data import read_inputs, taught_cases
from surefoot.optimize.training_data.checking import distinct, fresh, guessed
from surefoot.optimize.training_data.parts import _without_hidden, declining
from surefoot.optimize.training_data.questions import telling
from surefoot.tune.data import Taught
from surefoot.tune.rows import PairRow

EN = (
    "The office is closed on Sundays. A **buoy** is rented for a month at a time. The list of buoys is read out on "
    "Mondays in front of the old harbour office. Boats carry a number, which is painted on them before they come in "
    "for the first time. Nobody may moor without one of them."
)
ZH = (
    "港务办公室周日不开门，也不接受任何书面申请。系泊浮标按月出租，最少租一个月。空闲浮标的名单每周一在老港务办公室门前宣读。"
    "船只的编号由港务办公室发放，在船只第一次进港以前写好。没有编号的船只不能停泊在港口里。"
)


@pytest.mark.parametrize(
    "question, text, held, not_held",
    [
        ("How long is a buoy rented?", EN, "A buoy is rented for a month at a time.", "Nobody"),
        ("系泊浮标怎样出租？", ZH, "系泊浮标按月出租，最少租一个月。", "没有编号"),
    ],
)
def test_the_sentences_that_say_most_are_taught(question, text, held, not_held):
    said = telling(question, text)
    assert held in said
    assert not_held not in said
    assert len(said) < len(text)
    assert telling(question, "Short. Text.") == "Short. Text."


@pytest.mark.parametrize(
    "case, completion, generator",
    [
        (EvalCase("a", "q", "en", answers=("x", "y")), "x", "given"),
        (EvalCase("a", "q", "en", {"d": 1}, gold=(GoldSpan("d", "It is so."),)), "It is so.", "given"),
        (
            EvalCase("a", "q", "en", {"d": 1}, ("so",), gold=(GoldSpan("d", "It is so."),),
                     source="generated:definition"),
            "It is so.",
            "template:definition",
        ),
        (
            EvalCase("a", "q", "zh", {"d": 1}, ("9",), gold=(GoldSpan("d", "|a|9|"),), source="generated:table"),
            "9",
            "template:table",
        ),
        (
            EvalCase("a", "q", "zh", {"d": 1}, ("九",), gold=(GoldSpan("d", "共九天"),), source="generated:written"),
            "九",
            "model:m",
        ),
        (EvalCase("a", "q", "en", answerable=False), "", "given"),
        (EvalCase("a", "q", "en", {"d": 1}), "", "given"),
    ],
)  # fmt: skip
def test_a_case_teaches_its_answer(case, completion, generator):
    (taught,) = taught_cases(None, [case], model="m")
    assert taught.completion == completion
    assert taught.origin.generator == generator
    assert taught.answerable == case.answerable
    assert taught.own is False
    assert [span.document_id for span in taught.gold] == list(case.relevant)


def test_files_and_eval_sets_are_told_apart(tmp_path):
    (tmp_path / "evalsets").mkdir()
    evalset = make_evalset("mine", [EvalCase("a", "q", "en", answers=("x",))])
    write_evalset(evalset, tmp_path / "evalsets" / "mine.jsonl")
    bare = tmp_path / "bare.jsonl"
    bare.write_text(json.dumps({"id": "b", "question": "r", "answers": ["y"]}), encoding="utf-8")
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"id": "c", "question": "s", "answer": "z"}), encoding="utf-8")
    table = tmp_path / "t.csv"
    table.write_bytes("问题,答案\n请问密码有多长呢？,十四个字符以上\n".encode("gb18030"))
    found = read_inputs(
        [tmp_path / "evalsets" / "mine.jsonl", bare, rows, table], tmp_path
    )  # fmt: skip
    assert [case.id for case in found.cases] == ["a", "b"]
    assert [row.completion for row in found.reading.rows] == ["z", "十四个字符以上"]
    assert found.formats == {"table": 2, "eval set": 2}
    assert read_inputs([tmp_path.joinpath("mine").relative_to(tmp_path)], tmp_path).cases
    with pytest.raises(MissingError, match=r"no such file"):
        read_inputs([tmp_path / "none.jsonl"], tmp_path)


def test_made_questions_that_an_eval_set_asks_are_left_out():
    asked = [Taught("a", "How long is it?"), Taught("b", "多久？"), Taught("c", "Who sings here?")]
    against = [EvalCase("e", "how LONG is it", "en"), EvalCase("f", "多久", "zh")]
    left, gone = fresh(asked, against, None)
    assert [one.id for one in left] == ["c"]
    assert len(gone) == 2


def test_small_things():
    rows = [PairRow(id="a", query="q", positive="p") for _ in range(3)]
    assert [row.id for row in distinct(rows)] == ["a", "a~2", "a~3"]
    assert guessed("密码") == 3
    assert guessed("a" * 40) == 11
    assert declining("none")("zh") == "none"
    assert declining()("zh") != declining()("en")
    text = "One. Two. Three."
    chunk = Chunk("c", "d", text, 10, 10 + len(text))
    assert _without_hidden(chunk, Taught("a", "q", hidden=("d", 15, 19))).text == "One. Three."
    assert _without_hidden(chunk, Taught("a", "q", hidden=("e", 15, 19))) is chunk
    assert _without_hidden(chunk, Taught("a", "q", hidden=("d", 90, 95))) is chunk
