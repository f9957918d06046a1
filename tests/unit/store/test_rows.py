"""Values become rows and come back the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surefoot.core.errors import DataError
from surefoot.core.types import Acl, Region
from surefoot.store.rows import (
    SLICE_ROWS,
    acl_of,
    check_item,
    chunk_of,
    document_of,
    document_row,
    passage_rows,
    state_of,
    storable,
    term_hash,
    to_batches,
    version_of,
)
from surefoot.store.schema import (
    MetaColumn,
    Recipe,
    meta_cells,
    meta_column,
    parse_date,
    passages_schema,
)
from surefoot.testing.index_samples import DIMENSIONS, sample

RECIPE = Recipe("r", DIMENSIONS, {"year": "int", "day": "date", "tags": "list"})
ITEM = sample("a", "Hello world, hello.", "你好，世界。", title="T", meta={"n": 1, "t": ("x", "y")})


def test_documents_chunks_and_states_come_back():
    assert document_of(document_row(ITEM, version="v")) == ITEM.document
    head, *rows = passage_rows(ITEM, "v", RECIPE)
    assert [chunk_of(row["chunk"]) for row in rows] == [p.chunk for p in ITEM.passages]
    assert state_of(head["state"]) == ITEM.state
    assert head.get("vector") is None
    assert head.get("indexed_text") is None


def test_a_version_names_the_content_and_not_the_fingerprint():
    touched = replace(ITEM, state=replace(ITEM.state, fingerprint="new"))
    retitled = replace(ITEM, document=replace(ITEM.document, title="新"))
    assert version_of(touched) == version_of(ITEM) != version_of(retitled)


def test_regions_come_back_and_other_versions_are_named_as_ever():
    regions = (Region(0, 5, page=2, box=(0.1, 0.2, 0.3, 0.4)), Region(6, 9, seconds=(1.5, 2.0)))
    scan = replace(ITEM, document=replace(ITEM.document, regions=regions))
    row = document_row(scan, version="v")
    assert document_of(row) == scan.document
    assert document_of({**row, "regions": None}) == ITEM.document
    assert "regions" not in document_row(ITEM, version="v")
    assert version_of(scan) != version_of(ITEM)


def test_terms_are_counted_by_chunk():
    head = next(passage_rows(ITEM, "v", RECIPE))
    counts = dict(zip(head["term_hashes"], head["term_counts"], strict=True))
    assert head["term_hashes"] == sorted(head["term_hashes"])
    assert counts[term_hash("hello")] == 1
    assert counts[term_hash("世界")] == 1
    assert counts[term_hash("t")] == 2


def test_rows_become_columns_slice_by_slice():
    pump = sample("p", *[f"pump {n} 泵" for n in range(SLICE_ROWS + 3)])
    made = list(to_batches(passage_rows(pump, "v", RECIPE), passages_schema(RECIPE)))
    assert [batch.num_rows for batch in made] == [SLICE_ROWS, 4]
    first = made[0].to_pylist()
    assert (first[0]["vector"], first[0]["indexed_text"]) == (None, None)
    assert first[1]["indexed_text"].endswith("pump 0 泵")
    np.testing.assert_array_equal(first[1]["vector"], pump.passages[0].vector)


def test_readers_named_by_the_state_alone_count():
    private = Acl(public=False, users=("ann",))
    named = replace(ITEM, state=replace(ITEM.state, acl=private))
    assert acl_of(named) == private
    assert not any(row["acl_public"] for row in passage_rows(named, "v", RECIPE))
    with pytest.raises(DataError):
        acl_of(replace(named, document=replace(ITEM.document, acl=Acl(False, ("bob",)))))


def test_passages_that_do_not_fit_are_refused():
    passage = ITEM.passages[0]
    for wrong in (
        replace(passage, vector=np.ones(3, np.float32)),
        replace(passage, vector=np.full(DIMENSIONS, np.nan, np.float32)),
        replace(passage, chunk=replace(passage.chunk, document_id="b")),
        replace(passage, chunk=replace(passage.chunk, index=-1)),
        replace(passage, chunk=replace(passage.chunk, index=1)),
    ):
        with pytest.raises(DataError):
            check_item(replace(ITEM, passages=(wrong, ITEM.passages[1])), RECIPE)
    with pytest.raises(DataError):
        check_item(replace(ITEM, state=replace(ITEM.state, id="other")), RECIPE)


def test_lone_surrogates_keep_their_place():
    assert storable("a\udc80文") == "a?文"
    assert storable("文") == "文"


def test_column_names_and_keys():
    for column in (
        MetaColumn("year", "int"),
        MetaColumn("Jahr", "text"),
        MetaColumn("作者 名", "list"),
        MetaColumn("x_00", "bool"),
        MetaColumn("a.b`c", "number"),
    ):
        assert meta_column(column.name) == column
    assert meta_column("document_id") is None


def test_cells_keep_their_type_and_misfits_are_said():
    meta = {"year": "soon", "day": "2024-05-01", "free": 1, "flag": True, "words": ("a",), "": 1}
    cells, problems = meta_cells(meta, RECIPE.columns)
    assert {c.key: c.stored for c in cells} == {
        "day": "date",
        "free": "number",
        "flag": "bool",
        "words": "list",
    }
    assert len(problems) == 2


@pytest.mark.parametrize(
    "text, iso",
    [
        ("2024", "2024-01-01T00:00:00"),
        ("2024-02", "2024-02-01T00:00:00"),
        ("2024-02-03T04:05:06Z", "2024-02-03T04:05:06"),
    ],
)
def test_dates_are_read(text, iso):
    moment = parse_date(text)
    assert moment is not None
    assert moment.isoformat() == iso


@pytest.mark.parametrize("text", ["", "soon", "2024-13", "24", "二〇二四年"])
def test_what_is_no_date(text):
    assert parse_date(text) is None
