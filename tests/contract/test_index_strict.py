"""The index that keeps each asker apart keeps the contract of every index, and forgets what was removed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import surefoot
from surefoot.core.roles import Scope
from surefoot.core.types import Acl, Asker
from surefoot.store import readers
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.store.strict import StrictIndex
from surefoot.testing.contracts_index import FOOD, LAW, SECRET, IndexContract
from surefoot.testing.contracts_views import ViewsContract
from surefoot.testing.index_samples import DIMENSIONS, sample, vector_of, with_rights

pytestmark = pytest.mark.slow

ANYONE = Scope(asker=Asker(trusted=False))
ANN, BOB = (Scope(asker=Asker(name, trusted=False)) for name in ("ann", "bob"))


class _Strict:
    @pytest.fixture
    def open_index(self, tmp_path):
        recipe = Recipe("abc123", DIMENSIONS, views=True)
        return lambda: open_index(str(tmp_path / "lance"), recipe, strict=True)


class TestPassages(_Strict, IndexContract):
    """The contract of every index."""


class TestViews(_Strict, ViewsContract):
    """What there is beside the passages."""


class TestReaders(_Strict):
    @pytest.fixture
    def index(self, open_index):
        opened = open_index()
        opened.replace([LAW, FOOD, SECRET])
        return opened

    def test_words_of_others_change_no_score(self, index):
        before = index.keyword("patent 专利", limit=9, scope=ANYONE)
        hers = index.keyword("patent 专利", limit=9, scope=ANN)
        assert {hit.chunk.document_id for hit in before} == {"law"}
        assert {hit.chunk.document_id for hit in hers} == {"law", "secret"}
        more = [
            sample(f"secret{n}", "patent patent 专利", acl=SECRET.document.acl) for n in range(9)
        ]
        index.replace(more)
        assert index.keyword("patent 专利", limit=9, scope=ANYONE) == before
        now = {hit.chunk.id: hit.score for hit in index.keyword("patent", limit=9, scope=ANN)}
        assert all(now.get(hit.chunk.id) != hit.score for hit in hers)

    def test_what_is_written_counts_at_once_and_what_is_gone_is_gone(self, index, open_index):
        assert index.keyword("香蕉", limit=9, scope=ANYONE)
        other = open_index()  # as another process has it
        assert other.keyword("香蕉", limit=9, scope=ANYONE)
        index.replace([sample("fruit", "香蕉 banana")])
        found = {hit.chunk.document_id for hit in other.keyword("香蕉", limit=9, scope=ANYONE)}
        assert found == {"food", "fruit"}
        index.remove(["food"])
        found = {hit.chunk.document_id for hit in other.keyword("香蕉", limit=9, scope=ANYONE)}
        assert found == {"fruit"}
        index.remove(["fruit"])
        assert other.keyword("香蕉", limit=9, scope=ANYONE) == []

    def test_a_document_whose_rights_change_moves(self, index):
        assert {h.chunk.document_id for h in index.keyword("patent", limit=9, scope=BOB)} == {"law"}
        acl = Acl(public=False, users=("bob",))
        index.replace([with_rights(SECRET, acl)])
        both = {h.chunk.document_id for h in index.keyword("patent", limit=9, scope=BOB)}
        assert both == {"law", "secret"}
        assert {h.chunk.document_id for h in index.keyword("patent", limit=9, scope=ANN)} == {"law"}

    def test_tables_are_shared_and_those_with_removed_texts_go(self, index):
        for scope in (ANYONE, BOB, ANN):
            index.keyword("patent", limit=9, scope=scope)
        held = index._readers._held
        assert len(held) == 2  # anyone reads what bob reads
        index.remove(["secret"])
        index.keyword("patent", limit=9, scope=ANYONE)
        assert len(index._readers._held) == 1
        index.close()
        assert not index._readers._held

    def test_only_so_many_tables_are_kept(self, index, monkeypatch):
        monkeypatch.setattr(readers, "KEPT_TABLES", 2)
        index.replace(
            [sample(f"of{n}", "walnut cake", acl=Acl(False, users=(f"u{n}",))) for n in range(4)]
        )
        scopes = [Scope(asker=Asker(f"u{n}", trusted=False)) for n in range(4)]
        found = [index.keyword("walnut", limit=9, scope=scope) for scope in scopes]
        assert [hit.chunk.document_id for (hit,) in found] == ["of0", "of1", "of2", "of3"]
        assert len(index._readers._held) == 2
        monkeypatch.setattr(readers, "KEPT_CHUNKS", 1)
        assert index.keyword("walnut", limit=9, scope=scopes[0]) == found[0]
        assert len(index._readers._held) == 1

    def test_many_ask_at_once(self, index):
        scopes = [ANYONE, ANN, BOB] * 8
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda s: index.keyword("patent", limit=9, scope=s), scopes))
        assert all(found[n] == found[n % 3] for n in range(24))

    def test_vectors_are_compared_one_by_one(self, index):
        index.replace([sample(f"d{n}", f"words {n}") for n in range(300)])
        from lancedb.index import IvfSq

        from surefoot.store.calls import wait

        wait(index._passages.create_index("vector", config=IvfSq(num_partitions=8)))
        assert index.exact
        (hit,) = index.vector(vector_of("words 7"), limit=1, scope=ANYONE)
        assert hit.chunk.document_id == "d7"
        assert hit.score == pytest.approx(1.0, abs=1e-6)


def test_a_former_index_that_answers_keeps_people_apart_too(tmp_path):
    """Where other settings are not built yet, the former index answers, with the isolation that is asked for now."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# A\n\nwalnut 核桃\n", encoding="utf-8")
    told = """schema = 1
[corpus]
sources = [{{ kind = "folder", path = "docs" }}]
embed = {{ kind = "hash", dimensions = {dimensions} }}
isolation = "{isolation}"
[[stages]]
kind = "search"
"""
    file = tmp_path / "surefoot.toml"
    file.write_text(told.format(dimensions=16, isolation="shared"))
    with surefoot.open(tmp_path) as space:
        space.sync()
        assert not isinstance(space.resources.index(), StrictIndex)
        file.write_text(told.format(dimensions=32, isolation="strict"))
        space.reload()
        assert space.serving.note
        assert isinstance(space.resources.index(), StrictIndex)
        assert space.search("walnut 核桃", asker=ANYONE.asker)
