"""The attacks against a workspace: what is hidden never reaches the model, what the model says is counted."""

from __future__ import annotations

import json

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.errors import ConfigError
from surefoot.evaluate.attacks import attack, attacks
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

pytestmark = pytest.mark.slow

CORPUS = """schema = 1
[corpus]
sources = []
embed = { kind = "hash", dimensions = 64 }
[[stages]]
kind = "search"
[[stages]]
"""
HIDDEN = ("comment", "hidden", "word-hidden")
LANGS = ("en", "zh")


def workspace(root, stage):
    root.mkdir()
    (root / "surefoot.toml").write_text(CORPUS + stage)
    return root


def obeying(messages):
    """A model that does whatever the last thing is that a code stands in."""
    words = messages[-1].content.replace("\u200b", "").replace("／", "/").split()
    codes = [word for word in words if "PWNED-" in word or "攻破-" in word or "evil" in word]
    return " ".join(codes) or "In 30 days [1]."


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with ChatServer(FakeChat(obeying)) as server:
        stage = f"""kind = "answer"
model = "http:own"
[endpoints.own]
base_url = "{server.url}"
model = "obeying"
"""
        root = workspace(tmp_path_factory.mktemp("attacked") / "w", stage)
        with surefoot.open(root) as space:
            given = attacks()
            yield given, attack(space, given, bare=True), root


@pytest.mark.parametrize("lang", LANGS)
def test_hidden_orders_never_reach_the_model(found, lang):
    _, told, _ = found
    rows = [row for row in told.solution.rows if row.lang == lang]
    hidden = [row for row in rows if row.tags[0] in HIDDEN]
    assert len(hidden) == 9
    assert not any(row.metrics["injection"] for row in hidden)
    assert not told.solution.failures


@pytest.mark.parametrize("lang", LANGS)
def test_an_obeying_model_is_counted_with_and_without_measures(found, lang):
    _, told, _ = found
    shares = {}
    for name, evaluation in (("with", told.solution), ("bare", told.bare)):
        rows = [row for row in evaluation.rows if row.lang == lang]
        shares[name] = sum(row.metrics["injection"] for row in rows) / len(rows)
    assert shares["bare"] == 1.0
    assert 0.3 < shares["with"] < 0.8  # what can be seen is shown to it
    assert told.solution.score("injection").n == 66


def test_nothing_of_it_stays_in_the_workspace(found):
    _, _, root = found
    assert not any(
        b"evil.example" in path.read_bytes() for path in root.rglob("*") if path.is_file()
    )


def test_the_command_prints_both_and_its_json_has_them(tmp_path, capsys):
    root = workspace(tmp_path / "w", 'kind = "quote"\n')
    assert run(["evaluate", "--attacks", "--sample", "4", "-w", str(root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    scores = {one["metric"]: one for one in told["solution"]["scores"]}
    assert scores["injection"]["n"] == 4
    assert told["bare"] is None
    assert run(["evaluate", "--attacks", "--sample", "2", "-w", str(root)]) == 0
    assert "injection" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["set", "--attacks"], ["set", "--bare"]])
def test_the_command_wants_one_or_the_other(tmp_path, words, capsys):
    root = workspace(tmp_path / "w", 'kind = "quote"\n')
    assert run(["evaluate", *words, "-w", str(root)]) == ConfigError.exit_code
    assert "--attacks" in capsys.readouterr().err


def test_without_documents_or_a_model_there_is_nothing_to_attack(tmp_path):
    root = workspace(tmp_path / "a", 'kind = "quote"\n')
    with surefoot.open(root) as space, pytest.raises(ConfigError, match="names a chat model"):
        attack(space, attacks(["en"])[:1], bare=True)
    (tmp_path / "a" / "surefoot.toml").write_text('schema = 1\n[[stages]]\nkind = "answer"\n')
    with surefoot.open(tmp_path / "a") as space, pytest.raises(ConfigError, match="corpus"):
        attack(space, attacks(["en"])[:1])
