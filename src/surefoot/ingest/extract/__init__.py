"""Reads a file of any supported format into text."""

from surefoot.ingest.extract.pages import form_feed_pages
from surefoot.ingest.extract.read import extract

__all__ = ["extract", "form_feed_pages"]
