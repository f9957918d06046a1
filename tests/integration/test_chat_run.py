"""A chat model answers questions of xquad, and every answer metric comes out with its interval.

Set SUREFOOT_TEST_CHAT_QUESTIONS for another number of questions than 25.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import surefoot
from surefoot.config.catalog import load_catalog
from surefoot.core.errors import MissingError, TransientError
from surefoot.evaluate.evalsets import load_evalset, sample
from surefoot.evaluate.runner import evaluate_workspace

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SUREFOOT_DATA", ROOT / ".." / "shared" / "data"))
QUESTIONS = int(os.environ.get("SUREFOOT_TEST_CHAT_QUESTIONS", "25"))
SOLUTION = """
schema = 1
[corpus]
sources = [{{ kind = "beir", path = "{path}" }}]
[[stages]]
kind = "search"
[[stages]]
kind = "answer"
model = "{model}"
passages = 3
max_tokens = 80
"""
SHARES = (
    "right_or_refusal", "exact_match", "token_f1", "contains_gold", "rouge_l", "answered",
    "evidence_cited", "citation_recall", "groundedness", "ndcg@10",
)  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.timeout(3000),
    pytest.mark.skipif(not (DATA / "xquad-en").is_dir(), reason=f"xquad is not at {DATA}"),
]


def test_a_chat_model_is_scored_with_intervals(tmp_path):
    folder = (DATA / "xquad-en").resolve()
    model = load_catalog().default("chat")
    (tmp_path / "surefoot.toml").write_text(
        SOLUTION.format(path=folder, model=model), encoding="utf-8"
    )
    evalset = sample(load_evalset(folder), QUESTIONS, seed=0)
    with surefoot.open(tmp_path) as space:
        try:
            space.resources.chat(model)
        except (MissingError, TransientError) as problem:
            pytest.skip(f"the packaged chat model cannot be had: {problem}")
        space.sync()
        found = evaluate_workspace(space, evalset)
    scores = {score.metric: score for score in found.scores}
    for score in found.scores:
        print(
            f"{score.metric} {score.value:.3f} ({score.low:.3f} to {score.high:.3f}, n={score.n})"
        )
    assert found.failures == ()
    assert found.headline == "right_or_refusal"
    for name in SHARES:
        assert 0 <= scores[name].low <= scores[name].value <= scores[name].high <= 1, name
    assert scores["right_or_refusal"].n == len(evalset.cases)
    assert all(row.usage.calls == 1 for row in found.rows if row.answer and not row.refused)
