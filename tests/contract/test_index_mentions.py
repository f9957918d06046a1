"""What chunks name is kept beside them, in step with them, in every index."""

from dataclasses import replace

import pytest

from surefoot.core.filters import parse_filter
from surefoot.core.roles import Mention, Scope
from surefoot.core.types import Acl, Asker
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.index_samples import DIMENSIONS, sample
from surefoot.testing.memory_index import FakeIndex

STRANGER = Scope(asker=Asker(trusted=False))


def naming(name: str, *keys: str, title: str = "", acl: Acl = Acl(), **meta):
    item = sample(name, *(f"about {key}" for key in keys), title=title, acl=acl, meta=meta)
    passages = [replace(p, entities=(k,)) for p, k in zip(item.passages, keys, strict=True)]
    return replace(item, passages=tuple(passages))


@pytest.fixture(params=["lance", "memory"])
def index(request, tmp_path):
    if request.param == "memory":
        return FakeIndex()
    return open_index(str(tmp_path), Recipe("named", DIMENSIONS, entities=True))


def test_mentions_are_ordered_and_say_what_each_chunk_names(index):
    index.replace([naming("b", "ada byron", "流浪地球", title="电影 B"), naming("a", "oslo")])
    found = index.mentions()
    assert [(m.document_id, m.title, m.entities) for m in found] == [
        ("a", "", ("oslo",)),
        ("b", "电影 B", ("ada byron",)),
        ("b", "电影 B", ("流浪地球",)),
    ]
    assert [m.chunk_id for m in found if m.document_id == "b"] == [c.id for c in index.chunks("b")]


def test_mentions_are_one_object_until_the_index_changes(index):
    index.replace([naming("a", "oslo")])
    first = index.mentions()
    assert index.mentions() is first
    index.replace([naming("a", "bergen")])
    assert [m.entities for m in index.mentions()] == [("bergen",)]
    index.remove(["a"])
    assert list(index.mentions()) == []


def test_chunks_are_given_by_id_to_those_who_may_read_them(index):
    index.replace(
        [
            naming("a", "oslo", "bergen", year=2020),
            naming("secret", "battery", acl=Acl(public=False, users=("ann",))),
        ]
    )
    a, b, secret = (m.chunk_id for m in index.mentions())
    assert [c.id for c in index.by_ids([b, "gone", a, secret])] == [b, a, secret]
    assert [c.id for c in index.by_ids([secret, a], scope=STRANGER)] == [a]
    year = Scope(filter=parse_filter({"type": "eq", "key": "year", "value": 2020}))
    assert {c.id for c in index.by_ids([a, b, secret], scope=year)} == {a, b}
    assert index.by_ids([]) == []


def test_an_index_without_entities_still_has_titles(tmp_path):
    index = open_index(str(tmp_path), Recipe("plain", DIMENSIONS))
    index.replace([naming("a", "oslo", title="Oslo")])
    assert index.mentions() == (Mention(index.chunks("a")[0].id, "a", "Oslo"),)
