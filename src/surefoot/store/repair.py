"""Checks that the tables of a location agree with one another, and mends them.

A document whose rows do not agree is taken out of the index, so that the next sync reads it again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surefoot.core.errors import SurefootError
from surefoot.store.calls import wait
from surefoot.store.rows import problems_of
from surefoot.store.snapshots import Snapshots
from surefoot.store.sql import any_value
from surefoot.store.tables import (
    DOCUMENTS,
    HEADS,
    PASSAGES,
    RECIPE_KEY,
    VIEWS,
    Tables,
    batches,
    counts_name,
    passages_name,
    scan,
)

_PAGE = 256


@dataclass(slots=True)
class _Findings:
    """What is wrong with one recipe's table. `broken` maps documents to the reason."""

    broken: dict[str, str] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)
    unreadable: str = ""


def check(tables: Tables) -> list[str]:
    """What is wrong, in words; empty when all is well. Reads every row once."""
    return _inspect(tables, dry_run=True)


def repair(tables: Tables) -> list[str]:
    """Mends what is wrong; returns what was found, each of it mended but for metadata that does not fit."""
    with tables.writing():
        found = _inspect(tables, dry_run=False)
        if tables.open(DOCUMENTS) is not None:
            tables.clear_versions()
    return found


def _inspect(tables: Tables, *, dry_run: bool) -> list[str]:
    texts, found = _read_documents(tables)
    recipes = list(tables.recipes())
    if found and not dry_run:
        for digest in recipes:
            _drop(tables, digest)
        tables.drop(DOCUMENTS)
        return found
    named: set[str] = set()
    for digest in recipes:
        findings = _read_passages(tables, digest, texts, named)
        found += _words(digest, findings)
        if not dry_run:
            _mend(tables, digest, findings)
    unnamed = len(set(texts) - named)
    if unnamed and not found:
        found.append(f"{unnamed} document versions that nothing names")
    return found + Snapshots(tables).mend(dry_run=dry_run)


def _words(digest: str, findings: _Findings) -> Iterator[str]:
    if findings.unreadable:
        yield f"the index {digest} cannot be read: {findings.unreadable}; run surefoot sync"
    for document_id, reason in sorted(findings.broken.items()):
        yield f"{document_id}: {reason}; run surefoot sync to read it again"
    yield from findings.misfits


def _mend(tables: Tables, digest: str, findings: _Findings) -> None:
    if findings.unreadable:
        _drop(tables, digest)
        return
    table = tables.open(passages_name(digest))
    ids = sorted(findings.broken)
    for at in range(0, len(ids), _PAGE):
        wait(table.delete(any_value("document_id", ids[at : at + _PAGE])))  # type: ignore[union-attr]


def _drop(tables: Tables, digest: str) -> None:
    tables.forget(f"{RECIPE_KEY}{digest}")
    tables.drop(passages_name(digest))
    tables.drop(counts_name(digest))


def _read_documents(tables: Tables) -> tuple[dict[str, str], list[str]]:
    # Versions with their documents' ids; the texts are read too, so that an unreadable page is found.
    table = tables.open(DOCUMENTS)
    if table is None:
        return {}, ["the documents table is gone"] if tables.recipes() else []
    texts: dict[str, str] = {}
    try:
        for batch in batches(table, None, ["version", "id", "text"]):
            ids = batch["id"].to_pylist()
            texts.update(zip(batch["version"].to_pylist(), ids, strict=True))
    except SurefootError as problem:
        return {}, [f"the documents table cannot be read: {problem.message}"]
    return texts, []


def _read_passages(
    tables: Tables, digest: str, texts: Mapping[str, str], named: set[str]
) -> _Findings:
    findings = _Findings()
    table = tables.open(passages_name(digest))
    if table is None:
        findings.unreadable = "its table is gone"
        return findings
    columns = ["document_id", "number", "version"]
    try:
        heads = scan(table, HEADS, [*columns, "state"])
        passages: list[dict[str, Any]] = []
        for batch in batches(table, PASSAGES, [*columns, "id", "chunk", "vector"]):
            passages += batch.select([*columns, "id"]).to_pylist()
        views: list[dict[str, Any]] = []
        for batch in batches(table, VIEWS, [*columns, "passage_id", "chunk", "vector"]):
            views += batch.select([*columns, "passage_id"]).to_pylist()
    except SurefootError as problem:
        findings.unreadable = problem.message
        return findings
    named.update(head["version"] for head in heads)
    findings.broken = {
        **dict(_view_disagreements(heads, passages, views)),
        **dict(_disagreements(heads, passages, texts)),
    }
    for head in heads:
        for misfit in problems_of(head["state"]):
            findings.misfits.append(f"{head['document_id']}: {misfit}")
    return findings


def _disagreements(
    heads: list[dict[str, Any]], passages: list[dict[str, Any]], texts: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    versions = {head["document_id"]: head["version"] for head in heads}
    for document_id, count in Counter(head["document_id"] for head in heads).items():
        if count > 1:
            yield document_id, "stands there twice"
    counts = Counter(row["document_id"] for row in passages)
    places = Counter((row["document_id"], row["number"]) for row in passages)
    for head in heads:
        document_id = head["document_id"]
        if texts.get(head["version"]) != document_id:
            yield document_id, "its text is gone"
        expected = json.loads(head["state"])["chunks"]
        if counts[document_id] != expected:
            yield document_id, f"has {counts[document_id]} of {expected} chunks"
    for row in passages:
        if versions.get(row["document_id"]) != row["version"]:
            yield row["document_id"], "has chunks of another version"
        if places[row["document_id"], row["number"]] > 1:
            yield row["document_id"], "has a chunk twice"


def _view_disagreements(
    heads: list[dict[str, Any]], passages: list[dict[str, Any]], views: list[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    versions = {head["document_id"]: head["version"] for head in heads}
    known = {(row["document_id"], row["id"]) for row in passages}
    counts = Counter(row["document_id"] for row in views)
    places = Counter((row["document_id"], row["number"]) for row in views)
    for head in heads:
        document_id = head["document_id"]
        expected = json.loads(head["state"]).get("views", 0)
        if counts[document_id] != expected:
            yield document_id, f"has {counts[document_id]} of {expected} other views"
    for row in views:
        if versions.get(row["document_id"]) != row["version"]:
            yield row["document_id"], "has other views of another version"
        if (row["document_id"], row["passage_id"]) not in known:
            yield row["document_id"], "has a view of a chunk that is gone"
        if places[row["document_id"], row["number"]] > 1:
            yield row["document_id"], "has a view twice"
