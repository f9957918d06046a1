"""Stages that work on the question before it is searched: slips, synonyms, routes."""
