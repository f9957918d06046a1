"""XML as readable lines: an element's path and its text. Entities and outside references are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.plain import text_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)")
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")
_TITLES = ("title", "name", "headline", "标题", "名称")


def read_xml(content: Content) -> Extracted:
    """One `path: text` line for each element with text, attributes as `path@name`; repeated elements apart.

    Raises:
        DataError: for malformed XML and for entity declarations.
    """
    root = parse_xml(_text(content))
    title = next((_words(child) for child in root if _name(child.tag) in _TITLES), "")
    text = "\n".join(_lines(root)).strip("\n")
    return Extracted(text=f"# {_name(root.tag)}\n\n{text}\n", title=title or _name(root.tag))


def parse_xml(text: str | bytes) -> Element:
    """The root element.

    Raises:
        DataError: for malformed XML and for entity declarations.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root: Element = fromstring(text)
    except DefusedXmlException:
        raise DataError(
            "declares XML entities, which can hide an attack: refused",
            hint="replace the entities by their text",
        ) from None
    except (ParseError, ValueError, LookupError) as problem:
        raise DataError(
            f"is not well-formed XML: {problem}", hint="repair it, or rename it to .txt"
        ) from None
    return root


def _text(content: Content) -> str:
    declared = _DECLARED.search(content.head[:400])
    text = text_of(content, declared.group(1).decode() if declared else None)
    # Expat knows few encodings; the text is decoded already, so what it declares no longer holds.
    return _DECLARATION.sub("", text.lstrip("\ufeff"), count=1)


def _lines(root: Element) -> Iterator[str]:
    stack: list[tuple[str, Element]] = [("", root)]
    while stack:
        path, element = stack.pop()
        for name, value in element.attrib.items():
            if value.strip():
                yield f"{path}@{_name(name)}: {' '.join(value.split())}".lstrip("@")
        children = [child for child in element if isinstance(child.tag, str)]
        if not children or _is_mixed(element):
            words = _words(element)
            if words:
                yield f"{path}: {words}" if path else words
            continue
        if len(children) > 1:
            yield ""
        stack += [(f"{path}.{_name(child.tag)}".lstrip("."), child) for child in reversed(children)]


def _is_mixed(element: Element) -> bool:
    return bool((element.text or "").strip()) or any(
        (child.tail or "").strip() for child in element
    )


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]
