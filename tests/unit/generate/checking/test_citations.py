import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.generate.checking.citations import claims, find_marks, with_marks


def numbers(text):
    return [mark.numbers for mark in find_marks(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is so [1].", [(1,)]),
        ("如此【2】。", [(2,)]),
        ("如此［１２］。", [(12,)]),
        ("So [1, 2] and [1][3].", [(1, 2), (1,), (3,)]),
        ("如此[1，2、3]。", [(1, 2, 3)]),
        ("So [1-3], [2–4].", [(1, 2, 3), (2, 3, 4)]),
        ("So [^1] [ 7 ].", [(1,), (7,)]),
        ("Not [a], [], [2019], (1), [1.5] or [-1].", []),
        ("Not in `rows[1]` nor\n```\nx[2]\n```\nbut here [3].", [(3,)]),
        ("Backwards [3-1], far [1-999].", [(3, 1), (1, 999)]),
    ],
)
def test_marks_of_all_forms_are_found(text, found):
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One is so [1]. Two is not.[2] Three [1][3] holds.", [(1,), (2,), (1, 3)]),
        ("一是如此[1]。二并非如此。【2】三也[1][3]是。", [(1,), (2,), (1, 3)]),
        ("[1] First line.\n[2] Second line.", [(1,), (2,)]),
        ("- First [1]\n- Second [2]\n- Third", [(1,), (2,), ()]),
        ("1. First [1]\n2. Second [2]", [(1,), (2,)]),
        ("Nothing is cited. Here neither.", [(), ()]),
        ("The firm Acme Inc. (Berlin) made it [2, 2].", [(2,)]),
        ("[1]", []),
        ("。。。 [1]", []),
    ],
)
def test_marks_belong_to_their_sentence(text, found):
    assert [claim.numbers for claim in claims(text)] == found


def test_claims_are_spans_and_words_without_marks():
    text = "It opens at 9 [1]. 周六关门【2】。 Bye."
    found = claims(text)
    assert [text[c.start : c.end] for c in found] == [
        "It opens at 9 [1].",
        "周六关门【2】。",
        "Bye.",
    ]
    assert [c.words for c in found] == ["It opens at 9.", "周六关门。", "Bye."]


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("It is so.", "It is so [1][2]."),
        ("如此。", "如此[1][2]。"),
        ("Is it so?”", "Is it so [1][2]?”"),
        ("- a list item", "- a list item [1][2]"),
        ("《书名》", "《书名》[1][2]"),
    ],
)
def test_marks_stand_before_the_end_of_the_sentence(words, marked):
    assert with_marks(words, [1, 2]) == marked
    assert with_marks(words, []) == words


@given(st.text(alphabet="ab中 。.[]【】1２9,-\n`", max_size=60))
def test_any_text_gives_claims_in_order_within_it(text):
    last = 0
    for claim in claims(text):
        assert last <= claim.start < claim.end <= len(text)
        assert any(char.isalnum() for char in claim.words)
        last = claim.end
