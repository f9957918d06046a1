"""Whether a sentence says no where its source says yes, or the other way round.

Denials are taken out of both texts; where the words around a denial then meet the same words in the other text, the
other must deny there too. Where they do not meet (the sentence is worded anew), what follows the denial decides.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from surefoot.core.lang import content_terms, sentence_spans
from surefoot.generate.checking.facts.context import Tokens, agreement

_ENGLISH_CUE = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|hardly|rarely|seldom)\b|(?<=can)not\b|n't\b",
    re.IGNORECASE,
)
_ENGLISH_OTHER = re.compile(
    r"\b(?:unable|unlikely|impossible|fail(?:s|ed)?|refuse[sd]?|lack(?:s|ed|ing)?|except|cannot|few|little|un\w+|non\w*)\b",
    re.IGNORECASE,
)
_NOT_A_CUE = re.compile(
    r"\b(?:not only|no\. ?\d|no one other than|not just|no doubt|if not|whether or not)\b", re.I
)
_HAN_CUE = re.compile(
    r"不(?![仅但过同少断久论管得列如止光只])|没(?![收落])|未(?![来必])|无(?![论数锡线])|非(?![常洲凡])|(?<=并)非|绝非|从不|从未"
)
_HAN_BEFORE = re.compile(r"[南北西东中淹沉埋出吞覆除莫差]$")
_REACH_TERMS = 3
_REACH_CHARS = 4


@dataclass(frozen=True, slots=True)
class _Denial:
    """Where a cue stands among the tokens of the text without cues, what it denies, and how both are written.

    `has_have`: the cue is 没 of 没有, which denies 有 or the verb that follows.
    """

    gap: int
    reach: str
    shown: str
    has_have: bool = False


class _Read:
    """A text without its denials, and the denials."""

    def __init__(self, text: str, *, han: bool) -> None:
        cues = _han_cues(text) if han else _english_cues(text)
        self.tokens = Tokens(_without(text, cues))
        self.denials = [self._denial(text, start, end, han=han) for start, end in cues]
        self.gaps = {denial.gap for denial in self.denials}

    def _denial(self, text: str, start: int, end: int, *, han: bool) -> _Denial:
        reach = _following(text, end, han=han)
        shown = reach if han else " " + " ".join(reach.split()[:_REACH_TERMS])
        has_have = han and text[start:end] == "没" and reach.startswith("有")
        return _Denial(
            bisect_left(self.tokens.starts, start),
            reach.removeprefix("有") if has_have else reach,
            text[start:end] + shown,
            has_have,
        )

    def sides(self, denial: _Denial) -> Iterator[Tokens]:
        """The tokens around the denial: as they are, and without the 有 of 没有."""
        yield self.tokens
        if denial.has_have:
            yield self.tokens.without(denial.gap)

    def denied_at(self, other: Tokens, gap: int, least: int) -> bool | None:
        """Whether this text denies where its words meet those around `gap` of the other; None where they never meet."""
        left, right = other.before(gap), other.after(gap)
        best, verdict = 0, None
        if not left or not right:
            return None
        for place in range(1, len(self.tokens.words)):
            if self.tokens.words[place] != right[0] or self.tokens.words[place - 1] != left[0]:
                continue
            met = agreement(self.tokens.before(place), left) + agreement(
                self.tokens.after(place), right
            )
            denied = place in self.gaps
            if met >= least and (met > best or (met == best and denied)):
                best, verdict = met, denied
        return verdict


def negation_mismatch(sentence: str, source: str, *, han: bool) -> str:
    """What is denied on one side only, in words; empty where both agree. Texts as `prepare` gives them."""
    said, known = _Read(sentence, han=han), _read(source, han=han)
    least = 3 if han else 2
    near = _nearest(sentence, source) if said.denials else ""
    for denial in said.denials:
        denied = {known.denied_at(side, denial.gap, least) for side in said.sides(denial)}
        if True in denied:
            continue
        if False in denied or _denied_anew(denial, near, known, han=han):
            return f"the sentence says “{denial.shown}” where the source does not deny it"
    for denial in known.denials:
        denied = {said.denied_at(side, denial.gap, least + 1) for side in known.sides(denial)}
        if False in denied and True not in denied:
            return f"the source says “{denial.shown}” where the sentence does not deny it"
    return ""


def _denied_anew(denial: _Denial, near: str, known: _Read, *, han: bool) -> bool:
    """Whether a denial in new words speaks of what the source states."""
    if han:
        if not denial.reach or _han_cues(near):
            return False
        return not any(denial.reach[:1] == other.reach[:1] for other in known.denials)
    reach = set(content_terms(denial.reach)[:_REACH_TERMS])
    if any(reach.intersection(content_terms(other.reach)) for other in known.denials):
        return False
    if _english_cues(near) or _ENGLISH_OTHER.search(near):
        return False
    return not reach or bool(reach.intersection(content_terms(near)))


def _nearest(sentence: str, source: str) -> str:
    """The sentence of the source that shares most terms with this one."""
    wanted = frozenset(content_terms(sentence))
    pieces = _pieces(source)
    return max(pieces, key=lambda piece: len(wanted & piece[1]))[0] if pieces else ""


@lru_cache(maxsize=64)
def _read(source: str, *, han: bool) -> _Read:
    return _Read(source, han=han)


@lru_cache(maxsize=64)
def _pieces(source: str) -> tuple[tuple[str, frozenset[str]], ...]:
    sentences = (source[start:end] for start, end in sentence_spans(source))
    return tuple((piece, frozenset(content_terms(piece))) for piece in sentences)


def _without(text: str, cues: Sequence[tuple[int, int]]) -> str:
    for start, end in cues:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _following(text: str, end: int, *, han: bool) -> str:
    width = _REACH_CHARS if han else 60
    return re.split(r"[，。；,.;:]", text[end : end + width])[0].strip()


def _english_cues(text: str) -> list[tuple[int, int]]:
    blocked = [match.span() for match in _NOT_A_CUE.finditer(text)]
    return [
        match.span()
        for match in _ENGLISH_CUE.finditer(text)
        if not any(start <= match.start() < end for start, end in blocked)
    ]


def _han_cues(text: str) -> list[tuple[int, int]]:
    return [
        match.span()
        for match in _HAN_CUE.finditer(text)
        if not _HAN_BEFORE.search(text[: match.start()])
        and text[match.start() - 1 : match.start()] != text[match.end() : match.end() + 1]
    ]
