"""Learning an order and a calibration from rows whose truth is known."""

import numpy as np
import pytest

from surefoot.retrieve.rerank.learn_rerank import (
    Seen,
    calibrate,
    calibration_error,
    cross_validate,
    folds_of,
    learn_weights,
    ranking,
)

TRUE = np.array([1.0, 4.0, 0.0])


def questions(count=80, seed=3):
    """Of eight hits one is relevant, drawn by the softmax of the true weights."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        rows = rng.random((8, 3))
        chances = np.exp(rows @ TRUE)
        best = rng.choice(8, p=chances / chances.sum())
        names = tuple(f"d{i}" for i in range(8))
        made.append(Seen(names, tuple(int(i == best) for i in range(8)), rows))
    return made


def judge(seen):
    def first(place, documents):
        one = seen[place]
        return float(one.grades[one.documents.index(documents[0])] > 0)

    return first


def test_the_true_weights_are_found():
    found = learn_weights(questions(300), np.zeros(3), strength=1e-4)
    np.testing.assert_allclose(found, TRUE, atol=1)
    assert found[1] > found[0] > abs(found[2])


def test_without_anything_to_learn_the_weights_stay():
    start = np.array([1.0, 2.0, 3.0])
    nothing = [Seen(("a", "b"), (0, 0), np.ones((2, 3))), Seen(("a",), (1,), np.ones((1, 3)))]
    assert learn_weights(nothing, start).tolist() == [1, 2, 3]
    held = learn_weights(questions(40), start, strength=1e6)
    np.testing.assert_allclose(held, start, atol=1e-3)


def test_each_question_is_judged_under_weights_learnt_without_it():
    seen = questions(100)
    start = np.array([0.0, -1.0, 0.0])
    found = cross_validate(seen, judge(seen), start)
    assert np.mean(found.present) < np.mean(found.out_of_fold)
    fold_of = folds_of(100, 5, 0)
    own = learn_weights([one for one, its in zip(seen, fold_of, strict=True) if its != 0], start)
    for place in (i for i, its in enumerate(fold_of) if its == 0):
        assert found.out_of_fold[place] == judge(seen)(place, ranking(seen[place], own))


@pytest.mark.parametrize("own_scores", [False, True])
def test_the_chances_mean_what_they_say(own_scores):
    seen = questions(150)
    if own_scores:
        seen = [Seen(s.documents, s.grades, s.rows, 10 * s.rows[:, 1] - 3) for s in seen]
    found = calibrate(seen, TRUE)
    assert len(found.chances) == 150 * (8 + 7)
    assert found.error == calibration_error(found.chances, found.relevant)
    assert found.error < 0.05
    assert set(found.calibration.weights) == {"rerank", "lead"}


def test_an_index_without_the_answer_scores_what_is_left():
    rows = np.array([[1.0, 9.0], [0.6, 2.0], [0.2, 1.0]])
    left = Seen(("a", "b", "c"), (2, 0, 0), rows, np.array([3.0, 2.0, 1.0])).without_relevant()
    assert left.documents == ("b", "c")
    assert left.rows.tolist() == [[1.0, 2.0], [0.0, 1.0]]
    assert left.scores.tolist() == [2.0, 1.0]
    assert Seen(("a",), (1,), rows[:1]).without_relevant().documents == ()


def test_a_document_ranks_by_its_best_chunk():
    one = Seen(("a", "b", "a"), (0, 1, 0), np.array([[0.1], [0.5], [0.9]]))
    assert ranking(one, np.array([1.0])) == ["a", "b"]


def test_the_calibration_error_is_the_distance_to_what_happened():
    chances = np.array([0.95, 0.95, 0.05, 0.05])
    assert calibration_error(chances, np.array([True, False, False, False])) == pytest.approx(0.25)
