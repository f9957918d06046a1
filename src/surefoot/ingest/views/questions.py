"""The questions that a chunk answers, by patterns in English and Chinese: no model is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, PositiveInt

from surefoot.core.lang import detect, sentence_spans
from surefoot.core.roles import Encoder, View
from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.settings import ViewSettings, headed, says_something, view_name

_LINE_CHARS = 300
_TERM_WORDS = 8
_FAQ_LINES = 3
_MARK = re.compile(
    r"^\s*(?:[-*+•·>#]+\s+|\d{1,3}[.)、]\s*|[（(]?[一二三四五六七八九十]{1,3}[)）、.]\s*)+"
)
_ASKED = re.compile(
    r"^(?:Q|[Qq]uestion|QUESTION|问题?)\s*\d*\s*[.:：、]\s*"
)  # q: is a name in code
_ANSWERED = re.compile(r"^(?:A(?:nswer)?|答案?)\s*\d*\s*[:：]\s*", re.IGNORECASE)
_ENDS = re.compile(r"[?？][\"'”’」』）)\s]*$")
_BEGINS = re.compile(
    r"(?:how|what|when|where|who|whom|whose|why|which|can|could|do|does|did|is|are|was|were|should|will|would|may)\s+"
    r"(?:i|we|you|he|she|it|they|the|a|an|my|our|your|this|that|these|to|is|are|do|does|did|can|should|much|many|"
    r"long|often|far|old|there)\b",
    re.IGNORECASE,
)
# What those who ask say beside questions, as in the sample requests of a help desk.
_SAID = re.compile(
    r"(?:i|i[’']\w+|my|we|we[’']\w+|our|please|help|hi|hello|hey)\b|[我请帮想求]|麻烦|你好",
    re.IGNORECASE,
)
_HAN_ASKS = re.compile(
    r"如何|怎[么样]|什么|为何|为什么|哪[里些个种儿]|是否|多少|几[个天次年]|[吗呢][。！]?$|能不能|可不可以"
)
_HAN_LINE_CHARS = 40
_HAN_ENDS = re.compile(r"[。；，,.]")
_BRACKETS = re.compile(r"\s*[(（][^()（）]{0,120}[)）]")
_IS = re.compile(
    r"(?P<term>[^\n.?!;:,]{2,90}?)\s(?P<verb>is|are|was|were)\s"
    r"(?:an?|the|one of|any|defined as|known as)\s",
)
_PRONOUN = re.compile(
    r"(?:it|this|that|these|those|he|she|they|there|which|who|what|here|we|you|i|if|when|as|in|on|at|by|for|from|"
    r"one|each|his|her|its|their|our|my|your|another|both|but|and|or|some|"
    r"also|then|since|so|thus|now|today|such|because|while|although|after|before|during|with|under|\w+ly)\b",
    re.IGNORECASE,
)
_THE = re.compile(r"^The\s+")
_HAN_IS = re.compile(
    r"(?:所谓)?(?P<term>[^，。；：！？、\s“”\"]{2,20}?)(?:是指|指的是|即|又称|简称|，是|是(?!否|不是|因为|由于|为了))"
)
_HAN_PRONOUN = re.compile(
    r"[这那它他她我你您此其该但而若如又也都不就还并且或在从对当与和于以因所]|第[一二三四五六七八九十]|\d|今天|起初|当时|同时|后来|现在|此外|然后|其中|以下|可以|如果|问题|原因|结果|目的|目前"
)
_NUMBER = re.compile(
    r"^(?:第[一二三四五六七八九十百零〇\d]{1,6}[编篇部卷章节条回]|\d{1,2}(?:\.\d{1,2})*\.?|[一二三四五六七八九十]{1,3}[、.])\s*"
)
_GERUND = re.compile(
    r"[a-z]{2,}ing\s(?:the|an?|your|my|our|this|these|new|with|to|for|from|up|in|on|and)\b",
    re.IGNORECASE,
)


class QuestionsSettings(ViewSettings):
    """Finds a passage by the questions it answers: those of an FAQ, of headings and of definitions, by patterns."""

    kind: Literal["questions"] = "questions"
    headings: bool = Field(default=True, description="ask for what a heading names")
    definitions: bool = Field(default=True, description="ask for what a sentence defines")
    running: bool = Field(
        default=True,
        description="questions within running text too; false: only those of lists of what people ask",
    )
    most: PositiveInt = Field(default=32, description="questions of a chunk at most")


class QuestionsViewer:
    """The questions of each chunk, embedded as questions are; a chunk in which none is found has none."""

    Settings = QuestionsSettings
    asks = True

    def __init__(self, settings: QuestionsSettings, encoder: Encoder) -> None:
        del encoder
        self._settings = settings
        self.name = view_name(settings)

    def views(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[View]:
        """The questions in the order of the text, each once a chunk; a heading's first."""
        del document
        for chunk in chunks:
            found = dict.fromkeys(self._found(chunk))
            for question in list(found)[: self._settings.most]:
                yield View(chunk.index, headed(chunk, question, title=self._settings.title))

    def _found(self, chunk: Chunk) -> Iterator[str]:
        if self._settings.headings and chunk.headings:
            yield from asked_by_heading(chunk.headings[-1])
        yield from asked_in(chunk.text, running=self._settings.running)
        if self._settings.definitions:
            yield from defined_in(chunk.text)


def asked_in(text: str, *, running: bool = True) -> list[str]:
    """The questions that stand in a text. Where most lines are what people ask or request, every line counts.

    Without `running`, only those lines and the ones marked as a question (`Q:`) do.
    """
    lines = [_MARK.sub("", line).strip() for line in text.split("\n")]
    lines = [line for line in lines if says_something(line) and not line.startswith("|")]
    asked = [bool(_ASKED.match(line) or is_question(line)) for line in lines]
    short = [len(line) <= _LINE_CHARS and not _ANSWERED.match(line) for line in lines]
    like = [asks or is_said(line) for asks, line in zip(asked, lines, strict=True)]
    if any(asked) and sum(like) >= _FAQ_LINES and 2 * sum(like) >= len(lines):
        return [_ASKED.sub("", line) for line, fits in zip(lines, short, strict=True) if fits]
    found: list[str] = []
    for line, asks in zip(lines, asked, strict=True):
        if _ASKED.match(line):
            found.append(_ASKED.sub("", line)[:_LINE_CHARS])
        elif not running:
            continue
        elif asks and len(line) <= _LINE_CHARS and len(sentence_spans(line)) == 1:
            found.append(line)
        else:
            found += [s for s in _sentences(line) if _ENDS.search(s) and len(s) <= _LINE_CHARS]
    return found


def is_question(line: str) -> bool:
    """Whether a line asks something, with a question mark or without."""
    if _ENDS.search(line):
        return True
    if len(line) <= _HAN_LINE_CHARS and _HAN_ASKS.search(line) and not _HAN_ENDS.search(line):
        return detect(line) == "zh"
    begins = _BEGINS.match(line) and not line.endswith((".", ":", ";"))
    return bool(begins) and detect(line) != "zh"


def is_said(line: str) -> bool:
    """Whether a line is what people write beside questions: a request, or something told of themselves."""
    return bool(_SAID.match(line))


def asked_by_heading(heading: str) -> Iterator[str]:
    """What a heading promises to answer."""
    name = _NUMBER.sub("", " ".join(heading.split())).strip(" :：.")
    if not says_something(name) and detect(name) != "zh":
        return
    if is_question(name):
        yield name
    elif detect(name) == "zh":
        yield f"{name}是什么？"
    elif _GERUND.match(name):
        yield f"How does {name[0].lower()}{name[1:]} work?"
    else:
        yield f"What is {name}?"


def defined_in(text: str) -> Iterator[str]:
    """A question for each thing that a sentence says what it is: `X is a ...`, `X 是...`."""
    for line in text.split("\n"):
        if line.startswith("|"):
            continue
        for sentence in _sentences(line):
            question = _asked_by_definition(_BRACKETS.sub("", sentence))
            if question:
                yield question


def _asked_by_definition(sentence: str) -> str:
    if detect(sentence) == "zh":
        match = _HAN_IS.match(sentence)
        if match and not _HAN_PRONOUN.match(match["term"]):
            return f"什么是{match['term']}？"
        return ""
    match = _IS.match(sentence)
    if match is None or _PRONOUN.match(match["term"]):
        return ""
    term = _THE.sub("the ", match["term"].strip())
    return f"What {match['verb']} {term}?" if 0 < len(term.split()) <= _TERM_WORDS else ""


def _sentences(line: str) -> list[str]:
    return [_MARK.sub("", line[start:end]) for start, end in sentence_spans(line)]
