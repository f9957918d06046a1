"""The halves that a comparison has measured already, and the hybrid of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import MissingError
from surefoot.core.types import EvalSet
from surefoot.evaluate.runner import Evaluation
from surefoot.optimize.compare.asking import ArmBench
from surefoot.optimize.compare.files import CompareFiles
from surefoot.optimize.compare.result import ArmResult, Comparison, Method
from surefoot.optimize.hybrid.building import DEFAULTS, Asker, Hybrid, HybridSettings, build_hybrid
from surefoot.optimize.hybrid.halves import Half, Halves

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_TUNED: tuple[Method, ...] = ("lora", "full")
_RETRIEVING: tuple[Method, ...] = ("rag", "lora+rag", "full+rag")
_QUESTION_CHARS = 500


def asker(space: Workspace) -> Asker:
    """Asks in a process of its own; what was asked before is kept and not asked again."""
    bench = ArmBench(space)

    def ask(plain: Mapping[str, Any], evalset: EvalSet) -> Evaluation:
        return bench.ask(plain, evalset).evaluation

    return ask


def halves_of(comparison: Comparison) -> Halves:
    """The best tuned arm that answers closed book and the best that searches, the first seed of each.

    Raises:
        MissingError: the comparison has no such two.
    """
    tuned, retrieving = _best(comparison, _TUNED), _best(comparison, _RETRIEVING)
    if tuned is None or retrieving is None:
        raise MissingError(
            "a hybrid needs a tuned arm and one that searches",
            where=comparison.id,
            hint="surefoot compare --methods rag,lora measures both",
        )
    return Halves(_half(tuned), _half(retrieving))


def hybrid_of(
    space: Workspace,
    comparison: Comparison,
    settings: HybridSettings = DEFAULTS,
    ask: Asker | None = None,
) -> Hybrid:
    """The hybrid of a comparison's best halves, on its questions and by its metric; their answers are taken over."""
    files = CompareFiles.find(space.root / ".surefoot", comparison.id)
    wanted = replace(
        settings,
        metric=settings.metric or comparison.metric,
        taught=settings.taught or _taught(files),
    )
    return build_hybrid(space, halves_of(comparison), files.evalset, ask or asker(space), wanted)


def _taught(files: CompareFiles) -> tuple[str, ...]:
    """The questions of the training rows; prompts that hold more than a question are left out."""
    train = files.train
    rows = [row for row in train.rows if row.kind == "chat"] if train is not None else []
    asked = [row.prompt[-1].content for row in rows if row.split == "train"]
    return tuple(dict.fromkeys(text for text in asked if len(text) <= _QUESTION_CHARS))


def _best(comparison: Comparison, methods: Sequence[Method]) -> ArmResult | None:
    means = {one.method: one.score.value for one in comparison.joined if one.method in methods}
    best = max(means, key=lambda method: means[method], default=None)
    return comparison.of(best)[0] if best else None


def _half(arm: ArmResult) -> Half:
    return Half(arm.name, arm.solution, arm.evaluation.rows)
