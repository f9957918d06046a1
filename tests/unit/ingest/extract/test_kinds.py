from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from surefoot.config.solution import Limits
from surefoot.core.digest import sha256_bytes
from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import extract, form_feed_pages
from surefoot.ingest.extract import read as read_module

ReadAs = Callable[..., Extracted]


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.pdf", "a.unknown"])
@pytest.mark.parametrize("content", [b"", b" \n\t\n"])
def test_an_empty_file_is_an_empty_text(read_as: ReadAs, name: str, content: bytes) -> None:
    found = read_as(name, content)
    assert found.text == ""
    assert found.digest == sha256_bytes(content)


@pytest.mark.parametrize("name", ["a.txt", "b.csv", "c.json", "d.html", "e.eml"])
def test_the_digest_is_that_of_the_file(read_as: ReadAs, name: str) -> None:
    content = "标题: 内容,其他\n" * 20_000
    assert read_as(name, content).digest == sha256_bytes(content.encode())


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "OCR"),
        ("a.jpg", b"no real image", "OCR"),
        ("a.mp3", b"ID3\x04" + b"\0" * 20, "speech"),
        ("a.wav", b"RIFF\0\0\0\0WAVEfmt ", "speech"),
    ],
)
def test_pictures_and_recordings_say_what_they_need(
    read_as: ReadAs, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(DataError, match=reason) as problem:
        read_as(name, content)
    assert "which is not installed" in problem.value.message
    assert "surefoot[media]" in problem.value.hint


@pytest.mark.parametrize(
    "name", ["a.pdf", "a.docx", "a.pptx", "a.xlsx", "a.odt", "a.epub", "a.msg"]
)
def test_a_file_that_is_not_what_its_name_says_is_damaged(read_as: ReadAs, name: str) -> None:
    with pytest.raises(DataError, match="is damaged") as problem:
        read_as(name, b"just some text")
    assert problem.value.where.endswith(name)


@pytest.mark.parametrize("name", ["a.bin", "a.exe", "archive", "a.zip"])
def test_unsupported_types_are_named(read_as: ReadAs, name: str) -> None:
    content = b"PK\x05\x06" + b"\0" * 18 if name == "a.zip" else b"\x7fELF\x01\x02\0\0\0\x01" * 9
    with pytest.raises(DataError, match="are not read") as problem:
        read_as(name, content)
    assert problem.value.hint


def test_old_word_files_are_told_what_to_become(read_as: ReadAs) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100 + "WordDocument".encode("utf-16-le")
    with pytest.raises(DataError, match="not read") as problem:
        read_as("a.doc", ole)
    assert ".docx" in problem.value.hint


def test_an_encrypted_office_file_says_so(read_as: ReadAs) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(DataError, match="is encrypted") as problem:
        read_as("a.docx", ole)
    assert "password" in problem.value.hint


@pytest.mark.parametrize(
    ("content", "markup", "has"),
    [
        ("<!DOCTYPE html><html><body><p>Hello 世界</p></body></html>", "markdown", "Hello 世界"),
        ("<?xml version='1.0'?><a><b>值</b></a>", "markdown", "b: 值"),
        (
            "From: a@b.c\nTo: d@e.f\nSubject: 主题\nDate: Mon, 02 Mar 2026 09:00:00 +0800\n\nbody",
            "markdown",
            "# 主题",
        ),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n字幕\n", "plain", "[00:00:01] 字幕"),
        ("just words, 只有文字", "plain", "just words, 只有文字"),
    ],
)
def test_a_file_without_a_known_name_is_told_by_its_text(
    read_as: ReadAs, content: str, markup: str, has: str
) -> None:
    found = read_as("noname", content)
    assert found.markup == markup
    assert has in found.text


def test_a_pdf_is_known_by_its_bytes(read_as: ReadAs) -> None:
    with pytest.raises(DataError, match="PDF"):
        read_as("a.txt", b"%PDF-1.4\nnothing more")


def test_a_file_over_the_limit_names_limit_and_remedy(read_as: ReadAs) -> None:
    with pytest.raises(DataError, match=r"over the limit of 1 MB") as problem:
        read_as("a.txt", b"x" * (1024 * 1024 + 1), max_file_mb=1)
    assert problem.value.hint == "raise corpus.limits.max_file_mb to 2"
    assert len(read_as("a.txt", b"x" * (1024 * 1024), max_file_mb=1).text) == 1024 * 1024


def test_a_missing_file_and_a_folder_are_data_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no longer there"):
        extract(tmp_path / "gone.txt", Limits())
    with pytest.raises(DataError, match="not a regular file"):
        extract(tmp_path, Limits())


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are a POSIX thing")
def test_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(DataError, match="not a regular file"):
        extract(tmp_path / "pipe.txt", Limits())


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_an_unreadable_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("secret", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(DataError, match="permission denied"):
        extract(path, Limits())


def test_a_file_that_changes_meanwhile_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    real = read_module.read

    def read_and_write(content: object) -> Extracted:
        found = real(content)  # type: ignore[arg-type]
        path.write_text("new text", encoding="utf-8")
        return found

    monkeypatch.setattr(read_module, "read", read_and_write)
    with pytest.raises(DataError, match="changed while it was read") as problem:
        extract(path, Limits())
    assert problem.value.hint == "sync again"


def test_text_can_always_be_stored(read_as: ReadAs) -> None:
    found = read_as("a.json", '{"a": "x\\ud800y\\u0000z", "标题": "好"}')
    assert found.text.encode() == "a: x\ufffdy\ufffdz\n标题: 好\n".encode()


def test_form_feed_pages_starts() -> None:
    assert form_feed_pages("一\f二\f") == ("一\n二\n", (0, 2))
    assert form_feed_pages("no pages") == ("no pages", ())
