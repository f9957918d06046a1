"""The marks by which a text cites numbered passages, and the sentences that they belong to. Knows characters only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from surefoot.core.lang import is_han, sentence_spans

_NUMBERS = r"\d{1,3}(?:\s*(?:[,，、;；]|[-–—~至])\s*\d{1,3})*"
_MARK = re.compile(rf"[\[【［〔]\s*\^?({_NUMBERS})\s*[\]】］〕]")
_PART = re.compile(r"(\d{1,3})(?:\s*[-–—~至]\s*(\d{1,3}))?")
_CODE = re.compile(r"```.*?(?:```|$)|`[^`\n]+`", re.DOTALL)
_ITEM_NUMBER = re.compile(r"\d{1,3}[.)、]")
_MAX_RANGE = 20
_ENDING = re.compile(r"[.!?。！？；;…]+[\"'”’」』】）)\]》〉*_]*$")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark such as `[1]`, `[1, 3]` or `【2】` at `text[start:end]`, and the passages it names."""

    start: int
    end: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence at `text[start:end]`, its marks included; `words` is what it says without them."""

    start: int
    end: int
    words: str
    numbers: tuple[int, ...]


def find_marks(text: str) -> list[Mark]:
    """The marks in order; full-width digits and brackets count too, what stands in code does not."""
    code = [match.span() for match in _CODE.finditer(text)]
    return [
        Mark(match.start(), match.end(), tuple(_numbers(match.group(1))))
        for match in _MARK.finditer(text)
        if not any(start <= match.start() < end for start, end in code)
    ]


def claims(text: str) -> list[Claim]:
    """The sentences that say something, in order; a mark behind a sentence's end belongs to it."""
    marks = find_marks(text)
    bare = list(text)
    for mark in marks:
        bare[mark.start : mark.end] = " " * (mark.end - mark.start)
    hidden = "".join(bare)
    spans = _sayings(hidden)
    owned: list[list[Mark]] = [[] for _ in spans]
    for mark in marks:
        if spans:
            owned[_owner(text, mark, spans)].append(mark)
    return [_claim(text, span, own) for span, own in zip(spans, owned, strict=True)]


def with_marks(words: str, numbers: Sequence[int]) -> str:
    """The sentence with `[n]` for each number before its end mark."""
    if not numbers:
        return words
    marks = "".join(f"[{number}]" for number in numbers)
    ending = _ENDING.search(words)
    cut = ending.start() if ending else len(words)
    space = "" if not words[:cut] or is_han(words[cut - 1]) or words[cut - 1] in "》」』）" else " "
    return f"{words[:cut]}{space}{marks}{words[cut:]}"


def _owner(text: str, mark: Mark, spans: Sequence[tuple[int, int]]) -> int:
    """The sentence that the mark stands in or behind; the one after it where only that is on its line."""
    before = [place for place, (start, _) in enumerate(spans) if start <= mark.start]
    last = before[-1] if before else 0
    if not before or mark.start < spans[last][1] or last + 1 == len(spans):
        return last
    alone = "\n" in text[spans[last][1] : mark.start]
    joined = "\n" not in text[mark.end : spans[last + 1][0]]
    return last + 1 if alone and joined else last


def _sayings(text: str) -> list[tuple[int, int]]:
    """Spans of sentences with a letter or digit; the number of a list item stays with the item."""
    found: list[tuple[int, int]] = []
    number: int | None = None
    for start, end in sentence_spans(text):
        if _ITEM_NUMBER.fullmatch(text[start:end]):
            number = start
        elif any(char.isalnum() for char in text[start:end]):
            found.append((start if number is None else number, end))
            number = None
    return found


def _claim(text: str, span: tuple[int, int], marks: Sequence[Mark]) -> Claim:
    start = min([span[0], *(mark.start for mark in marks)])
    end = max([span[1], *(mark.end for mark in marks)])
    numbers = tuple(dict.fromkeys(number for mark in marks for number in mark.numbers))
    words = text[start:end]
    for mark in reversed(marks):
        before = words[: mark.start - start].rstrip(" \t\u3000")
        words = before + words[mark.end - start :]
    return Claim(start, end, words.strip(), numbers)


def _numbers(inner: str) -> Iterator[int]:
    for match in _PART.finditer(inner):
        first = int(match.group(1))
        last = int(match.group(2) or first)
        if first <= last <= first + _MAX_RANGE:
            yield from range(first, last + 1)
        else:
            yield from (first, last)
