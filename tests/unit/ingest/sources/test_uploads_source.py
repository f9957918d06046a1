"""Uploads are brought under their own names, as far as a folder can hold a file of such a name."""

from __future__ import annotations

import pytest

from surefoot.ingest.sources.uploads import UploadsSource
from surefoot.store.uploads import Upload, UploadBook


@pytest.fixture
def book(tmp_path):
    book = UploadBook.at(tmp_path)
    yield book
    book.close()


@pytest.mark.parametrize(
    "name, called",
    [
        ("handbook.md", "handbook.md"),
        ("手册.md", "手册.md"),
        ("a\0b\n.md", "ab.md"),
        ("..", "uploads"),
        ("", "uploads"),
        ("../../etc/passwd", "passwd"),
        ("C:\\notes\\a.txt", "a.txt"),
        ("很" * 255 + ".txt", "很" * 60 + ".txt"),
        ("long" * 99 + ".md", "long" * 45 + ".md"),
        ("a." + "x" * 300, "a." + "x" * 19),
    ],
)
def test_any_name_can_be_brought(book, tmp_path, name, called):
    digest = book.keep(b"text")
    book.put(Upload("u", "", digest, 4, 0, listed=True))
    (item,) = UploadsSource(_Named(book, name)).items()
    place = item.load(tmp_path)
    assert (place.parent, place.name, place.read_bytes()) == (tmp_path, called, b"text")


class _Named:
    """The one upload under a name that a database need not hold."""

    def __init__(self, book, name):
        self.book, self.name, self.content = book, name, book.content

    def all(self):
        (one,) = self.book.all()
        return [Upload(one.id, self.name, one.digest, one.size, 0, listed=True)]
