"""`surefoot compare` with a model at an address: what is planned, what was kept, and how one goes on."""

from __future__ import annotations

import json

import pytest

from surefoot.cli.main import run
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets import make_evalset, write_evalset
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat
from surefoot.tune.rows import ChatRow, ChatTurn, TuningRows, write_rows

pytestmark = pytest.mark.slow

SOLUTION = """schema = 1
[endpoints.fake]
base_url = "{url}"
model = "m"
[[stages]]
kind = "answer"
model = "http:fake"
reply = "plain"
plain = "answer/direct"
"""
TOWNS = {"en": ["Alder", "Birch", "Cedar", "Elm"], "zh": ["桤木镇", "白桦镇", "雪松镇", "榆树镇"]}
ASKED = {"en": "How many cranes has the town of {0}?", "zh": "{0}有多少台起重机？"}


@pytest.fixture(params=["en", "zh"])
def folder(request, tmp_path):
    lang = request.param
    asked = [ASKED[lang].format(town) for town in TOWNS[lang]]
    cases = [
        EvalCase(f"q{i}", text, lang, answers=(f"{i} cranes",)) for i, text in enumerate(asked[:3])
    ]
    write_evalset(make_evalset("harbour", cases), tmp_path / "evalsets" / "harbour.jsonl")
    row = ChatRow(id="r", prompt=(ChatTurn(role="user", content=asked[3]),), completion="3 cranes")
    write_rows(TuningRows.of([row]), tmp_path / "train.jsonl")
    (tmp_path / ".surefoot").mkdir()
    replies = [f"{i % 3} cranes" for i in range(30)]
    with ChatServer(FakeChat(replies)) as server:
        text = SOLUTION.format(url=server.url)
        (tmp_path / "surefoot.toml").write_text(text, encoding="utf-8")
        yield tmp_path


def said(folder, capsys, *words, code=0):
    assert run([*words, "-w", str(folder)]) == code
    return capsys.readouterr()


def test_a_comparison_is_planned_run_kept_and_gone_on_with(folder, capsys):
    train = str(folder / "train.jsonl")
    told = said(
        folder, capsys, "compare", "--evalset", "harbour", "--train", train, "--dry-run", "--json"
    )
    plan = json.loads(told.out)
    assert [arm["arm"] for arm in plan["arms"]] == ["prompt", "fewshot", "nearest", "cot"]
    assert "address" in plan["left_out"]["lora"]
    assert not (folder / ".surefoot" / "compare").exists()

    wanted = ("compare", "--evalset", "harbour", "--train", train, "--methods", "prompt,nearest")
    found = json.loads(said(folder, capsys, *wanted, "--json").out)
    assert [arm["method"] for arm in found["arms"]] == ["prompt", "nearest"]
    assert found["id"] == plan["id"] and found["n"] == 3
    assert all(len(arm["evaluation"]["rows"]) == 3 for arm in found["arms"])

    again = said(folder, capsys, "compare", "--continue", "last", "--quiet")
    shown = said(folder, capsys, "comparisons", "show", plan["id"][:6], "--quiet")
    assert again.out == shown.out and "nearest" in shown.out
    listed = json.loads(said(folder, capsys, "comparisons", "list", "--json").out)
    assert [(one["id"], one["ended"]) for one in listed] == [(plan["id"], True)]


def test_wrong_wishes_are_told_before_anything_runs(folder, capsys):
    compare = ("compare", "--evalset", "harbour")
    for words, kind, part in (
        (("compare",), ConfigError, "name an eval set"),
        ((*compare, "--continue", "last"), ConfigError, "name an eval set"),
        ((*compare, "--methods", "magic"), ConfigError, "no method"),
        ((*compare, "--seeds", "one"), ConfigError, "no list of seeds"),
        ((*compare, "--number-type", "q2"), ConfigError, "not known"),
        ((*compare, "--methods", "rag"), ConfigError, "no documents"),
        (("compare", "--continue", "last"), MissingError, "no such comparison"),
        (("comparisons", "show", "last"), MissingError, "no such comparison"),
    ):
        assert part in said(folder, capsys, *words, code=kind.exit_code).err


def test_rows_that_give_a_question_away_end_it(folder, capsys):
    first = json.loads((folder / "evalsets" / "harbour.jsonl").read_text("utf-8").splitlines()[1])
    row = ChatRow(
        id="r", prompt=(ChatTurn(role="user", content=first["question"]),), completion="0"
    )
    write_rows(TuningRows.of([row]), folder / "train.jsonl")
    words = ("compare", "--evalset", "harbour", "--train", str(folder / "train.jsonl"))
    assert "give away" in said(folder, capsys, *words, code=DataError.exit_code).err
