"""Rows of an SQLite file are read, and nothing is ever written; addresses and passwords stay out of errors."""

import sqlite3
from contextlib import closing

import pytest

from surefoot.core.errors import ConfigError, DataError, MissingError, TransientError
from surefoot.store.readonly import ForeignDatabase, read_rows


@pytest.fixture
def shop(tmp_path):
    file = tmp_path / "shop 店.sqlite"
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("CREATE TABLE goods (id INTEGER, name TEXT, price REAL, picture BLOB)")
        rows = [
            (1, "lantern", 12.5, b"\x00\x01"),
            (2, "灯笼", 8.0, None),
            (3, "mug: blue", 3.0, None),
        ]
        made.executemany("INSERT INTO goods VALUES (?, ?, ?, ?)", rows)
        made.execute("INSERT INTO goods VALUES (4, CAST(x'61ff62' AS TEXT), 0, NULL)")
    return file


def test_rows_come_in_both_languages(shop):
    database = ForeignDatabase("shop", file=shop)
    rows = list(read_rows(database, "SELECT id, name FROM goods ORDER BY id", batch=2))
    assert [row["name"] for row in rows] == ["lantern", "灯笼", "mug: blue", "a\ufffdb"]


def test_values_are_bound_and_a_colon_alone_is_a_colon(shop):
    database = ForeignDatabase("shop", file=shop)
    named = read_rows(database, "SELECT id FROM goods WHERE name = :name", {"name": "灯笼"})
    plain = read_rows(database, "SELECT id FROM goods WHERE name = 'mug: blue' OR name LIKE 'l%'")
    assert [row["id"] for row in named] == [2]
    assert [row["id"] for row in plain] == [1, 3]


def test_a_url_from_the_environment(shop, monkeypatch):
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{shop}")
    database = ForeignDatabase("shop", url="env:SHOP_URL")
    assert database.address() == ""
    assert len(list(read_rows(database, "SELECT 1 AS one FROM goods"))) == 4


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM goods",
        "INSERT INTO goods (id) VALUES (9)",
        "ATTACH DATABASE 'other.sqlite' AS other",
        "CREATE TABLE more (id)",
        "PRAGMA query_only = OFF",
        "SELECT load_extension('x')",
        "VACUUM INTO 'copy.sqlite'",
    ],
)
def test_nothing_is_written_even_if_the_query_got_this_far(shop, query, monkeypatch):
    monkeypatch.chdir(shop.parent)
    before = shop.read_bytes()
    with pytest.raises(DataError, match="the query failed"):
        list(read_rows(ForeignDatabase("shop", file=shop), query))
    assert shop.read_bytes() == before
    assert [path.name for path in shop.parent.iterdir()] == [shop.name]


def test_full_text_tables_can_be_read(tmp_path):
    file = tmp_path / "notes.sqlite"
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("CREATE VIRTUAL TABLE notes USING fts5(body)")
        made.execute("INSERT INTO notes VALUES ('the harbour master')")
    rows = read_rows(
        ForeignDatabase("n", file=file), "SELECT body FROM notes WHERE notes MATCH 'harbour'"
    )
    assert [row["body"] for row in rows] == ["the harbour master"]


def test_a_query_without_end_is_stopped(shop):
    query = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) c FROM n"
    )
    ticks = iter(range(10_000))
    with pytest.raises(TransientError, match="took"):
        list(
            read_rows(
                ForeignDatabase("shop", file=shop), query, timeout_s=0.05, clock=ticks.__next__
            )
        )


@pytest.mark.parametrize(
    ("query", "kind", "said"),
    [
        ("SELECT * FROM nowhere", DataError, "no such table: nowhere"),
        ("SELECT id, name AS id FROM goods", ConfigError, "two columns named 'id'"),
    ],
)
def test_a_wrong_query_is_told(shop, query, kind, said):
    with pytest.raises(kind, match=said) as told:
        list(read_rows(ForeignDatabase("shop", file=shop), query))
    assert told.value.where == "shop"


def test_a_file_that_is_missing_and_one_that_is_none(tmp_path):
    with pytest.raises(MissingError, match="no such file"):
        list(read_rows(ForeignDatabase("shop", file=tmp_path / "no.sqlite"), "SELECT 1 a"))
    (tmp_path / "text.sqlite").write_text("灯笼" * 200, encoding="utf-8")
    with pytest.raises((DataError, TransientError), match="not a database"):
        list(read_rows(ForeignDatabase("s", file=tmp_path / "text.sqlite"), "SELECT * FROM a"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "needs a database URL in the variable SHOP_URL"),
        ("not a url hunter2", "holds no database URL"),
        ("nosuch://ann:hunter2@127.0.0.1/shop", "no database that SQLAlchemy knows"),
        ("firebird+nodriver://ann:hunter2@127.0.0.1/shop", "no database that SQLAlchemy knows"),
    ],
)
def test_a_wrong_address_is_told_without_the_password(monkeypatch, url, said):
    monkeypatch.setenv("SHOP_URL", url)
    with pytest.raises(ConfigError, match=said) as told:
        list(read_rows(ForeignDatabase("shop", url="env:SHOP_URL"), "SELECT 1 a"))
    assert "hunter2" not in str(told.value)


def test_a_server_out_of_reach_is_told_without_the_password(monkeypatch):
    pytest.importorskip("psycopg", reason="needs the PostgreSQL driver")
    monkeypatch.setenv("SHOP_URL", "postgresql+psycopg://ann:hunter2@127.0.0.1:1/shop")
    database = ForeignDatabase("shop", url="env:SHOP_URL")
    assert database.address() == "postgresql://127.0.0.1:1"
    with pytest.raises(TransientError, match="cannot be reached") as told:
        list(read_rows(database, "SELECT 1 a", timeout_s=2))
    assert "hunter2" not in str(told.value)
