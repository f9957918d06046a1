"""Replies are kept once, for as long as a document holds them, and are then gone from the file."""

import stat

import pytest

from surefoot.core.errors import SurefootError
from surefoot.store.replies import KeptReply, ReplyBook

SECRET = "the vault opens at nine 金库九点开门"


@pytest.fixture
def book(tmp_path):
    return ReplyBook.at(tmp_path)


def test_a_reply_is_found_as_it_was_kept(book, tmp_path):
    reply = KeptReply("卡片 card", "", True, 12, 3, 0.5, 1.25)
    book.hold("a", {"d": ["k"]})
    book.keep("k", reply)
    assert ReplyBook.at(tmp_path).find(["k", "other", "k"]) == {"k": reply}
    assert reply.usage.calls == 1


def test_nothing_is_made_where_nothing_is_kept(book, tmp_path):
    assert book.find(["k"]) == {}
    assert book.places() == []
    assert book.count() == book.purge() == book.drop(["k"]) == 0
    book.hold("a", {"d": ()})
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_reads_the_file(book, tmp_path):
    book.keep("k", KeptReply("x"))
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_reply_goes_with_the_last_document_that_holds_it(book):
    book.hold("a", {"d": ["k", "l"], "e": ["k"]})
    for key in "kl":
        book.keep(key, KeptReply(key))
    book.hold("a", {"d": ["m"]})
    assert set(book.find("klm")) == {"k"}
    book.forget("a", ["d", "e"])
    assert book.count() == 0
    assert book.documents("a") == set()


def test_another_index_keeps_what_it_holds(book):
    book.hold("a#1", {"d": ["k"]})
    book.hold("b#2", {"d": ["k"]})
    book.keep("k", KeptReply("k"))
    book.forget("a#1", ["d"])
    assert set(book.find("k")) == {"k"}
    assert book.places() == ["b#2"]
    assert book.purge(["b#2"]) == 1


def test_what_is_deleted_stands_in_the_file_no_more(book, tmp_path):
    book.hold("a", {"d": ["k"], "e": ["l"]})
    book.keep("k", KeptReply(SECRET))
    book.keep("l", KeptReply("other"))
    (file,) = tmp_path.iterdir()
    assert SECRET.encode() in file.read_bytes()
    book.forget("a", ["d"])
    for left in tmp_path.iterdir():
        assert SECRET.encode() not in left.read_bytes()


def test_many_keys_are_looked_up_at_once(book):
    keys = [f"k{number}" for number in range(1200)]
    book.keep("k1100", KeptReply("x"))
    assert set(book.find(keys)) == {"k1100"}


def test_dropped_replies_are_asked_again(book):
    book.hold("a", {"d": ["k"]})
    book.keep("k", KeptReply("", "refused"))
    assert book.drop(["k", "unknown"]) == 1
    assert book.find("k") == {}
    book.keep("k", KeptReply("now"))
    assert book.purge() == 0


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "replies.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(SurefootError, match="damaged") as problem:
        ReplyBook.at(tmp_path).find(["k"])
    assert "replies.sqlite" in problem.value.where
