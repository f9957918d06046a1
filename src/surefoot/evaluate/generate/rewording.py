"""Says a question in other words, from a list of words of the same meaning: fewer of them stand in the passage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from random import Random

from surefoot.core.types import Lang

_WORD = re.compile(r"\"[^\"]*\"|[^\W_]+(?:[._'’-][^\W_]+)*|_\w*")
_QUOTED = re.compile(r"(“[^”]*”|「[^」]*」)")


def reworded(question: str, lang: Lang, draw: Random) -> str:
    """The question with each word that the list knows replaced; the same one where it knows none.

    What stands in quotes, names and identifiers stay as they are.
    """
    known = _known(lang)
    if lang == "zh":
        parts = _QUOTED.split(question)
        return "".join(_other_zh(part, known, draw) for part in parts)
    return _WORD.sub(lambda match: _other(match.group(), known, draw), question)


def _other(word: str, known: Mapping[str, tuple[str, ...]], draw: Random) -> str:
    return draw.choice(known[word]) if word in known else word


def _other_zh(text: str, known: Mapping[str, tuple[str, ...]], draw: Random) -> str:
    import rjieba

    if not text or text[0] in "“「":
        return text
    return "".join(_other(word, known, draw) for word in rjieba.cut(text, hmm=False))


@lru_cache(maxsize=2)
def _known(lang: Lang) -> Mapping[str, tuple[str, ...]]:
    file = resources.files("surefoot.evaluate.generate") / "data" / f"reworded-{lang}.txt"
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return {word: tuple(others) for word, *others in rows if others}
