"""Rows become documents with typed metadata and rights; what fails is said and loses nothing."""

import sqlite3
from contextlib import closing

import pytest

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.core.types import Acl
from surefoot.ingest.sources.sql.settings import SqlSettings
from surefoot.ingest.sources.sql.source import SqlSource

ROWS = [
    ("a/1", "Refunds", "Money comes back in five days.", 12.5, "2024-05-01", "ann; bob", "staff"),
    ("a/2", "退款", "款项五日内退回。{{title}}", 3, "2024-06-01", None, None),
]


@pytest.fixture
def base(tmp_path):
    with closing(sqlite3.connect(tmp_path / "faq.sqlite")) as database, database:
        database.execute(
            "CREATE TABLE faq (code TEXT, title TEXT, body TEXT, price REAL, day TEXT, users TEXT, team TEXT)"
        )
        database.executemany("INSERT INTO faq VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
    return tmp_path


def run(base, statement, *values):
    with closing(sqlite3.connect(base / "faq.sqlite")) as database, database:
        database.execute(statement, values)


def source(base, **options):
    told = {"path": "faq.sqlite", "query": "SELECT * FROM faq ORDER BY code", "id": ["code"]}
    if "template" not in options:
        told["text"] = ["body"]
    return SqlSource(SqlSettings(**{**told, **options}), base)


def items(base, **options):
    found = list(source(base, **options).items())
    assert all(isinstance(item, SourceItem) for item in found), found
    return found


def prints(base, **options):
    return [item.fingerprint for item in items(base, **options)]


def test_a_row_is_a_document(base):
    first, second = items(base, title="title", columns=["price", "day", "team"])
    assert (first.id, first.uri) == ("faq/a%2F1", "faq/a%2F1")
    assert (first.document.title, first.document.text) == (ROWS[0][1], ROWS[0][2])
    assert first.document.meta == {"price": 12.5, "day": "2024-05-01", "team": "staff"}
    assert second.document.title == "退款"
    assert second.document.meta == {"price": 3, "day": "2024-06-01"}
    assert first.distinct


def test_several_columns_make_id_and_text(base):
    first, _ = items(base, id=["day", "code"], text=["title", "body"])
    assert first.id == "faq/2024-05-01/a%2F1"
    assert first.document.text == "Refunds\n\nMoney comes back in five days."


def test_a_template_is_filled_in_one_pass(base):
    template = "# {{title}}\n\n{{ body }} ({{team}})"
    first, second = items(base, template=template)
    assert first.document.text == "# Refunds\n\nMoney comes back in five days. (staff)"
    assert second.document.text == "# 退款\n\n款项五日内退回。{{title}} ()"
    assert first.document.markup == "markdown"


def test_addresses_are_escaped_unless_the_column_holds_one(base):
    run(base, "UPDATE faq SET code = 'https://x.org/a b' WHERE title = 'Refunds'")
    written = items(base, uri="https://example.org/q/{{title}}?n={{code}}")
    assert written[1].uri == "https://example.org/q/Refunds?n=https%3A%2F%2Fx.org%2Fa%20b"
    assert written[0].uri == "https://example.org/q/%E9%80%80%E6%AC%BE?n=a%2F2"
    assert items(base, uri="{{code}}")[1].uri == "https://x.org/ab"


def test_readers_come_from_columns_and_nobody_is_named_by_chance(base):
    first, second = items(base, users_column="users", groups_column="team", groups=["owners"])
    assert first.acl == Acl(False, ("ann", "bob"), ("owners", "staff"))
    assert second.acl == Acl(False, (), ("owners",))
    assert items(base, users_column="users")[1].acl == Acl(False, (), ())


def test_only_rows_that_changed_have_another_fingerprint(base):
    before = prints(base)
    run(base, "UPDATE faq SET body = '五日。' WHERE code = 'a/2'")
    after = prints(base)
    assert before[0] == after[0]
    assert before[1] != after[1]
    assert prints(base, title="title")[0] != after[0]


def test_a_column_may_say_what_changed(base):
    before = prints(base, changed="day")
    run(base, "UPDATE faq SET price = 99, body = 'not looked at' WHERE code = 'a/1'")
    assert prints(base, changed="day") == before
    run(base, "UPDATE faq SET day = '2025-01-01' WHERE code = 'a/1'")
    assert prints(base, changed="day")[0] != before[0]
    run(base, "UPDATE faq SET users = 'carl'")
    assert prints(base, changed="day", users_column="users")[1] != before[1]


def problem(base, **options):
    *_, last = source(base, **options).items()
    assert isinstance(last, SourceProblem)
    return last


@pytest.mark.parametrize(
    ("options", "said", "hint"),
    [
        ({"text": ["corpo"]}, "no column 'corpo'", "it gives: code, title, body"),
        ({"template": "{{标题}}"}, "no column '标题'", "it gives: code"),
        ({"query": "SELECT * FROM nowhere"}, "no such table", "mend the query"),
        ({"path": "absent.sqlite"}, "no such file", "check the path"),
        ({"max_rows": 1}, "more than 1 rows", "raise max_rows"),
    ],
)
def test_what_fails_keeps_what_was_read(base, options, said, hint):
    found = problem(base, **options)
    assert said in found.reason
    assert hint in found.hint
    assert (found.id, found.keep) == ("faq" if "path" not in options else "absent", True)


def test_too_much_text_stops_the_reading(base):
    run(base, "UPDATE faq SET body = ?", "灯" * 600_000)
    offered = list(source(base, max_mb=3).items())
    assert [type(found) for found in offered] == [SourceItem, SourceProblem]
    assert "more than 3 MB" in offered[-1].reason


def test_a_table_that_is_empty_has_lost_its_rows(base):
    run(base, "DELETE FROM faq")
    assert not problem(base).keep


def test_a_row_without_an_id_is_a_problem_of_its_own(base):
    run(base, "INSERT INTO faq (body) VALUES ('who am I')")
    first, *others = source(base).items()
    assert (first.id, first.keep) == ("faq:1", False)
    assert len(others) == 2


def test_bytes_in_any_encoding_are_text(base):
    run(
        base,
        "UPDATE faq SET body = ? WHERE code = 'a/1'",
        "退款将在五个工作日内原路退回。".encode("gb18030"),
    )
    assert items(base)[0].document.text == "退款将在五个工作日内原路退回。"


def test_a_missing_variable_is_said_with_its_name(tmp_path, monkeypatch):
    monkeypatch.delenv("FAQ_URL", raising=False)
    lonely = SqlSource(
        SqlSettings(url="env:FAQ_URL", query="SELECT 1 AS a", id=["a"], text=["a"]), tmp_path
    )
    (found,) = lonely.items()
    assert (lonely.name, lonely.addresses) == ("faq_url", ())
    assert "FAQ_URL" in found.reason
    assert found.keep


def test_a_server_is_an_address_and_a_file_is_none(base, monkeypatch):
    monkeypatch.setenv("FAQ_URL", "postgresql://ann:hunter2@db.example.org:5433/faq")
    settings = SqlSettings(url="env:FAQ_URL", query="SELECT 1 AS a", id=["a"], text=["a"])
    assert SqlSource(settings, base).addresses == ("postgresql://db.example.org:5433",)
    assert source(base).addresses == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"path": "../faq.sqlite"}, "leads out of the workspace"),
        ({"path": "/etc/faq.sqlite"}, "leads out of the workspace"),
        ({"path": ""}, "needs either url"),
        ({"url": "env:FAQ"}, "needs either url"),
        ({"url": "sqlite:///faq.sqlite", "path": ""}, "env:VARIABLE"),
        ({"query": "DELETE FROM faq"}, "must begin with SELECT"),
        ({"text": []}, "needs either text"),
        ({"id": []}, "id"),
    ],
)
def test_wrong_settings_are_told_before_anything_is_asked(base, changed, said):
    raw = {"path": "faq.sqlite", "query": "SELECT 1 AS a", "id": ["a"], "text": ["a"], **changed}
    with pytest.raises(ConfigError, match=said):
        SqlSource(parse(SqlSettings, raw, Registry(), where="solution"), base)
