"""Has a chat model write questions, and believes none of it: each pair is checked before it is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Final, Literal

from surefoot.core.harmless import harmless
from surefoot.core.lang import content_terms, detect
from surefoot.core.roles import Call, ChatModel, Message, Meter, Sampling
from surefoot.core.types import Lang, Usage
from surefoot.evaluate.evalsets.passages import Searchable
from surefoot.evaluate.generate.offers import Offer, body
from surefoot.evaluate.generate.pages import Page
from surefoot.evaluate.generate.wording import says_enough
from surefoot.evaluate.metrics import contains_gold, token_f1
from surefoot.generate.asking.prompting import Said, ask, no_answer
from surefoot.models.asking import conversation

if TYPE_CHECKING:
    from surefoot.config.prompts import Prompts

Step = Literal["write", "answer", "closed"]
CALLS_EACH: Final = 3
"""Calls for a pair that is taken: written, answered without the passage, answered from it."""
_REPLY_TOKENS: Final = {"write": 200, "answer": 60, "closed": 60}
_LINE = re.compile(
    r"^\W*(QUESTION|ANSWER|QUOTE|问题|答案|原文)\W*?[:：]\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE
)
_PARTS: Final[Mapping[str, str]] = {"问题": "question", "答案": "answer", "原文": "quote"}
_LEAST_CHARS: Final = {"en": 160, "zh": 60}
_AGREES: Final = 0.5
_SEEN = re.compile(
    r"\b(?:the|this) (?:text|passage|article|document|section)\b|文中|这段文字|本文|上文|该文",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """What a model wrote."""

    question: str
    answer: str
    quote: str


class Writer:
    """Asks the model, at most `calls` times; `meter` has what it took."""

    def __init__(self, model: ChatModel, prompts: Prompts, calls: int, seed: int = 0) -> None:
        self._model = model
        self._prompts = prompts
        self._seed = seed
        self.calls = calls
        self.meter = Meter()

    def offer(self, page: Page, span: tuple[int, int], lang: Lang) -> tuple[Offer | None, str]:
        """A checked question about a span of a document in a language, or why there is none."""
        passage = page.document.text[span[0] : span[1]]
        said = self._said("write", lang, {"title": page.title, "passage": harmless(passage)})
        if said.problem or said.declined:
            return None, "the model gave no usable reply"
        pair = read_pair(said.text)
        if pair is None:
            return None, "the reply has no question, answer and quote"
        place = Searchable(passage).find(pair.quote)
        if place is None:
            return None, "the quote is not in the text"
        if problem := self._wrong(pair, passage, lang, page.lang):
            return None, problem
        start, end = place.places[0]
        made = Offer(
            pair.question, lang, page.document.id, "written", span[0] + start, span[0] + end,
            about=pair.question, answers=(pair.answer,),
        )  # fmt: skip
        return made, ""

    @property
    def spent(self) -> bool:
        """Whether no call is left."""
        return self.meter.usage.calls >= self.calls

    def forecast(self, spans: Sequence[tuple[Page, tuple[int, int]]], lang: Lang) -> Usage:
        """What asking about these spans takes when each pair is taken; fewer calls are made where pairs are dropped."""
        tokens = 0
        for page, span in spans:
            passage = page.document.text[span[0] : span[1]]
            write = self._messages("write", lang, {"title": page.title, "passage": passage})
            answer = self._messages("answer", lang, {"passage": passage, "question": page.title})
            closed = self._messages("closed", lang, {"question": page.title})
            tokens += sum(
                self._model.count_tokens(message.content) for message in (*write, *answer, *closed)
            )
        replies = len(spans) * (_REPLY_TOKENS["write"] + 2 * _REPLY_TOKENS["answer"]) // 2
        return Usage(tokens, replies, calls=CALLS_EACH * len(spans))

    def _wrong(self, pair: Pair, passage: str, lang: Lang, own: Lang) -> str:
        """Why a pair whose quote stands in the text is dropped all the same; empty where it is not."""
        if not says_enough(pair.question, lang, 2) or detect(pair.question) != lang:
            return "the question says too little or is in another language"
        if _SEEN.search(pair.question):
            return "the question speaks of the text"
        if lang == own and not _stands_in(pair.answer, pair.quote, lang):
            return "the answer is not in the quote"
        alone = self._said("closed", lang, {"question": pair.question})
        if _agrees(alone, pair.answer, lang):
            return "answered without the documents"
        again = self._said("answer", lang, {"passage": passage, "question": pair.question})
        return "" if _agrees(again, pair.answer, lang) else "not answered alike from its passage"

    def _said(self, step: Step, lang: Lang, values: Mapping[str, str]) -> Said:
        if self.spent:
            return Said(problem="no calls are left")
        sampling = Sampling(max_tokens=_REPLY_TOKENS[step], seed=self._seed)
        call = Call(seed=self._seed, meter=self.meter)
        before = self.meter.usage.calls
        said = ask(
            self._model, self._messages(step, lang, values), sampling, call,
            no_answer(lang, from_passages=step != "closed"),
        )  # fmt: skip
        if self.meter.usage.calls == before:  # one that failed counts too
            self.meter.add(Usage(calls=1))
        return said

    def _messages(self, step: Step, lang: Lang, values: Mapping[str, str]) -> list[Message]:
        prompt = self._prompts.get(f"evalset/{step}", lang)
        refusal = no_answer(lang, from_passages=step != "closed")
        system = replace(prompt, text=prompt.text.replace("{{refusal}}", refusal))
        return conversation(system, values)


def read_pair(reply: str) -> Pair | None:
    """Question, answer and quote of a reply, whatever stands around them; None where one is missing."""
    found = {
        _PARTS.get(match[1], match[1].lower()): match[2].strip(' *"“”「」')
        for match in reversed(list(_LINE.finditer(reply)))
    }
    if not all(found.get(part) for part in ("question", "answer", "quote")):
        return None
    return Pair(found["question"], found["answer"], found["quote"])


def passages(
    pages: Sequence[Page], lang: Lang, draw: Random
) -> Iterator[tuple[Page, tuple[int, int]]]:
    """Spans of sections that say enough, one a document before the next of any, documents in drawn order."""
    held = []
    for page in pages:
        spans = [
            span
            for section in page.sections
            if len(section.words) >= _LEAST_CHARS.get(lang, 160) and (span := body(section))
        ]
        draw.shuffle(spans)
        if page.lang == lang and spans:
            held.append((page, spans))
    draw.shuffle(held)
    while held:
        for page, spans in held:
            yield page, spans.pop()
        held = [(page, spans) for page, spans in held if spans]


def _stands_in(answer: str, quote: str, lang: Lang) -> bool:
    known = set(content_terms(answer))
    return (bool(known) and 2 * len(known & set(content_terms(quote))) >= len(known)) or bool(
        contains_gold(quote, (answer,), lang)
    )


def _agrees(said: Said, answer: str, lang: Lang) -> bool:
    if said.problem or said.declined:
        return False
    near = token_f1(said.text, (answer,), lang) >= _AGREES
    return near or bool(contains_gold(said.text, (answer,), lang))
