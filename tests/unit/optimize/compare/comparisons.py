"""Made-up comparisons whose outcome is known: how often each method is right is said, the questions are the same."""

from __future__ import annotations

from random import Random

from surefoot.core.types import EvalCase, Usage
from surefoot.evaluate.runner import Evaluation
from surefoot.evaluate.scoring import Row, mean_of
from surefoot.optimize.compare.joining import differences, join
from surefoot.optimize.compare.result import (
    METHODS,
    SEARCHING,
    TRAINED,
    ArmResult,
    Build,
    Comparison,
    HeldEqual,
    Service,
)
from surefoot.optimize.compare.updating import update_of

HELD = HeldEqual("tiny", "base", "b0", "t0", "llama.cpp", "bf16", 48, 0.0, "3 epochs", "e0")


def cases(n, lang="en", absent=0):
    gold = "answer[{0}], source[Guide]" if lang == "en" else "答案[{0}]，来源[指南]"
    return tuple(
        EvalCase(
            f"q{i}", f"question {i}?" if lang == "en" else f"第 {i} 个问题？", lang,
            {f"d{i}": 1} if i >= absent else {}, (gold.format(i),) if i >= absent else (),
            answerable=i >= absent, cluster=f"d{i}",
        )
        for i in range(n)
    )  # fmt: skip


def row(case, right, metric, *, refused=False, ms=100.0, noise=0.0, **metrics):
    """What came of a question; an unanswerable one is right when it is refused."""
    if not case.answerable:
        held = {"refusal_recall": float(refused), "answered_or_refused": float(refused)}
        return Row(case.id, case.question, case.lang, answerable=False, metrics=held, answer="x", refused=refused,
                   latency_ms=ms, cluster=case.cluster)  # fmt: skip
    value = 0.0 if refused else max(0.0, min(1.0, right + noise))
    return Row(
        case.id, case.question, case.lang, answerable=True,
        metrics={metric: value, "answer_contains": float(value > 0.5), "answered": float(not refused), **metrics},
        answer=case.answers[0] if value > 0.5 else "answer[?], source[?]", refused=refused,
        latency_ms=ms, cpu_ms=ms, usage=Usage(100, 10), cluster=case.cluster,
    )  # fmt: skip


def arm(method, asked, share, metric="answer_f1", seed=0, **fields):
    """An arm that is right on this share of the questions, the same ones for equal shares and seeds."""
    draw = Random(f"{seed}")
    ranks = {case.id: draw.random() for case in asked}
    rows = [row(case, float(ranks[case.id] < share), metric) for case in asked]
    # Without the scores of costs: their bootstrap would take all the time of these tests.
    scores = tuple(mean_of(name, rows) for name in (metric, "answer_contains"))
    answered = Evaluation("made-up", "e0", scores, tuple(rows), task="format", headline=metric)
    trained = Build(train_s=300.0, cpu_s=600.0, peak_mib=2000.0, train_tokens=10_000, rows=300)
    built = trained if method in TRAINED else Build()
    build = fields.pop("build", built)
    seconds, how = update_of(method, build, 0.4 if method in SEARCHING else None)
    served = Service(100.0, 300.0, 90.0, 0.0, 200.0, 20.0, 500.0, 1_000_000, seconds, how)
    return ArmResult(
        method, seed, f"digest-{method}-{seed}", f"arms/{method}/solution.toml", {"schema": 1},
        answered, build, fields.pop("service", served), **fields,
    )  # fmt: skip


def comparison(shares, n=200, metric="answer_f1", seeds=(1,), lang="en", absent=0, **fields):
    """Arms of these shares; a trained one may have a list of shares, one a seed."""
    asked = cases(n, lang, absent)
    arms = []
    for method in METHODS:
        if method not in shares:
            continue
        each = shares[method]
        if not isinstance(each, list):
            each = [each] * (len(seeds) if method in TRAINED else 1)
        for seed, share in zip(seeds, each, strict=False):
            arms.append(arm(method, asked, share, metric, seed if method in TRAINED else 0))
    arms = fields.pop("arms", arms)
    return Comparison(
        "c0ffee", "made-up", n, metric, HELD, tuple(arms), join(arms, metric), differences(arms, metric),
        folder="/somewhere/.surefoot/compare/c0ffee", **fields,
    )  # fmt: skip
