"""Sync works on what changed only, in English and Chinese, and says what it did."""

from __future__ import annotations

import errno
import os
import re
import shutil

import numpy as np
import pytest

from surefoot.config.solution import Cleaning
from surefoot.core.errors import ConfigError, DataError, SurefootError
from surefoot.core.roles import Extracted
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.sources import FilesSettings, FilesSource, FolderSettings, FolderSource
from surefoot.ingest.sources.beir import BeirSettings, BeirSource
from surefoot.ingest.sync import Tools, make_plan, run
from surefoot.testing.memory_index import FakeIndex

BODY = {"en": "The pump number {} stops at night. ", "zh": "第 {} 号泵夜间停止运行。"}


class Encoder:
    digest, dimensions, max_tokens = "d", 8, 512

    def __init__(self):
        self.seen = []

    def count_tokens(self, texts):
        return [4 + len(re.findall(r"[a-zA-Z0-9]{1,4}|[^\sa-zA-Z0-9]", text)) for text in texts]

    def embed_passages(self, texts):
        self.seen += texts
        return np.array([self.vector(t) for t in texts], np.float32).reshape(-1, 8)

    @staticmethod
    def vector(text):
        rng = np.random.default_rng(sum(text.encode()))
        vector = rng.normal(size=8)
        return vector / np.linalg.norm(vector)

    embed_queries = embed_passages

    def close(self):
        return None


class House:
    """A folder of documents with everything that a sync works with."""

    def __init__(self, root):
        self.root = root
        self.docs = root / "docs"
        self.docs.mkdir()
        self.index = FakeIndex()
        self.encoder = Encoder()
        self.cleaning = Cleaning()
        self.read = self.read_plain
        self.sources = [FolderSource(FolderSettings(path="docs"), root)]

    def read_plain(self, paths):
        for path in paths:
            if path.suffix == ".bad":
                yield path, DataError("is broken", hint="mend it")
            else:
                yield path, Extracted(path.read_text(encoding="utf-8"))

    def write(self, name, text):
        path = self.docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def plan(self, **options):
        return make_plan(self.sources, self.index.states(), **options)

    def sync(self, **options):
        self.encoder.seen = []
        chunker = StructureChunker(StructureSettings(max_tokens=64), self.encoder)
        tools = Tools(
            self.index, chunker, self.encoder, lambda paths: self.read(paths), self.cleaning
        )
        return run(self.plan(**options), tools)

    def status(self, name):
        return self.index.held[f"docs/{name}"].state.status


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def text(lang, number, sentences=30):
    return "".join(BODY[lang].format(f"{number}{i}") for i in range(sentences))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_new_changed_moved_removed_and_unchanged(house, lang):
    for number in range(4):
        house.write(f"{number}.md", text(lang, number))
    first = house.sync()
    assert (first.added, first.failed, first.over_budget) == (4, 0, 0)
    assert first.chunks == first.embedded == len(house.encoder.seen) > 4
    house.write("1.md", text(lang, 1) + "\n\n" + BODY[lang].format("new"))
    (house.docs / "2.md").rename(house.docs / "moved.md")
    (house.docs / "3.md").unlink()
    plan = house.plan().plan
    assert (plan.changed, plan.removed, plan.unchanged) == (("docs/1.md",), ("docs/3.md",), 1)
    assert [(m.former, m.id) for m in plan.moved] == [("docs/2.md", "docs/moved.md")]
    assert "moved     docs/2.md -> docs/moved.md" in plan.lines()
    second = house.sync()
    assert (second.added, second.changed, second.moved, second.removed) == (0, 1, 1, 1)
    assert second.embedded < second.chunks
    assert sorted(house.index.held) == ["docs/0.md", "docs/1.md", "docs/moved.md"]
    third = house.sync()
    assert third.summary().startswith("4 unchanged" if third.unchanged == 4 else "3 unchanged")
    assert (third.chunks, third.embedded, house.encoder.seen) == (0, 0, [])
    for item in house.index.held.values():
        for passage in item.passages:
            assert np.allclose(passage.vector, Encoder.vector(passage.indexed_text))
            assert passage.chunk.document_id == item.document.id


def test_a_small_edit_embeds_only_what_changed(house):
    paragraphs = [f"# S{i}\n\n" + text("en", i, 6) for i in range(10)]
    house.write("a.md", "\n\n".join(paragraphs))
    whole = house.sync().embedded
    house.write("a.md", "\n\n".join([*paragraphs[:5], "# S5\n\nRewritten.", *paragraphs[6:]]))
    assert house.sync().embedded <= whole // 4


def test_one_bad_file_does_not_stop_the_rest_and_is_not_tried_again(house):
    house.write("a.md", text("en", 1))
    house.write("b.bad", "x")
    house.write("空.md", " \n")
    report = house.sync()
    assert (report.added, report.failed, report.empty) == (1, 1, 1)
    assert [str(p) for p in report.problems] == ["docs/b.bad: is broken | mend it"]
    assert house.status("b.bad") == "failed"
    assert house.sync().unchanged == 3
    assert house.plan(retry_failed=True).plan.changed == ("docs/b.bad",)
    house.write("b.bad", "longer")
    assert house.plan().plan.changed == ("docs/b.bad",)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_copies_are_left_out_and_live_when_their_original_goes(house, lang):
    house.write("a.md", text(lang, 1))
    house.write("b.md", text(lang, 1) + "\n")
    house.write("c.md", text(lang, 2))
    report = house.sync()
    assert (report.added, report.duplicates) == (2, 1)
    state = house.index.held["docs/b.md"].state
    assert (state.status, state.duplicate_of, state.chunks) == ("duplicate", "docs/a.md", 0)
    assert "docs/b.md copies docs/a.md (100% the same); docs/a.md is kept" in report.notes
    assert house.sync().unchanged == 3
    (house.docs / "a.md").unlink()
    report = house.sync()
    assert (report.changed, report.removed) == (1, 1)
    assert house.status("b.md") == "ok"
    house.write("a.md", text(lang, 1))
    assert house.sync().duplicates == 1
    assert house.index.held["docs/a.md"].state.duplicate_of == "docs/b.md"


def test_a_copy_lives_when_its_original_changes(house):
    house.write("a.md", text("en", 1))
    house.write("b.md", text("en", 1))
    house.sync()
    house.write("a.md", text("en", 5))
    assert house.sync().changed == 2
    assert house.status("b.md") == "ok"


def test_rows_of_an_evaluation_corpus_are_never_copies(house):
    folder = house.root / "set"
    folder.mkdir()
    rows = [f'{{"_id": "{i}", "title": "", "text": "{text("en", 1)}"}}' for i in range(3)]
    (folder / "corpus.jsonl").write_text("\n".join([*rows, "{bad"]), encoding="utf-8")
    house.sources = [BeirSource(BeirSettings(path="set"), house.root)]
    report = house.sync()
    assert (report.added, report.duplicates, len(report.problems)) == (3, 0, 1)
    assert sorted(house.index.held) == ["0", "1", "2"]
    assert house.sync().unchanged == 3


def test_sources_with_one_name_and_items_with_one_id_are_said(house):
    house.write("a.md", "x")
    (house.root / "other" / "docs").mkdir(parents=True)
    other = FolderSource(FolderSettings(path="other/docs"), house.root)
    with pytest.raises(ConfigError, match="name"):
        make_plan([*house.sources, other], [])
    (house.root / "set").mkdir()
    (house.root / "set" / "corpus.jsonl").write_text(
        '{"_id": "docs/a.md", "text": "y"}\n', encoding="utf-8"
    )
    rows = BeirSource(BeirSettings(path="set"), house.root)
    plan = make_plan([*house.sources, rows], []).plan
    assert plan.new == ("docs/a.md",)
    assert "has the same id" in plan.problems[0].reason


def test_adding_a_source_never_removes_anothers_documents(house):
    house.write("a.md", text("en", 1))
    house.sync()
    (house.root / "more").mkdir()
    (house.root / "more" / "b.md").write_text(text("zh", 2), encoding="utf-8")
    first, house.sources = house.sources, [FolderSource(FolderSettings(path="more"), house.root)]
    report = house.sync(keep_others=True)
    assert (report.added, report.removed) == (1, 0)
    assert house.plan().plan.removed == ("docs/a.md",)
    house.sources = [*first, *house.sources]
    assert house.plan().plan.removed == ()


def test_files_added_one_by_one_stay_together(house):
    house.write("a.md", text("en", 1))
    house.write("乙.md", text("zh", 2))
    one, two = (
        FilesSource(FilesSettings(paths=(f"docs/{name}.md",)), house.root) for name in ("a", "乙")
    )
    house.sources = [one]
    house.sync(keep_others=True)
    house.sources = [two]
    assert house.sync(keep_others=True).removed == 0
    house.sources = [one, two]
    assert house.sync().unchanged == 2


def test_a_folder_that_is_away_keeps_its_documents(house):
    house.write("a.md", text("en", 1))
    house.sync()
    house.docs.rename(house.root / "away")
    report = house.sync()
    assert (report.removed, len(report.problems)) == (0, 1)
    house.docs.mkdir()
    assert house.sync().removed == 1
    shutil.rmtree(house.root / "away")


def test_a_file_that_changes_while_it_is_read(house):
    house.write("a.md", "old text")
    house.write("b.md", "other text")
    calls = []

    def read(paths):
        for path in paths:
            calls.append(path.name)
            content = path.read_text(encoding="utf-8")
            if path.name == "a.md" and len(calls) == 1:
                path.write_text("new and longer text", encoding="utf-8")
            yield path, Extracted(content)

    house.read = read
    assert house.sync().added == 2
    assert house.index.held["docs/a.md"].document.text == "new and longer text"
    assert house.plan().plan.unchanged == 2


def test_a_file_that_never_holds_still_is_left_for_the_next_sync(house):
    house.write("a.md", "text")
    house.write("b.md", "other text")

    def read(paths):
        for path in paths:
            content = path.read_text(encoding="utf-8")
            if path.name == "a.md":
                path.write_text(content + "x", encoding="utf-8")
            yield path, Extracted(content)

    house.read = read
    report = house.sync()
    assert report.added == 1
    assert "kept changing" in report.problems[0].reason
    house.read = house.read_plain
    assert house.sync().added == 1


def test_a_file_that_vanishes_is_one_failure(house):
    house.write("a.md", "text")
    house.write("b.md", "other text")

    def read(paths):
        for path in paths:
            content = path.read_text(encoding="utf-8")
            if path.name == "a.md":
                path.unlink()
            yield path, Extracted(content)

    house.read = read
    report = house.sync()
    assert (report.added, report.failed) == (1, 1)
    house.read = house.read_plain
    assert house.sync().removed == 1


@pytest.mark.parametrize(
    "problem",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("lance error: IO: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_names_the_remedy_and_keeps_what_is_done(house, monkeypatch, problem):
    monkeypatch.setattr("surefoot.ingest.sync.GROUP_CHUNKS", 4)
    for number in range(30):
        house.write(f"{number}.md", text("en", number, 6))
    healthy = house.index.replace

    def replace(batch):
        if house.index.commits == 2:
            raise problem
        healthy(batch)

    house.index.replace = replace
    with pytest.raises(SurefootError, match="disk is full") as raised:
        house.sync()
    assert "sync" in raised.value.hint
    kept = len(house.index.held)
    assert 0 < kept < 30
    house.index.replace = healthy
    report = house.sync()
    assert (report.unchanged, report.added) == (kept, 30 - kept)


def test_other_problems_of_the_index_pass(house):
    house.write("a.md", "text")

    def replace(batch):
        raise RuntimeError("broken")

    house.index.replace = replace
    with pytest.raises(RuntimeError, match="broken"):
        house.sync()


def test_progress_tells_files_chunks_and_rate(house):
    house.write("a.md", text("en", 1))
    said = []
    chunker = StructureChunker(StructureSettings(), house.encoder)
    ticks = iter(range(100))
    tools = Tools(house.index, chunker, house.encoder, house.read_plain, clock=lambda: next(ticks))
    run(house.plan(), tools, progress=lambda *what: said.append(what))
    assert said == [(1, 1, "1 chunks, 1/s")]


def test_titles_come_from_the_file_its_heading_or_its_name(house):
    house.write("reset-guide.md", "# How to reset\n\nPress it.")
    house.write("泵_手册.txt", "按下按钮。")
    house.sync()
    assert house.index.held["docs/reset-guide.md"].document.title == "How to reset"
    assert house.index.held["docs/泵_手册.txt"].document.title == "泵 手册"
    assert house.index.held["docs/泵_手册.txt"].document.lang == "zh"


def test_chunks_over_the_encoders_length_are_counted(house):
    house.write("a.md", text("en", 1, 200))

    class Whole:
        def __init__(self, chunker):
            self.indexed_text = chunker.indexed_text
            self.chunk = chunker.chunk

    chunker = Whole(StructureChunker(StructureSettings(max_tokens=2000), house.encoder))
    report = run(house.plan(), Tools(house.index, chunker, house.encoder, house.read_plain))
    assert report.over_budget == report.chunks == 2
    assert "2 chunks over" in report.summary()


def test_a_thousand_unchanged_files_are_planned_quickly_without_reading(house):
    for number in range(1000):
        house.write(f"{number % 10}/{number}.md", f"text {number}")
    house.sync()

    def read(paths):
        raise AssertionError(list(paths))

    os.utime(house.docs / "0" / "0.md", ns=(1, 1))
    plan = house.plan().plan
    assert (plan.unchanged, plan.changed) == (999, ("docs/0/0.md",))
