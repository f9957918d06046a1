"""Files of training rows: every common format is told apart by its content, and each bad line is named."""

from __future__ import annotations

import json

import pytest

from surefoot.core.errors import DataError, MissingError
from surefoot.tune.left_out import counted
from surefoot.tune.reading import join_readings, read_file, read_text


def lines(*records):
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records)


def turns(row):
    return [(turn.role, turn.content) for turn in row.prompt]


EXCHANGES = [
    (
        "alpaca",
        {
            "instruction": "Name the capital.",
            "input": "France",
            "output": "Paris",
            "system": "Be short.",
            "history": [["Name the capital.\n\nSpain", "Madrid"]],
        },
        [
            ("system", "Be short."),
            ("user", "Name the capital.\n\nSpain"),
            ("assistant", "Madrid"),
            ("user", "Name the capital.\n\nFrance"),
        ],
        "Paris",
    ),
    (
        "alpaca",
        {"instruction": "给出关键词", "input": "论文摘要", "output": "关键词；摘要"},
        [("user", "给出关键词\n\n论文摘要")],
        "关键词；摘要",
    ),
    (
        "sharegpt",
        {
            "conversations": [
                {"from": "system", "value": "简短回答"},
                {"from": "human", "value": "年假有几天？"},
                {"from": "gpt", "value": "24天"},
            ]
        },
        [("system", "简短回答"), ("user", "年假有几天？")],
        "24天",
    ),
    (
        "messages",
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "How long?"}]},
                {"role": "assistant", "content": "A month."},
            ]
        },
        [("user", "How long?")],
        "A month.",
    ),
    (
        "prompt/completion",
        {"prompt": "How long?", "completion": " [1, 2]"},
        [("user", "How long?")],
        " [1, 2]",
    ),
    (
        "prompt/completion",
        {
            "prompt": [{"role": "user", "content": "How long?"}],
            "completion": [{"role": "assistant", "content": "A month."}],
        },
        [("user", "How long?")],
        "A month.",
    ),
    (
        "table",
        {"question": "How long?", "response": "A month."},
        [("user", "How long?")],
        "A month.",
    ),
    ("table", {"问题": "多久？", "标准答案": "一个月"}, [("user", "多久？")], "一个月"),
]


@pytest.mark.parametrize("form, record, prompt, completion", EXCHANGES)
def test_a_record_becomes_what_it_says(form, record, prompt, completion):
    reading = read_text(lines(record), "train.jsonl")
    (row,) = reading.rows
    assert reading.formats == {form: 1}
    assert turns(row) == prompt
    assert row.completion == completion
    assert row.origin.source == "train.jsonl:1"
    assert row.lang == ("zh" if any("\u4e00" <= c <= "\u9fff" for c in completion) else "en")


def test_each_reply_of_a_conversation_is_a_row_of_one_cluster():
    record = {
        "id": "c1",
        "tools": '[{"name": "weather"}]',
        "messages": [
            {"role": "user", "content": "Rain?"},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "x", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
            ]},
            {"role": "tool", "content": "wet"},
            {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": "Sure?"},
            {"role": "assistant", "content": "Maybe.", "weight": 0},
            {"role": "user", "content": "And now?"},
            {"role": "assistant", "content": "Quite."},
        ],
    }  # fmt: skip
    call, yes, quite = read_text(lines(record), "a.jsonl").rows
    assert turns(call) == [("system", '[{"name": "weather"}]'), ("user", "Rain?")]
    assert json.loads(call.completion) == {"name": "weather", "arguments": "{}"}
    assert yes.completion == "Yes."
    assert turns(yes)[-1] == ("user", "wet")
    assert ("assistant", "Maybe.") in turns(quite)
    assert [row.id for row in (call, yes, quite)] == ["c1", "c1#2", "c1#3"]
    assert {row.origin.cluster for row in (call, yes, quite)} == {"c1"}


def test_messages_of_one_role_in_a_row_become_one():
    record = {
        "messages": [
            {"role": "user", "content": "One."},
            {"role": "user", "content": "Two."},
            {"role": "assistant", "content": "Three."},
        ]
    }
    (row,) = read_text(lines(record), "a.jsonl").rows
    assert turns(row) == [("user", "One.\n\nTwo.")]


@pytest.mark.parametrize(
    "record",
    [
        {"query": "多久？", "positive": "一个月", "negatives": ["一年", "一天"]},
        {"anchor": "多久？", "positive": "一个月", "negative_1": "一年", "negative_2": "一天"},
        {"query": "多久？", "pos": ["一个月"], "neg": ["一年", "一天"]},
    ],
)
def test_pairs_are_read(record):
    (row,) = read_text(lines(record), "pairs.jsonl").rows
    assert (row.kind, row.query, row.positive) == ("pair", "多久？", "一个月")
    assert row.negatives == ("一年", "一天")


def test_scores_of_a_teacher_are_kept_and_each_positive_is_a_row():
    record = {
        "query": "q", "pos": ["a", "b"], "neg": ["c"], "pos_scores": [0.9, 0.8], "neg_scores": [0.1],
    }  # fmt: skip
    first, second = read_text(lines(record), "p.jsonl").rows
    assert first.scores == (0.9, 0.1)
    assert second.scores == (0.8, 0.1)
    assert first.origin.cluster == second.origin.cluster != ""


def test_a_json_list_names_the_line_of_each_record():
    text = '[\n {"question": "q",\n  "answer": "a"},\n {"question": "r", "answer": ""}\n]'
    reading = read_text(text, "a.json")
    assert reading.rows[0].origin.source == "a.json:2"
    assert [(one.where, one.reason) for one in reading.left_out] == [
        ("a.json:4", "the answer is empty")
    ]
    with pytest.raises(DataError, match=r"a\.json:3.*breaks off"):
        read_text('[\n {"question": "q", "answer": "a"},\n {"question": ', "a.json")


def test_records_inside_one_object_are_read():
    text = json.dumps({"version": 1, "data": [{"question": "q", "answer": "a"}]}, indent=1)
    assert read_text(text, "a.json").rows[0].completion == "a"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_are_read_with_line_breaks_in_cells(delimiter):
    rows = [
        ["编号", "问题", "答案", "来源"],
        ["7", "密码\n多长？", "14个字符", "security.md"],
        ["8", "谁批准？"],
        ["9", "", "财务", ""],
    ]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    reading = read_text(text, "faq.csv" if delimiter != "\t" else "faq.tsv")
    (row,) = reading.rows
    assert (row.id, row.completion, row.origin.source[-2:]) == ("7", "14个字符", ":2")
    assert reading.evidence["7"].document == "security.md"
    assert [(one.where.split(":")[1], one.reason) for one in reading.left_out] == [
        ("4", "another number of cells than the header"),
        ("5", "the question is empty"),
    ]


def test_every_bad_line_is_left_out_by_its_line_and_reason():
    text = "\n".join(
        [
            '{"question": "q", "answer": "a", "mood": "glad"}',
            "not json",
            "[1]",
            '{"text": "alone"}',
            '{"prompt": "p", "chosen": "a", "rejected": "b"}',
            '{"messages": [{"role": "wizard", "content": "x"}]}',
            '{"messages": [{"role": "user", "content": "x"}]}',
            '{"messages": "x"}',
            '{"instruction": "  ", "output": "a"}',
            '{"query": "q", "positive": " "}',
            '{"kind": "chat", "id": "1"}',
            '{"question": "q", "answer": "a", "split": "Test"}',
        ]
    )
    reading = read_text(text, "mixed.jsonl")
    assert len(reading.rows) == 1
    assert reading.unused == {"mood": 1}
    assert {one.where for one in reading.left_out} == {f"mixed.jsonl:{n}" for n in range(2, 13)}
    assert set(counted(reading.left_out)) == {
        "not JSON",
        "not a JSON object",
        "of no known format",
        "a choice between two replies: not what these tuners learn from",
        "a message is by nobody known",
        "no reply of the assistant to learn",
        "the conversation is no list of messages",
        "the question is empty",
        "the positive passage is empty",
        "not a row of tuning data",
        "its split is test: it is there to be tested on",
    }


def test_canonical_rows_come_back_as_they_were():
    first = read_text(lines({"question": "q", "answer": "a", "split": "valid"}), "a.jsonl").rows[0]
    again = read_text(first.model_dump_json(), "b.jsonl")
    assert again.rows == (first,)
    assert again.formats == {"surefoot": 1}
    assert again.divided == {first.id}


def test_ids_stay_distinct_over_files_with_their_evidence():
    one = read_text(lines({"id": 1, "question": "q", "answer": "a", "source": "x.md"}), "a.jsonl")
    two = read_text(lines({"id": 1, "question": "r", "answer": "b", "source": "y.md"}), "b.jsonl")
    joined = join_readings([one, two])
    assert [row.id for row in joined.rows] == ["1", "1~2"]
    assert joined.evidence["1~2"].document == "y.md"
    assert joined.formats == {"table": 2}


@pytest.mark.parametrize("text", ["", "just words\nand more", '{"a": 1}', "[]"])
def test_a_file_without_a_row_is_an_error_that_names_it(text):
    with pytest.raises(DataError, match=r"none\.txt"):
        read_text(text, "none.txt")


def test_files_are_decoded_and_missed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("问题,答案\n多久？,一个月\n".encode("gb18030"))
    with pytest.raises(DataError, match="UTF-8"):
        read_file(path)
    reading = read_file(path, decode=lambda data: data.decode("gb18030"))
    assert reading.rows[0].completion == "一个月"
    with pytest.raises(MissingError):
        read_file(tmp_path / "none.jsonl")
    path.write_text("\ufeff问题,答案\n多久？,一个月\n", encoding="utf-8")
    assert read_file(path).rows[0].lang == "zh"
