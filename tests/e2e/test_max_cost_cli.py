"""An endpoint with a price is paid only where the solution names it, and only up to `--max-cost`."""

import io
import json

import pytest

from surefoot.cli.main import run
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
ASKED = {"en": ["Who is Anna?", "And her brother?"], "zh": ["安娜是谁？", "她的哥哥呢？"]}
SAID = {"en": "Anna is a baker.", "zh": "安娜是面包师。"}


@pytest.fixture
def paid(tmp_path, monkeypatch):
    """A workspace whose answers come from an endpoint at a dollar a token; the model that counts the questions."""
    monkeypatch.chdir(tmp_path)

    def serve(reply):
        model = FakeChat([reply] * 9)
        server = ChatServer(model)
        servers.append(server)
        server.__enter__()
        (tmp_path / "surefoot.toml").write_text(
            f'schema = 1\n[endpoints.hired]\nbase_url = "{server.url}"\nmodel = "big"\n'
            "prompt_price = 1e6\ncompletion_price = 1e6\n"
            '[[stages]]\nkind = "answer"\nmodel = "http:hired"\n',
            encoding="utf-8",
        )
        return model

    servers = []
    yield serve
    for server in servers:
        server.__exit__(None, None, None)


@BOTH
def test_a_conversation_costs_no_more_than_it_may(lang, paid, monkeypatch, capsys):
    model = paid(SAID[lang])
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(ASKED[lang])))
    assert run(["chat", "--no-keep", "--json", "--max-cost", "0.5"]) == 5
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(model.asked) == 1
    assert told[0]["answer"]["text"] == SAID[lang]
    assert told[0]["spent"]["cost"] >= 0.5
    assert told[1]["spent"]["cost"] == 0


@BOTH
def test_a_task_costs_nothing_where_it_may_not(lang, paid, capsys):
    model = paid(SAID[lang])
    assert run(["task", "translate", SAID[lang], "--max-cost", "0"]) == 5
    assert model.asked == []
    assert "used up" in capsys.readouterr().err
    assert run(["task", "translate", SAID[lang]]) == 0
    assert len(model.asked) == 1
    assert "1 call of a chat model" in capsys.readouterr().err
