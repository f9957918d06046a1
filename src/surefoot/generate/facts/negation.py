"""Whether a sentence says no where its source says yes, or the other way round. Looks at what stands beside the cue."""

from __future__ import annotations

import re
from collections.abc import Sequence

from surefoot.core.lang import content_terms, sentence_spans

_ENGLISH_CUE = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly|rarely|seldom|unable|fail(?:s|ed)? to"
    r"|refuse[sd]? to|lack(?:s|ed|ing)?)\b|n't\b",
    re.IGNORECASE,
)
_NOT_A_CUE = re.compile(
    r"\b(?:not only|no\. ?\d|no one other than|not just|no doubt|if not|whether or not)\b",
    re.IGNORECASE,
)
_HAN_CUE = re.compile(
    r"(?<![是能可差得莫])(?:不(?![仅但过同少断久论管得丹列如止光只满错])|没(?![收落])|未(?![来必])|无(?![论数锡线])"
    r"|非(?![常洲凡])|并非|绝非|从不|从未)(?![不])"
)
_HAN_BEFORE = re.compile(r"[南北西东中淹沉埋出吞覆除莫]$")
_REACH_TERMS = 3
_REACH_CHARS = 4


def negation_mismatch(sentence: str, source: str, *, han: bool) -> str:
    """What is denied on one side only, in words; empty where both agree. Texts as `prepare` gives them."""
    near = _nearest(sentence, source)
    return (
        _han_mismatch(sentence, source, near) if han else _english_mismatch(sentence, source, near)
    )


def _nearest(sentence: str, source: str) -> str:
    """The sentence of the source that shares most terms with this one."""
    wanted = set(content_terms(sentence))
    pieces = [source[start:end] for start, end in sentence_spans(source)]
    return max(pieces, key=lambda piece: len(wanted.intersection(content_terms(piece))), default="")


def _english_mismatch(sentence: str, source: str, near: str) -> str:
    said, known, close = _denied(sentence), _denied(source), _denied(near)
    plain = set(content_terms(source))
    for cue, reach in said:
        if close or any(set(reach) & set(other) for _, other in known):
            continue
        if not reach or plain.intersection(reach):
            return f"the sentence says {cue!r} where the source does not"
    if said:
        return ""
    own = content_terms(sentence)
    for cue, reach in close:
        if reach and set(reach[:2]) <= set(own):
            return f"the source says {cue!r} where the sentence does not"
    return ""


def _denied(text: str) -> list[tuple[str, Sequence[str]]]:
    blocked = [match.span() for match in _NOT_A_CUE.finditer(text)]
    return [
        (
            match.group(),
            content_terms(re.split(r"[.;,:]", text[match.end() : match.end() + 60])[0])[
                :_REACH_TERMS
            ],
        )
        for match in _ENGLISH_CUE.finditer(text)
        if not any(start <= match.start() < end for start, end in blocked)
    ]


def _han_mismatch(sentence: str, source: str, near: str) -> str:
    close = _han_denied(near)
    known = {reach[:1] for _, reach in _han_denied(source) if reach}
    for cue, reach in _han_denied(sentence):
        if not close and reach[:1] not in known:
            return f"the sentence says “{cue}{reach}” where the source does not deny it"
    if _han_denied(sentence):
        return ""
    for cue, reach in close:
        if len(reach) >= 2 and reach[:3] in sentence:
            return f"the source says “{cue}{reach}” where the sentence does not"
    return ""


def _han_denied(text: str) -> list[tuple[str, str]]:
    return [
        (match.group(), re.split(r"[，。；,.;]", text[match.end() : match.end() + _REACH_CHARS])[0])
        for match in _HAN_CUE.finditer(text)
        if not _HAN_BEFORE.search(text[: match.start()])
    ]
