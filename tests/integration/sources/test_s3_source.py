"""Objects of a real S3 server are read by their content, and only what changed is fetched."""

import itertools
import socket
import time

import pytest

from surefoot.config.solution import Limits
from surefoot.core.errors import DataError, TransientError
from surefoot.core.roles import SourceItem
from surefoot.ingest.extract.read import extract
from surefoot.ingest.sources.s3.settings import S3Settings
from surefoot.ingest.sources.s3.source import S3Source

NUMBERS = itertools.count()
OBJECTS = {
    "docs/guide.md": b"# Guide\n\nOpen the valve.",
    "docs/文档/说明 1.txt": "关闭阀门。".encode("gb18030"),
    "docs/a b+c%20.md": b"odd name",
    "docs/.git/config": b"hidden",
    "docs/drafts/old.md": b"draft",
    "docs/empty/": b"",
    "docs-other/z.md": b"outside",
}


@pytest.fixture
def lake(object_store, monkeypatch):
    address, client = object_store
    bucket = f"lake{next(NUMBERS)}"
    client.create_bucket(Bucket=bucket)
    for key, body in OBJECTS.items():
        client.put_object(Bucket=bucket, Key=key, Body=body)
    monkeypatch.setenv("LAKE_KEY", "testing")
    monkeypatch.setenv("LAKE_SECRET", "hunter2")
    return Lake(address, client, bucket)


class Lake:
    def __init__(self, address, client, bucket):
        self.address, self.client, self.bucket = address, client, bucket

    def source(self, base, prefix="docs", **options):
        told = {
            "url": f"s3://{self.bucket}/{prefix}",
            "endpoint": self.address,
            "access_key": "env:LAKE_KEY",
            "secret_key": "env:LAKE_SECRET",
            **options,
        }
        return S3Source(S3Settings(**told), base)


def items(source):
    found = list(source.items())
    assert all(isinstance(item, SourceItem) for item in found), found
    return {item.id: item for item in found}


def test_objects_below_the_prefix_are_listed(lake, tmp_path):
    found = items(lake.source(tmp_path, exclude=["drafts/**"]))
    assert list(found) == ["docs/a b+c%20.md", "docs/guide.md", "docs/文档/说明 1.txt"]
    assert found["docs/guide.md"].uri == f"s3://{lake.bucket}/docs/guide.md"
    only = items(lake.source(tmp_path, include=["*.txt"], hidden=True))
    assert list(only) == ["docs/文档/说明 1.txt"]


def test_one_key_is_one_object(lake, tmp_path):
    assert list(items(lake.source(tmp_path, "docs/guide.md"))) == ["guide.md/guide.md"]


@pytest.mark.parametrize(
    ("name", "text"), [("guide.md", "Open the valve."), ("文档/说明 1.txt", "关闭阀门。")]
)
def test_content_is_fetched_and_read(lake, tmp_path, name, text):
    path = items(lake.source(tmp_path))[f"docs/{name}"].load(tmp_path)
    assert text in extract(path, Limits()).text
    assert path.parent == tmp_path


def test_only_what_changed_has_another_fingerprint(lake, tmp_path):
    before = {name: item.fingerprint for name, item in items(lake.source(tmp_path)).items()}
    lake.client.put_object(Bucket=lake.bucket, Key="docs/guide.md", Body=b"# Guide\n\nNew text.")
    lake.client.delete_object(Bucket=lake.bucket, Key="docs/drafts/old.md")
    after = {name: item.fingerprint for name, item in items(lake.source(tmp_path)).items()}
    assert set(before) - set(after) == {"docs/drafts/old.md"}
    assert [name for name in after if after[name] != before[name]] == ["docs/guide.md"]


def test_an_object_that_is_gone_or_too_large_is_said(lake, tmp_path):
    big = b"x" * (2 * 1024 * 1024)
    lake.client.put_object(Bucket=lake.bucket, Key="docs/big.txt", Body=big)
    found = items(lake.source(tmp_path, max_mb=1))
    with pytest.raises(DataError, match=r"2\.0 MB, over the limit of 1 MB"):
        found["docs/big.txt"].load(tmp_path)
    lake.client.delete_object(Bucket=lake.bucket, Key="docs/guide.md")
    with pytest.raises(DataError, match="nothing there"):
        found["docs/guide.md"].load(tmp_path)
    assert found["docs/a b+c%20.md"].load(tmp_path).read_bytes() == b"odd name"


def test_too_many_objects_are_said(lake, tmp_path):
    *first, last = lake.source(tmp_path, max_objects=2).items()
    assert len(first) == 2
    assert ("only the first 2" in last.reason, last.keep) == (True, True)


@pytest.mark.parametrize("prefix", ["nowhere", "docs/guide.md/x"])
def test_a_prefix_without_objects_is_said(lake, tmp_path, prefix):
    (found,) = lake.source(tmp_path, prefix).items()
    assert "nothing there" in found.reason
    assert found.keep


def test_a_bucket_that_is_not_there_is_said(lake, tmp_path):
    (found,) = lake.source(tmp_path, url="s3://no-such-bucket/docs").items()
    assert "NO_SUCH_BUCKET" in found.reason
    assert found.keep


def test_a_store_that_never_answers_is_given_up(lake, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        (found,) = lake.source(tmp_path, endpoint=address, timeout_s=1).items()
        assert time.monotonic() - began < 60
    assert "cannot be reached" in found.reason
    assert "hunter2" not in found.reason
    assert found.keep


def test_a_store_that_goes_away_is_not_asked_a_thousand_times(lake, tmp_path):
    offered = list(items(lake.source(tmp_path)).values())
    gone = lake.source(tmp_path, endpoint="http://127.0.0.1:1")
    for item in offered:
        key = item.id.removeprefix("docs/")
        one = next(o for o in lake.source(tmp_path)._store.objects() if o.key == key)
        with pytest.raises(TransientError, match=r"cannot be reached|was not asked for"):
            gone._store.bring(one, tmp_path / "x")
    with pytest.raises(TransientError, match="was not asked for"):
        gone._store.bring(one, tmp_path / "x")
