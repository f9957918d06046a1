"""Where nobody has told what an endpoint costs, that is said, and no limit of money is promised."""

from __future__ import annotations

import json

import pytest

from surefoot.cli.main import run
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

ASKED = {"en": "Who is Anna?", "zh": "安娜是谁？"}


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A workspace whose answers come from an address that is not this machine's loopback, without a price."""
    monkeypatch.chdir(tmp_path)
    with ChatServer(FakeChat(["Anna."] * 40)) as server:
        address = server.url.replace("127.0.0.1", "0.0.0.0")
        (tmp_path / "surefoot.toml").write_text(
            f'schema = 1\n[endpoints.hired]\nbase_url = "{address}"\nmodel = "big"\n'
            '[[stages]]\nkind = "answer"\nmodel = "http:hired"\npassages = 0\n',
            encoding="utf-8",
        )
        lines = [
            {"id": lang, "question": said, "answers": ["Anna"]} for lang, said in ASKED.items()
        ]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (tmp_path / "questions.jsonl").write_text(text, encoding="utf-8")
        yield tmp_path


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_answer_says_that_its_price_is_not_known(work, capsys, lang) -> None:
    assert run(["ask", ASKED[lang]]) == 0
    assert "price not known" in capsys.readouterr().err
    assert run(["ask", ASKED[lang], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["spent"]["cost"] is None


def test_money_is_not_limited_by_a_price_that_nobody_knows(work, capsys) -> None:
    assert run(["ask", ASKED["en"], "--max-cost", "1"]) == 2
    assert "prompt_price" in capsys.readouterr().err
    assert run(["evaluate", "questions.jsonl", "--budget", "3usd"]) == 2
    assert "the budget of 3usd cannot be kept" in capsys.readouterr().err


def test_a_run_leaves_the_money_out_and_says_so(work, capsys) -> None:
    assert run(["evaluate", "questions.jsonl", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "cost_usd" not in {score["metric"] for score in found["scores"]}
    assert any("whose price is not known" in reason for reason in found["left_out"])
    assert run(["evaluate", "questions.jsonl", "--forecast"]) == 0
    assert "the price of an endpoint is not known" in capsys.readouterr().out


def test_a_price_of_nothing_is_a_price(work, capsys) -> None:
    file = work / "surefoot.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('model = "big"', 'model = "big"\nprompt_price = 0'), "utf-8")
    assert run(["evaluate", "questions.jsonl", "--json", "--budget", "3usd"]) == 0
    costs = [s for s in json.loads(capsys.readouterr().out)["scores"] if s["metric"] == "cost_usd"]
    assert [one["value"] for one in costs] == [0.0]
