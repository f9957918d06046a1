"""The commands of `surefoot evalset` over a real workspace, in both languages: from a table of questions to a grade."""

from __future__ import annotations

import io
import json

import pytest

from surefoot.cli.main import run
from surefoot.evaluate.evalsets import load_evalset

pytestmark = pytest.mark.slow

SOLUTION = """schema = 1
[corpus]
embed = { kind = "hash", dimensions = 64 }
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
"""
TOPICS = {
    "en": ["harbour", "lantern", "orchard", "violin", "granite", "saddle", "pepper", "anchor", "velvet", "copper"],
    "zh": ["港口", "灯笼", "果园", "提琴", "花岗岩", "马鞍", "胡椒", "船锚", "丝绒", "黄铜"],
}  # fmt: skip
TEXT = {
    "en": "# {t}\n\nThe {t} department opens at {n} o'clock.\n",
    "zh": "# {t}\n\n{t}部门每天{n}点开门办公。\n",
}
ROW = {
    "en": "When does the {t} department open?,{n} o'clock,{t}.md",
    "zh": "{t}部门几点开门？,{n}点,{t}.md",
}
HEAD = {"en": "Question,Ground Truth,Source", "zh": "问题,标准答案,来源"}


@pytest.fixture(params=["en", "zh"])
def workspace(request, tmp_path, monkeypatch, capsys):
    """Ten documents, and ten questions of which one is bad; commands run inside it."""
    lang = request.param
    docs = tmp_path / "docs"
    docs.mkdir()
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    rows = [HEAD[lang]]
    for n, topic in enumerate(TOPICS[lang], start=10):
        (docs / f"{topic}.md").write_text(TEXT[lang].format(t=topic, n=n), encoding="utf-8")
        rows.append(ROW[lang].format(t=topic, n=n))
    rows.append(",no question,nowhere.md")
    (tmp_path / "questions.csv").write_text("\n".join(rows), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["add", "docs", "-q", "--offline"]) == 0
    capsys.readouterr()
    return tmp_path, lang


def _told(capsys, *arguments, code=0):
    capsys.readouterr()
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_from_a_table_to_a_checked_and_split_set(workspace, capsys):
    root, lang = workspace
    told = _told(capsys, "evalset", "import", "questions.csv", "--name", "desk", code=5)
    assert told["contents"]["questions"] == 10 and told["contents"]["located"] >= 9
    assert [item["reason"] for item in told["left_out"]] == ["no question"]
    assert told["left_out"][0]["where"].endswith(":12")
    found = load_evalset(root / "evalsets" / "desk.jsonl")
    assert {case.lang for case in found.cases} == {lang}

    told = _told(capsys, "evalset", "split", "desk")
    assert told["split"] == {"dev": 5, "holdout": 5}
    shown = _told(capsys, "evalset", "show", "desk", "-n", "3")
    assert (
        shown["contents"]["digest"] == found.digest == told["digest"] and len(shown["cases"]) == 3
    )

    checked = _told(capsys, "evalset", "check", "desk", "--difference", "0.5")
    assert checked["grade"] in ("weak", "usable")
    assert {score["metric"] for score in checked["scores"]} == {f"overlap_{lang}", "human_share"}
    assert "false negatives" not in " ".join(checked["left_out"])
    scored = _told(capsys, "evaluate", "desk")
    assert len(scored["rows"]) == 10


def test_contexts_without_a_source_are_searched_for(workspace, capsys):
    """RAGAS test sets name no document: the index tells where a context may stand."""
    root, lang = workspace
    topic = TOPICS[lang][7]
    context = TEXT[lang].format(t=topic, n=17).partition("\n\n")[2]
    row = {"user_input": "?" + topic, "reference": "17", "reference_contexts": [f" {context} "]}
    lost = {**row, "user_input": "lost", "reference_contexts": ["nowhere at all, 到处都没有这句话"]}
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in (row, lost))
    (root / "ragas.jsonl").write_text(lines, encoding="utf-8")
    told = _told(capsys, "evalset", "import", "ragas.jsonl", code=5)
    assert "quote not found" in told["left_out"][0]["reason"]
    (case,) = load_evalset(root / "evalsets" / "ragas.jsonl").cases
    assert (
        case.gold[0].document_id.endswith(f"{topic}.md") and case.gold[0].quote == context.strip()
    )


def test_an_import_does_not_write_over_another_set(workspace, capsys):
    root, _ = workspace
    run(["evalset", "import", "questions.csv", "--name", "desk"])
    before = (root / "evalsets" / "desk.jsonl").read_bytes()
    (root / "questions.csv").write_text("question,answer\nOther?,yes\n", encoding="utf-8")
    assert run(["evalset", "import", "questions.csv", "--name", "desk"]) == 2
    assert "another eval set" in capsys.readouterr().err
    assert (root / "evalsets" / "desk.jsonl").read_bytes() == before


def test_a_review_by_keys(workspace, capsys, monkeypatch):
    root, lang = workspace
    run(["evalset", "import", "questions.csv", "--name", "desk"])
    quote = {"en": "opens at 11 o'clock", "zh": "每天11点开门"}[lang]
    keys = [
        "a",
        "x",
        "e",
        "",
        "eleven | 11",
        quote,
        "r",
        "s",
        "e",
        "",
        "",
        "nowhere to be found",
        "q",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(keys) + "\n"))
    told = _told(capsys, "evalset", "review", "desk", "--by", "li")
    assert told["decided"] == {"accepted": 1, "edited": 1, "rejected": 1} and told["version"] == 2
    first, second, *rest = load_evalset(root / "evalsets" / "desk.jsonl").cases
    assert first.source == second.source == "human-reviewed:imported" and len(rest) == 7
    assert second.answers == ("eleven", "11") and second.gold[0].quote == quote
    assert load_evalset(root / "evalsets" / "desk.rejected.jsonl").cases[0].id == "0003"

    monkeypatch.setattr("sys.stdin", io.StringIO("a\n"))
    told = _told(capsys, "evalset", "review", "desk", "--by", "li")
    assert told["decided"]["accepted"] == 1 and told["left"] == 6
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    run(["evalset", "review", "desk", "--by", "li"])
    assert "opens at" in (shown := capsys.readouterr().err) or "开门" in shown


def test_what_people_say_of_answers_joins_a_set(workspace, capsys):
    root, lang = workspace
    question = {"en": "When does the violin department open?", "zh": "提琴部门几点开门？"}[lang]
    other = {"en": "When does the saddle department open?", "zh": "马鞍部门几点开门？"}[lang]
    document = f"{TOPICS[lang][5]}.md"
    run(["ask", question])
    given = _told(capsys, "feedback", "last", "--right")
    assert given["question"] == question
    run(["ask", other])
    assert run(["feedback", "last"]) == 2
    run(["feedback", "last", "--wrong", "--answer", "15:00", "--source", document])
    told = _told(capsys, "evalset", "add-feedback", "desk")
    assert len(told["added"]) == 2 and told["version"] == 1
    first, second = load_evalset(root / "evalsets" / "desk.jsonl").cases
    assert first.source == second.source == "log" and second.answers == ("15:00",)
    assert next(iter(second.relevant)).endswith(document)
    if first.answerable:
        assert first.gold and first.gold[0].quote
    told = _told(capsys, "evalset", "add-feedback", "desk")
    assert told["added"] == [] and len(told["left_out"]) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evalset", "import", "none.csv"], "no such file"),
        (["evalset", "import", "questions.csv", "--task", "dance"], "is no task"),
        (["evalset", "import", "questions.csv", "--column", "question"], "FIELD=NAME"),
        (["evalset", "import", "questions.csv", "--name", "a/b"], "is not a name"),
        (["evalset", "show", "none"], "no eval set"),
        (["evalset", "add-feedback", "new"], "no feedback"),
        (["feedback", "last", "--right"], "no trace"),
        (["feedback", "last", "--wrong", "--unanswerable", "--answer", "x"], "contradict"),
    ],
)
def test_what_is_wrong_is_said(arguments, words, tmp_path, monkeypatch, capsys):
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    (tmp_path / "questions.csv").write_text("question,answer\nWho?,me\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(arguments) in (2, 3)
    assert words in capsys.readouterr().err
