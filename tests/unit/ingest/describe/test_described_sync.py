"""Sync notices what describes a document, and goes on where a description is bad."""

from __future__ import annotations

import os

import numpy as np
import pytest

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.roles import Extracted
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.describe import Descriptions
from surefoot.ingest.sources import FolderSettings, FolderSource
from surefoot.ingest.sync import Tools, make_plan, run
from surefoot.testing.memory_index import FakeIndex

TEXT = {
    "en": "The pump stops at night and starts again at six.",
    "zh": "水泵夜间停止，六点再次启动。",
}


class Encoder:
    digest, dimensions, max_tokens = "d", 4, 512

    def count_tokens(self, texts):
        return [len(text) for text in texts]

    def embed_passages(self, texts):
        return np.ones((len(texts), 4), np.float32)

    embed_queries = embed_passages


def read(paths):
    for path in paths:
        yield path, Extracted(path.read_text(encoding="utf-8"))


class House:
    def __init__(self, root):
        self.root = root
        self.index = FakeIndex()
        (root / "docs").mkdir()

    def write(self, name, text):
        path = self.root / "docs" / name
        path.write_text(text, encoding="utf-8")
        self.time = getattr(self, "time", 10**18) + 10**9
        os.utime(path, ns=(self.time, self.time))

    def sync(self):
        part = Registry().part_class("describer", "sidecar")
        settings = parse(part.Settings, {"kind": "sidecar"}, Registry(), where="test")
        descriptions = Descriptions([part(settings, self.root)])
        source = FolderSource(FolderSettings(path="docs"), self.root)
        encoder = Encoder()
        chunker = StructureChunker(StructureSettings(max_tokens=400), encoder)
        tools = Tools(self.index, chunker, encoder, read, descriptions=descriptions)
        planned = make_plan([source], self.index.states(), marked=descriptions.marked)
        return run(planned, tools)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_sidecar_that_comes_changes_and_goes_is_noticed(house, lang):
    house.write("a.txt", TEXT[lang])
    assert house.sync().added == 1
    house.write("a.txt.meta.json", '{"公司": "苹果"}')
    report = house.sync()
    assert (report.changed, report.added, report.problems) == (1, 0, ())
    assert house.index.document("docs/a.txt").meta["公司"] == "苹果"
    assert house.index.chunks("docs/a.txt")[0].meta["公司"] == "苹果"
    assert house.sync().unchanged == 1
    house.write("a.txt.meta.json", '{"公司": "微软"}')
    assert house.sync().changed == 1
    assert house.index.values("公司")[0].value == "微软"
    (house.root / "docs" / "a.txt.meta.json").unlink()
    assert house.sync().changed == 1
    assert house.index.values("公司") == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_bad_sidecar_is_reported_and_its_document_kept(house, lang):
    house.write("a.txt", TEXT[lang])
    house.write("b.txt", TEXT[lang] + "!")
    house.write("a.txt.meta.json", "{")
    house.write("b.txt.meta.json", '{"n": 1}')
    report = house.sync()
    assert report.added == 2
    assert [problem.id for problem in report.problems] == ["docs/a.txt"]
    assert house.index.document("docs/b.txt").meta["n"] == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_same_text_told_differently_is_no_copy(house, lang):
    text = TEXT[lang] * 9
    for name, year in (("a.txt", 2022), ("b.txt", 2023), ("c.txt", 2023)):
        house.write(name, text)
        house.write(f"{name}.meta.json", f'{{"year": {year}}}')
    report = house.sync()
    assert (report.added, report.duplicates) == (2, 1)
    assert [one.value for one in house.index.values("year")] == [2022, 2023]
