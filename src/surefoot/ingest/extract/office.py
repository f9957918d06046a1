"""Word, Excel, OpenDocument, RTF, EPUB and Outlook files by the converter."""

from __future__ import annotations

from surefoot.core.roles import Extracted
from surefoot.ingest.extract.archive import checked_archive
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.convert import Converted, convert, document_facts
from surefoot.ingest.extract.facts import facts, iso_date, said
from surefoot.ingest.extract.hidden_word import without_hidden
from surefoot.ingest.extract.kinds import kind_of
from surefoot.ingest.extract.letters import addresses, one_line

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
    data, notes, kind = content.data, list[str](), kind_of(content)
    if content.head.startswith(b"PK"):
        archive = checked_archive(content)
        if kind == "docx":
            data, hidden = without_hidden(archive, data)
            notes += [f"left out {hidden} characters of hidden text"] if hidden else []
    converted = convert(data, _MIMES[kind])
    metadata = converted.metadata
    title = said(metadata.get("title"))
    if metadata.get("format_type") == "email":
        return _mail(converted, title)
    meta = document_facts(metadata)
    return Extracted(text=converted.text, title=title, meta=meta, notes=tuple(notes))


def _mail(converted: Converted, title: str) -> Extracted:
    """An Outlook mail: its attachments under headings of their own; one that gave no text is a note."""
    metadata = converted.metadata
    created = iso_date(metadata.get("created_at") or metadata.get("date"))
    subject, sender = said(metadata.get("subject")), said(metadata.get("from_email"))
    receivers = [*(metadata.get("to_emails") or ()), *(metadata.get("cc_emails") or ())]
    meta = document_facts(metadata) | facts(
        author=sender,
        created=created,
        date=created[:10],
        subject=subject,
        to=addresses(receivers),
        **{"from": "".join(addresses([sender])[:1])},
    )
    blocks, read = [converted.text.strip("\n")], set()
    for path, text in converted.inner:
        if text.strip():
            name = one_line(path)
            blocks += [f"## {name}", text.strip("\n")]
            read.add(path)
    notes = [
        f"attachment {one_line(str(name))} was not read"
        for name in metadata.get("attachments") or ()
        if name not in read
    ]
    text = "\n\n".join(blocks)
    return Extracted(text=f"{text}\n", title=subject or title, meta=meta, notes=tuple(notes))
