"""A price is the user's, else the table's for that host and model, else unknown; this machine costs nothing."""

from __future__ import annotations

from datetime import date

import pytest

from surefoot.config.prices import Price, price_of, price_table
from surefoot.config.solution import Endpoint

HOST = "https://api.openai.com/v1"


def test_each_row_of_the_table_has_its_day_and_source() -> None:
    rows = price_table()
    assert len({(one.host, one.model) for one in rows}) == len(rows) > 0
    for one in rows:
        assert one.price.is_charged
        assert one.price.as_of is not None
        assert one.price.as_of > date(2026, 1, 1)
        assert one.price.source.startswith("https://")


def test_what_the_user_says_goes_before_the_table() -> None:
    listed = price_of(HOST, price_table()[0].model)
    assert listed is not None and listed.as_of is not None
    own = Endpoint(base_url=HOST, model=price_table()[0].model, prompt_price=9.0).price
    assert own == Price(9.0, 0.0)
    assert own.dollars(1_000_000, 5) == 9.0
    free = Endpoint(base_url=HOST, model=price_table()[0].model, prompt_price=0.0).price
    assert free is not None and not free.is_charged


@pytest.mark.parametrize(
    ("address", "price"),
    [
        ("http://127.0.0.1:8000/v1", Price()),
        ("http://[::1]:8000/v1", Price()),
        ("http://localhost/v1", Price()),
        ("https://llm.example.org/v1", None),
        ("https://api.openai.com.example.org/v1", None),
        ("http://10.0.0.7/v1", None),
    ],
)
def test_a_listed_name_elsewhere_has_no_known_price(address, price) -> None:
    assert price_of(address, price_table()[0].model) == price
