"""Tasks over texts and documents, and as solutions that are measured."""

import json

import pytest

from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.types import EvalCase, EvalSet
from surefoot.evaluate.runner import evaluate_workspace
from surefoot.run.workspace import open_workspace
from surefoot.testing.fakes import FakeChat


@pytest.fixture
def space(tmp_path, monkeypatch):
    opened = []

    def made(replies, stage='kind = "answer"\nmodel = "m.gguf"'):
        model = FakeChat(replies)
        monkeypatch.setattr("surefoot.models.chat.open_chat", lambda *_: model)
        (tmp_path / "surefoot.toml").write_text(
            f"schema = 1\n[[stages]]\n{stage}\n", encoding="utf-8"
        )
        (tmp_path / "m.gguf").write_bytes(b"x")
        schema = {"type": "object", "properties": {"year": {"type": "integer"}}}
        (tmp_path / "s.json").write_text(json.dumps(schema), encoding="utf-8")
        opened.append(open_workspace(tmp_path))
        return opened[-1]

    yield made
    for one in opened:
        one.close()


def test_a_task_takes_the_model_that_answers(space):
    tasks = space(["x"]).tasks
    assert tasks.settings("summarise", {}).model == "m.gguf"
    assert tasks.settings("summarise", {"sentences": 2}).sentences == 2


def test_or_the_settings_of_its_own_stage(space):
    tasks = space(["x"], 'kind = "summarise"\nmodel = "m.gguf"\nsentences = 7').tasks
    assert tasks.settings("summarise", {}).sentences == 7


def test_each_task_over_a_given_text(space):
    replies = [
        "The harbour was built in 1887 [1].",
        "港口建于1887年。",
        '{"label": "harbour"}',
        '{"year": 1887}',
    ]
    tasks = space(replies).tasks
    text = "The harbour was built in 1887."
    assert tasks.summarise(text).citations[0].quote == text
    assert tasks.translate(text).text == "港口建于1887年。"
    assert tasks.classify(text, labels=("harbour", "food")).value == "harbour"
    assert tasks.extract(text, schema="s.json").value == {"year": 1887}


def test_nothing_to_work_on_and_wrong_settings_are_told(space):
    tasks = space(["x"]).tasks
    with pytest.raises(ConfigError, match="nothing to work on"):
        tasks.summarise(" ")
    with pytest.raises(ConfigError, match="needs labels"):
        tasks.classify("text")
    with pytest.raises(ConfigError, match="schema is missing"):
        tasks.extract("text")
    with pytest.raises(MissingError):
        tasks.extract("text", schema="none.json")


STAGE = 'kind = "{}"\nmodel = "m.gguf"\n{}'


@pytest.mark.parametrize(
    ("task", "stage", "reply", "gold", "metric"),
    [
        (
            "summarise",
            STAGE.format("summarise", ""),
            "It rains in Alder [1].",
            "It rains in Alder.",
            "rouge_l",
        ),
        ("translate", STAGE.format("translate-text", ""), "桦林下雨。", "桦林下雨。", "chrf"),
        (
            "classify",
            STAGE.format("classify", 'labels = ["rain", "sun"]'),
            '{"label": "rain"}',
            "rain",
            "accuracy",
        ),
        (
            "format",
            STAGE.format("extract", 'schema = "s.json"'),
            '{"year": null}',
            '{"year": null}',
            "slot_f1",
        ),
    ],
)
def test_a_solution_for_a_task_is_scored_by_the_tasks_metric(
    space, task, stage, reply, gold, metric
):
    cases = (EvalCase("q", "It rains in Alder.", "en", answers=(gold,)),)
    found = evaluate_workspace(space([reply], stage), EvalSet("s", "d", cases, task))
    assert found.failures == ()
    assert found.headline == metric
    assert found.score(metric).value == pytest.approx(1.0)
