"""A document that was removed is nowhere: in no table, view, graph or stored file, and no question finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

import surefoot
from surefoot.core.roles import Scope
from surefoot.core.types import Asker
from surefoot.run.uploads import delete_uploads, keep_upload, list_uploads
from surefoot.store.uploads import Upload

SOLUTION = """schema = 1
[corpus]
sources = [{ kind = "folder", path = "docs" }]
embed = { kind = "hash", dimensions = 64 }
views = [{ kind = "summary" }, { kind = "questions" }]
[corpus.graph]
[[stages]]
kind = "search"
views = { summary = 0.3, questions = 0.3 }
[[stages]]
kind = "quote"
refuse = { threshold = 0 }
"""
CANARIES = {
    "en": ("Zorblattia sings at dawn. Her codeword is quuxlemon.", "When does Zorblattia sing?", "quuxlemon"),
    "zh": ("鹮鹮集团的金丝雀在黎明歌唱，暗号是柠檬鲲鹏。", "金丝雀什么时候歌唱？", "柠檬鲲鹏"),
}  # fmt: skip


@pytest.mark.parametrize("lang", CANARIES)
@pytest.mark.parametrize("way", ["upload", "sync"])
def test_a_canary_is_nowhere_when_it_is_gone(tmp_path: Path, lang: str, way: str):
    text, question, word = CANARIES[lang]
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text("# Other\n\nNothing of interest. 没有别的。\n")
    (tmp_path / "surefoot.toml").write_text(SOLUTION)
    with surefoot.open(tmp_path, settings={"trace_content": False}) as space:
        file = tmp_path / "docs" / "canary.md"
        if way == "sync":
            file.write_text(f"# Canary\n\n{text}\n")
        space.sync()
        upload = Upload("", "canary.md", "", 0, 5)
        if way == "upload":
            upload = keep_upload(space, f"# Canary\n\n{text}\n".encode(), upload)
            list_uploads([space], [upload])
        assert word in str(space.search(question)) + space.ask(question).text
        if way == "sync":
            file.unlink()
            space.sync()
        else:
            delete_uploads([space], [upload.id])
        assert word not in str(space.search(question)) + space.ask(question).text
        index, anyone = space.resources.index(), Scope(asker=Asker())
        told = [list(index.documents()), list(index.states()), list(index.mentions())]
        told += [index.keyword(word, limit=9, view=view) for view in ("summary", "questions")]
        assert word not in str(told) and "canary" not in str(told)
        assert index.count(anyone) == 1
        assert not any(
            word.encode() in path.read_bytes()
            for path in (tmp_path / ".surefoot").rglob("*")
            if path.is_file() and "lance" not in path.parts
        )
