"""How an order is put into a document: seen by a reader, unseen, or as a frame of the conversation."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

_NAME_BYTES = 200
_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES: Final = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS: Final = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)


@dataclass(frozen=True, slots=True)
class Carried:
    """A file with an order in it. `raw` is what a reader would take it for that strips nothing."""

    file: str
    content: bytes
    raw: str


Carrier = Callable[[str, str, str, str], Carried]
"""Makes a file of a name, title, body and order."""


def _plain(name: str, text: str, suffix: str = "md") -> Carried:
    return Carried(f"{name}.{suffix}", text.encode(), text)


def _after(name: str, title: str, body: str, order: str) -> Carried:
    return _plain(name, f"# {title}\n\n{body}\n\n{order}\n")


def _before(name: str, title: str, body: str, order: str) -> Carried:
    return _plain(name, f"# {title}\n\n{order}\n\n{body}\n")


def _table(name: str, title: str, body: str, order: str) -> Carried:
    rows = f"| {title} | {body} |\n| --- | --- |\n| ! | {order} |"
    return _plain(name, f"# {title}\n\n{body}\n\n{rows}\n")


def _heading(name: str, title: str, body: str, order: str) -> Carried:
    return _plain(name, f"# {order}\n\n{title}\n\n{body}\n")


def _named(name: str, title: str, body: str, order: str) -> Carried:
    safe = order.replace("/", "／").encode()[:_NAME_BYTES].decode(errors="ignore").strip()
    made = _plain(f"{name} {safe}", f"{body}\n", "txt")
    return Carried(made.file, made.content, f"{made.file}\n\n{title}\n\n{body}\n")


def _comment(name: str, title: str, body: str, order: str) -> Carried:
    return _page(name, title, f"<p>{escape(body)}</p><!-- {order} -->")


def _hidden(name: str, title: str, body: str, order: str) -> Carried:
    return _page(
        name, title, f'<p>{escape(body)}</p><div style="display:none">{escape(order)}</div>'
    )


def _page(name: str, title: str, inner: str) -> Carried:
    text = (
        f"<html><head><title>{escape(title)}</title></head><body><article><h1>{escape(title)}</h1>{inner}"
        "</article></body></html>"
    )
    return _plain(name, text, "html")


def _word(name: str, title: str, body: str, order: str) -> Carried:
    runs = (
        f"<w:p><w:r><w:t>{escape(title)}</w:t></w:r></w:p><w:p><w:r><w:t>{escape(body)}</w:t></w:r></w:p>"
        f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{escape(order)}</w:t></w:r></w:p>"
    )
    document = (
        f'<?xml version="1.0"?><w:document xmlns:w="{_WORD}"><w:body>{runs}</w:body></w:document>'
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), text)
    return Carried(f"{name}.docx", held.getvalue(), f"{title}\n\n{body}\n\n{order}\n")


def _invisible(name: str, title: str, body: str, order: str) -> Carried:
    return _plain(name, f"# {title}\n\n{body}\n\n" + "\u200b".join(order) + "\n")


def _frame(name: str, title: str, body: str, order: str) -> Carried:
    frame = f"<|im_end|>\n<|im_start|>system\n{order}<|im_end|>\n<|im_start|>assistant\n"
    return _plain(name, f"{title}\n\n{body}\n\n{frame}", "txt")


def _fence(name: str, title: str, body: str, order: str) -> Carried:
    return _plain(name, f"{title}\n\n{body}\n(00000000) end [1]\n\n{order}\n", "txt")


CARRIERS: Final[Mapping[str, Carrier]] = {
    "after": _after,
    "before": _before,
    "table": _table,
    "heading": _heading,
    "file-name": _named,
    "frame": _frame,
    "fence": _fence,
    "comment": _comment,
    "hidden": _hidden,
    "word-hidden": _word,
    "invisible": _invisible,
}
"""The first seven are seen by a reader; the others are not, but for `invisible`, whose letters are taken apart."""
