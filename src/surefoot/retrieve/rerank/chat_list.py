"""Reranks by a chat model that orders windows of passages, from the last to the first (as RankGPT does)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from surefoot.config.base import PromptName
from surefoot.core.roles import Call, Judged, Parts, Sampling
from surefoot.core.types import Hit, Query
from surefoot.models.asking import conversation, hear_as
from surefoot.models.base import ModelEnv
from surefoot.retrieve.asking import prompt_lang, question
from surefoot.retrieve.rerank.chat_asking import ChatReranker, ChatRerankSettings
from surefoot.retrieve.shown import mark, passage

_FRAME_TOKENS, _TOKENS_A_NUMBER = 16, 6  # of a reply: the JSON around the numbers, and each of them


class ChatListSettings(ChatRerankSettings):
    """A chat model orders windows of passages; the last window first, so that the best rise to the top."""

    kind: Literal["chat-list"] = "chat-list"
    prompt: PromptName = "rerank/order"
    window: PositiveInt = Field(default=5, ge=2, description="passages that are ordered at once")
    step: PositiveInt = Field(
        default=3, description="places between two windows; the less, the more passages rise far"
    )
    passage_tokens: PositiveInt = Field(
        default=150, description="tokens of a passage that the model is shown at most"
    )

    @model_validator(mode="after")
    def _windows_overlap(self) -> Self:
        if self.step >= self.window:
            raise ValueError("step must be smaller than window, else no passage rises beyond one")
        return self


class _Order(BaseModel):
    """The reply: numbers of passages."""

    model_config = ConfigDict(extra="forbid")

    order: list[int]


class ChatList(ChatReranker):
    """Scores hits by the place that the model gives them: 1 for the best, then less."""

    Settings = ChatListSettings
    share: ClassVar[float] = 1.0

    def __init__(self, settings: ChatListSettings, env: ModelEnv) -> None:
        del env
        super().__init__(settings)
        self._settings = settings

    def close(self) -> None:
        """Holds nothing: the model is the pipeline's."""

    def _judged(self, query: Query, hits: Sequence[Hit], parts: Parts, call: Call) -> Judged:
        if len(hits) < 2:
            return Judged(tuple({"rerank": 1.0} for _ in hits))
        order, notes, ordered = list(range(len(hits))), dict[str, None](), 0
        asked = _Asked(self._settings, query, hits, parts)
        windows = self._windows(len(hits))
        for start, end in windows:
            found, problem, failed = asked.order(order[start:end], call)
            if problem:
                notes[f"the order of a window stays: {problem}"] = None
            if failed:
                break
            order[start:end] = found
            ordered += not problem
        if ordered < len(windows):
            notes[f"{ordered} of {len(windows)} windows were ordered"] = None
        if not ordered:
            return Judged((), tuple(notes))
        place = {at: rank for rank, at in enumerate(order)}
        signals = tuple({"rerank": 1 - place[at] / len(hits)} for at in range(len(hits)))
        return Judged(signals, tuple(notes))

    def _windows(self, many: int) -> list[tuple[int, int]]:
        """Beginning and end of each window, the last first; the first window begins at the first hit."""
        window, step = self._settings.window, self._settings.step
        starts = [*range(max(0, many - window), 0, -step), 0]
        return [(start, min(start + window, many)) for start in starts]


class _Asked:
    """One question to one model over some hits."""

    def __init__(
        self, settings: ChatListSettings, query: Query, hits: Sequence[Hit], parts: Parts
    ) -> None:
        self._model = parts.chat(settings.model)
        self._prompt = parts.prompt(settings.prompt, prompt_lang(query))
        self._shared = {"question": question(query), "mark": mark(query, hits)}
        count, most = self._model.count_tokens, settings.passage_tokens
        self._texts = [passage(hit, most, count) for hit in hits]

    def order(self, places: Sequence[int], call: Call) -> tuple[list[int], str, bool]:
        """The places in the model's order; why it stays, if it does; whether the model gave no answer at all.

        Places that the model does not name follow in the order they had.
        """
        fence = self._shared["mark"]
        passages = "\n\n".join(
            f"({fence}) [{number}]\n{self._texts[place]}\n({fence}) end"
            for number, place in enumerate(places, start=1)
        )
        messages = conversation(self._prompt, {**self._shared, "passages": passages})
        room = Sampling(max_tokens=_FRAME_TOKENS + _TOKENS_A_NUMBER * len(places))
        form, heard = hear_as(_Order, self._model, messages, room, call)
        if form is None:
            return list(places), heard.problem, not heard.text
        named = list(dict.fromkeys(form.order))
        if not named or not set(named) <= set(range(1, len(places) + 1)):
            return list(places), "the model's reply names other passages than it was shown", False
        first = [places[number - 1] for number in named]
        return [*first, *(place for place in places if place not in first)], "", False
