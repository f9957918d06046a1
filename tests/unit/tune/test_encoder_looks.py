"""How well questions find their passages, and which share of the base is kept."""

import numpy as np
import pytest

from surefoot.core.errors import DataError
from surefoot.tune.encoder.looks import LOOKS, Look, ndcg, questions_of, read_looks, write_looks
from surefoot.tune.encoder.mixing import choose_share, mixed_state
from surefoot.tune.rows import Origin, PairRow


def row(name, query, positive, *negatives, document=""):
    return PairRow(
        id=name,
        query=query,
        positive=positive,
        negatives=negatives,
        origin=Origin(document=document),
    )


@pytest.mark.parametrize(
    ("ranking", "relevant", "expected"),
    [((2, 0, 1), {2}, 1.0), ((0, 2, 1), {2}, 0.6309), ((0, 1), {7}, 0.0), ((3, 1), {1, 3}, 1.0)],
)
def test_ndcg_is_that_of_the_textbook(ranking, relevant, expected):
    assert ndcg(ranking, frozenset(relevant)) == pytest.approx(expected, abs=1e-4)


def test_a_question_with_two_passages_is_one_question():
    rows = [
        row("a", "如何重置？", "p", document="d"),
        row("b", "如何重置？", "q"),
        row("c", "x", "r", "p"),
    ]
    asked = questions_of(rows, ["p", "far", "farther"], limit=4)
    assert asked.texts == ("如何重置？", "x")
    assert asked.clusters == ("d", "c")
    assert asked.passages == ("p", "q", "r", "far")
    assert asked.relevant == (frozenset({0, 1}), frozenset({2}))
    vectors = np.eye(4, dtype=np.float32)
    assert asked.scores(vectors[[0, 3]], vectors)[0] > asked.scores(vectors[[3, 3]], vectors)[0]


def test_looks_are_read_as_they_were_written(tmp_path):
    looks = [Look(id="a", part="dev", cluster="文", before=0.5, after=1.0)]
    assert read_looks(tmp_path) == []
    write_looks(tmp_path, looks)
    assert read_looks(tmp_path) == looks
    (tmp_path / LOOKS).write_text("{}\n")
    with pytest.raises(DataError, match="cannot be read"):
        read_looks(tmp_path)


def test_the_best_share_that_forgets_little_is_chosen():
    scores = {0.0: (0.9, 0.8), 0.25: (0.88, 0.96), 0.5: (0.85, 0.97)}
    best, tried = choose_share((0.0, 0.25, 0.5), scores.__getitem__, 0.965, 0.01)
    assert best.share == 0.25
    assert [mixed.share for mixed in tried] == [0.0, 0.25, 0.5]


def test_where_all_forget_too_much_the_one_that_forgets_least_is_chosen():
    best, _ = choose_share((0.0, 0.5), {0.0: (0.9, 0.5), 0.5: (0.8, 0.7)}.__getitem__, 1.0, 0.01)
    assert best.share == 0.5


def test_of_equal_scores_more_of_the_base_is_kept():
    best, _ = choose_share((0.0, 0.5), lambda _: (0.9, 0.9), 0.9, 0.0)
    assert best.share == 0.5


class Tensor:
    """As much of a tensor as mixing asks for."""

    def __init__(self, value):
        self.value = np.asarray(value)

    def is_floating_point(self):
        return self.value.dtype.kind == "f"

    def __mul__(self, number):
        return Tensor(self.value * number)

    def __add__(self, other):
        return Tensor(self.value + other.value)


def test_what_the_base_lacks_and_whole_numbers_stay_as_trained():
    trained = {"w": Tensor([4.0]), "head": Tensor([2.0]), "ids": Tensor([3])}
    base = {"w": Tensor([0.0]), "ids": Tensor([9])}
    mixed = mixed_state(trained, base, 0.25)
    assert mixed["w"].value.tolist() == [3.0]
    assert mixed["head"] is trained["head"]
    assert mixed["ids"] is trained["ids"]
    assert mixed_state(trained, base, 0.0)["w"] is trained["w"]
