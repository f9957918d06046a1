"""What is said to a chat model and what is taken from its reply. Knows no passages' content and checks no claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from surefoot.core.harmless import harmless
from surefoot.core.lang import detect, normalise_answer
from surefoot.core.roles import Call, ChatModel, Message, Sampling
from surefoot.core.trace import annotate
from surefoot.core.types import Lang, Query, Usage
from surefoot.generate.asking.fences import NOTE, Unfenced, unfenced
from surefoot.generate.asking.thinking import conclude
from surefoot.generate.checking.citations import claims
from surefoot.generate.checking.telling import Teller, loops, spoken, unlooped, whole_sentences
from surefoot.models.asking import Heard, hear

_KEY = re.compile(r"[^\W\d_]\w*(?=[\[【［])")  # what a slot such as answer[...] is called
# What a model is told to say where it has no answer: from passages, and from itself.
_NO_ANSWER: Final[Mapping[Lang, tuple[str, str]]] = {
    "en": ("The documents do not answer this question.", "I do not know the answer."),
    "zh": ("这些文档没有回答这个问题。", "我不知道答案。"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a model replied. `text` is without its thoughts and without the sentence by which it declines.

    `cut` says that the reply ended at `max_tokens`; `problem` why there is no whole reply to use, empty where there is
    one: `text` then holds the sentences before it broke off or began to repeat itself, if any.
    `thoughts` are those that it was asked for, `notes` what was odd about them.
    """

    text: str = ""
    usage: Usage = Usage()
    cut: bool = False
    declined: bool = False
    problem: str = ""
    thoughts: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reply is taken: with thoughts before a final answer, or `plain`, the words as they are.

    A plain reply keeps the sentence by which it declines. `aloud` is told the reply as it is written. `mark` is that of
    the fences around passages, which no reply is to hold.
    """

    thinking: bool = False
    plain: bool = False
    aloud: Teller | None = None
    mark: str = ""


def no_answer(lang: Lang, *, from_passages: bool) -> str:
    """The sentence that a model is told to decline with."""
    return _NO_ANSWER.get(lang, _NO_ANSWER["en"])[0 if from_passages else 1]


def conversation(query: Query, prompt: str, *, history: int) -> list[Message]:
    """The last `history` questions with their answers, then the prompt."""
    earlier = query.history[-history:] if history else ()
    messages: list[Message] = []
    for question, answer in earlier:
        messages += [Message("user", harmless(question)), Message("assistant", harmless(answer))]
    return [*messages, Message("user", prompt)]


def ask(
    model: ChatModel,
    messages: Sequence[Message],
    sampling: Sampling,
    call: Call,
    declining: str,
    manner: Manner = Manner(),
) -> Said:
    """The model's reply; a model that fails, is too slow or talks nonsense gives a `Said` with a problem.

    Usage goes to `call.meter`; the deadline is looked at between tokens. What `manner.aloud` is hears the reply as it
    is written, but not one with thoughts, which is heard out first.

    Raises:
        ConfigError: the endpoint refuses its key, or nothing answers there.
    """
    pieces: list[str] = []
    hand_on = _handing_on(manner)

    def listen(piece: str) -> None:
        pieces.append(piece)
        hand_on(piece)

    reply = hear(model, messages, sampling, call, listen)
    text = "" if manner.thinking else "".join(pieces)
    fenced = (reply.text, text) if manner.mark else ()
    reply = replace(reply, text=unfenced(reply.text, manner.mark))
    if reply.problem:
        said = _broken(reply, unfenced(text, manner.mark), declining, manner)
    else:
        said = _heard(reply, declining, manner)
    if any(manner.mark in one for one in fenced):
        said = replace(said, notes=(*said.notes, NOTE))
    if said.thoughts:
        annotate({"llm.output_messages.0.message.reasoning": said.thoughts})
    return said


def _handing_on(manner: Manner) -> Callable[[str], None]:
    """Where the pieces of a reply go as they come."""
    if manner.aloud is None or manner.thinking:
        return lambda _: None
    return Unfenced(manner.aloud.hear, manner.mark).hear if manner.mark else manner.aloud.hear


def _broken(reply: Heard, text: str, declining: str, manner: Manner) -> Said:
    """What is left of a reply that broke off."""
    text = spoken(text).strip()
    if not manner.plain:
        text = whole_sentences(unlooped(text))
        rest = _without(text, declining)
        text = text if rest is None else rest
    return Said(text, reply.usage, problem=reply.problem)


def _heard(reply: Heard, declining: str, manner: Manner) -> Said:
    said = _concluded(reply, manner)
    if manner.plain:
        if not said.text:
            return replace(said, problem="the model's reply says nothing")
        return replace(said, declined=declines(said.text, declining))
    text = said.text
    rest = _without(text, declining)
    if rest is not None:
        return replace(said, text=rest, declined=True)
    if not claims(text):
        return replace(said, problem="the model's reply says nothing")
    if loops(text):
        return replace(said, text=unlooped(text), problem="the model repeats itself without end")
    return said


def _concluded(reply: Heard, manner: Manner) -> Said:
    """The reply without its thoughts."""
    said = Said(reply.text, reply.usage, cut=reply.cut)
    if not manner.thinking:
        return said
    found = conclude(reply.text, last_line=manner.plain)
    notes = () if found.marked else ("the reply marks no final answer",)
    return replace(said, text=found.answer, thoughts=found.thoughts, notes=notes)


def declines(text: str, declining: str = "") -> bool:
    """Whether a reply as it is, in whatever form, mainly says that there is no answer."""
    letters = _letters(_KEY.sub("", text))
    known = [declining, *(sentence for both in _NO_ANSWER.values() for sentence in both)]
    told = [_letters(_KEY.sub("", sentence)) for sentence in known]
    return any(one and one in letters and 2 * len(one) >= len(letters) for one in told)


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _without(text: str, declining: str) -> str | None:
    """The text without the sentence that declines; None where it is not there."""
    place = text.lower().find(declining.rstrip(".。").lower())
    if place < 0:
        return None
    end = place + len(declining)
    rest = text[:place] + text[end:]
    return rest.strip() if normalise_answer(rest, detect(rest)) else ""
