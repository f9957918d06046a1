"""Values to rows and back. Knows the columns, runs no query.

Rows are made as they are taken: of a document of any size only a slice of its rows exists at a time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any
from zlib import crc32

from surefoot.core.digest import digest_json
from surefoot.core.errors import DataError
from surefoot.core.lang import terms
from surefoot.core.regions import from_row, to_row
from surefoot.core.roles import PASSAGE, DocumentState, IndexedDocument, Passage
from surefoot.core.types import Acl, Chunk, Document, Meta, Region
from surefoot.store.schema import (
    ENTITIES,
    FIRST_VIEW,
    HEAD,
    REGIONS,
    VIEW_TEXT,
    MetaColumn,
    Recipe,
    meta_cells,
)

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

SLICE_ROWS = 512
"""Rows that are turned into columns at a time."""
_HASHED_CHARS = 1 << 20
_LONG = frozenset({"text", "indexed_text", VIEW_TEXT})
_TORN = re.compile("[\ud800-\udfff]")


def version_of(item: IndexedDocument) -> str:
    """Names a version of a document: the hash of all that its row holds."""
    text = item.document.text
    hashed = hashlib.sha256()
    for start in range(0, len(text), _HASHED_CHARS):
        hashed.update(text[start : start + _HASHED_CHARS].encode("utf-8", "replace"))
    row = {**document_row(item, version=""), "text": hashed.hexdigest()}
    del row["source"]
    return digest_json(row)


def acl_of(item: IndexedDocument) -> Acl:
    """Who may read the document; where only its state says so, the state rules.

    Raises:
        DataError: the document and its state name different readers.
    """
    document, state = item.document.acl, item.state.acl
    if document == state or state == Acl():
        return document
    if document == Acl():
        return state
    raise DataError("the document and its state name different readers", where=item.document.id)


def document_row(item: IndexedDocument, *, version: str) -> Row:
    """The row of the documents table."""
    document = item.document
    # Only where there are any: versions of other documents are named as ever, and tables need no such column.
    regions = {REGIONS: _regions_json(document)} if document.regions else {}
    return {
        "version": version,
        "id": document.id,
        "digest": document.digest,
        "uri": storable(document.uri),
        "text": storable(document.text),
        "title": storable(document.title),
        "lang": document.lang,
        "markup": document.markup,
        "pages": list(document.pages),
        "meta": _to_json(document.meta),
        **_acl_cells(acl_of(item)),
        "status": item.state.status,
        "reason": storable(item.state.reason),
        "source": item.state.source,
        **regions,
    }


def document_of(row: Mapping[str, Any]) -> Document:
    """The inverse of `document_row`."""
    return Document(
        id=row["id"],
        uri=row["uri"],
        digest=row["digest"],
        text=row["text"],
        title=row["title"],
        lang=row["lang"],
        markup=row["markup"],
        pages=tuple(row["pages"]),
        meta=_meta_of(row["meta"]),
        acl=Acl(row["acl_public"], tuple(row["acl_users"]), tuple(row["acl_groups"])),
        regions=_regions_of(row.get(REGIONS)),
    )


def passage_rows(item: IndexedDocument, version: str, recipe: Recipe) -> Iterator[Row]:
    """The head row of a document, then the rows of its passages and views; `check_item` says whether they fit."""
    document = item.document
    cells, problems = meta_cells(document.meta, recipe.columns)
    common = {
        "document_id": document.id,
        "version": version,
        "source": item.state.source,
        **_acl_cells(acl_of(item)),
    }
    hashes, counts = _term_statistics(item.passages, recipe)
    head = {
        "number": HEAD,
        "view": "head",
        "title": storable(document.title),
        "uri": storable(document.uri),
        "lang": document.lang,
        "state": _state_json(item, problems),
        "term_hashes": hashes,
        "term_counts": counts,
    }
    yield {**common, **head, **_named(cells)}
    for passage in item.passages:
        own = _own_cells(item, passage, recipe)
        yield {**common, **_passage_row(passage, recipe), **_named({**cells, **own})}
    for place, view in enumerate(item.views):
        own = _own_cells(item, view, recipe)
        yield {**common, **_view_row(view, FIRST_VIEW - place, recipe), **_named({**cells, **own})}


def meta_names(item: IndexedDocument, recipe: Recipe) -> set[str]:
    """The names of the metadata columns that a document and its passages fill."""
    cells, _ = meta_cells(item.document.meta, recipe.columns)
    names = {column.name for column in cells}
    for passage in item.passages:
        names.update(column.name for column in _own_cells(item, passage, recipe))
    return names


def chunk_of(text: str) -> Chunk:
    """The chunk kept in a passage row."""
    raw = json.loads(text)
    raw["headings"] = tuple(raw["headings"])
    raw["meta"] = _meta_from(raw["meta"])
    return Chunk(**raw)


def state_of(text: str) -> DocumentState:
    """The state kept in a head row."""
    raw = json.loads(text)
    del raw["problems"]
    raw.pop("views", None)
    acl = raw.pop("acl")
    return DocumentState(**raw, acl=Acl(acl["public"], tuple(acl["users"]), tuple(acl["groups"])))


def problems_of(text: str) -> list[str]:
    """What a head row says does not fit the declared metadata."""
    found: list[str] = json.loads(text)["problems"]
    return found


def to_batches(rows: Iterable[Row], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Rows as record batches of at most `SLICE_ROWS`; cells that a row lacks are null."""
    import pyarrow as pa

    source = iter(rows)
    while taken := list(islice(source, SLICE_ROWS)):
        yield pa.RecordBatch.from_arrays([_column(taken, field) for field in schema], schema=schema)


def term_hash(term: str) -> int:
    """32 bits that stand for a term; two terms in some ten thousand share them in a vocabulary of 500,000."""
    return crc32(term.encode("utf-8", "surrogatepass"))


def storable(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot hold, as `?`; lengths stay the same."""
    return _TORN.sub("?", text) if _TORN.search(text) else text


def check_item(item: IndexedDocument, recipe: Recipe) -> None:
    """Sees to it that nothing can fail once the rows of a document are being written.

    Raises:
        DataError: the passages do not fit the document or the recipe.
    """
    import numpy as np

    where = item.document.id
    if storable(item.document.id) != item.document.id:
        raise DataError("the document's id is not valid Unicode", where=storable(where))
    if item.state.id != item.document.id:
        raise DataError(f"the state names another document, {item.state.id!r}", where=where)
    _check_places(item, recipe)
    for passage in chain(item.passages, item.views):
        if passage.chunk.document_id != item.document.id:
            raise DataError(f"chunk {passage.chunk.id!r} is of another document", where=where)
        if len(passage.vector) != recipe.dimensions:
            raise DataError(
                f"chunk {passage.chunk.id!r} has {len(passage.vector)} dimensions, "
                f"the index {recipe.dimensions}",
                where=where,
            )
        if not np.isfinite(passage.vector).all():
            raise DataError(f"the vector of {passage.chunk.id!r} is not finite", where=where)
    acl_of(item)


def _check_places(item: IndexedDocument, recipe: Recipe) -> None:
    where = item.document.id
    numbers: Counter[int] = Counter()
    names: set[str] = set()
    for passage in item.passages:
        numbers[passage.chunk.index] += 1
        names.add(passage.chunk.id)
        if passage.view != PASSAGE:
            raise DataError(f"a text of the view {passage.view!r} is no passage", where=where)
    if any(count > 1 for count in numbers.values()) or any(number < 0 for number in numbers):
        raise DataError("two chunks have the same index, or one is negative", where=where)
    if item.views and not recipe.views:
        raise DataError("the index has no room for other views", where=where)
    for view in item.views:
        if view.view in (PASSAGE, "head", ""):
            raise DataError(f"{view.view!r} does not name another view", where=where)
        if view.chunk.id not in names:
            raise DataError(f"chunk {view.chunk.id!r} has a view but no passage", where=where)


def _own_cells(
    item: IndexedDocument, passage: Passage, recipe: Recipe
) -> Mapping[MetaColumn, object]:
    """The cells of a passage that its document has not."""
    meta = passage.chunk.meta
    return {} if meta is item.document.meta else meta_cells(meta, recipe.columns)[0]


def _passage_row(passage: Passage, recipe: Recipe) -> Row:
    chunk = passage.chunk
    own = {
        "number": chunk.index,
        "id": chunk.id,
        "view": PASSAGE,
        "indexed_text": _searched(passage, recipe),
        ENTITIES: [storable(key) for key in passage.entities],
    }
    return {**_found_row(passage), **own}


def _view_row(passage: Passage, number: int, recipe: Recipe) -> Row:
    own = {"number": number, "view": passage.view, VIEW_TEXT: _searched(passage, recipe)}
    return {**_found_row(passage), **own}


def _searched(passage: Passage, recipe: Recipe) -> str:
    return recipe.searched(storable(passage.indexed_text))


def _found_row(passage: Passage) -> Row:
    chunk = passage.chunk
    return {
        "passage_id": chunk.id,
        "chunk": _chunk_json(chunk),
        "vector": passage.vector,
        "title": storable(chunk.title),
        "uri": storable(chunk.uri),
        "lang": chunk.lang,
    }


def _named(cells: Mapping[MetaColumn, object]) -> Row:
    return {column.name: value for column, value in cells.items()}


def _column(rows: Sequence[Row], field: pa.Field) -> pa.Array:
    import pyarrow as pa

    cells = [row.get(field.name) for row in rows]
    if pa.types.is_fixed_size_list(field.type):
        return _vectors(cells, field.type)
    if field.name in _LONG:
        # Arrow would leave a copy in UTF-8 in every text that is not ASCII for as long as the text lives.
        cells = [cell.encode() if isinstance(cell, str) else cell for cell in cells]
    return pa.array(cells, type=field.type)


def _vectors(cells: Sequence[Any], kind: pa.FixedSizeListType) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    matrix = np.zeros((len(cells), kind.list_size), np.float32)
    missing = np.array([cell is None for cell in cells], bool)
    for i, cell in enumerate(cells):
        if cell is not None:
            matrix[i] = cell
    return pa.FixedSizeListArray.from_arrays(
        pa.array(matrix.ravel()), type=kind, mask=pa.array(missing)
    )


def _term_statistics(passages: Sequence[Passage], recipe: Recipe) -> tuple[list[int], list[int]]:
    counts: Counter[int] = Counter()
    for passage in passages:
        counts.update({_cached_hash(term) for term in terms(_searched(passage, recipe))})
    ordered = sorted(counts)
    return ordered, [counts[key] for key in ordered]


@lru_cache(maxsize=1 << 17)
def _cached_hash(term: str) -> int:
    return term_hash(term)


def _acl_cells(acl: Acl) -> Row:
    return {
        "acl_public": acl.public,
        "acl_users": list(acl.users),
        "acl_groups": list(acl.groups),
    }


def _state_json(item: IndexedDocument, problems: Sequence[str]) -> str:
    state = asdict(item.state) | {
        "digest": item.document.digest,
        "chunks": len(item.passages),
        "acl": asdict(acl_of(item)),
        "problems": list(problems),
    }
    if item.views:
        state["views"] = len(item.views)
    for name in ("pending", "hint"):
        if not state[name]:
            del state[name]
    return storable(json.dumps(state, ensure_ascii=False))


def _regions_json(document: Document) -> str:
    return json.dumps([to_row(region) for region in document.regions], separators=(",", ":"))


def _regions_of(text: str | None) -> tuple[Region, ...]:
    return tuple(from_row(row) for row in json.loads(text)) if text else ()


def _to_json(meta: Meta) -> str:
    return storable(json.dumps(dict(meta), ensure_ascii=False, sort_keys=True))


def _chunk_json(chunk: Chunk) -> str:
    cells = {name: getattr(chunk, name) for name in Chunk.__dataclass_fields__}
    return storable(json.dumps(cells | {"meta": dict(chunk.meta)}, ensure_ascii=False))


def _meta_of(text: str) -> Meta:
    return _meta_from(json.loads(text))


def _meta_from(raw: Mapping[str, Any]) -> Meta:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
