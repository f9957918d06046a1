"""`surefoot chat` and `surefoot task` with a scripted model."""

import io
import json

import pytest

from surefoot.cli.main import run
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
ASKED = {"en": ["Who is Anna?", "And her brother?"], "zh": ["安娜是谁？", "她的哥哥呢？"]}
SAID = {"en": ["Anna is a baker.", "He is a smith."], "zh": ["安娜是面包师。", "他是铁匠。"]}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    (tmp_path / "m.gguf").write_bytes(b"x")
    (tmp_path / "surefoot.toml").write_text(
        'schema = 1\n[[stages]]\nkind = "answer"\nmodel = "m.gguf"\n', encoding="utf-8"
    )

    def type_in(replies, *lines):
        model = FakeChat(replies)
        monkeypatch.setattr("surefoot.models.chat.open_chat", lambda *_: model)
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return model

    monkeypatch.chdir(tmp_path)
    return type_in


@BOTH
def test_a_pipe_is_answered_line_by_line_and_kept(lang, workspace, tmp_path, capsys):
    model = workspace(SAID[lang], ASKED[lang][0], "", ASKED[lang][1], "/sources")
    assert run(["chat", "-q"]) == 0
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line] == SAID[lang]
    assert len(model.asked) == 2
    workspace(["ok"], "?")
    assert run(["chat", "--continue"]) == 0
    assert "0001" in capsys.readouterr().err
    assert run(["chat", "--list", "--json"]) == 0
    (kept,) = json.loads(capsys.readouterr().out)
    assert (kept["questions"], kept["first"]) == (3, ASKED[lang][0])
    assert run(["chat", "--delete", "0001"]) == 0
    assert run(["chat", "--continue"]) == 3


@BOTH
def test_commands_are_said_in_the_language_of_the_question(lang, workspace, tmp_path, capsys):
    save = "/save" if lang == "en" else "/保存"
    workspace(
        SAID[lang],
        ASKED[lang][0],
        "/nothing",
        f"{save} talk.md",
        f"{save} talk.md",
        "/reset",
        "/quit",
        "x",
    )
    assert run(["chat", "--no-keep"]) == 0
    told = capsys.readouterr()
    assert ("没有命令" if lang == "zh" else "there is no command") in told.err
    assert ("已保存" if lang == "zh" else "saved") in told.err
    assert SAID[lang][0] in (tmp_path / "talk.md").read_text("utf-8")
    assert (tmp_path / "talk.md").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / ".surefoot" / "conversations").exists()


def test_each_answer_is_a_json_line(workspace, capsys):
    workspace(SAID["en"], *ASKED["en"])
    assert run(["chat", "--json", "--no-keep"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["answer"]["text"] for line in lines] == SAID["en"]


def test_a_task_works_on_a_text_a_file_or_a_pipe(workspace, tmp_path, capsys):
    workspace(["It rains [1]."], "It rains.")
    assert run(["task", "summarise", "It rains.", "-q"]) == 0
    assert capsys.readouterr().out == "It rains [1].\n"
    (tmp_path / "t.txt").write_text("It rains.", encoding="utf-8")
    workspace(["下雨了。"])
    assert run(["task", "translate", "--file", "t.txt", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"]["text"] == "下雨了。"
    workspace(['{"label": "rain"}'], "It rains.")
    assert run(["task", "classify", "-", "--labels", "rain, sun", "-q"]) == 0
    assert capsys.readouterr().out == "rain\n"
    schema = {"type": "object", "properties": {"what": {"type": "string"}}}
    (tmp_path / "s.json").write_text(json.dumps(schema), encoding="utf-8")
    workspace(['{"what": "rains"}'])
    assert run(["task", "extract", "It rains.", "--schema", "s.json", "-q"]) == 0
    assert capsys.readouterr().out == '{"what": "rains"}\n'


def test_nothing_to_work_on_is_an_error(workspace, capsys):
    workspace(["x"])
    assert run(["task", "summarise"]) == 2
    assert run(["task", "extract", "text"]) == 2
    assert run(["task", "translate", "--file", "none.txt"]) == 3
    assert "nothing to work on" in capsys.readouterr().err
