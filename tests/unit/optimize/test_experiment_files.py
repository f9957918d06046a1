"""What an experiment leaves behind is read back as it was; ids may be shortened; forecasts end where budgets do."""

import pytest

from surefoot.core.budget import Budget
from surefoot.core.errors import MissingError
from surefoot.core.types import EvalCase, Expense, Score, Usage
from surefoot.evaluate.evalsets import make_evalset
from surefoot.evaluate.scoring import Row
from surefoot.optimize.files import Asked, Ended, ExperimentFiles
from surefoot.optimize.forecast import Audit, forecast
from surefoot.optimize.result import PerQuestion, Searched, Tried
from surefoot.optimize.running.carrying import changed_documents
from surefoot.optimize.running.keeping import Allowance
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.trial import Candidate
from surefoot.optimize.watching import Watcher

SCORE = Score("ndcg@10", 0.5, 0.4, 0.6, 10)


def questions():
    cases = [
        EvalCase(f"d{i}", "谁?", "zh", relevant={"文档": 1}, cluster="文档", split="dev")
        for i in range(6)
    ]
    cases.append(EvalCase("h", "who?", "en", relevant={"b": 1}, cluster="b", split="holdout"))
    return make_evalset("questions", cases)


def rows(*ids, ms=100.0, cost=0.0):
    return [
        Row(name, "q", "en", True, {"ndcg@10": 0.5}, latency_ms=ms, usage=Usage(cost=cost))
        for name in ids
    ]


def asked(name):
    return Asked(name, "questions", "digest", "corpus", {}, "ndcg@10", ("quality",), 0, "", 1, 0.5)


def ended():
    candidate = Candidate("a", {"轴": "选项"}, {"stages.0.weight": 0.5}, 1)
    tried = Tried(candidate, "chosen", "", SCORE, SCORE, 1.0, PerQuestion(), 10)
    found = Searched(
        "ndcg@10", ("quality",), 0, "a", "a", "a", "a", (tried,), 6, 1, 10, 20, 1, detectable=0.1
    )
    told = forecast(questions().cases, 4, Rules(), Budget(), rows("d0", "d1", "d2"))
    audit = Audit(10, 2, 1.5, Expense(1.0, 2.0, Usage(calls=3)), Expense())
    return Ended(found, {"a": {"stages": []}}, told, audit, {"why": 2}, ("said",), {"h": "t"})


def test_an_experiment_is_read_back_as_it_was(tmp_path):
    files = ExperimentFiles(tmp_path, "abc123")
    files.begin(asked("abc123"), questions(), {"文档": "1"})
    with pytest.raises(MissingError, match="has not ended"):
        _ = files.ended
    files.end(ended(), "schema = 1\n")
    again = ExperimentFiles.find(tmp_path, "abc")
    assert again.asked == asked("abc123")
    assert again.ended == ended()
    assert again.documents == {"文档": "1"}
    assert [case.split for case in again.evalset.cases] == ["dev"] * 6 + ["holdout"]
    assert again.evalset.digest == questions().digest
    assert ExperimentFiles.find(tmp_path, "last").folder == files.folder


def test_an_unknown_or_ambiguous_experiment_is_refused(tmp_path):
    with pytest.raises(MissingError, match="no such experiment"):
        ExperimentFiles.find(tmp_path, "last")
    for name in ("abc1", "abc2"):
        ExperimentFiles(tmp_path, name).begin(asked(name), questions(), {})
    with pytest.raises(MissingError, match="2 experiments begin with"):
        ExperimentFiles.find(tmp_path, "abc")


def test_a_forecast_counts_what_is_asked_at_most_and_ends_with_the_budget():
    cases = questions().cases
    rules = Rules(questions=12, effort=None)
    free = forecast(cases, 9, rules, Budget(), rows("d0", "d1", "d2", cost=0.5))
    assert (free.dev, free.holdout, free.probed) == (6, 1, 3)
    assert free.asks == 12 + 3
    assert free.seconds.value == pytest.approx(1.5)
    assert free.dollars.value == pytest.approx(7.5)
    assert free.detectable > 0
    short = forecast(cases, 9, rules, Budget(wall_s=1, dollars=2), rows("d0", "d1", cost=0.5))
    assert (short.seconds.value, short.dollars.value) == (1, 2)


def test_new_changed_and_gone_documents():
    before = {"same": "1", "changed": "1", "gone": "1"}
    assert changed_documents(before, {"same": "1", "changed": "2", "new": "1"}) == {
        "changed",
        "gone",
        "new",
    }


def test_a_watcher_says_how_far_it_is_and_what_is_best():
    seen = []
    watcher = Watcher("ndcg@10", seen.append)
    told = forecast(questions().cases, 4, Rules(), Budget(), rows("d0"))
    watcher.begin(told, Allowance(Budget(wall_s=60), questions()))
    good, poor = Candidate("good", {}), Candidate("poor", {})
    names = [f"q{i}" for i in range(40)]
    watcher.asking(poor, [Row(n, "q", "en", True, {"ndcg@10": 0.1}) for n in names])
    watcher.asking(good, [Row(n, "q", "en", True, {"ndcg@10": 0.9}) for n in names])
    watcher.building("index a", 1, 2)
    assert seen[0].most == told.asks
    assert (seen[-1].asks, seen[-1].solutions) == (80, 2)
    assert seen[-1].best == good
    assert seen[-1].score.n == 40
    assert (seen[-1].building, seen[-1].built, seen[-1].to_build) == ("index a", 1, 2)
    assert 0 < seen[-1].left.wall_s <= 60
