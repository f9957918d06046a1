from __future__ import annotations

from collections import Counter

from surefoot.core.types import EvalCase
from surefoot.optimize.search.order import asking_order


def cases(count: int) -> list[EvalCase]:
    return [
        EvalCase(
            f"q{n}",
            "保修多久?" if n % 4 == 0 else "How long is the warranty?",
            "zh" if n % 4 == 0 else "en",
            cluster=f"c{n % 6}",
        )
        for n in range(count)
    ]


def test_the_first_questions_have_every_language_in_proportion() -> None:
    found = asking_order(cases(80))
    langs = {case.id: case.lang for case in cases(80)}
    assert sorted(found) == sorted(langs)
    assert Counter(langs[name] for name in found[:16]) == {"en": 12, "zh": 4}


def test_no_cluster_comes_twice_before_each_came_once() -> None:
    one_language = [case for case in cases(80) if case.lang == "en"]
    clusters = {case.id: case.cluster for case in one_language}
    found = asking_order(one_language)
    assert len({clusters[name] for name in found[:6]}) == len(set(clusters.values()))


def test_the_order_hangs_on_ids_and_seed_alone() -> None:
    assert asking_order(cases(30)) == asking_order(cases(30)[::-1])
    assert asking_order(cases(30)) != asking_order(cases(30), seed=1)


def test_a_question_without_a_cluster_is_one_of_its_own() -> None:
    alone = [EvalCase(f"q{n}", "?", "en") for n in range(5)]
    assert len(set(asking_order(alone))) == 5
