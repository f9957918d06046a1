from __future__ import annotations

import numpy as np
import pytest

from surefoot.retrieve.question.prototypes import learn

RNG = np.random.default_rng(5)
CENTRES = RNG.normal(size=(4, 32))


def drawn(centre: int, n: int) -> np.ndarray:
    rows = CENTRES[centre] + 0.4 * RNG.normal(size=(n, 32)) + 3.0  # all in one narrow cone
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def learnt():
    vectors = np.concatenate([drawn(0, 8), drawn(1, 8)])
    return learn(vectors, ["a"] * 8 + ["b"] * 8, drawn(2, 20), keep=0.9)


def test_a_text_goes_to_its_group(learnt):
    assert [learnt.guess(v).group for v in np.concatenate([drawn(0, 20), drawn(1, 20)])] == (
        ["a"] * 20 + ["b"] * 20
    )


def test_texts_of_groups_pass_and_others_do_not(learnt):
    known = [learnt.guess(v).known for v in np.concatenate([drawn(0, 50), drawn(1, 50)])]
    other = [learnt.guess(v).known for v in np.concatenate([drawn(2, 50), drawn(3, 50)])]
    assert np.mean(np.array(known) >= learnt.threshold) > 0.8
    assert np.mean(np.array(other) < learnt.threshold) > 0.8


def test_one_group_is_told_from_the_background():
    one = learn(drawn(0, 8), ["a"] * 8, drawn(2, 20), keep=0.9)
    assert one.guess(drawn(0, 1)[0]).known > one.guess(drawn(2, 1)[0]).known


def test_the_same_examples_give_the_same_groups():
    vectors, background, asked = drawn(0, 8), drawn(2, 20), drawn(0, 1)[0]
    first, second = (learn(vectors, ["a"] * 8, background, keep=0.9) for _ in range(2))
    assert first.guess(asked) == second.guess(asked)
    assert first.threshold == second.threshold
