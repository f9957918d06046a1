"""`/v1/models`: every solution is a model, and so is every trained model that can be asked in the own one."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/v1/models", tags=["models"])


class Model(BaseModel):
    """A solution or a trained model by its name; `created` in unix seconds."""

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
    """The solutions of the workspace, its own first, then the trained models that can be asked."""
    return ModelList(data=[_model(who, name) for name in who.tenant.names()])


@router.get("/{model}")
def get_model(model: str, who: Who) -> Model:
    """One of them, or a trained model in another solution: `SOLUTION+ADAPTER`."""
    return _model(who, model)


def _model(who: Principal, name: str) -> Model:
    return Model(id=name, created=who.tenant.created(name))
