"""Sources list what can be read, stay inside their root and say what they cannot offer."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.core.types import Acl
from surefoot.ingest.sources import (
    FilesSettings,
    FilesSource,
    FolderSettings,
    FolderSource,
    GlobSettings,
    GlobSource,
)


def write(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def folder(root, **values):
    return FolderSource(FolderSettings(path="docs", **values), root)


def ids(source):
    return [found.id for found in source.items() if isinstance(found, SourceItem)]


def problems(source):
    return [found for found in source.items() if isinstance(found, SourceProblem)]


def test_files_have_stable_ids_in_english_and_chinese(tmp_path):
    write(
        tmp_path / "docs",
        "b.md",
        "a/一.txt",
        "a/é.md".replace("é", "e\u0301"),
        ".hidden/x.md",
        "~$a.docx",
    )
    source = folder(tmp_path)
    assert ids(source) == ["docs/a/é.md", "docs/a/一.txt", "docs/b.md"]
    assert all(unicodedata.is_normalized("NFC", name) for name in ids(source))
    item = next(source.items())
    assert item.path.read_text(encoding="utf-8").startswith("a/e")
    assert item.uri == "docs/a/é.md"
    assert len(ids(folder(tmp_path, hidden=True))) == 4


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("*.md",), (), ["docs/a.md", "docs/手册/c.md", "docs/手册/旧/d.md"]),
        (("手册/**",), (), ["docs/手册/b.txt", "docs/手册/c.md", "docs/手册/旧/d.md"]),
        ((), ("旧/**",), ["docs/a.md", "docs/手册/b.txt", "docs/手册/c.md"]),
        (("手册/*.md",), (), ["docs/手册/c.md"]),
        (("**/[cd].md",), (), ["docs/手册/c.md", "docs/手册/旧/d.md"]),
        (("/*.md",), (), ["docs/a.md"]),
        (("[!a].md",), ("手册",), []),
    ],
)
def test_include_and_exclude(tmp_path, include, exclude, expected):
    write(tmp_path / "docs", "a.md", "手册/b.txt", "手册/c.md", "手册/旧/d.md")
    assert ids(folder(tmp_path, include=include, exclude=exclude)) == expected


def test_fingerprints_change_with_content_readers_and_metadata(tmp_path):
    write(tmp_path / "docs", "a.md")
    (item,) = folder(tmp_path).items()
    assert item.acl == Acl()
    (restricted,) = folder(tmp_path, users=("ann",)).items()
    assert restricted.acl == Acl(public=False, users=("ann",))
    (described,) = folder(tmp_path, meta={"year": 2024}).items()
    (tmp_path / "docs" / "a.md").write_text("longer text", encoding="utf-8")
    (changed,) = folder(tmp_path).items()
    assert (
        len({item.fingerprint, restricted.fingerprint, described.fingerprint, changed.fingerprint})
        == 4
    )


def test_links_never_lead_out_of_the_folder(tmp_path):
    write(tmp_path / "docs", "in/a.md")
    write(tmp_path, "secret/key.txt", "docs-other/x.md")
    (tmp_path / "docs" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "docs" / "key").symlink_to(tmp_path / "secret" / "key.txt")
    (tmp_path / "docs" / "near").symlink_to(tmp_path / "docs-other")
    (tmp_path / "docs" / "dead").symlink_to(tmp_path / "docs" / "nothing")
    (tmp_path / "docs" / "again").symlink_to(tmp_path / "docs" / "in")
    (tmp_path / "docs" / "in" / "loop").symlink_to(tmp_path / "docs")
    assert ids(folder(tmp_path)) == ["docs/in/a.md"]
    reasons = {problem.id: problem.reason for problem in problems(folder(tmp_path))}
    out = "a symbolic link out of the folder is not followed"
    assert reasons == {
        "docs/out": out,
        "docs/key": out,
        "docs/near": out,
        "docs/dead": "a symbolic link to nothing",
    }
    followed = folder(tmp_path, follow_symlinks=True)
    assert ids(followed) == ["docs/again/a.md", "docs/in/a.md"]
    assert len(problems(followed)) >= 4


def test_a_folder_that_is_itself_a_link_is_read(tmp_path):
    write(tmp_path, "real/a.md")
    (tmp_path / "docs").symlink_to(tmp_path / "real")
    assert ids(folder(tmp_path)) == ["real/a.md"]


def test_missing_and_empty_folders_are_said(tmp_path):
    (missing,) = folder(tmp_path).items()
    assert (missing.id, missing.reason, missing.keep) == ("docs", "there is no such folder", True)
    (tmp_path / "docs").mkdir()
    (empty,) = folder(tmp_path).items()
    assert (empty.reason, empty.keep) == ("holds no files to read", False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_without_permission_keeps_what_was_read(tmp_path):
    write(tmp_path / "docs", "a/x.md")
    (tmp_path / "docs" / "a").chmod(0)
    (problem,) = folder(tmp_path).items()
    (tmp_path / "docs" / "a").chmod(0o700)
    assert problem.keep


def test_special_files_are_problems(tmp_path):
    write(tmp_path / "docs", "a.md")
    os.mkfifo(tmp_path / "docs" / "pipe")
    (problem,) = problems(folder(tmp_path))
    assert problem.reason == "not a regular file"


def test_names_that_are_not_utf8_are_offered(tmp_path):
    (tmp_path / "docs").mkdir()
    raw = os.fsencode(tmp_path / "docs") + b"/caf\xe9.txt"
    with Path(os.fsdecode(raw)).open("w", encoding="utf-8") as file:
        file.write("x")
    (item,) = folder(tmp_path).items()
    assert item.id == "docs/caf\\xe9.txt"
    assert item.path.read_text(encoding="utf-8") == "x"
    item.id.encode()


def test_files_are_offered_one_by_one(tmp_path):
    write(tmp_path, "a.md", "深/b.md")
    settings = FilesSettings(paths=("a.md", "深/b.md", "none.md", "深"))
    source = FilesSource(settings, tmp_path)
    assert ids(source) == ["files/a.md", "files/深/b.md"]
    assert [problem.id for problem in problems(source)] == ["files/none.md", "files/深"]


def test_a_glob_matches_below_its_fixed_part(tmp_path):
    write(tmp_path, "reports/2024/a.pdf", "reports/b.pdf", "reports/c.md", "other/d.pdf")
    assert ids(GlobSource(GlobSettings(pattern="reports/**/*.pdf"), tmp_path)) == [
        "reports/2024/a.pdf",
        "reports/b.pdf",
    ]
    absolute = GlobSource(GlobSettings(pattern=f"{tmp_path}/reports/*.pdf", name="r"), tmp_path)
    assert ids(absolute) == ["r/b.pdf"]
