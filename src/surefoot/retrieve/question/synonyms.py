"""Asks in other words too: groups of terms that mean the same here. Knows the question's text only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import Names, PartSettings
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Note, Turn

_SEPARATORS = re.compile("[,，、]")
_ARROW = re.compile("=>|⇒")
_SPACES = re.compile(r"\s+")


class SynonymsSettings(PartSettings):
    """Variants of the question with its terms replaced by synonyms, from a file or from the solution itself."""

    kind: Literal["synonyms"] = "synonyms"
    file: Annotated[str | None, Names("file")] = Field(
        default=None,
        description='one group a line, "a, b, c", or one way, "a => b"; # begins a comment; UTF-8',
    )
    groups: tuple[str, ...] = Field(default=(), description="the same lines, written here")
    most: PositiveInt = Field(default=4, description="variants at most")


class Synonyms:
    """Adds variants; the longest term counts where several begin at one place, and the question itself stays."""

    Settings = SynonymsSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: SynonymsSettings, parts: Parts) -> None:
        if not settings.file and not settings.groups:
            raise ConfigError("synonyms need a file or groups", hint='try file = "synonyms.txt"')
        self._settings = settings
        self._parts = parts

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with a variant for each other word; what is beyond `most` is left out with a note."""
        del call
        found = self._thesaurus.variants(turn.query.asked)
        added, beyond = found[: self._settings.most], len(found) - self._settings.most
        if not added:
            return turn
        notes = [Note("synonyms", f"also searched: {text}") for text in added]
        if beyond > 0:
            notes.append(
                Note("synonyms", f"{beyond} more variants were left out (most = {len(added)})")
            )
        query = replace(turn.query, variants=(*turn.query.variants, *added))
        return replace(turn, query=query, notes=(*turn.notes, *notes))

    @cached_property
    def _thesaurus(self) -> Thesaurus:
        lines = list(enumerate(self._settings.groups, start=1))
        found = read_groups(lines, where="groups")
        if self._settings.file:
            path = self._parts.file(self._settings.file)
            text = path.read_text(encoding="utf-8-sig")
            found = merged(
                found, read_groups(enumerate(text.splitlines(), start=1), where=str(path))
            )
        return Thesaurus(found)


class Thesaurus:
    """Terms and what else is said for each. Case, width and runs of spaces do not matter."""

    def __init__(self, others: Mapping[str, Sequence[str]]) -> None:
        self._others = {_key(term): tuple(words) for term, words in others.items()}
        terms = sorted(self._others, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole, terms)), re.IGNORECASE) if terms else None

    def variants(self, text: str) -> list[str]:
        """The text with one term replaced at a time, in the order of the terms and of their synonyms."""
        text = unicodedata.normalize("NFKC", text)
        if self._pattern is None:
            return []
        return list(
            dict.fromkeys(
                text[: match.start()] + word + text[match.end() :]
                for match in self._pattern.finditer(text)
                for word in self._others[_key(match.group())]
            )
        )


def read_groups(lines: Iterable[tuple[int, str]], *, where: str) -> dict[str, tuple[str, ...]]:
    """Term to synonyms, from numbered lines.

    Raises:
        ConfigError: a line has nothing to replace, or nothing to replace it by.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, raw in lines:
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        sides = [_members(side) for side in _ARROW.split(line)]
        if len(sides) > 2 or not all(sides) or (len(sides) == 1 and len(sides[0]) < 2):
            raise ConfigError(
                f"{raw!r} is no group of synonyms",
                where=f"{where}:{number}",
                hint='write "a, b, c" or "a => b"',
            )
        found = merged(found, dict(_pairs(sides)))
    return found


def merged(
    one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Both, each term with the synonyms of either, once."""
    return {
        term: tuple(dict.fromkeys((*one.get(term, ()), *other.get(term, ()))))
        for term in (*one, *other)
    }


def _pairs(sides: Sequence[Sequence[str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for term in sides[0]:
        yield term, tuple(word for word in sides[-1] if word != term)


def _members(side: str) -> list[str]:
    found = (_SPACES.sub(" ", part).strip() for part in _SEPARATORS.split(side))
    return [unicodedata.normalize("NFKC", part) for part in found if part]


def _key(term: str) -> str:
    return _SPACES.sub(" ", term).casefold()


def _whole(term: str) -> str:
    """A pattern of the term that does not begin or end within a Latin word or number."""
    before = r"(?<![A-Za-z0-9])" if re.match("[A-Za-z0-9]", term) else ""
    after = r"(?![A-Za-z0-9])" if re.search("[A-Za-z0-9]$", term) else ""
    return before + re.escape(term).replace(r"\ ", r"\s+") + after
