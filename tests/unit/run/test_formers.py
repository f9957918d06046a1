"""What was replaced is kept once, for its owner's eyes, and not for ever."""

from __future__ import annotations

import pytest

from surefoot.core.errors import DataError, MissingError
from surefoot.run import formers
from surefoot.run.formers import Formers, Replaced, new_sources


def keep(book, text, when, **more):
    return book.keep(Replaced(text=text, digest="d", **more), "promote", "快", when)


def test_the_last_one_comes_first_and_an_equal_text_is_kept_once(tmp_path):
    book = Formers(tmp_path)
    assert book.all() == []
    one, two = keep(book, "a = 1", 10), keep(book, "b = 2", 20)
    assert book.all() == [two, one]
    assert keep(book, "c = 3", 3 * 10**9).when == 3
    assert book.get(two.id) == two and book.get(one.id).text == "a = 1"
    again = keep(book, "a = 1", 4 * 10**9)
    assert again.id == one.id and book.get("last") == again and len(book.all()) == 3


def test_it_is_for_its_owner_alone(tmp_path):
    made = keep(Formers(tmp_path), 'key = "env:K"', 10)
    folder = tmp_path / ".surefoot" / "formers"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / f"{made.id}.json").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in folder.iterdir()] == [f"{made.id}.json"]


def test_the_oldest_goes_where_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(formers, "MOST", 3)
    book = Formers(tmp_path)
    for when in range(5):
        keep(book, f"a = {when}", when)
    assert [one.at_ns for one in book.all()] == [4, 3, 2]


@pytest.mark.parametrize("id", ["", "last", "..", "../../surefoot", "0" * 16, "快"])
def test_what_is_not_there_is_said(tmp_path, id):
    with pytest.raises(MissingError, match="no former solution"):
        Formers(tmp_path).get(id)


def test_a_file_that_was_changed_by_hand_is_said(tmp_path):
    made = keep(Formers(tmp_path), "a = 1", 10)
    (tmp_path / ".surefoot" / "formers" / f"{made.id}.json").write_text("{}")
    with pytest.raises(DataError, match="cannot be read"):
        Formers(tmp_path).all()


def test_new_sources_are_told_by_what_they_read():
    docs = {"kind": "folder", "path": "docs"}
    before = {"corpus": {"sources": [docs]}}
    after = {"corpus": {"sources": [{**docs, "name": "other"}, {**docs, "path": "更多"}]}}
    assert new_sources(before, after) == (("folder", "更多"),)
    assert new_sources({}, before) == (("folder", "docs"),)
