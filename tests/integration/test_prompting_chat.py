"""Examples, forms and thoughts with real chat models: the packaged one in English, a given one in Chinese."""

import json
import os
from pathlib import Path

import pytest

from surefoot.config.catalog import load_catalog
from surefoot.config.prompts import Prompts
from surefoot.config.settings import load_settings
from surefoot.core.errors import ConfigError, MissingError, TransientError
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.models.base import ModelEnv
from surefoot.models.chat import open_chat

pytestmark = pytest.mark.slow

ROWS = {
    "en": [
        ("The Alder Inn by the river serves fish.", "name[Alder Inn], food[fish]"),
        ("In the Blue Door you can eat rice.", "name[Blue Door], food[rice]"),
        ("The Old Mill has bread and nothing else.", "name[Old Mill], food[bread]"),
    ],
    "zh": [
        ("河边的桦林饭店供应鱼。", "店名[桦林饭店]，菜[鱼]"),
        ("在蓝门餐厅可以吃到米饭。", "店名[蓝门餐厅]，菜[米饭]"),
        ("老磨坊只卖面包。", "店名[老磨坊]，菜[面包]"),
    ],
}
ASKED = {"en": "At the Red Lion they cook soup.", "zh": "红狮饭店做汤。"}
FORM = {"en": "name[", "zh": "店名["}
PASSAGE = "桦林港由工程师林海于1887年建成。港口有三台起重机。"


def no_corpus():
    raise ConfigError("this solution has no [corpus]")


def opened(name):
    env = ModelEnv(load_settings().settings.models, threads=1)
    try:
        return open_chat(name, env)
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the chat model cannot be had: {problem}")


@pytest.fixture(scope="module")
def models():
    given = os.environ.get("SUREFOOT_TEST_CHAT_ZH", "")
    found = {"en": opened(load_catalog().default("chat"))}
    if Path(given).is_file():
        found["zh"] = opened(given)
    yield found
    for model in found.values():
        model.close()


def ask(models, lang, turn, tmp_path, **settings):
    if lang not in models:
        pytest.skip("SUREFOOT_TEST_CHAT_ZH does not name a .gguf file that chats in Chinese")
    parts = Parts(
        dict if turn.hits else no_corpus,
        no_corpus,
        lambda *_: models[lang],
        Prompts().get,
        lambda raw: None,
        lambda name: tmp_path / name,
    )
    stage = AnswerStage(AnswerSettings(model="m", reply="plain", **settings), parts)
    answered = stage(turn, Call())
    print(answered.answer, [note.message for note in answered.notes])
    return answered


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("mode", ["fixed", "nearest"])
def test_a_model_takes_the_form_of_the_examples(models, lang, mode, tmp_path):
    lines = [json.dumps({"question": q, "answer": a}, ensure_ascii=False) for q, a in ROWS[lang]]
    (tmp_path / "examples.jsonl").write_text("\n".join(lines), encoding="utf-8")
    shown = {"file": "examples.jsonl", "mode": mode, "count": 3}
    turn = ask(
        models,
        lang,
        Turn(Query(ASKED[lang], lang)),
        tmp_path,
        examples=shown,
        plain="answer/direct",
        max_tokens=40,
    )
    assert turn.answer.text.startswith(FORM[lang])
    assert turn.notes == ()


def test_a_chinese_model_thinks_and_marks_its_answer(models, tmp_path):
    hit = Hit(Chunk("c", "d", PASSAGE, 0, len(PASSAGE), title="港口"), 1.0, "search")
    turn = ask(
        models,
        "zh",
        Turn(Query("桦林港是谁建成的？", "zh"), (hit,)),
        tmp_path,
        thinking=True,
        prompt="answer/house",
        max_tokens=200,
    )
    assert "林海" in turn.answer.text
    assert turn.answer.citations[0].supported
    assert turn.notes == ()
