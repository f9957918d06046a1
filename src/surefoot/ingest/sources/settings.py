"""What all sources have in common."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from surefoot.config.base import PartSettings
from surefoot.core.digest import digest_json
from surefoot.core.types import Acl, MetaValue


class SourceSettings(PartSettings):
    """What all sources have: a name, metadata and readers given to all their documents."""

    name: str = Field(default="", description="begins the ids of the documents; the folder's name")
    meta: Mapping[str, MetaValue] = Field(
        default_factory=dict, description="metadata of every document of this source"
    )
    users: tuple[str, ...] = Field(
        default=(), description="only these users (and groups) may read; empty = everyone"
    )
    groups: tuple[str, ...] = ()
    duplicates: bool = Field(
        default=True, description="whether documents that copy another one are left out"
    )

    @property
    def acl(self) -> Acl:
        """Who may read: everyone unless users or groups are named."""
        return Acl(not (self.users or self.groups), self.users, self.groups)

    @property
    def marks(self) -> str:
        """What stands in fingerprints for what the source says of its documents; empty where it says nothing."""
        said = [dict(self.meta), self.users, self.groups]
        return f"-{digest_json(said)[:8]}" if any(said) else ""
