from __future__ import annotations

from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stale import Changes, Staleness, changes_between, touched_by


def test_states_of_a_corpus_are_compared():
    before, after = {"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "丁": "1"}
    found = changes_between(before, after)
    assert found == Changes(frozenset({"丁"}), frozenset({"b"}), frozenset({"c"}))
    assert changes_between(before, before).any == frozenset()


def test_found_and_gold_documents_touch_a_question():
    rows = [Row("1", "q", "en", True, documents=("a", "b")), Row("2", "问", "zh", True)]
    gold = {"1": ["c"], "2": ["丁"]}
    assert touched_by(rows, gold, Changes(removed=frozenset({"b"}))) == ("1",)
    assert touched_by(rows, gold, Changes(added=frozenset({"丁"}))) == ("2",)
    assert touched_by(rows, gold, Changes(changed=frozenset({"e"}))) == ()


def test_it_is_said_in_words():
    assert Staleness("touched", 200, ("1", "2")).summary() == "stale: 2 of 200 questions touched"
    assert Staleness("elsewhere", 200).summary() == "corpus changed elsewhere"
    assert Staleness("fresh").summary() == Staleness("unknown").summary() == ""
