"""Makes the document of an item: reads it steadily, cleans it, and settles title, language and metadata."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from surefoot.config.solution import Cleaning
from surefoot.core.digest import sha256_file
from surefoot.core.errors import DataError, TransientError
from surefoot.core.lang import detect
from surefoot.core.lang.invisible import strip_invisible
from surefoot.core.lang.private import find_private, masked
from surefoot.core.roles import Extracted, SourceItem
from surefoot.core.types import Document, Meta, MetaValue
from surefoot.ingest.clean import clean
from surefoot.ingest.describe import Descriptions
from surefoot.ingest.loading import Read, Reading, readings
from surefoot.ingest.sources.items import seen_again

_TRIES = 3
_TITLE_CHARS = 300
_HEADING = re.compile(r"\s*#[ \t]+(\S[^\n]*?)[ \t]*#*[ \t]*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Unsteady:
    """What could not be read for now, such as a file that kept changing: what the index has of it stays.

    The next sync reads it.
    """

    item: SourceItem
    reason: str = "the file kept changing while it was read"
    hint: str = "sync again when nothing writes to it"


@dataclass(frozen=True, slots=True)
class Readout:
    """An item with its cleaned document, or with what is wrong with it.

    `told` are the metadata that do not come from its text; `undescribed` is what was to describe it and cannot be read.
    """

    item: SourceItem
    document: Document
    notes: tuple[str, ...] = ()
    cleaned: Mapping[str, int] = field(default_factory=dict)
    problem: DataError | None = None
    told: Meta = field(default_factory=dict)
    undescribed: tuple[DataError, ...] = ()


def read_documents(
    items: Sequence[SourceItem],
    read: Read,
    cleaning: Cleaning,
    descriptions: Descriptions | None = None,
) -> Generator[Readout | Unsteady, None, None]:
    """Every item with its document, in order; `read` is asked for all files at once and may read ahead.

    Whoever stops before the last closes it, so that nothing that was brought stays on the disk.
    """
    work = _Work(read, cleaning, descriptions or Descriptions())
    elsewhere = [item for item in items if item.document is None and (item.path or item.load)]
    with closing(readings(elsewhere, read)) as found:
        for item in items:
            if item.document is not None:
                yield work.cleaned(item, item.document, ())
            elif item.path is not None or item.load is not None:
                yield work.made(next(found))


@dataclass(frozen=True, slots=True)
class _Work:
    """How items become documents."""

    read: Read
    cleaning: Cleaning
    descriptions: Descriptions

    def made(self, found: Reading) -> Readout | Unsteady:
        """What came of a file, or of content that was brought: that is described as a file of its name is."""
        item, got = found.item, found.got
        if isinstance(got, TransientError):
            return Unsteady(item, got.message, got.hint or "sync again later")
        if item.load is None:
            return self.steady(item, got)
        if found.path is None or isinstance(got, DataError):
            return self._made(item, Path(), got)
        made = self._made(replace(item, path=found.path), found.path, got)
        return replace(made, item=item)

    def steady(self, item: SourceItem, got: Extracted | DataError) -> Readout | Unsteady:
        """Reads again as long as the file changes; three times at most."""
        path = item.path
        if path is None:
            raise ValueError("only files are read")
        for _ in range(_TRIES):
            try:
                now = seen_again(item)
                if now.fingerprint == item.fingerprint:
                    return self._made(item, path, got)
            except OSError as problem:
                reason = f"cannot be read: {problem.strerror or problem}"
                return _failed(item, DataError(reason, where=item.uri, hint="check the file"))
            item = now
            got = next(self.read([path]))[1]
        return Unsteady(item)

    def _made(self, item: SourceItem, path: Path, got: Extracted | DataError) -> Readout:
        if isinstance(got, DataError):
            return _failed(item, got)
        made = Document(
            id=item.id,
            uri=item.uri,
            digest=got.digest or sha256_file(path),
            text=got.text,
            title=got.title,
            markup=got.markup,
            pages=got.pages,
            regions=got.regions,
            meta={
                key: _visible(value)
                for key, value in {**item.facts, **got.meta, **item.meta}.items()
            },
            acl=item.acl,
        )
        return self.cleaned(item, made, got.notes)

    def cleaned(self, item: SourceItem, document: Document, notes: tuple[str, ...]) -> Readout:
        """The document described, cleaned, and then titled."""
        described = self.descriptions.describe(item, document)
        document = described.document
        cleaned = clean(
            document.text,
            document.pages,
            settings=self.cleaning,
            markup=document.markup,
            regions=document.regions,
        )
        named = replace(document, text=cleaned.text, pages=cleaned.pages, regions=cleaned.regions)
        title = _title(named, item.path)
        if self.cleaning.pii != "off":
            named, title = _private(named, title, mask=self.cleaning.pii == "mask")
        lang = detect(f"{title} {cleaned.text[:4000]}")
        made = replace(named, title=title, lang=lang)
        return Readout(
            item,
            made,
            notes,
            cleaned.removed,
            told=described.told,
            undescribed=described.problems,
        )


def _failed(item: SourceItem, problem: DataError) -> Readout:
    return Readout(item, Document(item.id, item.uri, "", "", acl=item.acl), problem=problem)


def _private(document: Document, title: str, *, mask: bool) -> tuple[Document, str]:
    """The document and its title with personal data named in the metadata, or masked there as in its text."""
    if mask:
        hidden = {key: _masked(value) for key, value in document.meta.items()}
        return replace(document, meta=hidden), masked(title)
    kinds = {one.kind for one in find_private(f"{title}\n{document.text}")}
    told = {**document.meta, "pii": tuple(sorted(kinds))} if kinds else document.meta
    return replace(document, meta=told), title


def _masked(value: MetaValue) -> MetaValue:
    if isinstance(value, str):
        return masked(value)
    return tuple(masked(part) for part in value) if isinstance(value, tuple) else value


def _title(document: Document, path: Path | None) -> str:
    """What the file says, else the heading that it begins with, else its name; rows keep what they have."""
    title = " ".join(strip_invisible(document.title)[0].split())
    if not title and path is not None:
        heading = _HEADING.match(document.text[:1000]) if document.markup == "markdown" else None
        name = path.name if "://" in document.uri else document.uri.rsplit("/", 1)[-1]
        stem = re.sub(r"[-_\s]+", " ", name.rsplit(".", 1)[0])
        title = " ".join(heading.group(1).split()) if heading else stem.strip()
    return title[:_TITLE_CHARS]


def _visible(value: MetaValue) -> MetaValue:
    if isinstance(value, str):
        return strip_invisible(value)[0]
    if isinstance(value, tuple):
        return tuple(strip_invisible(part)[0] for part in value)
    return value
