"""Where more metadata of a document comes from: its text, its path, a file beside it, a table of all documents."""

from surefoot.ingest.describe.descriptions import Described, Descriptions

__all__ = ["Described", "Descriptions"]
