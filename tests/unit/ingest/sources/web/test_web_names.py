"""Pages get ids that people can read and file names that tell their format."""

from __future__ import annotations

import pytest

from surefoot.ingest.sources.web.naming import file_name, page_id


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://h.example/", "docs/"),
        ("https://h.example/a/b.html", "docs/a/b.html"),
        ("https://h.example/%E6%B2%B3/x?q=%E6%B1%9F", "docs/河/x?q=江"),
        ("https://h.example/a%2Fb", "docs/a%2Fb"),
        ("https://h.example/a%00", "docs/a%00"),
        ("https://h.example/%FF", "docs/%FF"),
        ("https://other.example/a", "docs/other.example/a"),
    ],
)
def test_ids(url, wanted):
    assert page_id("docs", url, "h.example") == wanted


@pytest.mark.parametrize(
    ("url", "media_type", "wanted"),
    [
        ("https://h/", "text/html", "page.html"),
        ("https://h/guide", "text/html", "guide.html"),
        ("https://h/guide.php?x=1", "text/html", "guide.php.html"),
        ("https://h/v1.2", "text/html", "v1.2.html"),
        ("https://h/main.py", "text/html", "main.py.html"),
        ("https://h/main.py", "text/plain", "main.py"),
        ("https://h/notes", "text/plain", "notes.txt"),
        ("https://h/get?id=7", "application/pdf", "get.pdf"),
        ("https://h/report.pdf", "application/octet-stream", "report.pdf"),
        ("https://h/report.pdf", "application/pdf", "report.pdf"),
        ("https://h/x", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "x.docx"),
        ("https://h/%E6%8A%A5%E5%91%8A.pdf", "application/pdf", "报告.pdf"),
        ("https://h/..%2F..%2Fetc%2Fpasswd", "text/plain", "page.txt"),
        ("https://h/a%00b", "", "a-b"),
    ],
)  # fmt: skip
def test_file_names(url, media_type, wanted):
    assert file_name(url, media_type) == wanted
