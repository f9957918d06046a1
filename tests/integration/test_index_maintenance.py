"""Search indexes come when they pay, stay fresh, and change no answer."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.core.filters import Comparison
from surefoot.core.lang import terms
from surefoot.core.roles import Scope
from surefoot.store import frequencies, lance, maintenance
from surefoot.store.calls import wait
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.index_samples import DIMENSIONS, sample

TEXTS = ("battery patents in court", "banana ripens in paper", "知识产权侵权诉讼", "香蕉熟得更快")


@pytest.fixture
def index(tmp_path, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 300)
    monkeypatch.setattr(maintenance, "SCALAR_FROM", 300)
    monkeypatch.setattr(maintenance, "_ROWS_A_PARTITION", 100)
    return open_index(str(tmp_path), Recipe("r", DIMENSIONS, {"year": "int"}))


def items(numbers, word=""):
    return [
        sample(f"d{n}", f"{TEXTS[n % 4]} {word} {n}", meta={"year": 2000 + n % 10, "t": ("x",)})
        for n in numbers
    ]


def search(index, scope=Scope()):
    return [
        [
            hit.chunk.id
            for hit in index.vector(np.ones(DIMENSIONS, np.float32), limit=20, scope=scope)
        ],
        {hit.chunk.id for hit in index.keyword("patents 侵权诉讼", limit=2000, scope=scope)},
    ]


def test_the_vector_index_comes_with_size_and_goes_again(index):
    index.replace(items(range(200)))
    assert "vector search is exact" in index.maintain()
    assert index.exact
    index.replace(items(range(200, 800)))
    narrow = Scope(Comparison("eq", "year", 2003))
    before = search(index), search(index, narrow)
    done = index.maintain()
    assert any(line.startswith("built the vector index over 800 vectors") for line in done)
    assert any("approximate" in line for line in done)
    assert not index.exact
    assert (search(index), search(index, narrow)) == before
    index.remove([f"d{n}" for n in range(600)])
    assert "dropped the vector index: vector search is exact" in index.maintain()
    assert index.exact


def test_new_and_changed_rows_are_found_at_once_and_after_a_rebuild(index):
    index.replace(items(range(600)))
    index.maintain()
    for share in (30, 300):
        changed = items(range(share), "zebra")
        index.replace(changed)
        query = np.asarray(changed[7].passages[0].vector, np.float32)
        for _ in range(2):
            assert index.vector(query, limit=1)[0].chunk == changed[7].passages[0].chunk
            assert len(index.keyword("zebra", limit=2000)) == share
            done = index.maintain()
        assert not any(line.startswith("built the vector index") for line in done)
    assert wait(index._passages.index_stats("vector_idx")).num_indices <= 3


def test_replace_keeps_the_text_index_fresh(index, monkeypatch):
    monkeypatch.setattr(maintenance, "TEND_ROWS", 50)
    for start in range(0, 400, 40):
        index.replace(items(range(start, start + 40)))
    assert wait(index._passages.index_stats("indexed_text_idx")).num_unindexed_rows <= 160


def test_old_versions_go(index, tmp_path, monkeypatch):
    from datetime import timedelta

    monkeypatch.setattr(maintenance, "KEEP_VERSIONS", timedelta(milliseconds=1))
    for round in range(6):
        index.replace([sample("a", f"secret number {round} 秘密")])
    index.maintain()
    index.maintain()
    held = b"".join(f.read_bytes() for f in tmp_path.rglob("*.lance") if f.is_file())
    assert b"secret number 5" in held
    assert b"secret number 4" not in held


def test_frequencies_are_the_chunks_that_hold_a_term(index, tmp_path, monkeypatch):
    monkeypatch.setattr(lance, "COUNTS_KEPT_FROM", 10)
    batch = [
        sample("a", "The battery patent, a patent.", "电池专利诉讼", title="Law"),
        sample("b", "Patents on bananas 专利"),
        *items(range(40)),
    ]
    index.replace(batch)
    index.replace([sample("b", "Bananas 香蕉")])
    held = [
        set(terms(p.indexed_text))
        for item in batch
        if item.document.id != "b"
        for p in item.passages
    ]
    held.append(set(terms("Bananas 香蕉")))
    wanted = [*terms("patent battery the law bananas 专利诉讼 香蕉"), "unknown", "从未"]
    counts, chunks = index.frequencies(wanted)
    assert chunks == len(held)
    assert counts == [sum(term in unit for unit in held) for term in wanted]
    assert index.frequencies([]) == ([], chunks)
    for _ in range(2):
        index.maintain()
        kept = open_index(str(tmp_path), index.recipe)
        monkeypatch.setattr(frequencies, "count_terms", None)
        assert kept.frequencies(wanted) == (counts, chunks)
        monkeypatch.undo()
        monkeypatch.setattr(lance, "COUNTS_KEPT_FROM", 10)
    index.remove(["a"])
    assert kept.frequencies(["patent", "bananas"])[1] == chunks - 2


def test_what_came_since_the_indexes_covered_all_is_found_at_once(index, tmp_path):
    index.replace(items(range(400)))
    index.maintain()
    reader = open_index(str(tmp_path), index.recipe, read_only=True)
    search(reader)
    version, plan = reader._planned
    assert plan.covers_text
    assert plan.covers_vectors
    index.replace(items([*range(40), 400], word="patents 侵权诉讼"))
    index.remove(["d44", "d45"])
    fresh = open_index(str(tmp_path), index.recipe)
    hits = reader.keyword("patents 侵权诉讼", limit=2000)
    assert {f"d{n}" for n in range(40)} | {"d400"} <= {hit.chunk.document_id for hit in hits}
    assert all("侵权诉讼" in hit.chunk.text or "patents" in hit.chunk.text for hit in hits)
    nearest = reader.vector(np.ones(DIMENSIONS, np.float32), limit=500)
    assert len(nearest) == 399
    assert search(reader) == search(fresh)
    assert not {"d44", "d45"} & {hit.chunk.document_id for hit in nearest}
    assert reader._planned[0] != version
