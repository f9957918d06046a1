"""`/v1/models`: every solution is a model."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from surefoot.core.errors import MissingError
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/v1/models", tags=["models"])


class Model(BaseModel):
    """A solution by its name; `created` in unix seconds."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "surefoot"


class ModelList(BaseModel):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[Model]
    has_more: bool = False


@router.get("")
def list_models(who: Who) -> ModelList:
    """The solutions of the workspace, its own first."""
    return ModelList(data=[_model(who, name) for name in who.tenant.models()])


@router.get("/{model}")
def get_model(model: str, who: Who) -> Model:
    """One of them."""
    if model not in who.tenant.models():
        raise MissingError(f"there is no model {model!r}", hint="GET /v1/models lists them")
    return _model(who, model)


def _model(who: Principal, name: str) -> Model:
    return Model(id=name, created=who.tenant.created(name))
