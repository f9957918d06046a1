"""Divides a question that asks for several things, searches for each part and for the whole, and joins what they find.

After least-to-most prompting (Zhou et al. 2022) and self-ask (Press et al. 2022), with the parts as searches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from surefoot.config.base import AnyPart, Part, PromptName
from surefoot.core.lang import fold
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Hit, Lang, Query, Turn
from surefoot.retrieve.nested import check_searches, through
from surefoot.retrieve.question.fair import Asked, fair
from surefoot.retrieve.rewrite.settings import RewriteSettings
from surefoot.retrieve.rewrite.wordings import lines, same, shortened, unfit
from surefoot.retrieve.rewrite.writer import QUESTION_CHARS, Writer, language, noted
from surefoot.retrieve.search import SearchSettings
from surefoot.retrieve.shown import mark, passage

_STAGE = "sub-questions"
_REFERENCE = re.compile(r"[#＃](\d)")
_SHOWN, _SHOWN_TOKENS = 3, 200  # passages, and tokens of each, that an answer is taken from
_ANSWER_CHARS = 80
_SIGNS = " \t-–—.。,，;；:：\"'“”‘’「」《》"


class SubQuestionsSettings(RewriteSettings):
    """Sub-questions by a chat model, each searched beside the whole question and heard among the first hits."""

    kind: Literal["sub-questions"] = "sub-questions"
    prompt: PromptName = "question/parts"
    stages: Annotated[tuple[AnyPart, ...], Part("stage")] = Field(
        default=(), description="how the whole and each part is searched; none = a search as usual"
    )
    most: PositiveInt = Field(default=3, le=8, description="sub-questions at most")
    follow: bool = Field(
        default=False,
        description="one after the other: what the first asks is answered from its hits, and the next may name it",
    )
    follow_prompt: PromptName = Field(
        default="question/hops", description="the prompt in the place of `prompt` with follow"
    )
    answer_prompt: PromptName = Field(
        default="question/hop-answer", description="how the answer to a sub-question is asked for"
    )
    weight: NonNegativeFloat = Field(
        default=1.0, description="what all sub-questions weigh together; the whole weighs 1"
    )
    first: PositiveInt = Field(
        default=5, description="places on top in which each sub-question has its best hit"
    )
    keep: PositiveInt = Field(default=10, description="hits that go on to the next stage")


@dataclass(frozen=True, slots=True)
class _Part:
    """A sub-question and what was found for it."""

    text: str
    hits: tuple[Hit, ...]


class SubQuestions:
    """Puts hits for the whole question and for each of its parts into the turn; notes name the parts."""

    Settings = SubQuestionsSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: SubQuestionsSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._stages = tuple(parts.stage(one) for one in settings.stages or (SearchSettings(),))
        check_searches(self._stages, name=_STAGE, where=f"{_STAGE}.stages")
        prompt = settings.follow_prompt if settings.follow else settings.prompt
        self._divider = Writer(settings, prompt, parts)
        self._answerer = Writer(settings, settings.answer_prompt, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with hits for the whole and its parts; for the whole alone, with a note, where it has none."""
        texts, notes = self._divided(turn.query, call)
        whole = through(self._stages, turn, call)
        turn = noted(replace(whole, query=turn.query), _STAGE, *notes)
        if not texts or whole.answer is not None:
            return turn
        found, notes = self._searched(texts, turn.query, call)
        weight = self._settings.weight / len(found) if found else 0.0
        lists = [
            Asked("whole", whole.hits),
            *(Asked(f"part{at}", part.hits, weight) for at, part in enumerate(found, start=1)),
        ]
        keep = max(self._settings.keep, call.limit or 0)
        hits = fair(lists, first=min(self._settings.first, keep), keep=keep, by=_STAGE)
        return noted(replace(turn, hits=hits), _STAGE, *notes)

    def _divided(self, query: Query, call: Call) -> tuple[list[str], list[str]]:
        """The sub-questions, and what is to be noted: why there are none, or why some were left out."""
        lang = language(query)
        asked = " ".join(query.asked[:QUESTION_CHARS].split())
        if not asked:
            return [], []
        values = {"question": asked, "most": str(self._settings.most)}
        heard = self._divider.write(values, lang, call)
        if heard.problem:
            return [], [f"searched as a whole: {heard.problem}"]
        kept: list[str] = []
        notes: list[str] = []
        for text in lines(heard.text):
            if same(text, asked) or any(same(text, other) for other in kept):
                continue
            if problem := self._unfit(text, asked, lang, len(kept)):
                notes.append(f"left out {shortened(text)!r}: {problem}")
            elif len(kept) < self._settings.most:
                kept.append(text)
        if not kept:
            notes.append("the model does not divide the question: searched as a whole")
        return kept, notes

    def _unfit(self, text: str, asked: str, lang: Lang, before: int) -> str:
        """Why a text is no sub-question; empty where it is one."""
        named = [int(number) for number in _REFERENCE.findall(text)]
        if named and not self._settings.follow:
            return "it needs the answer to another"
        if any(not 1 <= number <= before for number in named):
            return "it names an answer that there is not"
        return unfit(_REFERENCE.sub("", text), asked, said=[asked], lang=lang)

    def _searched(
        self, texts: Sequence[str], query: Query, call: Call
    ) -> tuple[list[_Part], list[str]]:
        """What is found for each sub-question, in order; one whose answer another needs is answered on the way."""
        found: list[_Part] = []
        notes: list[str] = []
        answers: dict[int, str] = {}
        for number, raw in enumerate(texts, start=1):
            text = _REFERENCE.sub(lambda named: answers.get(int(named[1]), ""), raw)
            if any(not answers.get(int(one)) for one in _REFERENCE.findall(raw)):
                notes.append(f"{raw!r} was left out: what it needs was not found")
                continue
            call.check_deadline()
            part = replace(query, standalone=text, variants=(), guesses=())
            turn = through(self._stages, Turn(part), call)
            found.append(_Part(text, turn.hits))
            label = f"part {len(found)} {text!r}"
            notes.append(f"{label}: {len(turn.hits)} hits")
            notes += dict.fromkeys(f"{label}: {note.message}" for note in turn.notes)
            if any(f"#{number}" in other.replace("＃", "#") for other in texts[number:]):
                answers[number], said = self._answer(part, turn.hits, call)
                notes.append(f"{label}: {said}")
        return found, notes

    def _answer(self, query: Query, hits: Sequence[Hit], call: Call) -> tuple[str, str]:
        """The answer to a sub-question, in the words of one of its first hits; and what is to be noted."""
        best = hits[:_SHOWN]
        if not best:
            return "", "nothing was found to answer it from"
        model = self._parts.chat(self._settings.model)
        texts = [passage(hit, _SHOWN_TOKENS, model.count_tokens) for hit in best]
        fence = mark(query, best)
        told = "\n\n".join(f"({fence})\n{text}\n({fence})" for text in texts)
        values = {"question": query.asked, "passages": told, "mark": fence}
        heard = self._answerer.write(values, language(query), call)
        if heard.problem:
            return "", heard.problem
        answer = next(iter(heard.text.splitlines()), "").strip(_SIGNS)
        if not answer or len(answer) > _ANSWER_CHARS:
            return "", "the model gives no short answer"
        if not any(fold(answer) in fold(text) for text in texts):
            return "", f"{shortened(answer)!r} stands in none of its passages"
        return answer, f"answered by {answer!r}"
