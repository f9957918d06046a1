"""Rows of a real PostgreSQL server answer a question: ranked there, filtered there, for who asks, and never written."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import create_engine, text

from surefoot.core.errors import ConfigError, DataError, TransientError
from surefoot.core.filters import Comparison, Compound
from surefoot.core.roles import Call
from surefoot.core.types import Asker, Query
from surefoot.models.base import ModelEnv
from surefoot.retrieve.engines.sql import Sql, SqlSettings

ROWS = [
    (1, "Ferry fares", "The ferry to Heron Island costs eleven crowns.", "2024-05-01", 2024, "ann"),
    (2, "渡船票价", "前往苍鹭岛的渡船收费十一克朗。", "2024-06-01", 2024, "ann"),
    (3, "Old fares", "The ferry to Heron Island cost nine crowns.", "2019-05-01", 2019, "ann"),
    (4, "Secret fares", "The ferry of the mayor costs nothing.", "2024-05-02", 2024, "bob"),
]
RANKED = """
SELECT id, title, body AS text, 'https://fares.example.org/' || id AS url, day,
       (SELECT count(*) FROM json_array_elements_text(CAST(:terms AS json)) AS t(term)
        WHERE position(term IN lower(body)) > 0) AS score
FROM fares
WHERE (CAST(:year AS int) IS NULL OR year = :year)
  AND (CAST(:day_gte AS date) IS NULL OR day >= :day_gte)
  AND (CAST(:user AS text) IS NULL OR reader = :user)
ORDER BY score DESC, id DESC
LIMIT :limit
"""
FULL_TEXT = """
SELECT id, title, body AS text, ts_rank(to_tsvector('english', body), q) AS score
FROM fares, websearch_to_tsquery('english', :words) AS q
WHERE to_tsvector('english', body) @@ q ORDER BY score DESC LIMIT :limit
"""
KEYS = {"year": "int", "day": "date"}


@pytest.fixture(scope="module")
def fares(postgres):
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE fares (id int, title text, body text, day date, year int, reader text)"
            )
        )
        connection.execute(text("CREATE SEQUENCE tickets"))
        for row in ROWS:
            values = dict(zip("abcdef", row, strict=True))
            connection.execute(text("INSERT INTO fares VALUES (:a, :b, :c, :d, :e, :f)"), values)
    engine.dispose()
    return postgres


@pytest.fixture
def opened(fares, tmp_path, monkeypatch):
    monkeypatch.setenv("FARES_URL", fares)

    def make(query=RANKED, **options):
        options.setdefault("filter", KEYS if query is RANKED else {})
        settings = SqlSettings(name="fares", url="env:FARES_URL", query=query, **options)
        return Sql(settings, ModelEnv(tmp_path), lambda: None)

    return make


def ids(found):
    return [hit.chunk.id.removeprefix("fares:") for hit in found.hits]


@pytest.mark.parametrize(
    ("question", "best"),
    [("What does the ferry to Heron Island cost?", "3"), ("前往苍鹭岛的渡船收费多少？", "2")],
)
def test_rows_are_ranked_by_the_terms_of_the_question(opened, question, best):
    found = opened().find(Query(question), 2, Call())
    assert ids(found)[0] == best
    assert found.hits[0].chunk.uri == f"https://fares.example.org/{best}"
    assert found.hits[0].chunk.meta["day"] in {"2019-05-01", "2024-06-01"}


def test_full_text_search_takes_its_words(opened):
    question = 'How much, "exactly", is the ferry -- to Heron Island?'
    assert set(ids(opened(FULL_TEXT).find(Query(question), 5, Call()))) == {"1", "3", "4"}


def test_filters_and_rights_are_bound_in_the_query(opened):
    engine, question = opened(), "What does the ferry cost?"
    recent = Compound(
        "and", (Comparison("eq", "year", 2024), Comparison("gte", "day", "2024-05-02"))
    )
    assert ids(engine.find(Query(question, filter=recent), 9, Call())) == ["4", "2"]
    bob = Asker("bob", (), trusted=False)
    assert ids(engine.find(Query(question, asker=bob), 9, Call())) == ["4"]


@pytest.mark.parametrize(
    "filter",
    [
        Comparison("lt", "year", 2024),
        Comparison("eq", "year", "2024"),
        Comparison("eq", "day", "soon"),
        Comparison("in", "year", (2024,)),
        Compound("or", (Comparison("eq", "year", 2024), Comparison("eq", "year", 2019))),
    ],
)
def test_what_the_query_cannot_filter_is_refused(opened, filter):
    with pytest.raises(ConfigError):
        opened().find(Query("ferry", filter=filter), 9, Call())


def test_words_of_a_question_are_never_sql(opened, fares):
    for nasty in ("'; DROP TABLE fares; --", '") OR 1=1 --', "%s :year {x}"):
        opened().find(Query(nasty), 3, Call())
        opened(FULL_TEXT).find(Query(nasty), 3, Call())
    assert len(opened().find(Query("ferry"), 9, Call()).hits) == len(ROWS)


def test_it_cannot_write_whatever_the_query_says(opened):
    query = "SELECT CAST(nextval('tickets') AS text) AS text, CAST(:query AS text) AS title"
    with pytest.raises(DataError, match="read-only"):
        opened(query).find(Query("ferry"), 3, Call())


def test_a_query_that_takes_too_long_is_stopped(opened):
    query = "SELECT CAST(pg_sleep(20) AS text) AS text, CAST(:query AS text) AS title"
    call = Call()
    began = call.clock()
    with pytest.raises(TransientError):
        opened(query, timeout_s=0.5).find(Query("ferry"), 3, call)
    assert call.clock() - began < 10


def test_a_server_that_is_gone_is_transient_and_shows_no_password(opened, monkeypatch):
    gone = "postgresql+psycopg://owner:hunter2@127.0.0.1:9/postgres"
    monkeypatch.setenv("FARES_URL", gone)
    with pytest.raises(TransientError) as caught:
        opened().find(Query("ferry"), 3, Call())
    assert "hunter2" not in str(caught.value)


def test_dates_come_as_text(opened):
    found = opened().find(Query("ferry", filter=Comparison("gte", "day", "2024-01-01")), 9, Call())
    days = {date.fromisoformat(str(hit.chunk.meta["day"])) for hit in found.hits}
    assert min(days) >= date(2024, 1, 1)
