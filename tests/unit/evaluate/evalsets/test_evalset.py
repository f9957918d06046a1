"""Eval sets are read whole or refused with the line that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.filters import Comparison
from surefoot.evaluate.evalsets import evalset_digest, load_evalset, sample


def _write(path: Path, rows: list[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    _write(
        folder / "queries.jsonl",
        [
            {"_id": "q1", "text": "How many days of leave?", "metadata": {"lang": "en"}},
            {"_id": "q2", "text": "年假有几天？"},
            {"_id": "q3", "text": "Who painted the office?"},
        ],
    )
    _write(
        folder / "qrels/test.tsv",
        ["query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td2\t0", "q2\td3\t1"],
    )
    _write(
        folder / "answers.jsonl",
        [
            {"_id": "q1", "answers": ["25 days"]},
            {"_id": "q2", "answers": ["二十五天"], "note": "kept out"},
            {"_id": "q3", "answers": []},
        ],
    )
    return folder


def test_a_beir_folder_gives_cases_in_both_languages(beir: Path) -> None:
    evalset = load_evalset(beir)
    first, second, third = evalset.cases
    assert evalset.name == "handbook"
    assert (first.id, first.lang, dict(first.relevant), first.answers) == (
        "q1", "en", {"d1": 2, "d2": 0}, ("25 days",),
    )  # fmt: skip
    assert (second.lang, second.answers, second.answerable) == ("zh", ("二十五天",), True)
    assert (third.answers, third.answerable, dict(third.relevant)) == ((), False, {})


def test_judgements_and_answers_may_be_absent(beir: Path) -> None:
    (beir / "answers.jsonl").unlink()
    (beir / "qrels/test.tsv").unlink()
    assert all(case.answerable and not case.relevant for case in load_evalset(beir).cases)


def test_the_digest_names_the_content_whatever_its_order(beir: Path) -> None:
    cases = load_evalset(beir).cases
    assert evalset_digest(cases) == evalset_digest(cases[::-1])
    assert evalset_digest(cases) != evalset_digest(cases[:2])


def test_a_jsonl_file_gives_cases(tmp_path: Path) -> None:
    gold = [{"doc": "d1", "quote": "25 days", "start": 3, "end": 10}, {"doc": "d2", "grade": 3}]
    path = _write(
        tmp_path / "questions.jsonl",
        [
            {"id": "a", "question": "How long is leave?", "answers": ["25 days"], "gold": gold,
             "tags": ["hr"], "cluster": "c1", "split": "dev", "source": "log",
             "filter": {"type": "eq", "key": "year", "value": 2024}},
            {"id": "b", "question": "谁画了办公室？", "answerable": False},
        ],
    )  # fmt: skip
    evalset = load_evalset(path)
    first, second = evalset.cases
    assert evalset.name == "questions"
    assert dict(first.relevant) == {"d1": 1, "d2": 3}
    assert first.filter == Comparison("eq", "year", 2024)
    assert (first.split, first.gold[0].quote) == ("dev", "25 days")
    assert (second.lang, second.answerable) == ("zh", False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{not json", "not JSON"),
        ({"id": "b"}, "question is missing"),
        ({"id": "b", "question": "?", "anwers": []}, "did you mean answers"),
        ({"id": "b", "question": "?", "gold": [{"quote": "x"}]}, "gold.0.doc is missing"),
        ({"id": "b", "question": "?", "answerable": False, "answers": ["x"]}, "not answerable"),
        ({"id": "b", "question": "?", "filter": {"type": "is"}}, "unknown type"),
        ({"id": "b", "question": "?", "lang": "fr"}, "lang"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: object, message: str) -> None:
    path = _write(tmp_path / "bad.jsonl", [{"id": "a", "question": "fine?"}, line])
    with pytest.raises(ConfigError, match=message) as problem:
        load_evalset(path)
    assert problem.value.where.startswith(f"{path}:2")


def test_bad_judgements_and_strays_are_named(beir: Path) -> None:
    qrels = beir / "qrels/test.tsv"
    _write(qrels, ["query-id\tcorpus-id\tscore", "q1\td1\thigh"])
    with pytest.raises(ConfigError, match="whole-number") as problem:
        load_evalset(beir)
    assert problem.value.where == f"{qrels}:2"
    _write(qrels, ["query-id\tcorpus-id\tscore", "q9\td1\t1"])
    with pytest.raises(ConfigError, match="'q9' is not in queries"):
        load_evalset(beir)


def test_what_is_not_there_or_empty_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no eval set"):
        load_evalset(tmp_path / "none")
    with pytest.raises(MissingError, match=r"queries\.jsonl"):
        load_evalset(tmp_path)
    with pytest.raises(ConfigError, match="no questions"):
        load_evalset(_write(tmp_path / "empty.jsonl", [""]))
    twice = [{"id": "a", "question": "x?"}, {"id": "a", "question": "y?"}]
    with pytest.raises(ConfigError, match="two questions"):
        load_evalset(_write(tmp_path / "twice.jsonl", twice))


def test_a_sample_is_drawn_by_seed_and_named_anew(beir: Path) -> None:
    evalset = load_evalset(beir)
    drawn = sample(evalset, 2, seed=1)
    assert drawn == sample(evalset, 2, seed=1)
    assert len(drawn.cases) == 2 and drawn.digest != evalset.digest
    assert [case for case in evalset.cases if case in drawn.cases] == list(drawn.cases)
    assert sample(evalset, 99) is evalset
    with pytest.raises(ConfigError):
        sample(evalset, 0)
