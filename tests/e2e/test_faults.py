"""A folder full of trouble: each bad input gets a clear line, the rest is ingested and answers."""

from __future__ import annotations

import os
import zipfile

import pytest

import surefoot
from surefoot.core.errors import SurefootError

GOOD = {
    "refunds.md": "# Refunds\n\nA refund is paid within seven days.\n",
    "退款.md": "# 退款\n\n退款在七个工作日内支付。\n",
}


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "work"
    with surefoot.open(root):
        pass
    file = root / "surefoot.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace(
        "[corpus]", '[corpus]\nembed = { kind = "hash" }\nlimits = { max_file_mb = 1, seconds = 5 }'
    )
    text = text.replace('kind = "quote"', 'kind = "quote"\nrefuse = { threshold = 0.0 }')
    file.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def troubled(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in GOOD.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "corrupt.pdf").write_bytes(b"%PDF-1.7\n1 0 obj << /Broken")
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"<w:t>" + b" " * 300_000_000)
    (folder / "big.txt").write_bytes(b"word " * 300_000)
    (folder / "truncated.xlsx").write_bytes(b"PK\x03\x04 nothing more")
    (folder / "scan.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    outside = tmp_path / "secret.txt"
    outside.write_text("not for the index", encoding="utf-8")
    (folder / "link.txt").symlink_to(outside)
    (folder / "dangling.txt").symlink_to(folder / "gone.txt")
    (folder / "empty").mkdir()
    return folder


def test_each_trouble_has_its_line_and_the_rest_answers(root, troubled):
    with surefoot.open(root) as space:
        report = space.add(troubled)
        told = {problem.id.removeprefix("docs/"): str(problem) for problem in report.problems}
        assert report.added == len(GOOD)
        assert set(told) == {
            "corrupt.pdf", "bomb.docx", "big.txt", "truncated.xlsx", "scan.png", "link.txt", "dangling.txt",
        }  # fmt: skip
        assert "max_file_mb" in told["big.txt"]
        assert "out of the folder" in told["link.txt"]
        assert all(" | " in line for line in told.values()), told
        assert "七个工作日" in space.ask("退款多久支付？").text
        assert all("not for the index" not in d.text for d in space.documents())
        assert space.sync().failed == 0  # nothing is tried again until it changes


def test_an_empty_folder_is_told(root, tmp_path):
    (tmp_path / "nothing").mkdir()
    with surefoot.open(root) as space:
        report = space.add(tmp_path / "nothing")
    assert report.added == 0
    assert "holds no files to read" in str(report.problems[0])


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_told(root, troubled):
    (troubled / "locked.md").write_text("secret", encoding="utf-8")
    (troubled / "locked.md").chmod(0)
    with surefoot.open(root) as space:
        assert "docs/locked.md" in [problem.id for problem in space.add(troubled).problems]


def test_a_full_disk_is_told_and_what_is_done_stays(root, troubled, monkeypatch):
    with surefoot.open(root) as space:
        space.add(troubled / "refunds.md")
        index = space.resources.index()

        def full(batch):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(type(index), "replace", lambda self, batch: full(batch))
        with pytest.raises(SurefootError, match="the disk is full"):
            space.add(troubled)
        monkeypatch.undo()
        assert [d.id.split("/")[-1] for d in space.documents()] == ["refunds.md"]
        assert space.sync().added >= 1
