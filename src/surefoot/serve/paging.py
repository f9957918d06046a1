"""Lists in pages, as OpenAI's clients turn them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from surefoot.serve.problems import Refused


class Named(Protocol):
    """Something with an id."""

    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=Named)
B = TypeVar("B", bound=BaseModel)


class Deleted(BaseModel):
    """What was deleted."""

    id: str
    object: str
    deleted: bool = True


class Listed(BaseModel, Generic[B]):
    """One page; the next begins `after` its `last_id`."""

    object: Literal["list"] = "list"
    data: list[B]
    first_id: str | None
    last_id: str | None
    has_more: bool


class Page(BaseModel):
    """Which part of a list is wanted."""

    limit: int
    order: Literal["asc", "desc"]
    after: str
    before: str

    def of(self, items: Sequence[N]) -> tuple[list[N], bool]:
        """That part of a list given oldest first, and whether more follows.

        Raises:
            Refused: 400, `after` or `before` is not in the list.
        """
        ordered = list(items) if self.order == "asc" else list(reversed(items))
        if self.after:
            ordered = ordered[_place(ordered, self.after, "after") + 1 :]
        if self.before:
            ordered = ordered[: _place(ordered, self.before, "before")]
        return ordered[: self.limit], len(ordered) > self.limit


def page_of(
    limit: Annotated[int, Query(ge=1, le=10_000)] = 20,
    order: Literal["asc", "desc"] = "desc",
    after: Annotated[str, Query(max_length=512)] = "",
    before: Annotated[str, Query(max_length=512)] = "",
) -> Page:
    """The page of a request."""
    return Page(limit=limit, order=order, after=after, before=before)


Paged = Annotated[Page, Depends(page_of)]
"""The parameter of a route that lists."""


def listed(shown: Sequence[Any], more: bool) -> dict[str, Any]:
    """The fields of `Listed`."""
    ids = [one.id for one in shown]
    return {
        "data": list(shown),
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
        "has_more": more,
    }


def _place(items: Sequence[Named], id: str, param: str) -> int:
    for place, one in enumerate(items):
        if one.id == id:
            return place
    raise Refused(400, f"{id!r} is not in the list", code="invalid", param=param)
