"""An eval set that is written reads back as it was, and never takes the place of another by mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.filters import Comparison
from surefoot.core.types import EvalCase, GoldSpan
from surefoot.evaluate.evalsets import (
    evalset_file,
    evalset_names,
    find_evalset,
    load_evalset,
    make_evalset,
    part,
    revised,
    write_evalset,
)

CASES = (
    EvalCase(
        "q1", "How long is parental leave?", "en", {"hr.md": 2, "old.md": 1, "faq.md": 0}, ("25 weeks",),
        filter=Comparison("eq", "year", 2024), tags=("hr",), meta={"note": ["a", 1], "review": [{"by": "an"}]},
        gold=(GoldSpan("hr.md", "25 weeks", 10, 18, 2), GoldSpan("hr.md", "25 weeks of", 10, 21, 1)),
        cluster="hr.md", split="dev", source="log",
    ),
    EvalCase("q2", "年假有几天？", "zh", {"假期.md": 1}, ("二十五天", "25天"),
             gold=(GoldSpan("假期.md", "年假二十五天"),), cluster="假期", source="generated:heading"),
    EvalCase("q3", "谁画了办公室？", "zh", answerable=False, split="holdout"),
    EvalCase("q4", "Which form?", "en", {"b.md": 1, "a.md": 1}, cluster="a.md",
             gold=(GoldSpan("b.md", "form 7", 0, 6),)),
    EvalCase("q5", "No cluster?", "en", {"a.md": 1}),
)  # fmt: skip


@pytest.fixture
def evalset():
    return make_evalset("支持-support", CASES, task="summarise", version=3, parent="abc")


def test_a_set_reads_back_as_it_was_written(evalset, tmp_path):
    path = tmp_path / "sets" / "support.jsonl"
    assert write_evalset(evalset, path) is evalset
    assert load_evalset(path) == evalset
    assert [file.name for file in path.parent.iterdir()] == ["support.jsonl"]


def test_a_file_without_a_header_still_reads(evalset, tmp_path):
    path = tmp_path / "plain.jsonl"
    write_evalset(evalset, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert '"evalset": "支持-support"' in lines[0]
    path.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
    found = load_evalset(path)
    assert (found.name, found.task, found.version, found.cases) == ("plain", "qa", 1, CASES)


@pytest.mark.parametrize(
    "line",
    ['{"evalset": "x", "task": "dance"}', '{"evalset": "x", "version": 0}', '{"evalset": "x", "schema": 2}'],
)  # fmt: skip
def test_a_bad_header_is_named(tmp_path, line):
    path = tmp_path / "bad.jsonl"
    path.write_text(line + '\n{"id": "a", "question": "x?"}\n', encoding="utf-8")
    with pytest.raises(ConfigError) as problem:
        load_evalset(path)
    assert problem.value.where.startswith(f"{path}:1")


def test_the_digest_tells_what_is_asked_and_not_who_looked_at_it(evalset):
    first, *others = CASES
    looked = replace(first, split="holdout", source="human-reviewed", meta={"note": ["a", 1]})
    assert make_evalset("x", [looked, *others], task="summarise").digest == evalset.digest
    for changed in (
        replace(first, question="How long is leave?"),
        replace(first, answers=("26 weeks",)),
        replace(first, meta={}),
        replace(first, gold=first.gold[:1]),
    ):
        assert make_evalset("x", [changed, *others], task="summarise").digest != evalset.digest
    assert make_evalset("x", CASES).digest != evalset.digest


def test_an_edit_makes_the_next_version_and_a_split_does_not(evalset):
    edited = revised(evalset, evalset.cases[1:])
    assert (edited.version, edited.parent) == (4, evalset.digest)
    again = revised(evalset, [replace(case, split="dev") for case in evalset.cases])
    assert (again.version, again.digest, again.cases[1].split) == (3, evalset.digest, "dev")


def test_another_set_is_not_written_over(evalset, tmp_path):
    path = tmp_path / "support.jsonl"
    write_evalset(evalset, path)
    edited = revised(evalset, evalset.cases[1:])
    write_evalset(edited, path)
    assert load_evalset(path) == edited
    for stranger in (evalset, part(edited, edited.cases[:1]), revised(evalset, evalset.cases[:1])):
        with pytest.raises(ConfigError, match="another eval set"):
            write_evalset(stranger, path)
    write_evalset(evalset, path, overwrite=True)
    assert load_evalset(path) == evalset
    path.write_text("not an eval set", encoding="utf-8")
    with pytest.raises(ConfigError, match="no eval set"):
        write_evalset(evalset, path)
    with pytest.raises(ConfigError, match="a folder"):
        write_evalset(evalset, tmp_path)


@pytest.mark.parametrize(
    "case",
    [
        EvalCase("a", "x?", "en", {}, gold=(GoldSpan("d", "quote"),)),
        EvalCase("a", "x?", "en", {"d": 1}, gold=(GoldSpan("d", "quote", grade=2),)),
        EvalCase("a", "x?", "en", {"d": 1}, gold=(GoldSpan("d", ""),)),
        EvalCase("a", "x?", "en", {"d": 1}, gold=(GoldSpan("d", "x", 3),)),
        EvalCase("a", "x?", "en", {"d": 1}, answerable=False),
        EvalCase("a", "x?", "en", answers=("y",), answerable=False),
    ],
)
def test_a_case_that_contradicts_itself_is_not_written(case, tmp_path):
    with pytest.raises(ConfigError):
        write_evalset(make_evalset("x", [case]), tmp_path / "x.jsonl")
    assert not (tmp_path / "x.jsonl").exists()


def test_a_digest_that_is_not_that_of_the_cases_is_not_written(evalset, tmp_path):
    with pytest.raises(ConfigError, match="digest"):
        write_evalset(replace(evalset, cases=evalset.cases[1:]), tmp_path / "x.jsonl")


def test_a_set_is_found_by_its_name_or_its_path(evalset, tmp_path):
    file = evalset_file(tmp_path, "支持")
    assert file == evalset_file(tmp_path, "支持.jsonl") == tmp_path / "evalsets" / "支持.jsonl"
    write_evalset(evalset, file)
    beir = tmp_path / "evalsets" / "beir"
    beir.mkdir()
    (beir / "queries.jsonl").write_text("", encoding="utf-8")
    assert find_evalset("支持", tmp_path) == file == find_evalset(str(file))
    assert find_evalset("evalsets/支持.jsonl", tmp_path) == file
    assert find_evalset("beir", tmp_path) == beir
    assert evalset_names(tmp_path) == ["beir", "支持"]
    with pytest.raises(MissingError, match="known here: beir, 支持"):
        find_evalset("nothing", tmp_path)
    with pytest.raises(ConfigError, match="not a name"):
        evalset_file(tmp_path, "../escape")
