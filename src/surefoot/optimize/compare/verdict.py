"""The verdict of a comparison in words: which method, by how much, what it costs, what is not proven, what next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from surefoot.core.types import Score
from surefoot.optimize.compare.choice import BASELINES, Choice, between, break_evens, choose
from surefoot.optimize.compare.claims import Held, held_claims
from surefoot.optimize.compare.figures import (
    bytes_text,
    count_text,
    gap_text,
    ms_text,
    p_text,
    score_text,
    seconds_text,
)
from surefoot.optimize.compare.forgetting import BASE_GENERAL, FORGETTING, floored
from surefoot.optimize.compare.freshness import FRESH_BEFORE, FRESHNESS
from surefoot.optimize.compare.hallucination import (
    HALLUCINATION,
    REFUSED_RIGHTLY,
    REFUSED_WRONGLY,
)
from surefoot.optimize.compare.result import TRAINED, Comparison, Difference, Method
from surefoot.optimize.compare.table import MethodRow, table_rows
from surefoot.optimize.compare.words import Lang, note_text, say, why_text
from surefoot.optimize.sheets import Sheet

_ENOUGH_SEEDS: Final = 3
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Told:
    """A comparison with what was chosen, for the sentences about it."""

    comparison: Comparison
    chosen: Choice
    rows: Mapping[Method, MethodRow]
    lang: Lang

    @property
    def winner(self) -> MethodRow:
        return self.rows[self.chosen.winner]

    def name(self, method: Method) -> str:
        return say(f"method_{method}", self.lang)

    def say(self, key: str, **values: object) -> str:
        return say(key, self.lang, **values)


def verdict_words(comparison: Comparison, lang: Lang = "en") -> tuple[str, ...]:
    """The verdict, the first sentence alone; then what it costs, what else was seen, what is not proven, what to do."""
    chosen = choose(comparison)
    if chosen is None:
        return (say("verdict_nothing", lang), *_left_out(comparison, lang))
    rows = {row.method: row for row in table_rows(comparison)}
    told = _Told(comparison, chosen, rows, lang)
    return (
        _headline(told),
        *_costs(told),
        *_seen(told),
        *_rivals(told),
        *_doubts(told),
        *_left_out(comparison, lang),
        *(note_text(note, lang) for note in comparison.notes),
        _next(told),
    )


def claims_sheet(comparison: Comparison, lang: Lang = "en") -> Sheet | None:
    """The claims that this comparison speaks of, each with its verdict; None where there are none."""
    held = held_claims(comparison)
    if not held:
        return None
    columns = ("claim", "measured", "bound", "against", "p", "standing")
    return Sheet(
        title=say("claims", lang),
        columns=tuple(say(f"column_{name}", lang) for name in columns),
        rows=tuple(_claim_row(one, lang) for one in held),
        note=say("claims_note", lang),
    )


def pairs_sheet(comparison: Comparison, lang: Lang = "en") -> Sheet | None:
    """Every two methods by the metric; None where there are not two."""
    found = [one for one in comparison.differences if one.metric == comparison.metric]
    if not found:
        return None
    columns = ("pair", "difference", "p", "standing")
    return Sheet(
        title=say("pairs", lang),
        columns=tuple(say(f"column_{name}", lang, metric=comparison.metric) for name in columns),
        rows=tuple(
            (
                f"{say(f'method_{one.method}', lang)} – {say(f'method_{one.against}', lang)}",
                gap_text(one.difference),
                p_text(one.p),
                say(f"kind_{one.kind}", lang),
            )
            for one in found
        ),
        note=say("pairs_note", lang),
    )


def _headline(told: _Told) -> str:
    chosen, over, best = told.chosen, told.chosen.over, told.chosen.best
    values = {
        "winner": told.name(chosen.winner),
        "metric": told.comparison.metric,
        "score": score_text(told.winner.quality),
        "n": told.winner.quality.n,
        "best": told.name(best),
        "best_score": score_text(told.rows[best].quality),
    }
    if over is not None:
        values |= {"gap": gap_text(over.difference), "baseline": told.name(over.against)}
        return told.say("verdict_over" if chosen.winner == best else "verdict_tie_over", **values)
    if chosen.winner != best:
        known = chosen.winner in BASELINES
        return told.say("verdict_keep" if known else "verdict_tie", **values)
    if len(chosen.tied) > 1:
        return told.say("verdict_first", **values)
    return told.say("verdict_alone" if len(told.rows) > 1 else "verdict_plain", **values)


def _costs(told: _Told) -> Iterator[str]:
    row = told.winner
    yield told.say(
        "costs_built" if row.build_s else "costs_nothing",
        build=seconds_text(row.build_s),
        storage=bytes_text(row.storage_bytes),
        p50=ms_text(row.latency_p50_ms),
        p95=ms_text(row.latency_p95_ms),
        tokens=count_text(row.prompt_tokens),
    )
    if row.update_how:
        yield told.say(f"changes_{row.update_how}", update=seconds_text(row.update_s))


def _seen(told: _Told) -> Iterator[str]:
    """What the winner's answers are worth beside the metric."""
    scores, winner = told.winner.scores, told.name(told.chosen.winner)
    if HALLUCINATION in scores:
        yield told.say("untrue", winner=winner, hallucination=_share(scores[HALLUCINATION]))
    if REFUSED_RIGHTLY in scores and REFUSED_WRONGLY in scores:
        rightly, wrongly = _share(scores[REFUSED_RIGHTLY]), _share(scores[REFUSED_WRONGLY])
        yield told.say("refusals", rightly=rightly, wrongly=wrongly)
    if FRESHNESS in scores:
        before = scores.get(FRESH_BEFORE)
        yield told.say(
            "fresh",
            n=scores[FRESHNESS].n,
            fresh=_share(scores[FRESHNESS]),
            before=_share(before) if before else "–",
        )
    yield from _forgetting(told)


def _forgetting(told: _Told) -> Iterator[str]:
    scores = told.winner.scores
    if (lost := scores.get(FORGETTING)) is None:
        return
    yield told.say("lost", n=lost.n, lost=gap_text(lost))
    for lang in floored(scores):
        able = scores[f"{BASE_GENERAL}_{lang}"]
        language = told.say(f"language_{lang}")
        yield told.say("floor", general=f"{able.value:.2f}", language=language)


def _rivals(told: _Told) -> Iterator[str]:
    """Those that the questions do not tell from the winner, what is proven worse, and when building pays."""
    chosen = told.chosen
    for method in chosen.tied:
        found = between(told.comparison, method, chosen.winner) if method != chosen.winner else None
        if found is not None:
            yield _tied(told, found)
    if chosen.behind:
        named = told.say("separator").join(
            f"{told.name(one.method)} {gap_text(one.difference)}" for one in chosen.behind
        )
        yield told.say("behind", best=told.name(chosen.best), methods=named)
    for even in break_evens(told.comparison):
        if even.against == chosen.winner and even.method in chosen.tied:
            yield told.say(
                "break_even",
                method=told.name(even.method),
                winner=told.name(chosen.winner),
                questions=count_text(even.questions),
            )


def _tied(told: _Told, found: Difference) -> str:
    method, gap = told.name(found.method), gap_text(found.difference)
    if found.kind == "equivalent":
        return told.say("equivalent_one", method=method, gap=gap)
    return told.say("tied_one", method=method, gap=gap, needed=_needed(told, found.needed))


def _needed(told: _Told, needed: int | None) -> str:
    return told.say("needed_some", n=count_text(needed)) if needed else told.say("needed_never")


def _doubts(told: _Told) -> Iterator[str]:
    """What keeps a reader from relying on it."""
    if any(one.few for one in told.comparison.differences):
        yield told.say("few")
    trained = [row for row in told.rows.values() if row.method in TRAINED]
    seeds = len(told.comparison.seeds)
    if trained and seeds < _ENOUGH_SEEDS:
        yield told.say("few_seeds", n=seeds)
    row = told.winner
    if row.seed_spread is not None:
        spread = f"{row.seed_spread:.3f}"
        yield told.say("spread", n=len(row.seeds), method=told.name(row.method), spread=spread)
    if max(one.quality.high for one in told.rows.values()) < _HALF:
        yield told.say("weak")


def _left_out(comparison: Comparison, lang: Lang) -> Iterator[str]:
    for method, why in comparison.left_out.items():
        yield say("left_out", lang, method=say(f"method_{method}", lang), why=why_text(why, lang))


def _next(told: _Told) -> str:
    chosen, comparison = told.chosen, told.comparison
    unsure = [method for method in chosen.tied if method != chosen.winner]
    if chosen.best in TRAINED and len(comparison.seeds) < _ENOUGH_SEEDS:
        return told.say("next_seeds", id=comparison.id)
    if unsure and chosen.winner != chosen.best:
        return told.say("next_questions")
    arm = comparison.of(chosen.winner)[0]
    folder = PurePath(comparison.folder) if comparison.folder else PurePath(comparison.id)
    inner = PurePath(".surefoot", "compare", folder.name, arm.file)
    return told.say("next_use", file=inner.as_posix())


def _share(score: Score) -> str:
    return f"{score.value:.2f} [{score.low:.2f}, {score.high:.2f}]"


def _claim_row(one: Held, lang: Lang) -> tuple[str, ...]:
    level = one.claim.kind in ("at_least", "at_most")
    return (
        one.claim.zh if lang == "zh" else one.claim.en,
        score_text(one.score) if level else gap_text(one.score),
        say(f"bound_{one.claim.kind}", lang, bound=one.claim.bound),
        say(f"method_{one.against}", lang) if one.against else "",
        p_text(one.p),
        say(f"standing_{one.standing}", lang),
    )
