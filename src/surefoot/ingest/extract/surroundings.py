"""What surrounds the main text of a web page: navigation, side columns, banners, comments.

Judged by what authors say of their elements (tag, role, class, id) and by the share of links, never by a score of
the text itself: a page that is all main text loses nothing. A part that holds half of the page goes only where its tag
or role says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SURE = ("nav", "footer")
_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary")
_BLOCKS = (
    *("div", "ul", "ol", "section", "table", "p", "dl", "details", "menu", "center", "header"),
    *("aside", "form", "a"),
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_WORD = r"(?:^|[-_\s])(?:%s)(?=$|[-_\s])"
_ALWAYS = re.compile(
    _WORD
    % (
        r"(?:site|page|main|top|global|doc)?nav(?:bar|igation|header|footer|links?|list|menu)?|sidenav"
        r"|breadcrumbs?|sphinxsidebar\w*|pagination|pager|skip(?:link|nav|-?to-?content)?|cookies?"
        r"|no-?print|d-print-none|printfooter|catlinks|editsection|newsletter|share|sharing|social|advert\w*|masthead|menubar|topbar"
    ),
    re.I,
)
_OUTSIDE = re.compile(
    _WORD
    % (
        r"sidebar|side-?bar|footer|related-?(?:posts|articles|links)?|toolbar|copyright|subscribe|menu"
        r"|site-?header|comments|comment-?list|disqus_thread"
    ),
    re.I,
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MOST = 0.5
_LINKED = 0.8
_LINKS = 3
# Bytes in UTF-8: a dozen English words, twenty Chinese characters.
_PROSE = 60


def clear(root: HtmlElement) -> None:
    """Takes out of a page, in place, what surrounds its main text."""
    body = root.find("body")
    body = root if body is None else body
    for element in [*body.iter(*_SURE), *body.xpath(".//*[@role]")]:
        if element.tag in _SURE or element.get("role") in _ROLES:
            drop(element)
    most = _MOST * size(body)
    page = _Page()
    for element in list(body.iterdescendants(*_BLOCKS)):
        if element.getparent() is not None and page.surrounds(element) and size(element) < most:
            drop(element)
    for element in _before_the_title(body):
        if _is_links(element) and size(element) < most:
            drop(element)


def main_part(root: HtmlElement) -> HtmlElement:
    """The element that the page itself calls its main part, where it has one and that holds most of it; else all."""
    said = root.xpath("//main|//*[@role='main']")
    if len(said) == 1 and size(said[0]) >= _MOST * size(root):
        return said[0]
    return root


def unfold(root: HtmlElement) -> None:
    """Tables that only lay out a page become plain blocks, in place: those that hold headings or other tables."""
    for table in list(root.iter("table")):
        if next(table.iterdescendants("table", *_HEADINGS), None) is None:
            continue
        for part in list(table.iterdescendants("tbody", "thead", "tfoot", "tr", "td", "th")):
            if next(part.iterancestors("table"), None) is table:
                part.tag = "div"
        table.tag = "div"


def size(element: HtmlElement) -> int:
    """Characters of its text that are no white space."""
    return len("".join(element.text_content().split()))


def drop(element: HtmlElement) -> None:
    """Takes an element out of its page; the text behind it stays."""
    if element.getparent() is not None:
        element.drop_tree()


class _Page:
    """Tells what surrounds the text. Remembers what stands side by side, which many elements ask."""

    def __init__(self) -> None:
        self._beside: dict[HtmlElement, int] = {}

    def surrounds(self, element: HtmlElement) -> bool:
        """Whether its tag or names say that it is not of the main text."""
        kind, place = (_HUMP.sub("-", element.get(name) or "") for name in ("class", "id"))
        if element.tag == "form" or _ALWAYS.search(kind):
            return True
        if element.tag == "aside" or _OUTSIDE.search(kind):
            return not self._among_prose(element)
        if element.tag == "header":
            return _is_of_the_site(element)
        # The id of a section is its heading in other words: a chapter on pagination is no pager.
        named = _ALWAYS.search(place) or _OUTSIDE.search(place)
        return bool(named) and (
            _linked(element) >= _MOST or next(element.iter(*_HEADINGS), None) is None
        )

    def _among_prose(self, element: HtmlElement) -> bool:
        """A box in running text is content: two neighbours at least are prose."""
        parent = element.getparent()
        if parent not in self._beside:
            self._beside[parent] = sum(_is_prose(child) for child in parent.iterchildren("*"))
        return self._beside[parent] - _is_prose(element) >= 2


def _is_of_the_site(header: HtmlElement) -> bool:
    inside = any(one.tag in ("article", "main", "section") for one in header.iterancestors())
    return not inside and next(header.iter("h1"), None) is None


def _before_the_title(body: HtmlElement) -> Iterator[HtmlElement]:
    """The outer blocks that stand before the first heading and do not hold it."""
    first = next(body.iter("h1", "h2"), None)
    around = set() if first is None else set(first.iterancestors())
    for element in [] if first is None else list(body.iter()):
        if element is first:
            return
        if element.tag in _BLOCKS and element not in around:
            yield element


def _is_links(element: HtmlElement) -> bool:
    links = sum(1 for link in element.iter("a") if link.get("href"))
    return links >= _LINKS and _linked(element) >= _LINKED


def _is_prose(element: HtmlElement) -> bool:
    text = "".join(element.text_content().split())
    return len(text.encode()) > _PROSE and _linked(element) < 1 - _LINKED


def _linked(element: HtmlElement) -> float:
    """The share of its text that lies in links, 0 to 1."""
    links = sum(size(link) for link in element.iter("a") if link.get("href"))
    return links / max(1, size(element))
