from dataclasses import replace

import pytest

from surefoot.core.errors import MissingError
from surefoot.store.keys import KeyBook, KeyLimits, KeyUse

DAY = 86_400 * 10**9


@pytest.fixture
def book(tmp_path):
    made = KeyBook.at(tmp_path)
    yield made
    made.close()


def test_a_token_finds_its_key_and_no_other(book, tmp_path):
    key, token = book.create("intranet", ("ask",), 5)
    other, _ = book.create("other", ("ask",), 6)
    assert book.find(token, 10) == key
    assert book.find(token.replace(key.id, other.id), 10) is None
    assert book.find(token[:-1], 10) is None
    for wrong in ("", "sf", "sf__", "sf_x", "nothing", f"sk_{key.id}_x"):
        assert book.find(wrong, 10) is None


def test_the_secret_is_nowhere_in_the_database(book, tmp_path):
    _, token = book.create("x", ("ask",), 5)
    secret = token.split("_", 2)[2]
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.encode() not in kept


def test_keys_end(book):
    key, token = book.create("x", ("search",), 5)
    book.change(replace(key, expires_ns=100))
    assert book.find(token, 99) is not None
    assert book.find(token, 100) is None
    key, token = book.create("y", ("search",), 5)
    _, newer = book.rotate(key.id)
    assert book.find(token, 10) is None
    assert book.find(newer, 10) is not None
    book.revoke(key.id, 11)
    assert book.find(newer, 12) is None
    with pytest.raises(MissingError):
        book.revoke("nothing", 1)


def test_what_it_may_and_its_limits_are_kept(book):
    key, token = book.create("x", ("search",), 5)
    changed = replace(
        key, user="安娜", groups=("staff",), limits=KeyLimits(requests=3, dollars=1.5)
    )
    book.change(changed)
    assert book.find(token, 6) == changed
    assert changed.may("search")
    assert not changed.may("ask")
    assert replace(changed, scopes=("admin",)).may("tune")
    assert [one.name for one in book.all()] == ["x"]


def test_use_adds_up_by_day(book):
    key, _ = book.create("x", ("search",), 5)
    book.count(key.id, 10, tokens=7, dollars=0.5)
    book.count(key.id, 20, tokens=3, dollars=0.25)
    book.count(key.id, DAY + 1, tokens=1, dollars=0)
    assert book.used(key.id, 30) == KeyUse(2, 10, 0.75)
    assert book.used(key.id, DAY + 5) == KeyUse(1, 1, 0)
    assert book.used("nobody", 30) == KeyUse()
