import random

import pytest

from surefoot.retrieve.learn_fusion import Asked, Listed, candidates, changes, learn_fusion, ranking
from surefoot.retrieve.search import SearchSettings, Weighed

PRESENT = SearchSettings()


def asked(keyword, vector, seen=(1.0,)):
    """Chunk ids, best first; the document of chunk d1-0 is d1."""
    lists = [
        Listed(Weighed(side, 1.0), tuple((name, 1.0 - i / 10) for i, name in enumerate(names)))
        for side, names in (("keyword", keyword), ("vector", vector))
        if names
    ]
    names = (*keyword, *vector)
    return Asked(tuple(lists), seen, {name: name.split("-")[0] for name in names})


def questions(n, right_side):
    """One side has the right document first, the other last."""
    draw = random.Random(1)
    made = []
    for _ in range(n):
        wrong = [f"w{draw.randrange(99)}-{i}" for i in range(4)]
        sides = {True: ["right-0", *wrong], False: [*reversed(wrong), "right-0"]}
        made.append(asked(sides[right_side == "keyword"], sides[right_side == "vector"]))
    return made


def judge(place, documents):
    return 1.0 / (1 + documents.index("right"))


@pytest.mark.parametrize("side, low, high", [("keyword", 0, 0.4), ("vector", 0.6, 1)])
def test_the_side_that_is_right_gets_the_weight(side, low, high):
    found = learn_fusion(questions(20, side), judge, SearchSettings(weight=0.5))
    assert low <= found.settings.weight <= high
    assert sum(found.out_of_fold) > sum(found.present)
    assert len(found.chosen) == 5


def test_where_nothing_can_be_gained_the_settings_stay():
    found = learn_fusion([asked(["right-0"], ["right-0"])] * 8, judge, PRESENT)
    assert found.settings == PRESENT
    assert found.chosen == (PRESENT,) * 5
    assert found.out_of_fold == found.present == (1.0,) * 8


def test_a_question_has_no_say_in_the_settings_that_it_is_scored_with():
    made = [*questions(10, "keyword"), *questions(10, "vector")]
    whole = learn_fusion(made, judge, PRESENT, seed=3)
    best = sum(judge(i, ranking(one, whole.settings)) for i, one in enumerate(made))
    assert sum(whole.out_of_fold) <= best + 1e-9


def test_the_same_seed_learns_the_same():
    made = questions(12, "keyword")
    assert learn_fusion(made, judge, PRESENT, seed=1) == learn_fusion(made, judge, PRESENT, seed=1)


def test_a_side_that_is_off_stays_off():
    only = candidates(SearchSettings(keyword=0))
    assert {settings.keyword for settings in only} == {0}
    assert candidates(PRESENT)[0] == PRESENT
    assert candidates(PRESENT).count(PRESENT) == 1


def test_ranking_follows_depth_and_guard():
    one = asked(["k1-0", "both-0"], ["v1-0", "both-1", "late-0"], seen=(0.0,))
    assert ranking(one, PRESENT.model_copy(update={"vector": 2}))[0] == "v1"
    assert "late" not in ranking(one, PRESENT.model_copy(update={"vector": 2}))
    assert ranking(one, SearchSettings(guard=0, weight=0.2))[0] == "k1"
    assert ranking(one, SearchSettings(guard=0.3, weight=0.2))[0] == "v1"


def test_changes_are_told_by_name():
    assert changes(PRESENT, SearchSettings(weight=0.8, fusion="rrf")) == {
        "weight": 0.8,
        "fusion": "rrf",
    }
    assert changes(PRESENT, PRESENT) == {}
