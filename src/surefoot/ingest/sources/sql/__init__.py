"""Rows of a query as documents."""
