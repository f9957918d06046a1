"""Web pages: the main text without navigation, scripts and styles, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING

from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.convert import convert
from surefoot.ingest.extract.facts import authors, facts, iso_date, said
from surefoot.ingest.extract.plain import text_of

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
_AROUND = ("nav", "footer", "aside", "form")
_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary")
_FRONT = re.compile(r"\A---\n.*?\n(?=#|\n(?!##? title:)|\Z)", re.DOTALL)
_ENOUGH = 0.35
_AUTHORS = "//meta[@name='author' or @name='dc.creator' or @property='article:author']/@content"
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
    return _page(root)


def _page(root: HtmlElement) -> Extracted:
    from trafilatura.metadata import extract_metadata

    # Without a date in its head a page has none: a year somewhere in the text is no date.
    about = extract_metadata(root, date_config={"extensive_search": False, "original_date": True})
    language = said(root.get("lang")).split("-")[0].lower()
    meta = facts(
        author=authors(name for name in root.xpath(_AUTHORS) if "://" not in name),
        created=iso_date(about.date),
        language=language,
    )
    headings = [" ".join(heading.text_content().split()) for heading in root.iter("h1")]
    title = (
        said(about.title) or said(root.findtext(".//title")) or (headings[0] if headings else "")
    )
    hidden = _strip(root)
    main = _main_text(root)
    if _size(main) < _ENOUGH * _size(root.text_content()):
        main = _whole_text(root)
    if len(headings) == 1 and headings[0] and _squeezed(headings[0]) not in _squeezed(main):
        main = f"# {headings[0]}\n\n{main}"
    notes = (f"left out {hidden} characters of hidden text",) if hidden else ()
    return Extracted(text=main.strip("\n") + "\n", title=title, meta=meta, notes=notes)


def _main_text(root: HtmlElement) -> str:
    import trafilatura

    config = deepcopy(trafilatura.settings.DEFAULT_CONFIG)
    # Its sizes are meant for Latin letters; below them it gives all text without any structure.
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "1")
    config.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    text = trafilatura.extract(
        deepcopy(root),
        output_format="markdown",
        include_comments=False,
        include_tables=True,
        favor_recall=True,
        config=config,
    )
    return re.sub(r"(?m)^(\|.*\|) +$", r"\1", text or "")


def _whole_text(root: HtmlElement) -> str:
    """Everything but navigation and scripts: for pages too short or too odd to have a recognised main text."""
    import lxml.html

    for link in root.iter("a"):
        link.attrib.clear()
    markdown = convert(lxml.html.tostring(root, encoding="utf-8"), "text/html").text
    return _FRONT.sub("", markdown)


def _strip(root: HtmlElement) -> int:
    """Takes out what surrounds the text and what nobody sees; how many characters of the text itself were hidden."""
    doomed = [element for element in root.iter(*_HIDDEN, *_AROUND)]
    doomed += [element for element in root.iter() if element.get("role") in _ROLES]
    doomed += [element for element in root.iter() if element.get("aria-hidden") == "true"]
    _drop(root, doomed)
    before = _size(root.text_content())
    _drop(root, [one for one in root.iter() if one.get("hidden") is not None or _unseen(one)])
    return before - _size(root.text_content())


def _drop(root: HtmlElement, doomed: Iterable[HtmlElement]) -> None:
    for element in doomed:
        if element.getparent() is not None and element is not root:
            element.drop_tree()


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


def _size(text: str) -> int:
    return len(_squeezed(text))


def _squeezed(text: str) -> str:
    return "".join(text.split())
