from pathlib import Path

import pytest

from surefoot.core.errors import ConfigError, DataError
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets import make_evalset
from surefoot.optimize.compare.files import CompareFiles, Made
from surefoot.optimize.compare.plan import ComparePlan, settings_of
from surefoot.optimize.compare.result import Build, HeldEqual
from surefoot.optimize.compare.settings import CompareSettings
from surefoot.run.workspace import open_workspace
from surefoot.tune.rows import ChatRow, ChatTurn, PairRow, TuningRows

SOLUTION = """schema = 1
name = "remote"

[endpoints.far]
base_url = "http://127.0.0.1:9/v1"
model = "m"

[[stages]]
kind = "answer"
model = "http:far"
reply = "plain"
"""
EN = [("Who built the old harbour?", "Alder"), ("When does the ferry leave?", "At nine")]
ZH = [("旧港口是谁建造的？", "桦林"), ("渡轮几点出发？", "九点")]


def questions(pairs):
    lang = "zh" if pairs is ZH else "en"
    cases = [
        EvalCase(f"q{at}", text, lang, answers=(gold,)) for at, (text, gold) in enumerate(pairs)
    ]
    return make_evalset("asked", cases)


def rows(*texts):
    return TuningRows.of(
        [
            ChatRow(
                id=f"r{at}", prompt=(ChatTurn(role="user", content=text),), completion=f"yes {at}"
            )
            for at, text in enumerate(texts)
        ]
    )


@pytest.fixture
def space(tmp_path):
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    with open_workspace(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("pairs", [EN, ZH], ids=["en", "zh"])
def test_a_model_at_an_address_is_compared_in_what_needs_no_training(space, pairs):
    train = rows("Where is the library of Elm?", "桦林镇图书馆在哪里？")
    plan = ComparePlan(space, questions(pairs), train, CompareSettings())
    assert plan.methods == ("prompt", "fewshot", "nearest", "cot")
    assert plan.model == "http:far"
    assert "at an address" in plan.left_out["lora"]
    assert "no documents" in plan.left_out["rag"]
    assert not plan.trains
    assert plan.seconds > 0
    assert [arm.name for arm in plan.arms] == list(plan.methods)


def test_without_rows_what_needs_them_is_left_out_and_the_missing_rival_is_told(space):
    plan = ComparePlan(space, questions(EN), None, CompareSettings())
    assert plan.methods == ("prompt", "cot")
    assert plan.left_out["nearest"] == "no training rows were given (--train)"
    assert any("without nearest" in note for note in plan.notes)


@pytest.mark.parametrize("pairs", [EN, ZH], ids=["en", "zh"])
def test_rows_that_give_a_question_away_are_refused(space, pairs):
    with pytest.raises(DataError, match="give away"):
        ComparePlan(space, questions(pairs), rows(pairs[0][0], "Another"), CompareSettings())


def test_pairs_are_no_rows_for_a_chat_model(space):
    pairs = TuningRows.of([PairRow(id="p", query="What?", positive="This.")])
    with pytest.raises(DataError, match="train an encoder"):
        ComparePlan(space, questions(EN), pairs, CompareSettings())


def test_nothing_to_run_is_an_error_with_the_reason(space):
    with pytest.raises(ConfigError, match="no documents to search"):
        ComparePlan(space, questions(EN), None, CompareSettings(methods=("rag",)))


def test_methods_and_seeds_do_not_make_another_comparison_but_effort_does(space):
    asked, train = questions(EN), rows("Where is the library of Elm?")
    ids = [
        ComparePlan(space, asked, train, settings).id
        for settings in (
            CompareSettings(),
            CompareSettings(methods=("prompt", "nearest"), seeds=(2, 3)),
            CompareSettings(shots=2),
        )
    ]
    assert ids[0] == ids[1] != ids[2]


HELD = HeldEqual("m", "m", "d", "", "http", "as given", 400, 0.0, "", "e")


def test_what_was_asked_comes_back_with_other_seeds_besides(space, tmp_path):
    asked, train = questions(EN), rows("Where is the library of Elm?", "桦林镇图书馆在哪里？")
    settings = CompareSettings(seeds=(1,), shots=2, epochs=1.5, tolerance=0.8)
    plan = ComparePlan(space, asked, train, settings)
    files = CompareFiles(tmp_path / ".surefoot", plan.id)
    files.begin(plan.requested(HELD), asked, train)
    kept = CompareFiles.find(tmp_path / ".surefoot", "last")
    assert kept.asked == plan.requested(HELD)
    assert (kept.evalset.digest, kept.train) == (asked.digest, train)
    again = settings_of(kept.asked, CompareSettings(seeds=(3, 2)))
    assert (again.seeds, again.shots, again.epochs, again.tolerance) == ((1, 2, 3), 2, 1.5, 0.8)
    assert settings_of(kept.asked, CompareSettings(tolerance=0.5)).tolerance == 0.5


def test_an_arm_is_ready_once_that_is_written(tmp_path):
    files = CompareFiles(tmp_path, "c0ffee")
    made = Made("model.gguf", "name", Build(train_s=1.0, steps=3), notes=("one",))
    assert files.made("lora+rag-1") is None
    files.write_made("lora+rag-1", made)
    assert files.made("lora+rag-1") == made
    assert files.peak("lora+rag-1") == 0.0
    assert [files.peak("lora+rag-1", size) for size in (5.0, 3.0)] == [5.0, 5.0]
    assert Path(files.write_solution("rag", {"schema": 1, "name": "rag"})).read_text() == (
        'schema = 1\nname = "rag"\n'
    )
