from __future__ import annotations

from surefoot.evaluate.pairing import paired_questions
from surefoot.evaluate.runs import KeptRun
from surefoot.evaluate.scoring import Row
from surefoot.store.runs import Run


def kept(values, **answers):
    rows = tuple(
        Row(id, f"问题 {id}", "zh", True, {"f1": value}, answer=answers.get(id))
        for id, value in values.items()
    )
    return KeptRun(Run("evaluate", 1, "s", "d", "e", "e"), (), rows)


def test_losses_come_first_then_wins_by_size():
    base = kept({"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.5, "e": 0.9}, a="yes")
    other = kept({"a": 0.0, "b": 0.4, "c": 0.5, "d": 1.0, "f": 1.0})
    found = paired_questions(base, other, "f1")
    assert [(one.id, one.outcome) for one in found] == [
        ("a", "lost"),
        ("b", "lost"),
        ("d", "won"),
        ("c", "even"),
    ]
    assert (found[0].base_answer, found[0].other_answer) == ("yes", None)
    assert paired_questions(base, other, "em") == []
