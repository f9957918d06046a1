"""`surefoot engines check` shows what each engine of a solution answers, nested ones too, and why one does not."""

from __future__ import annotations

import json

import pytest

from surefoot.cli.main import run
from surefoot.testing.engine_server import EngineServer, Held

pytestmark = pytest.mark.slow

PAGES = [
    Held("a", "The harbour opens at six.", "Harbour", "https://example.org/a", {"year": 2024}),
    Held("b", "港口六点开放。", "港口", "https://example.org/b", {"year": 2023}),
]
SOLUTION = """schema = 1
[corpus]
embed = {{ kind = "hash", dimensions = 8 }}
[[stages]]
kind = "route"
[[stages.ways]]
name = "dated"
patterns = ["harbour", "港口"]
[[stages.ways.stages]]
kind = "federate"
[[stages.ways.stages.engines]]
kind = "elasticsearch"
name = "wiki"
base_url = "{url}"
index = "pages"
fields = {{ text = "text", title = "title", url = "url" }}
filter = {{ year = "year" }}
[[stages.ways.stages.engines]]
kind = "brave"
key = "env:NO_SUCH_KEY_HERE"
"""


@pytest.fixture
def folder(tmp_path):
    with EngineServer(PAGES) as server:
        (tmp_path / "surefoot.toml").write_text(SOLUTION.format(url=server.url), encoding="utf-8")
        yield tmp_path


@pytest.mark.parametrize(
    ("question", "place"), [("When does the harbour open?", 0), ("港口几点开放？", 1)]
)
def test_each_engine_is_asked_by_itself(folder, capsys, question, place):
    code = run(["engines", "check", question, "--json", "-w", str(folder)])
    wiki, brave = json.loads(capsys.readouterr().out)
    assert code == 5
    assert wiki["engine"] == "wiki"
    assert wiki["hits"][0]["chunk"]["uri"] == PAGES[place].url
    assert wiki["fields"] == ["text", "title", "url", "score", "meta"]
    assert wiki["seconds"] > 0
    assert "NO_SUCH_KEY_HERE" in brave["problem"]
    assert brave["hits"] == []


def test_people_get_a_table_and_the_remedies(folder, capsys):
    assert run(["engines", "check", "When does the harbour open?", "-v", "-w", str(folder)]) == 5
    told = capsys.readouterr()
    assert "wiki\telasticsearch" in told.out
    assert "Harbour" in told.out
    assert "brave: needs a key in the variable NO_SUCH_KEY_HERE" in told.err
    assert "https://example.org/a" in told.err


def test_a_filter_is_tried_too(folder, capsys):
    filter = '{"type": "lt", "key": "year", "value": 2024}'
    run(["engines", "check", "harbour 港口", "--filter", filter, "--json", "-w", str(folder)])
    wiki, brave = json.loads(capsys.readouterr().out)
    assert [hit["chunk"]["id"] for hit in wiki["hits"]] == ["wiki:b"]
    assert brave["problem"]


def test_a_solution_without_engines_says_how_to_name_one(tmp_path, capsys):
    (tmp_path / "surefoot.toml").write_text('schema = 1\n[[stages]]\nkind = "search"\n')
    assert run(["engines", "check", "x", "-w", str(tmp_path)]) == 2
    assert "federate" in capsys.readouterr().err
