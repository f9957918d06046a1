"""Rows of a real PostgreSQL server stream by a server cursor, in a transaction that cannot write."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, text

from surefoot.core.errors import DataError, TransientError
from surefoot.store.readonly import ForeignDatabase, read_rows


@pytest.fixture(scope="module")
def news(postgres):
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE news (id int, body text, day date, price numeric, tags text[], at timestamp)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO news SELECT n, 'item ' || n || ' 新闻 50%', date '2024-05-01' + n % 300, 1.50,"
                " ARRAY['a', '乙'], timestamp '2024-05-01 10:00' FROM generate_series(1, 5000) n"
            )
        )
    engine.dispose()
    return postgres


@pytest.fixture
def database(news, monkeypatch):
    monkeypatch.setenv("NEWS_URL", news)
    return ForeignDatabase("news", url="env:NEWS_URL")


def test_rows_keep_their_types(database):
    (row,) = read_rows(database, "SELECT * FROM news WHERE id = :id", {"id": 7})
    row["at"] = row["at"].isoformat()
    assert row == {
        "id": 7,
        "body": "item 7 新闻 50%",
        "day": date(2024, 5, 8),
        "price": Decimal("1.50"),
        "tags": ["a", "乙"],
        "at": "2024-05-01T10:00:00",
    }


def test_percent_signs_and_casts_mean_what_they_say(database):
    rows = list(read_rows(database, "SELECT id::text AS id FROM news WHERE body LIKE 'item 77%'"))
    assert len(rows) == 11
    assert rows[0]["id"] == "77"


def test_rows_come_from_a_server_cursor(database, news):
    rows = read_rows(database, "SELECT id FROM news ORDER BY id", batch=10)
    assert next(rows) == {"id": 1}
    watching = create_engine(news)
    with watching.connect() as connection:
        (count,) = connection.execute(
            text("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")
        ).one()
    watching.dispose()
    assert count == 1
    rows.close()


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM news",
        "WITH gone AS (DELETE FROM news RETURNING id) SELECT * FROM gone",
        "CREATE TABLE more (id int)",
        "SELECT setval('news_seq', 3)",
    ],
)
def test_nothing_is_written_even_if_the_query_got_this_far(database, query):
    with pytest.raises(DataError, match="the query failed"):
        list(read_rows(database, query))
    assert len(list(read_rows(database, "SELECT id FROM news"))) == 5000


def test_what_takes_too_long_is_stopped_by_the_server(database):
    with pytest.raises(TransientError, match="took too long"):
        list(read_rows(database, "SELECT pg_sleep(20)", timeout_s=0.3))


def test_a_wrong_password_does_not_show(database, news, monkeypatch):
    monkeypatch.setenv("NEWS_URL", news.replace("/postgres", "/absent"))
    with pytest.raises(TransientError, match="does not exist") as told:
        list(read_rows(database, "SELECT 1 a"))
    assert "hunter2" not in str(told.value)
