"""Ingestion is killed (-9) again and again; nothing acknowledged is lost and nothing is left half done.

SUREFOOT_CHAOS_CYCLES sets how often; `make chaos` kills a hundred times.
"""

from __future__ import annotations

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("crash_child.py")
CYCLES = int(os.environ.get("SUREFOOT_CHAOS_CYCLES", "20"))
POINTS = (
    "sync.replace",
    "sync.replaced",
    "sync.remove",
    "sync.maintain",
    "replace.documents",
    "replace.passages",
    "replace.cleared",
    "remove.passages",
)
EN = "The pump {} stops at night and valve {} is closed by hand. "
ZH = "第{}号泵夜间停止运行，阀门{}由人工关闭。"


def child_module():
    spec = importlib.util.spec_from_file_location("crash_child", CHILD)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Folder:
    """Documents that change by chance, each with a word of its own."""

    def __init__(self, root, chance):
        self.docs = root / "docs"
        self.chance = chance
        self.count = 0
        self.words = {}

    def write(self, name=None):
        self.count += 1
        name = name or f"{self.count % 7}/{'文档' if self.count % 2 else 'page'}{self.count}.md"
        word = f"zq{self.count:05d}x"
        sentence = ZH if self.count % 2 else EN
        sections = "\n\n".join(
            f"## Part {part}\n\n" + sentence.format(self.count, part) * self.chance.randint(1, 6)
            for part in range(self.chance.randint(1, 5))
        )
        path = self.docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Title {self.count}\n\n{word}\n\n{sections}", encoding="utf-8")
        self.words[f"docs/{name}"] = word

    def change(self):
        names = sorted(self.words)
        for name in self.chance.sample(names, min(len(names), 8)):
            inner = name.removeprefix("docs/")
            kind = self.chance.choice(["edit", "edit", "remove", "move"])
            if kind == "edit":
                self.write(inner)
                continue
            word = self.words.pop(name)
            path = self.docs / inner
            if kind == "remove":
                path.unlink()
            else:
                path.rename(path.with_name(f"moved-{self.count}-{path.name}"))
                self.words[f"{name.rpartition('/')[0]}/moved-{self.count}-{path.name}"] = word
        for _ in range(self.chance.randint(2, 14)):
            self.write()


def killed_sync(root, chance, cycle):
    """The digests and ids that a sync acknowledged before it was killed, and whether it was."""
    point = POINTS[cycle // 2 % len(POINTS)] if cycle % 2 else ""
    process = subprocess.Popen(
        [sys.executable, str(CHILD), "sync", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "SUREFOOT_CRASH_POINT": point},
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() == "ready" and not point:
        time.sleep(chance.uniform(0.0, 1.0))
        process.send_signal(signal.SIGKILL)
    out, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err
    return dict(line.split(" ", 1)[::-1] for line in out.splitlines()), process.returncode != 0


def check_acknowledged(index, told, words):
    states = {state.id: state for state in index.states()}
    for name, digest in told.items():
        assert states[name].digest == digest
        if name in words:
            # Until the sync that moved a file has ended, its text stands at the former place too.
            assert name in [hit.chunk.document_id for hit in index.keyword(words[name], limit=3)]


def check_whole(index, folder):
    states = {state.id: state for state in index.states()}
    assert sorted(states) == sorted(folder.words)
    ids = Counter()
    for name, word in folder.words.items():
        document = index.document(name)
        chunks = index.chunks(name)
        assert word in document.text
        assert len(chunks) == states[name].chunks > 0
        assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
        assert all(document.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
        ids.update(chunk.id for chunk in chunks)
        hits = index.keyword(word, limit=3)
        assert [hit.chunk.document_id for hit in hits] == [name]
    assert set(ids.values()) == {1}
    assert index.frequencies(["pump"])[1] == len(ids)


@pytest.mark.slow
@pytest.mark.timeout(60 + 60 * CYCLES)
def test_killed_ingestion_loses_nothing_and_leaves_nothing_behind(tmp_path):
    chance = random.Random(CYCLES)
    folder = Folder(tmp_path, chance)
    for _ in range(30):
        folder.write()
    child = child_module()
    index = child.opened(tmp_path)
    child.synced(tmp_path, index)
    check_whole(index, folder)
    reader = subprocess.Popen(
        [sys.executable, str(CHILD), "read", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    kills = 0
    try:
        for cycle in range(CYCLES):
            folder.change()
            told, killed = killed_sync(tmp_path, chance, cycle)
            kills += killed
            check_acknowledged(index, told, folder.words)
            report = child.synced(tmp_path, index)
            assert report.failed == 0
            check_whole(index, folder)
            summary = child.synced(tmp_path, index).summary()
            assert summary.startswith(f"{len(folder.words)} unchanged")
    finally:
        (tmp_path / "stop").touch()
        out, _ = reader.communicate(timeout=60)
    index.close()
    assert (reader.returncode, out) == (0, "")
    assert int((tmp_path / "searches").read_text(encoding="utf-8")) > 0
    assert kills >= CYCLES // 2
    print(f"{kills} of {CYCLES} syncs killed; {len(folder.words)} documents whole")
