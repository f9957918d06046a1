"""Requests are listed newest first, for some days."""

from __future__ import annotations

from surefoot.store.audit import AuditBook, AuditLine

DAY_NS = 86_400 * 10**9


def line(day, who="3f9a", path="/v1/search"):
    return AuditLine(day * DAY_NS, who, "POST", path, 200, 1.5)


def test_lines_are_kept_for_their_days(tmp_path):
    book = AuditBook.at(tmp_path, keep_days=10)
    for day, who in ((1, "a"), (5, "b"), (9, "a"), (12, "b")):
        book.write(line(day, who))
    assert [one.at_ns // DAY_NS for one in book.lines()] == [12, 9, 5]
    assert [one.at_ns // DAY_NS for one in book.lines(who="b", limit=1)] == [12]
    book.close()


def test_nothing_is_kept_where_none_is_wanted(tmp_path):
    book = AuditBook.at(tmp_path, keep_days=0)
    book.write(line(1))
    assert book.lines() == []


def test_a_long_path_is_cut(tmp_path):
    book = AuditBook.at(tmp_path)
    book.write(line(1, path="/" + "x" * 1000))
    assert len(book.lines()[0].path) == 300
