"""Reads databases that belong to others: one SELECT, in a transaction that cannot write, a batch at a time."""

from surefoot.store.readonly.database import ForeignDatabase, Row, read_rows
from surefoot.store.readonly.statement import SelectText, select_only

__all__ = ["ForeignDatabase", "Row", "SelectText", "read_rows", "select_only"]
