"""The files that a pattern matches."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field

from surefoot.ingest.sources.folder import FolderSettings, FolderSource
from surefoot.ingest.sources.settings import SourceSettings

_MAGIC = re.compile(r"[*?\[]")


class GlobSettings(SourceSettings):
    """The files that a pattern such as `reports/**/*.pdf` matches."""

    kind: Literal["glob"] = "glob"
    pattern: str = Field(min_length=1)
    hidden: bool = False


class GlobSource(FolderSource):
    """The folder before the first `*`, `?` or `[` of the pattern, and what the rest of it matches below."""

    Settings = GlobSettings  # type: ignore[assignment]

    def __init__(self, settings: GlobSettings, base: Path) -> None:
        parts = Path(settings.pattern).expanduser().as_posix().split("/")
        fixed = next((i for i, part in enumerate(parts) if _MAGIC.search(part)), len(parts) - 1)
        shared = settings.model_dump(exclude={"kind", "pattern"})
        super().__init__(
            FolderSettings(
                path="/".join(parts[:fixed]) or ("/" if settings.pattern[0] == "/" else "."),
                include=("/" + "/".join(parts[fixed:]),),
                **shared,
            ),
            base,
        )
