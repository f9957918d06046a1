"""Only one statement that reads passes."""

import pytest

from surefoot.store.readonly import select_only


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id, body FROM articles",
        "  select 1 ; ",
        "with recent as (select * from a) select * from recent",
        "-- what is sold\nSELECT 1",
        "/* what is sold */ SELECT 1 /* ; drop table a */",
        "SELECT replace(body, ';', ',') FROM a",
        "SELECT 'it''s; DELETE FROM a' AS \"update\" FROM a",
        "SELECT 标题 AS \"into\" FROM 文章 WHERE 状态 = '发布；删除'",
        "SELECT updated, inserted_at FROM a -- delete",
        "SELECT '--' || a FROM b",
    ],
)
def test_what_reads_passes(query):
    assert select_only(query) == query.strip().removesuffix(";").rstrip()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "must begin with SELECT"),
        ("-- SELECT 1", "must begin with SELECT"),
        ("DELETE FROM a", "must begin with SELECT"),
        ("PRAGMA user_version = 3", "must begin with SELECT"),
        ("SELECT 1; DROP TABLE a", "one statement"),
        ("SELECT 1;;", "one statement"),
        ("SELECT 1 -- x\n; DROP TABLE a", "one statement"),
        ("WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone", "DELETE, which writes"),
        ("SELECT * INTO b FROM a", "INTO, which writes"),
        ("SELECT * FROM a FOR UPDATE", "UPDATE, which writes"),
        ("SELECT 'a", "without end"),
        ("SELECT 1 /* a", "without end"),
        ("SELECT $$a; DROP TABLE b$$", "quoted with dollars"),
        (r"SELECT 'a\'; DROP TABLE b; --'", "backslash before a quote"),
        ("SELECT 1 /*! ; DROP TABLE a */", "some databases carry out"),
    ],
)
def test_the_rest_is_refused_with_its_reason(query, said):
    with pytest.raises(ValueError, match=said):
        select_only(query)
