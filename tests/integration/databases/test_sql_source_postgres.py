"""Rows of a real PostgreSQL server are documents: types, rights, changes, and a server that goes away."""

import pytest
from sqlalchemy import create_engine, text

from surefoot.core.roles import SourceItem
from surefoot.core.types import Acl
from surefoot.ingest.sources.sql.settings import SqlSettings
from surefoot.ingest.sources.sql.source import SqlSource

MAKE = """
CREATE TABLE guides (id bigint, lang text, body text, price numeric, score numeric, active bool, at timestamptz,
                     tags text[], more jsonb, readers text[]);
INSERT INTO guides VALUES
  (1, 'en', 'Ferries leave at nine.', 12, 0.5, true, '2024-05-01 10:00+00', '{sea,ferry}', '{"berth": 3}', '{ann}'),
  (1, 'zh', '渡轮九点开航。', 15.5, NULL, false, '2024-06-01 10:00+00', '{海,渡轮}', NULL, NULL);
"""


@pytest.fixture
def guides(postgres, monkeypatch):
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS guides"))
        for statement in MAKE.split(";")[:2]:
            connection.exec_driver_sql(statement)
    monkeypatch.setenv("GUIDES_URL", postgres)
    yield engine
    engine.dispose()


def source(base, **options):
    told = {
        "url": "env:GUIDES_URL",
        "query": "SELECT * FROM guides ORDER BY lang",
        "id": ["id", "lang"],
        "text": ["body"],
        "columns": ["price", "score", "active", "at", "tags", "more"],
        "users_column": "readers",
    }
    return SqlSource(SqlSettings(**{**told, **options}), base)


def test_types_and_rights(guides, tmp_path):
    first, second = source(tmp_path).items()
    assert (first.id, second.id) == ("guides_url/1/en", "guides_url/1/zh")
    meta = dict(first.document.meta)
    assert meta.pop("at").startswith("2024-05-01T")
    assert meta == {
        "price": 12,
        "score": 0.5,
        "active": True,
        "tags": ("sea", "ferry"),
        "more": '{"berth": 3}',
    }
    assert second.document.text == "渡轮九点开航。"
    assert (first.acl, second.acl) == (Acl(False, ("ann",), ()), Acl(False, (), ()))


def test_only_what_changed_has_another_fingerprint(guides, tmp_path):
    before = [item.fingerprint for item in source(tmp_path).items()]
    with guides.begin() as connection:
        connection.exec_driver_sql("UPDATE guides SET body = '渡轮十点开航。' WHERE lang = 'zh'")
    after = [item.fingerprint for item in source(tmp_path).items()]
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)


def test_many_rows_stream_and_a_time_limit_holds(guides, tmp_path):
    query = "SELECT n AS id, 'en' AS lang, 'row ' || n AS body FROM generate_series(1, 20000) n"
    plain = {"columns": [], "users_column": "", "query": query, "batch": 500}
    assert (
        sum(isinstance(found, SourceItem) for found in source(tmp_path, **plain).items()) == 20000
    )
    slow = query.replace("'row '", "pg_sleep(0.01)::text")
    *_, last = source(tmp_path, **{**plain, "query": slow, "timeout_s": 0.5}).items()
    assert ("took" in last.reason, last.keep) == (True, True)


def test_a_server_that_is_down_loses_nothing(guides, tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDES_URL", "postgresql+psycopg://owner:hunter2@127.0.0.1:1/postgres")
    (found,) = source(tmp_path, timeout_s=2).items()
    assert ("cannot be reached" in found.reason, found.keep) == (True, True)
    assert "hunter2" not in found.reason
