"""What a passage is about, told without a model: names, dates, numbers and key phrases, in English and Chinese.

Key phrases follow RAKE (Rose et al. 2010): runs of words between stop words, weighed by how far their words join.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from surefoot.core.lang.detect import is_han
from surefoot.core.lang.lexicon import SENTENCE_STARTERS
from surefoot.core.lang.names import Name, names
from surefoot.core.lang.stopwords import STOP_WORDS

_UNIT = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_NOTE_AT_END = re.compile(r"(?<=[^\s(（])\s*[(（][^()（）]*[)）]\s*$")
_SPACE_IN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_ARTICLES = ("the", "a", "an")
_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
_ALTERNATIVES = "|".join(_MONTHS.split())
_DATE = re.compile(
    rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th)? (?P<m1>{_ALTERNATIVES}),? (?P<y1>\d{{3,4}})"
    rf"|(?P<m2>{_ALTERNATIVES}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?, (?P<y2>\d{{3,4}})"
    r"|(?P<y3>\d{3,4})\s?年\s?(?P<m3>\d{1,2})\s?月\s?(?P<d3>\d{1,2})\s?日"
    r"|(?P<y4>\d{4})-(?P<m4>\d{2})-(?P<d4>\d{2})",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w])")
_NUMBER_DIGITS = 4
_BREAK = re.compile(r"[^\w\s'’-]+|\s-\s|\n")
_WORD = re.compile(r"[^\W\d_](?:[\w’'-]*\w)?")
_MAX_PHRASE_WORDS = 4
_NOUN_TAGS = ("n", "vn", "l", "i", "eng", "j")
_MIN_HAN_NOUN = 3
_RELATED = "→"


def entity_key(text: str) -> str:
    """Under which two spellings of an entity are one: no case, accents, articles, punctuation or closing bracket."""
    return _SPACE_IN_HAN.sub("", " ".join(entity_units(bare_title(text))))


def relation(one: str, other: str) -> str:
    """The key under which two entities are kept as related, by their own keys; no entity has such a key."""
    return _RELATED.join(sorted((one, other)))


def related(key: str) -> tuple[str, str] | None:
    """The keys of the two entities of a relation; None for the key of an entity."""
    one, sign, other = key.partition(_RELATED)
    return (one, other) if sign else None


def bare_title(title: str) -> str:
    """A title without the note in brackets that tells it from others: Atomised (film) is Atomised."""
    return _NOTE_AT_END.sub("", title)


def entity_units(text: str) -> list[str]:
    """The words of a name, folded and without a leading article; each Han character is one."""
    units = [unit for unit, _, _ in located_units(text)]
    return units[1:] if len(units) > 1 and units[0] in _ARTICLES else units


def located_units(text: str) -> Iterator[tuple[str, int, int]]:
    """The folded words of a text with their spans; each Han character is one."""
    for match in _UNIT.finditer(text):
        yield folded_word(match.group()), match.start(), match.end()


@lru_cache(maxsize=65536)
def folded_word(word: str) -> str:
    """Lower case without accents; wide characters narrow."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def entities(
    text: str, *, numbers: bool = True, phrases: int = 6, limit: int = 32
) -> tuple[str, ...]:
    """The keys of what a text names, the most telling kinds first: names, dates, key phrases, numbers.

    `phrases` is how many key phrases there are at most, `limit` how many entities of all kinds.
    """
    named = names(text)
    found: dict[str, None] = dict.fromkeys(_name_keys(named))
    if numbers:
        found |= dict.fromkeys(_dates(text))
    found |= dict.fromkeys(key_phrases(text, named)[:phrases])
    if numbers:
        found |= dict.fromkeys(_numbers(text))
    return tuple(found)[:limit]


def key_phrases(text: str, named: Iterable[Name] = ()) -> list[str]:
    """Phrases of two to four words that are no names, the best joined first; in Chinese runs of nouns."""
    plain = _DATE.sub("|", text)
    for name in named:
        plain = plain.replace(name.text, "|")
    runs = [*_word_runs(plain), *_noun_runs(plain)]
    counts, degrees = Counter[str](), Counter[str]()
    for run in runs:
        for word in run:
            counts[word] += 1
            degrees[word] += len(run)
    scores: defaultdict[str, float] = defaultdict(float)
    for run in runs:
        joined = ("" if is_han(run[0][0]) else " ").join(run)
        scores[entity_key(joined)] += sum(degrees[w] / counts[w] for w in run)
    return sorted(scores, key=lambda phrase: (-scores[phrase], phrase))


def _name_keys(named: Iterable[Name]) -> Iterator[str]:
    for name in named:
        key = entity_key(name.text)
        if len(key) > 1 and key not in STOP_WORDS:
            yield key


def _dates(text: str) -> Iterator[str]:
    """Dates as ISO; a date with its day is an entity, a year alone says too little."""
    for match in _DATE.finditer(text):
        parts = match.groupdict()
        year, month, day = next(
            (parts[f"y{n}"], parts[f"m{n}"], parts[f"d{n}"]) for n in (1, 2, 3, 4) if parts[f"y{n}"]
        )
        number = int(month) if month.isdigit() else _MONTH[month.lower()]
        yield f"{int(year):04d}-{number:02d}-{int(day):02d}"


def _numbers(text: str) -> Iterator[str]:
    """Long numbers, which name something: amounts, article numbers, telephone numbers; years do not."""
    for match in _NUMBER.finditer(_DATE.sub(" ", text)):
        number = match.group().replace(",", "")
        if len(number) > _NUMBER_DIGITS:
            yield number


def _word_runs(text: str) -> Iterator[list[str]]:
    for part in _BREAK.split(text):
        run: list[str] = []
        for word in [*_WORD.findall(part), ""]:
            folded = folded_word(word)
            if word and not is_han(word[0]) and len(word) > 2 and not _is_empty(folded):
                run.append(folded)
                continue
            if 2 <= len(run) <= _MAX_PHRASE_WORDS:
                yield run
            run = []


def _is_empty(word: str) -> bool:
    return word in STOP_WORDS or word in SENTENCE_STARTERS


def _noun_runs(text: str) -> Iterator[list[str]]:
    if not any(map(is_han, text)):
        return
    import rjieba

    run: list[str] = []
    for word, tag in [*rjieba.tag(text, hmm=True), ("", "")]:
        if word and tag.startswith(_NOUN_TAGS) and is_han(word[0]):
            run.append(word)
            continue
        if 2 <= len(run) <= _MAX_PHRASE_WORDS or (run and len(run[0]) >= _MIN_HAN_NOUN):
            yield run[:_MAX_PHRASE_WORDS]
        run = []
