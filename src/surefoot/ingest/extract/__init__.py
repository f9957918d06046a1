"""Reads a file of any supported format into text, in this process or in limited child processes."""

from surefoot.ingest.extract.pages import form_feed_pages
from surefoot.ingest.extract.pool import ExtractorPool
from surefoot.ingest.extract.read import extract

__all__ = ["ExtractorPool", "extract", "form_feed_pages"]
