"""Compares ways to cut the documents on the same questions, each with an index of its own beside the live one.

Two scores: documents ranked by their best chunk, and whether the evidence stands in the best chunks of so many tokens
together. The second counts what a reader gets for the same money: small chunks give more of them, large ones fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pydantic import ValidationError

from surefoot.config.base import PartSettings, explain
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call
from surefoot.core.types import EvalCase, EvalSet, Query, Score
from surefoot.evaluate.metrics.spans import evidence_within, located, sized
from surefoot.evaluate.runner import Evaluation, Outcome, evaluate
from surefoot.evaluate.searching import untraced_search
from surefoot.evaluate.standard import Judged
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.run.beside import beside
from surefoot.run.workspace import Workspace

HITS = 50
"""Chunks that are ranked for a question: enough for ten documents of several chunks."""

_RANKING = ("ndcg@10",)
_JUDGED: Sequence[Judged] = ("documents",)
Show = Callable[[str, int, int], None]
"""Called with what is going on, what is done and what there is in all."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to cut: the settings of a chunker."""

    settings: Mapping[str, Any]

    @property
    def label(self) -> str:
        """Kind and budget in tokens."""
        return f"{self.settings['kind']} {self.settings.get('max_tokens', '')}".strip()


@dataclass(frozen=True, slots=True)
class Sight:
    """How the questions are asked: the tokens that a reader may get, and the seed of the intervals."""

    tokens: tuple[int, ...] = (250, 500, 1000)
    seed: int = 0
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What a cut came to. `differences` are paired, to the present settings, which have none.

    `seconds` is what building took, None where the index was there; `values` holds each question's score.
    """

    label: str
    settings: Mapping[str, Any]
    recipe: str
    chunks: int
    scores: tuple[Score, ...]
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict, repr=False)
    differences: tuple[Score, ...] = ()
    seconds: float | None = None


def cuts(current: Mapping[str, Any], kinds: Sequence[str], sizes: Sequence[int]) -> list[Cut]:
    """Every kind in every size; the present kind keeps its other settings, others have their defaults.

    Raises:
        ConfigError: a kind is unknown or has no `max_tokens`, or a size does not fit its other settings.
    """
    made: list[Cut] = []
    for kind in kinds or [str(current["kind"])]:
        model = Registry().settings_class("chunker", kind)
        if "max_tokens" not in model.model_fields:
            raise ConfigError(f"the chunker {kind!r} has no max_tokens to vary", where="--kinds")
        base = dict(current) if kind == current["kind"] else {"kind": kind}
        for size in sizes:
            made.append(Cut(_sized(model, base, size)))
    return made


def sweep(
    space: Workspace, evalset: EvalSet, wanted: Sequence[Cut], sight: Sight, show: Show
) -> list[Tried]:
    """The present settings first, then each cut; its index is dropped afterwards unless `sight.keep`.

    Raises:
        MissingError: nothing is indexed yet.
        ConfigError: no question can be scored.
    """
    now = Cut(space.resources.corpus.chunk.model_dump(mode="json"))
    tried = [_measured(space, evalset, now, sight, show)]
    if not tried[0].scores:
        raise ConfigError("no question names a relevant document or an answer", where=evalset.name)
    for cut in wanted:
        overrides = {"corpus.chunk": dict(cut.settings)}
        building = partial(_building, show, f"building {cut.label}")
        with beside(space, overrides, keep=sight.keep, progress=building) as found:
            if found.space.resources.recipe == space.resources.recipe:
                continue
            made = _measured(found.space, evalset, cut, sight, show)
        seconds = found.report.seconds if found.report else None
        tried.append(_compared(made, tried[0], seconds, sight.seed))
    return tried


def _measured(space: Workspace, evalset: EvalSet, cut: Cut, sight: Sight, show: Show) -> Tried:
    encoder, index = space.resources.encoder(), space.resources.index()
    held: dict[int, dict[str, float]] = {tokens: {} for tokens in sight.tokens}
    search = untraced_search(space)

    def ask(case: EvalCase) -> Outcome:
        query = Query(case.question, case.lang, case.filter)
        turn = search(query, Call(seed=sight.seed, limit=HITS))
        read = sized(turn.hits, encoder.count_tokens, max(sight.tokens))
        for tokens, values in held.items():
            value = evidence_within(case, read, tokens)
            if value is not None:
                values[case.id] = value
        return Outcome(turn)

    found = evaluate(
        evalset,
        ask,
        judged=_JUDGED,
        progress=lambda done, total: show(f"asking {cut.label}", done, total),
        seed=sight.seed,
    )
    values = _values(found, evalset, held)
    return Tried(
        label=cut.label,
        settings=cut.settings,
        recipe=space.resources.recipe,
        chunks=sum(state.chunks for state in index.states()),
        scores=tuple(
            mean_score(name, list(v.values()), seed=sight.seed) for name, v in values.items()
        ),
        values=values,
    )


def _building(show: Show, title: str, done: int, total: int, _detail: str) -> None:
    show(title, done, total)


def _values(
    found: Evaluation, evalset: EvalSet, held: Mapping[int, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Score to question to value; a question that failed has 0."""
    values: dict[str, dict[str, float]] = {}
    for metric in _RANKING:
        ranked = {row.id: row.metrics[metric] for row in found.rows if metric in row.metrics}
        if ranked:
            values[metric] = ranked
    asked = [case.id for case in evalset.cases if located(case) or case.answers]
    for tokens, scored in held.items() if asked else ():
        values[f"evidence@{tokens}"] = {key: scored.get(key, 0.0) for key in asked}
    return values


def _compared(made: Tried, now: Tried, seconds: float | None, seed: int) -> Tried:
    differences = tuple(
        paired_difference(
            name, list(before.values()), [made.values[name][key] for key in before], seed=seed
        )
        for name, before in now.values.items()
    )
    return replace(made, seconds=seconds, differences=differences)


def _sized(model: type[PartSettings], base: Mapping[str, Any], size: int) -> dict[str, Any]:
    try:
        return model.model_validate({**base, "max_tokens": size}).model_dump(mode="json")
    except ValidationError as problem:
        raise explain(problem, model, where=f"{base['kind']} of {size} tokens") from None
