import pytest

from surefoot.evaluate.rows import shared_rows
from surefoot.evaluate.scoring import Row


def row(name: str, question: str) -> Row:
    return Row(name, question, "en", True)


@pytest.mark.parametrize(
    ("asked", "changed"),
    [("How long is leave?", "How long is paid leave?"), ("假期有多长？", "带薪假有多长？")],
)
def test_only_questions_in_the_same_words_are_shared(asked, changed) -> None:
    base = [row("a", asked), row("b", asked), row("gone", asked)]
    other = [row("b", asked), row("a", changed), row("new", asked)]
    assert shared_rows(base, other) == [(base[1], other[0])]
