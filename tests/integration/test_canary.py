"""A document that was removed is nowhere: in no table, view, graph or stored file, and no question finds it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Scope
from surefoot.core.types import Asker
from surefoot.run.purging import purge
from surefoot.run.uploads import delete_uploads, keep_upload, list_uploads
from surefoot.store.audit import AuditBook, AuditLine
from surefoot.store.trials import RunKey
from surefoot.store.uploads import Upload
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

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


WRITTEN = """schema = 1
[corpus]
sources = [{{ kind = "folder", path = "docs" }}]
embed = {{ kind = "hash", dimensions = 64 }}
isolation = "strict"
views = [{{ kind = "model-summary", model = "http:own" }}, {{ kind = "summary" }}]
[corpus.graph]
[endpoints.own]
base_url = "{url}"
model = "echo"
[[stages]]
kind = "search"
[[stages]]
kind = "graph"
[[stages]]
kind = "quote"
refuse = {{ threshold = 0 }}
"""


def repeated(messages):
    """A model whose summary repeats what it was shown."""
    words = messages[-1].content
    return next(
        (line for line in words.splitlines() if "quuxlemon" in line or "柠檬鲲鹏" in line), "Other."
    )


def held(folder: Path, word: str) -> list[str]:
    """The files below that hold the word, as text or escaped."""
    signs = (word.encode(), json.dumps(word)[1:-1].encode())
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(sign in path.read_bytes() for sign in signs)
    ]


@pytest.mark.parametrize("lang", CANARIES)
def test_a_purge_leaves_nothing_of_a_canary_in_any_file(tmp_path: Path, lang: str, capsys):
    text, question, word = CANARIES[lang]
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text(
        "# Other\n\nThe director of Velmora Ltd is Anna Holm. 没有别的。\n"
    )
    canary = tmp_path / "docs" / "canary.md"
    more = "The town hall opens at nine and closes at five. 镇政府九点开门，五点关门。\n\n" * 20
    canary.write_text(f"# Canary\n\n{text}\n\n{more}")
    inner, reader = tmp_path / ".surefoot", Asker("ann", trusted=False)
    with ChatServer(FakeChat(repeated)) as server:
        (tmp_path / "surefoot.toml").write_text(WRITTEN.format(url=server.url))
        with surefoot.open(tmp_path) as space:
            assert not space.sync().problems
            for asker in (Asker(), reader):
                assert space.ask(question, asker=asker).text
                assert word in str(space.search(question, asker=asker))
            other = space.ask("Who is the director of Velmora Ltd?").text
            assert {"replies.sqlite", "ledger.sqlite"} <= {
                Path(one).name for one in held(inner, word)
            }
            with pytest.raises(ConfigError, match="still in the index"):
                purge(space, ["docs/canary.md"])
            key = RunKey("s", "c", "e")
            held_by_search = {"id": "1", "question": question, "documents": ["docs/canary.md"]}
            kept = {"id": "2", "question": "?", "documents": ["docs/other.md", "docs_canary.md"]}
            space.trials.keep(key, [held_by_search | {"answer": text}, kept])
            lines = AuditBook.at(inner)
            lines.write(AuditLine(10**19 // 2, "k", "POST", "/v1/responses", 200, 1.0))
            lines.close()
            canary.unlink()
            space.sync()
            for asker in (Asker(), reader):
                assert word not in str(space.search(question, asker=asker))
            assert "replies.sqlite" not in held(inner, word)
            before = space.ledger.traces()
            assert purge(space, dry_run=True).traces == 5 and space.ledger.traces() == before
        assert run(["purge", "docs/canary.md", "-w", str(tmp_path), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["traces"], told["documents"]) == (5, ["docs/canary.md"])
        assert told["trials"] == 1
        with surefoot.open(tmp_path) as space:
            assert space.ask("Who is the director of Velmora Ltd?").text == other
            assert word not in str(space.ask(question))
            assert set(space.trials.kept(key)) == {"2"}
            assert len(space.ledger.traces()) >= 2  # those of what is there stay
    assert held(inner, word) == []


def test_what_people_keep_themselves_is_named(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "evalsets").mkdir()
    (tmp_path / "docs" / "旧.md").write_text("# Old\n\nThe canary sings. 金丝雀唱歌。\n")
    case = {"id": "1", "question": "Who sings?", "gold": [{"doc": "docs/旧.md"}]}
    rows = json.dumps(case, ensure_ascii=False)
    (tmp_path / "evalsets" / "birds.jsonl").write_text(rows + "\n", encoding="utf-8")
    (tmp_path / "surefoot.toml").write_text(SOLUTION)
    with surefoot.open(tmp_path) as space:
        space.sync()
        space.resources.index().snapshots.create("before")
        assert run(["evaluate", "birds", "-w", str(tmp_path), "--quiet"]) == 0
        (kept,) = space.runs.runs()
        space.remove(["docs/旧.md"])
        found = purge(space)
        assert found.documents == ("docs/旧.md",)
        assert found.traces >= 1
        assert (found.snapshots, found.runs, found.evalsets) == (
            ("before",),
            (kept.id,),
            ("birds.jsonl",),
        )
        assert purge(space).traces == 0
