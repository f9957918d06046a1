import numpy as np
import pytest

from surefoot.core.logistic import Logistic, auc, fit, interval


def known(n=4000, seed=0):
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(n, 3)) * [1.0, 0.1, 5.0] + [0.0, 0.8, 3.0]
    model = Logistic(5.5, (1.5, -8.0, 0.2))
    return rows, draw.random(n) < model.probability(rows), model


def test_a_known_model_is_recovered_from_what_it_made():
    rows, labels, model = known()
    found = fit(rows, labels)
    assert found.weights == pytest.approx(model.weights, rel=0.15)
    assert np.abs(found.probability(rows) - model.probability(rows)).max() < 0.05


def test_a_strong_prior_holds_and_a_weak_one_yields():
    rows, labels, _ = known(n=200)
    prior = Logistic(0.0, (3.0, 0.0, 0.0))
    assert fit(rows, labels, prior=prior, strength=1e6).weights == pytest.approx(
        prior.weights, abs=0.1
    )
    weak = fit(rows, labels, prior=prior, strength=1e-3).weights
    assert weak == pytest.approx(fit(rows, labels, strength=1e-3).weights, rel=0.01)


def test_separable_and_constant_features_do_not_run_away():
    rows = np.array([[0.0, 7.0], [1.0, 7.0], [2.0, 7.0], [3.0, 7.0]])
    found = fit(rows, np.array([False, False, True, True]))
    assert 0 < found.weights[0] < 5
    assert found.weights[1] == 0.0


def test_auc_counts_pairs_and_halves_ties():
    labels = np.array([True, True, False, False])
    assert auc(np.array([4.0, 3.0, 2.0, 1.0]), labels) == 1.0
    assert auc(np.array([4.0, 2.0, 3.0, 1.0]), labels) == 0.75
    assert auc(np.array([1.0, 1.0, 1.0, 1.0]), labels) == 0.5
    assert np.isnan(auc(np.array([1.0, 2.0]), np.array([True, True])))


def test_an_interval_holds_the_value_and_narrows_with_more():
    rows, labels, model = known(n=1000)
    scores = model.probability(rows)
    low, high = interval(auc, scores, labels)
    assert low < auc(scores, labels) < high
    few = interval(auc, scores[:100], labels[:100])
    assert few[1] - few[0] > high - low
    assert interval(auc, scores, labels) == (low, high)
