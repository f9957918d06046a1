from __future__ import annotations

import base64
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from surefoot.core.roles import Extracted

ReadAs = Callable[..., Extracted]


def letter(subject: str, body: str, charset: str = "utf-8") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "张伟 <zhang@example.com>",
        "li@example.com",
        subject,
    )
    mail["Date"] = "Mon, 02 Mar 2026 09:00:00 +0800"
    mail.set_content(body, charset=charset)
    return mail


@pytest.mark.parametrize(
    ("subject", "body", "charset"),
    [
        ("Leave request", "I take Friday off.", "utf-8"),
        ("请假申请", "本人周五请假一天。", "utf-8"),
        ("请假申请", "本人周五请假一天。", "gb18030"),
    ],
)
def test_headers_and_body_are_read(read_as: ReadAs, subject: str, body: str, charset: str) -> None:
    found = read_as("a.eml", letter(subject, body, charset).as_bytes())
    assert found.text.startswith(
        f"# {subject}\n\nFrom: 张伟 <zhang@example.com>  \nTo: li@example.com  \n"
    )
    assert body in found.text
    assert found.title == subject
    assert found.meta["created"] == "2026-03-02T09:00:00+08:00"
    assert found.meta["author"] == "张伟 <zhang@example.com>"


def test_raw_gb18030_headers_and_body_are_read(read_as: ReadAs) -> None:
    raw = "From: 王芳 <w@example.com>\r\nTo: l@example.com\r\nSubject: 会议通知\r\n\r\n明天上午十点开会。\r\n"
    found = read_as("a.eml", raw.encode("gb18030"))
    assert found.title == "会议通知"
    assert "明天上午十点开会。" in found.text
    assert found.meta["author"] == "王芳 <w@example.com>"


def test_a_charset_too_narrow_for_its_text_is_widened(read_as: ReadAs) -> None:
    body = base64.b64encode("朱镕基".encode("gb18030")).decode()
    subject = base64.b64encode("朱镕基".encode("gb18030")).decode()
    raw = (
        f"Subject: =?gb2312?B?{subject}?=\nContent-Type: text/plain; charset=gb2312\n"
        f"Content-Transfer-Encoding: base64\nFrom: a@b.c\n\n{body}\n"
    )
    found = read_as("a.eml", raw)
    assert found.title == "朱镕基"
    assert found.text.count("朱镕基") == 2


def test_attachments_stand_under_their_names(read_as: ReadAs) -> None:
    mail = letter("资料", "请查收")
    mail.add_attachment(
        "编号,名称\n1,北京\n".encode("gb18030"), maintype="text", subtype="csv", filename="表格.csv"
    )
    mail.add_attachment(
        "<html><body><p>Hello</p></body></html>", subtype="html", filename="page.html"
    )
    found = read_as("a.eml", mail.as_bytes())
    assert "## 表格.csv\n\n| 编号 | 名称 |" in found.text
    assert "## page.html\n\nHello" in found.text
    assert found.notes == ()


def test_an_attachment_that_cannot_be_read_is_a_note(read_as: ReadAs) -> None:
    mail = letter("Photo", "see below")
    mail.add_attachment(
        b"\x89PNG\r\n\x1a\n" + b"\0" * 30, maintype="image", subtype="png", filename="a.png"
    )
    found = read_as("a.eml", mail.as_bytes())
    assert "see below" in found.text
    assert found.notes == ("attachment a.png was not read: it is a picture inside another file",)


def test_html_is_the_body_only_where_there_is_no_plain_text(read_as: ReadAs) -> None:
    both = letter("Both", "plain body 纯文本")
    both.add_alternative("<p>html body</p>", subtype="html")
    assert "html body" not in read_as("a.eml", both.as_bytes()).text
    page = EmailMessage()
    page["Subject"] = "Page"
    page.set_content(
        "<html><body><h1>公告</h1><p>只有网页正文</p><script>evil()</script></body></html>",
        subtype="html",
    )
    found = read_as("b.eml", page.as_bytes()).text
    assert "只有网页正文" in found
    assert "evil" not in found


def test_forwarded_mails_are_read_to_a_limit(read_as: ReadAs) -> None:
    mail = letter("level 9", "最里面")
    for level in range(8, 0, -1):
        outer = letter(f"level {level}", "outer")
        outer.add_attachment(mail)
        mail = outer
    found = read_as("a.eml", mail.as_bytes())
    assert "# level 5" in found.text
    assert "最里面" not in found.text
    assert any("levels deep" in note for note in found.notes)


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n",
        b"Subject: =?utf-8?B?%%%?=\nFrom: a\n\nbody",
        b"Content-Type: text/plain; charset=nonsense\nFrom: a\n\nbody",
        b"Content-Transfer-Encoding: base64\nFrom: a\n\n%%%",
        b"Content-Disposition: attachment; filename*=bad'x'%zz\nFrom: a\n\nbody",
    ],
)
def test_malformed_mails_give_what_they_have(read_as: ReadAs, raw: bytes) -> None:
    assert isinstance(read_as("a.eml", raw).text, str)


def test_what_mails_are_filtered_by_is_typed(read_as: ReadAs) -> None:
    mail = letter("请假申请", "周五")
    del mail["From"], mail["To"]
    mail["From"] = '"张伟, 经理" <Zhang@Example.com>'
    mail["To"] = '李 <li@example.com>, "Ann, B." <ann@example.org>'
    mail["Cc"] = "LI@example.com, team@example.com"
    meta = read_as("a.eml", mail.as_bytes()).meta
    assert meta["from"] == "zhang@example.com"
    assert meta["to"] == ("li@example.com", "ann@example.org", "team@example.com")
    assert (meta["date"], meta["subject"]) == ("2026-03-02", "请假申请")


def test_addresses_beside_raw_gb18030_names_are_found(read_as: ReadAs) -> None:
    raw = (
        "From: 王芳 <w@example.com>\r\nTo: 李 <l@example.com>, x\r\nSubject: 会议\r\n\r\n十点。\r\n"
    )
    meta = read_as("a.eml", raw.encode("gb18030")).meta
    assert (meta["from"], meta["to"]) == ("w@example.com", ("l@example.com",))
