"""The words of a report in English and Chinese, from one file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources

from surefoot.optimize.report.page import ReportLang


def words(lang: ReportLang) -> Mapping[str, str]:
    """Key to text in this language."""
    file = resources.files("surefoot.optimize.report") / "data" / "words.toml"
    listed = tomllib.loads(file.read_text(encoding="utf-8"))
    return {key: both[lang] for key, both in listed.items()}
