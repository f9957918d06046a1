"""Names in a text with their places: capitalised runs and quoted terms in English; words tagged as names in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from surefoot.core.lang.detect import is_han
from surefoot.core.lang.lexicon import SENTENCE_STARTERS
from surefoot.core.lang.stopwords import STOP_WORDS

_TOKEN = re.compile(r"[^\W_]+(?:['’.&][^\W_]+)*")
_QUOTED = re.compile(
    r"[《「『“\"]\s*([^\W_][^《》「」『』“”\"\n]{1,59}?)[\s,.，。]*[》」』”\"]|(?<![^\W_])'([^'\n]{3,60})'(?![^\W_])"
)
_DOT_NAME = re.compile(r"[\u3400-\u9fff]{1,8}(?:[·•・][\u3400-\u9fff]{1,8})+")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_SENTENCE_END = re.compile(r"(?:^|[.!?:;。！？：；|#*>\n])[\s\"'“‘(（\[*#|]*$")
_SMALL = "of the de la von van du di da del der den le al el bin ibn mac af zu"
_JOINTS = frozenset(_SMALL.split())
_CALENDAR = """
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
"""
_DATES = frozenset(_CALENDAR.split())
_NO_NAME_ENDINGS = ("ing", "ed", "ly", "ion", "ions", "ment", "ments", "ness", "ity", "ies")
_NAME_TAGS = ("nr", "ns", "nt", "nz")  # people, places, organisations, other names
_POSSESSIVE = ("'s", "’s", "'S", "’S")
_IN_PLACES = frozenset(("new", "old", "upper", "lower", "little", "long", "high"))
_MAX_TOKENS = 8
_MAX_QUOTED_WORDS = 8


@dataclass(frozen=True, slots=True)
class Name:
    """`text[start:end]` as it stands in a text."""

    text: str
    start: int
    end: int


def names(text: str) -> list[Name]:
    """The names in order, none within another; quoted terms count as names.

    Chinese needs the dictionary of rjieba: the first such text loads it (0.15 s, 34 MB).
    """
    found = [*_quoted(text), *_capitalised(text)]
    if any(map(is_han, text)):
        found += map(_dotted, _DOT_NAME.finditer(text))
        found += _tagged(text)
    return _apart(found)


def _quoted(text: str) -> Iterator[Name]:
    for match in _QUOTED.finditer(text):
        group = 1 if match[1] is not None else 2
        if len(match[group].split()) <= _MAX_QUOTED_WORDS:
            yield Name(match[group], match.start(group), match.end(group))


def _capitalised(text: str) -> Iterator[Name]:
    """Runs of capitalised words; small words such as `of the` join two of them."""
    run: list[re.Match[str]] = []
    small: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        last = (small or run or [match])[-1]
        joined = _joins(text[last.end() : match.start()], last.group())
        if run and (not joined or last.group().endswith(_POSSESSIVE)):
            yield from _named(text, run)
            run, small = [], []
        if _is_capital(match.group()) or (run and not small and match.group().isdigit()):
            run += [*small, match]
            small = []
        elif run and match.group() in _JOINTS and len(small) < 2:
            small.append(match)
        elif run:
            yield from _named(text, run)
            run, small = [], []
    yield from _named(text, run)


def _joins(gap: str, last: str) -> bool:
    """Whether two words stand in one run: nothing but a space, a hyphen or the full stop of an initial between."""
    plain = gap.strip(" ")
    if plain == "":
        return len(gap) <= 1
    if plain in ("-", "\u2013", "&", "’", "'"):
        return plain == "&" or (len(gap) <= 3 and gap[0] != " ")
    return plain == "." and len(last) <= 2 and len(gap) <= 2


def _is_capital(token: str) -> bool:
    return token[0].isupper() or (any(c.isupper() for c in token) and not is_han(token[0]))


def _named(text: str, run: list[re.Match[str]]) -> Iterator[Name]:
    """The run as a name, without what only starts a sentence; nothing when no name is left."""
    if not run:
        return
    fresh = _SENTENCE_END.search(text[max(0, run[0].start() - 12) : run[0].start()])
    while run and _opens(run, fresh=fresh is not None):
        run = run[1:]
        while run and run[0].group() in _JOINTS:
            run = run[1:]
    if not run or len(run) > _MAX_TOKENS or all(_is_date(m.group()) for m in run):
        return
    first = run[0].group()
    if len(run) == 1 and (len(first) < 2 or _plain(first) or (fresh and _common(first))):
        return
    start, end = run[0].start(), run[-1].end()
    name = text[start:end]
    if name.endswith(_POSSESSIVE):
        name = name[:-2]
    yield Name(name, start, start + len(name))


def _opens(run: list[re.Match[str]], *, fresh: bool) -> bool:
    """Whether a run's first word only opens a sentence or the name after it: The Hague keeps no article."""
    word = run[0].group().casefold()
    if len(run) > 1 and word in _IN_PLACES:
        return False
    return _is_date(word) or (len(run) > 1 and word in STOP_WORDS) or (fresh and _plain(word))


def _plain(token: str) -> bool:
    word = token.casefold()
    return word in STOP_WORDS or word in SENTENCE_STARTERS or _is_date(token)


def _is_date(token: str) -> bool:
    return token.casefold() in _DATES or token.isdigit()


def _common(token: str) -> bool:
    return token[1:].islower() and token.endswith(_NO_NAME_ENDINGS)


def _dotted(match: re.Match[str]) -> Name:
    """A name with dots between its parts, without the words before the first and after the last of them."""
    import rjieba

    first, *_, last = re.split("[·•・]", match.group())
    before = len(first) - len(rjieba.cut(first, hmm=True)[-1])
    after = len(last) - len(rjieba.cut(last, hmm=True)[0])
    start, end = match.start() + before, match.end() - after
    return Name(match.string[start:end], start, end)


def _tagged(text: str) -> Iterator[Name]:
    """Han words that the tagger takes for names, each run of Han characters by itself."""
    import rjieba

    for run in _HAN_RUN.finditer(text):
        tokens: list[tuple[str, str]] = rjieba.tag(run.group(), hmm=True)
        place = run.start()
        for (word, tag), (follower, _) in pairwise([*tokens, ("", "")]):
            name = _trimmed(word, follower) if tag.startswith("nr") else word
            if tag.startswith(_NAME_TAGS) and len(name) > 1:
                yield Name(name, place, place + len(name))
            place += len(word)


def _trimmed(word: str, follower: str) -> str:
    """A guessed name without a last character that makes a word with what follows: 郭帆出|生于 is 郭帆|出生于."""
    import rjieba

    if len(word) < 3 or not follower:
        return word
    if rjieba.has_word(word) or not rjieba.has_word(word[-1] + follower[0]):
        return word
    return word[:-1]


def _apart(found: Iterable[Name]) -> list[Name]:
    """Names in order; where two overlap the longer stays."""
    kept: list[Name] = []
    for name in sorted(found, key=lambda n: (n.start - n.end, n.start)):
        if all(name.end <= other.start or name.start >= other.end for other in kept):
            kept.append(name)
    return sorted(kept, key=lambda n: n.start)
