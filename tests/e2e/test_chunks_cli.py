"""`surefoot chunks`: a file is shown as it would be cut, and ways to cut are compared beside the live index."""

from __future__ import annotations

import json

import pytest

from surefoot.cli.main import run

TEXT = {
    "en": "# Guide\n\n## Pump\n\n"
    + " ".join(["The pump is red. It starts at six. Oil it in May."] * 12)
    + "\n\n## Roof\n\nVisitors park on the roof.\n",
    "zh": "# 指南\n\n## 水泵\n\n"
    + "水泵是红色的。它六点启动。五月要加油。" * 12
    + "\n\n## 楼顶\n\n访客把车停在楼顶。\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SUREFOOT_HOME", str(tmp_path / "home"))
    docs = tmp_path / "docs"
    docs.mkdir()
    for lang, text in TEXT.items():
        (docs / f"{lang}.md").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def work(folder, monkeypatch):
    root = folder / "work"
    assert run(["init", str(root), "--quiet"]) == 0
    file = root / "surefoot.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("[corpus]", '[corpus]\nembed = { kind = "hash" }')
    file.write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    assert run(["add", "../docs", "--quiet"]) == 0
    return root


def out(capsys, *arguments):
    capsys.readouterr()
    code = run(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


HASH = ("--set", 'corpus.embed.kind="hash"')


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_file_is_shown_in_pieces_without_a_workspace(folder, capsys, lang):
    shown = ("chunks", "preview", f"docs/{lang}.md", "--chunker", "sentence", *HASH)
    code, said, notes = out(capsys, *shown, "--set", "corpus.chunk.sentences=3", "--json")
    assert code == 0
    found = json.loads(said)
    assert [piece["overlap"] for piece in found["pieces"]] == [0] * len(found["pieces"])
    for piece in found["pieces"]:
        chunk = piece["chunk"]
        assert chunk["text"] == TEXT[lang][chunk["start"] : chunk["end"]]
        assert piece["chars"] == len(chunk["text"])
        assert piece["tokens"] > 0
    assert found["chunker"]["sentences"] == 3
    code, said, notes = out(capsys, *shown)
    assert said.splitlines()[0].startswith("#\tplace\ttokens")
    assert "pieces of" in notes
    assert sorted(path.name for path in folder.iterdir()) == ["docs"]


def test_what_cannot_be_shown_is_said(folder, capsys):
    code, _, said = out(capsys, "chunks", "preview", "nothing.md", *HASH)
    assert (code, "there is no such file" in said) == (3, True)
    code, _, said = out(capsys, "chunks", "preview", "docs/en.md", "--chunker", "fixd", *HASH)
    assert code == 2
    assert "did you mean fixed?" in said
    (folder / "empty.md").write_text(" \n", encoding="utf-8")
    code, _, said = out(capsys, "chunks", "preview", "empty.md", *HASH)
    assert (code, "no text" in said) == (5, True)


def evalset(root, *rows):
    file = root / "questions.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines), encoding="utf-8")
    return str(file)


def rows():
    for lang, question, words in (
        ("en", "Where do visitors park?", "on the roof"),
        ("zh", "访客把车停在哪里？", "停在楼顶"),
    ):
        start = TEXT[lang].index(words)
        gold = {"doc": f"docs/{lang}.md", "quote": words, "start": start, "end": start + len(words)}
        yield {"id": lang, "question": question, "answers": [words], "gold": [gold]}


def test_sizes_are_compared_beside_the_live_index_and_cleared_away(work, capsys):
    before = out(capsys, "search", "roof", "--json")[1]
    tables = sorted((work / ".surefoot" / "lance").glob("passages*"))
    swept = (
        "chunks",
        "sweep",
        evalset(work, *rows()),
        "--sizes",
        "32,64",
        "--kinds",
        "structure,window",
    )
    code, said, _ = out(capsys, *swept, "--json")
    assert code == 0
    found = json.loads(said)
    assert [one["present"] for one in found] == [True, False, False, False, False]
    assert {one["chunker"]["kind"] for one in found} == {"structure", "window"}
    assert found[1]["chunks"] > found[0]["chunks"]
    metrics = ["ndcg@10", "evidence@250", "evidence@500", "evidence@1000"]
    assert [score["metric"] for score in found[1]["scores"]] == metrics
    assert all(score["n"] == 2 for one in found for score in one["scores"])
    assert found[1]["seconds"] > 0
    assert out(capsys, "search", "roof", "--json")[1] == before
    assert sorted((work / ".surefoot" / "lance").glob("passages*")) == tables
    code, said, notes = out(capsys, *swept, "--keep")
    assert code == 0
    assert "structure 480 (present)" in said
    assert "confirm it on other questions" in notes
    assert len(sorted((work / ".surefoot" / "lance").glob("passages*"))) == len(tables) + 4
    again = json.loads(out(capsys, *swept, "--json")[1])
    assert [one["seconds"] for one in again] == [None] * 5
    assert out(capsys, "search", "roof", "--json")[1] == before


def test_a_sweep_needs_an_index_and_gold(work, capsys, folder):
    plain = evalset(work, {"id": "1", "question": "?"})
    code, _, said = out(capsys, "chunks", "sweep", plain)
    assert (code, "no question names" in said) == (2, True)
    code, _, said = out(capsys, "chunks", "sweep", plain, "--sizes", "small")
    assert (code, "list of numbers" in said) == (2, True)
