"""Word, Excel, OpenDocument, RTF, EPUB and Outlook files by the converter."""

from __future__ import annotations

from surefoot.core.roles import Extracted
from surefoot.ingest.extract.archive import checked_archive
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.convert import convert, document_facts
from surefoot.ingest.extract.facts import facts, iso_date, said
from surefoot.ingest.extract.kinds import kind_of

_OPENXML = "application/vnd.openxmlformats-officedocument."
_MIMES = {
    "docx": _OPENXML + "wordprocessingml.document",
    "xlsx": _OPENXML + "spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "rtf": "application/rtf",
    "epub": "application/epub+zip",
    "msg": "application/vnd.ms-outlook",
}


def read_office(content: Content) -> Extracted:
    """Markdown with headings, lists and tables; a mail's sender and date in the meta values.

    Raises:
        DataError: when the file is damaged, encrypted or a zip bomb.
    """
    if content.head.startswith(b"PK"):
        checked_archive(content)
    converted = convert(content.data, _MIMES[kind_of(content)])
    metadata = converted.metadata
    title = said(metadata.get("title"))
    meta = document_facts(metadata)
    if metadata.get("format_type") == "email":
        title = said(metadata.get("subject")) or title
        meta = meta | facts(
            author=said(metadata.get("from_email")), to="; ".join(metadata.get("to_emails") or ())
        )
        meta |= facts(created=iso_date(metadata.get("created_at") or metadata.get("date")))
    return Extracted(text=converted.text, title=title, meta=meta)
