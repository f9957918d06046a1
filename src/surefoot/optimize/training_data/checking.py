"""What the checks of rows need of a workspace: whose tokens count, how many may be, and what embeds questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from surefoot.config.settings import load_settings
from surefoot.core.errors import ConfigError
from surefoot.core.lang import is_han
from surefoot.core.types import EvalCase
from surefoot.models.base import ModelEnv
from surefoot.models.chat import open_chat
from surefoot.optimize.training_data.settings import PLAIN_TOKENS
from surefoot.tune.checks import find_leaks
from surefoot.tune.checks.leaks import Embed
from surefoot.tune.data import Taught
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import ChatRow, PairRow

if TYPE_CHECKING:
    from surefoot.optimize.training_data.settings import DataSettings
    from surefoot.run.workspace import Workspace

_CHARS_A_TOKEN: Final = 4
_HAN_TOKENS: Final = 1.0

Row = ChatRow | PairRow


def counting(space: Workspace | None, wanted: DataSettings) -> tuple[Callable[[str], int], str]:
    """What counts the tokens of a text, and what there is to say of it."""
    if wanted.kind == "pairs" and space is not None:
        encoder = space.resources.encoder()
        return lambda text: encoder.count_tokens([text])[0], ""
    name = wanted.base or (answering(space) if space is not None else "")
    if not name:
        return guessed, "tokens are a guess by the characters: --base names the model that counts"
    if space is not None:
        return space.resources.chat(name).count_tokens, ""
    settings = load_settings().settings
    env = ModelEnv(cache=settings.models, offline=settings.offline, threads=settings.threads)
    return open_chat(name, env).count_tokens, ""


def most_tokens(space: Workspace | None, wanted: DataSettings) -> int:
    """The tokens of a row up to which it is taken."""
    if wanted.max_tokens is not None:
        return wanted.max_tokens
    if wanted.kind == "pairs" and space is not None:
        return space.resources.encoder().max_tokens
    return PLAIN_TOKENS


def embedding(space: Workspace | None) -> Embed | None:
    """The encoder of the workspace's corpus, for questions; None where there is none."""
    if space is None or space.solution.corpus is None:
        return None
    return space.resources.encoder().embed_queries


def answering(space: Workspace) -> str:
    """The chat model that the solution asks; empty where it asks none."""
    models = [str(getattr(stage, "model", "")) for stage in space.solution.stages]
    return next((model for model in reversed(models) if model), "")


def needed(space: Workspace | None) -> Workspace:
    """The workspace.

    Raises:
        ConfigError: there is none.
    """
    if space is None:
        raise ConfigError(
            "this needs a workspace with documents", hint="surefoot init, then surefoot add DOCS"
        )
    return space


def fresh(
    questions: Sequence[Taught], against: Sequence[EvalCase], embed: Embed | None
) -> tuple[list[Taught], list[LeftOut]]:
    """Made questions without those that an eval set asks too."""
    asked = [PairRow(id=one.id, query=one.question, positive="-") for one in questions]
    leaks = {leak.row: leak for leak in find_leaks(asked, against, embed=embed)}
    left_out = [
        LeftOut(leak.row, f"made here, but the eval set asks it ({leak.by})", leak.question)
        for leak in leaks.values()
    ]
    return [one for one in questions if one.id not in leaks], left_out


def distinct(rows: Sequence[Row]) -> list[Row]:
    """The rows with ids of which no two are the same."""
    taken: set[str] = set()
    found: list[Row] = []
    for row in rows:
        name, number = row.id, 1
        while name in taken:
            number += 1
            name = f"{row.id}~{number}"
        taken.add(name)
        found.append(row if name == row.id else row.model_copy(update={"id": name}))
    return found


def guessed(text: str) -> int:
    """About how many tokens a text has: one a Han character, one for four others."""
    han = sum(map(is_han, text))
    return round(han * _HAN_TOKENS + (len(text) - han) / _CHARS_A_TOKEN) + 1
