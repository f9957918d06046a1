"""Whether a row gives away a question of an eval set: by hash, by a run of words, or by meaning.

Only what is asked counts. That training and eval set speak of the same documents is no leak.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from surefoot.core.errors import DataError
from surefoot.core.lang import answer_tokens, detect, fold, mostly_han
from surefoot.core.lang.likeness import plain_words, same_facts
from surefoot.core.types import EvalCase
from surefoot.tune.checks.frames import own_parts
from surefoot.tune.rows import ChatRow, PairRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

RUN: Final = 13
"""Words in a row that tell a question; of Chinese `HAN_RUN` characters."""
HAN_RUN: Final = 10
_WHOLE, _HAN_WHOLE = 6, 8  # a shorter question than a run counts whole from so many units on
_STOCK, _STOCK_SHARE, _STOCK_FEW = 5, 0.02, 3
_FEW, _SAMPLE, _QUANTILE, _WAY = 30, 1000, 0.95, 0.75
_SHOWN = 3
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ASKS = re.compile(
    r"\b(who|when|where|why|how (?:many|much|long|old|far|often)|how|which|what)\b"
    r"|(谁|何时|什么时候|哪[里儿]|何处|为何|为什么|如何|怎[么样]|多少|几)",
    re.IGNORECASE,
)

Embed = Callable[[Sequence[str]], "Vectors"]
Row = ChatRow | PairRow


@dataclass(frozen=True, slots=True)
class Leak:
    """A row that gives a question of the eval set away. `likeness` is the cosine for `embedding`, else 1."""

    row: str
    where: str
    case: str
    by: Literal["hash", "n-gram", "embedding"]
    asked: str
    question: str
    likeness: float = 1.0

    def __str__(self) -> str:
        told = f"{self.by} {self.likeness:.3f}" if self.by == "embedding" else self.by
        return f"{self.where} gives away {self.case} ({told}): {_short(self.asked)} | {_short(self.question)}"


def asked_of(row: Row) -> str:
    """What a row asks: its query, or the last message of the user."""
    if isinstance(row, PairRow):
        return row.query
    return next(turn.content for turn in reversed(row.prompt) if turn.role == "user")


def find_leaks(
    rows: Sequence[Row],
    against: Sequence[EvalCase],
    *,
    asked: Callable[[Row], str] = asked_of,
    embed: Embed | None = None,
) -> list[Leak]:
    """The first leak of each row that has one, in the order of the rows; `embed` makes unit vectors of questions.

    The bound for the meaning is set by the eval set itself: three quarters of the way from how near its own questions
    are to one another (95th percentile) to equality. Numbers must be the same and, within a language, names and what
    is asked for: who and when are two questions.
    """
    if not against or not rows:
        return []
    texts = [asked(row) for row in rows]
    found: dict[int, tuple[int, Literal["hash", "n-gram", "embedding"], float]] = {}
    hashes = {plain_words(case.question): place for place, case in enumerate(against)}
    runs = _Runs([case.question for case in against])
    for place, text in enumerate(texts):
        same = hashes.get(plain_words(text))
        if same is not None:
            found[place] = (same, "hash", 1.0)
        elif (case := runs.case_in(text)) is not None:
            found[place] = (case, "n-gram", 1.0)
    if embed is not None:
        left = [place for place in range(len(rows)) if place not in found]
        for place, case, cosine in _alike([texts[p] for p in left], against, embed):
            found[left[place]] = (case, "embedding", cosine)
    return [
        Leak(
            rows[place].id,
            rows[place].origin.source or rows[place].id,
            against[case].id,
            by,
            texts[place],
            against[case].question,
            likeness,
        )
        for place, (case, by, likeness) in sorted(found.items())
    ]


def refuse_leaks(leaks: Sequence[Leak]) -> None:
    """Raises DataError where there are leaks, with the first of them."""
    if not leaks:
        return
    counts = Counter(leak.by for leak in leaks)
    told = ", ".join(f"{n} by {by}" for by, n in counts.items())
    shown = "; ".join(str(leak) for leak in leaks[:_SHOWN])
    raise DataError(
        f"{len(leaks)} rows give away questions of the eval set ({told}): {shown}",
        where=leaks[0].where,
        hint="take other rows, or --drop-leaks leaves these out",
    )


class _Runs:
    """The telling runs of the questions: those that are not mostly made of what many questions say."""

    def __init__(self, questions: Sequence[str]) -> None:
        self._of: dict[int, dict[tuple[str, ...], int]] = defaultdict(dict)
        tokens = [_units(question) for question in questions]
        stock = _stock(tokens)
        for place, own in enumerate(tokens):
            size = HAN_RUN if mostly_han(questions[place]) else RUN
            if len(own) < size:
                least = _HAN_WHOLE if size == HAN_RUN else _WHOLE
                if len(own) >= least:
                    self._of[len(own)].setdefault(tuple(own), place)
                continue
            common = _covered(own, stock)
            for start in range(len(own) - size + 1):
                if 2 * sum(common[start : start + size]) <= size:
                    self._of[size].setdefault(tuple(own[start : start + size]), place)

    def case_in(self, text: str) -> int | None:
        """The question of which a run stands in the text."""
        own = _units(text)
        for size, known in self._of.items():
            for run in _windows(own, size):
                if run in known:
                    return known[run]
        return None


def _units(text: str) -> list[str]:
    """Words, and each Han character."""
    return answer_tokens(text, "zh")


def _windows(tokens: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(len(tokens) - size + 1):
        yield tuple(tokens[start : start + size])


def _stock(tokens: Sequence[Sequence[str]]) -> frozenset[tuple[str, ...]]:
    """Runs of five that many questions have, such as those of an instruction before each."""
    counts = Counter(run for own in tokens for run in set(_windows(own, _STOCK)))
    most = max(_STOCK_FEW, _STOCK_SHARE * len(tokens))
    return frozenset(run for run, n in counts.items() if n >= most)


def _covered(own: Sequence[str], stock: frozenset[tuple[str, ...]]) -> list[bool]:
    """Which units stand in a stock run."""
    covered = [False] * len(own)
    for start, run in enumerate(_windows(own, _STOCK)):
        if run in stock:
            covered[start : start + _STOCK] = [True] * _STOCK
    return covered


def _alike(
    texts: Sequence[str], against: Sequence[EvalCase], embed: Embed
) -> Iterator[tuple[int, int, float]]:
    """Texts that mean a question of the set: their place, its place and the cosine."""
    if not texts:
        return
    own = own_parts([*texts, *(case.question for case in against)])
    mine, theirs = embed(own[: len(texts)]), embed(own[len(texts) :])
    bound = _bound(theirs if len(against) >= _FEW else mine[:_SAMPLE])
    for place in range(len(texts)):
        cosines = theirs @ mine[place]
        for case in cosines.argsort()[::-1]:
            if cosines[case] < bound:
                break
            if _same_facts(own[place], own[len(texts) + int(case)]):
                yield place, int(case), float(cosines[case])
                break


def _bound(vectors: Vectors) -> float:
    """Most of the way from how near different questions are to each other, to equality."""
    import numpy as np

    some = vectors[:_SAMPLE]
    if len(some) < 2:
        return 1.0
    cosines = some @ some.T
    np.fill_diagonal(cosines, -1.0)
    near = float(np.quantile(cosines.max(axis=1), _QUANTILE))
    return near + _WAY * (1 - near)


def _same_facts(text: str, other: str) -> bool:
    """Whether the numbers are the same and, within a language, the names and what is asked for."""
    if detect(text) == detect(other):
        mine, theirs = (
            {match.group().lower() for match in _ASKS.finditer(t)} for t in (text, other)
        )
        asks_else = bool(mine and theirs) and not mine & theirs
        return not asks_else and same_facts(text, other)
    return set(_NUMBER.findall(fold(text))) == set(_NUMBER.findall(fold(other)))


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 80 else f"{plain[:79]}…"
