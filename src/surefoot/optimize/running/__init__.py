"""Asks solutions questions: shared beginnings and indexes, processes, allowances, and what was asked before."""
