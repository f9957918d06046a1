"""Passages as one line of a table."""

from surefoot.serve.web.page import excerpt

TABLE = "# Leave\n\nTell us.\n\n| occasion | days |\n| --- | --- |\n| own wedding | 2 |\n"


def test_marks_of_headings_and_rules_of_tables_are_left_out() -> None:
    assert excerpt(TABLE, 200) == "Leave Tell us. · occasion · days · own wedding · 2"


def test_a_long_passage_ends_with_a_sign() -> None:
    assert excerpt("年假" * 50, 10) == "年假年假年假年假年…"


def test_a_number_sign_and_a_minus_within_a_line_stay() -> None:
    assert excerpt("Item #3 costs -5 -- or so", 60) == "Item #3 costs -5 -- or so"
