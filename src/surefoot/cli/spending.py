"""What a question cost, in one line, and the most that it may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.render import say
from surefoot.core.errors import CapReached

if TYPE_CHECKING:
    from surefoot.core.roles import Meter
    from surefoot.core.types import Usage
    from surefoot.run.workspace import Asked

MaxCost = Annotated[
    float | None,
    typer.Option(
        "--max-cost",
        min=0,
        metavar="DOLLARS",
        help="Call no endpoint with a price once so much is spent.",
    ),
]


def seconds_of(asked: Asked) -> float:
    """Seconds that the stages took."""
    return sum(step.seconds for step in asked.steps)


def spent_json(asked: Asked, usage: Usage) -> dict[str, Any]:
    """Seconds, tokens, calls and money of an answer; `cost` is null where an endpoint's price is not known."""
    return {
        "seconds": round(seconds_of(asked), 3),
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "encoder_tokens": usage.encoder_tokens,
        "cost": None if usage.unpriced else usage.cost,
    }


def spent_said(asked: Asked, usage: Usage) -> str:
    """The same in one line."""
    calls = f"{usage.calls} call" + ("" if usage.calls == 1 else "s") + " of a chat model"
    tokens = f"{usage.prompt_tokens} + {usage.completion_tokens} tokens"
    said = [f"{seconds_of(asked):.1f} s", *([calls, tokens] if usage.calls else [])]
    if usage.unpriced:
        said.append("price not known")
    elif usage.cost:
        said.append(f"${usage.cost:.4f}")
    return ", ".join(said)


def stop_where_used_up(meter: Meter, *, quiet: bool) -> None:
    """Ends the program with the code of a limit, after what was done is shown.

    Raises:
        Exit: an endpoint was not called, for the money is used up.
    """
    if meter.stopped:
        say(used_up_said(meter), quiet=quiet)
        raise typer.Exit(CapReached.exit_code)


def used_up_said(meter: Meter) -> str:
    """That an endpoint was not called, in one line."""
    return f"stopped: {meter.usage.cost:.4f} of {meter.max_cost or 0:g} US dollars are used up"
