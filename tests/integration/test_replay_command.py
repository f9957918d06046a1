"""`surefoot trace replay` and `surefoot promote`: a question asked again, a solution put into force."""

from __future__ import annotations

import json

import pytest

import surefoot
from surefoot.cli.main import run

SOLUTION = """schema = 1
[corpus]
sources = [{ kind = "folder", path = "docs" }]
embed = { kind = "hash" }
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
refuse = { threshold = 0 }
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "docs").mkdir()
    for name, text in (("a", "退款在三十天内支付。"), ("b", "Refunds take 30 days.")):
        (tmp_path / "docs" / f"{name}.md").write_text(text, encoding="utf-8")
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    (tmp_path / "solutions").mkdir()
    short = SOLUTION.replace('kind = "search"', 'kind = "search"\nkeep = 1')
    (tmp_path / "solutions" / "short.toml").write_text(short, encoding="utf-8")
    with surefoot.open(tmp_path) as space:
        space.sync()
        space.ask("退款要多久？")
    return tmp_path


def test_a_question_is_asked_again(root, capsys):
    assert run(["trace", "list", "--workspace", str(root), "--json"]) == 0
    trace = json.loads(capsys.readouterr().out)[0]["trace_id"]
    change = ["--set", "stages.0.keep=1"]
    assert run(["trace", "replay", trace, *change, "--workspace", str(root), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["same_answer"] is True
    assert [one["now"] for one in found["moved"]] == [None]
    assert run(["trace", "replay", trace, *change, "--workspace", str(root)]) == 0
    assert "the same" in capsys.readouterr().out
    wrong = ["--set", "corpus.chunk.max_tokens=9"]
    assert run(["trace", "replay", trace, *wrong, "--workspace", str(root)]) == 2


def test_a_solution_is_promoted(root, capsys):
    assert run(["promote", "short", "--workspace", str(root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["solution"] == "short"
    assert "keep = 1" in (root / "surefoot.toml").read_text(encoding="utf-8")
    assert "keep" not in (root / "solutions" / "before-short.toml").read_text(encoding="utf-8")
    assert run(["promote", "none", "--workspace", str(root)]) == 3
