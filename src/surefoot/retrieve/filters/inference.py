"""What a question asks of metadata, as constraints: values that it names, times, the language of the documents.

Knows the index's metadata and the question; what is done with a constraint is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.filters import Comparison, Filter, FilterValue
from surefoot.core.roles import Call, Index, Parts, Scope, ValueCount
from surefoot.core.types import Asker, Query
from surefoot.retrieve.filters.mentions import Held, Mention, Vocabulary
from surefoot.retrieve.filters.narrow import Constraint, narrowed
from surefoot.retrieve.filters.periods import needs_today, plain, read_times
from surefoot.retrieve.filters.time_keys import (
    TimeKeys,
    all_of,
    any_of,
    find_time_keys,
    is_one,
    numbers_of,
)

_QUESTION_CHARS = 2000
_TRIED_LEAST, _TRIED_MOST = 10, 50
_SURVEYS = 32
_LANGUAGE = re.compile(
    r"\b(?P<en>Chinese|English)(?:[- ]language)? (?:documents?|docs|sources?|papers?|articles?|files?|pages?|texts?"
    r"|reports?|materials?|literature|manuals?)\b"
    r"|(?P<zh>中文|汉语|英文|英语)(?:的|版)?(?:文档|文件|资料|文章|论文|来源|材料|页面|报告|文献|手册|说明书)",
    re.IGNORECASE,
)
_LANGUAGES = {
    "chinese": "zh",
    "中文": "zh",
    "汉语": "zh",
    "english": "en",
    "英文": "en",
    "英语": "en",
}


class InferenceSettings(PartSettings):
    """What is read out of a question."""

    keys: tuple[str, ...] = Field(
        default=(), description="metadata keys that are looked at; empty = all"
    )
    times: bool = Field(
        default=True, description="whether years, quarters, dates and words such as latest count"
    )
    language: bool = Field(
        default=True, description='whether "in Chinese documents" asks for a language'
    )
    aliases: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict, description='other names of a value, such as Apple = ["苹果公司"]'
    )
    today: date | None = Field(
        default=None,
        description="the day from which last month is told; null = the day the caller names, "
        "else the newest day in the documents",
    )
    certain: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="share of the passages found by a name that must hold its value; else it is a common word",
    )
    max_values: PositiveInt = Field(
        default=10_000, description="keys with more values are not looked at"
    )


@dataclass(frozen=True, slots=True)
class _Survey:
    """What can be asked for: values and times of the documents that somebody may read."""

    values: Mapping[str, Sequence[ValueCount]]
    vocabulary: Vocabulary
    times: TimeKeys
    skipped: tuple[str, ...]
    telling: Mapping[str, list[FilterValue]]
    shares: dict[tuple[str, str, FilterValue], float] = field(default_factory=dict)


class Inference:
    """Reads questions over one index; what it learns of the metadata is kept until they change."""

    def __init__(self, settings: InferenceSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._surveys: dict[Asker, _Survey] = {}
        self._lock = Lock()

    def read(self, query: Query, call: Call) -> Asked:
        """What a query asks of the metadata of the documents that its asker may read."""
        today = self._settings.today or call.today
        return Asked(self._parts.index(), query, self._survey(query.asker), self._settings, today)

    def _survey(self, asker: Asker) -> _Survey:
        """The values of now; the vocabulary is made again only where they have changed."""
        index, most = self._parts.index(), self._settings.max_values
        keys = self._settings.keys or index.keys(scope=Scope(asker=asker))
        values = {key: index.values(key, scope=Scope(asker=asker), limit=most + 1) for key in keys}
        everything = sum(
            one.documents for one in index.values("lang", scope=Scope(asker=asker), limit=most)
        )
        with self._lock:
            known = self._surveys.get(asker)
            if known is not None and known.values == values:
                return known
            if len(self._surveys) >= _SURVEYS:
                self._surveys.clear()
            self._surveys[asker] = made = self._made(values, everything)
            return made

    def _made(self, values: Mapping[str, Sequence[ValueCount]], everything: int) -> _Survey:
        """Leaves out keys with too many values, and values that every document has: they narrow nothing."""
        few = {
            key: counts
            for key, counts in values.items()
            if len(counts) <= self._settings.max_values
        }
        times = find_time_keys({key: [one.value for one in few[key]] for key in few})
        telling = {
            key: [one.value for one in counts if one.documents < everything]
            for key, counts in few.items()
        }
        named = {key: telling[key] for key in telling if key not in times.keys}
        skipped = tuple(sorted(key for key in values if key not in few))
        return _Survey(values, Vocabulary(named, self._settings.aliases), times, skipped, telling)


class Asked:
    """One question over one index: what it asks for, and the notes that say so."""

    def __init__(
        self,
        index: Index,
        query: Query,
        survey: _Survey,
        settings: InferenceSettings,
        today: date | None,
    ) -> None:
        self._index = index
        self._text = plain(query.asked[:_QUESTION_CHARS])
        self._given = query.filter
        self._asker = query.asker
        self._survey = survey
        self._settings = settings
        self._today = today
        self.said: list[str] = []
        if survey.skipped:
            self.say(f"too many values to look for: {', '.join(survey.skipped)}")

    def say(self, message: str) -> None:
        """Adds what is to be noted."""
        self.said.append(message)

    def count(self, filter: Filter | None) -> int:
        """Passages that the asker may read and the filter lets through."""
        return self._index.count(Scope(filter, self._asker))

    def constraints(self, *, strict: bool) -> list[Constraint]:
        """The constraints, the surest first; strict ones leave out times that are set against others."""
        found = [*self._values(self._text), *self._language(self._text)]
        return [*found, *self._times(self._text, found, strict)] if self._settings.times else found

    def offered(self, most: int) -> dict[str, list[FilterValue]]:
        """The keys with their values that narrow anything; a note names those that have more than `most`."""
        telling = {key: values for key, values in self._survey.telling.items() if values}
        if many := sorted(key for key in telling if len(telling[key]) > most):
            self.say(f"more than {most} values, not shown to the model: {', '.join(many)}")
        return {key: values for key, values in telling.items() if len(values) <= most}

    def meant(self, values: Mapping[Held, str]) -> list[Constraint]:
        """Constraints for values that somebody else read out of the question, with the words that mean them."""
        groups: dict[str, dict[Held, str]] = {}
        for held, said in values.items():
            groups.setdefault(held[0], {})[held] = said
        return self._constraints(list(groups.values()))

    def _constraints(self, groups: list[dict[Held, str]]) -> list[Constraint]:
        return [
            Constraint(", ".join(dict.fromkeys(group.values())), (_any_held(group),))
            for group in self._compatible(groups)
        ]

    def _values(self, text: str) -> list[Constraint]:
        """Values of one key are alternatives; keys that exclude each other are, too."""
        groups: dict[tuple[str, ...], dict[Held, str]] = {}
        for mention in self._survey.vocabulary.mentions(text):
            for held in self._meant(mention):
                keys = tuple(dict.fromkeys(key for key, _ in mention.meant))
                groups.setdefault(keys, {})[held] = mention.said
        return self._constraints(list(groups.values()))

    def _language(self, text: str) -> list[Constraint]:
        """The languages of the documents that the question asks for."""
        found = list(_LANGUAGE.finditer(text)) if self._settings.language else []
        if not found:
            return []
        wanted = dict.fromkeys(_LANGUAGES[(one["en"] or one["zh"]).lower()] for one in found)
        return [Constraint(found[0].group(), (is_one("lang", list(wanted)),))]

    def _times(self, text: str, others: Sequence[Constraint], strict: bool) -> list[Constraint]:
        """The periods of the question, or the newest documents where it asks for the latest."""
        keys, today = self._survey.times, self._today
        if not keys.keys:
            return []
        if needs_today(text):
            today = today or keys.today()
        times = read_times(text, today)
        if strict and times.contrast and (times.periods or times.latest):
            self.say(f"no time is asked for alone, because of {times.contrast!r}")
            return []
        if times.relative and today is not None:
            self.say(f"times are told from {today.isoformat()}")
        if times.periods:
            wide = [keys.levels(period) for period in times.periods]
            levels = [
                any_of(level[min(i, len(level) - 1)] for level in wide if level) for i in (0, 1)
            ]
            told = tuple(dict.fromkeys(level for level in levels if level is not None))
            return [Constraint(" and ".join(p.said for p in times.periods), told)] if told else []
        return self._latest(times.latest, others) if times.latest else []

    def _latest(self, said: str, others: Sequence[Constraint]) -> list[Constraint]:
        """The newest year, quarter or date among the documents that the rest of the question asks for."""
        keys = self._survey.times
        base = narrowed(self._given, others, self.count).filter
        if keys.year:
            year = max(numbers_of(self._held(keys.year, base), keys.years), default=None)
            if year is None:
                return []
            newest = is_one(keys.year, keys.years[year])
            within = all_of([base, newest])
            held = self._held(keys.quarter, within) if keys.quarter else []
            quarter = max(numbers_of(held, keys.quarters), default=None)
            if quarter is None:
                return [Constraint(said, (newest,))]
            exact = all_of([newest, is_one(keys.quarter, keys.quarters[quarter])])
            return [Constraint(said, (exact or newest, newest))]
        day = max((str(value) for value in self._held(keys.day, base)), default="")
        return [Constraint(said, (Comparison("gte", keys.day, day),))] if day else []

    def _held(self, key: str, filter: Filter | None) -> list[FilterValue]:
        scope, most = Scope(filter, self._asker), self._settings.max_values
        return [one.value for one in self._index.values(key, scope=scope, limit=most)]

    def _meant(self, mention: Mention) -> Iterator[Held]:
        """The values that a mention means: not what is denied, not common words, nothing out of scope."""
        for key, value in mention.meant:
            told = f"{mention.said!r} is not taken for {key} = {value}"
            if mention.denied:
                self.say(f"{told}: the question excludes it")
            elif (share := self._share(mention, key, value)) < self._settings.certain:
                self.say(f"{told}: {share:.0%} of what is found by it has that")
            elif self._given is not None and not self.count(all_of([self._given, _is(key, value)])):
                self.say(f"{told}: nothing within the filter given has that")
            else:
                yield key, value

    def _share(self, mention: Mention, key: str, value: FilterValue) -> float:
        """How sure a name stands for a value: 1 with the key's name before it, else as `_found_share` says."""
        if mention.by_key:
            return 1.0
        name, known = (mention.said.lower(), key, value), self._survey.shares
        if name not in known:
            known[name] = self._found_share(mention.said, key, value)
        return known[name]

    def _found_share(self, said: str, key: str, value: FilterValue) -> float:
        """Of the best passages that a name finds, as many as hold its value (10 to 50), the share that do hold it."""
        wanted = min(max(self.count(_is(key, value)), _TRIED_LEAST), _TRIED_MOST)
        scope = Scope(asker=self._asker)
        found = self._index.keyword(said, limit=wanted, scope=scope)
        if not found:
            return 1.0
        held = [hit.chunk.meta.get(key) for hit in found]
        right = sum(value in one if isinstance(one, tuple) else one == value for one in held)
        return right / len(held)

    def _compatible(self, groups: list[dict[Held, str]]) -> list[dict[Held, str]]:
        """Joins groups of which a value would be lost: Apple and MSFT cannot both hold, so either may."""
        made: list[dict[Held, str]] = []
        for group in groups:
            for i, other in enumerate(made):
                if self._excludes(group, other) or self._excludes(other, group):
                    made[i] = other | group
                    break
            else:
                made.append(group)
        return made

    def _excludes(self, group: Mapping[Held, str], other: Mapping[Held, str]) -> bool:
        """Whether a value of the one group stands in no passage of the other."""
        whole = _any_held(other)
        return any(not self.count(all_of([whole, _is(*held)])) for held in group)


def _is(key: str, value: FilterValue) -> Filter:
    return Comparison("eq", key, value)


def _any_held(group: Mapping[Held, str]) -> Filter:
    by_key: dict[str, list[FilterValue]] = {}
    for key, value in group:
        by_key.setdefault(key, []).append(value)
    made = any_of(is_one(key, values) for key, values in by_key.items())
    if made is None:
        raise ValueError("a group has a value")
    return made
