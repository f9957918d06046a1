"""Which metadata values a question names: whole words or Han runs, whatever case and width, longest first.

Knows text and values only; whether a mention means the value is judged elsewhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from surefoot.core.lang import content_terms, fold, is_han

Value = str | int | float | bool
Held = tuple[str, Value]
"""A metadata key and one of its values."""

_LONGEST = 100
_LEGAL = re.compile(
    r"(?:,? (?:inc|corp|corporation|co|company|ltd|limited|llc|plc|ag|gmbh|s\.?a|n\.?v|holdings?|group)\.?)+$"
    r"|(?:股份|控股)?(?:有限(?:责任)?)?(?:公司|集团)$"
)
_NOT = re.compile(
    r"(?:\b(?:not|except|excluding|other than|without|besides|apart from)(?: (?:for|the|in|from|by|about))*"
    r"|除了?|不包括|不含|而不是)\s?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of the question that may name one or more values; `by_key` where the key's name stands before it."""

    said: str
    start: int
    end: int
    meant: tuple[Held, ...]
    by_key: bool = False
    denied: bool = False


class Vocabulary:
    """The ways in which metadata values can be named: as they are, without legal forms, and by their aliases."""

    def __init__(
        self,
        values: Mapping[str, Iterable[Value]],
        aliases: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        forms: dict[str, dict[Held, None]] = defaultdict(dict)
        others = {fold(value): names for value, names in (aliases or {}).items()}
        for key, held in values.items():
            for value in held:
                for form in _forms(key, value, others):
                    forms[form[:_LONGEST]][key, value] = None
        self._forms = {form: tuple(meant) for form, meant in forms.items()}
        self._longest = max(map(len, self._forms), default=0)

    def mentions(self, text: str) -> list[Mention]:
        """The values that a text names, in order, none within another."""
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        found: list[Mention] = []
        for start, end in self._spans(lower):
            if not any(one.start < end and start < one.end for one in found):
                found.append(self._mention(text, lower, start, end))
        return sorted(found, key=lambda mention: mention.start)

    def _spans(self, lower: str) -> list[tuple[int, int]]:
        places = [i for i in range(len(lower) + 1) if _is_boundary(lower, i)]
        spans = [
            (start, end)
            for at, start in enumerate(places)
            for end in _within(places, at + 1, start + self._longest)
            if lower[start:end] in self._forms
        ]
        return sorted(spans, key=lambda span: (span[0] - span[1], span[0]))

    def _mention(self, text: str, lower: str, start: int, end: int) -> Mention:
        meant = self._forms[lower[start:end]]
        head = lower[:start].rstrip(" :=：是为")
        keyed = tuple(held for held in meant if head.endswith(fold(held[0]).replace("_", " ")))
        denied = is_denied(lower[:start])
        return Mention(text[start:end], start, end, keyed or meant, bool(keyed), denied)


def is_denied(before: str) -> bool:
    """Whether what a text says up to a name excludes it: not, except, 除了."""
    return bool(_NOT.search(before))


def _forms(key: str, value: Value, aliases: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if isinstance(value, bool):
        return
    if not isinstance(value, str):
        yield f"{fold(key).replace('_', ' ')} {value}"
        return
    whole = fold(value)
    names = [whole, _LEGAL.sub("", whole), *(fold(name) for name in aliases.get(whole, ()))]
    yield from (name for name in dict.fromkeys(names) if _can_name(name))


def _can_name(name: str) -> bool:
    """Two characters at least, and not stop words alone."""
    return len(name) >= 2 and bool(content_terms(name))


def _is_boundary(text: str, at: int) -> bool:
    """Whether a name may begin or end there: not inside a word; every Han character stands alone."""
    if at in (0, len(text)):
        return True
    before, after = text[at - 1], text[at]
    if is_han(before) or is_han(after):
        return True
    return not (before.isalnum() and after.isalnum())


def _within(places: Sequence[int], first: int, last: int) -> Iterator[int]:
    for end in places[first:]:
        if end > last:
            return
        yield end
