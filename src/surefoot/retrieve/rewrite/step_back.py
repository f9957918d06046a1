"""Asks the more general question too, whose passages hold what the special one takes for granted.

Step-back prompting (Zheng et al. 2023, arXiv:2310.06117).
"""

from __future__ import annotations

from typing import ClassVar, Literal

from surefoot.config.base import PromptName
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Turn
from surefoot.retrieve.rewrite.multi_query import Rewording
from surefoot.retrieve.rewrite.settings import RewriteSettings


class StepBackSettings(RewriteSettings):
    """A more general question by a chat model, searched beside the one that was asked."""

    kind: Literal["step-back"] = "step-back"
    prompt: PromptName = "question/step-back"


class StepBack:
    """Adds the more general question as a variant."""

    Settings = StepBackSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: StepBackSettings, parts: Parts) -> None:
        self._rewording = Rewording(settings, settings.prompt, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the variant; as it was, with a note, where the model gives none."""
        return self._rewording(turn, call, "step-back", 1)
