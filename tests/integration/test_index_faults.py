"""Kills between commits, several processes, snapshots, switches and damage leave an index that is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from surefoot.core.crash import VARIABLE
from surefoot.core.errors import ConfigError, MissingError, SurefootError, TransientError
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.store.recipes import drop_recipe, live_recipe, switch
from surefoot.store.tables import Tables, passages_name
from surefoot.testing.index_samples import DIMENSIONS, sample, unread, vector_of

OLD, NEW = Recipe("old", DIMENSIONS), Recipe("new", DIMENSIONS)
CHILD = """
import sys
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.store.recipes import drop_recipe, switch
from surefoot.testing.index_samples import DIMENSIONS, sample, unread
location, action = sys.argv[1:3]
index = open_index(location, Recipe("old", DIMENSIONS))
if action == "replace":
    index.replace([sample("a", "new apple 新苹果"), unread("b", "locked"), sample("c", "cherry 樱桃")])
if action == "remove":
    index.remove(["a"])
if action == "create":
    index.snapshots.create("s")
if action == "restore":
    index.snapshots.restore("s")
if action == "delete":
    index.snapshots.delete("s")
if action == "switch":
    switch(location, "new")
if action == "drop":
    drop_recipe(location, "new")
if action == "write":
    for round in range(20):
        index.replace([sample("a", *[f"round {round} apple 苹果 {i}" for i in range(round % 5 + 1)])])
if action == "read":
    seen = 0
    while seen < 40:
        chunks = index.chunks("a")
        hits = index.keyword("apple 苹果", limit=9)
        rounds = {chunk.text.split()[1] for chunk in chunks}
        assert len(rounds) == 1 and len(chunks) == int(rounds.pop()) % 5 + 1, chunks
        assert len({hit.chunk.text.split()[1] for hit in hits}) == 1, hits
        assert index.document("a").text.count("\\n") + 1 in range(1, 6)
        seen += 1
"""


def start(location, action, crash_at=""):
    env = {**os.environ, VARIABLE: crash_at}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(location), action],
        env=env,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed(location, action, crash_at):
    process = start(location, action, crash_at)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, errors


def finished(location, action):
    process = start(location, action)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


@pytest.fixture
def location(tmp_path):
    return tmp_path / "lance"


@pytest.fixture
def index(location):
    index = open_index(str(location), OLD)
    index.replace([sample("a", "apple 苹果", "second 第二"), sample("b", "banana 香蕉")])
    return index


def texts(index):
    return {document.id: document.text for document in index.documents()}


BEFORE = {"a": "apple 苹果\nsecond 第二", "b": "banana 香蕉"}
AFTER = {"a": "new apple 新苹果", "c": "cherry 樱桃"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "point, expected",
    [("replace.documents", BEFORE), ("replace.passages", AFTER), ("replace.cleared", AFTER)],
)
def test_a_kill_within_replace_leaves_the_old_or_the_new(location, index, point, expected):
    killed(location, "replace", point)
    assert texts(index) == expected
    found = {hit.chunk.document_id for hit in index.keyword("apple 苹果 banana 樱桃", limit=9)}
    assert found == set(expected)
    finished(location, "replace")
    assert texts(index) == AFTER
    assert {s.id: s.status for s in index.states()} == {"a": "ok", "b": "failed", "c": "ok"}
    index.maintain()
    assert index.check() == []


@pytest.mark.slow
def test_a_kill_within_remove_leaves_nothing_behind(location, index):
    killed(location, "remove", "remove.passages")
    assert set(texts(index)) == {"b"}
    assert index.check() == ["1 document versions that nothing names"]
    index.repair()
    assert index.check() == []


@pytest.mark.slow
@pytest.mark.parametrize("point", ["restore.documents", "restore.passages", "restore.live"])
def test_a_kill_within_restore_leaves_one_state_or_the_other(location, index, point):
    index.snapshots.create("s")
    index.replace([sample("a", "changed"), sample("c", "cherry")])
    index.remove(["b"])
    index.maintain()
    now = texts(index)
    killed(location, "restore", point)
    assert texts(index) == (now if point == "restore.documents" else BEFORE)
    index.snapshots.restore("s")
    assert texts(index) == BEFORE
    assert index.keyword("banana 香蕉", limit=1)[0].chunk.document_id == "b"
    assert index.check() == []


@pytest.mark.slow
def test_a_kill_within_snapshots_is_mended(location, index):
    killed(location, "create", "snapshot.pinned")
    assert index.snapshots.list() == []
    assert len(index.check()) == 1
    assert index.snapshots.create("s").documents == 2
    killed(location, "delete", "snapshot.forgotten")
    assert index.snapshots.list() == []
    index.repair()
    assert index.check() == []


@pytest.mark.slow
@pytest.mark.parametrize("point, live", [("switch.before", "old"), ("switch.after", "new")])
def test_a_kill_within_switch_leaves_one_recipe_live(location, index, point, live):
    open_index(str(location), NEW)
    killed(location, "switch", point)
    assert live_recipe(str(location)) == live


@pytest.mark.slow
def test_readers_beside_a_writer_see_whole_documents(location, index):
    index.replace([sample("a", "round 0 apple 苹果 0")])
    readers = [start(location, "read") for _ in range(2)]
    writer = start(location, "write")
    for process in (writer, *readers):
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors


def test_another_recipe_is_built_beside_and_switched_to(location, index):
    index.replace([unread("torn", "it is torn")])
    other = open_index(str(location), NEW)
    assert live_recipe(str(location)) == "old"
    for document, state in index.contents():
        item = sample(document.id, *document.text.split("\n")) if document.text else None
        other.replace([item or unread(state.id, state.reason)])
    assert texts(other) == texts(index)
    switch(str(location), "new")
    assert live_recipe(str(location)) == "new"
    with pytest.raises(ConfigError, match="live"):
        drop_recipe(str(location), "new")
    index.snapshots.create("kept")
    drop_recipe(str(location), "old")
    assert texts(other) == BEFORE
    assert other.check() == []
    with pytest.raises(MissingError):
        switch(str(location), "old")
    switch(str(location), "new")
    open_index(str(location), OLD)
    switch(str(location), "old")
    with pytest.raises(ConfigError, match="kept"):
        drop_recipe(str(location), "new")


def test_a_snapshot_outlives_maintenance_and_later_snapshots(index, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr("surefoot.store.maintenance.KEEP_VERSIONS", timedelta(milliseconds=1))
    snapshot = index.snapshots.create("第一")
    assert (snapshot.documents, snapshot.chunks) == (2, 3)
    for text in ("x", "y", "z"):
        index.replace([sample("a", text, meta={text: 1})])
        index.maintain()
    index.snapshots.create("later")
    index.remove(["a", "b"])
    index.maintain()
    assert texts(index) == {}
    index.snapshots.restore("第一")
    assert texts(index) == BEFORE
    assert index.vector(vector_of("banana 香蕉"), limit=1)[0].chunk.document_id == "b"
    index.snapshots.restore("later")
    assert texts(index) == {"a": "z", "b": "banana 香蕉"}
    assert index.check() == []
    for name in ("later", "第一"):
        index.snapshots.delete(name)
    index.maintain()
    assert index.snapshots.list() == []
    assert texts(index) == {"a": "z", "b": "banana 香蕉"}


def test_snapshots_have_names_and_are_found(location, index):
    index.snapshots.create("a")
    with pytest.raises(ConfigError, match="already"):
        index.snapshots.create("a")
    with pytest.raises(ConfigError, match="not a snapshot name"):
        index.snapshots.create("../a")
    with pytest.raises(MissingError, match="known: a"):
        index.snapshots.restore("b")


def test_disagreeing_rows_are_found_and_mended(location, index):
    from surefoot.store.calls import wait

    tables = Tables(str(location))
    passages, documents = tables.open(passages_name("old")), tables.open("documents")
    index.replace([sample(name, f"{name} one", f"{name} two") for name in ("c", "d", "e")])
    wait(passages.delete("document_id = 'c' AND number = 1"))
    wait(passages.delete("document_id = 'd' AND number = -1"))
    wait(documents.delete("id = 'e'"))
    found = index.check()
    assert [line.split(":")[0] for line in found] == ["c", "d", "e"]
    assert index.repair() == found
    assert index.check() == []
    assert texts(index) == BEFORE


def test_metadata_that_do_not_fit_are_reported(location):
    typed = open_index(str(location), Recipe("typed", DIMENSIONS, {"year": "int"}))
    typed.replace([sample("a", "x", meta={"year": "soon"}), sample("b", "y", meta={"year": 1})])
    assert typed.check() == ["a: metadata year = 'soon' is not int"]


def test_a_damaged_table_is_named_and_dropped(location, index):
    for file in (location / "passages_old.lance" / "data").glob("*.lance"):
        file.write_bytes(file.read_bytes()[:100])
    damaged = open_index(str(location), OLD)
    with pytest.raises(SurefootError, match="surefoot repair"):
        damaged.chunks("a")
    assert "cannot be read" in damaged.check()[0]
    damaged.repair()
    assert live_recipe(str(location)) == "old"
    again = open_index(str(location), OLD)
    assert list(again.states()) == []
    again.replace([sample("a", "apple")])
    assert again.check() == []


def test_one_writer_at_a_time(location, index):
    other = open_index(str(location), OLD)
    other.tables._wait_s = 0.05
    with index.writing():
        index.replace([sample("c", "cherry")])
        with pytest.raises(TransientError, match="another process is writing"):
            other.replace([sample("d", "date")])
    other.replace([sample("d", "date")])


def test_readers_do_not_write(location, index):
    reader = open_index(str(location), OLD, read_only=True)
    assert texts(reader) == BEFORE
    with pytest.raises(ConfigError, match="reading only"):
        reader.remove(["a"])
    with pytest.raises(MissingError):
        open_index(str(location), NEW, read_only=True)
    with pytest.raises(MissingError):
        open_index(str(location.parent / "nothing"), OLD, read_only=True)
    with pytest.raises(ConfigError, match="dimensions"):
        open_index(str(location), Recipe("old", 3))
