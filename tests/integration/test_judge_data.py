"""A real judge over answers whose truth is known: the default solution's quotes on xquad, right where they hold gold.

150 labels are shown to the estimator; the others are the truth that its interval has to hold. Set
SUREFOOT_TEST_JUDGE_QUESTIONS for another number of questions than 260.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from statistics import mean

import pytest

import surefoot
from surefoot.config.catalog import load_catalog
from surefoot.config.prompts import Prompts
from surefoot.core.errors import MissingError, TransientError
from surefoot.evaluate.evalsets import load_evalset, sample
from surefoot.evaluate.judge import Judge, Label, grade_correct
from surefoot.evaluate.metrics import contains_gold
from surefoot.evaluate.runner import evaluate_workspace
from surefoot.evaluate.stats import judged_mean

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SUREFOOT_DATA", ROOT / ".." / "shared" / "data"))
QUESTIONS = int(os.environ.get("SUREFOOT_TEST_JUDGE_QUESTIONS", "260"))
SHOWN = 150
DRAWS = 200
SOLUTION = """
schema = 1
[corpus]
sources = [{{ kind = "beir", path = "{path}" }}]
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.timeout(3000),
    pytest.mark.skipif(not (DATA / "xquad-en").is_dir(), reason=f"xquad is not at {DATA}"),
]


def chat_model(lang):
    if lang == "en":
        return load_catalog().default("chat")
    given = os.environ.get("SUREFOOT_TEST_CHAT_ZH", "")
    if not Path(given).is_file():
        pytest.skip("SUREFOOT_TEST_CHAT_ZH does not name a .gguf file that chats in Chinese")
    return given


def covered(grades, human, clusters, seed):
    """Whether the interval from one draw of labels holds the mean of all questions."""
    names = list(human)
    shown = random.Random(seed).sample(names, SHOWN)
    found = judged_mean(
        [grades[name] for name in names],
        [grades[name] for name in shown],
        [human[name] for name in shown],
        clusters=[clusters[name] for name in names],
        labelled_clusters=[clusters[name] for name in shown],
    )
    return found.low <= mean(human.values()) <= found.high


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_corrected_interval_holds_the_truth(lang, tmp_path):
    folder = (DATA / f"xquad-{lang}").resolve()
    name = chat_model(lang)
    (tmp_path / "surefoot.toml").write_text(SOLUTION.format(path=folder), encoding="utf-8")
    evalset = sample(load_evalset(folder), QUESTIONS, seed=0)
    gold = {case.id: case.answers for case in evalset.cases}
    with surefoot.open(tmp_path) as space:
        space.sync()
        rows = evaluate_workspace(space, evalset).rows
        try:
            judge = Judge(space.resources.chat(name), Prompts().get)
        except (MissingError, TransientError) as problem:
            pytest.skip(f"the chat model cannot be had: {problem}")
        human = {
            row.id: 0.0 if row.refused else contains_gold(row.answer or "", gold[row.id], lang)
            for row in rows
        }
        shown = random.Random(0).sample(sorted(human), SHOWN)
        labels = [Label(id=key, right=bool(human[key])) for key in shown]
        found = grade_correct(judge, evalset, rows, labels)
    rest = mean(value for key, value in human.items() if key not in set(shown))
    clusters = {row.id: row.cluster for row in rows}
    share = mean(covered(found.values, human, clusters, seed) for seed in range(DRAWS))
    print(f"\n{lang}: judge alone {found.plain}; corrected {found.corrected}; the truth {rest:.3f}")
    print(f"{found.agreement}; {len(found.failures)} replies could not be read")
    print(f"over {DRAWS} draws of {SHOWN} labels the interval holds the truth in {share:.0%}")
    assert found.corrected.n == SHOWN and not found.too_few
    assert found.corrected.low <= rest <= found.corrected.high
    assert share >= 0.9
