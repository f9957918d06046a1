"""Tasks, long contexts and JSON answers with real chat models: the packaged one in English, a given one in Chinese."""

import json
import os
from pathlib import Path

import pytest

from surefoot.config.catalog import load_catalog
from surefoot.config.prompts import Prompts
from surefoot.config.registry import Registry
from surefoot.config.settings import load_settings
from surefoot.core.errors import MissingError, TransientError
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.models.chat import open_chat
from surefoot.models.embed_hash import HashEncoder, HashSettings

pytestmark = pytest.mark.slow

TEXTS = {
    "en": [
        "The library of Alder opens at nine in the morning. On Saturdays it closes at noon.",
        "The harbour of Alder was built in 1887 by the engineer Lena Holm. It has three cranes.",
        "The ferry to Wen island leaves every forty minutes. A ticket costs 12 crowns.",
    ],
    "zh": [
        "桦林镇图书馆上午九点开门。图书馆每周六中午十二点关门。",
        "桦林港由工程师林海于1887年建成。港口有三台起重机。",
        "前往文岛的渡轮每四十分钟一班。船票的价格是十二元。",
    ],
}
SCHEMA = {
    "type": "object",
    "properties": {"builder": {"type": "string"}, "year": {"type": "integer"}},
    "required": ["builder", "year"],
    "additionalProperties": False,
}
QUESTIONS = {"en": "Who built the harbour, and when?", "zh": "港口是谁在哪一年建成的？"}
BUILDER = {"en": "Lena Holm", "zh": "林海"}


class Frequencies:
    def frequencies(self, terms):
        return [1] * len(terms), 10


@pytest.fixture(scope="module", params=["en", "zh"])
def spoken(request):
    """A language, and a model that speaks it."""
    name = load_catalog().default("chat")
    if request.param == "zh":
        name = os.environ.get("SUREFOOT_TEST_CHAT_ZH", "")
        if not Path(name).is_file():
            pytest.skip("SUREFOOT_TEST_CHAT_ZH does not name a .gguf file that chats in Chinese")
    try:
        model = open_chat(name, ModelEnv(load_settings().settings.models, threads=1))
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the chat model cannot be had: {problem}")
    yield request.param, model
    model.close()


@pytest.fixture
def run(spoken, tmp_path):
    lang, model = spoken
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA), encoding="utf-8")

    def done(kind, text, **settings):
        encoder = HashEncoder(HashSettings())
        parts = Parts(
            Frequencies,
            lambda: encoder,
            lambda name: model,
            Prompts().get,
            lambda raw: None,
            lambda name: tmp_path / name,
        )
        made = Registry().part_class("stage", kind)
        hits = tuple(
            Hit(Chunk(f"c{i}", f"d{i}", one, 0, len(one)), 1 / (i + 1), "search")
            for i, one in enumerate(TEXTS[lang])
        )
        stage = made(made.Settings(**{"model": "m", "max_tokens": 100, **settings}), parts)
        turn = stage(Turn(Query(text, lang), hits), Call())
        print(kind, turn.answer.text, [note.message for note in turn.notes])
        return turn.answer

    return lang, done


def cited_right(answer, lang):
    for citation in answer.citations:
        source = TEXTS[lang][int(citation.chunk.id[1:])]
        assert source[citation.source_start : citation.source_end] == citation.quote


@pytest.mark.parametrize("over", ["map-reduce", "refine"])
def test_long_contexts_give_checked_answers_or_refusals(run, over):
    lang, done = run
    never = {"threshold": 0}
    answer = done("answer", QUESTIONS[lang], over=over, context_tokens=120, refuse=never)
    cited_right(answer, lang)
    assert answer.usage.calls >= 2
    assert answer.refused or answer.text


def test_a_json_answer_fits_and_says_where_its_values_stand(run):
    lang, done = run
    answer = done("answer", QUESTIONS[lang], schema="s.json", refuse={"threshold": 0})
    cited_right(answer, lang)
    assert answer.refused or set(answer.value) == {"builder", "year"}


def test_extracted_values_stand_in_the_text(run):
    lang, done = run
    answer = done("extract", "", of="hits", schema="s.json")
    cited_right(answer, lang)
    if (
        answer.refused
    ):  # a model of 135 million weights may go round in circles; that is said, and nothing made up
        assert "max_tokens" in answer.text
        return
    assert answer.value["builder"] in (None, *(c.quote for c in answer.citations))
    if lang == "zh":
        assert BUILDER[lang] in answer.text


def test_a_label_is_one_of_those_given(run):
    lang, done = run
    labels = {"en": ("harbour", "library", "ferry"), "zh": ("港口", "图书馆", "渡轮")}[lang]
    for method in ("model", "letters"):
        answer = done("classify", TEXTS[lang][1], labels=labels, method=method)
        assert answer.value in labels
    assert answer.confidence is None or 1 / 3 <= answer.confidence <= 1


def test_a_summary_cites_what_it_sums_up(run):
    lang, done = run
    answer = done("summarise", "", of="hits", sentences=2)
    cited_right(answer, lang)
    assert answer.text


def test_a_translation_says_what_it_loses(run):
    lang, done = run
    answer = done("translate-text", TEXTS[lang][1])
    kept = "1887" in answer.text
    assert kept or answer.refused or answer.unsupported
