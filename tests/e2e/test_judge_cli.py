"""Parts, similarity and a judge from the command line, in both languages."""

from __future__ import annotations

import json

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.evaluate.runs import load_run
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

CASES = (
    ("1", "How soon is a refund paid?", "seven days", "docs/refunds.md"),
    ("2", "退款多久支付？", "七个工作日", "docs/退款.md"),
)


@pytest.fixture
def judge():
    with ChatServer(FakeChat(["yes"])) as server:
        yield server


@pytest.fixture
def work(tmp_path, monkeypatch, judge):
    """A workspace with a hash encoder over one English and one Chinese page, and an endpoint that judges."""
    monkeypatch.setenv("SUREFOOT_HOME", str(tmp_path / "home"))
    root = tmp_path / "work"
    assert run(["init", str(root), "--quiet"]) == 0
    docs = root / "docs"
    docs.mkdir()
    (docs / "refunds.md").write_text("# Refunds\n\nA refund is paid within seven days.\n", "utf-8")
    (docs / "退款.md").write_text("# 退款\n\n退款在七个工作日内支付。\n", "utf-8")
    file = root / "surefoot.toml"
    text = file.read_text("utf-8").replace("[corpus]", '[corpus]\nembed = { kind = "hash" }')
    text = text.replace('kind = "quote"', 'kind = "quote"\nrefuse = { threshold = 0.0 }')
    text += f'\n[endpoints.grader]\nbase_url = "{judge.url}"\nmodel = "m"\n'
    file.write_text(text, "utf-8")
    lines = [
        {"id": name, "question": question, "answers": [answer], "gold": [{"doc": document}]}
        for name, question, answer, document in CASES
    ]
    (root / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    monkeypatch.chdir(root)
    assert run(["add", "docs", "--quiet"]) == 0
    return root


def out(capsys, *arguments):
    capsys.readouterr()
    code = run(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_headline_comes_first_and_parts_follow(work, capsys):
    code, said, errors = out(
        capsys, "evaluate", "questions.jsonl", "--by", "lang,type", "--similarity"
    )
    assert code == 0
    lines = [line.split("\t") for line in said.splitlines()]
    assert lines[1][:2] == ["right_or_refusal", "1.000"]
    assert any(line[0] == "similarity" for line in lines)
    assert ["zh", "right_or_refusal", "1.000"] in [line[:3] for line in lines]
    assert "headline, to compare solutions by: right_or_refusal" in errors
    assert "by type: all questions are alike" not in errors or "not proven" in errors


def test_a_judge_without_labels_decides_nothing(work, capsys, judge):
    code, said, errors = out(capsys, "evaluate", "questions.jsonl", "--judge", "http:grader")
    assert code == 0
    assert "uncalibrated: judge_correct\t1.000" in said
    assert "uncalibrated: judge_grounded\t1.000" in said
    assert "decides nothing" in errors
    prompts = [body["messages"][-1]["content"] for _, body in judge.asked]
    assert len(prompts) == 4
    assert any("标准答案：七个工作日" in prompt for prompt in prompts)
    assert any("Gold answer: seven days" in prompt for prompt in prompts)


def test_labels_correct_the_judge_and_another_run_is_compared(work, capsys):
    (work / "labels.jsonl").write_text(
        '{"id": "1", "right": true}\n{"id": "2", "right": false}\n', "utf-8"
    )
    first = json.loads(out(capsys, "evaluate", "questions.jsonl", "--json")[1])["run"]
    code, said, errors = out(
        capsys, "evaluate", "questions.jsonl", "--json", "--judge", "http:grader",
        "--labels", "labels.jsonl", "--against", first,
    )  # fmt: skip
    assert code == 0, errors
    found = json.loads(said)
    assert found["judge"]["correct"]["calibrated"]
    assert found["judge"]["correct"]["score"]["value"] == 0.5
    assert found["judge"]["correct"]["agreement"]["accuracy"]["value"] == 0.5
    assert found["judge"]["correct"]["too_few_labels"]
    assert not found["judge"]["grounded"]["calibrated"]
    assert found["preference"]["outcomes"] == {"1": "tie", "2": "tie"}
    with surefoot.open(work) as space:
        kept = load_run(space, found["run"]).run.details
    assert kept["judge"]["correct"]["score"]["value"] == 0.5
    assert kept["preference"]["outcomes"] == {"1": "tie", "2": "tie"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--labels", "x"], "need --judge"),
        (["--by", "colour"], "cannot be divided by 'colour'"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_asked(work, capsys, options, says):
    code, _, errors = out(capsys, "evaluate", "questions.jsonl", *options)
    assert code == 2
    assert says in errors
