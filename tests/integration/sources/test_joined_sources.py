"""A workspace over a database, a bucket, a mailbox and a mail server: searched, filtered, kept in step, killed."""

import mailbox
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from email.message import EmailMessage

import pytest

import surefoot
from surefoot.core.filters import parse_filter
from surefoot.core.types import Asker

SOLUTION = """
schema = 1
name = "default"

[corpus]
embed = { kind = "hash" }

[[corpus.sources]]
kind = "sql"
path = "faq.sqlite"
query = "SELECT * FROM faq"
id = ["id"]
text = ["body"]
title = "title"
uri = "https://example.org/faq/{{id}}"
columns = ["price", "day"]
groups_column = "team"
groups = ["all"]

[[corpus.sources]]
kind = "s3"
url = "s3://BUCKET/docs"
endpoint = "ADDRESS"
access_key = "env:LAKE_KEY"
secret_key = "env:LAKE_KEY"

[[corpus.sources]]
kind = "mbox"
path = "post.mbox"

[[stages]]
kind = "search"

[[stages]]
kind = "quote"
"""
SYNC = "from surefoot.cli.main import main; main()"


def letter(number, subject, body, charset="utf-8"):
    mail = EmailMessage()
    mail["From"], mail["To"] = "王芳 <wang@example.com>", "li@example.com"
    mail["Subject"], mail["Message-ID"] = subject, f"<m{number}@example.com>"
    mail["Date"] = "Thu, 02 May 2024 10:00:00 +0800"
    mail.set_content(body, charset=charset)
    return mail


@pytest.fixture
def root(tmp_path, object_store, monkeypatch):
    address, client = object_store
    bucket = f"joined{len(client.list_buckets()['Buckets'])}"
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="docs/pump.md", Body=b"# Pump\n\nThe pump stops at night.")
    client.put_object(
        Bucket=bucket, Key="docs/阀门.txt", Body="夜间由人工关闭阀门。".encode("gb18030")
    )
    with closing(sqlite3.connect(tmp_path / "faq.sqlite")) as database, database:
        database.execute("CREATE TABLE faq (id, title, body, price REAL, day TEXT, team TEXT)")
        rows = [
            (1, "Refunds", "Refunds arrive within five days.", 12.5, "2024-05-01", "sales"),
            (2, "退款", "退款将在五个工作日内到账。", 30, "2024-06-01", "财务"),
        ]
        database.executemany("INSERT INTO faq VALUES (?, ?, ?, ?, ?, ?)", rows)
    box = mailbox.mbox(tmp_path / "post.mbox", create=True)
    box.add(letter(1, "Lighthouse", "The lighthouse is painted in June."))
    box.add(letter(2, "灯塔", "灯塔六月粉刷。", "gb18030"))
    box.close()
    monkeypatch.setenv("LAKE_KEY", "testing")
    text = SOLUTION.replace("BUCKET", bucket).replace("ADDRESS", address)
    (tmp_path / "surefoot.toml").write_text(text, encoding="utf-8")
    return tmp_path


def found(space, text, **options):
    return [hit.chunk.document_id for hit in space.search(text, limit=3, **options)]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("When do refunds arrive?", "faq/1"),
        ("退款什么时候到账", "faq/2"),
        ("when does the pump stop", "docs/pump.md"),
        ("阀门由谁关闭", "docs/阀门.txt"),
        ("when is the lighthouse painted", "post/m1@example.com"),
        ("灯塔什么时候粉刷", "post/m2@example.com"),
    ],
)
def test_each_source_is_found(root, asked, first):
    with surefoot.open(root) as space:
        space.sync()
        assert found(space, asked)[0] == first


def test_metadata_and_rights_hold(root):
    with surefoot.open(root) as space:
        space.sync()
        dear = parse_filter({"type": "gt", "key": "price", "value": 20})
        assert found(space, "退款 refunds", filter=dear) == ["faq/2"]
        mine = parse_filter({"type": "eq", "key": "to", "value": "li@example.com"})
        day = parse_filter({"type": "gte", "key": "date", "value": "2024-05-02"})
        assert set(found(space, "lighthouse 灯塔", filter=mine)) == {
            "post/m1@example.com",
            "post/m2@example.com",
        }
        assert len(found(space, "lighthouse 灯塔", filter=day)) == 2
        sales = Asker("ann", ("sales",), trusted=False)
        assert "faq/1" in found(space, "refunds", asker=sales)
        assert "faq/2" not in found(space, "退款", asker=sales)


def test_only_what_changed_is_read_and_nothing_is_lost_out_of_reach(root, monkeypatch):
    with surefoot.open(root) as space:
        assert space.sync().added == 6
        again = space.sync()
        assert (again.added, again.changed, again.removed, again.unchanged) == (0, 0, 0, 6)
        with closing(sqlite3.connect(root / "faq.sqlite")) as database, database:
            database.execute("UPDATE faq SET body = 'Refunds take a week.' WHERE id = 1")
        (root / "post.mbox").unlink()
        monkeypatch.delenv("LAKE_KEY")
        report = space.sync()
        assert (report.changed, report.removed, len(report.problems)) == (1, 0, 2)
        assert found(space, "pump at night")[0] == "docs/pump.md"
    with surefoot.open(root, settings={"offline": True}) as space:
        assert space.sync().removed == 0


def test_killed_and_started_again(root):
    with closing(sqlite3.connect(root / "faq.sqlite")) as database, database:
        text = "第{}条：泵房{}夜间巡检。The crew checks pump house {} at night."
        rows = [
            (i, f"n{i}", text.format(i, i, i), i, "2024-01-01", "sales") for i in range(3, 3003)
        ]
        database.executemany("INSERT INTO faq VALUES (?, ?, ?, ?, ?, ?)", rows)
    command = [sys.executable, "-c", SYNC, "sync", "--workspace", str(root)]
    environment = {**os.environ, "SUREFOOT_CRASH_POINT": "sync.replaced"}
    killed = subprocess.run(command, env=environment, capture_output=True, timeout=280)
    assert killed.returncode == -signal.SIGKILL
    with surefoot.open(root) as space:
        kept = {state.id for state in space.status()}
        assert 0 < len(kept) < 3006
        report = space.sync()
        assert report.added == 3006 - len(kept)
        assert len(space.status()) == 3006
        assert found(space, "pump house 2999")[0] == "faq/2999"
