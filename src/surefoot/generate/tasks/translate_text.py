"""The stage `translate-text`: a given text from English into Chinese or back, with its Markdown and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PromptName
from surefoot.core.harmless import harmless
from surefoot.core.lang import detect, mostly_han
from surefoot.core.parallel import pmap
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Answer, Lang, Turn, Usage
from surefoot.generate.asking.passages import mark_of
from surefoot.generate.tasks.base import TaskSettings, Teller, answered, refused, whole
from surefoot.generate.tasks.blocks import Block, blocks
from surefoot.generate.tasks.keeping import lost
from surefoot.generate.tasks.pieces import pieces

_AGAIN: Final = {
    "en": "\n- A first translation was wrong here: {}. Keep this right.",
    "zh": "\n- 第一次的译文有误：{}。请改正。",
}
_SHOWN = 80
_TOLD = 20  # a shorter text may be a name, which stays as it is
_LANGUAGES: Final = {"en": "English", "zh": "Chinese"}


class TranslateSettings(TaskSettings):
    """Translates a text between English and Chinese; code checks that numbers, code and addresses survive."""

    kind: Literal["translate-text"] = "translate-text"
    to: Literal["", "en", "zh"] = Field(
        default="", description="into which language; empty = the other one than the text's"
    )
    piece_tokens: PositiveInt = Field(
        default=300, description="tokens of the model that are translated at once"
    )
    prompt: PromptName = "task/translate"


@dataclass(frozen=True, slots=True)
class _Done:
    """A translated piece; `problem` says why it stays as it was, `gone` what the translation does not keep."""

    text: str
    usage: Usage = Usage()
    problem: str = ""
    gone: tuple[str, ...] = ()


class TranslateText:
    """Goes through a text block by block; marks of lines, code and rules are put back by code, not by the model."""

    Settings = TranslateSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "answer"

    def __init__(self, settings: TranslateSettings, parts: Parts) -> None:
        self._settings = settings
        self._teller = Teller(settings, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """Translates; what could not be translated stays as it was, and a note says so.

        Raises:
            ConfigError: the model's endpoint refuses its key, or nothing answers there.
            MissingError: the model or its adapter is not there.
        """
        text = turn.query.text
        target = self._target(text)
        parts = blocks(text)
        silent = replace(call, on_text=None)
        done = list(
            pmap(
                lambda part: self._block(part, target, silent), parts, workers=self._teller.workers
            )
        )
        usage = sum((one.usage for one in done), Usage())
        told = [(one, part) for one, part in zip(done, parts, strict=True) if not part.kept]
        notes = [
            f"not translated: “{part.text[:_SHOWN]}”: {one.problem}"
            for one, part in told
            if one.problem
        ]
        gone = tuple(reason for one, _ in told for reason in one.gone)
        notes += [f"the translation does not keep everything: {reason}" for reason in gone]
        if told and all(one.problem for one, _ in told):
            answer = refused(told[0][0].problem, target, usage)
        else:
            answer = Answer("".join(one.text for one in done), unsupported=gone, usage=usage)
        if call.on_text is not None:
            call.on_text(answer.text)
        return answered(turn, "translate-text", answer, notes)

    def _target(self, text: str) -> Lang:
        if self._settings.to:
            return self._settings.to
        return "en" if mostly_han(text) or detect(text) == "zh" else "zh"

    def _block(self, part: Block, target: Lang, call: Call) -> _Done:
        if part.kept or _is_in(part.text, target):
            return _Done(part.text)
        budget = self._settings.piece_tokens
        cut = pieces(part.text, budget, self._teller.model.count_tokens)
        done = [self._piece(chunk.text, target, call) for chunk in cut]
        return _joined(done, target)

    def _piece(self, text: str, target: Lang, call: Call) -> _Done:
        """A translation; one that loses something is asked for once more, and the better of both is taken."""
        first = self._asked(text, target, call, "")
        if first.problem or not first.gone:
            return first
        problem = _AGAIN[target].format("; ".join(first.gone))
        second = self._asked(text, target, call, problem)
        usage = first.usage + second.usage
        better = first if second.problem or len(second.gone) >= len(first.gone) else second
        return replace(better, usage=usage)

    def _asked(self, text: str, target: Lang, call: Call, problem: str) -> _Done:
        mark = mark_of(f"{call.seed}:{text}", [whole(text)])
        values = {"text": harmless(text), "mark": mark, "problem": problem}
        said = self._teller.ask(self._teller.messages(self._settings.prompt, target, values), call)
        reply = said.text.replace(f"({mark})", "").strip()
        if said.problem or not reply:
            reason = said.problem or "the model's reply says nothing"
            return _Done(text, said.usage, reason)
        if mark in reply:  # no text knows it: the model says its instructions again
            return _Done(text, said.usage, "the model's reply repeats its instructions")
        gone = lost(text, reply)
        if len(text) >= _TOLD and not _is_in(reply, target):
            gone.append(f"the translation is not in {_LANGUAGES[target]}")
        if said.cut:
            gone.append(f"cut at max_tokens = {self._settings.max_tokens}")
        return _Done(" ".join(reply.split()), said.usage, gone=tuple(gone))


def _is_in(text: str, target: Lang) -> bool:
    """Whether a stretch is in the target language already."""
    return mostly_han(text) == (target == "zh") and detect(text) == target


def _joined(done: Sequence[_Done], target: Lang) -> _Done:
    space = "" if target == "zh" else " "
    problems = [one.problem for one in done if one.problem]
    return _Done(
        space.join(one.text for one in done),
        sum((one.usage for one in done), Usage()),
        problems[0] if problems else "",
        tuple(reason for one in done for reason in one.gone),
    )
