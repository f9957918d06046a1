"""What is said of a hybrid, in English and Chinese."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from surefoot.core.types import Score
from surefoot.evaluate.stats import verdict_text
from surefoot.optimize.hybrid.building import Beside, Hybrid
from surefoot.optimize.hybrid.halves import Halves

HybridLang = Literal["en", "zh"]


def hybrid_said(hybrid: Hybrid, halves: Halves, lang: HybridLang = "en") -> tuple[str, ...]:
    """The outcome first; then what was learnt, and the hybrid beside each half."""
    tuned, retrieving = halves.tuned.name, halves.retrieving.name
    best = tuned if hybrid.dev["tuned"] > hybrid.dev["retrieving"] else retrieving
    key = hybrid.outcome.replace(" ", "_")
    n = hybrid.unseen_n if hybrid.unseen_n else hybrid.dev_n
    found = [_say(key, lang, name=hybrid.name, n=n, best=best, tuned=tuned)]
    if hybrid.divided is not None:
        found.append(
            _say(
                "learnt",
                lang,
                n=hybrid.dev_n,
                share=f"{hybrid.divided.share:.0%}",
                tuned=tuned,
                retrieving=retrieving,
                quality=f"{hybrid.divided.quality:.3f}",
                tuned_score=f"{hybrid.dev['tuned']:.3f}",
                retrieving_score=f"{hybrid.dev['retrieving']:.3f}",
            )
        )
    return (*found, *(_beside(one, hybrid, lang) for one in hybrid.beside))


def _beside(one: Beside, hybrid: Hybrid, lang: HybridLang) -> str:
    kinds = {"better": "cost_better", "worse": "cost_worse"}
    unit = _say("usd" if hybrid.dollars else "ms", lang)
    gap = _amount(one.cost.difference, dollars=hybrid.dollars)
    cost = _say(kinds.get(one.cost.kind, "cost_open"), lang, gap=gap, unit=unit)
    verdict = verdict_text(one.quality, lang)
    return _say("beside", lang, name=one.name, score=f"{one.score:.3f}", verdict=verdict, cost=cost)


def _amount(gap: Score, *, dollars: bool) -> str:
    places = 5 if dollars else 0
    return f"{gap.value:+,.{places}f} ({gap.low:+,.{places}f} – {gap.high:+,.{places}f})"


def _say(key: str, lang: HybridLang, **values: object) -> str:
    return _words()[key][lang].format(**values)


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    file = resources.files("surefoot.optimize.hybrid") / "data" / "words.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
