from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from surefoot.core.errors import CapReached, ConfigError, DataError
from surefoot.core.types import EvalCase
from surefoot.optimize.result import Searched
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.search.search import search
from surefoot.testing.score_table import ScoreTable, TableBench, TableSpace, grid

OPTIONS = {"chunk": ["256", "512", "128"], "fusion": ["rank", "score"], "rerank": ["no", "yes"]}
BEST = "512/score/yes"
PLAIN = Rules()


def made(
    *,
    gain: float = 0.25,
    questions: int = 160,
    seed: int = 0,
    options: dict[str, list[str]] = OPTIONS,
) -> ScoreTable:
    """Right-or-wrong scores over 40 clusters, every other one held back; the options of BEST each bring `gain`/3."""
    chance = np.random.default_rng(seed)
    axes, candidates = grid(options)
    hardness = chance.normal(0, 0.25, questions)
    wanted = set(BEST.split("/"))
    scores = [
        (
            0.5 + gain * len(wanted & set(one.choices.values())) / 3 + hardness
            > chance.uniform(0.2, 0.8, questions)
        ).astype(float)
        for one in candidates
    ]
    cases = tuple(
        EvalCase(
            f"q{n}",
            "怎么重置密码?" if n % 2 else "How do I reset my password?",
            "zh" if n % 2 else "en",
            cluster=f"c{n % 40}",
            split="holdout" if n % 40 % 2 else "dev",
        )
        for n in range(questions)
    )
    return ScoreTable(axes, candidates, cases, np.array(scores).tolist())


def run(table: ScoreTable, rules: Rules = PLAIN, bench: TableBench | None = None) -> Searched:
    return search(TableSpace(table), bench or TableBench(table), table.cases, rules)


def test_the_better_solution_is_found_and_proven_on_unseen_questions() -> None:
    found = run(made(gain=0.6, questions=400), Rules(effort=0.4))
    assert found.chosen == BEST
    assert found.winner == BEST
    assert found.unseen is not None
    (against,) = found.unseen.compared
    assert (against.against, against.kind) == (found.present, "better")
    assert len(against.wins) > len(against.losses)
    assert len(against.wins) + len(against.losses) + against.ties == found.n_holdout == 200
    assert found.unseen.scores[BEST].n == 200


def test_where_all_are_equal_nothing_is_proven_and_the_present_one_stays() -> None:
    table = made(gain=0.0)
    found = run(table)
    assert found.winner == found.present
    assert found.unseen is not None
    assert all(one.kind != "better" for one in found.unseen.compared)


def test_the_same_seed_gives_the_same_search_and_a_resumed_one_pays_only_what_is_missing() -> None:
    table = made(gain=0.3)
    bench = TableBench(table)
    first = run(table, bench=bench)
    paid = bench.paid
    again = TableBench(table, kept=bench.kept)
    assert run(table, bench=again) == first
    assert again.paid == 0
    half = TableBench(table, limit=paid // 2)
    assert run(table, bench=half).stopped
    rest = TableBench(table, kept=half.kept)
    assert run(table, bench=rest) == first
    assert half.paid + rest.paid == paid


@pytest.mark.parametrize("limit", [1, 7, 8, 9, 97, 150, 300])
def test_a_limit_at_any_point_leaves_what_is_known(limit: int) -> None:
    table = made()
    bench = TableBench(table, limit=limit)
    if limit < 8:
        with pytest.raises(CapReached):
            run(table, bench=bench)
        return
    found = run(table, Rules(effort=None), bench)
    assert bench.paid <= limit
    assert str(limit) in found.stopped
    assert found.unseen is None
    assert found.winner == found.present
    assert sum(one.asked for one in found.tried) == found.asked
    assert any("verdict" in note for note in found.notes)
    json.dumps(found.to_json())


def test_the_number_of_questions_is_kept() -> None:
    table = made()
    bench = TableBench(table)
    found = run(table, Rules(questions=150), bench)
    assert found.asked <= 150
    assert bench.paid == found.asked + 80 * len(found.unseen.scores if found.unseen else ())
    assert found.stopped == ""


def test_budget_for_the_verdict_is_left_over() -> None:
    table = made(gain=0.6)
    bench = TableBench(table)

    def left() -> float:
        return max(0.0, 1 - bench.paid / 600)

    found = search(TableSpace(table), bench, table.cases, Rules(effort=None), left=left)
    assert "verdict" in found.stopped
    assert found.unseen is not None
    assert bench.paid <= 600


def test_a_solution_that_does_not_run_is_set_aside_and_one_that_runs_wins() -> None:
    table = made()
    broken = table.candidates[3].digest
    found = run(replace(table, failing=[broken]))
    tried = found.trial(broken)
    assert (tried.standing, tried.reason, tried.failures) == ("failed", "it does not run", 8)
    assert found.chosen != broken


def test_where_none_runs_the_error_says_why() -> None:
    table = made()
    with pytest.raises(DataError, match="it does not run"):
        run(replace(table, failing=[one.digest for one in table.candidates]))


def test_solutions_with_the_same_answers_are_asked_once_and_the_cheaper_stays() -> None:
    table = made(gain=0.6)
    scores = list(table.scores)
    names = [one.digest for one in table.candidates]
    scores[names.index("512/score/yes")] = scores[names.index("512/score/no")]
    found = run(replace(table, scores=scores), Rules(effort=None))
    twin = found.trial("512/score/yes")
    assert (twin.standing, twin.same_as) == ("same", "512/score/no")


def test_of_those_as_good_the_one_with_fewer_tokens_is_chosen() -> None:
    table = made(gain=0.0)
    tokens = {one.digest: 100 for one in table.candidates} | {"128/score/no": 50}
    found = run(replace(table, tokens=tokens), Rules(tie=1.0))
    assert found.chosen == "128/score/no"
    assert found.winner == "128/score/no"


def test_a_second_use_of_the_holdout_is_marked() -> None:
    table = made()
    found = search(TableSpace(table), TableBench(table), table.cases, Rules(), spend=lambda: False)
    assert found.unseen is not None
    assert found.unseen.spent


def test_without_a_holdout_there_is_no_verdict_and_without_dev_no_search() -> None:
    table = made(gain=0.6)
    dev = replace(table, cases=tuple(replace(case, split="") for case in table.cases))
    found = run(dev)
    assert found.unseen is None
    assert "no verdict" in found.notes[0]
    kept = replace(table, cases=tuple(replace(case, split="holdout") for case in table.cases))
    with pytest.raises(ConfigError, match="holdout"):
        run(kept)


def test_a_large_space_is_sampled_and_the_same_solutions_are_proposed_again() -> None:
    wide = {f"axis {n}": ["no", "yes", "perhaps"] for n in range(3)}
    table = made(options=wide, questions=80)
    rules = Rules(solutions=12, objectives=("quality", "cost"))
    first, second = run(table, rules), run(table, rules)
    assert len(first.tried) == 12
    assert first.tried[0].candidate.digest == second.tried[0].candidate.digest
    assert first == second


def test_several_objectives_keep_the_cheap_on_the_frontier() -> None:
    table = made(gain=0.6)
    spent = {one.digest: 10.0 * (1 + one.complexity) for one in table.candidates}
    rules = Rules(objectives=("quality", "cost", "latency"))
    found = run(replace(table, milliseconds=spent), rules)
    assert found.frontier[0].cost == 10.0
    assert found.frontier[0].digest == found.present
    assert {point.cost_unit for point in found.frontier} == {"cpu ms"}


def test_the_choice_flatters_and_the_corrected_figure_does_less() -> None:
    shown, corrected, true = [], [], []
    for seed in range(6):
        found = run(made(gain=0.0, seed=seed), Rules(seed=seed, tie=0.0))
        assert found.curse is not None
        assert found.curse.unseen is not None
        shown.append(found.curse.shown.value)
        corrected.append(found.curse.corrected.value)
        true.append(found.curse.unseen.value)
    assert np.mean(shown) - np.mean(true) > 0.02
    assert abs(np.mean(corrected) - np.mean(true)) < np.mean(shown) - np.mean(true)
