"""Which function reads which format. Attachments come back through here, one level deeper."""

from __future__ import annotations

from collections.abc import Callable

from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import (
    delimited,
    mail,
    notebook,
    office,
    pdf,
    plain,
    records,
    slides,
    subtitles,
    web,
    xmltext,
)
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.kinds import Kind, kind_of
from surefoot.ingest.extract.media import pictures, recordings

_MAX_DEPTH = 5


def read(content: Content) -> Extracted:
    """Reads content of any supported format.

    Raises:
        DataError: without `where` when the content as a whole is at fault.
    """
    if content.depth > _MAX_DEPTH:
        raise DataError(f"is nested more than {_MAX_DEPTH} levels deep", hint="open it by itself")
    if not content.head.strip():
        for _ in content.blocks():
            pass
        return Extracted(text="", markup="plain")
    return _READERS[kind_of(content)](content)


def _mail(content: Content) -> Extracted:
    return mail.read_mail(content, read)


def _refused(reason: str, hint: str) -> Callable[[Content], Extracted]:
    def refuse(_: Content) -> Extracted:
        raise DataError(reason, hint=hint)

    return refuse


_READERS: dict[Kind, Callable[[Content], Extracted]] = {
    "pdf": pdf.read_pdf,
    "docx": office.read_office,
    "pptx": slides.read_slides,
    "xlsx": office.read_office,
    "xls": office.read_office,
    "ods": office.read_office,
    "odt": office.read_office,
    "rtf": office.read_office,
    "epub": office.read_office,
    "html": web.read_html,
    "markdown": plain.read_markdown,
    "text": plain.read_text,
    "csv": delimited.read_csv,
    "json": records.read_json,
    "jsonl": records.read_jsonl,
    "xml": xmltext.read_xml,
    "eml": _mail,
    "msg": office.read_office,
    "ipynb": notebook.read_notebook,
    "subtitles": subtitles.read_subtitles,
    "code": plain.read_code,
    "image": pictures.read_picture,
    "audio": recordings.read_recording,
    "encrypted": _refused("is encrypted", "save a copy without a password"),
}
