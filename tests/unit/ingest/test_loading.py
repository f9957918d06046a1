"""Content that a source brings is read like a file, in order; what cannot be brought costs that item only."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.config.solution import Cleaning
from surefoot.core.errors import DataError, TransientError
from surefoot.core.roles import Extracted, SourceItem
from surefoot.core.types import Document
from surefoot.ingest.documents import Readout, Unsteady, read_documents
from surefoot.ingest.loading import readings


class Seen:
    """Remembers the folders that were handed out."""

    def __init__(self):
        self.folders = []

    def item(self, name, text="", problem=None):
        def load(folder):
            self.folders.append(folder)
            if problem is not None:
                raise problem
            path = folder / f"{name}.md"
            path.write_text(text, encoding="utf-8")
            return path

        return SourceItem(f"web/{name}", f"https://example.org/{name}", "web", text, load=load)


def read(paths):
    for path in paths:
        text = path.read_text(encoding="utf-8")
        yield path, (DataError("is damaged") if text == "bad" else Extracted(text, digest=text))


@pytest.fixture
def seen():
    return Seen()


def test_brought_content_becomes_documents_in_order_beside_files_and_rows(seen, tmp_path):
    file = tmp_path / "b.md"
    file.write_text("B", encoding="utf-8")
    status = file.stat()
    items = [
        seen.item("a", "# Rivers\n\nThe Danube."),
        SourceItem("f/b", "b.md", "f", f"{status.st_size}-{status.st_mtime_ns}", path=file),
        SourceItem("r/c", "c", "r", "c", document=Document("r/c", "c", "c", "C")),
        seen.item("zh", "# 河流\n\n长江很长。"),
    ]
    found = list(read_documents(items, read, Cleaning()))
    assert [one.item for one in found] == items
    assert [one.document.text[:8].strip() for one in found] == [
        "# Rivers",
        "B",
        "C",
        "# 河流\n\n长江",
    ]
    assert found[0].document.title == "Rivers"
    assert found[3].document.title == "河流"
    assert found[0].item.path is None
    assert not any(folder.exists() for folder in seen.folders)


def test_what_cannot_be_brought_is_told_and_the_rest_goes_on(seen):
    items = [
        seen.item("gone", problem=DataError("is gone", hint="remove it")),
        seen.item("a", "A"),
        seen.item("slow", problem=TransientError("did not answer", hint="try later")),
        seen.item("bad", "bad"),
        seen.item("full", problem=OSError(28, "No space left on device")),
    ]
    gone, good, slow, bad, full = read_documents(items, read, Cleaning())
    assert isinstance(gone, Readout)
    assert gone.problem is not None
    assert (gone.problem.message, gone.problem.hint) == ("is gone", "remove it")
    assert isinstance(good, Readout)
    assert good.document.text.strip() == "A"
    assert slow == Unsteady(items[2], "did not answer", "try later")
    assert isinstance(bad, Readout)
    assert str(bad.problem) == "is damaged"
    assert isinstance(full, Unsteady)
    assert "No space left" in full.reason


def test_only_failures_are_all_told(seen):
    items = [seen.item(str(n), problem=DataError("is gone")) for n in range(30)]
    assert [str(one.got) for one in readings(items, read)] == ["is gone"] * 30


def test_folders_go_as_soon_as_they_were_read(seen):
    present = []
    for one in readings([seen.item(str(n), "text") for n in range(40)], read):
        assert isinstance(one.path, Path)
        assert one.path.exists()
        present.append(sum(folder.exists() for folder in seen.folders))
    assert max(present) <= 12
