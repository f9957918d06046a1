"""Takes out of a Word file the text that nobody sees: marked as hidden, white on white, or too small to read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Final

from surefoot.core.errors import DataError
from surefoot.ingest.extract.archive import read_member

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PART = re.compile(r"word/(?:document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml")
_SIGNS = re.compile(rb"vanish|webHidden|FFFFFF|ffffff|<w:sz w:val=\"[0-4]\"")
_STYLES = "word/styles.xml"
_OFF = ("0", "false", "off")
_NO_FILL = ("", "auto", "FFFFFF", "none")
_READABLE = 5  # half points: below it nobody reads
_Looks = tuple[bool, bool | None, int | None]


def without_hidden(archive: zipfile.ZipFile, data: bytes) -> tuple[bytes, int]:
    """The file without its hidden runs of text, and how many characters they held; the same file where none is hidden.

    Raises:
        DataError: a part of it is no XML.
    """
    parts = {one.filename for one in archive.infolist() if _PART.fullmatch(one.filename)}
    held = {name: read_member(archive, name) for name in sorted(parts)}
    styles = read_member(archive, _STYLES) if _STYLES in archive.namelist() else b""
    if not any(_SIGNS.search(part) for part in (*held.values(), styles)):
        return data, 0
    looks = _styles(_parsed(styles, _STYLES)) if styles else {}
    changed, removed = dict[str, bytes](), 0
    for name, part in held.items():
        root = _parsed(part, name)
        gone = _strip(root, looks)
        if gone:
            changed[name], removed = _written(root), removed + gone
    return (_packed(archive, changed), removed) if changed else (data, 0)


def _strip(root: Any, styles: Mapping[str, _Looks]) -> int:
    removed = 0
    for run in list(root.iter(f"{_W}r")):
        if _unseen(run, styles):
            removed += sum(len(one.text or "") for one in run.iter(f"{_W}t"))
            run.getparent().remove(run)
    return removed


def _unseen(run: Any, styles: Mapping[str, _Looks]) -> bool:
    """Whether a run cannot be read: its own look counts, else that of its style, else that of its paragraph's."""
    own = run.find(f"{_W}rPr")
    paragraph = next(run.iterancestors(f"{_W}p"), None)
    about = paragraph.find(f"{_W}pPr") if paragraph is not None else None
    named = [_look(own), _named(own, "rStyle", styles), _named(about, "pStyle", styles)]
    hidden = any(look[0] for look in named)
    white = next((look[1] for look in named if look[1] is not None), False)
    size = next((look[2] for look in named if look[2] is not None), _READABLE)
    return hidden or size < _READABLE or bool(white and not _filled(run, own, about))


def _filled(run: Any, own: Any, about: Any) -> bool:
    """Whether something that is not white may be behind it; in tables with a style and in shapes nobody knows."""
    if own is not None and own.find(f"{_W}highlight") is not None:
        return True
    cells = [cell.find(f"{_W}tcPr") for cell in run.iterancestors(f"{_W}tc")]
    tables = [table.find(f"{_W}tblPr") for table in run.iterancestors(f"{_W}tbl")]
    if any(_shaded(one) for one in (own, about, *cells, *tables)):
        return True
    styled = any(one is not None and one.find(f"{_W}tblStyle") is not None for one in tables)
    drawn = next(run.iterancestors(f"{_W}txbxContent"), None) is not None
    paper = run.getroottree().getroot().find(f"{_W}background") is not None
    return styled or drawn or paper


def _shaded(properties: Any) -> bool:
    shade = properties.find(f"{_W}shd") if properties is not None else None
    if shade is None:
        return False
    clear = _value(shade) in ("", "clear", "nil")
    return not clear or shade.get(f"{_W}fill", "").upper() not in (one.upper() for one in _NO_FILL)


def _named(properties: Any, kind: str, styles: Mapping[str, _Looks]) -> _Looks:
    style = properties.find(f"{_W}{kind}") if properties is not None else None
    return (
        styles.get(_value(style), (False, None, None)) if style is not None else (False, None, None)
    )


def _look(properties: Any) -> _Looks:
    """Whether it is marked as hidden, whether it is white, and its size in half points where these are said."""
    if properties is None:
        return False, None, None
    marks = (properties.find(f"{_W}{name}") for name in ("vanish", "webHidden"))
    hidden = any(mark is not None and _value(mark) not in _OFF for mark in marks)
    color, size = properties.find(f"{_W}color"), properties.find(f"{_W}sz")
    white = None if color is None else _value(color).upper() == "FFFFFF"
    number = _value(size) if size is not None else ""
    return hidden, white, int(number) if number.isdecimal() else None


def _styles(root: Any) -> dict[str, _Looks]:
    """How each style looks, with what it takes over from those that it is based on."""
    own = {one.get(f"{_W}styleId", ""): one for one in root.iter(f"{_W}style")}
    found = {}
    for name in own:
        looks = [_look(one.find(f"{_W}rPr")) for one in _line(name, own)]
        white = next((look[1] for look in looks if look[1] is not None), None)
        size = next((look[2] for look in looks if look[2] is not None), None)
        found[name] = (any(look[0] for look in looks), white, size)
    return found


def _line(name: str, styles: Mapping[str, Any]) -> Iterator[Any]:
    """A style and those that it is based on, nearest first."""
    seen: set[str] = set()
    while name in styles and name not in seen:
        seen.add(name)
        yield styles[name]
        base = styles[name].find(f"{_W}basedOn")
        name = _value(base) if base is not None else ""


def _value(element: Any) -> str:
    return str(element.get(f"{_W}val", ""))


def _parsed(part: bytes, name: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(part, parser)
    except etree.XMLSyntaxError as problem:
        raise DataError(
            f"is damaged: {name} is no XML ({problem})",
            hint="open it in its own program and save it again",
        ) from None


def _written(root: Any) -> bytes:
    from lxml import etree

    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _packed(archive: zipfile.ZipFile, changed: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for one in archive.infolist():
            made.writestr(one, changed.get(one.filename) or read_member(archive, one.filename))
    return held.getvalue()
