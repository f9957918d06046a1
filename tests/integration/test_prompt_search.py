"""Prompts and examples are searched like anything else: what answers better wins, without documents too."""

from __future__ import annotations

import json

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.budget import parse_budget
from surefoot.core.roles import Reply
from surefoot.core.types import Usage
from surefoot.evaluate.evalsets import load_evalset
from surefoot.optimize.experiment import OptimizeSettings, optimize, put_in_force

pytestmark = pytest.mark.slow

SOLUTION = """schema = 1
# how we ask
[[stages]]
kind = "answer"
model = "m"
plain = "task/loose"  # ours
reply = "plain"
"""
TOWNS = {
    "en": ["Oslo", "Bergen", "Turku", "Malmo", "Aarhus", "Tartu", "Gdansk", "Riga"],
    "zh": ["北京", "上海", "广州", "深圳", "杭州", "南京", "成都", "武汉"],
}
ASKED = {
    "en": "The {} house in {} serves {} food.",
    "zh": "位于{1}的{0}餐厅供应{2}菜。",
}
FOOD = {"en": ["fish", "rice", "soup"], "zh": ["鱼", "米饭", "汤"]}


class Apprentice:
    """A chat model that keeps the form only where it is told exactly, and does what the last example did."""

    context_tokens = 4096

    def chat(self, messages, sampling, on_text=None):
        said = messages[-1].content
        town = next(t for towns in TOWNS.values() for t in towns if t in said)
        shown = [one.content for one in messages if one.role == "assistant"]
        form = "town[{}]" if "Exactly" in said or shown else "It is in {}."
        food = next((one.split("food[")[1] for one in reversed(shown) if "food[" in one), "?]")
        text = form.format(town) + (f", food[{food}" if shown else "")
        return Reply(text, Usage(len(said), len(text), calls=1))

    def count_tokens(self, text):
        return len(text) // 4

    def close(self):
        pass


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("surefoot.models.chat.open_chat", lambda *_, **__: Apprentice())
    monkeypatch.setattr("surefoot.models.weights.model_digest", lambda *_, **__: "digest")
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    for name, text in {"loose": "Say it. ", "exact": "Exactly so. "}.items():
        for lang in ("en", "zh"):
            file = tmp_path / "prompts" / "task" / name / f"{lang}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "{{question}}", encoding="utf-8")
    return tmp_path


def rows(lang, first, last):
    """Questions with the town and food that are in them; neighbours in the list share nothing."""
    for number in range(first, last):
        town, food = TOWNS[lang][number % 8], FOOD[lang][number % 3]
        asked = ASKED[lang].format(number, town, food)
        yield {
            "id": f"{lang}{number}",
            "question": asked,
            "answers": [f"town[{town}], food[{food}]"],
        }


def questions(folder, lang):
    (folder / "evalsets").mkdir(exist_ok=True)
    lines = [{"schema": 1, "evalset": "towns", "task": "format"}, *rows(lang, 100, 160)]
    file = folder / "evalsets" / "towns.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return load_evalset(file)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_better_wording_wins_and_becomes_the_solution(folder, lang):
    with surefoot.open(folder, settings={"offline": True}) as space:
        settings = OptimizeSettings(budget=parse_budget("8trials"))
        found = optimize(space, questions(folder, lang), settings)
        assert found.asked.metric == "slot_f1"
        (stage,) = found.winner.solution.stages
        assert (stage.plain, stage.thinking) == ("task/exact", False)
        assert found.proven
        put_in_force(space, found)
    text = (folder / "surefoot.toml").read_text("utf-8")
    assert 'plain = "task/exact"' in text
    assert "# how we ask" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_nearest_examples_win_over_fixed_ones_and_none(folder, lang, capsys):
    evalset = questions(folder, lang)
    file = folder / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows(lang, 0, 24)), encoding="utf-8")
    place = ["-w", str(folder), "--offline", "--json"]
    assert run(["tune", "examples", str(file), "--count", "2", "--sets", "1", *place]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], len(told["files"])) == (24, 3)
    asked = ["optimize", evalset.name, "--space", told["space"], "--budget", "10trials", *place]
    assert run(asked) == 0
    said = json.loads(capsys.readouterr().out)
    (winner,) = [
        one["candidate"]
        for one in said["searched"]["tried"]
        if one["candidate"]["digest"] == said["searched"]["winner"]
    ]
    assert winner["choices"]["examples"].startswith("nearest")
