"""Web pages: the main text without navigation, scripts and styles, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.convert import convert
from surefoot.ingest.extract.facts import authors, facts, iso_date, said
from surefoot.ingest.extract.plain import text_of
from surefoot.ingest.extract.surroundings import clear, drop, main_part, size, unfold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HIDDEN = (
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "iframe",
    "head",
    "object",
    "button",
    "select",
)
_FRONT = re.compile(r"\A---\n.*?\n(?=#|\n(?!##? title:)|\Z)", re.DOTALL)
_TITLES = "//meta[@property='og:title' or @name='dc.title' or @name='citation_title']/@content"
# Of the converter: an item of a list as a heading, and cells padded to the width of their column.
_ITEM_AS_HEADING = re.compile(r"(?m)^#{1,6} (?=- )")
_ROW = re.compile(r"(?m)^\|.*\|$")
_PADDING = re.compile(r" {2,}")
_LINE = re.compile(r"-{4,}")
_AUTHORS = "//meta[@name='author' or @name='dc.creator' or @property='article:author']/@content"
_PUBLISHED = (
    *("article:published_time", "og:published_time", "date", "dc.date", "dc.date.issued"),
    *("dcterms.created", "dcterms.issued", "pubdate", "publishdate", "citation_publication_date"),
)
_MODIFIED = ("article:modified_time", "og:updated_time", "last-modified", "dcterms.modified")
_UNSEEN = re.compile(
    r"display:none|visibility:hidden|(?:^|;)(?:font-size:0(?:px|pt|em|rem|%)?|opacity:0(?:\.0+)?)(?:;|!|$)"
    r"|(?:left|top|text-indent):-\d{3,}"
)
_COLOR = re.compile(r"(?:^|;)color:([^;!]+)")
_GROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_NAMES = {
    "white": "#ffffff",
    "rgb(255,255,255)": "#ffffff",
    "black": "#000000",
    "rgb(0,0,0)": "#000000",
}
_WHITE = re.compile(r"(?:^|;)color:(?:white|#fff(?:fff)?|rgb\(255,255,255\))(?:;|!|$)")


def read_html(content: Content) -> Extracted:
    """Headings, lists, tables and the text of links are kept, what surrounds the main text is not."""
    import lxml.html

    declared = _DECLARED.search(content.head[:4096])
    source = text_of(content, declared.group(1).decode() if declared else None)
    source = _DECLARATION.sub("", source.lstrip("\ufeff"))
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")
    try:
        root = lxml.html.document_fromstring(source.encode(errors="replace"), parser=parser)
    except lxml.etree.ParserError:
        # lxml's word for a document without any element.
        return Extracted(text="")
    return read_tree(root)


def read_tree(root: HtmlElement) -> Extracted:
    """The same of a parsed page, which is taken apart."""
    meta = facts(
        author=authors(name for name in root.xpath(_AUTHORS) if "://" not in name),
        created=_date(root, _PUBLISHED, "datePublished"),
        modified=_date(root, _MODIFIED, "dateModified"),
        language=said(root.get("lang")).split("-")[0].lower(),
    )
    headings = [" ".join(heading.text_content().split()) for heading in root.iter("h1")]
    title = next(filter(None, map(said, root.xpath(_TITLES))), "")
    title = title or (headings[0] if len(headings) == 1 else "") or said(root.findtext(".//title"))
    title = title or next(iter(headings), "")
    hidden = _strip(root)
    main = _markdown(main_part(root))
    if len(headings) == 1 and headings[0] and _squeezed(headings[0]) not in _squeezed(main):
        main = f"# {headings[0]}\n\n{main}"
    notes = (f"left out {hidden} characters of hidden text",) if hidden else ()
    return Extracted(text=main.strip("\n") + "\n", title=title, meta=meta, notes=notes)


def _date(root: HtmlElement, names: tuple[str, ...], key: str) -> str:
    """The first date that its head, its linked data or a marked time of it says; none is guessed from the text."""
    found = [
        one.get("content") or ""
        for one in root.iter("meta")
        if {(one.get("name") or "").lower(), (one.get("property") or "").lower()} & set(names)
    ]
    for script in root.xpath("//script[@type='application/ld+json']"):
        found += re.findall(rf'"{key}"\s*:\s*"([^"]{{8,40}})"', script.text or "")
    found += root.xpath(f"//*[@itemprop='{key}']/@content|//time[@itemprop='{key}']/@datetime")
    return next(filter(None, (iso_date(one.replace("/", "-")) for one in found)), "")


def _markdown(root: HtmlElement) -> str:
    import lxml.html

    for link in root.iter("a"):
        link.attrib.clear()
    for element in root.iter("form", "aside", "header"):
        # What is still there is main text; by these names the converter would leave it out.
        element.tag = "div"
    unfold(root)
    for picture in list(root.iter("img")):
        picture.tail = f"{picture.get('alt') or ''} {picture.tail or ''}"
        drop(picture)
    markdown = convert(lxml.html.tostring(root, encoding="utf-8"), "text/html").text
    markdown = _ITEM_AS_HEADING.sub("", _FRONT.sub("", markdown))
    return _ROW.sub(lambda row: _LINE.sub("---", _PADDING.sub(" ", row[0])), markdown)


def _strip(root: HtmlElement) -> int:
    """Takes out what surrounds the text and what nobody sees; how many characters of the text itself were hidden."""
    doomed = [element for element in root.iter(*_HIDDEN)]
    doomed += [element for element in root.iter() if element.get("aria-hidden") == "true"]
    _drop(root, doomed)
    clear(root)
    before = size(root)
    _drop(root, [one for one in root.iter() if one.get("hidden") is not None or _unseen(one)])
    return before - size(root)


def _drop(root: HtmlElement, doomed: Iterable[HtmlElement]) -> None:
    for element in doomed:
        if element is not root:
            drop(element)


def _unseen(element: HtmlElement) -> bool:
    """Whether its own style keeps it from being seen; rules of style sheets are not looked at."""
    style = "".join((element.get("style") or "").lower().split())
    if not style:
        return False
    if _UNSEEN.search(style):
        return True
    if not (color := _COLOR.search(style)):
        return False
    around = (
        "".join((one.get("style") or "").lower().split())
        for one in (element, *element.iterancestors())
    )
    behind = next((one for one in around if "background" in one), "")
    if not behind:
        return bool(_WHITE.search(style))
    ground = _GROUND.search(behind)
    return ground is not None and _same(ground[1]) == _same(color[1])


def _same(color: str) -> str:
    """A color by one of its names where it is white or black, and in six digits where it has three."""
    if re.fullmatch(r"#[0-9a-f]{3}", color):
        color = "#" + "".join(digit * 2 for digit in color[1:])
    return _NAMES.get(color, color)


def _squeezed(text: str) -> str:
    return "".join(text.split())
