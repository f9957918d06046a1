"""Terms of a sentence that look like names and are missing in its source. Knows shapes only: capitals, quotes, scripts.

Chinese writes no capitals: there a name is Latin letters, what stands in quotation marks, or a run of characters that
the source never puts together and that is no common word.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from surefoot.core.lang import is_han
from surefoot.core.lang.dictionary import is_common
from surefoot.core.lang.lexicon import (
    FAMILY_NAMES,
    HAN_FUNCTION,
    PLACE_ENDINGS,
    SENTENCE_STARTERS,
    TRANSLITERATION,
)
from surefoot.core.lang.stopwords import STOP_WORDS
from surefoot.generate.checking.facts.text import MASK

_TOKEN = re.compile(r"[^\W_]+(?:['.&-][^\W_]+)*")
_QUOTED = re.compile(r"[《「『“\"]([^《》「」『』“”\"]{2,10})[》」』”\"]")
_LATIN_RUN = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f\d]+")
_DOT_NAME = re.compile(r"[\u3400-\u9fff]{1,8}(?:[·•・][\u3400-\u9fff]{1,8})+")
_ENDINGS = re.compile(r"(?:ians|ian|ese|ish|ans|an|ns|n|ic|al|i|s|es|e)$")
_JOINTS = re.compile(r"[-'.&]")
_MIN_STEM = 4
_MIN_PART = 6  # letters from which a word counts as part of another: Atlantic, transatlantic
_NOVEL_TERM = 0.3
_FOREIGN = 0.7
_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
_MONTHS = frozenset(_MONTH_NAMES.split())


def missing_names(sentence: str, source: str, *, han: bool) -> list[str]:
    """The names of `sentence` that `source` does not have; both as `prepare` gives them."""
    return _missing_han(sentence, source) if han else _missing_latin(sentence, source)


def initials(source: str) -> frozenset[str]:
    """Acronyms that the capitalised words of the source make: National Football League gives nfl."""
    return _known(source)[2]


def bare(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def novel_spans(sentence: str, source: str) -> list[tuple[int, int]]:
    """Spans of Han characters that the source never puts together so.

    A character is known where the source has it in the same pair without function words, or in the
    same run of three.
    """
    pairs, triples = _runs(source)
    known = [not is_han(char) for char in sentence]
    for place in range(len(sentence) - 1):
        if sentence[place : place + 2] in pairs:
            known[place] = known[place + 1] = True
        if sentence[place : place + 3] in triples:
            known[place] = known[place + 1] = known[place + 2] = True
    spans: list[tuple[int, int]] = []
    start = None
    for place, is_known in enumerate([*known, True]):
        if not is_known and start is None:
            start = place
        elif is_known and start is not None:
            spans.append((start, place))
            start = None
    return spans


def _missing_latin(sentence: str, source: str) -> list[str]:
    known, stems, initials = _known(source)
    missing = []
    for match, inner in _capitalised(sentence):
        word = bare(match.group()).removesuffix("'s").strip(".")
        if word in known or word in _MONTHS or _stem(word) in stems:
            continue
        if all(part in known or _stem(part) in stems for part in _JOINTS.split(word) if part):
            continue
        if len(word) >= _MIN_PART and any(word in other for other in known):
            continue
        if match.group().isupper() and word.replace(".", "") in initials:
            continue
        if inner or _starts_as_name(match.group(), word, sentence[match.end() :]):
            missing.append(match.group())
    return missing


def _capitalised(sentence: str) -> list[tuple[re.Match[str], bool]]:
    """Tokens with a capital, and whether they stand inside (a capital at the start says little)."""
    found = []
    fresh = True
    for match in _TOKEN.finditer(sentence):
        before = sentence[: match.start()].rstrip()
        fresh = fresh or before.endswith((".", "!", "?", ":", "“", '"', "*", "#", "|"))
        token = match.group()
        code = any(char.isdigit() for char in token) and any(char.isupper() for char in token)
        if token[0].isupper() or code or any(char.isupper() for char in token[1:]):
            word = token.casefold().removesuffix("'s")
            if word not in STOP_WORDS and len(token) > 1:
                found.append((match, not fresh or token[1:].lower() != token[1:]))
        fresh = False
    return found


def _starts_as_name(token: str, word: str, rest: str) -> bool:
    """Whether the first word of a sentence is a name rather than any word with its capital."""
    if re.match(r"\s(?:[A-Z]|of [A-Z]|de |von |van )", rest):
        return word not in SENTENCE_STARTERS
    if word in SENTENCE_STARTERS or len(token) < 3:
        return False
    return not word.endswith(
        ("ing", "ed", "ly", "ion", "ions", "ment", "ments", "ness", "ity", "ers", "ies", "ors")
    )


@lru_cache(maxsize=128)
def _known(source: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    words: set[str] = set()
    for word in set(_TOKEN.findall(bare(source))):
        words |= {word, word.removesuffix("'s"), word.strip("."), *_JOINTS.split(word)}
    stems = frozenset(_stem(word) for word in words)
    return frozenset(words), stems, frozenset(_initials(source))


def _stem(word: str) -> str:
    if word.isdigit():
        return word
    cut = _ENDINGS.sub("", word)
    return cut if len(cut) >= _MIN_STEM else word


def _initials(source: str) -> set[str]:
    """Initials of every run of two to six capitalised words: National Football League gives nfl."""
    found: set[str] = set()
    for run in re.findall(r"(?:[A-Z][\w'-]*(?:\s(?:of|the|and|for|on)\s|\s|-)?){2,8}", source):
        letters = [word[0].lower() for word in re.findall(r"[A-Z][\w']*", run)]
        for start in range(len(letters)):
            for end in range(start + 2, min(len(letters), start + 6) + 1):
                found.add("".join(letters[start:end]))
    return found


def _missing_han(sentence: str, source: str) -> list[str]:
    plain = bare(source)
    squeezed = re.sub(r"[\s·•・]", "", plain)
    missing = [
        match.group()
        for match in _LATIN_RUN.finditer(sentence)
        if bare(match.group()) not in plain and match.group().lower() not in STOP_WORDS
    ]
    missing += [
        match[1]
        for match in _QUOTED.finditer(sentence)
        if MASK not in match[1]
        and re.sub(r"[\s·•・]", "", bare(match[1])) not in squeezed
        and _novel_share(match[1], source) > _NOVEL_TERM
    ]
    missing += [
        match.group()
        for match in _DOT_NAME.finditer(sentence)
        if any(part not in source for part in re.split("[·•・]", match.group())[1:-1])
    ]
    for start, end in novel_spans(sentence, source):
        if _looks_like_name(sentence, start, end) or _in_place_of_name(
            sentence, (start, end), source
        ):
            missing.append(sentence[start:end])
    return list(dict.fromkeys(missing))


def _novel_share(text: str, source: str) -> float:
    return sum(end - start for start, end in novel_spans(text, source)) / max(1, len(text))


def _looks_like_name(sentence: str, start: int, end: int) -> bool:
    before, after = sentence[max(0, start - 1) : start], sentence[end : end + 1]
    run = sentence[start:end].strip(HAN_FUNCTION)
    if not run:
        return False
    if after in PLACE_ENDINGS and not is_common(run[-1] + after) and before not in (" ", MASK):
        return True
    if len(run) < 2:
        return False
    if before in tuple("·《") or after in tuple("·》"):
        return True
    if run[0] in FAMILY_NAMES and not is_common(run[:2]) and len(run) <= 4:
        return True
    if run[-1] in PLACE_ENDINGS and not is_common(run[-2:]) and len(run) > 2:
        return True
    foreign = sum(char in TRANSLITERATION for char in run) / len(run)
    return (len(run) > 2 and foreign > _FOREIGN) or _longest_uncommon(sentence, start, end) >= 2


def _in_place_of_name(sentence: str, span: tuple[int, int], source: str) -> bool:
    """Whether the source has a name between the very characters that stand around this span."""
    left = sentence[: span[0]].replace(" ", "")[-2:]
    right = sentence[span[1] :].replace(" ", "")[:3]
    run = set(sentence[span[0] : span[1]])
    if run <= set(HAN_FUNCTION) or not all(map(is_han, right[:2])) or len(right) < 2:
        return False
    if not left or not is_han(left[-1]):  # at the start of a clause the other side has to say more
        before, after = r"(?<![\u3400-\u9fff·])", right
    else:
        before, after = f"(?<={re.escape(left)})", right[:2]
    between = rf"{before}[\u3400-\u9fff·]{{1,8}}?(?={re.escape(after)})"
    return any(
        not run.intersection(name) and _longest_uncommon(name, 0, len(name)) >= 2
        for name in re.findall(between, source.replace(" ", ""))
    )


def _longest_uncommon(sentence: str, start: int, end: int) -> int:
    """The longest stretch of a run that no common word covers."""
    longest = length = 0
    for place in range(start, end):
        covered = sentence[place] in HAN_FUNCTION or any(
            is_common(sentence[left : left + 2]) for left in (place - 1, place) if left >= 0
        )
        length = 0 if covered else length + 1
        longest = max(longest, length)
    return longest


@lru_cache(maxsize=64)
def _runs(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The pairs without function words, and all runs of three, that a source has."""
    pairs = {source[place : place + 2] for place in range(len(source) - 1)}
    plain = {pair for pair in pairs if pair[0] not in HAN_FUNCTION and pair[1] not in HAN_FUNCTION}
    return frozenset(plain), frozenset(
        source[place : place + 3] for place in range(len(source) - 2)
    )
