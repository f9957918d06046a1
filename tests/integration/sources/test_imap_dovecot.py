"""Mails of a real IMAP server (Dovecot) are read by number, and stay as unread as they were."""

import imaplib
import itertools
from email.message import EmailMessage

import pytest

from surefoot.config.solution import Limits
from surefoot.core.errors import DataError, TransientError
from surefoot.core.roles import SourceItem
from surefoot.ingest.extract.read import read_file
from surefoot.ingest.sources.mail.folder_names import encoded
from surefoot.ingest.sources.mail.imap import ImapSource
from surefoot.ingest.sources.mail.imap_settings import ImapSettings

USERS = itertools.count()
PASSWORD = "hunter2口令"


def letter(subject, body, charset="utf-8", day="02"):
    mail = EmailMessage()
    mail["From"], mail["To"] = "王芳 <wang@example.com>", "li@example.com"
    mail["Subject"], mail["Date"] = subject, f"Thu, {day} May 2024 10:00:00 +0800"
    mail.set_content(body, charset=charset)
    return mail.as_bytes()


class Account:
    """What a mail program does with the account."""

    def __init__(self, port):
        self.user = f"user{next(USERS)}@example.com"
        self.port = port
        self.imap = imaplib.IMAP4("127.0.0.1", port, timeout=10)
        login = f"\0{self.user}\0{PASSWORD}".encode()
        self.imap.authenticate("PLAIN", lambda _: login)

    def put(self, mail, folder="INBOX", day="02"):
        name = f'"{encoded(folder)}"'
        self.imap.create(name)
        when = f'"{day}-May-2024 10:00:00 +0800"'
        assert self.imap.append(name, "", when, mail)[0] == "OK"

    def flags(self, folder="INBOX"):
        self.imap.select(folder)
        return self.imap.fetch("1:*", "(FLAGS)")[1]

    def source(self, base, **options):
        told = {"host": "127.0.0.1", "port": self.port, "tls": "none", "user": self.user}
        return ImapSource(ImapSettings(**{**told, "password": "env:POST", **options}), base)


@pytest.fixture
def account(dovecot, monkeypatch):
    monkeypatch.setenv("POST", PASSWORD)
    made = Account(dovecot[0])
    made.put(letter("Meeting", "At ten in the harbour office."))
    made.put(letter("会议通知", "明天上午十点开会。", "gb18030"), day="20")
    yield made
    made.imap.logout()


def items(source):
    found = list(source.items())
    assert all(isinstance(item, SourceItem) for item in found), found
    return {item.id: item for item in found}


def text_of(item, folder):
    return read_file(item.load(folder), Limits()).text


def test_mails_are_read_and_stay_unread(account, tmp_path):
    found = items(account.source(tmp_path))
    assert list(found) == ["127.0.0.1/INBOX/1", "127.0.0.1/INBOX/2"]
    assert "At ten in the harbour office." in text_of(found["127.0.0.1/INBOX/1"], tmp_path)
    assert "明天上午十点开会。" in text_of(found["127.0.0.1/INBOX/2"], tmp_path)
    assert not any(b"Seen" in line for line in account.flags())


def test_flags_change_nothing_and_what_is_deleted_goes(account, tmp_path):
    before = {name: item.fingerprint for name, item in items(account.source(tmp_path)).items()}
    account.imap.select("INBOX")
    account.imap.store("1", "+FLAGS", "(\\Seen \\Flagged)")
    account.imap.store("2", "+FLAGS", "(\\Deleted)")
    account.imap.expunge()
    account.put(letter("New", "Later."))
    after = {name: item.fingerprint for name, item in items(account.source(tmp_path)).items()}
    assert set(after) == {"127.0.0.1/INBOX/1", "127.0.0.1/INBOX/3"}
    assert after["127.0.0.1/INBOX/1"] == before["127.0.0.1/INBOX/1"]


def test_a_folder_made_anew_is_read_anew(account, tmp_path):
    account.put(letter("Old", "Old text."), "项目 A&B")
    source = account.source(tmp_path, folders=["项目 A&B"])
    (before,) = items(source).values()
    name = f'"{encoded("项目 A&B")}"'
    account.imap.delete(name)
    account.imap.create(name)
    account.put(letter("New", "New text."), "项目 A&B")
    (after,) = items(account.source(tmp_path, folders=["项目 A&B"])).values()
    assert (after.id, after.id) == ("127.0.0.1/项目 A&B/1", before.id)
    assert after.fingerprint != before.fingerprint
    assert "New text." in text_of(after, tmp_path)
    source._server.close()
    with pytest.raises(TransientError, match="numbered the folder anew"):
        before.load(tmp_path)


def test_patterns_leave_out_junk(account, tmp_path):
    account.put(letter("Plan", "Plan."), "Projects/Alpha")
    account.put(letter("Sale", "Sale."), "Junk")
    names = set(items(account.source(tmp_path, folders=["*"])))
    assert names == {f"127.0.0.1/{n}" for n in ("INBOX/1", "INBOX/2", "Projects/Alpha/1")}
    some = items(account.source(tmp_path, folders=["*"], exclude=["INBOX"]))
    assert set(some) == {"127.0.0.1/Projects/Alpha/1"}


@pytest.mark.parametrize(
    ("options", "uids"),
    [
        ({"since": "2024-05-10"}, [2]),
        ({"search": 'SUBJECT "Meeting"'}, [1]),
        ({"contains": "十点开会"}, [2]),
        ({"contains": "harbour", "since": "2024-05-10"}, []),
        ({"search": "UNSEEN"}, [1, 2]),
    ],
)
def test_only_what_is_asked_for_is_read(account, tmp_path, options, uids):
    found = items(account.source(tmp_path, **options))
    assert [int(name.rpartition("/")[2]) for name in found] == uids


def test_limits_are_said(account, tmp_path):
    newest, said = account.source(tmp_path, max_mails=1).items()
    assert newest.id == "127.0.0.1/INBOX/2"
    assert ("only the newest 1" in said.reason, said.keep) == (True, True)
    account.put(letter("Big", "x" * 70 + "\n" + "long\n" * 300_000))
    big = items(account.source(tmp_path, max_mb=1))["127.0.0.1/INBOX/3"]
    with pytest.raises(DataError, match="over the limit of 1 MB"):
        big.load(tmp_path)


def test_tls_is_checked(account, dovecot, tmp_path, monkeypatch):
    (refused,) = account.source(tmp_path, port=dovecot[1], tls="tls").items()
    assert "certificate" in refused.reason
    assert refused.keep
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot[2] / "cert.pem"))
    assert len(items(account.source(tmp_path, port=dovecot[1], tls="tls"))) == 2
    assert len(items(account.source(tmp_path, tls="starttls"))) == 2


def test_a_wrong_password_is_said_and_not_shown(account, tmp_path, monkeypatch):
    monkeypatch.setenv("POST", "wrong-secret")
    (refused,) = account.source(tmp_path).items()
    assert "refuses" in refused.reason
    assert "wrong-secret" not in refused.reason + refused.hint
    assert "POST" in refused.hint


def test_one_folder_that_is_missing_stops_no_other(account, tmp_path):
    missing, *others = account.source(tmp_path, folders=["无此夹", "INBOX"]).items()
    assert ("refuses" in missing.reason, missing.keep) == (True, True)
    assert missing.id == "127.0.0.1/无此夹"
    assert len(others) == 2
