"""OpenSearch (`POST /INDEX/_search`): as Elasticsearch, with vector searches in its own words."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from surefoot.models.http import Auth
from surefoot.retrieve.engines.elasticsearch import (
    Body,
    Elasticsearch,
    SearchServerSettings,
    Vector,
    Wish,
)


class OpenSearchSettings(SearchServerSettings):
    """An OpenSearch index, searched by keyword, by vector or both."""

    kind: Literal["opensearch"] = "opensearch"
    index: str = Field(pattern=r"^[\w.,*-]+$", description="one index, several, or a pattern")
    auth: Auth = "basic"


class OpenSearch(Elasticsearch):
    """Asks as Elasticsearch does; a vector search is a query of its own there."""

    Settings: ClassVar[type[SearchServerSettings]] = OpenSearchSettings

    def vector_body(self, wish: Wish, vector: Vector) -> Body:
        """The request that searches vectors."""
        knn: Body = {"vector": vector, "k": wish.limit}
        if wish.filter is not None:
            knn["filter"] = wish.filter
        return self._body(wish, query={"knn": {self._settings.fields.vector: knn}})
