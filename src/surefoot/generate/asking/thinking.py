"""Takes the final answer out of a reply that thinks aloud first. Knows marker lines, not what is said in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAMES = r"(?:the\s+)?(?:final\s+)?answer|最终答案|最后答案|答案|最终回答|回答"
_OPENS = re.compile(
    rf"^[\s>*_#`-]*(?:{_NAMES})[\s*_`]*[:：][ \t*_`]*", re.IGNORECASE | re.MULTILINE
)
_WITHIN = re.compile(
    r"(?:the\s+final\s+answer(?:\s+is)?|final\s+answer|最终答案(?:是|为)?|最后答案(?:是|为)?)[\s*_`]*[:：]\s*[*_`]*",
    re.IGNORECASE,
)
_BOLD: Final = "**"
OPENER: Final = {"en": "Thoughts:", "zh": "思考："}
MARKER: Final = {"en": "Answer:", "zh": "答案："}
"""What thoughts and the final answer begin with, as the prompt asks for it."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """A reply in two: what led to the answer, and the answer; `marked` says that a marker parted them."""

    thoughts: str
    answer: str
    marked: bool


def conclude(text: str, *, last_line: bool) -> Concluded:
    """What stands behind the last marker that has something behind it.

    Without a marker it is the last line, or (`last_line` false) all of the reply.
    """
    for pattern in (_OPENS, _WITHIN):
        for match in reversed(list(pattern.finditer(text))):
            if answer := _bare(text[match.end() :]):
                return Concluded(text[: match.start()].strip(), answer, marked=True)
    lines = [line for line in text.splitlines() if line.strip()]
    if not last_line or not lines:
        return Concluded("", text.strip(), marked=False)
    return Concluded("\n".join(lines[:-1]).strip(), lines[-1].strip(), marked=False)


def _bare(text: str) -> str:
    """The text without the other half of bold print that the marker opened."""
    text = text.strip()
    return text.removesuffix(_BOLD).rstrip() if text.count(_BOLD) % 2 else text
