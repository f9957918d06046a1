"""Settles what of a model's reply leaves as the answer: the check, one more request where that is wanted, the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from surefoot.core.harmless import harmless
from surefoot.core.roles import Call, Message, Parts
from surefoot.core.types import Lang
from surefoot.generate.answer_settings import AGAIN, AnswerSettings
from surefoot.generate.asking.prompting import Said
from surefoot.generate.asking.wording import Asking
from surefoot.generate.checking.entailing import SecondOpinion
from surefoot.generate.checking.verify import Checked, verify


@dataclass(frozen=True)
class Settler:
    """Checks the replies to one question; `ask` asks the model once more with these messages."""

    settings: AnswerSettings
    parts: Parts
    lang: Lang
    call: Call
    ask: Callable[[Sequence[Message]], Said]

    def settle(self, said: Said, asking: Asking) -> tuple[Said, Checked]:
        """The reply that counts, with the usage of all, and what is left of it."""
        wanted = self.settings.on_unsupported
        if wanted != "retry":
            return said, self._checked(said, asking, wanted)
        first = self._checked(said, asking, "mark")
        if said.problem or not first.unsupported:
            return said, first
        if not asking.messages:
            return said, self._dropped(
                said, asking, "not asked again: the passages were read in groups"
            )
        return self._again(said, first, asking)

    def _again(self, said: Said, first: Checked, asking: Asking) -> tuple[Said, Checked]:
        values = {"sentences": "\n".join(f"- {harmless(one)}" for one in first.unsupported)}
        prompt = self.parts.prompt(self.settings.again or AGAIN, self.lang)
        messages = [
            *asking.messages,
            Message("assistant", harmless(said.text)),
            Message("user", prompt.fill(values)),
        ]
        second = self.ask(messages)
        usage = said.usage + second.usage
        if second.problem:
            note = f"asked again, the model gave no better reply: {second.problem}"
            return replace(said, usage=usage), self._dropped(said, asking, note)
        checked = self._dropped(second, asking, _said_again(len(first.unsupported)))
        if not checked.supported and first.supported:
            note = "asked again, the model said nothing that a passage supports: its first reply counts"
            return replace(said, usage=usage), self._dropped(said, asking, note)
        return replace(second, usage=usage), checked

    def _dropped(self, said: Said, asking: Asking, note: str) -> Checked:
        checked = self._checked(said, asking, "drop")
        return replace(checked, notes=(note, *checked.notes))

    def _checked(self, said: Said, asking: Asking, how: Literal["mark", "drop"]) -> Checked:
        opinion = None
        if self.settings.check is not None:
            opinion = SecondOpinion(self.settings.check, self.parts, self.lang, self.call)
        found = verify(
            said.text, asking.shown.chunks, self.lang, on_unsupported=how, opinion=opinion
        )
        return replace(found, notes=(*found.notes, *opinion.notes)) if opinion else found


def _said_again(count: int) -> str:
    many = "a sentence was" if count == 1 else f"{count} sentences were"
    return f"asked again: {many} not supported by any passage"
