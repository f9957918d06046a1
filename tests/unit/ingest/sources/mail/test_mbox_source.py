"""Mails of mbox files and Maildir folders are documents by their Message-ID; flags change nothing."""

import mailbox
import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from surefoot.config.solution import Limits
from surefoot.core.errors import TransientError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.ingest.extract.read import read_file
from surefoot.ingest.sources.mail.boxes import message_id
from surefoot.ingest.sources.mail.folder_names import decoded, encoded
from surefoot.ingest.sources.mail.mbox import MboxSettings, MboxSource

TIME = "Thu May  2 10:00:00 2024"


def letter(number, subject="Meeting", body="At ten.", charset="utf-8"):
    mail = EmailMessage()
    mail["From"], mail["To"] = "王芳 <wang@example.com>", "li@example.com"
    mail["Subject"], mail["Message-ID"] = subject, f"<m{number}@example.com>"
    mail["Date"] = "Thu, 02 May 2024 10:00:00 +0800"
    mail.set_content(body, charset=charset)
    return mail


def mbox(path, *mails):
    box = mailbox.mbox(path, create=True)
    for mail in mails:
        box.add(mail)
    box.close()
    return path


def items(base, path="mail.mbox", **options):
    found = list(MboxSource(MboxSettings(path=path, **options), base).items())
    assert all(isinstance(item, SourceItem) for item in found), found
    return {item.id: item for item in found}


def prints(base, path="mail.mbox"):
    return {name: item.fingerprint for name, item in items(base, path).items()}


def text_of(item, folder):
    path = item.load(folder)
    assert path.suffix == ".eml"
    return read_file(path, Limits()).text


def test_each_mail_is_a_document(tmp_path):
    mbox(
        tmp_path / "mail.mbox",
        letter(1),
        letter(2, "会议通知", "明天上午十点开会。", "gb18030"),
        letter(3, body="From the start,\nFrom ann 10:00 2024\nit was clear."),
    )
    found = items(tmp_path)
    assert list(found) == [f"mail/m{n}@example.com" for n in (1, 2, 3)]
    assert found["mail/m1@example.com"].uri == "mail.mbox#m1@example.com"
    assert "At ten." in text_of(found["mail/m1@example.com"], tmp_path)
    chinese = text_of(found["mail/m2@example.com"], tmp_path)
    assert chinese.startswith("# 会议通知")
    assert "明天上午十点开会。" in chinese
    quoted = text_of(found["mail/m3@example.com"], tmp_path)
    assert "From the start,\nFrom ann 10:00 2024\nit was clear." in quoted


def test_a_line_that_only_looks_like_a_beginning_is_text(tmp_path):
    raw = f"From ann {TIME}\nMessage-ID: <a@b>\n\nHello\n\nFrom here on it rains.\n"
    (tmp_path / "mail.mbox").write_text(raw)
    (item,) = items(tmp_path).values()
    assert "From here on it rains." in text_of(item, tmp_path)


def test_flags_change_nothing_and_new_mails_only_add(tmp_path):
    path = mbox(tmp_path / "mail.mbox", letter(1), letter(2, "会议"))
    before = prints(tmp_path)
    box = mailbox.mbox(path)
    for key in list(box.iterkeys()):
        mail = box[key]
        mail.set_flags("RO")
        box[key] = mail
    box.add(letter(3))
    box.close()
    after = prints(tmp_path)
    assert "Status: RO" in path.read_text()
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"mail/m3@example.com"}


def test_another_text_is_another_fingerprint(tmp_path):
    mbox(tmp_path / "mail.mbox", letter(1))
    before = prints(tmp_path)
    (tmp_path / "mail.mbox").unlink()
    mbox(tmp_path / "mail.mbox", letter(1, body="At eleven."))
    assert prints(tmp_path) != before


def test_copies_are_offered_once_and_forged_ids_stay_apart(tmp_path):
    bare = "Subject: no id\n\nHello\n"
    mbox(tmp_path / "mail.mbox", letter(1), letter(1), letter(1, body="forged"), bare)
    names = list(items(tmp_path))
    assert names[0] == "mail/m1@example.com"
    assert names[1].startswith("mail/m1@example.com~")
    assert len(names) == 3
    assert len(names[2]) == len("mail/") + 16


def test_a_mailbox_that_changed_meanwhile_is_read_again_later(tmp_path):
    mbox(tmp_path / "mail.mbox", letter(1), letter(2))
    found = items(tmp_path)
    (tmp_path / "mail.mbox").unlink()
    mbox(tmp_path / "mail.mbox", letter(2))
    with pytest.raises(TransientError, match="changed while it was read"):
        found["mail/m2@example.com"].load(tmp_path)


def test_windows_line_ends_and_a_very_long_line(tmp_path):
    body = "长" * 100_000
    raw = f"From ann {TIME}\r\nMessage-ID:\r\n <a/b@c>\r\nSubject: x\r\n\r\n{body}\r\n\r\n"
    (tmp_path / "mail.mbox").write_bytes((raw + raw.replace("a/b", "d")).encode())
    found = items(tmp_path)
    assert list(found) == ["mail/a%2Fb@c", "mail/d@c"]
    assert body in text_of(found["mail/d@c"], tmp_path)


@pytest.fixture
def maildir(tmp_path):
    box = mailbox.Maildir(tmp_path / "Post", create=True)
    box.add(letter(1))
    box.add(letter(2, "会议通知", "十点开会。", "gb18030"))
    box.add_folder("Sent").add(letter(3))
    return box


def test_a_maildir_and_its_folders_are_read(maildir, tmp_path):
    found = items(tmp_path, "Post")
    names = {"Post/m1@example.com", "Post/m2@example.com", "Post/.Sent/m3@example.com"}
    assert set(found) == names
    assert "十点开会。" in text_of(found["Post/m2@example.com"], tmp_path)


def test_a_mail_that_was_read_moves_and_stays_the_same(maildir, tmp_path):
    before, offered = prints(tmp_path, "Post"), items(tmp_path, "Post")
    for key, mail in maildir.iteritems():
        mail.set_subdir("cur")
        mail.set_flags("S")
        path = Path(tmp_path / "Post" / "new" / key)
        moment = path.stat()
        target = tmp_path / "Post" / "cur" / f"{key}:2,S"
        path.rename(target)
        os.utime(target, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    assert prints(tmp_path, "Post") == before
    assert "At ten." in text_of(offered["Post/m1@example.com"], tmp_path)


def test_links_in_a_maildir_are_not_followed(maildir, tmp_path):
    (tmp_path / "secret").write_text("Subject: secret\n\n")
    (tmp_path / "Post" / "new" / "1.link").symlink_to(tmp_path / "secret")
    assert len(items(tmp_path, "Post")) == 3


@pytest.mark.parametrize(
    ("make", "said", "keep"),
    [
        (lambda path: None, "No such file", True),
        (lambda path: path.mkdir(), "is no Maildir", True),
        (lambda path: path.write_text("Dear all,\n"), "is no mbox file", True),
        (lambda path: path.write_text(""), "holds no mails", False),
    ],
)
def test_what_is_no_mailbox_is_said(tmp_path, make, said, keep):
    make(tmp_path / "mail.mbox")
    (found,) = MboxSource(MboxSettings(path="mail.mbox"), tmp_path).items()
    assert isinstance(found, SourceProblem)
    assert (said in found.reason, found.keep) == (True, keep)
    assert found.hint


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", "INBOX"),
        ("已发送", "&XfJT0ZAB-"),
        ("R&D/测试", "R&-D/&bUuL1Q-"),
        ("Entwürfe", "Entw&APw-rfe"),
    ],
)
def test_folder_names_in_any_language(name, written):
    assert encoded(name) == written
    assert decoded(written) == name


def test_a_name_that_is_not_encoded_stays():
    assert decoded("A &!!!- B & C") == "A &!!!- B & C"


def test_ids_hold_nothing_that_cannot_be_seen():
    assert message_id(b"Message-ID: <a\x1b[31m\xffb@c>\n\n") == "a[31m\ufffdb@c"
    assert message_id(b"Subject: x\n\nMessage-ID: <body@c>\n") == ""
