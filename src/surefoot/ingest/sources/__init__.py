"""Where documents come from. Sources list; what they list is read elsewhere."""

from surefoot.ingest.sources.files import FilesSettings, FilesSource
from surefoot.ingest.sources.folder import FolderSettings, FolderSource
from surefoot.ingest.sources.glob import GlobSettings, GlobSource
from surefoot.ingest.sources.items import Found
from surefoot.ingest.sources.settings import SourceSettings

__all__ = [
    "FilesSettings",
    "FilesSource",
    "FolderSettings",
    "FolderSource",
    "Found",
    "GlobSettings",
    "GlobSource",
    "SourceSettings",
]
