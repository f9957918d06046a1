"""What `/v1/vector_stores` reads and writes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from surefoot.serve.answering import MAX_QUESTION

FileStatus = Literal["in_progress", "completed", "cancelled", "failed"]
Key = Annotated[str, Field(min_length=1, max_length=64)]
Attributes = Annotated[
    dict[Key, bool | float | Annotated[str, Field(max_length=512)]], Field(max_length=16)
]
Metadata = Annotated[dict[Key, Annotated[str, Field(max_length=512)]], Field(max_length=16)]
Id = Annotated[str, Field(min_length=1, max_length=512)]


class ExpiresAfter(BaseModel):
    """So many days after it was last used."""

    anchor: Literal["last_active_at"]
    days: Annotated[int, Field(ge=1, le=365)]


class Chunking(BaseModel):
    """How files are cut; only `auto` is served, because the solution's chunker decides."""

    type: Literal["auto", "static"] = "auto"


class StoreCreate(BaseModel):
    """A new store."""

    name: Annotated[str, Field(max_length=256)] | None = None
    description: Annotated[str, Field(max_length=1024)] | None = None
    file_ids: Annotated[list[Id], Field(max_length=500)] = []
    metadata: Metadata | None = None
    expires_after: ExpiresAfter | None = None
    chunking_strategy: Chunking | None = None


class StoreUpdate(BaseModel):
    """What of a store is changed; what is left out stays."""

    name: Annotated[str, Field(max_length=256)] | None = None
    metadata: Metadata | None = None
    expires_after: ExpiresAfter | None = None


class FileCounts(BaseModel):
    """How many files are how far."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class VectorStore(BaseModel):
    """A named collection; times in unix seconds."""

    id: str
    object: Literal["vector_store"] = "vector_store"
    created_at: int
    name: str
    description: str | None = None
    status: Literal["expired", "in_progress", "completed"]
    usage_bytes: int
    file_counts: FileCounts
    metadata: dict[str, str] | None
    last_active_at: int | None
    expires_after: ExpiresAfter | None = None
    expires_at: int | None = None


class FileAdd(BaseModel):
    """A file for a store. Attributes belong to the file: they are the same in every store that has it."""

    file_id: Id
    attributes: Attributes | None = None
    chunking_strategy: Chunking | None = None


class FileChange(BaseModel):
    """New attributes of a file, in the place of the former."""

    attributes: Attributes | None


class LastError(BaseModel):
    """Why a file could not be read."""

    code: Literal["server_error", "unsupported_file", "invalid_file"]
    message: str


class StoreFile(BaseModel):
    """A file of a store."""

    id: str
    object: Literal["vector_store.file"] = "vector_store.file"
    created_at: int
    status: FileStatus
    last_error: LastError | None
    usage_bytes: int
    vector_store_id: str
    attributes: dict[str, Any] | None = None
    chunking_strategy: Chunking | None = None


class BatchCreate(BaseModel):
    """Several files at once: by id with the same attributes, or each with its own."""

    file_ids: Annotated[list[Id], Field(max_length=500)] | None = None
    files: Annotated[list[FileAdd], Field(max_length=500)] | None = None
    attributes: Attributes | None = None
    chunking_strategy: Chunking | None = None


class Batch(BaseModel):
    """Files that were added at once."""

    id: str
    object: Literal["vector_store.files_batch"] = "vector_store.files_batch"
    created_at: int
    vector_store_id: str
    status: FileStatus
    file_counts: FileCounts


class HybridSearch(BaseModel):
    """Weights of two searches; refused, because the solution weighs them."""

    embedding_weight: float
    text_weight: float


class RankingOptions(BaseModel):
    """`ranker` changes nothing: the solution ranks."""

    ranker: Literal["none", "auto", "default-2024-11-15"] = "auto"
    score_threshold: float | None = None
    hybrid_search: HybridSearch | None = None


Asked = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]


class StoreSearch(BaseModel):
    """A search in one store."""

    query: Asked | Annotated[list[Asked], Field(min_length=1, max_length=16)]
    filters: dict[str, Any] | None = None
    max_num_results: Annotated[int, Field(ge=1, le=50)] = 10
    ranking_options: RankingOptions | None = None
    rewrite_query: bool = False

    @property
    def threshold(self) -> float | None:
        """The least score that is told."""
        return self.ranking_options.score_threshold if self.ranking_options else None


class Text(BaseModel):
    """A piece of text."""

    type: Literal["text"] = "text"
    text: str


class FoundFile(BaseModel):
    """A passage of a file; scores of different searches do not compare."""

    file_id: str
    filename: str
    score: float
    attributes: dict[str, Any] | None
    content: list[Text]


class SearchPage(BaseModel):
    """What was found, best first."""

    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
    search_query: list[str]
    data: list[FoundFile]
    has_more: bool = False
    next_page: str | None = None


class ContentPage(BaseModel):
    """The text of a file as it was read."""

    object: Literal["vector_store.file_content.page"] = "vector_store.file_content.page"
    data: list[Text]
    has_more: bool = False
    next_page: str | None = None
