"""Every kind of source keeps the contract."""

from __future__ import annotations

import itertools
import json
import sqlite3
from contextlib import closing

import pytest

from surefoot.config.registry import Registry
from surefoot.testing.contracts_source import SourceContract


def made(kind, base, **options):
    part = Registry().part_class("source", kind)
    return part(part.Settings(**options), base)


class TestFolder(SourceContract):
    @pytest.fixture
    def make(self, tmp_path):
        (tmp_path / "docs").mkdir()
        for name in ("a.md", "说明.md"):
            (tmp_path / "docs" / name).write_text(name, encoding="utf-8")
        return lambda **options: made("folder", tmp_path, path="docs", **options)

    @pytest.fixture
    def broken(self, tmp_path):
        return made("folder", tmp_path, path="nowhere")


class TestBeir(SourceContract):
    @pytest.fixture
    def make(self, tmp_path):
        rows = [{"_id": name, "text": name} for name in ("a", "说明")]
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / "corpus.jsonl").write_text(text, encoding="utf-8")
        return lambda **options: made("beir", tmp_path, path=".", **options)

    @pytest.fixture
    def broken(self, tmp_path):
        return made("beir", tmp_path, path="nowhere")


class TestSql(SourceContract):
    QUERY = "SELECT id, body FROM notes"

    @pytest.fixture
    def make(self, tmp_path):
        with closing(sqlite3.connect(tmp_path / "notes.sqlite")) as database, database:
            database.execute("CREATE TABLE notes (id INTEGER, body TEXT)")
            database.executemany("INSERT INTO notes VALUES (?, ?)", [(1, "a"), (2, "说明")])
        return lambda **options: self.source(tmp_path, **options)

    @pytest.fixture
    def broken(self, tmp_path):
        return self.source(tmp_path)

    def source(self, base, **options):
        told = {"path": "notes.sqlite", "query": self.QUERY, "id": ["id"], "text": ["body"]}
        return made("sql", base, **told, **options)


LETTER = """From ann Thu May  2 10:00:00 2024
Message-ID: <{}@example.com>
Subject: 会议

At ten.

"""


class TestMbox(SourceContract):
    @pytest.fixture
    def make(self, tmp_path):
        text = LETTER.format("a") + LETTER.format("说明")
        (tmp_path / "post.mbox").write_text(text, encoding="utf-8")
        return lambda **options: made("mbox", tmp_path, path="post.mbox", **options)

    @pytest.fixture
    def broken(self, tmp_path):
        return made("mbox", tmp_path, path="nowhere.mbox")


@pytest.mark.slow
class TestS3(SourceContract):
    buckets = itertools.count()

    @pytest.fixture
    def make(self, tmp_path, object_store, monkeypatch):
        address, client = object_store
        bucket = f"contract{next(self.buckets)}"
        client.create_bucket(Bucket=bucket)
        for name in ("a.md", "说明.md"):
            client.put_object(Bucket=bucket, Key=f"docs/{name}", Body=name.encode())
        monkeypatch.setenv("LAKE_KEY", "testing")
        keys = {"access_key": "env:LAKE_KEY", "secret_key": "env:LAKE_KEY"}
        told = {"url": f"s3://{bucket}/docs", "endpoint": address, **keys}
        return lambda **options: made("s3", tmp_path, **told, **options)

    @pytest.fixture
    def broken(self, tmp_path):
        told = {"endpoint": "http://127.0.0.1:1", "region": "us-east-1", "anonymous": True}
        return made("s3", tmp_path, url="s3://lake/docs", timeout_s=1, **told)
