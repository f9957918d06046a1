"""What views that a chat model writes have in common: settings, how a passage is shown, how a reply is checked.

Nothing that a model says is believed because it says it: a text must be in the language of its source, say something,
give no number that is not there, and share enough of its terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import Incidental, ModelName
from surefoot.config.catalog import load_catalog
from surefoot.config.prompts import Prompt
from surefoot.core.errors import DataError
from surefoot.core.harmless import harmless
from surefoot.core.lang import answer_tokens, content_terms, detect, fold, sentence_spans
from surefoot.core.lang.invisible import strip_invisible
from surefoot.core.types import Chunk, Document, Lang
from surefoot.ingest.views.settings import ViewSettings, says_something, view_name

Prompting = Callable[[str, str], Prompt]

_MARK_CHARS = 8
_FENCES = re.compile(r"^\s*```\w*\s*$", re.MULTILINE)
_LEAD = re.compile(
    r"^\W*(?:here (?:is|are)\b[^:\n]{0,80}:|(?:summary|context|questions?|answer)\s*[:：]"
    r"|(?:摘要|概要|总结|问题|说明|回答)\s*[:：])\s*",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^(?:the|this) (?:passage|text|document|article|section) (?:is about|describes|discusses|explains|treats|covers|"
    r"talks about)\s+|^(?:这段文字|这篇文章|该文|本文|本段|该段)(?:主要)?(?:是关于|介绍|讲述|讲的是|描述|说明|讨论)了?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SEEN: Final = re.compile(
    r"\b(?:the|this) (?:text|passage|article|excerpt|document)\b|文中|这段文字|本文|上文|该文|本段",
    re.IGNORECASE,
)
_EMPTY: Final = frozenset(
    "的了是在和与或吗呢吧啊有及其被把对从到也都就而于谁什么怎样多少几哪为请问何个这那它们之以"
)
_WHITE = re.compile(r"[ \t]+")


class WrittenSettings(ViewSettings):
    """What the settings of every view that a chat model writes hold."""

    model: ModelName = Field(
        default_factory=lambda: load_catalog().default("chat"),
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint',
    )
    reads: PositiveInt = Field(
        default=6000, description="characters that the model is shown at most"
    )
    workers: Annotated[PositiveInt, Incidental()] = Field(
        default=1, description="requests to an endpoint at once; a model on this machine takes one"
    )


class WrittenView:
    """The base of a view that a chat model writes."""

    writes: ClassVar[Literal[True]] = True
    asks = False

    def __init__(self, settings: WrittenSettings, prompt: Prompting) -> None:
        self._prompt = prompt
        self.name = view_name(settings)
        self.model = settings.model
        self.workers = settings.workers


def language_of(chunk: Chunk, document: Document) -> Lang:
    """The language that a passage is asked about in: English where it is in neither of the two."""
    found = detect(chunk.text)
    return "zh" if "zh" in (found, found == "other" and document.lang) else "en"


def shown(text: str, most: int) -> str:
    """A text as a model may be shown it: nobody else's sign in it, cut at `most` characters."""
    return harmless(text[:most]).strip()


def one_line(text: str) -> str:
    """A title as it may stand within a sentence."""
    return " ".join(harmless(text).split())


def mark_of(*texts: str) -> str:
    """What fences a text off: a text that wants to hold its own mark would change it."""
    return sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:_MARK_CHARS]


def bare(reply: str) -> str:
    """A reply without invisible characters, what announces it, and the frame of a block of code."""
    text = _FENCES.sub("", strip_invisible(reply)[0]).strip()
    return _LEAD.sub("", text, count=1).strip().strip('*"“”「」').strip()


def prose(reply: str, *, sentences: int) -> str:
    """The first sentences of a reply as one line; one that broke off is left out where another is whole.

    What a reader does not see, such as "the passage is about", is left out before them.

    Raises:
        DataError: it says nothing.
    """
    text = _SUBJECT.sub("", _WHITE.sub(" ", bare(reply).replace("\n", " ")), count=1)
    text = text[:1].upper() + text[1:]
    found = [text[start:end] for start, end in sentence_spans(text)][:sentences]
    whole = [one for one in found if one[-1:] in '.!?。！？…”"’」）)'] or found
    said = " ".join(whole) if detect(text) != "zh" else "".join(whole)
    if not says_something(said):
        raise DataError("the reply says nothing")
    return said


def check(text: str, source: str, lang: Lang, *, share: float) -> None:
    """Sees to it that a text can only come from its source.

    Raises:
        DataError: it is in another language, gives a number that is not there, or shares too little.
    """
    if detect(text) != lang:
        raise DataError("the reply is in another language")
    if strange := sorted(_numbers(text) - _numbers(source)):
        raise DataError(f"the reply gives a number that is not there, {strange[0]}")
    said, known = _terms(text, lang), _terms(source, lang)
    if not said or len(said & known) < share * len(said):
        raise DataError("the reply has too little in common with what it is about")


def speaks_of_itself(text: str) -> bool:
    """Whether a text speaks of the text that it was made from, which nobody sees who searches."""
    return _SEEN.search(text) is not None


def source_of(chunk: Chunk) -> str:
    """What a passage's texts may take their words from: its own, its title and headings."""
    return "\n".join((chunk.title, *chunk.headings, chunk.lead, chunk.text))


def _terms(text: str, lang: Lang) -> set[str]:
    """What tells two texts' subjects: words, in Chinese characters, since other words often share only those."""
    if lang != "zh":
        return set(content_terms(text))
    return {token for token in answer_tokens(text, "zh") if token not in _EMPTY}


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(fold(text))}
