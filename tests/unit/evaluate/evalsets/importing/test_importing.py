"""Tables and the shapes of other programs become cases, in English and Chinese; bad rows are said, the rest go on."""

from __future__ import annotations

import json

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.types import Document
from surefoot.evaluate.evalsets import load_evalset
from surefoot.evaluate.evalsets.importing import Wanted, import_evalset, reasons
from surefoot.evaluate.evalsets.library import Library

LEAVE = Document(
    "docs/hr/leave.md", "/srv/docs/hr/leave.md", "", title="Annual leave",
    text="# Leave\n\nStaff take 25 days of annual leave each year. Five days may be carried over to March.\n"
    "Parental leave lasts 26 weeks and is paid for the first 12 weeks at the full rate of pay.",
)  # fmt: skip
HOLIDAY = Document(
    "docs/hr/休假.md", "/srv/docs/hr/休假.md", "", title="休假制度",
    text="员工每年享有二十五天年假，其中五天可结转至次年三月。\n\n育儿假为二十六周，前十二周按全额工资发放，其余按半额发放。",
)  # fmt: skip
NOISE = Document("docs/it/leave.md", "", "", "How to leave the network at night.", title="Network")


@pytest.fixture(scope="module")
def library():
    return Library.of_documents([LEAVE, HOLIDAY, NOISE])


def _bring(path, library, **wanted):
    return import_evalset(path, Wanted("set", **wanted), library)


def _file(tmp_path, name, text, encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("name", "encoding", "text"),
    [
        ("en.csv", "utf-8", "Question,Ground Truth,Source,Context\n"
         "How long is leave?,25 days,hr/leave.md,25 days of annual leave\n"),
        ("en.tsv", "utf-8-sig", "query\tanswer\tfile\tquote\n"
         "How long is leave?\t25 days\tAnnual leave\t25 days  of annual LEAVE\n"),
        ("en.csv", "utf-8", "user_question;expected answer;url;evidence\n"
         "How long is leave?;25 days;file:///srv/docs/hr/leave.md;25 days of annual leave\n"),
        ("zh.csv", "gb18030", "问题,标准答案,来源,原文\n年假有几天？,二十五天,休假.md,享有二十五天年假\n"),
        ("zh.csv", "utf-8", "提问,参考答案,文档名称,依据\n年假有几天？,二十五天,休假制度,享有 二十五天 年假\n"),
    ],
)  # fmt: skip
def test_a_table_becomes_cases_with_gold_spans(tmp_path, library, name, encoding, text):
    found = _bring(_file(tmp_path, name, text, encoding), library)
    (case,) = found.evalset.cases
    document = HOLIDAY if name.startswith("zh") else LEAVE
    (span,) = case.gold
    assert span.document_id == document.id == case.cluster
    assert document.text[span.start : span.end] == span.quote and "25" in span.quote.replace(
        "二十五", "25"
    )
    assert (case.source, case.lang, dict(case.relevant)) == ("imported", name[:2], {document.id: 1})
    assert found.left_out == () and found.remarks == ()


def test_columns_can_be_named(tmp_path, library):
    path = _file(tmp_path, "odd.csv", "顾客说,我们说\n年假有几天？,二十五天\n")
    with pytest.raises(ConfigError, match="no column has the question"):
        _bring(path, library)
    found = _bring(path, library, columns={"question": "顾客说", "answer": "我们说"})
    assert found.evalset.cases[0].answers == ("二十五天",)
    with pytest.raises(ConfigError, match="there is no column 'other'"):
        _bring(path, library, columns={"question": "other"})
    with pytest.raises(ConfigError, match="'colour' is no field"):
        _bring(path, library, columns={"question": "顾客说", "colour": "我们说"})


def test_bad_rows_are_said_with_their_line_and_the_rest_go_on(tmp_path, library):
    path = _file(
        tmp_path,
        "mixed.csv",
        "id,question,answer,source,context,answerable\n"
        "a,How long is leave?,25 days,hr/leave.md,,\n"
        "b,,25 days,,,\n"
        "c,Too few cells\n"
        "d,Where?,,nowhere.md,,\n"
        "a,Same id?,x,,,\n"
        "e,how long is LEAVE,25 days,,,\n"
        "f,Nothing at all?,,,,\n"
        "g,谁画了办公室？,,,,否\n"
        "h,Both?,x,,,no\n"
        "i,Perhaps?,x,,,perhaps\n"
        "j,Which leave?,x,leave.md,,\n"
        "k,How many weeks?,26 weeks,hr/leave.md,nine hundred weeks,\n",
    )
    found = _bring(path, library)
    assert [case.id for case in found.evalset.cases] == ["a", "g", "k"]
    assert not found.evalset.cases[1].answerable
    said = {item.where.rpartition(":")[2]: item.reason for item in found.left_out}
    for line, words in {
        "3": "no question", "4": "2 cells", "5": "source not found: nowhere.md", "6": "another row has the id",
        "7": "the same question and answer", "8": "answerable = no", "10": "has an answer",
        "11": "'perhaps'", "12": "any of 2 documents",
    }.items():  # fmt: skip
        assert words in said[line]
    assert [(item.where.rpartition(":")[2], item.reason) for item in found.remarks] == [
        ("13", "quote not found: nine hundred weeks")
    ]
    assert dict(reasons(found.left_out))["source not found"] == 1


def test_ragas_test_sets_and_runs_are_told_apart(tmp_path, library):
    testset = [{"user_input": "How long is parental leave?", "reference": "26 weeks",
                "synthesizer_name": "single_hop", "reference_contexts":
                ["Parental leave lasts 26 weeks and is paid for the first 12 weeks"]}]  # fmt: skip
    path = _file(tmp_path, "ragas.jsonl", "\n".join(map(json.dumps, testset)))
    (case,) = _bring(path, library).evalset.cases
    assert (case.gold[0].document_id, case.source, case.tags) == (
        LEAVE.id,
        "generated:ragas",
        ("single_hop",),
    )
    run = {"question": ["育儿假多长？"], "answer": ["不知道"],
           "ground_truth": ["二十六周"], "contexts": [["无关的文字"]]}  # fmt: skip
    found = _bring(_file(tmp_path, "run.json", json.dumps(run)), library)
    assert found.evalset.cases[0].answers == ("二十六周",) and "quote" not in found.columns
    written = "user_input,reference,reference_contexts\n"
    written += "育儿假多长？,二十六周,\"['育儿假为二十六周，前十二周按全额工资发放']\"\n"  # fmt: skip
    (case,) = _bring(_file(tmp_path, "ragas.csv", written), library).evalset.cases
    assert case.gold[0].document_id == HOLIDAY.id


def test_both_shapes_of_llama_index(tmp_path, library):
    pairs = {
        "queries": {"q1": "How long is leave?", "q2": "lost?"},
        "corpus": {
            "n1": "Staff take 25 days of annual leave each year.",
            "n2": "nowhere to be found",
        },
        "relevant_docs": {"q1": ["n1"], "q2": ["n9"]},
        "mode": "text",
    }
    found = _bring(_file(tmp_path, "pairs.json", json.dumps(pairs)), library)
    assert [case.gold[0].document_id for case in found.evalset.cases] == [LEAVE.id]
    assert "relevant_docs" in found.left_out[0].reason
    example = {"query": "年假几天？",
               "query_by": {"model_name": "m", "type": "ai"}, "reference_answer": "二十五天",
               "reference_contexts": ["员工每年享有二十五天年假，其中五天可结转至次年三月。"],
               "reference_answer_by": None}  # fmt: skip
    path = _file(tmp_path, "labelled.json", json.dumps({"examples": [example]}))
    (case,) = _bring(path, library).evalset.cases
    assert (case.gold[0].document_id, case.source) == (HOLIDAY.id, "generated:llama-index")


def test_a_context_that_another_parser_read_is_nearly_found(tmp_path, library):
    context = "Parental leave lasts 26 weeks and is paid (see note 4) for the first 12 weeks at the full rate of pay"
    rows = [{"question": "How long?", "answer": "26 weeks", "context": context}]
    (case,) = _bring(_file(tmp_path, "near.json", json.dumps(rows)), library).evalset.cases
    assert case.gold[0].quote.startswith("Parental leave lasts") and case.gold[0].quote.endswith(
        "of pay"
    )


def test_an_answer_that_stands_in_its_document_once_becomes_gold(tmp_path, library):
    rows = "question,answer,source\nHow long is parental leave?,26 weeks,hr/leave.md\n"
    rows += "How many are paid?,12,hr/leave.md\n"
    once, short = _bring(_file(tmp_path, "a.csv", rows), library).evalset.cases
    assert once.gold[0].quote == "26 weeks" and short.gold == () and short.relevant == once.relevant


def test_without_documents_sources_stay_as_written(tmp_path):
    rows = (
        "question,answer,source,quote\n年假？,25天,休假.md,二十五天\nNo source?,x,,some context\n"
    )
    found = _bring(_file(tmp_path, "a.csv", rows), None)
    (case,) = found.evalset.cases
    assert (case.gold[0].document_id, case.gold[0].start) == ("休假.md", None)
    assert "needs the workspace's documents" in found.left_out[0].reason


def test_sets_of_the_house_keep_what_they_say(tmp_path, library):
    rows = [
        '{"evalset": "old", "task": "classify"}',
        '{"id": "a", "question": "x?", "answers": ["y"], "source": "log"}',
    ]
    found = _bring(_file(tmp_path, "old.jsonl", "\n".join(rows)), library)
    assert (found.shape, found.evalset.task, found.evalset.name) == ("surefoot", "classify", "set")
    assert found.evalset.cases == load_evalset(tmp_path / "old.jsonl").cases


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.pdf", "", "cannot import"),
        ("x.json", "{", "not JSON"),
        ("x.json", '{"a": 1}', "no known shape"),
        ("x.csv", "question,answer\n,\n", "no row is a question"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, library, name, text, words):
    with pytest.raises(ConfigError, match=words):
        _bring(_file(tmp_path, name, text), library)
