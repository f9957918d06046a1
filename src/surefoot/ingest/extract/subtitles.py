"""WebVTT and SubRip subtitles as paragraphs, each with the time at which it starts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from surefoot.core.lang import is_han
from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.facts import facts
from surefoot.ingest.extract.plain import text_of

_TIMES = re.compile(
    r"^\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"<[^>\n]*>|\{\\[^}]*\}")
_PAUSE_S = 3.0
_PARAGRAPH_CHARS = 500


@dataclass(frozen=True, slots=True)
class _Cue:
    start_s: float
    end_s: float
    speaker: str
    text: str


def read_subtitles(content: Content) -> Extracted:
    """Cues joined into paragraphs `[00:01:02] Speaker: text`; a new one at a new speaker, a pause, 500 characters."""
    cues = list(_cues(text_of(content)))
    text = "\n\n".join(_paragraphs(cues))
    last = max((cue.end_s for cue in cues), default=0.0)
    return Extracted(
        text=f"{text}\n" if text else "", markup="plain", meta=facts(seconds=round(last, 3))
    )


def _cues(text: str) -> Iterator[_Cue]:
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip("\n").split("\n")
        place = next((i for i, line in enumerate(lines[:3]) if _TIMES.match(line)), None)
        if place is None:
            continue
        match = _TIMES.match(lines[place])
        said = "\n".join(lines[place + 1 :])
        voice = _VOICE.search(said)
        plain = " ".join(html.unescape(_TAG.sub("", said)).split())
        if match is not None and plain:
            numbers = match.groups()
            yield _Cue(
                _seconds(numbers[:4]),
                _seconds(numbers[4:]),
                voice.group(1).strip() if voice else "",
                plain,
            )


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, rest = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{rest}")


def _paragraphs(cues: list[_Cue]) -> Iterator[str]:
    words, first, last = "", None, None
    for cue in cues:
        if first is not None and last is not None and _continues(last, cue, words):
            gap = "" if is_han(words[-1]) or words[-1] in "，。？！、" else " "
            words += gap + cue.text
        else:
            if first is not None:
                yield _paragraph(first, words)
            first, words = cue, cue.text
        last = cue
    if first is not None:
        yield _paragraph(first, words)


def _continues(last: _Cue, cue: _Cue, words: str) -> bool:
    pause = cue.start_s - last.end_s
    return cue.speaker == last.speaker and pause < _PAUSE_S and len(words) < _PARAGRAPH_CHARS


def _paragraph(cue: _Cue, words: str) -> str:
    whole = int(cue.start_s)
    mark = f"[{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}]"
    return f"{mark} {cue.speaker}: {words}" if cue.speaker else f"{mark} {words}"
