"""Reranks by a chat model that is asked of each passage whether it says what the question asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp
from typing import ClassVar, Final, Literal

from surefoot.config.base import PromptName
from surefoot.core.roles import Call, Judged, Parts
from surefoot.core.types import Hit, Query
from surefoot.models.asking import conversation, weigh
from surefoot.models.base import ModelEnv
from surefoot.retrieve.asking import prompt_lang, question
from surefoot.retrieve.rerank.chat_asking import ChatReranker, ChatRerankSettings
from surefoot.retrieve.shown import mark, passage

_WORDS: Final = {"en": ("Yes", "No"), "zh": ("是", "否")}
_MOST_ODDS = 20.0  # of a model that only says one of the words


class ChatJudgeSettings(ChatRerankSettings):
    """A chat model's log-odds of Yes against No, asked of each passage by itself."""

    kind: Literal["chat"] = "chat"
    prompt: PromptName = "rerank/relevant"


class ChatJudge(ChatReranker):
    """Scores hits by how much likelier the model says Yes than No (是, 否); instruction and question come first."""

    Settings = ChatJudgeSettings
    share: ClassVar[float] = 0.5

    def __init__(self, settings: ChatJudgeSettings, env: ModelEnv) -> None:
        del env
        super().__init__(settings)
        self._settings = settings

    def close(self) -> None:
        """Holds nothing: the model is the pipeline's."""

    def _judged(self, query: Query, hits: Sequence[Hit], parts: Parts, call: Call) -> Judged:
        if not hits:
            return Judged()
        settings, lang = self._settings, prompt_lang(query)
        model, prompt = parts.chat(settings.model), parts.prompt(settings.prompt, lang)
        shared = {"question": question(query), "mark": mark(query, hits)}
        signals: list[Mapping[str, float]] = []
        notes: dict[str, None] = {}
        for hit in hits:
            text = passage(hit, settings.passage_tokens, model.count_tokens)
            messages = conversation(prompt, {**shared, "passage": text})
            weighed = weigh(model, messages, _WORDS[lang], call)
            if not weighed.logprobs:
                notes[f"{len(signals)} of {len(hits)} hits were judged: {weighed.problem}"] = None
                break
            if weighed.problem:
                notes[f"{weighed.problem}: such hits count as neither"] = None
            elif not weighed.told:
                notes["the engine tells no log-probabilities: every hit is a yes or a no"] = None
            signals.append(_signals(weighed.logprobs))
        return Judged(tuple(signals), tuple(notes))


def _signals(logprobs: Sequence[float]) -> Mapping[str, float]:
    yes, no = logprobs
    odds = 0.0 if yes == no else max(-_MOST_ODDS, min(_MOST_ODDS, yes - no))
    return {"rerank": odds, "yes": 1 / (1 + exp(-odds))}
