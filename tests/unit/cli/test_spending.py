"""What an answer cost is said in one line, and money that is used up ends the program with the code of a limit."""

import pytest
import typer

from surefoot.cli.spending import spent_json, spent_said, stop_where_used_up
from surefoot.core.errors import CapReached
from surefoot.core.metering import may_spend, metered
from surefoot.core.roles import Meter
from surefoot.core.types import Query, Turn, Usage
from surefoot.run.workspace import Asked

ASKED = Asked(Turn(Query("When?", "en")), "t")


def test_seconds_calls_tokens_and_money_are_said():
    usage = Usage(300, 20, 0.0125, calls=2)
    assert spent_said(ASKED, usage) == "0.0 s, 2 calls of a chat model, 300 + 20 tokens, $0.0125"
    assert spent_said(ASKED, Usage(encoder_tokens=9)) == "0.0 s"
    told = spent_json(ASKED, usage)
    assert (told["calls"], told["prompt_tokens"], told["cost"]) == (2, 300, 0.0125)


@pytest.mark.parametrize(("cost", "allowed"), [(0.0, 1.0), (0.9, 1.0), (5.0, None)])
def test_within_the_limit_all_goes_on(cost, allowed):
    meter = Meter(Usage(cost=cost), max_cost=allowed)
    with metered(meter):
        may_spend(1.0, where="http:x")
    stop_where_used_up(meter, quiet=True)


def test_an_endpoint_with_a_price_is_not_called_beyond_the_limit():
    meter = Meter(Usage(cost=1.0), max_cost=1.0)
    with metered(meter):
        may_spend(0.0, where="http:free")
        with pytest.raises(CapReached, match="used up"):
            may_spend(1.0, where="http:x")
    with pytest.raises(typer.Exit) as stopped:
        stop_where_used_up(meter, quiet=True)
    assert stopped.value.exit_code == CapReached.exit_code == 5


def test_no_money_at_all_calls_no_endpoint_with_a_price():
    with metered(Meter(max_cost=0.0)), pytest.raises(CapReached):
        may_spend(0.5, where="http:x")
