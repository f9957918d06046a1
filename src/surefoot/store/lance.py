"""The index on LanceDB: one table of passages a recipe and one of documents, in a folder or on object storage.

A document's live version is the one that its head row names; head rows and passages are committed
together, so a reader sees the old or the new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from surefoot.core.digest import corpus_version
from surefoot.core.errors import MissingError, TransientError
from surefoot.core.roles import (
    PASSAGE,
    WHOLE,
    DocumentState,
    IndexedDocument,
    Listing,
    Mention,
    Passage,
    Scope,
    Status,
    ValueCount,
)
from surefoot.core.types import Asker, Chunk, Document, Hit
from surefoot.store.calls import wait
from surefoot.store.frequencies import TermCounts, count_terms, keep_term_counts, term_counts
from surefoot.store.keywords import keyword_rows, text_column
from surefoot.store.maintenance import SearchPlan, maintain, search_plan
from surefoot.store.marks import document_marks
from surefoot.store.mentions import chunks_by_ids, read_mentions
from surefoot.store.pages import StatusCounts, heads_of
from surefoot.store.remembered import Remembered
from surefoot.store.repair import check, repair
from surefoot.store.rows import Row, chunk_of, document_of, state_of
from surefoot.store.running import hit_of, only, run
from surefoot.store.schema import VIEW_TEXT, MetaColumn, Recipe
from surefoot.store.snapshots import Snapshots
from surefoot.store.sql import acl_sql, all_of, any_value, quoted, scope_sql
from surefoot.store.tables import HEADS, PASSAGES, VIEWS, Tables, scan
from surefoot.store.textquery import keyword_query
from surefoot.store.values import KnownValues, count_values, held_columns
from surefoot.store.views import best_of_each, nearest_cosines, view_condition
from surefoot.store.writer import Writer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["LanceIndex", "Recipe"]

_PAGE = 256
_TRIES = 5
COUNTS_KEPT_FROM = 5_000
"""Chunks from which maintenance keeps the term counts, so that a new process need not sum them."""
_SPARE = 8


class LanceIndex:
    """An `Index` of one recipe. Every read sees the newest commit of any process; any number may read at once."""

    def __init__(self, tables: Tables, recipe: Recipe) -> None:
        self.tables = tables
        self.recipe = recipe
        self._documents, self._passages = tables.pair(recipe)
        self._writer = Writer(tables, recipe, self._documents, self._passages)
        self._counted: Remembered[TermCounts] = Remembered()
        self._marked: Remembered[Mapping[str, str]] = Remembered()
        self._corpus: Remembered[str] = Remembered()
        self._planned: tuple[int, SearchPlan] | None = None
        self._values = KnownValues()
        self._mentioned: Remembered[tuple[Mention, ...]] = Remembered()
        self._known_columns: Remembered[list[MetaColumn]] = Remembered()
        self._statuses = StatusCounts(self._passages)

    # ── searching ───────────────────────────────────────────────────────────────────────────────

    def keyword(
        self, text: str, *, limit: int, scope: Scope = Scope(), view: str = PASSAGE
    ) -> list[Hit]:
        """The best chunks by BM25, best first; its statistics are those of the whole corpus, whoever asks.

        All other views share statistics of their own, which the passages' do not feel.
        """
        self._condition(scope)  # a filter of an unknown key is refused, whatever is asked
        query = keyword_query(self.recipe.searched(text), text_column(view))
        if query is None or limit < 1 or not self._holds(view):
            return []
        rows = self._worded(query, limit, scope, view)
        return [hit_of(row["chunk"], row["_score"], "keyword", "bm25") for row in rows]

    def vector(
        self, vector: Vectors, *, limit: int, scope: Scope = Scope(), view: str = PASSAGE
    ) -> list[Hit]:
        """The nearest chunks by cosine, best first; `exact` says whether none can be missed."""
        condition = self._condition(scope)
        if limit < 1 or not self._holds(view):
            return []
        if view == PASSAGE:
            rows = self._nearest(vector, limit, condition, view)
        else:
            rows = best_of_each(lambda size: self._nearest(vector, size, condition, view), limit)
        return [hit_of(row["chunk"], 1.0 - row["_distance"], "vector", "cosine") for row in rows]

    def cosines(
        self, vector: Vectors, chunk_ids: Sequence[str], views: Sequence[str] = (PASSAGE,)
    ) -> dict[str, dict[str, float]]:
        """By view, how near each of these chunks is with its nearest text; a chunk that has none is left out."""
        return nearest_cosines(self._passages, vector, chunk_ids, views)

    def views(self, document_id: str) -> list[Passage]:
        """The document's other views with their texts and vectors, in the order that they were given."""
        if not self.recipe.views:
            return []
        place = f"{VIEWS} AND document_id = {quoted(document_id)}"
        columns = ["number", "view", "chunk", VIEW_TEXT, "vector"]
        rows = sorted(scan(self._passages, place, columns), key=lambda row: -row["number"])
        return [
            Passage(chunk_of(row["chunk"]), row[VIEW_TEXT], row["vector"], row["view"])
            for row in rows
        ]

    def _worded(self, query: Any, limit: int, scope: Scope, view: str) -> list[Row]:
        condition = self._condition(scope)
        return keyword_rows(self._passages, query, limit, condition, view, self._run)

    def _nearest(self, vector: Vectors, limit: int, condition: str | None, view: str) -> list[Row]:
        columns = ["chunk", "_distance", *(["passage_id"] if view != PASSAGE else [])]

        def search(plan: SearchPlan) -> Any:
            own = view_condition(view) if view != PASSAGE else PASSAGES if plan.views else None
            place = all_of([own, condition])
            nearest = self._passages.query().nearest_to(vector).column("vector")
            nearest = nearest.distance_type("cosine").select(columns)
            if place is not None:
                nearest = nearest.where(place)
            if plan.exact:
                return nearest.bypass_vector_index().limit(limit)
            # All that are found in 8 bits are scored exactly; the spare ones make up for rounding at the end.
            nearest = nearest.limit(limit + _SPARE + limit // 8)
            nearest = nearest.nprobes(plan.probes).refine_factor(1)
            if place is not None:
                nearest = nearest.maximum_nprobes(plan.partitions)
            return only(nearest, plan.covers_vectors)

        return self._run(search, None)[:limit]

    def _holds(self, view: str) -> bool:
        return view == PASSAGE or (self.recipe.views and self._plan().views)

    @property
    def exact(self) -> bool:
        """Whether vector search compares every vector at full precision."""
        return self._plan().exact

    def vectors(self, chunk_ids: Sequence[str]) -> Vectors:
        """The stored vectors of these chunks, in their order (n x dimensions).

        Raises:
            MissingError: there is no such chunk.
        """
        import numpy as np

        place = any_value("id", list(dict.fromkeys(chunk_ids)))
        found = {row["id"]: row["vector"] for row in scan(self._passages, place, ["id", "vector"])}
        for chunk_id in chunk_ids:
            if chunk_id not in found:
                raise MissingError(f"there is no chunk {chunk_id!r}")
        matrix = np.array([found[chunk_id] for chunk_id in chunk_ids], np.float32)
        return matrix.reshape(len(chunk_ids), self.recipe.dimensions)

    def frequencies(self, terms: Sequence[str], *, scope: Scope = Scope()) -> tuple[list[int], int]:
        """In how many chunks in scope each term occurs, and how many chunks there are."""
        version, condition = wait(self._passages.version()), self._condition(scope)

        def count() -> TermCounts:
            if condition is not None:
                return count_terms(self._passages, condition)
            return term_counts(self.tables, self.recipe.digest, self._passages)

        counts = self._counted.get(version, condition, count)
        return counts.of([self.recipe.searched(term) for term in terms]), counts.chunks

    def count(self, scope: Scope = Scope()) -> int:
        """How many passages are in scope; rows of other views do not count."""
        place = all_of([PASSAGES, "view = 'passage'", self._condition(scope)])
        counted: int = wait(self._passages.count_rows(place))
        return counted

    def keys(self, *, scope: Scope = Scope()) -> list[str]:
        """The metadata keys that a filter of this asker may name, sorted."""
        return sorted({column.key for column in self._columns(scope.asker)})

    def values(self, key: str, *, scope: Scope = Scope(), limit: int = 1000) -> list[ValueCount]:
        """What documents in scope hold under a metadata key or `lang`, the commonest first."""
        condition, version = self._condition(scope), wait(self._passages.version())
        found = self._values.get(version, key, condition)
        if found is None:
            counts = count_values(self._passages, key, self._columns(scope.asker), condition)
            found = self._values.keep(version, key, condition, counts)
        return found[:limit]

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    def chunks(
        self, document_id: str, *, first: int = 0, last: int | None = None, scope: Scope = Scope()
    ) -> list[Chunk]:
        """The document's chunks with `first <= index <= last`, in order."""
        place = f"document_id = {quoted(document_id)} AND number >= {max(int(first), 0)}"
        if last is not None:
            place += f" AND number <= {int(last)}"
        rows = scan(self._passages, all_of([place, self._condition(scope)]), ["chunk"])
        return sorted((chunk_of(row["chunk"]) for row in rows), key=lambda chunk: chunk.index)

    def by_ids(self, chunk_ids: Sequence[str], *, scope: Scope = Scope()) -> list[Chunk]:
        """These chunks, in this order; those that are gone or out of scope are left out."""
        return chunks_by_ids(self._passages, chunk_ids, self._condition(scope))

    def mentions(self, *, scope: Scope = Scope()) -> Sequence[Mention]:
        """What every chunk in scope names."""
        version, condition = wait(self._passages.version()), self._condition(scope)
        return self._mentioned.get(
            version, condition, lambda: read_mentions(self._passages, condition)
        )

    def document(
        self, document_id: str, *, scope: Scope = Scope(), off: bool = False
    ) -> Document | None:
        """The live version of a document that was read; with `off` also of one that is switched off."""
        place = f"{HEADS} AND document_id = {quoted(document_id)}"
        found = list(self._contents(all_of([place, self._condition(scope)])))
        wanted = ("ok", "off") if off else ("ok",)
        return found[0][0] if found and found[0][1].status in wanted else None

    def documents(self, *, scope: Scope = Scope(), part: Listing = WHOLE) -> Iterator[Document]:
        """The documents that were read, ordered by id."""
        found = self._contents(self._condition(scope), replace(part, status="ok"))
        return (document for document, state in found if state.status == "ok")

    def contents(self) -> Iterator[tuple[Document, DocumentState]]:
        """Every document with its state, ordered by id: from this another recipe is built, nothing read again."""
        return self._contents(None)

    def states(self, *, scope: Scope = Scope(), part: Listing = WHOLE) -> Iterator[DocumentState]:
        """Every document known, failed and empty ones too, ordered by id."""
        place = self._condition(scope)
        rows = heads_of(self._passages, part, place, ["document_id", "state"])
        return (state_of(row["state"]) for row in rows)

    def statuses(self, *, scope: Scope = Scope()) -> Mapping[Status, int]:
        """How many documents have each status."""
        return self._statuses.of(self._condition(scope))

    def marks(self) -> Mapping[str, str]:
        """What names content, metadata and rights of each document that was read, by its id."""
        version = wait(self._passages.version())
        return self._marked.get(version, None, lambda: document_marks(self._passages))

    def version(self) -> str:
        """The corpus version: the hash of the sorted marks of the documents that were read."""
        version = wait(self._passages.version())
        return self._corpus.get(version, None, lambda: corpus_version(self.marks().values()))

    # ── writing ─────────────────────────────────────────────────────────────────────────────────

    def writing(self) -> AbstractContextManager[None]:
        """Holds the location's writer lock over several changes; raises TransientError when another has it."""
        return self.tables.writing()

    def replace(self, batch: Sequence[IndexedDocument]) -> None:
        """Puts each document in the place of its former version, in one commit.

        Raises:
            DataError: a document stands twice in the batch, or its passages do not fit it or the recipe.
            TransientError: another process is writing.
        """
        if batch:
            self._writer.replace(batch)

    def remove(self, document_ids: Iterable[str]) -> int:
        """Removes documents with all that came from them; returns how many there were."""
        return self._writer.remove(document_ids)

    def maintain(self) -> list[str]:
        """Builds or refreshes search indexes where that pays and compacts; returns what was done, in words."""
        with self.writing():
            done = maintain(self.tables, self._documents, self._passages)
            if wait(self._passages.count_rows(PASSAGES)) >= COUNTS_KEPT_FROM:
                keep_term_counts(self.tables, self.recipe.digest, self._passages)
        return done

    @property
    def snapshots(self) -> Snapshots:
        """The location's snapshots."""
        return Snapshots(self.tables)

    def check(self) -> list[str]:
        """What is wrong with the location's tables, in words; empty when all is well."""
        return check(self.tables)

    def repair(self) -> list[str]:
        """Mends what `check` finds and says what was done; what was lost is read again by the next sync."""
        return repair(self.tables)

    def close(self) -> None:
        """Lets what is cached go."""
        self._planned = None
        kept: Remembered[Any]
        for kept in (
            self._counted,
            self._marked,
            self._corpus,
            self._mentioned,
            self._known_columns,
        ):
            kept.clear()

    # ── within ──────────────────────────────────────────────────────────────────────────────────

    def _run(self, search: Callable[[SearchPlan], Any], condition: str | None) -> list[Row]:
        # LanceDB's queries change in place, so a second run needs a new one.
        version, plan = self._planned or self._replan()
        rows = run(search(plan), condition)
        if wait(self._passages.version()) != version:
            # Someone committed since the plan was made: only a search that trusts no index sees all rows.
            plan = replace(self._replan()[1], covers_vectors=False, covers_text=False)
            rows = run(search(plan), condition)
        return rows

    def _plan(self) -> SearchPlan:
        planned = self._planned
        if planned is None or planned[0] != wait(self._passages.version()):
            planned = self._replan()
        return planned[1]

    def _replan(self) -> tuple[int, SearchPlan]:
        # The version comes first: what is said of a later one is then taken for out of date, never for newer.
        version = wait(self._passages.version())
        planned = (version, search_plan(self._passages, views=self.recipe.views))
        self._planned = planned
        return planned

    def _condition(self, scope: Scope) -> str | None:
        return scope_sql(scope, [] if scope.filter is None else self._columns(scope.asker))

    def _columns(self, asker: Asker) -> list[MetaColumn]:
        version, condition = wait(self._passages.version()), acl_sql(asker)
        return self._known_columns.get(
            version, condition, lambda: held_columns(self._passages, self.recipe, condition)
        )

    def _contents(
        self, condition: str | None, part: Listing = WHOLE
    ) -> Iterator[tuple[Document, DocumentState]]:
        heads = heads_of(self._passages, part, condition, ["document_id", "version", "state"])
        while page := list(islice(heads, _PAGE)):
            texts = self._versions([head["version"] for head in page])
            for head in page:
                text = texts.get(head["version"])
                if text is None:
                    head, text = self._newest(head["document_id"])  # as replaced meanwhile
                if text is not None:
                    yield document_of(text), state_of(head["state"])

    def _newest(self, document_id: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
        # A writer put a newer version in place between the reading of the head and of its text.
        place = f"{HEADS} AND document_id = {quoted(document_id)}"
        for _ in range(_TRIES):
            heads = scan(self._passages, place, ["version", "state"])
            if not heads:
                return {}, None
            texts = self._versions([heads[0]["version"]])
            if texts:
                return heads[0], texts[heads[0]["version"]]
        raise TransientError(
            "its text is not there", where=document_id, hint="surefoot repair checks the tables"
        )

    def _versions(self, versions: Sequence[str]) -> dict[str, dict[str, Any]]:
        rows = scan(self._documents, any_value("version", versions))
        return {row["version"]: row for row in rows}
