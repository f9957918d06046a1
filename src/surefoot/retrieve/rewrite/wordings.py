"""Takes questions from a chat model's reply, one a line, and leaves out what is none. Asks no model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from surefoot.core.lang import detect, normalise_answer
from surefoot.core.types import Lang
from surefoot.models.asking import Heard
from surefoot.retrieve.rewrite.invented import invented

_BULLET = re.compile(r"^\s*(?:[-*•·]|\(?\d{1,2}\s*[.)、:：]|[（(]\d{1,2}[)）])\s*")
_LABEL = re.compile(
    r"^(?:\*\*)?(?:(?:standalone |general |broader |other |rewritten |translated )?(?:question|query|translation)s?"
    r"|(?:独立|完整|改写|更一般|翻译)?(?:的)?(?:问题|提问|译文|翻译))(?:\s*\d+)?(?:\*\*)?\s*[:：]\s*",
    re.IGNORECASE,
)
_QUOTES = "\"'“”‘’「」『』《》*` "
_STATING = ".。!！"
_PLACEHOLDER = re.compile(r"[][{}<>_]")
_LONGEST, _TIMES = 120, 3
"""Characters that any wording may have, and how many times as long as the question it may be."""


@dataclass(frozen=True, slots=True)
class Told:
    """Wordings that are fit to be searched, and why others were left out."""

    texts: tuple[str, ...]
    notes: tuple[str, ...] = ()


def lines(reply: str) -> list[str]:
    """What the lines of a reply say, without numbers, labels and quotation marks; announcements are left out."""
    found = []
    for line in reply.splitlines():
        text = _LABEL.sub("", _BULLET.sub("", line)).strip()
        if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
            text = text.strip(_QUOTES)
        if text and text[-1] not in ":：":
            found.append(" ".join(text.split()))
    return found


def wordings(heard: Heard, question: str, *, lang: Lang, limit: int) -> Told:
    """The first `limit` lines of a reply that may be searched beside the question.

    They are in this language, not much longer than the question, other than it and than one another, and name nothing
    that it does not. A line that was cut is none.
    """
    seen = {_key(question)}
    kept: list[str] = []
    notes: list[str] = []
    found = lines(heard.text)
    for text in found[:-1] if heard.cut else found:
        if len(kept) == limit:
            break
        if _key(text) in seen or not _key(text):
            continue
        seen.add(_key(text))
        problem = unfit(text, question, said=[question], lang=lang)
        if problem:
            notes.append(f"left out {shortened(text)!r}: {problem}")
        else:
            kept.append(text)
    return Told(tuple(kept), tuple(notes))


def unfit(text: str, question: str, *, said: Sequence[str], lang: Lang) -> str:
    """Why a text may not be searched in the place of a question; empty where it may."""
    if too_long(text, question):
        return "it is too long for a question"
    if text[-1] in _STATING and question.rstrip()[-1:] not in _STATING:
        return "it is no question"
    if set(_PLACEHOLDER.findall(text)) - set(question):
        return "it has a gap to be filled in"
    if lang != "other" and detect(text) != lang:
        return "it is in another language"
    added = invented(text, said)
    return f"nobody said {', '.join(added)}" if added else ""


def too_long(text: str, question: str) -> bool:
    """Whether a text is too long to be another wording of the question."""
    return len(text) > max(_LONGEST, _TIMES * len(question))


def same(one: str, other: str) -> bool:
    """Whether two texts differ in signs and case at most."""
    return _key(one) == _key(other)


def shortened(text: str, chars: int = 60) -> str:
    """A text for a note."""
    return text if len(text) <= chars else f"{text[: chars - 1]}…"


def _key(text: str) -> str:
    return normalise_answer(text, detect(text))
