"""What surrounds the text of a page goes, and what only looks like it stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from surefoot.core.roles import Extracted

ReadAs = Callable[..., Extracted]

ENGLISH = {
    "title": "Coffee machines", "site": "Bean and Leaf", "menu": "Our shops", "crumb": "You are here",
    "first": "Each floor has one machine, and the facilities team cleans it on the first Monday of a month.",
    "second": "Whoever finds a machine broken writes to the desk on the ground floor, and names the floor.",
    "third": "New machines are bought in spring, after all floors were asked which kind they would like.",
    "box": "A machine that is switched on over night costs forty euros a year, so switch it off.",
    "cookies": "We value your privacy", "share": "Tell your friends", "related": "You may also like",
    "comment": "What a great post this is, I learnt so much from it and shall be back for more of it.",
    "imprint": "All rights reserved",
    "crew": "The crew has keys to all machines.",
}  # fmt: skip
CHINESE = {
    "title": "咖啡机使用说明", "site": "豆与叶", "menu": "门店一览", "crumb": "当前位置",
    "first": "每层楼都有一台咖啡机，由后勤部门在每月的第一个星期一统一清洗，其余时间由各层自行保持整洁。",
    "second": "发现咖啡机损坏的员工请写信给一楼的服务台，信里要写明所在的楼层和机器的编号。",
    "third": "新的机器在每年春天购买，购买之前会先询问各个楼层希望要哪一种，再由后勤部门统一订货。",
    "box": "整夜开着的机器每年要多花三百元的电费，所以离开办公室之前请把机器关掉。",
    "cookies": "我们重视您的隐私", "share": "分享给好友", "related": "猜你喜欢",
    "comment": "写得真好，我从中学到了很多东西，以后还会常来看看，也会推荐给同事。",
    "imprint": "版权所有",
    "crew": "后勤人员有所有机器的钥匙。",
}  # fmt: skip
LINKS = "".join(f'<li><a href="/{n}">{{menu}} {n}</a></li>' for n in range(6))
SOUP = """<html><head><title>{title} | {site}</title></head><body>
<div class="cookie-banner"><p>{cookies}</p></div>
<div id="top"><ul>""" + LINKS + """</ul></div>
<div class="breadcrumbs">{crumb}</div>
<div class="wrap"><div class="content"><h1>{title}</h1><p>{first}</p><p>{second}</p>
<div class="sidebar"><p>{box}</p></div><aside><p>{crew}</p></aside><p>{third}</p><div class="share">{share}</div></div>
<div class="sideBar"><h3>{related}</h3><ul>""" + LINKS + """</ul></div></div>
<div class="comments"><div><p>{comment}</p></div></div>
<div id="footer">{imprint}</div></body></html>"""  # fmt: skip
WORDS = pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])


@WORDS
def test_of_a_page_without_tags_that_say_so_the_main_text_stays(
    read_as: ReadAs, words: dict[str, str]
) -> None:
    text = read_as("a.html", SOUP.format(**words)).text
    for name in ("title", "first", "second", "third", "box", "crew"):
        assert words[name] in text, name
    for name in ("cookies", "menu", "crumb", "share", "related", "comment", "imprint"):
        assert words[name] not in text, name


@WORDS
def test_a_chapter_named_like_a_part_of_a_page_is_read(
    read_as: ReadAs, words: dict[str, str]
) -> None:
    page = (
        "<div class='body'><h1>{title}</h1><p>{third}</p>"
        "<div class='section' id='pagination'><h2>{menu}</h2><p>{first}</p></div>"
        "<section id='cookies'><h2>{cookies}</h2><p>{second}</p></section></div>"
    )
    text = read_as("a.html", page.format(**words)).text
    for name in ("first", "second", "third", "menu", "cookies"):
        assert words[name] in text, name


@WORDS
def test_a_page_that_is_one_form_is_read_and_a_small_form_is_not(
    read_as: ReadAs, words: dict[str, str]
) -> None:
    whole = "<body><form><h1>{title}</h1><p>{first}</p><p>{second}</p></form></body>"
    assert words["first"] in read_as("a.html", whole.format(**words)).text
    small = "<body><h1>{title}</h1><p>{first}</p><p>{second}</p><form>{share}</form></body>"
    assert words["share"] not in read_as("a.html", small.format(**words)).text


@WORDS
def test_links_before_the_title_go_and_contents_behind_it_stay(
    read_as: ReadAs, words: dict[str, str]
) -> None:
    page = (
        "<body><table><tr><td><ul>" + LINKS + "</ul></td></tr></table><h1>{title}</h1>"
        "<div class='toc'><ul><li><a href='#a'>{crumb}</a></li><li><a href='#b'>{share}</a></li>"
        "<li><a href='#c'>{related}</a></li></ul></div><p>{first}</p><p>{second}</p></body>"
    )
    text = read_as("a.html", page.format(**words)).text
    assert words["menu"] not in text
    for name in ("crumb", "share", "related", "first"):
        assert words[name] in text, name


@WORDS
def test_navigation_goes_even_if_it_is_most_of_the_page(
    read_as: ReadAs, words: dict[str, str]
) -> None:
    page = "<body><nav>" + LINKS * 20 + "</nav><p>{first}</p></body>"
    assert read_as("a.html", page.format(**words)).text.strip() == words["first"]


@WORDS
def test_the_part_that_a_page_calls_main_is_read_alone(
    read_as: ReadAs, words: dict[str, str]
) -> None:
    page = (
        "<body><div>{share}</div><main><h1>{title}</h1><p>{first}</p></main><p>{related}</p></body>"
    )
    text = read_as("a.html", page.format(**words)).text
    assert words["first"] in text
    assert words["share"] not in text
    assert words["related"] not in text


def test_a_page_whose_main_part_is_nearly_empty_is_read_whole(read_as: ReadAs) -> None:
    page = f"<body><p>{ENGLISH['first']}</p><main><p>Up</p></main></body>"
    assert ENGLISH["first"] in read_as("a.html", page).text


@WORDS
def test_a_table_that_lays_out_the_page_is_no_table(read_as: ReadAs, words: dict[str, str]) -> None:
    page = (
        "<table><tr><td><ul>"
        + LINKS
        + "</ul></td><td><h1>{title}</h1><p>{first}</p><p>{second}</p>"
        "<table><tr><th>{site}</th><th>n</th></tr><tr><td>{box}</td><td>7</td></tr></table></td></tr></table>"
    )
    text = read_as("a.html", page.format(**words)).text
    assert f"# {words['title']}\n\n{words['first']}\n\n{words['second']}\n" in text
    assert f"| {words['site']} | n |" in text
    assert "\\|" not in text
    assert words["menu"] not in text


def test_a_picture_is_its_description(read_as: ReadAs) -> None:
    text = read_as("a.html", "<p>Before</p><img alt='A red kettle' src='/kettle.png'><p>After</p>")
    assert "A red kettle" in text.text
    assert "kettle.png" not in text.text


def test_cells_are_not_padded(read_as: ReadAs) -> None:
    rows = (
        "<tr><th>Floor</th><th>Machine</th></tr><tr><td>1</td><td>" + "Espresso " * 9 + "</td></tr>"
    )
    assert "| 1 | Espresso" in read_as("a.html", f"<table>{rows}</table>").text


@pytest.mark.parametrize(
    ("head", "created", "modified"),
    [
        ("<meta name='DC.date' content='2024/05/01'>", "2024-05-01", None),
        ('<script type="application/ld+json">{"@graph": [{"datePublished": "2023-02-03T10:00:00+08:00", '
         '"dateModified": "2023-03-04"}]}</script>', "2023-02-03T10:00:00+08:00", "2023-03-04"),
        ("<meta property='article:modified_time' content='2022-01-02'>", None, "2022-01-02"),
        ("<meta name='date' content='some day'>", None, None),
    ],
)  # fmt: skip
def test_dates_are_those_that_the_page_states(
    read_as: ReadAs, head: str, created: str | None, modified: str | None
) -> None:
    found = read_as("a.html", f"<html><head>{head}</head><body><p>In 2021.</p></body></html>").meta
    assert (found.get("created"), found.get("modified")) == (created, modified)


def test_a_great_many_boxes_beside_one_another_are_read_in_time(read_as: ReadAs) -> None:
    boxes = "".join(f"<div class='sidebar'>Box number {n}</div>" for n in range(20_000))
    text = read_as("a.html", f"<body><p>{ENGLISH['first']}</p>{boxes}</body>").text
    assert ENGLISH["first"] in text
