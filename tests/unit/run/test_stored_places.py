"""What people name with surefoot add is read by the right source: buckets and mailboxes."""

import pytest

from surefoot.run.sources import identity, source_settings

MAIL = "From ann Thu May  2 10:00:00 2024\nSubject: 会议\n\n十点。\n"


@pytest.mark.parametrize("place", ["s3://lake/手册", "S3://lake/手册"])
def test_a_bucket(tmp_path, place):
    assert source_settings(place, tmp_path) == {"kind": "s3", "url": "s3://lake/手册"}


@pytest.mark.parametrize("name", ["邮件.mbox", "Inbox"])
def test_an_mbox_file(tmp_path, name):
    (tmp_path / name).write_text(MAIL, encoding="utf-8")
    assert source_settings(tmp_path / name, tmp_path) == {"kind": "mbox", "path": name}


def test_a_maildir(tmp_path):
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "Post" / folder).mkdir(parents=True)
    assert source_settings(tmp_path / "Post", tmp_path) == {"kind": "mbox", "path": "Post"}


@pytest.mark.parametrize("name", ["letter.txt", "notes.mbox"])
def test_other_files_stay_files(tmp_path, name):
    text = MAIL if name.endswith(".txt") else "Notes on mail.\n"
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert source_settings(tmp_path / name, tmp_path) == {"kind": "files", "paths": [name]}


def test_two_queries_of_one_database_are_two_sources():
    one = {"kind": "sql", "url": "env:SHOP", "query": "SELECT 1"}
    assert identity(one) == identity(dict(one, path=""))
    assert identity(one) != identity({**one, "query": "SELECT 2"})
    ann = {"kind": "imap", "host": "mail.example.org", "user": "ann", "folders": ["INBOX"]}
    assert identity(ann) != identity({**ann, "user": "bob"})
