"""What stages, checks and readers say, told in Chinese where it is shown; it is made and kept in English.

A sentence is found by its template: its words in order, with a gap for each value. So what was kept as plain text long
ago, or came from another process, is told like what was said just now; a sentence that no template knows stays English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Final

from surefoot.core.types import Lang

_MOST_CHARS: Final = 4000
_DEPTH: Final = 5
_WHY: Final = "why"
"""The gap that holds another sentence; the values of other gaps stay as they are."""
_MARKS: Final = {
    "- ": "- ",
    "note: ": "说明：",
    "left out: ": "略去：",
    "skipped ": "跳过 ",
    "failed: ": "出错：",
    "forecast: ": "预估：",
}
"""What a command puts before a sentence."""
_APART: Final = (" | ", "; ", "  ")
_JOINTS: Final = ((" | ", " | ", -1), ("; ", "；", -1), (": ", "：", 1), ("  ", "  ", -1))
"""How sentences are joined: what stands between them, its Chinese sign, and how often it is looked for."""


@dataclass(frozen=True, slots=True)
class Template:
    """An English sentence with gaps: `words` before, between and after them, and their names in order."""

    words: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Template:
        """Reads `{name}` as a gap; doubled braces are braces."""
        words, names = [""], list[str]()
        for before, name, _, _ in Formatter().parse(text):
            words[-1] += before
            if name is not None:
                names.append(name)
                words.append("")
        return cls(tuple(words), tuple(names))

    @property
    def chars(self) -> int:
        """How many characters are its own: of two templates that fit, the one with more says it better."""
        return sum(map(len, self.words))

    def values(self, text: str) -> Mapping[str, str] | None:
        """What stands in the gaps of a text; None where it is another sentence. No gap is empty."""
        first, last = self.words[0], self.words[-1]
        if not self.names:
            return {} if text == first else None
        if not text.startswith(first) or not text.endswith(last):
            return None
        end, at = len(text) - len(last), len(first)
        found = list[str]()
        for word in self.words[1:-1]:
            place = text.find(word, at + 1, end)
            if place < 0:
                return None
            found.append(text[at:place])
            at = place + len(word)
        found.append(text[at:end])
        values = dict(zip(self.names, found, strict=True))
        if any(gap in value for name, value in values.items() if name != _WHY for gap in _APART):
            return None  # it would swallow the sentence after it
        return values if end > at else None


@cache
def listed() -> Mapping[str, str]:
    """Every sentence with its Chinese, by its English template."""
    found: dict[str, str] = {}
    for file in files("surefoot.config").joinpath("data", "said").iterdir():
        if file.name.endswith(".toml"):
            found |= tomllib.loads(file.read_text(encoding="utf-8"))
    return found


def told(lang: Lang, text: str) -> str:
    """A sentence in this language; as it is where it is English that is wanted, or nobody has translated it."""
    return _told(text, _DEPTH) if lang == "zh" and len(text) <= _MOST_CHARS else text


def _told(text: str, depth: int) -> str:
    mark = next((mark for mark in _MARKS if text.startswith(mark)), "")
    if mark and depth:
        rest = text.removeprefix(mark)
        if (found := _told(rest, depth - 1)) != rest:
            return _MARKS[mark] + found
    for template, chinese in _templates():
        if (values := template.values(text)) is not None:
            return chinese.format(
                **{name: _value(name, value, depth) for name, value in values.items()}
            )
    if depth == 0:
        return text
    for gap, sign, most in _JOINTS:
        if found := _joined(text.split(gap, most), sign, depth):
            return found
    return text


def _value(name: str, value: str, depth: int) -> str:
    if name == _WHY and depth:
        return _told(value, depth - 1)
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return f"“{value[1:-1]}”" if quoted else value


def _joined(parts: Sequence[str], sign: str, depth: int) -> str:
    """Several sentences, or one after its subject, each told by itself; empty where none is known."""
    if len(parts) < 2:
        return ""
    found = [_told(part, depth - 1) for part in parts]
    return sign.join(found) if found != list(parts) else ""


@cache
def _templates() -> tuple[tuple[Template, str], ...]:
    """All of them, those with most words of their own first."""
    read = ((Template.of(english), chinese) for english, chinese in listed().items())
    return tuple(sorted(read, key=lambda one: -one[0].chars))
