"""Originals: pages are drawn where that can be done, and the remedy is told where not."""

from pathlib import Path

import pytest

from surefoot.core.errors import MissingExtra
from surefoot.run import originals
from surefoot.run.originals import Original, page_of


def test_only_pdfs_and_pictures_have_pages():
    names = {"a.PDF": True, "b.tiff": True, "c.md": False, "d.wav": False, "e.svg": False}
    assert {name: Original(Path(name), name).has_pages for name in names} == names


def test_without_the_packages_the_remedy_is_told(monkeypatch):
    monkeypatch.setattr(originals, "can_draw", lambda: False)
    with pytest.raises(MissingExtra) as problem:
        page_of(None, Original(Path("a.pdf"), "a.pdf"), 1)
    assert "surefoot[media]" in problem.value.hint
