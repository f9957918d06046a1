from __future__ import annotations

from itertools import product

import numpy as np

from surefoot.optimize.search.importance import effects
from surefoot.optimize.trial import Axis

AXES = (
    Axis("切分", ("256", "512")),
    Axis("rerank", ("no", "yes", "cross")),
    Axis("idle", ("a", "b")),
)


def made(seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    chance = np.random.default_rng(seed)
    levels = np.array(list(product(range(2), range(3), range(2))))
    gains = 0.10 * (levels[:, 0] == 1) + np.array([0.0, 0.05, -0.15])[levels[:, 1]]
    scores = 0.5 + gains[:, None] + chance.normal(0, 0.3, 200) + chance.normal(0, 0.1, (12, 200))
    return levels, scores, [f"c{n % 50}" for n in range(200)]


def test_each_option_is_told_apart_from_the_company_it_was_tried_in() -> None:
    levels, scores, clusters = made()
    seen = scores.copy()
    seen[(levels[:, 0] == 0) & (levels[:, 1] == 0), 40:] = (
        np.nan
    )  # asked little, on other questions
    found = {axis.axis: axis for axis in effects(AXES, levels, seen, clusters)}
    gains = {one.option: one.effect for axis in found.values() for one in axis.options}
    assert abs(gains["512"].value - 0.10) < 0.02
    assert abs(gains["cross"].value + 0.15) < 0.02
    assert gains["cross"].low < -0.15 + 0.03
    assert gains["cross"].high < 0
    assert gains["b"].low < 0 < gains["b"].high
    assert gains["512"].n == 200
    assert next(iter(found)) == "rerank"
    assert abs(found["rerank"].spread - 0.20) < 0.03
    assert abs(sum(axis.share for axis in found.values()) - 1) < 1e-9


def test_what_was_not_tried_has_no_effect() -> None:
    levels, scores, clusters = made()
    tried = levels[:, 1] == 0
    found = effects(AXES, levels[tried], scores[tried], clusters)
    assert {axis.axis for axis in found} == {"切分", "idle"}
    assert effects(AXES, levels[:1], scores[:1], clusters) == ()


def test_solutions_outside_of_the_axes_are_left_out() -> None:
    levels, scores, clusters = made()
    outside = np.vstack([levels, [2, 3, 2]])
    strange = np.vstack([scores, np.zeros((1, 200))])
    assert effects(AXES, outside, strange, clusters) == effects(AXES, levels, scores, clusters)
