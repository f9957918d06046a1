"""Makes a question that only makes sense within its conversation one that stands by itself.

Retrieval of what is asked in a conversation: Elgohary et al. 2019 (CANARD), Vakulenko et al. 2021.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PromptName
from surefoot.core.lang import content_terms, is_han
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Lang, Query, Turn
from surefoot.retrieve.rewrite.invented import invented
from surefoot.retrieve.rewrite.settings import RewriteSettings
from surefoot.retrieve.rewrite.wordings import lines, same, unfit
from surefoot.retrieve.rewrite.writer import QUESTION_CHARS, Writer, language, noted

_LABELS: Final = {"en": ("Question: ", "Answer: "), "zh": ("问题：", "回答：")}
_ASKING = "?？"
_KEPT = 0.5  # share of what a follow-up asks that the question by itself must keep
_NEW = 0.25  # share of what the question by itself asks that may be in other words than the conversation's
_LEANING = re.compile(
    r"\b(?:it|its|he|him|his|she|her|hers|they|them|their|theirs|this|that|these|those|there|else)\b"
    r"|^\s*(?:and|but|or|then|so|what about|how about)\b"
    r"|[它她]|(?<!其)他|其(?![他实中余])|[这那](?!么)|呢\s*[？?]?\s*$",
    re.IGNORECASE,
)
"""Words that mean something said before; most questions that stand by themselves have none."""
_COMMON_HAN = frozenset(
    "它他她们这那哪里儿个些此其之的地得了着过呢吗吧啊呀么什和与及或还又也再都就才是有在要能可以会如果若所怎样为何"
)


class CondenseSettings(RewriteSettings):
    """A follow-up question is made one that stands by itself, which is then searched."""

    kind: Literal["condense"] = "condense"
    prompt: PromptName = "question/condense"
    max_tokens: PositiveInt = 100
    history: PositiveInt = Field(
        default=3, description="earlier questions with their answers that are shown"
    )
    answer_chars: PositiveInt = Field(
        default=400, description="characters of each earlier answer that are shown at most"
    )


class Condense:
    """Sets what the question means by itself; without a conversation nothing happens and no model is asked.

    The model may only say again what was said: where it names anything else, the last question and this one are
    searched together.
    """

    Settings = CondenseSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "query"

    def __init__(self, settings: CondenseSettings, parts: Parts) -> None:
        self._settings = settings
        self._writer = Writer(settings, settings.prompt, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the question by itself; as it was, with a note, where the model gives none."""
        query = turn.query
        if not query.history or query.standalone:
            return turn
        lang = language(query)
        told, said = self._conversation(query, lang)
        values = {"history": told, "question": " ".join(query.text[:QUESTION_CHARS].split())}
        heard = self._writer.write(values, lang, call)
        if heard.problem:
            return noted(turn, "condense", f"the question was searched as it is: {heard.problem}")
        found = lines(heard.text)
        text = found[0] if found else ""
        problem = _no_question(text, query.text)
        problem = problem or unfit(text, told, said=[text], lang=lang)
        if problem:
            reason = (
                f"the question was searched as it is: the model's reply cannot be used, {problem}"
            )
            return noted(turn, "condense", reason)
        if unfaithful := _unfaithful(text, query.text, said):
            joined = f"{query.history[-1][0]} {query.text}"
            note = f"the model's reply {unfaithful}: searched together with the last question"
            return noted(replace(turn, query=replace(query, standalone=joined)), "condense", note)
        if same(text, query.text):
            return noted(turn, "condense", "the question stands by itself")
        return replace(turn, query=replace(query, standalone=text))

    def _conversation(self, query: Query, lang: Lang) -> tuple[str, list[str]]:
        """What the model is shown of the conversation, and its texts as far as they are shown."""
        asked, answered = _LABELS.get(lang, _LABELS["en"])
        shown: list[str] = []
        said: list[str] = []
        for question, answer in query.history[-self._settings.history :]:
            short = answer[: self._settings.answer_chars]
            said += [question[:QUESTION_CHARS], short]
            shown.append(asked + " ".join(said[-2].split()))
            if short.strip():
                shown.append(answered + " ".join(short.split()))
        return "\n".join(shown), said


def _unfaithful(text: str, question: str, said: Sequence[str]) -> str:
    """What a text says beyond the conversation, or leaves out of the question; empty where neither."""
    if same(text, question) and _LEANING.search(question):
        return "repeats a question that leans on the conversation"
    if added := invented(text, [question, *said]):
        return f"names what nobody said ({', '.join(added)})"
    asked, kept = _telling(question), _telling(text)
    if len(asked & kept) < _KEPT * len(asked):
        return "leaves out what was asked"
    new = kept - _telling("\n".join((question, *said)))
    return "says what nobody said" if len(new) > _NEW * len(kept) else ""


def _telling(text: str) -> set[str]:
    """What a question asks for: stems of its words without the commonest; Chinese characters likewise."""
    found = {term for term in content_terms(text) if not is_han(term[0])}
    return found | {char for char in text if is_han(char) and char not in _COMMON_HAN}


def _no_question(text: str, question: str) -> str:
    """Why a text is no question like this one; empty where it is."""
    if not text:
        return "it says nothing"
    if question.rstrip()[-1:] in _ASKING and question.strip() and text[-1] not in _ASKING:
        return "it is no question"
    return ""
