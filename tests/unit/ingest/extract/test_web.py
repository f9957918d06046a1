from __future__ import annotations

from collections.abc import Callable

import pytest

from surefoot.core.roles import Extracted

ReadAs = Callable[..., Extracted]

PAGE = """<!DOCTYPE html><html lang="{lang}"><head><meta charset="{charset}"><title>{title}</title>
<meta name="author" content="Ann Lee"><meta property="article:published_time" content="2024-05-01T08:00:00Z">
<script>var secret = "script text";</script><style>p {{ color: red }}</style></head><body>
<nav><a href="/">Home 首页</a><a href="/x">Products 产品</a></nav>
<article><h1>{title}</h1><p>{first} <a href="https://example.com/a">{link}</a></p><h2>{second}</h2>
<ul><li>{item}</li></ul><table><tr><th>{head}</th><th>n</th></tr><tr><td>{cell}</td><td>12</td></tr></table></article>
<footer>Imprint 版权所有</footer></body></html>"""
ENGLISH = {
    "lang": "en-GB", "charset": "utf-8", "title": "Travel policy", "link": "the form",
    "first": "Every employee who travels for work fills in the request before the journey. It is signed by a manager.",
    "second": "Limits", "item": "Hotels up to 150 euros a night", "head": "City", "cell": "London",
}  # fmt: skip
CHINESE = {
    "lang": "zh-CN", "charset": "gb18030", "title": "差旅制度", "link": "申请表",
    "first": "所有因公出差的员工须在出发之前填写申请单，并由部门经理签字批准。未经批准的费用不予报销。",
    "second": "标准", "item": "住宿每晚不超过五百元", "head": "城市", "cell": "上海",
}  # fmt: skip


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_page_keeps_its_content_and_loses_what_is_around(
    read_as: ReadAs, words: dict[str, str]
) -> None:
    found = read_as("a.html", PAGE.format(**words).encode(words["charset"]))
    for name in ("title", "first", "link", "second", "item", "head", "cell"):
        assert words[name] in found.text, name
    for noise in ("script text", "color: red", "Home", "Products", "产品", "Imprint", "版权所有"):
        assert noise not in found.text
    assert f"# {words['title']}" in found.text
    assert f"## {words['second']}" in found.text
    assert "| 12 |" in found.text
    assert found.title == words["title"]
    assert found.meta["author"] == "Ann Lee"
    assert str(found.meta["created"]).startswith("2024-05-01")
    assert found.meta["language"] == words["lang"][:2]


@pytest.mark.parametrize("text", ["Short notice.", "短通知"])
def test_a_page_too_short_to_judge_is_kept_whole(read_as: ReadAs, text: str) -> None:
    found = read_as(
        "a.html", f"<html><body><div>{text}</div><nav>menu</nav><script>x()</script></body></html>"
    )
    assert found.text.strip() == text


@pytest.mark.parametrize(
    "tag",
    ["meta charset='gbk'", "meta http-equiv='Content-Type' content='text/html; charset=gb2312'"],
)
def test_the_declared_encoding_is_used(read_as: ReadAs, tag: str) -> None:
    page = f"<html><head><{tag}><title>页</title></head><body><p>镕</p></body></html>"
    assert "镕" in read_as("a.html", page.encode("gb18030")).text


@pytest.mark.parametrize(
    "page", ["<p>unclosed <b>tags", "no tags at all 没有标签", "<html></html>", "<!-- only -->"]
)
def test_odd_pages_are_read(read_as: ReadAs, page: str) -> None:
    found = read_as("a.html", page)
    assert isinstance(found.text, str)


def test_a_year_in_the_text_is_no_date(read_as: ReadAs) -> None:
    assert (
        "created"
        not in read_as(
            "a.html", "<html><body><p>成立于 2021 年。Founded in 2021.</p></body></html>"
        ).meta
    )
