from math import inf, log

import pytest

from surefoot.models.choices import likelihoods, said_choice


def told(*tokens):
    return [(piece.encode() if isinstance(piece, str) else piece, log(p)) for piece, p in tokens]


def test_a_choice_has_the_chance_of_the_tokens_that_begin_it_alone():
    tokens = told((" Yes", 0.5), ("Y", 0.1), ("No", 0.2), ("yes", 0.1), ("Nothing", 0.1))
    yes, no = likelihoods(tokens, ("Yes", "No"))
    assert yes == pytest.approx(log(0.6))
    assert no == pytest.approx(log(0.2))


def test_a_han_character_in_pieces_is_known_by_its_first_bytes():
    tokens = told(("是".encode()[:2], 0.4), ("否", 0.3), (b"\xe9", 0.1))
    assert likelihoods(tokens, ("是", "否")) == pytest.approx((log(0.4), log(0.3)))


def test_a_beginning_that_two_choices_share_counts_for_none():
    tokens = told(("有", 0.6), ("有关", 0.2), ("无", 0.1))
    assert likelihoods(tokens, ("有关", "有害")) == pytest.approx((log(0.2), log(0.1)))


def test_a_choice_that_is_not_told_has_the_lowest():
    assert likelihoods(told(("Yes", 0.9), ("The", 0.01)), ("Yes", "No"))[1] == pytest.approx(
        log(0.01)
    )


def test_nothing_told_is_an_error():
    with pytest.raises(ValueError):
        likelihoods([], ("Yes", "No"))


@pytest.mark.parametrize(
    ("reply", "choices", "expected"),
    [
        ("Yes.", ("Yes", "No"), (0, -inf)),
        ("yes, it does", ("Yes", "No"), (0, -inf)),
        ("No", ("Yes", "No"), (-inf, 0)),
        ("Nothing", ("Yes", "No"), (-inf, -inf)),
        ("Yes or No", ("Yes", "No"), (-inf, -inf)),
        ("", ("Yes", "No"), (-inf, -inf)),
        ("是的。", ("是", "否"), (0, -inf)),
        ("否", ("是", "否"), (-inf, 0)),
        ("不是", ("是", "否"), (-inf, -inf)),
    ],
)
def test_a_reply_is_read_strictly(reply, choices, expected):
    assert said_choice(reply, choices) == expected
