import pytest

from surefoot.evaluate.stats import judged_mean


@pytest.mark.parametrize("said", [0.0, 1.0])
def test_labels_that_all_agree_leave_room_for_doubt(said) -> None:
    judge = [0.2, 0.8] * 100
    score = judged_mean(judge, judge[:22], [said] * 22)
    assert score.value == said
    assert score.high - score.low > 0.1
    assert 0 <= score.low <= score.value <= score.high <= 1


def test_a_judge_that_says_one_thing_changes_nothing() -> None:
    score = judged_mean([1.0] * 200, [1.0] * 40, [1.0, 0.0] * 20)
    assert score.value == 0.5
    assert score.n == 40


def test_a_good_judge_narrows_the_interval() -> None:
    human = [1.0, 0.0, 1.0, 1.0] * 50
    alone = judged_mean([0.5] * 1000, [0.5] * 200, human)
    helped = judged_mean(human * 5, human, human)
    assert helped.value == pytest.approx(0.75)
    assert helped.high - helped.low < (alone.high - alone.low) / 2


def test_labels_must_be_pairs() -> None:
    with pytest.raises(ValueError, match="not pairs"):
        judged_mean([1.0] * 9, [1.0] * 3, [1.0] * 2)
