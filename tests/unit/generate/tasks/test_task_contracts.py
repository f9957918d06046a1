"""Every task keeps what every stage must keep."""

import json

import pytest

from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.tasks.classify import Classify, ClassifySettings
from surefoot.generate.tasks.extract import Extract, ExtractSettings
from surefoot.generate.tasks.summarise import Summarise, SummariseSettings
from surefoot.generate.tasks.translate_text import TranslateSettings, TranslateText
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.fakes import FakeChat

TEXT = "The harbour was built in 1887."


@pytest.fixture
def turn():
    hit = Hit(Chunk("c", "d", TEXT, 0, len(TEXT)), 1.0, "document", {"bm25": 1.0})
    return Turn(Query(TEXT, "en"), (hit,))


class TestSummariseContract(StageContract):
    @pytest.fixture
    def stage(self, parts):
        return Summarise(SummariseSettings(model="m"), parts(FakeChat([f"{TEXT[:-1]} [1]."])))


class TestTranslateContract(StageContract):
    @pytest.fixture
    def stage(self, parts):
        return TranslateText(TranslateSettings(model="m"), parts(FakeChat(["港口建于1887年。"])))


class TestClassifyContract(StageContract):
    @pytest.fixture
    def stage(self, parts):
        settings = ClassifySettings(model="m", labels=("a", "b"))
        return Classify(settings, parts(FakeChat(['{"label": "a"}'])))


class TestExtractContract(StageContract):
    @pytest.fixture
    def stage(self, parts, tmp_path):
        schema = {"type": "object", "properties": {"year": {"type": "integer"}}}
        (tmp_path / "s.json").write_text(json.dumps(schema), encoding="utf-8")
        settings = ExtractSettings(model="m", schema="s.json")
        return Extract(settings, parts(FakeChat(['{"year": 1887}'])))
