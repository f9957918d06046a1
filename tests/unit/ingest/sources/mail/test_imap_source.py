"""What an IMAP source does when its server breaks off, hangs or talks nonsense, and what it never does."""

import base64

import pytest

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, DataError, TransientError
from surefoot.core.roles import SourceItem
from surefoot.ingest.sources.mail.imap import ImapSource
from surefoot.ingest.sources.mail.imap_settings import ImapSettings
from surefoot.testing.contracts_source import SourceContract


@pytest.fixture
def source(imap, tmp_path, monkeypatch):
    monkeypatch.setenv("POST", "hunter2")
    told = {"host": "127.0.0.1", "port": imap.port, "tls": "none", "user": "li"}
    return lambda **options: ImapSource(
        ImapSettings(**{**told, "password": "env:POST", "timeout_s": 2, **options}), tmp_path
    )


def items(source):
    found = list(source.items())
    assert all(isinstance(item, SourceItem) for item in found), found
    return found


def test_mails_are_listed_by_number_and_fetched_when_read(imap, source, tmp_path):
    first, second = items(source(name="post"))
    assert (first.id, first.fingerprint) == ("post/INBOX/4", "11-4")
    assert second.uri == "imap://127.0.0.1/INBOX;UIDVALIDITY=11/;UID=7"
    assert not any("FETCH" in said for said in imap.said)
    assert "mail 7" in second.load(tmp_path).read_text()
    assert "十点" in first.load(tmp_path).read_text()


def test_nothing_is_changed_on_the_server(imap, source, tmp_path):
    for item in items(source()):
        item.load(tmp_path)
    words = {said.split()[0] for said in imap.said}
    assert words.isdisjoint({"SELECT", "STORE", "EXPUNGE", "COPY", "DELETE", "APPEND"})
    assert all("BODY.PEEK[]" in said for said in imap.said if "FETCH" in said)


@pytest.mark.parametrize("command", ["UID SEARCH", "UID FETCH", "EXAMINE"])
def test_a_connection_that_breaks_is_made_anew(imap, source, tmp_path, command):
    imap.breaks = [command]
    assert "mail 4" in items(source())[0].load(tmp_path).read_text()


def test_one_that_always_breaks_loses_nothing(imap, source):
    imap.breaks = ["UID SEARCH"] * 5
    (found,) = source(name="post").items()
    assert ("cannot be reached" in found.reason, found.keep, found.id) == (True, True, "post")


def test_after_three_failures_the_server_is_left_alone(imap, source, tmp_path):
    imap.mails = {uid: b"x" for uid in range(1, 7)}
    offered = items(source())
    imap.breaks = ["UID FETCH"] * 100
    for item in offered:
        with pytest.raises(TransientError):
            item.load(tmp_path)
    asked = sum("FETCH" in said for said in imap.said)
    assert asked == 6


def test_a_server_that_says_nothing_is_given_up(imap, source):
    imap.silent = True
    (found,) = source(timeout_s=0.05).items()
    assert ("cannot be reached" in found.reason, found.keep) == (True, True)


def test_a_mail_that_is_gone_and_a_folder_numbered_anew(imap, source, tmp_path):
    first, second = items(source())
    del imap.mails[4]
    with pytest.raises(DataError, match="no longer there"):
        first.load(tmp_path)
    imap.validity, imap.breaks = 12, ["UID FETCH"]
    with pytest.raises(TransientError, match="numbered the folder anew"):
        second.load(tmp_path)


def test_folders_by_pattern_with_names_of_any_kind(imap, source):
    names = {item.id for item in items(source(folders=["*"], name="post"))}
    assert names == {f"post/{folder}/{uid}" for folder in ("INBOX", 'a "b" c') for uid in (4, 7)}


def test_a_search_that_finds_nothing_offers_nothing(imap, source):
    imap.search = "* SEARCH"
    assert items(source()) == []


@pytest.mark.parametrize("nonsense", ["* SEARCH four", "* garbage [", "* 3 FETCH (FLAGS)"])
def test_nonsense_is_no_number(imap, source, nonsense):
    imap.search = nonsense
    assert [found for found in source().items() if isinstance(found, SourceItem)] == []


def test_what_is_searched_for_is_sent_as_it_is(imap, source):
    items(source(since="2024-05-09", search='FROM "ann@example.org"'))
    assert 'UID SEARCH 1:2 SINCE 9-May-2024 FROM "ann@example.org"' in imap.said


def test_a_token_may_stand_for_the_password(imap, source):
    items(source(auth="oauth2"))
    token = next(said for said in imap.said if said.startswith("dXNl"))
    assert base64.b64decode(token) == b"user=li\1auth=Bearer hunter2\1\1"


def test_a_password_with_a_line_break_is_refused(imap, source, monkeypatch):
    monkeypatch.setenv("POST", "hunter\n2")
    (found,) = source().items()
    assert ("no password has" in found.reason, found.keep) == (True, True)
    assert "hunter" not in found.reason


def test_starttls_is_never_left_out(imap, source):
    (found,) = source(tls="starttls").items()
    assert found.keep
    assert not any("AUTHENTICATE" in said or "LOGIN" in said for said in imap.said)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tls": "none"}, "in the clear"),
        ({"password": "hunter2"}, "env:VARIABLE"),
        ({"host": "a b"}, "host"),
        ({"user": "a\r\nLOGOUT"}, "user"),
        ({"search": "ALL\r\nA1 DELETE INBOX"}, "search"),
        ({"contains": "a\nb"}, "contains"),
        ({"folders": []}, "folders"),
        ({"since": "yesterday"}, "since"),
    ],
)
def test_wrong_settings_are_told(options, said):
    raw = {"host": "mail.example.org", "user": "li", "password": "env:POST", **options}
    with pytest.raises(ConfigError, match=said):
        parse(ImapSettings, raw, Registry(), where="solution")


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, "imaps://mail.example.org:993"),
        ({"tls": "starttls"}, "imap://mail.example.org:143"),
        ({"host": "::1", "port": 1993}, "imaps://[::1]:1993"),
    ],
)
def test_the_address_has_no_user(tmp_path, options, address):
    told = {"host": "mail.example.org", "user": "li", "password": "env:POST", **options}
    assert ImapSource(ImapSettings(**told), tmp_path).addresses == (address,)


class TestImap(SourceContract):
    @pytest.fixture
    def make(self, source):
        return source

    @pytest.fixture
    def broken(self, source):
        return source(port=1)
