from __future__ import annotations

import json

import pytest

from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.core.types import Document, EvalCase, GoldSpan
from surefoot.evaluate.evalsets import evalset_file, load_evalset, make_evalset, write_evalset
from surefoot.evaluate.evalsets.editing import (
    drop_case,
    drop_evalset,
    kept_evalset,
    list_evalsets,
    placed,
    put_case,
)
from surefoot.evaluate.evalsets.importing import Wanted, import_given

LOG = {"by": "anna", "at": "2026-01-01"}


@pytest.fixture
def path(tmp_path):
    cases = [
        EvalCase("q1", "When?", "en", answers=("30 days",)),
        EvalCase("q2", "多久？", "zh", answers=("三十天",)),
    ]
    file = evalset_file(tmp_path, "support")
    write_evalset(make_evalset("support", cases), file)
    return file


def test_sets_are_listed_with_their_questions(tmp_path, path):
    folder = tmp_path / "evalsets" / "beir"
    folder.mkdir()
    rows = [json.dumps({"_id": str(i), "text": "q"}) for i in range(3)]
    (folder / "queries.jsonl").write_text("\n".join(rows))
    plain = [json.dumps({"id": str(i), "question": "evalset"}) for i in range(2)]
    (path.parent / "plain.jsonl").write_text("\n".join(plain) + "\n\n")
    assert [(one.name, one.questions) for one in list_evalsets(tmp_path)] == [
        ("beir", 3),
        ("plain", 2),
        ("support", 2),
    ]
    assert kept_evalset(tmp_path, "beir") == folder


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "x" * 300, "", "."])
def test_a_name_never_leads_out_of_the_workspace(tmp_path, path, name):
    with pytest.raises((ConfigError, MissingError)):
        kept_evalset(tmp_path, name)


def test_what_was_rejected_is_no_set(tmp_path, path):
    path.with_name("support.rejected.jsonl").write_text(path.read_text())
    for name in ("support.rejected", "support.rejected.jsonl"):
        with pytest.raises(MissingError, match="no such eval set"):
            kept_evalset(tmp_path, name)


def test_a_changed_question_keeps_what_it_was(path):
    changed = EvalCase("q2", "退款要多久？", "zh", answers=("三十天",))
    found = put_case(path, changed, LOG)
    assert (found.version, [case.id for case in found.cases]) == (2, ["q1", "q2"])
    entry = load_evalset(path).cases[1].meta["review"][0]
    assert entry == {"decision": "edited", **LOG, "before": {"question": "多久？"}}
    again = put_case(path, changed, LOG)
    assert again.version == 2
    assert len(again.cases[1].meta["review"]) == 2


def test_questions_are_added_and_dropped(tmp_path, path):
    new = EvalCase("q3", "Who?", "en", answerable=False)
    assert len(put_case(path, new, LOG, replaces=False).cases) == 3
    with pytest.raises(ConfigError, match="already"):
        put_case(path, new, LOG, replaces=False)
    assert [case.id for case in drop_case(path, "q1").cases] == ["q2", "q3"]
    with pytest.raises(MissingError):
        drop_case(path, "q1")
    drop_case(path, "q2")
    with pytest.raises(ConfigError, match="no questions"):
        drop_case(path, "q3")
    made = put_case(evalset_file(tmp_path, "fresh"), new, LOG)
    assert (made.name, made.version) == ("fresh", 1)
    drop_evalset(path)
    assert not path.exists()


def test_a_quote_gets_its_place_or_is_refused():
    document = Document("d1", "", "", "退款在三十天内支付。")
    case = EvalCase("q", "?", "zh", {"d1": 1}, gold=(GoldSpan("d1", "三十天"),))
    assert placed(case, {"d1": document}.get).gold == (GoldSpan("d1", "三十天", 3, 6),)
    wrong = EvalCase("q", "?", "zh", {"d1": 1}, gold=(GoldSpan("d1", "四十天"),))
    with pytest.raises(DataError, match="not found"):
        placed(wrong, {"d1": document}.get)
    with pytest.raises(DataError, match="no such document"):
        placed(case, {}.get)


def test_a_given_file_is_brought_in_and_named_as_it_was_given():
    table = "问题,答案\n退款多久？,三十天\n没有答案,\n"
    found = import_given(table.encode(), "题目.csv", Wanted("support"))
    assert [case.question for case in found.evalset.cases] == ["退款多久？"]
    assert found.left_out[0].where == "题目.csv:3"
    with pytest.raises(ConfigError) as caught:
        import_given(b"{", "bad.json", Wanted("support"))
    assert "bad.json" in str(caught.value)
    assert "/tmp" not in str(caught.value)
