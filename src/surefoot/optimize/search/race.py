"""Asks the questions that say most about which solution is best, a block at a time, until a limit or until it is sure.

Every solution answers the same first questions. Then possible truths are drawn from what is believed, and the
solutions that are best in one of them are asked their next block: a solution that is hardly ever best costs
nothing more. Those proven worse, and those that answer like another, are set aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log2

import numpy as np

from surefoot.core.errors import CapReached
from surefoot.evaluate.stats import worse_so_far
from surefoot.optimize.result import Standing
from surefoot.optimize.search.belief import Belief, Numbers, believe
from surefoot.optimize.search.frontier import undominated
from surefoot.optimize.search.propose import Known, Untried
from surefoot.optimize.search.rules import Left, Rules
from surefoot.optimize.search.select import cheaper_first
from surefoot.optimize.search.sheet import Sheet
from surefoot.optimize.trial import Bench, Candidate, Request, Space

BLOCK = 8  # questions a solution is asked at a time
_TOGETHER = 8  # solutions asked in a round; also how many are proposed at a time
_DRAWS = 200
_ALIKE = 24  # so many questions with the same results, and two solutions count as the same
_FIRST_LOOK = 16
_SETTLED = 3  # rounds before another corpus is tried
_SURE = 0.0005  # the search ends where choosing now is expected to lose less than this
_EXPLORE = 0.5  # share of the budget after which no further solutions are taken in
_HELD_BACK = 0.5  # of the budget at most is kept for the verdict
_KEPT = "the rest of the budget is kept for the verdict"


class Race:
    """A search as far as it has come: `sheet` has what was scored, `out` who is out of the race and why.

    `same` names the solution whose results another one's are.
    """

    def __init__(
        self, space: Space, bench: Bench, sheet: Sheet, rules: Rules, clusters: Mapping[str, str]
    ) -> None:
        self.sheet = sheet
        self.out: dict[str, tuple[Standing, str]] = {}
        self.same: dict[str, str] = {}
        self.rounds = 0
        self._space = space
        self._bench = bench
        self._rules = rules
        self._clusters = [clusters[name] for name in sheet.order]
        self._most = rules.most(len(sheet.order), BLOCK)
        self._untried = Untried(space, self._most, rules.seed)
        self._building = 0.0
        self._believed: tuple[tuple[int, int], Belief] | None = None
        self._fresh: set[str] = set()
        self._looked: dict[str, int] = {}

    def run(self, left: Left, reserved: int) -> str:
        """Races until it is sure or a limit is reached, which it then says in words; what is known stays known.

        Budget for `reserved` questions, those of the verdict, is left over where `left` tells of a budget.
        """
        try:
            return self._run(left, reserved)
        except CapReached as cap:
            return cap.message

    def alive(self) -> list[Candidate]:
        """Those still in the race."""
        return [one for one in self.sheet.candidates if one.digest not in self.out]

    def belief(self) -> Belief:
        """What is known of every solution tried, in their order."""
        known = (len(self.sheet.candidates), self.sheet.asked)
        if self._believed is None or self._believed[0] != known:
            digests = [one.digest for one in self.sheet.candidates]
            found = believe(self.sheet.levels(self.sheet.candidates), self.sheet.scores(digests))
            self._believed = (known, found)
        return self._believed[1]

    def _run(self, left: Left, reserved: int) -> str:
        self._take_in(self._untried.start)
        while left() >= 1.0 and (group := self._untried.listed()):
            self._take_in(group)
        spent, asked = 0.0, 0
        while True:
            self._set_aside()
            if not self.alive():
                return "no solution could be asked"
            self._explore(left)
            budget, before = left(), self.sheet.asked
            self._ask(self._next(self.belief()))
            if self.sheet.asked == before:
                if self._explore(left, sure=True):
                    continue
                return ""
            self.rounds += 1
            spent, asked = spent + budget - left(), asked + self.sheet.asked - before
            if left() <= min(_HELD_BACK, spent / asked * (reserved + BLOCK * _TOGETHER)):
                return _KEPT

    # ── Taking in ───────────────────────────────────────────────────────────────────────────────

    def _explore(self, left: Left, *, sure: bool = False) -> bool:
        """Takes in solutions like the best, and now and then some over another corpus; whether there were any.

        What building takes is to be at most half of what is spent, but where it is `sure` of those tried so far.
        """
        room = self._most - len(self.sheet.candidates)
        early = left() > _EXPLORE and self.sheet.asked < _EXPLORE * self._allowed()
        leader = self._leader(self.belief())
        if not self._untried or not early or room < 1 or leader is None:
            return False
        values = self._objectives(self.belief().mean).tolist()
        known = [
            Known(one, tuple(row)) for one, row in zip(self.sheet.candidates, values, strict=True)
        ]
        found = self._untried.like(known, min(_TOGETHER, room), leader)
        before, other = left(), list[Candidate]()
        if sure or (self.rounds >= _SETTLED and self._building <= (1 - before) / 2):
            other = self._untried.over_another_corpus(known, leader)[:room]
            self._try_corpus(other)
            self._building += before - left()
        self._take_in(found[: room - len(other)])
        self._set_aside()
        return bool(found or other)

    def _try_corpus(self, candidates: Sequence[Candidate]) -> None:
        """Takes in solutions over another corpus; where the budget does not reach for its index, no other is tried."""
        try:
            self._take_in(candidates)
        except CapReached as cap:
            self._untried.close()
            for one in candidates:
                if not self.sheet.rows(one.digest):
                    self.out[one.digest] = ("failed", cap.message)

    def _leader(self, belief: Belief) -> Candidate | None:
        """The best so far of those that the axes describe, else the base of the space."""
        means = zip(belief.mean.tolist(), self.sheet.candidates, strict=True)
        inside = [pair for pair in means if pair[1].choices and pair[1].digest not in self.out]
        best = max(inside, key=lambda pair: pair[0], default=None)
        return best[1] if best else self._space.candidate({})

    def _take_in(self, candidates: Sequence[Candidate]) -> None:
        """Enters solutions and asks each its first block."""
        new = [one.digest for one in candidates if self.sheet.enter(one)]
        self._ask(new)

    # ── Asking ──────────────────────────────────────────────────────────────────────────────────

    def _ask(self, digests: Sequence[str]) -> None:
        room = self._allowed() - self.sheet.asked
        known = {one.digest: one for one in self.sheet.candidates}
        requests: list[Request] = []
        for digest in digests:
            cases = self.sheet.ahead(digest, min(BLOCK, room))
            room -= len(cases)
            if cases:
                requests.append(Request(known[digest], cases))
        if requests:
            for candidate, rows in self._bench.ask(requests):
                self.sheet.add(candidate, rows)
                self._fresh.add(candidate.digest)

    def _allowed(self) -> int:
        tried = self._most if self._untried else len(self.sheet.candidates)
        return self._rules.allowed(tried, len(self.sheet.order), BLOCK)

    def _next(self, belief: Belief) -> list[str]:
        """Who is asked next: the best of drawn truths, until there are enough; nobody where it is sure."""
        places = [
            place for place, one in enumerate(self.sheet.candidates) if one.digest not in self.out
        ]
        draws = belief.draws(_DRAWS, self._rules.seed + self.rounds)[places]
        lead = int(np.argmax(belief.mean[places]))
        loss = float((draws.max(axis=0) - draws[lead]).mean())
        best = self.sheet.candidates[places[lead]].digest
        # A few questions on which all did the same say little: the model would be too sure of them.
        tested = len(self.sheet.rows(best)) >= _ALIKE or not self.sheet.ahead(best, 1)
        if loss < _SURE and tested and self._only_quality():
            return []
        found: dict[str, None] = {}
        for place in self._best_of(draws, places):
            digest = self.sheet.candidates[place].digest
            if self.sheet.ahead(digest, 1):
                found[digest] = None
            if len(found) == _TOGETHER:
                break
        return list(found)

    def _best_of(self, draws: Numbers, places: Sequence[int]) -> Iterator[int]:
        if self._only_quality():
            yield from (places[int(best)] for best in draws.argmax(axis=0))
            return
        chance = np.random.default_rng(self._rules.seed + self.rounds)
        quality = self._rules.objectives.index("quality")
        points = self._objectives(np.zeros(len(self.sheet.candidates)))[places]
        for draw in draws.T:
            points[:, quality] = draw
            yield places[int(chance.choice(np.flatnonzero(undominated(points))))]

    def _only_quality(self) -> bool:
        return self._rules.objectives == ("quality",)

    def _objectives(self, quality: Numbers) -> Numbers:
        """Solutions x objectives, larger is better. Cost is dollars, or tokens where nothing costs money."""
        spent = [self.sheet.expense(one.digest) for one in self.sheet.candidates]
        paid = any(one.usd for one in spent)
        columns = {
            "quality": quality,
            "cost": np.array(
                [-(one.usd if paid else one.chat_tokens + one.encoder_tokens) for one in spent]
            ),
            "latency": np.array([-one.latency_p50_ms for one in spent]),
        }
        return np.stack([columns[name] for name in self._rules.objectives], axis=1)

    # ── Setting aside ───────────────────────────────────────────────────────────────────────────

    def _set_aside(self) -> None:
        for one in self.alive():
            if self.sheet.failed(one.digest):
                rows = self.sheet.rows(one.digest).values()
                why = next((row.failure for row in rows if row.failure), "")
                self.out[one.digest] = ("failed", why or f"it gives no {self._rules.metric}")
        self._set_aside_same()
        self._set_aside_worse()

    def _set_aside_same(self) -> None:
        alive = self.alive()
        for place, one in enumerate(alive):
            for other in alive[place + 1 :]:
                pair = {one.digest, other.digest}
                if pair & self.out.keys() or not pair & self._fresh:
                    continue
                if (count := self.sheet.same(one.digest, other.digest)) >= _ALIKE:
                    kept, twin = cheaper_first(
                        self.sheet, (one.digest, other.digest), self._space.present.digest
                    )
                    self.same[twin] = kept
                    self.out[twin] = ("same", f"the same results on all {count} questions")
        self._fresh.clear()

    def _set_aside_worse(self) -> None:
        """Looks at each solution beside the leader when both were asked 16, 32, 64 ... questions."""
        alive = self.alive()
        if len(alive) < 2:
            return
        digests = [one.digest for one in self.sheet.candidates]
        mean = dict(zip(digests, self.belief().mean, strict=True))
        lead = max(alive, key=lambda one: mean[one.digest])
        looks = max(1, int(log2(max(2, len(self.sheet.order) / _FIRST_LOOK))) + 1)
        for one in alive:
            if one is lead:
                continue
            base, other = self.sheet.scores([lead.digest, one.digest])
            both = ~np.isnan(base + other)
            look = int(log2(max(1.0, both.sum() / _FIRST_LOOK * 2)))
            if look <= self._looked.get(one.digest, 0):
                continue
            self._looked[one.digest] = look
            clusters = [name for name, seen in zip(self._clusters, both, strict=True) if seen]
            family = len(self.sheet.candidates)
            if worse_so_far(base[both], other[both], clusters, min(look, looks), looks, family):
                self.out[one.digest] = ("worse", f"proven on {int(both.sum())} questions")
