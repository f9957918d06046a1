"""Values to rows and back. Knows the columns, runs no query."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

from surefoot.core.digest import digest_json
from surefoot.core.errors import DataError
from surefoot.core.lang import terms
from surefoot.core.roles import DocumentState, IndexedDocument, Passage
from surefoot.core.types import Acl, Chunk, Document, Meta
from surefoot.store.schema import HEAD, MetaColumn, Recipe, meta_cells

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


def version_of(item: IndexedDocument) -> str:
    """Names a version of a document: the hash of all that its row holds."""
    row = document_row(item, version="")
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
    )


def passage_rows(item: IndexedDocument, version: str, recipe: Recipe) -> list[Row]:
    """The head row of a document and the rows of its passages.

    Raises:
        DataError: the passages do not fit the document or the recipe.
    """
    _check(item, recipe)
    document = item.document
    cells, problems = meta_cells(document.meta, recipe.columns)
    common = {
        "document_id": document.id,
        "version": version,
        "source": item.state.source,
        **_acl_cells(acl_of(item)),
    }
    hashes, counts = _term_statistics(item.passages)
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
    return [
        {**common, **head, **_named(cells)},
        *({**common, **_passage_row(passage, cells, recipe)} for passage in item.passages),
    ]


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
    acl = raw.pop("acl")
    return DocumentState(**raw, acl=Acl(acl["public"], tuple(acl["users"]), tuple(acl["groups"])))


def problems_of(text: str) -> list[str]:
    """What a head row says does not fit the declared metadata."""
    found: list[str] = json.loads(text)["problems"]
    return found


def to_arrow(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as a table; cells that a row lacks are null."""
    import pyarrow as pa

    arrays = []
    for field in schema:
        cells = [row.get(field.name) for row in rows]
        if pa.types.is_fixed_size_list(field.type):
            arrays.append(_vectors(cells, field.type))
        else:
            arrays.append(pa.array(cells, type=field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def term_hash(term: str) -> int:
    """32 bits that stand for a term; two terms in some ten thousand share them in a vocabulary of 500,000."""
    return crc32(term.encode("utf-8", "surrogatepass"))


def storable(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot hold, as `?`; lengths stay the same."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _check(item: IndexedDocument, recipe: Recipe) -> None:
    numbers = Counter(passage.chunk.index for passage in item.passages)
    where = item.document.id
    if storable(item.document.id) != item.document.id:
        raise DataError("the document's id is not valid Unicode", where=storable(where))
    if item.state.id != item.document.id:
        raise DataError(f"the state names another document, {item.state.id!r}", where=where)
    if any(count > 1 for count in numbers.values()) or any(number < 0 for number in numbers):
        raise DataError("two chunks have the same index, or one is negative", where=where)
    for passage in item.passages:
        if passage.chunk.document_id != item.document.id:
            raise DataError(f"chunk {passage.chunk.id!r} is of another document", where=where)
        if len(passage.vector) != recipe.dimensions:
            raise DataError(
                f"chunk {passage.chunk.id!r} has {len(passage.vector)} dimensions, "
                f"the index {recipe.dimensions}",
                where=where,
            )


def _passage_row(passage: Passage, cells: Mapping[MetaColumn, object], recipe: Recipe) -> Row:
    chunk = passage.chunk
    own, _ = meta_cells(chunk.meta, recipe.columns)
    return {
        "number": chunk.index,
        "id": chunk.id,
        "view": "passage",
        "passage_id": chunk.id,
        "chunk": _chunk_json(chunk),
        "indexed_text": storable(passage.indexed_text),
        "vector": passage.vector,
        "title": storable(chunk.title),
        "uri": storable(chunk.uri),
        "lang": chunk.lang,
        **_named({**cells, **own}),
    }


def _named(cells: Mapping[MetaColumn, object]) -> Row:
    return {column.name: value for column, value in cells.items()}


def _vectors(cells: Sequence[Any], kind: pa.FixedSizeListType) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    matrix = np.zeros((len(cells), kind.list_size), np.float32)
    missing = np.array([cell is None for cell in cells], bool)
    for i, cell in enumerate(cells):
        if cell is not None:
            matrix[i] = cell
    if not np.isfinite(matrix).all():
        raise DataError("a vector holds a number that is not finite")
    return pa.FixedSizeListArray.from_arrays(
        pa.array(matrix.ravel()), type=kind, mask=pa.array(missing)
    )


def _term_statistics(passages: Sequence[Passage]) -> tuple[list[int], list[int]]:
    counts: Counter[int] = Counter()
    for passage in passages:
        counts.update({_cached_hash(term) for term in terms(passage.indexed_text)})
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
    return storable(json.dumps(state, ensure_ascii=False))


def _to_json(meta: Meta) -> str:
    return storable(json.dumps(dict(meta), ensure_ascii=False, sort_keys=True))


def _chunk_json(chunk: Chunk) -> str:
    cells = {name: getattr(chunk, name) for name in Chunk.__dataclass_fields__}
    return storable(json.dumps(cells | {"meta": dict(chunk.meta)}, ensure_ascii=False))


def _meta_of(text: str) -> Meta:
    return _meta_from(json.loads(text))


def _meta_from(raw: Mapping[str, Any]) -> Meta:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
