"""Filters and rights become SQL that holds whatever the values are."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.filters import parse_filter
from surefoot.core.roles import Scope
from surefoot.core.types import Asker
from surefoot.store.schema import MetaColumn
from surefoot.store.sql import acl_sql, any_value, filter_sql, quoted, scope_sql

COLUMNS = [
    MetaColumn("year", "int"),
    MetaColumn("day", "date"),
    MetaColumn("主题", "text"),
    MetaColumn("mixed", "text"),
    MetaColumn("mixed", "number"),
    MetaColumn("tags", "list"),
]


def sql(type, key, value):
    return filter_sql(parse_filter({"type": type, "key": key, "value": value}), COLUMNS)


def test_values_are_quoted():
    assert quoted("it's '' 王") == "'it''s '''' 王'"
    assert quoted("a\ud800b") == "'a?b'"
    assert any_value("id", []) == "false"
    assert any_value("id", ["a", "b'"]) == "id IN ('a', 'b''')"


def test_identifiers_come_from_known_columns_only():
    column = MetaColumn("主题", "text").name
    assert column == "meta_text_x_e4b8bbe9a298"
    assert sql("eq", "主题", "x").strip("()") == f"{column} IS NOT NULL AND {column} = 'x'"
    with pytest.raises(ConfigError, match="'year; DROP'"):
        sql("eq", "year; DROP", 1)


def test_a_key_of_two_types_is_compared_in_the_column_of_the_value():
    assert "meta_text_k_mixed = 'a'" in sql("eq", "mixed", "a")
    assert "meta_number_k_mixed > 1" in sql("gt", "mixed", 1)


def test_dates_are_moments():
    assert "TIMESTAMP '2024-05-01 00:00:00.000000'" in sql("gte", "day", "2024-05")
    assert "TIMESTAMP '2024-05-01 06:00:00.000000'" in sql("lt", "day", "2024-05-01T08:00:00+02:00")


@pytest.mark.parametrize(
    "type, key, value",
    [
        ("eq", "year", "2024"),
        ("eq", "year", True),
        ("gt", "tags", "a"),
        ("gt", "day", "yesterday"),
        ("lt", "year", 10**400),
        ("lt", "year", float("nan")),
        ("lt", "year", float("inf")),
    ],
)
def test_values_that_do_not_compare_are_refused(type, key, value):
    with pytest.raises(ConfigError):
        sql(type, key, value)


def test_empty_lists():
    assert sql("in", "year", []) == "false"
    assert sql("nin", "year", []) == "true"


def test_attributes_filter_unless_metadata_have_their_name():
    assert "(lang IS NOT NULL AND lang = 'zh')" in sql("eq", "lang", "zh")


def test_rights():
    assert acl_sql(Asker()) is None
    assert acl_sql(Asker(trusted=False)) == "(acl_public)"
    both = acl_sql(Asker("o'neill", ("g",), trusted=False))
    assert both == (
        "(acl_public OR array_has(acl_users, 'o''neill') OR array_has(acl_groups, 'g'))"
    )
    filter = parse_filter({"type": "eq", "key": "year", "value": 1})
    joined = scope_sql(Scope(filter, Asker(trusted=False)), COLUMNS)
    assert joined is not None
    assert joined.startswith("(acl_public) AND (")
